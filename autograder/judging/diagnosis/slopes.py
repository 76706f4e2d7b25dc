"""Fit the slopes of ``got = base + slope * other``, and decide whether they are evidence of a mistake."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..relations import ATOL, Pair, Relation
from .pairs import Pairs, joined

Part = Callable[[Pair], np.ndarray]

SLOPE_RTOL = 1e-4  # of a difference that a slope explains
ROUNDING = 1e-9  # the largest difference that may be rounding, compared with the largest number of its case or group
MIN_TESTS = 3  # numbers that could have contradicted the slopes


@dataclass(frozen=True)
class Fit:
    """The best slopes of ``got = base + slope * other``, for each group: a case, a row, a column, or all numbers."""

    base: Part
    other: Part
    axis: int | None  # along which each row or column is a group
    common_slope: float | None  # if all cases are one group
    slopes: np.ndarray  # of the groups that differ from `base`
    is_everywhere: bool  # whether these are all groups
    has_evidence: bool

    @property
    def has_equal_slopes(self) -> bool:
        """Whether some groups differ from `base`, all by the same slope."""
        return bool(len(self.slopes)) and np.allclose(self.slopes, self.slopes[0], SLOPE_RTOL)

    def relation(self, name: str, sentence: str) -> Relation:
        """The line of a table that says so."""
        return Relation(name, sentence, self._predict, lambda *_: self.has_evidence, self._agrees)

    def _predict(self, pair: Pair) -> np.ndarray:
        base, other = self.base(pair), self.other(pair)
        slope = _slope(pair.got - base, other, self.axis) if self.common_slope is None else self.common_slope
        return np.asarray(base + slope * other)

    def _agrees(self, pair: Pair, value: np.ndarray) -> bool:
        base = self.base(pair)
        # Relative to each difference from `base`, and to the largest of its group: a small one is rounded like that.
        tolerance = SLOPE_RTOL * np.abs(value - base) + ROUNDING * _size(pair.got - base, self.axis) + ATOL
        return bool((np.abs(pair.got - value) <= tolerance).all())


def fit_slopes(pairs: Pairs, base: Part, other: Part, axis: int | None = None, is_common: bool = False) -> Fit:
    """Fit a slope for each case, or along an axis for each row or column, or one slope for all cases."""
    groups = [(pair.got - base(pair), other(pair), base(pair)) for pair in pairs]
    if is_common:
        gaps, others, bases = zip(*groups, strict=True)
        groups = [(joined(gaps), joined(others), joined(bases))]
    rounding = [ROUNDING * np.abs(start).max(initial=0.0) + ATOL for *_, start in groups]
    differs = joined(_size(gap, axis) > error for (gap, *_), error in zip(groups, rounding, strict=True))
    slopes = joined(_slope(gap, part, axis) for gap, part, _ in groups)
    counts = joined(np.asarray(np.count_nonzero(part, axis, keepdims=True)) for _, part, _ in groups)
    tests = np.maximum(counts - 1, 0)  # a slope uses up one number of its group: the others test it
    common_slope = float(slopes[0]) if is_common else None
    has_evidence = bool(tests[differs].sum() >= MIN_TESTS)
    return Fit(base, other, axis, common_slope, slopes[differs], bool(differs.all()), has_evidence)


def _slope(gap: np.ndarray, other: np.ndarray, axis: int | None) -> np.ndarray:
    """The slope of ``gap = slope * other`` by least squares; 0 for a group of zeros."""
    square = np.square(other).sum(axis, keepdims=True)
    return np.asarray((gap * other).sum(axis, keepdims=True) / np.where(square, square, np.inf))


def _size(gap: np.ndarray, axis: int | None) -> np.ndarray:
    """The largest absolute value of each group."""
    return np.asarray(np.abs(gap).max(axis, keepdims=True, initial=0.0))
