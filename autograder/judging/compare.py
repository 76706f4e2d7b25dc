"""Compare a student's value with the reference's. The message does not give the right value away."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ..values import MAX_BITS, Unknown

# By NumPy's kind of a dtype: what it is called, and which kinds are accepted in place of it.
_NAMES = {
    "f": "floats",
    "i": "integers",
    "u": "integers",
    "b": "booleans",
    "U": "text",
    "O": "integers of over 64 bits",
}
_ACCEPTED_KINDS = {"f": "fiu", "i": "iu", "u": "iu", "b": "b", "U": "U", "O": "iuO"}
_NUMBERS = "biuf"
SMALLEST_GAP = 1e-6  # a smaller one is not described more closely
LARGEST_FLOAT = int(np.finfo(np.float64).max)
MAX_ORDERS = 3  # "at least 1000 times too large"


@dataclass(frozen=True)
class Difference:
    """How a value differs from the expected one, with a message for the student."""

    message: str
    is_in_value: bool = False  # whether type, shape and dtype are right. Decisions use this, never the message.


_Find = Callable[[Any, Any], Difference | None]


def describe_difference(
    got: Any, want: Any, rtol: float = 1e-9, atol: float = 0.0, same_kind: bool = True
) -> str | None:
    """The message of the difference that `find_difference` finds; None if the values agree.

    Examples
    --------
    >>> describe_difference(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    'wrong value at index 1, off by 1 to 10'
    """
    difference = find_difference(got, want, rtol, atol, same_kind)
    return difference.message if difference else None


def find_difference(
    got: Any, want: Any, rtol: float = 1e-9, atol: float = 0.0, same_kind: bool = True
) -> Difference | None:
    """Find the first difference in type, shape, dtype or value.

    The values are numbers, arrays, text, lists, tuples and dicts of these, or anything else. The tolerances are those
    of `numpy.isclose`, but two integers must be equal. With `same_kind`, integers are accepted in place of floats, and
    no other kind in place of another. Without it, booleans, integers and floats are accepted in place of each other.
    Lists and tuples always are.
    """
    got, want = _without_numpy_text(got), _without_numpy_text(want)
    if got is None and want is not None:
        return Difference("it returns None (is a `return` missing?)")
    if is_number_or_array(want):
        return _difference_of_arrays(got, np.asarray(want), rtol, atol, same_kind)
    find_inside = partial(find_difference, rtol=rtol, atol=atol, same_kind=same_kind)
    if isinstance(want, list | tuple):
        return _difference_of_sequences(got, want, find_inside)
    if isinstance(want, dict) and isinstance(got, dict):
        return _difference_of_dicts(got, want, find_inside)
    if type(got) is not type(want):
        return Difference(f"it returns {_type_with_article(got)} instead of {_type_with_article(want)}")
    if got == want:
        return None
    return Difference(f"it returns {_type_with_article(got)} that is not the expected one", is_in_value=True)


def _without_numpy_text(value: Any) -> Any:
    """A text that NumPy holds as a str; anything else unchanged."""
    is_text = isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "U" and value.ndim == 0
    return value.item() if is_text else value


def is_number_or_array(value: Any) -> bool:
    """Whether a value is a number, a truth value or an array."""
    return isinstance(value, bool | int | float | np.ndarray | np.generic)


def is_numeric(value: Any) -> bool:
    """Whether a value is a number or an array of numbers. Truth values are none."""
    return is_number_or_array(value) and np.asarray(value).dtype.kind in "iuf"


def _type_with_article(value: Any) -> str:
    if isinstance(value, Unknown):
        if value.type_name.startswith("ndarray "):
            return f"an array {value.type_name.removeprefix('ndarray ')}"
        return f"an object of type {value.type_name}"
    if value is None:
        return "None"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"an {name}" if name[0] in "aeio" else f"a {name}"  # "a uint8"


def _difference_of_arrays(got: Any, want: np.ndarray, rtol: float, atol: float, same_kind: bool) -> Difference | None:
    """Compare with an array, or a number, which has no axes."""
    is_number = want.ndim == 0
    if is_number and isinstance(got, Unknown) and got.type_name == "int":
        return Difference(f"it returns an integer of more than {MAX_BITS} bits")
    is_accepted = is_number_or_array(got) if is_number else isinstance(got, np.ndarray | np.generic)
    if not is_accepted:
        expected = "a number" if is_number else "an array"
        return Difference(f"it returns {_type_with_article(got)} instead of {expected}")
    got = np.asarray(got)
    if got.dtype.kind == "O" and want.dtype.kind == "f":  # 2**70 is right if 2.0**70 is; float(10**400) would fail
        got = np.asarray(np.clip(got, -LARGEST_FLOAT, LARGEST_FLOAT), np.float64)
    if got.shape != want.shape:
        return Difference(f"its shape is {got.shape} instead of {want.shape}")
    kind, wanted = got.dtype.kind, want.dtype.kind
    if kind not in (_ACCEPTED_KINDS[wanted] if same_kind or wanted not in _NUMBERS else _NUMBERS):
        return Difference(f"it holds {_NAMES[kind]} instead of {_NAMES[wanted]}")
    if "f" in (kind, wanted):
        with np.errstate(all="ignore"):  # the difference may overflow
            wrong = ~np.isclose(got.astype(np.float64), want.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)
    else:
        wrong = np.asarray(got != want)
    return _difference_at_first_wrong(wrong, got, want) if wrong.any() else None


def _difference_at_first_wrong(wrong: np.ndarray, got: np.ndarray, want: np.ndarray) -> Difference:
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    if want.dtype.kind in "UO":
        return Difference(f"wrong value{place}", is_in_value=True)
    value = float(got[index])
    if got.dtype.kind == "b" or not math.isfinite(value):
        return Difference(f"got {got[index]}{place}", is_in_value=True)
    size = describe_gap(value, float(want[index]))
    return Difference(f"wrong value{place}, {size}" if size else f"wrong value{place}", is_in_value=True)


def describe_gap(got: float, want: float) -> str:
    """Describe how wrong a number is, to a factor of ten.

    With a digit of the difference, a few submissions would add up to the right value. Empty if the difference is 0 or
    too large for a float.

    Examples
    --------
    >>> describe_gap(0.5, 0.2), describe_gap(3e-9, 1e-12), describe_gap(1.0, 1.0 + 1e-9)
    ('off by 0.1 to 1', 'at least 1000 times too large', 'off by less than 1e-06')
    """
    gap = abs(got - want)
    if not 0 < gap < np.inf:
        return ""
    if np.sign(got) == np.sign(want):
        orders = math.log10(abs(got)) - math.log10(abs(want))
        if abs(orders) >= 1:
            times = 10 ** min(int(abs(orders)), MAX_ORDERS)
            in_size = " in size" if want < 0 else ""  # -1000 is smaller than -1
            return f"at least {times} times too {'large' if orders > 0 else 'small'}{in_size}"
    low = 10.0 ** math.floor(math.log10(gap) + 1e-9)  # a gap of 0.9999999999 is 1 but for rounding
    if low < SMALLEST_GAP:
        return f"off by less than {SMALLEST_GAP:g}"
    return f"off by {low:g} to {10 * low:g}" if 10 * low < np.inf else f"off by at least {low:g}"


def _difference_of_sequences(got: Any, want: Sequence[Any], find_inside: _Find) -> Difference | None:
    if not isinstance(got, list | tuple):
        return Difference(f"it returns {_type_with_article(got)} instead of {_type_with_article(want)} of {len(want)}")
    if len(got) != len(want):
        return Difference(f"it returns {_type_with_article(got)} of {len(got)} instead of {len(want)}")
    for i, pair in enumerate(zip(got, want, strict=True)):
        if difference := find_inside(*pair):
            return _difference_within(f"item {i}", pair[0], difference)
    return None


def _difference_of_dicts(got: Mapping[Any, Any], want: Mapping[Any, Any], find_inside: _Find) -> Difference | None:
    if got.keys() != want.keys():
        # Keys may depend on the input, as those of a count do: then a small input shows the student more.
        return Difference("its keys are not the expected ones", is_in_value=True)
    for key in want:
        if difference := find_inside(got[key], want[key]):
            return _difference_within(f"the value of {key!r}", got[key], difference)
    return None


def _difference_within(place: str, got: Any, difference: Difference) -> Difference:
    """The difference of a list, tuple or dict that differs at one place."""
    return replace(difference, message=f"{place} is None" if got is None else f"{place}: {difference.message}")
