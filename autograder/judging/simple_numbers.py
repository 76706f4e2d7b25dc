"""Simplify the numbers of an input: to whole ones, or to a few significant digits."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

MAX_DIGITS = 3  # significant ones


def simplify(arguments: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]) -> Iterator[dict[str, Any]]:
    """Round the floats and arrays of floats, in several ways. No number leaves the range of its argument.

    `ranges` has the smallest and the largest number of each argument that may be rounded. The arguments as they are
    follow: rounding may take what is special about them, such as 0.5 - 1e-16. If there is only one float, it also
    becomes 0 and 1. Some of the results may be the same.

    Examples
    --------
    >>> [simple["x"] for simple in simplify({"x": 0.123}, {"x": (0, 1)})]
    [0.1, 0.1, 0.12, 0.123, 0.123, 0.0, 1.0]
    """
    floats = [name for name, value in arguments.items() if name in ranges and np.asarray(value).dtype.kind == "f"]
    for digits in range(MAX_DIGITS + 1):
        yield {**arguments, **{name: _rounded(arguments[name], digits, *ranges[name]) for name in floats}}
    yield dict(arguments)
    if [np.size(arguments[name]) for name in floats] == [1]:
        low, high = ranges[floats[0]]
        for number in (0.0, 1.0):
            if low <= number <= high:
                yield {**arguments, floats[0]: _like(arguments[floats[0]], number)}


def _rounded(value: Any, digits: int, low: float, high: float) -> Any:
    """The value with so many digits, or with more, if a number would leave the range or all would become 0."""
    for enough in range(digits, MAX_DIGITS + 1):
        rounded = _with_digits(value, enough)
        is_lost = np.any(value) and not np.any(rounded)
        if np.all((low <= rounded) & (rounded <= high)) and not is_lost:
            return _like(value, rounded)
    return value


def _with_digits(value: Any, digits: int) -> Any:
    """Each number rounded to significant digits, or with 0 to a whole number."""
    if digits == 0:
        return np.round(value) + 0.0  # -0.0 becomes 0.0
    return np.reshape([float(f"{number:.{digits}g}") for number in np.ravel(value)], np.shape(value))


def _like(value: Any, numbers: Any) -> Any:
    return np.reshape(numbers, value.shape) if isinstance(value, np.ndarray) else float(numbers)
