"""Simplify the numbers of an input: to whole ones, or to a few decimals or significant digits."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

_Form = Callable[[Any], Any]


def _with_decimals(value: Any, decimals: int) -> Any:
    return np.round(value, decimals) + 0.0  # -0.0 becomes 0.0


def _with_digits(value: Any, digits: int) -> Any:
    """Each number rounded to significant digits."""
    return np.reshape([float(f"{number:.{digits}g}") for number in np.ravel(value)], np.shape(value))


_WHOLE, _TENTHS, _HUNDREDTHS, _THOUSANDTHS = (partial(_with_decimals, decimals=decimals) for decimals in range(4))
_ONE_DIGIT, _TWO_DIGITS, _THREE_DIGITS = (partial(_with_digits, digits=digits) for digits in (1, 2, 3))


def simplify(arguments: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]) -> Iterator[dict[str, Any]]:
    """Round the numbers that are not integers, in several ways. No number leaves the range of its argument.

    The arguments as they are follow: rounding may take what is special about them, such as 0.5 - 1e-16. If there is a
    single number that is not an integer, it also becomes 0 and 1.

    Examples
    --------
    >>> [simple["x"] for simple in simplify({"x": 0.123}, {"x": (0, 1)})]
    [0.1, 0.1, 0.12, 0.123, 0.123, 0.0, 1.0]
    """
    floats = [name for name, value in arguments.items() if name in ranges and np.asarray(value).dtype.kind == "f"]
    for wanted in (_WHOLE, _TENTHS, _HUNDREDTHS, _THOUSANDTHS):
        yield {**arguments, **{name: _rounded(arguments[name], wanted, *ranges[name]) for name in floats}}
    yield dict(arguments)
    if [np.size(arguments[name]) for name in floats] == [1]:
        low, high = ranges[floats[0]]
        for number in (0.0, 1.0):
            if low <= number <= high:
                yield {**arguments, floats[0]: _like(arguments[floats[0]], number)}


def _rounded(value: Any, wanted: _Form, low: float, high: float) -> Any:
    """The value in the first form that stays in its range and keeps a number other than 0, else as it is."""
    # If the wanted form leaves only zeros, tenths are next, then digits: 0.123 becomes 0.1, and 0.00123 becomes 0.001.
    for form in (wanted, _TENTHS, _ONE_DIGIT, _TWO_DIGITS):
        rounded = form(value)
        is_lost = np.any(value) and not np.any(rounded)  # only zeros would be left
        if np.all((low <= rounded) & (rounded <= high)) and not is_lost:
            return _like(value, rounded)
    return value


def _like(value: Any, numbers: Any) -> Any:
    return np.reshape(numbers, value.shape) if isinstance(value, np.ndarray) else float(numbers)


def are_whole(values: Iterable[Any]) -> bool:
    """Whether all numbers are whole."""
    return all(_keeps(_WHOLE, value) for value in values)


def are_short(values: Iterable[Any]) -> bool:
    """Whether all numbers that are not integers have at most three digits, besides zeros at an end."""
    return all(_keeps(_THREE_DIGITS, value) for value in values)


def _keeps(form: _Form, value: Any) -> bool:
    numbers = np.asarray(value)
    return numbers.dtype.kind != "f" or bool(np.all(numbers == form(numbers)))
