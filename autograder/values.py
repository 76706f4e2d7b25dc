"""Values as JSON: `encode` writes what a student's function returned, and `decode` reads it in the grader's process.

An array is sent as its bytes. Nothing is pickled, because reading a pickle runs code that its author has chosen.

`encode` runs in the student's process, where a cell may have replaced ``np.array``. The functions and classes of NumPy
are therefore imported by name, before the first cell runs.
"""

import base64
import math
from typing import Any

from numpy import array, dtype, empty, float64, frombuffer, generic, ndarray
from numpy.ma import MaskedArray

# Limits of the values that are encoded and decoded. Right answers are far smaller; larger values could stop the judge.
MAX_ITEMS = 20_000  # of a list, along an axis of an empty array, and in the calls that a factory argument records
MAX_MEMBERS = 1_000  # of a set or dict, since members can be chosen whose hashes collide; they must be scalars
MAX_NUMBERS = 1_000_000  # in an array; the largest inputs are 1000 pictures
MAX_AXES = 8
MAX_BITS = 4_096  # of an integer
MAX_DEPTH = 6  # of lists within lists
MAX_TEXT = 2_000  # characters
MAX_ARRAY_TEXT = 200  # characters of each text in an array
_DTYPE_KINDS = "biufU"
_CONTAINERS = (list, tuple, set, frozenset, dict)
_SCALARS = ("int", "float", "str", "scalar")  # encoded values that can be members of a set and keys of a dict


class Undecodable(ValueError):
    """The data is not an encoded value, or is one beyond the limits."""


class TooLarge(Exception):
    """A value is too large for an answer. The message is empty, or says "an array of shape (3000, 3000)"."""


