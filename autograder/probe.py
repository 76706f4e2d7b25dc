"""The only file of the autograder that travels into the student's process.

It calls the student's function on the inputs it is handed and sends back what happened: values as plain arrays,
warnings, changed inputs, errors, seconds. It holds no expected value and compares nothing: the judge is elsewhere,
and believes nothing of what comes from here.

Everything is captured at import, before any cell of the student has run.
"""

import base64
import contextlib
import itertools
import math
import time

import numpy as np

MAX_ITEMS = 20_000  # of a returned list, and calls a made-up function remembers
MAX_DEPTH = 6
MAX_TEXT = 2_000
WARNINGS_DISABLED = "warnings disabled"  # recorded in place of warnings that could not be seen
_SCALARS = "biufU"
_CONTAINERS = (list, tuple, set, frozenset, dict)

_errstate, _clock, _exp, _large = np.errstate, time.perf_counter, np.exp, np.array([1000.0])
_may_share_memory, _islice = np.may_share_memory, itertools.islice


class Undecodable(ValueError):
    """The bytes are no value that `encode` could have written."""


# --- values as JSON ---------------------------------------------------------------------------------------------


def encode(value, depth: int = 0):
    """Write a value as JSON: arrays by their bytes, never pickled; anything unknown by the name of its type.

    >>> encode(np.zeros(2, dtype=np.int8))
    {'array': '|i1', 'shape': [2], 'data': 'AAA='}
    """
    if value is None or type(value) is bool:
        return value
    if type(value) is int:
        return {"int": hex(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if type(value) is str:
        return {"str": value[:MAX_TEXT]}
    if isinstance(value, np.ndarray | np.generic):
        return _encode_array(value)
    kind = next((kind for kind in _CONTAINERS if isinstance(value, kind)), None)  # a named tuple is a tuple, too
    if kind and depth < MAX_DEPTH and len(value) <= MAX_ITEMS:
        if kind is dict:
            return {"dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]}
        return {kind.__name__: [encode(item, depth + 1) for item in value]}
    return {"object": type(value).__name__[:MAX_TEXT]}


def _encode_array(value):
    array = np.array(value, copy=True, subok=False)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.dtype.kind == "O" and array.size and all(type(item) is str for item in array.flat):
        array = array.astype(str)  # text is text, whether it is held by width or as objects
    if array.dtype.kind not in _SCALARS:
        return {"object": f"{type(value).__name__} of {array.dtype}"[:MAX_TEXT]}
    key = "scalar" if isinstance(value, np.generic) else "array"
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {key: array.dtype.str, "shape": list(array.shape), "data": data}


def decode(data, depth: int = 0):
    """Read what `encode` wrote; raise `Undecodable` for anything else. Arrays come back fresh and writable.

    An unknown object comes back as an `Unknown`, which equals nothing.
    """
    if data is None or type(data) is bool:
        return data
    if type(data) is not dict or not data or depth > MAX_DEPTH:
        raise Undecodable("no such value")
    kind, content = next(iter(data.items()))
    try:
        if kind in ("array", "scalar"):
            return _decode_array(data, kind)
        if kind == "int":
            return int(content, 16)
        if kind == "float":
            return float.fromhex(content)
        if kind == "str":
            return str(content)
        if kind in ("list", "tuple", "set", "frozenset"):
            items = [decode(item, depth + 1) for item in content]
            return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](items)
        if kind == "dict":
            return {decode(k, depth + 1): decode(v, depth + 1) for k, v in content}
        if kind == "object":
            return Unknown(str(content)[:MAX_TEXT])
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, SyntaxError, MemoryError) as error:
        raise Undecodable(str(error)) from error
    raise Undecodable(f"no such kind: {kind!r}")


def _decode_array(data, kind):
    dtype = np.dtype(data[kind])
    if dtype.kind not in _SCALARS or not 0 < dtype.itemsize <= 4 * MAX_TEXT:  # NumPy gives a width to what has none
        raise Undecodable(f"no such dtype: {dtype}")
    shape = tuple(int(n) for n in data["shape"])
    if any(n < 0 for n in shape):
        raise Undecodable("negative shape")
    raw = base64.b64decode(data["data"], validate=True)
    if len(raw) != dtype.itemsize * math.prod(shape):
        raise Undecodable("shape and bytes disagree")
    if dtype.kind == "U":
        raw.decode("utf-32-be" if dtype.str[0] == ">" else "utf-32-le")  # raises for what is no text
    array = np.frombuffer(raw, dtype).reshape(shape).copy() if raw else np.empty(shape, dtype)
    return array[()] if kind == "scalar" else array


class Unknown:
    """A value of a type that does not travel; only the name of the type is known."""

    def __init__(self, type_name: str):
        self.type_name = type_name

    def __repr__(self):
        return f"<{self.type_name}>"


# --- functions that the student's function is handed ------------------------------------------------------------


class AffineGradient:
    """The gradient ``A w + b`` of a made-up quadratic, which remembers the points it was asked at first."""

    def __init__(self, A, b, memory=MAX_ITEMS):
        self.A, self.b, self.memory = A, b, memory
        self.calls: list = []

    def __call__(self, w):
        if len(self.calls) < self.memory:
            self.calls.append(np.array(w, dtype=float))
        return self.A @ np.asarray(w, dtype=float) + self.b


class LeastSquaresGradient:
    """The gradient in ``W`` of a made-up loss, half the mean square of ``X W`` minus the labels times ``b``.

    It remembers the weights it was asked at first.
    """

    def __init__(self, b, memory=MAX_ITEMS):
        self.b, self.memory = b, memory
        self.calls: list = []

    def __call__(self, W, X, labels):
        if len(self.calls) < self.memory:
            self.calls.append(self.note(W, X, labels))
        return X.T @ (X @ W - np.multiply.outer(labels, self.b)) / len(labels)

    def note(self, W, X, labels):
        return np.array(W, dtype=float)


class BatchGradient(LeastSquaresGradient):
    """A `LeastSquaresGradient` that remembers the batches, too: of each call the three arguments."""

    def note(self, W, X, labels):
        return [np.array(given, dtype=float) for given in (W, X, labels)]


class OutOfMemory(MemoryError):
    """NumPy's own is a kind of MemoryError, too."""


class Memory:
    """A training step that has memory for ``capacity`` examples. It records the batch sizes it was called with.

    From ``broken`` examples on, if given, the step fails for another reason. If ``odd``, it returns False, and it
    raises a subclass of MemoryError.
    """

    def __init__(self, capacity, broken=None, odd=False):
        self.capacity, self.broken, self.odd = capacity, broken, odd
        self.calls: list = []

    def __call__(self, batch_size):
        if len(self.calls) < MAX_ITEMS:
            self.calls.append(float(batch_size))
        if self.broken is not None and batch_size >= self.broken:
            raise RuntimeError("a bug in the step")
        if batch_size > self.capacity:
            raise (OutOfMemory if self.odd else MemoryError)(f"no memory for {batch_size} examples")
        return False if self.odd else None


class Landscape:
    """A made-up loss of a list of arrays, a bowl with ripples. It remembers where it was asked, as one vector each.

    Its centre and its bends are lists of arrays with the shapes of the parameters.
    """

    def __init__(self, centre, bends, ripple=0.0):
        self.shapes = [C.shape for C in centre]
        self.centre, self.bends, self.ripple = _vector(centre), _vector(bends), ripple
        self.calls: list = []

    def __call__(self, theta):
        if [np.shape(A) for A in theta] != self.shapes:
            raise ValueError("loss_fn takes a list of arrays with the shapes of theta's")
        vector = _vector(theta)
        if len(self.calls) < MAX_ITEMS:
            self.calls.append(vector)
        return float((self.bends / 2 * (vector - self.centre) ** 2 + self.ripple * np.sin(3 * vector)).sum())


def _vector(theta):
    return np.concatenate([np.ravel(A) for A in theta]).astype(float)


FACTORIES = {
    "AffineGradient": AffineGradient,
    "LeastSquaresGradient": LeastSquaresGradient,
    "BatchGradient": BatchGradient,
    "Memory": Memory,
    "Landscape": Landscape,
    "Generator": np.random.default_rng,
}


# --- one call at a time -----------------------------------------------------------------------------------------


def answer(namespace: dict, name: str, cases: list) -> dict:
    """Call ``namespace[name]`` on each case and note what happened.

    Parameters
    ----------
    namespace : dict
        The variables of the notebook.
    name : str
        The function (or, for a case without arguments, the variable) that is asked for.
    cases : list of dict
        ``{"args": [...], "kwargs": {...}, "watch": bool}`` with encoded arguments, or ``{"value": True}`` for the
        variable itself. With ``watch``, floating-point overflow, invalid values and division by zero are noted.
        With ``rounds``, numbers of calls, the value is a list per round of what each call returned; the calls of a
        round share their arguments, every round begins with fresh ones. With ``"strided": True`` the arguments that are
        arrays do not lie in memory row after row.

    Returns
    -------
    dict
        ``{"answers": [...]}``, one per case, or ``{"missing": True}``. Each answer holds either ``value`` or ``error``
        (type and message; ``kinds`` are the types it is derived from), and ``warned``, ``changed``, ``shared``,
        ``calls``, ``seconds``.
    """
    if name not in namespace:
        return {"missing": True}
    answers: list = []
    try:
        for one in one_by_one(namespace, name, cases):
            answers.append(one)
    except KeyboardInterrupt:
        late = {"error": ["Timeout", "it ran out of time"]}
        answers += [late] * (len(cases) - len(answers))
    return {"answers": answers}


def one_by_one(namespace: dict, name: str, cases: list):
    """Yield what `answer` notes of each case; nothing is called before it is asked for."""
    places: dict = {}
    for case in cases:
        yield _call(namespace[name], case, places)


def _call(subject, case: dict, places: dict) -> dict:
    if case.get("value"):
        return {"value": encode(subject)}
    if "rounds" not in case:
        return _one_round(subject, case, places)
    notes = [_one_round(_several(subject, calls), case, places) for calls in case["rounds"]]
    values = {"value": {"list": [note.get("value") for note in notes]}}
    return next((note for note in notes if "error" in note), values) | {
        "seconds": sum(note["seconds"] for note in notes),
        "changed": any(note["changed"] for note in notes),
        "shared": any(note.get("shared") for note in notes),
        "warned": sorted({warning for note in notes for warning in note.get("warned", [])}),
        "calls": {"list": [note["calls"] for note in notes]},
    }


def _several(subject, calls: int):
    return lambda *args, **kwargs: [_drained(subject(*args, **kwargs)) for _ in range(calls)]


def _one_round(subject, case: dict, places: dict) -> dict:
    place = _strided if case.get("strided") else lambda value, key: _at_its_place(value, key, places)
    args = [place(_argument(a), i) for i, a in enumerate(case["args"])]
    kwargs = {k: place(_argument(v), k) for k, v in case["kwargs"].items()}
    handed = [*args, *kwargs.values()]
    note: dict = {}
    warned: list = []
    blind = False
    watching = _errstate(over="call", invalid="call", divide="call", call=lambda what, _: warned.append(what))
    started = _clock()
    try:
        with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()), watching:
            value = _drained(subject(*args, **kwargs))
            before = len(warned)
            _exp(_large)  # overflows: a watch that misses this has been switched off
            blind = len(warned) == before
            del warned[before:]
        note["value"] = encode(value)
        note["shared"] = _shares(value, handed)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a student's code raises, SystemExit too, is an answer
        note["error"] = [type(error).__name__[:MAX_TEXT], _text(error)]
        note["kinds"] = [kind.__name__[:MAX_TEXT] for kind in type(error).__mro__[1:MAX_DEPTH]]
    note["seconds"] = _clock() - started
    if case.get("watch"):
        note["warned"] = sorted(set(warned)) if not blind else [WARNINGS_DISABLED]
    sent = [*case["args"], *case["kwargs"].values()]
    pairs = zip(sent, handed, strict=True)
    note["changed"] = any(type(s) is dict and ("array" in s or "list" in s) and encode(h) != s for s, h in pairs)
    note["calls"] = {"list": [encode(h.calls) if type(h) in FACTORIES.values() else None for h in handed]}
    return note


