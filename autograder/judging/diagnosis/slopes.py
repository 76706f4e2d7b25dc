"""Fit the slopes of ``got = base + slope * other``, and decide whether they are evidence of a mistake.

If `base` and `other` are the right values, a slope is an error by a factor. If `other` is 1, it is a constant added.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..relations import ATOL, Pair
from .pairs import Pairs, joined, rounding_of

SLOPE_RTOL = 1e-4  # of a difference that a slope explains
MIN_TESTS = 3  # numbers that could have contradicted the slopes
ValuesOf = Callable[[Pair], np.ndarray]
"""What `base` or `other` is in a case: an array of the shape of `got`."""


def fit_slopes(pairs: Pairs, base: ValuesOf, other: ValuesOf, axis: int | None = None) -> np.ndarray | None:
    """Fit a slope for each case, with axis 1 for each row, or with axis 0 for each column.

    Return those of the cases, rows or columns that differ from `base`. None if they do not explain all values, or if
    too few numbers could have contradicted them.

    Examples
    --------
    >>> right, halved = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 1.0, 1.5, 2.0])
    >>> pairs = [Pair({}, halved, right), Pair({}, right, right)]
    >>> fit_slopes(pairs, lambda pair: pair.want, lambda pair: pair.want)  # 3 of the 4 numbers of a case test its slope
    array([-0.5])
    """
    cases = [_fit_groups(pair.got, base(pair), other(pair), axis, rounding_of(pair)) for pair in pairs]
    slopes, differ, tests, are_explained = map(joined, zip(*cases, strict=True))
    has_evidence = are_explained.all() and tests[differ].sum() >= MIN_TESTS
    return slopes[differ] if has_evidence else None


def fit_common_slope(pairs: Pairs, base: ValuesOf, other: ValuesOf) -> float | None:
    """Fit one slope for all cases, which may have a single number each. None as for `fit_slopes`."""
    gots, rounding = joined(pair.got for pair in pairs), max(map(rounding_of, pairs))
    all_cases = _fit_groups(gots, joined(map(base, pairs)), joined(map(other, pairs)), None, rounding)
    slope = float(all_cases.slopes.item())
    is_explained = all(_are_explained(p.got - base(p), slope * other(p), None, rounding).all() for p in pairs)
    return slope if is_explained and all_cases.differ and all_cases.tests >= MIN_TESTS else None


class _Groups(NamedTuple):
    """The groups of one case, or of all cases joined."""

    slopes: np.ndarray
    differ: np.ndarray  # from `base`, by more than rounding
    tests: np.ndarray  # how many numbers of each group could have contradicted its slope
    are_explained: np.ndarray  # also those that do not differ


def _fit_groups(got: np.ndarray, base: np.ndarray, other: np.ndarray, axis: int | None, rounding: float) -> _Groups:
    gap = got - base
    square = np.square(other).sum(axis, keepdims=True)
    slopes = (gap * other).sum(axis, keepdims=True) / np.where(square, square, np.inf)  # of least squares; 0 for zeros
    # Of the case, also for its rows and columns: where large numbers cancel, a small one is rounded like them.
    differ = ~(_largest(gap, axis) < rounding * _largest(base, None) + ATOL)  # nan and inf differ
    tests = np.maximum(np.count_nonzero(other, axis, keepdims=True) - 1, 0)  # one number of a group fixes its slope
    are_explained = ~differ | _are_explained(gap, slopes * other, axis, rounding).all(axis, keepdims=True)
    return _Groups(slopes, differ, tests, are_explained)


def _are_explained(gap: np.ndarray, predicted: np.ndarray, axis: int | None, rounding: float) -> np.ndarray:
    """Which numbers have the predicted difference. A small one is rounded like the largest of its group."""
    tolerance = SLOPE_RTOL * np.abs(predicted) + rounding * _largest(gap, axis) + ATOL
    return np.asarray(np.abs(gap - predicted) < tolerance)  # no infinite number


def _largest(numbers: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(np.abs(numbers).max(axis, keepdims=True))
