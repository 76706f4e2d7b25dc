"""Call a student's function and record what happens, in the process that runs the student's notebook.

The probe calls the function on given inputs. It records returned values as plain data, exceptions, floating-point
warnings and modified inputs. It has no expected values and compares nothing: the judge does that in the grader's
process, and treats everything that the probe sends as possibly forged.

The functions of NumPy that it needs are saved at import, before the student's cells can replace them. Its
classes are not, except `MaskedArray`.
"""

import base64
import contextlib
import io
import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from lectrain.shortcuts import find_shortcuts

Array = np.ndarray[Any, Any]

# Limits of the values that are encoded and decoded. Right answers are far smaller; larger values could stop the judge.
MAX_ITEMS = 20_000  # of a list, along an axis of an empty array, and in the calls that a factory argument records
MAX_MEMBERS = 1_000  # of a set or dict, since members can be chosen whose hashes collide; they must be scalars
MAX_NUMBERS = 1_000_000  # in an array; the largest inputs are 1000 pictures
MAX_AXES = 8
MAX_BITS = 4_096  # of an integer
MAX_DEPTH = 6
MAX_TEXT = 2_000  # characters
MAX_ARRAY_TEXT = 200  # characters of each text in an array
MAX_SHORTCUTS = 10  # names of forbidden functions that are reported
MAX_ANSWERS_BYTES = 1 << 20  # of the answers to all cases as JSON; one answer may take a quarter of it
# Recorded in place of an exception's type. They are not names that a class statement could define.
TIMEOUT, TOO_LARGE, TOO_MANY_CALLS = "time limit", "too large", "too many calls"
WARNINGS_DISABLED = "warnings disabled"  # recorded in place of warnings if the student's code has disabled them
_DTYPE_KINDS = "biufU"
_CONTAINERS = (list, tuple, set, frozenset, dict)
_SCALARS = ("int", "float", "str", "scalar")  # kinds of values that are compared quickly

_errstate, _exp, _large = np.errstate, np.exp, np.array([1000.0])
_may_share_memory, _islice = np.may_share_memory, itertools.islice
_array, _asarray, _empty, _frombuffer = np.array, np.asarray, np.empty, np.frombuffer
_MaskedArray = np.ma.MaskedArray
_concatenate, _ravel, _shape, _sin, _outer = np.concatenate, np.ravel, np.shape, np.sin, np.multiply.outer


class Undecodable(ValueError):
    """The data is not something that `encode` could have written."""


class TooLarge(Exception):
    """A value is too large for an answer. The message describes it: "an array of shape (3000, 3000)"."""


# --- values as JSON ---------------------------------------------------------------------------------------------