def _drained(value):
    """What a generator yields is its answer."""
    return list(_islice(value, MAX_ITEMS)) if hasattr(type(value), "__next__") else value


def _shares(value, handed) -> bool:
    """Whether an array that came back lies in the memory of one that was handed in; lists are looked into."""
    return any(_may_share_memory(part, array) for part in _arrays([value]) for array in _arrays(handed))


def _arrays(values):
    parts = [part for value in values for part in (value if type(value) in (list, tuple) else [value])]
    return [part for part in parts if isinstance(part, np.ndarray)]


def _argument(data):
    if type(data) is dict and "factory" in data:
        return FACTORIES[data["factory"]](**{name: decode(value) for name, value in data["params"].items()})
    return decode(data)


def _strided(value, _):
    """An array with the same numbers, of which those of a column are neighbours, with a gap after each."""
    if not isinstance(value, np.ndarray):
        return value
    strided = np.empty((*value.shape[::-1], 2), value.dtype)[..., 0].T
    strided[...] = value
    return strided


def _at_its_place(value, key, places: dict):
    """An array, or a list of them, where the last one like it was.

    Whoever fills the same arrays again and again must not get old answers.
    """
    if not isinstance(value, np.ndarray | list):
        return value
    before = places.setdefault(key, value)
    if _form(before) != _form(value):
        places[key] = before = value
    for old, new in zip(_arrays([before]), _arrays([value]), strict=True):
        old[...] = new
    return before


def _form(value):
    """What must be equal for numbers to be put in place of others. Anything but arrays equals nothing."""
    parts = value if isinstance(value, list) else [value]
    return type(value), [
        (part.shape, part.dtype, part.flags.writeable) if isinstance(part, np.ndarray) else object() for part in parts
    ]


def _text(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except Exception:
        return ""


class _Nowhere:
    """A student's function may print while it is asked; nobody reads it."""

    encoding = "utf-8"

    def write(self, text):
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False
