"""Take values apart, and write them as a person would."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

MAX_SHOWN_NUMBERS = 12
DIGITS = 3  # after the decimal point, in the four outputs to choose from


def leaves_of(value: Any) -> list[np.ndarray] | None:
    """The arrays and numbers of a value in order; None if it contains anything else."""
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, int | float | np.generic) for item in value):
            return [np.asarray(value)]
        parts = [leaves_of(item) for item in value]
        return None if None in parts else [leaf for part in parts if part is not None for leaf in part]
    if isinstance(value, bool | int | float | np.generic | np.ndarray):
        array = np.asarray(value)
        return [array] if array.dtype.kind in "biufU" else None
    return None


def is_easy(value: Any, max_numbers: int = MAX_SHOWN_NUMBERS) -> bool:
    """Whether a value can be known by hand: a few numbers with at most three decimals, or truth values.

    Examples
    --------
    >>> is_easy(np.array([0.5, -2])), is_easy(1 / 3), is_easy(np.zeros((3, 0)))
    (True, False, False)
    """
    leaves = leaves_of(value)
    if leaves is None or any(leaf.dtype.kind == "U" for leaf in leaves):
        return False
    if not 0 < sum(leaf.size for leaf in leaves) <= max_numbers or any(leaf.size == 0 for leaf in leaves):
        return False
    return all(map(_has_few_digits, leaves))


def _has_few_digits(array: np.ndarray) -> bool:
    numbers = array.astype(float)
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 10_000:
        return False
    return bool(np.allclose(numbers, numbers.round(DIGITS), 0, 1e-12))


def write_shown(value: Any) -> str:
    """Write a value with at most three decimals, for a sheet.

    Examples
    --------
    >>> write_shown((np.array([[0.5, 2.0]]), 1 / 3, True))
    '([[0.5, 2]], 0.333, True)'
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(map(write_shown, value))}]"
    if isinstance(value, list | tuple):
        left, right = "[]" if isinstance(value, list) else "()"
        end = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"{left}{', '.join(map(write_shown, value))}{end}{right}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, bool | str):
        return repr(value)
    return _write_number(value)


def _write_number(number: float) -> str:
    if not math.isfinite(number):
        return str(number)
    text = f"{round(number, DIGITS) + 0.0:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def numbers_of(value: Any) -> Iterator[float]:
    """The numbers of a value, for comparisons of what is shown."""
    for leaf in leaves_of(value) or []:
        if leaf.dtype.kind != "U":
            yield from leaf.astype(float).ravel().tolist()