def encode(value: Any, depth: int = 0) -> Any:
    """Encode a value as JSON: an array as its bytes, never pickled; an unknown object as the name of its type.

    `depth` is the number of lists around it.

    Examples
    --------
    >>> encode(np.zeros(2, dtype=np.int8))
    {'array': '|i1', 'shape': [2], 'data': 'AAA='}
    """
    if value is None or type(value) is bool:
        return value
    if type(value) is int and value.bit_length() <= MAX_BITS:
        return {"int": hex(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if isinstance(value, str) and not isinstance(value, np.generic):
        return {"str": str.__getitem__(value, slice(MAX_TEXT))}
    if isinstance(value, _MaskedArray) and value.mask.any():
        return {"object": "ndarray with masked values"}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(value)
    if isinstance(value, Generated):
        return {"generator": [encode(item, depth + 1) for item in value.items]}
    kind = next((kind for kind in _CONTAINERS if isinstance(value, kind)), None)  # named tuples count as tuples
    max_length = MAX_MEMBERS if kind in (set, frozenset, dict) else MAX_ITEMS
    if kind and depth < MAX_DEPTH and len(value) <= max_length:
        items = [encode(item, depth + 1) for item in value]
        if kind is dict:
            items = [[key, encode(item, depth + 1)] for key, item in zip(items, value.values(), strict=True)]
        if kind in (set, frozenset):
            items.sort(key=str)  # the order of a set depends on the process
        members = items if kind in (set, frozenset) else [key for key, _ in items] if kind is dict else []
        if all(map(_is_scalar, members)):
            return {kind.__name__: items}
    return {"object": type(value).__name__[:MAX_TEXT]}


def encode_answer(value: Any, max_bytes: int, depth: int = 0) -> Any:
    """Encode a value that takes at most about ``max_bytes`` as JSON. A larger one is neither copied nor encoded.

    Raises
    ------
    TooLarge
        If the value is larger.

    Examples
    --------
    >>> encode_answer(np.zeros((3000, 3000)), 1000)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    TooLarge: an array of shape (3000, 3000)
    """
    left, pending = max_bytes, [value]
    while pending:
        part = pending.pop()
        left -= _least_bytes(part)
        if left < 0:
            raise TooLarge(_describe_size(value))
        if isinstance(part, dict):
            pending += [*part.keys(), *part.values()]
        elif isinstance(part, Generated):
            pending += part.items
        elif isinstance(part, _CONTAINERS) or (isinstance(part, np.ndarray) and part.dtype.kind == "O"):
            pending += part.flat if isinstance(part, np.ndarray) else part
    return encode(value, depth)


def _least_bytes(value: Any) -> int:
    """Return about how many bytes a value takes as JSON, its members not included, but at least six for each."""
    if isinstance(value, np.ndarray | np.generic):
        return 40 + value.nbytes * 4 // 3
    if isinstance(value, (str, *_CONTAINERS)):
        return 8 + (min(len(value), MAX_TEXT) if isinstance(value, str) else 6 * len(value))
    return 8 + (value.bit_length() // 4 if isinstance(value, int) else 27 if isinstance(value, float) else 0)


def _describe_size(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"a {type(value).__name__} of length {len(value)}" if isinstance(value, _CONTAINERS) else "a large value"


def _is_scalar(data: Any) -> bool:
    """Whether encoded data is None, a truth value, a number or a text."""
    return data is None or type(data) is bool or (type(data) is dict and next(iter(data), None) in _SCALARS)


def _encode_array(value: Any) -> dict[str, Any]:
    array = _array(value, copy=True, subok=False)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    is_wide = array.dtype.kind == "U" and array.dtype.itemsize > 4 * MAX_ARRAY_TEXT
    if (is_wide or array.dtype.kind in "TO") and array.size and all(isinstance(item, str) for item in array.flat):
        array = array.astype(object).astype(str)  # as wide as the longest text, however it was stored
    if array.dtype.kind == "U" and not all(map(_is_valid_text, array.flat)):
        return {"object": "ndarray of invalid text"}
    if array.dtype.kind not in _DTYPE_KINDS:
        return {"object": f"{type(value).__name__} of {array.dtype}"[:MAX_TEXT]}
    if not _is_small(array.dtype, array.shape):
        return {"object": f"{type(value).__name__} of shape {array.shape}"[:MAX_TEXT]}
    key = "scalar" if isinstance(value, np.generic) else "array"
    data = base64.b64encode(array.tobytes()).decode("ascii")
    return {key: array.dtype.str, "shape": list(array.shape), "data": data}


def _is_valid_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def decode(data: Any, depth: int = 0) -> Any:
    """Decode what `encode` wrote. Arrays are new and writable. An object that was not encoded becomes an `Unknown`.

    Parameters
    ----------
    data : object
        It may be forged.
    depth : int
        The number of lists around it. Data that is nested too deeply is refused.

    Raises
    ------
    Undecodable
        For anything that `encode` could not have written.
    """
    if data is None or type(data) is bool:
        return data
    if type(data) is not dict or not data or depth > MAX_DEPTH:
        raise Undecodable("not an encoded value")
    kind, content = next(iter(data.items()))
    try:
        if kind in ("array", "scalar"):
            return _decode_array(data, kind)
        if kind == "int":
            return _decode_int(content)
        if kind == "float":
            return float.fromhex(_bounded(content, MAX_TEXT))
        if kind == "str":
            return str(_bounded(content, MAX_TEXT))
        if kind in ("list", "tuple", "generator"):
            items = [decode(item, depth + 1) for item in _bounded(content, MAX_ITEMS)]
            return items if kind == "list" else tuple(items) if kind == "tuple" else Generated(items)
        if kind in ("set", "frozenset"):
            items = [_decode_member(item) for item in _bounded(content, MAX_MEMBERS)]
            return set(items) if kind == "set" else frozenset(items)
        if kind == "dict":
            return {_decode_member(k): decode(v, depth + 1) for k, v in _bounded(content, MAX_MEMBERS)}
        if kind == "object":
            return Unknown(str(content)[:MAX_TEXT])
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, SyntaxError, MemoryError) as error:
        raise Undecodable(str(error)) from error
    raise Undecodable(f"unknown kind: {kind!r}")


def _decode_int(content: Any) -> int:
    value = int(_bounded(content, MAX_BITS), 16)
    if value.bit_length() > MAX_BITS:
        raise Undecodable("an integer that is too large")
    return value


def _decode_member(data: Any) -> Any:
    if not _is_scalar(data):
        raise Undecodable("a member of a set or a key of a dict that is not a scalar")
    return decode(data)


def _bounded(content: Any, max_length: int) -> Any:
    """Return a text or list of at most ``max_length`` characters or items; raise `Undecodable` for anything else."""
    if type(content) not in (str, list) or len(content) > max_length:
        raise Undecodable("not a text or list, or too long")
    return content


def _is_small(dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> bool:
    """Whether an array is within the limits for its numbers, axes and texts; an empty array also along each axis."""
    size = math.prod(shape)
    is_narrow = dtype.kind != "U" or dtype.itemsize <= 4 * (MAX_ARRAY_TEXT if shape else MAX_TEXT)
    return is_narrow and len(shape) <= MAX_AXES and size <= MAX_NUMBERS and (size > 0 or max(shape) <= MAX_ITEMS)


def _decode_array(data: dict[str, Any], kind: str) -> Any:
    dtype = np.dtype(_bounded(data[kind], MAX_TEXT))
    if dtype.kind not in _DTYPE_KINDS or not 0 < dtype.itemsize <= 4 * MAX_TEXT:  # text without a width has itemsize 0
        raise Undecodable(f"unsupported dtype: {dtype}")
    shape = tuple(int(n) for n in _bounded(data["shape"], MAX_AXES))
    if any(n < 0 for n in shape) or not _is_small(dtype, shape):
        raise Undecodable("a shape that is negative or too large")
    raw = base64.b64decode(data["data"], validate=True)
    if len(raw) != dtype.itemsize * math.prod(shape):
        raise Undecodable("the number of bytes does not fit the shape")
    if dtype.kind == "U":
        raw.decode("utf-32-be" if dtype.str[0] == ">" else "utf-32-le")  # raises if it is not valid text
    array = _frombuffer(raw, dtype).reshape(shape).copy() if raw else _empty(shape, dtype)
    return array[()] if kind == "scalar" else array


class Unknown:
    """A value that was not encoded. Only the name of its type is known. It is equal to no other value."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Generated(Unknown):
    """What a generator yielded. It is not a list: an exercise that allows a generator reads its items."""

    def __init__(self, items: list[Any]) -> None:
        super().__init__("generator")
        self.items = items


# --- arguments made by factories ---------------------------------------------------------------------------------


class Gradient:
    """A gradient function. It notices whether an array that it returned is changed before its next call."""

    def __init__(self) -> None:
        self._returned: tuple[Array, bytes] = _empty(0), b""
        self._earlier_was_changed = False

    def remember(self, gradient: Array) -> Array:
        """Keep a copy of the array that is returned now, and return the array."""
        self._earlier_was_changed = self.was_changed
        self._returned = gradient, gradient.tobytes()
        return gradient

    @property
    def was_changed(self) -> bool:
        """Whether the student's function modified an array that was returned, before the next call if there was one."""
        gradient, before = self._returned
        return self._earlier_was_changed or gradient.tobytes() != before


class AffineGradient(Gradient):
    """The gradient ``A w + b`` of a quadratic. It records the points of its first ``memory`` calls."""

    def __init__(self, A: Array, b: Array, memory: int = MAX_ITEMS) -> None:
        super().__init__()
        self.A, self.b, self.memory = A, b, memory
        self.calls: list[Any] = []

    def __call__(self, w: Any) -> Any:
        if len(self.calls) < self.memory:
            self.calls.append(_array(w, dtype=float))
        return self.remember(self.A @ _asarray(w, dtype=float) + self.b)


class BatchGradient(Gradient):
    """The gradient with respect to ``W`` of half the mean square of ``X W - labels b``.

    It records all three arguments of its first calls, so that batches can be checked.
    """

    def __init__(self, b: Array) -> None:
        super().__init__()
        self.b = b
        self.calls: list[Any] = []

    def __call__(self, W: Any, X: Any, labels: Any) -> Any:
        if len(self.calls) < MAX_ITEMS:
            self.calls.append([_array(argument, dtype=float) for argument in (W, X, labels)])
        return self.remember(X.T @ (X @ W - _outer(labels, self.b)) / len(labels))


class Landscape:
    """A loss of a list of arrays: a quadratic bowl with ripples. It records the points of its calls as vectors.

    ``centre`` and ``bends`` (the curvature along each axis) are lists of arrays with the shapes of the parameters.
    """

    def __init__(self, centre: list[Array], bends: list[Array], ripple: float = 0.0) -> None:
        self.shapes = [C.shape for C in centre]
        self.centre, self.bends, self.ripple = _vector(centre), _vector(bends), ripple
        self.calls: list[Any] = []

    def __call__(self, theta: Any) -> float:
        if not isinstance(theta, list | tuple) or [_shape(A) for A in theta] != self.shapes:
            raise ValueError("loss_fn takes a list of arrays with the same shapes as theta")
        vector = _vector(theta)
        if len(self.calls) < MAX_ITEMS:
            self.calls.append(vector)
        return float((self.bends / 2 * (vector - self.centre) ** 2 + self.ripple * _sin(3 * vector)).sum())


def _vector(theta: Any) -> Array:
    vector: Array = _concatenate([_ravel(A) for A in theta]).astype(float)
    return vector


# They serve this course. They are here, because the sandbox contains no module of the exercises.
FACTORIES: dict[str, Callable[..., Any]] = {
    "AffineGradient": AffineGradient,
    "BatchGradient": BatchGradient,
    "Landscape": Landscape,
    "Generator": np.random.default_rng,
}


# --- one call at a time -----------------------------------------------------------------------------------------


def answer(
    namespace: dict[str, Any],
    name: str,
    cases: list[dict[str, Any]],
    max_bytes: int = MAX_ANSWERS_BYTES,
    forbids: Sequence[str] = (),
) -> dict[str, Any]:
    """Call ``namespace[name]`` on each case and record what happens.

    Parameters
    ----------
    name : str
        The function, or the variable for a case ``{"value": True}``.
    cases : list of dict
        ``{"args": [...], "kwargs": {...}, "watch": bool}`` with encoded arguments, or ``{"value": True}`` for the
        variable itself. With ``watch``, floating-point overflow, invalid values and division by zero are recorded.
        With ``rounds``, a list of numbers of calls, the value is a list per round of what each call returned. The calls
        of a round share their arguments; every round begins with fresh ones. With ``"strided": True``, arrays are
        passed as views with gaps in memory.
    max_bytes : int
        About how many bytes the answers to all cases may take as JSON. In place of an answer that takes more than a
        quarter of it, or more than half of what is left, an error is recorded.

    Returns
    -------
    dict
        ``{"answers": [...], "shortcuts": [...]}``, with one answer per case and the names of what the function uses of
        ``forbids``, or ``{"missing": True}`` if the name is not defined. An answer has ``value``, or ``error`` (type
        and message), or both if what the factory arguments recorded takes too much space. An exception of the function
        also has ``kinds`` (its base classes) and, if it is a ``NameError``, ``undefined`` (the name). A call that ended
        also has ``changed``, ``gradient_changed``, ``shared`` (if it returned a value), ``warned`` (with ``watch`` or
        ``rounds``) and ``calls``.
    """
    if name not in namespace:
        return {"missing": True}
    answers: list[Any] = []
    shortcuts: list[str] = []
    try:
        for record in one_by_one(namespace, name, cases, max_bytes):
            answers.append(record)
        with contextlib.suppress(Exception):  # of a class of the student's
            shortcuts += find_shortcuts(name, namespace, forbids)  # now, because a call may import or define something
    except KeyboardInterrupt:
        timeout = {"error": [TIMEOUT, ""]}
        answers += [timeout] * (len(cases) - len(answers))
    return {"answers": answers, "shortcuts": [path[:MAX_ARRAY_TEXT] for path in shortcuts[:MAX_SHORTCUTS]]}


def one_by_one(
    namespace: dict[str, Any], name: str, cases: list[dict[str, Any]], max_bytes: int = MAX_ANSWERS_BYTES
) -> Iterator[dict[str, Any]]:
    """Yield the result of each case. The function is called when the next result is requested."""
    reused: dict[Any, Any] = {}
    left = max_bytes
    for case in cases:
        record = _answer_case(namespace[name], case, reused, min(max_bytes // 4, left // 2))
        left -= len(json.dumps(record))
        yield record


def _answer_case(subject: Any, case: dict[str, Any], reused: dict[Any, Any], max_bytes: int) -> dict[str, Any]:
    if case.get("value"):
        try:
            return {"value": encode_answer(subject, max_bytes)}
        except TooLarge as error:
            return {"error": [TOO_LARGE, str(error)]}
        except Exception as error:  # of a class of the student's
            return {"error": [type(error).__name__[:MAX_TEXT], _error_text(error)]}
    if "rounds" not in case:
        return _record_call(subject, case, reused, max_bytes)
    records = [_record_call(_repeated(subject, calls), case, reused, max_bytes, depth=1) for calls in case["rounds"]]
    values = {"value": {"list": [record.get("value") for record in records]}}
    return next((record for record in records if "error" in record), values) | {
        "changed": any(record["changed"] for record in records),
        "gradient_changed": any(record["gradient_changed"] for record in records),
        "shared": any(record.get("shared") for record in records),
        "warned": sorted({warning for record in records for warning in record.get("warned", [])}),
        "calls": {"list": [record["calls"] for record in records]},
    }


def _repeated(subject: Any, calls: int) -> Any:
    return lambda *args, **kwargs: [_exhausted(subject(*args, **kwargs)) for _ in range(calls)]


def _record_call(
    subject: Any, case: dict[str, Any], reused: dict[Any, Any], max_bytes: int, depth: int = 0
) -> dict[str, Any]:
    prepare = _strided if case.get("strided") else lambda value, key: _in_reused_memory(value, key, reused)
    args = [prepare(_argument(a), i) for i, a in enumerate(case["args"])]
    kwargs = {k: prepare(_argument(v), k) for k, v in case["kwargs"].items()}
    passed = [*args, *kwargs.values()]
    record: dict[str, Any] = {}
    warned: list[str] = []
    warnings_disabled = False
    # An exponential that becomes 0 is right, also in a notebook that has called np.seterr(all="raise").
    recording_warnings = _errstate(
        over="call", invalid="call", divide="call", under="ignore", call=lambda what, _: warned.append(what)
    )
    try:
        with contextlib.redirect_stdout(_NullStream()), contextlib.redirect_stderr(_NullStream()), recording_warnings:
            value = _exhausted(subject(*args, **kwargs))
            count = len(warned)
            with contextlib.suppress(FloatingPointError):  # the student's code has set over="raise"
                _exp(_large)  # overflows; if that is not recorded, the student's code has disabled warnings
                warnings_disabled = len(warned) == count
            del warned[count:]
        record["value"] = encode_answer(value, max_bytes, depth)
        record["shared"] = _shares_memory(value, passed)
    except KeyboardInterrupt:
        raise
    except TooLarge as error:
        record["error"] = [TOO_LARGE, str(error)]
    except BaseException as error:  # any exception of the student's code is an answer, SystemExit too
        record["error"] = [type(error).__name__[:MAX_TEXT], _error_text(error)]
        record["kinds"] = [kind.__name__[:MAX_TEXT] for kind in type(error).__mro__[1:MAX_DEPTH]]
        if isinstance(error, NameError) and isinstance(error.name, str):
            record["undefined"] = error.name[:MAX_TEXT]
    if case.get("watch"):
        record["warned"] = [WARNINGS_DISABLED] if warnings_disabled else sorted(set(warned))
    sent = [*case["args"], *case["kwargs"].values()]
    pairs = zip(sent, passed, strict=True)
    record["changed"] = any(not (type(s) is dict and "factory" in s) and encode(p) != s for s, p in pairs)
    record["gradient_changed"] = any(p.was_changed for p in passed if isinstance(p, Gradient))
    try:
        calls = [encode_answer(p.calls, max_bytes) if type(p) in FACTORIES.values() else None for p in passed]
        record["calls"] = {"list": calls}
    except TooLarge:
        record |= {"error": [TOO_MANY_CALLS, ""], "calls": None}
    return record


def _exhausted(value: Any) -> Any:
    return Generated(list(_islice(value, MAX_ITEMS))) if hasattr(type(value), "__next__") else value


def _shares_memory(value: Any, arguments: list[Any]) -> bool:
    """Whether a returned array, or one in a returned list or tuple, may share memory with an argument."""
    return any(_may_share_memory(part, array) for part in _arrays([value]) for array in _arrays(arguments))


def _arrays(values: list[Any]) -> list[Array]:
    parts = [part for value in values for part in (value if type(value) in (list, tuple) else [value])]
    return [part for part in parts if isinstance(part, np.ndarray)]


def _argument(data: Any) -> Any:
    if type(data) is dict and "factory" in data:
        return FACTORIES[data["factory"]](**{name: decode(value) for name, value in data["params"].items()})
    return decode(data)


def _strided(value: Any, _: object) -> Any:
    """A copy in column-major order with a gap after each number; anything but an array unchanged."""
    if not isinstance(value, np.ndarray):
        return value
    strided = _empty((*value.shape[::-1], 2), value.dtype)[..., 0].T
    strided[...] = value
    return strided


def _in_reused_memory(value: Any, key: int | str, reused: dict[Any, Any]) -> Any:
    """Copy an array, or a list of arrays, into the memory of the previous one of the same form.

    A function that caches results by the identity of its arguments then returns wrong values.
    """
    if not isinstance(value, np.ndarray | list):
        return value
    previous = reused.setdefault(key, value)
    if _form(previous) != _form(value):
        reused[key] = previous = value
    for old, new in zip(_arrays([previous]), _arrays([value]), strict=True):
        old[...] = new
    return previous


def _form(value: Any) -> tuple[type, list[Any]]:
    """Type, shapes, dtypes and flags. Arrays of equal form can use the same memory; no two other values are equal."""
    parts = value if isinstance(value, list) else [value]
    return type(value), [
        (part.shape, part.dtype, part.flags.writeable) if isinstance(part, np.ndarray) else object() for part in parts
    ]


def _error_text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return ""


class _NullStream(io.TextIOBase):
    """Discards what the student's function prints while it is called."""

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)
