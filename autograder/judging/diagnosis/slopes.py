"""Fit the slopes of ``got = base + slope * other``, and decide whether they are evidence of a mistake."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..relations import ATOL, Pair, Relation
from .pairs import ROUNDING, Pairs, joined

Part = Callable[[Pair], np.ndarray]

SLOPE_RTOL = 1e-4  # of a difference that a slope explains
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
        """The relation that holds if these slopes explain the values."""
        return Relation(name, sentence, self._predict, lambda *_: self.has_evidence, self._agrees)

    def _predict(self, pair: Pair) -> np.ndarray:
        base, other = self.base(pair), self.other(pair)
        # fitted again: `slopes` does not say which group each belongs to
        slope = _slope(pair.got - base, other, self.axis) if self.common_slope is None else self.common_slope
        return np.asarray(base + slope * other)

    def _agrees(self, pair: Pair, value: np.ndarray) -> bool:
        base = self.base(pair)
        # Relative to each difference from `base`, and to the largest of its group: a small one is rounded like that.
        tolerance = SLOPE_RTOL * np.abs(value - base) + ROUNDING * _size(pair.got - base, self.axis) + ATOL
        return bool((np.abs(pair.got - value) <= tolerance).all())


def fit_slopes(pairs: Pairs, base: Part, other: Part, axis: int | None = None, is_common: bool = False) -> Fit:
    """Fit a slope for each case, or along an axis for each row or column, or one slope for all cases."""
    others, bases = [other(pair) for pair in pairs], [base(pair) for pair in pairs]
    gaps = [pair.got - values for pair, values in zip(pairs, bases, strict=True)]
    if is_common:  # as if all were one case, without rows and columns
        others, bases, gaps = [joined(others)], [joined(bases)], [joined(gaps)]
    rounding = [ROUNDING * np.abs(values).max(initial=0.0) + ATOL for values in bases]
    differs = joined(_size(gap, axis) > error for gap, error in zip(gaps, rounding, strict=True))
    slopes = joined(_slope(gap, values, axis) for gap, values in zip(gaps, others, strict=True))
    counts = joined(np.asarray(np.count_nonzero(values, axis, keepdims=True)) for values in others)
    tests = np.maximum(counts - 1, 0)  # a slope uses up one number of its group: the others test it
    has_evidence = bool(tests[differs].sum() >= MIN_TESTS)
    common = float(slopes[0]) if is_common else None
    return Fit(base, other, axis, common, slopes[differs], is_everywhere=bool(differs.all()), has_evidence=has_evidence)


def _slope(gap: np.ndarray, other: np.ndarray, axis: int | None) -> np.ndarray:
    """The slope of ``gap = slope * other`` by least squares; 0 for a group of zeros."""
    square = np.square(other).sum(axis, keepdims=True)
    return np.asarray((gap * other).sum(axis, keepdims=True) / np.where(square, square, np.inf))


def _size(gap: np.ndarray, axis: int | None) -> np.ndarray:
    """The largest absolute value of each group."""
    return np.asarray(np.abs(gap).max(axis, keepdims=True, initial=0.0))