def encode(value: Any, depth: int = 0) -> Any:
    """Encode a value as JSON: an array as its bytes, never pickled; an unknown object as the name of its type.

    `depth` is the number of lists around it.

    Examples
    --------
    >>> encode(array([0, 0], dtype="int8"))
    {'array': '|i1', 'shape': [2], 'data': 'AAA='}
    """
    if value is None or type(value) is bool:
        return value
    if type(value) is int and value.bit_length() <= MAX_BITS:
        return {"int": hex(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if isinstance(value, str) and not isinstance(value, generic):
        return {"str": str.__getitem__(value, slice(MAX_TEXT))}  # a subclass may have replaced its own
    if isinstance(value, MaskedArray) and value.dtype.names is None and value.mask.any():
        return {"object": "ndarray with masked values"}
    if isinstance(value, ndarray | generic):
        return _encode_array(value)
    if isinstance(value, Generated):
        return {"generator": [encode(item, depth + 1) for item in value.items]}
    base = next((base for base in _CONTAINERS if isinstance(value, base)), None)  # a named tuple counts as a tuple
    if base is None:
        return {"object": type(value).__name__[:MAX_TEXT]}
    unusual = {"object": f"{base.__name__} that is too large or deep, or has unusual members"}
    return _encode_container(value, base, depth) or unusual


def _encode_container(value: Any, base: type, depth: int) -> dict[str, Any] | None:
    """Encode a list, a set or a dict. Return None if it is too large, or if what must be a scalar is not."""
    if depth >= MAX_DEPTH or len(value) > (MAX_ITEMS if base in (list, tuple) else MAX_MEMBERS):
        return None
    items = [encode(item, depth + 1) for item in value]
    if base in (list, tuple):
        return {base.__name__: items}
    if not all(map(_is_scalar, items)):
        return None
    if base is dict:
        pairs = zip(items, value.values(), strict=True)
        return {"dict": [[key, encode(item, depth + 1)] for key, item in pairs]}
    return {base.__name__: sorted(items, key=str)}  # the order of a set depends on the process


def encode_answer(value: Any, max_bytes: int, depth: int = 0) -> Any:
    """Encode a value that takes at most about ``max_bytes`` as JSON. A larger one is neither copied nor encoded.

    Raise `TooLarge` if the value is larger.

    Examples
    --------
    >>> encode_answer(empty((3000, 3000)), 1000)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    TooLarge: an array of shape (3000, 3000)
    """
    left, pending = max_bytes, [value]
    while pending:
        part = pending.pop()
        left -= _estimate_bytes(part)
        if left < 0:
            raise TooLarge(f"an array of shape {value.shape}" if isinstance(value, ndarray) else "")
        if isinstance(part, dict):
            pending += [*part.keys(), *part.values()]
        elif isinstance(part, Generated):
            pending += part.items
        elif isinstance(part, _CONTAINERS):
            pending += part
    return encode(value, depth)


def _estimate_bytes(value: Any) -> int:
    """Return about how many bytes a value takes as JSON. Of a container's members, only six bytes each."""
    if isinstance(value, ndarray | generic):
        return 40 + max(value.nbytes, 4 * value.size * _longest_text(value)) * 4 // 3
    if isinstance(value, _CONTAINERS):
        return 8 + 6 * len(value)  # a long one is refused here, before its members are copied to be estimated
    if isinstance(value, str):
        return 8 + min(len(value), MAX_TEXT)
    if isinstance(value, int):
        return 8 + value.bit_length() // 4
    return 35 if isinstance(value, float) else 8


def _longest_text(value: Any) -> int:
    """The characters of the longest text in an array whose dtype has no width: each is encoded as wide as that one."""
    if value.dtype.kind not in "TO" or value.size > MAX_NUMBERS:
        return 0
    return max((min(str.__len__(text), MAX_TEXT) for text in value.flat if isinstance(text, str)), default=0)


def _is_scalar(data: Any) -> bool:
    """Whether encoded data is None, a truth value, a number or a text."""
    return data is None or type(data) is bool or (type(data) is dict and next(iter(data), None) in _SCALARS)


def _encode_array(value: Any) -> dict[str, Any]:
    """Encode an array or a NumPy scalar. One that is too large, or of other objects than texts, is only described."""
    copied = _narrow(array(value, copy=True, subok=False))
    if copied.dtype.kind == "U" and not all(map(_is_valid_text, copied.flat)):
        content = "invalid text"
    elif copied.dtype.kind not in _DTYPE_KINDS:
        content = str(copied.dtype)
    elif not _is_small(copied.dtype, copied.shape):
        content = f"shape {copied.shape}"
    else:
        key = "scalar" if isinstance(value, generic) else "array"
        data = base64.b64encode(copied.tobytes()).decode("ascii")
        return {key: copied.dtype.str, "shape": list(copied.shape), "data": data}
    return {"object": (type(value).__name__ if isinstance(value, generic) else f"ndarray of {content}")[:MAX_TEXT]}


def _narrow(copied: "ndarray[Any, Any]") -> "ndarray[Any, Any]":
    """Convert long doubles to doubles, and texts to an array as narrow as its longest if it is too wide or not "U"."""
    if copied.dtype.kind == "f" and copied.dtype.itemsize > 8:
        return copied.astype(float64)
    is_wide = copied.dtype.kind == "U" and copied.dtype.itemsize > 4 * MAX_ARRAY_TEXT
    may_be_texts = copied.size and (is_wide or copied.dtype.kind in "TO")  # "T" is NumPy's StringDType
    # `astype` makes each text as wide as the longest: one that is too long must not widen 20 000 short ones
    longest = _max_text(copied.shape)
    if may_be_texts and all(isinstance(item, str) and str.__len__(item) <= longest for item in copied.flat):
        return copied.astype(object).astype(str)  # from "U" itself, `astype(str)` would keep the width
    return copied


def _is_valid_text(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text  # half of a surrogate pair is ignored


def decode(data: Any, depth: int = 0) -> Any:
    """Decode what `encode` wrote, or data that is forged. `depth` is the number of lists around it.

    Arrays are new and writable. An object that was not encoded becomes an `Unknown`. Raise `Undecodable` for anything
    else: a result is always plain and within the limits, though forged data may write it as `encode` would not.
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
            return float.fromhex(_bounded(content, str, MAX_TEXT))
        if kind == "str":
            return _bounded(content, str, MAX_TEXT)
        if kind in ("list", "tuple", "generator"):
            items = [decode(item, depth + 1) for item in _bounded(content, list, MAX_ITEMS)]
            return {"list": list, "tuple": tuple, "generator": Generated}[kind](items)
        if kind in ("set", "frozenset"):
            members = map(_decode_member, _bounded(content, list, MAX_MEMBERS))
            return set(members) if kind == "set" else frozenset(members)
        if kind == "dict":
            return {_decode_member(k): decode(v, depth + 1) for k, v in _bounded(content, list, MAX_MEMBERS)}
        if kind == "object":
            return Unknown(_bounded(content, str, MAX_TEXT))
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, SyntaxError, MemoryError) as error:
        raise Undecodable(str(error)) from error
    raise Undecodable(f"unknown kind: {kind!r}")


def _decode_int(content: Any) -> int:
    value = int(_bounded(content, str, MAX_BITS), 16)
    if value.bit_length() > MAX_BITS:
        raise Undecodable("an integer that is too large")
    return value


def _decode_member(data: Any) -> Any:
    if not _is_scalar(data):
        raise Undecodable("a member of a set or a key of a dict that is not a scalar")
    return decode(data)


def _bounded(content: Any, expected: type[str | list[Any]], max_length: int) -> Any:
    """Return a text or list of at most ``max_length`` characters or items; raise `Undecodable` for anything else."""
    if type(content) is not expected or len(content) > max_length:
        raise Undecodable(f"not a {expected.__name__}, or too long")
    return content


def _is_small(element: "dtype[Any]", shape: tuple[int, ...]) -> bool:
    """Whether an array is within the limits for its numbers, axes and texts; an empty array also along each axis."""
    size = math.prod(shape)
    is_narrow = element.kind != "U" or element.itemsize <= 4 * _max_text(shape)
    return is_narrow and len(shape) <= MAX_AXES and size <= MAX_NUMBERS and (size > 0 or max(shape) <= MAX_ITEMS)


def _max_text(shape: tuple[int, ...]) -> int:
    """How many characters a text in an array may have. The shape of a single text is empty."""
    return MAX_ARRAY_TEXT if shape else MAX_TEXT


def _decode_array(data: dict[str, Any], kind: str) -> Any:
    element: dtype[Any] = dtype(_bounded(data[kind], str, MAX_TEXT))
    if element.kind not in _DTYPE_KINDS or not 0 < element.itemsize <= 4 * MAX_TEXT:  # 0 for text without a width
        raise Undecodable(f"unsupported dtype: {element}")
    shape = tuple(_bounded(data["shape"], list, MAX_AXES))
    if any(type(n) is not int or n < 0 for n in shape) or not _is_small(element, shape):
        raise Undecodable("a shape that is not of integers, negative or too large")
    raw = base64.b64decode(data["data"], validate=True)
    if len(raw) != element.itemsize * math.prod(shape):
        raise Undecodable("the number of bytes does not fit the shape")
    if element.kind == "U":
        raw.decode("utf-32-be" if element.str[0] == ">" else "utf-32-le")  # raises if it is not valid text
    decoded = frombuffer(raw, element).reshape(shape).copy() if raw else empty(shape, element)
    return decoded[()] if kind == "scalar" else decoded


class Unknown:
    """A value that was not encoded. Only the name of its type is known. It is equal to no other value."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Generated(Unknown):
    """What an iterator, such as a generator, yielded. An exercise that allows one reads its items."""

    def __init__(self, items: list[Any]) -> None:
        super().__init__("iterator")
        self.items = items
