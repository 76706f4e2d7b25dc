"""Take values apart, and write them as a person would."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..judging.diagnosis.agreement import fit_an_array

MAX_SHOWN_NUMBERS = 12
MAX_EASY_NUMBER = 10_000
DIGITS = 3  # after the decimal point, of values on a sheet


def leaves_of(value: Any) -> dict[str, np.ndarray] | None:
    """A value's parts as arrays, by their places in its lists and tuples, which are equal for values of one structure.

    A list of numbers is one part. None if a part is anything but numbers of up to 64 bits, truth values and NumPy's
    texts.
    """
    kind = type(value).__name__ if isinstance(value, list | tuple) else ""
    if isinstance(value, list | tuple) and value and not fit_an_array(value):
        leaves: dict[str, np.ndarray] = {}
        for i, item in enumerate(value):
            if (inner := leaves_of(item)) is None:
                return None
            leaves |= {f"{kind} {i} {place}": leaf for place, leaf in inner.items()}
        return leaves
    if isinstance(value, list | tuple | int | float | np.generic | np.ndarray):
        array = np.asarray(value)
        return {kind: array} if array.dtype.kind in "biufU" else None
    return None


def numbers_in(value: Any) -> Iterator[float]:
    """The numbers of a value without its texts, for comparisons of what is shown."""
    for leaf in (leaves_of(value) or {}).values():
        if leaf.dtype.kind != "U":
            yield from leaf.astype(float).ravel().tolist()


def is_easy(value: Any, max_numbers: int = MAX_SHOWN_NUMBERS) -> bool:
    """Whether a value can be known by hand: a few numbers with up to three decimals or truth values, and no empty part.

    Examples
    --------
    >>> is_easy(np.array([0.5, -2])), is_easy(1 / 3), is_easy(([], 1))
    (True, False, False)
    """
    leaves = (leaves_of(value) or {}).values()
    if not leaves or any(leaf.dtype.kind == "U" or not leaf.size for leaf in leaves):
        return False
    numbers = np.concatenate([leaf.astype(float).ravel() for leaf in leaves])
    if len(numbers) > max_numbers or not (np.abs(numbers) <= MAX_EASY_NUMBER).all():  # or nan
        return False
    return bool(np.allclose(numbers, numbers.round(DIGITS), rtol=0, atol=1e-12))


def write_rounded(value: Any) -> str:
    """Write a value that `leaves_of` can take apart, with at most three decimals.

    Examples
    --------
    >>> write_rounded((np.array([[0.5, 2.0]]), 1 / 3, True))
    '([[0.5, 2]], 0.333, True)'
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(map(write_rounded, value))}]"
    if isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else "()"
        end = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"{left}{', '.join(map(write_rounded, value))}{end}{right}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, int | str):  # a float would round a large integer
        return repr(value)
    if not math.isfinite(value):
        return str(value)
    return f"{round(value, DIGITS) + 0.0:.{DIGITS}f}".rstrip("0").rstrip(".")  # + 0.0: without the sign of -0.0
