"""The table of relations that have a free parameter, such as an unknown factor, or hold approximately or in part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..relations import Pair, Relation, Table, are_close, lower_first
from .pairs import Pairs, argument, arguments_of_equal_shape, is_right, joined, numbers_of

_Part = Callable[[Pair], np.ndarray]

MAX_SMALL_ERROR = 1e-3  # the largest relative error of a number that is called almost right
MIN_SHARE_ALMOST = 0.7  # the share of the wrong cases that must be almost right
CAUSES_OF_SMALL_ERRORS = "is something rounded, clipped, estimated, float32, or is a small constant added?"


def _almost(pairs: Pairs) -> Iterator[Relation]:
    tiny = _tiny(pairs)
    yield Relation(
        "almost right",
        _sentence_about_small_errors(pairs),
        lambda pair: pair.want,
        agrees=lambda pair, _: _is_almost_right(pair, tiny),
    )


def _almost_in_most_cases(pairs: Pairs) -> Iterator[Relation]:
    tiny = _tiny(pairs)
    wrong = [pair for pair in pairs if not is_right([pair])]
    almost = [pair for pair in wrong if _is_almost_right(pair, tiny)]
    if 3 <= MIN_SHARE_ALMOST * len(wrong) <= len(almost):
        yield Relation(
            "almost right in most cases",
            f"In most cases {lower_first(_sentence_about_small_errors(almost))}",
            lambda pair: pair.want if _is_almost_right(pair, tiny) else pair.got,
            agrees=lambda pair, value: _is_almost_right(pair._replace(want=value), tiny),
        )


def _sentence_about_small_errors(pairs: Pairs) -> str:
    """Describe small errors. An error that is small compared with other numbers may be large for a tiny number."""
    got, want = numbers_of(pairs)
    limits = joined(np.full(pair.want.shape, 1e-14 * np.abs(pair.want).max(initial=0.0)) for pair in pairs)
    counts = np.abs(want) > limits  # any rounding error is large for a number that should be about 0
    gap, size = np.abs(got - want)[counts], np.abs(want)[counts]
    if (gap <= MAX_SMALL_ERROR * size).all():
        return f"It is almost right: {CAUSES_OF_SMALL_ERRORS}"
    wrong = gap > 1e-12 * size
    are_smallest = size[wrong].max() < size[~wrong].min(initial=np.inf) and not wrong.all()
    if are_smallest and not got[counts][wrong].any():
        return "Only the smallest numbers are wrong, and they are 0: is something rounded, clipped or set to 0?"
    if are_smallest and (np.abs(got[counts]) > size)[wrong].all():
        return "Only the smallest numbers are wrong, and too large: is there a lower limit?"
    return f"It is almost right, but not for the smallest numbers: {CAUSES_OF_SMALL_ERRORS}"


def _is_almost_right(pair: Pair, tiny: float) -> bool:
    size = np.maximum(np.abs(pair.want), 0.1 * np.abs(pair.want).max(initial=0.0))
    return bool(np.all(np.abs(pair.got - pair.want) <= MAX_SMALL_ERROR * size + tiny))


def _tiny(pairs: Pairs) -> float:
    """An error that is negligible compared with most of the numbers."""
    return 1e-5 * float(np.median(np.abs(joined(pair.want for pair in pairs)))) + 1e-12


@dataclass(frozen=True)
class _Fit:
    """The best slopes of ``got = base + slope * other``, for each group: a case, a row, a column, or all numbers."""

    base: _Part
    other: _Part
    axis: int | None  # along which each row or column is a group
    common_slope: float | None  # if all cases are one group
    slopes: np.ndarray  # of the groups that differ from `base`
    is_everywhere: bool  # whether these are all groups
    has_evidence: bool

    def predict(self, pair: Pair) -> np.ndarray:
        base, other = self.base(pair), self.other(pair)
        slope = _slope(pair.got - base, other, self.axis) if self.common_slope is None else self.common_slope
        return np.asarray(base + slope * other)

    def agrees(self, pair: Pair, value: np.ndarray) -> bool:
        base = self.base(pair)
        # Relative to each difference from `base`, and to the largest of its group: a small one is rounded like that.
        tolerance = 1e-4 * np.abs(value - base) + 1e-9 * _size(pair.got - base, self.axis) + 1e-12
        return bool((np.abs(pair.got - value) <= tolerance).all())

    def relation(self, name: str, sentence: str) -> Relation:
        return Relation(name, sentence, self.predict, lambda *_: self.has_evidence, self.agrees)


def _fit(pairs: Pairs, base: _Part, other: _Part, axis: int | None = None, is_common: bool = False) -> _Fit:
    """Fit a slope for each case, or along an axis for each row or column, or one slope for all cases."""
    groups = [(pair.got - base(pair), other(pair)) for pair in pairs]
    if is_common:
        groups = [(joined(gap for gap, _ in groups), joined(part for _, part in groups))]
    differs = joined(_size(gap, axis) for gap, _ in groups) > 1e-9  # more than by rounding
    slopes = joined(_slope(*group, axis) for group in groups)
    counts = joined(np.asarray(np.count_nonzero(part, axis, keepdims=True)) for _, part in groups)
    tests = np.maximum(counts - 1, 0)  # a slope uses up one number of its group: the others test it
    common_slope = float(slopes[0]) if is_common else None
    return _Fit(base, other, axis, common_slope, slopes[differs], bool(differs.all()), bool(tests[differs].sum() >= 3))


def _slope(gap: np.ndarray, other: np.ndarray, axis: int | None) -> np.ndarray:
    """The slope of ``gap = slope * other`` by least squares; 0 for a group of zeros."""
    square = np.square(other).sum(axis, keepdims=True)
    return np.asarray((gap * other).sum(axis, keepdims=True) / np.where(square, square, np.inf))


def _size(gap: np.ndarray, axis: int | None) -> np.ndarray:
    return np.asarray(np.abs(gap).max(axis, keepdims=True, initial=0.0))


def _right_value(pair: Pair) -> np.ndarray:
    return np.asarray(pair.want)


def _ones(pair: Pair) -> np.ndarray:
    return np.ones_like(pair.want)


def _fit_cases_rows_and_columns(pairs: Pairs, other: _Part) -> Iterator[tuple[str, _Fit]]:
    """Fit the errors in each case, then if all values are matrices in each row and in each column."""
    yield "case", _fit(pairs, _right_value, other)
    if all(pair.want.ndim == 2 for pair in pairs):
        yield "row", _fit(pairs, _right_value, other, axis=1)
        yield "column", _fit(pairs, _right_value, other, axis=0)


def _where(what: str, fit: _Fit) -> str:
    return f"In each {what} all" if fit.is_everywhere else f"Where a {what} is wrong, all its"


def _scaled(pairs: Pairs) -> Iterator[Relation]:
    fit = _fit(pairs, _right_value, _right_value, is_common=True)
    if _is_a_factor(fit):
        yield fit.relation("a constant factor", _sentence_about_a_factor(1 + float(fit.slopes[0])))
    for what, fit in _fit_cases_rows_and_columns(pairs, _right_value):
        if _is_a_factor(fit):
            sentence = f"{_where(what, fit)} numbers are wrong by the same factor: what are they divided by?"
            yield fit.relation(f"a factor for each {what}", sentence)


def _is_a_factor(fit: _Fit) -> bool:
    """Whether a group is wrong, and not all numbers are 0."""
    return bool(np.abs(1 + fit.slopes).max(initial=0.0) >= MAX_SMALL_ERROR)


def _sentence_about_a_factor(factor: float) -> str:
    """Describe a common factor. One that is shown as 1 would say nothing."""
    if f"{factor:.3g}" == "1":
        return f"Every number is too {'large' if factor > 1 else 'small'} by the same small factor."
    return f"Every number is about {factor:.3g} times as large as it should be."


def _shifted(pairs: Pairs) -> Iterator[Relation]:
    common = _fit(pairs, _right_value, _ones, is_common=True)
    for what, fit in (("case", common), *_fit_cases_rows_and_columns(pairs, _ones)):
        sentence = f"{_where(what, fit)} numbers are off by the same amount: what is added or subtracted?"
        yield fit.relation(f"a constant added in each {what}", sentence)


def _multiple_of_an_argument(pairs: Pairs) -> Iterator[Relation]:
    for name in arguments_of_equal_shape(pairs):
        sentence = f"It is off by a multiple of {name}: is the coefficient of {name} right?"
        yield _fit(pairs, _right_value, partial(argument, name)).relation(f"off by a multiple of {name}", sentence)


def _added_to_an_argument(pairs: Pairs) -> Iterator[Relation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    for name in arguments_of_equal_shape(pairs):
        fit = _fit(pairs, partial(argument, name), _right_value)
        if len(fit.slopes) and np.allclose(fit.slopes, fit.slopes[0], 1e-4):
            sentence = f"It returns {name} {_plus_multiple(fit.slopes[0])} the right values: does it take a step?"
            yield fit.relation(f"{name} after a step", sentence)


def _plus_multiple(factor: float) -> str:
    """The words before what is added: "plus 0.5 times", or "minus" alone for the factor -1."""
    shown = f"{abs(factor):.3g}"
    return ("plus" if factor > 0 else "minus") + ("" if shown == "1" else f" {shown} times")


def _clipped(pairs: Pairs) -> Iterator[Relation]:
    """Numbers of both signs that are cut off at the same absolute value."""
    got, want = numbers_of(pairs)
    limit = np.abs(got).max()
    if (want > limit).any() and (want < -limit).any():
        yield Relation(
            "clipped",
            f"No number is above {limit:.3g} or below {-limit:.3g}: are they clipped?",
            lambda pair: np.clip(pair.want, -limit, limit),
            agrees=lambda pair, value: are_close(pair.got, value, 1e-6, 1e-8),
        )


def _clipped_large_values(pairs: Pairs) -> Iterator[Relation]:
    got, want = numbers_of(pairs)
    tiny = _tiny(pairs)
    wrong = np.abs(got - want) > MAX_SMALL_ERROR * np.abs(want) + tiny
    if not 0 < wrong.mean() < 0.5:
        return
    limit, right = want[wrong].min(), want[~wrong]
    if len(set(right.tolist())) < 3 or limit <= right.max() or want.max() <= 3 * right.max():
        return
    yield Relation(
        "the largest are too small",
        "Only the largest numbers are too small: is something clipped or estimated, or a constant added inside a log?",
        lambda pair: np.where(pair.want >= limit, np.minimum(pair.got, pair.want), pair.want),
        agrees=lambda pair, value: bool((np.abs(pair.got - value) <= MAX_SMALL_ERROR * np.abs(value) + tiny).all()),
    )


def _wrong_for_one_sign(pairs: Pairs) -> Iterator[Relation]:
    """The values are wrong only where an argument is positive, or only where it is negative."""
    wrong = ~joined(np.isclose(pair.got, pair.want, 1e-6, pair.atol, equal_nan=True) for pair in pairs)
    for name in arguments_of_equal_shape(pairs):
        value = joined(argument(name, pair) for pair in pairs)
        for sign, where in ((1, "positive"), (-1, "negative")):
            side = sign * value > 0
            if min(wrong[side].sum(), (sign * value < 0).sum()) > 2 and wrong[side].mean() > 0.5:
                yield Relation(
                    f"wrong where {name} is {where}",
                    f"It is wrong only where {name} is {where}.",
                    partial(_right_elsewhere, name, sign),
                    agrees=lambda pair, value: are_close(pair.got, value, 1e-6, pair.atol),
                )


def _right_elsewhere(name: str, sign: int, pair: Pair) -> np.ndarray:
    return np.asarray(np.where(sign * argument(name, pair) > 0, pair.got, pair.want))


FITTED: Table = (
    _almost,
    _scaled,
    _shifted,
    _multiple_of_an_argument,
    _added_to_an_argument,
    _clipped,
    _clipped_large_values,
    _wrong_for_one_sign,
    _almost_in_most_cases,
)
