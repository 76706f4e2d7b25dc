"""Fit the slopes of ``got = base + slope * other``, and decide whether they are evidence of a mistake.

If `base` and `other` are the right values, a slope is an error by a factor. If `other` is 1, it is a constant added.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..relations import ATOL, Pair, Relation
from .pairs import ROUNDING, Pairs, joined

Term = Callable[[Pair], np.ndarray]
"""Computes `base` or `other` of a case: an array of the shape of its values."""

SLOPE_RTOL = 1e-4  # of a difference that a slope explains
MIN_TESTS = 3  # numbers that could have contradicted the slopes


@dataclass(frozen=True)
class Fit:
    """The best slopes of ``got = base + slope * other``: one for each group of numbers, or one for all cases."""

    base: Term
    other: Term
    axis: int | None  # along which each row or column is a group; None: each case is
    common_slope: float | None  # if there is one for all cases
    wrong_slopes: np.ndarray  # of the groups that differ from `base`
    is_everywhere: bool  # whether these are all groups
    has_evidence: bool

    @property
    def has_equal_slopes(self) -> bool:
        """Whether some groups differ from `base`, all by the same slope."""
        slopes = self.wrong_slopes
        return bool(len(slopes)) and np.allclose(slopes, slopes[0], SLOPE_RTOL, atol=0.0)

    def relation(self, name: str, sentence: str) -> Relation:
        """The relation that holds if these slopes explain the values."""
        return Relation(name, sentence, self._predict, lambda *_: self.has_evidence, self._agrees)

    def _predict(self, pair: Pair) -> np.ndarray:
        """The values on the line. Without a common slope, it is fitted to `pair` again: no slope says whose it is."""
        base, other = self.base(pair), self.other(pair)
        if self.common_slope is not None:
            return np.asarray(base + self.common_slope * other)
        groups = _fit_groups(pair.got, base, other, self.axis)  # `has_evidence` keeps them from agreeing by coincidence
        return np.asarray(np.where(groups.differ, base + groups.slopes * other, pair.got))  # what is right has no slope

    def _agrees(self, pair: Pair, value: np.ndarray) -> bool:
        base = self.base(pair)
        explained = SLOPE_RTOL * np.abs(value - base)
        # a small difference is rounded like the largest of its group, or with a common slope of its case
        rounded = ROUNDING * _largest_of_each_group(pair.got - base, self.axis) + ATOL
        return bool((np.abs(pair.got - value) <= explained + rounded).all())


def fit_slopes(pairs: Pairs, base: Term, other: Term, axis: int | None = None, is_common: bool = False) -> Fit:
    """Fit a slope for each case, or along an axis for each row or column.

    If it `is_common`, there is one slope for all cases, and `axis` must be None.

    Examples
    --------
    >>> want = np.array([1.0, 2.0, 3.0, 4.0])
    >>> halved, right = Pair({}, 0.5 * want, want), Pair({}, want, want)
    >>> fit = fit_slopes([halved, right], base=lambda pair: pair.want, other=lambda pair: pair.want)
    >>> fit.wrong_slopes, fit.is_everywhere, fit.has_evidence  # half of one case, where 3 of 4 numbers test it
    (array([-0.5]), False, True)
    """
    gots, bases, others = [pair.got for pair in pairs], [base(pair) for pair in pairs], [other(pair) for pair in pairs]
    if is_common:  # as if all were one case
        gots, bases, others = [joined(gots)], [joined(bases)], [joined(others)]
    cases = [_fit_groups(*values, axis) for values in zip(gots, bases, others, strict=True)]
    slopes, differ, tests = _Groups(*map(joined, zip(*cases, strict=True)))
    common = float(slopes[0]) if is_common else None
    has_evidence = bool(tests[differ].sum() >= MIN_TESTS)
    return Fit(base, other, axis, common, slopes[differ], is_everywhere=bool(differ.all()), has_evidence=has_evidence)


class _Groups(NamedTuple):
    slopes: np.ndarray  # of all groups, also of those that do not differ
    differ: np.ndarray  # from `base`, by more than rounding
    tests: np.ndarray  # how many numbers of each group could have contradicted its slope


def _fit_groups(got: np.ndarray, base: np.ndarray, other: np.ndarray, axis: int | None) -> _Groups:
    gap = got - base
    square = np.square(other).sum(axis, keepdims=True)
    slopes = (gap * other).sum(axis, keepdims=True) / np.where(square, square, np.inf)  # of least squares; 0 for zeros
    # Of the case, also for its rows and columns: where large numbers cancel, a small one is rounded like them.
    rounding = ROUNDING * np.abs(base).max(initial=0.0) + ATOL
    differ = ~(_largest_of_each_group(gap, axis) < rounding)  # nan and inf differ
    tests = np.maximum(np.count_nonzero(other, axis, keepdims=True) - 1, 0)  # one number of a group fixes its slope
    return _Groups(slopes, differ, tests)


def _largest_of_each_group(numbers: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(np.abs(numbers).max(axis, keepdims=True, initial=0.0))
