"""The table of relations that have a free parameter, such as an unknown factor, or hold only approximately."""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter

import numpy as np

from ..relations import Explanation, FittedTable, Pair
from . import approximate_relations as approximate
from .pairs import Pairs, argument, arguments_of_equal_shape
from .slopes import ValuesOf, fit_common_slope, fit_slopes

_right: ValuesOf = attrgetter("want")
MIN_FACTOR = 1e-3  # a smaller one may be 0, but for small errors of the numbers


def _ones(pair: Pair) -> np.ndarray:
    return np.ones_like(pair.want)


def _fit_cases_rows_and_columns(pairs: Pairs, other: ValuesOf) -> Iterator[tuple[str, np.ndarray]]:
    """Fit the errors in each case, then if all values are matrices in each row and in each column."""
    groups: list[tuple[str, int | None]] = [("case", None)]
    if all(pair.want.ndim == 2 for pair in pairs):
        groups += [("row", 1), ("column", 0)]
    for what, axis in groups:
        if (slopes := fit_slopes(pairs, _right, other, axis)) is not None:
            yield what, slopes


def _scaled(pairs: Pairs) -> Iterator[Explanation]:
    slope = fit_common_slope(pairs, _right, _right)
    if slope is not None and _has_nonzero_factor(1 + slope):
        sentence = f"Every number is about {1 + slope:.4g} times as large as it should be."  # 1 would be almost right
        yield "a constant factor", sentence
    for what, slopes in _fit_cases_rows_and_columns(pairs, _right):
        if _has_nonzero_factor(1 + slopes):
            sentence = f"Where a {what} is wrong, its numbers are wrong by the same factor: what are they divided by?"
            yield f"a factor for each {what}", sentence


def _has_nonzero_factor(factors: float | np.ndarray) -> bool:
    """Whether one of the factors is not 0: that all numbers are 0 is another relation."""
    return bool(np.abs(factors).max() >= MIN_FACTOR)


def _shifted(pairs: Pairs) -> Iterator[Explanation]:
    constant = fit_common_slope(pairs, _right, _ones)
    if constant is not None:
        size = "large" if constant > 0 else "small"
        yield "a constant added", f"Every number is about {abs(constant):.3g} too {size}: what is added or subtracted?"
    for what, _ in _fit_cases_rows_and_columns(pairs, _ones):
        sentence = f"Where a {what} is wrong, its numbers are off by the same amount: what is added or subtracted?"
        yield f"a constant added in each {what}", sentence


def _multiple_of_an_argument(pairs: Pairs) -> Iterator[Explanation]:
    for name in arguments_of_equal_shape(pairs):
        if fit_slopes(pairs, _right, partial(argument, name)) is not None:
            sentence = f"It is off by a multiple of {name}: is the coefficient of {name} right?"
            yield f"off by a multiple of {name}", sentence


def _added_to_an_argument(pairs: Pairs) -> Iterator[Explanation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    for name in arguments_of_equal_shape(pairs):
        factor = fit_common_slope(pairs, partial(argument, name), _right)
        if factor is not None:
            sentence = f"It returns {name} plus the right values times {factor:.3g}: does it take a step?"
            yield f"{name} after a step", sentence


# Small errors come first: a factor or a constant may fit them, too, but is seldom the cause. The last relation says
# nothing of some wrong cases.
FITTED: FittedTable = (
    approximate.almost_right,
    _scaled,
    _shifted,
    _multiple_of_an_argument,
    _added_to_an_argument,
    approximate.clipped,
    approximate.clipped_large_values,
    approximate.almost_right_in_most_cases,
)
