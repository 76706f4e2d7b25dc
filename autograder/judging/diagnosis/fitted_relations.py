"""The table of relations that have a free parameter, such as an unknown factor, or hold approximately or in part."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from ..relations import ATOL, SILENT, Pair, Relation, Table, are_close, lower_first
from .pairs import Pairs, argument, arguments_of_equal_shape, is_right, joined, numbers_of
from .slopes import Fit, Term, fit_slopes

MAX_SMALL_ERROR = 1e-3  # the largest relative error of a number that is called almost right
MIN_SIZE = 0.1  # compared with the largest number: the error of a smaller one counts like that of one of this size
NEGLIGIBLE = 1e-5  # an error that is this small compared with most numbers
MAX_ROUNDING = 1e-12  # the largest relative error of a number that rounding explains
ABOUT_ZERO = 1e-14  # a number that is this small compared with the largest should be 0
SAME = 1e-6  # the largest relative error of the right numbers beside wrong ones, and of a number that is cut off
MIN_WRONG_CASES = 5  # for a sentence about most of them
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
    if len(wrong) >= MIN_WRONG_CASES and len(almost) >= MIN_SHARE_ALMOST * len(wrong):
        yield Relation(
            "almost right in most cases",
            f"In most cases {lower_first(_sentence_about_small_errors(almost))}",
            lambda pair: pair.want if _is_almost_right(pair, tiny) else SILENT,
            agrees=lambda *_: True,
        )


def _sentence_about_small_errors(pairs: Pairs) -> str:
    """Describe small errors. An error that is small compared with other numbers may be large for a tiny number."""
    got, want = numbers_of(pairs)
    limits = joined(np.full(pair.want.shape, ABOUT_ZERO * np.abs(pair.want).max(initial=0.0)) for pair in pairs)
    counts = np.abs(want) > limits  # any rounding error is large for a number that should be about 0
    gap, size = np.abs(got - want)[counts], np.abs(want)[counts]
    if (gap <= MAX_SMALL_ERROR * size).all():
        return f"It is almost right: {CAUSES_OF_SMALL_ERRORS}"
    wrong = gap > MAX_ROUNDING * size
    are_smallest = size[wrong].max() < size[~wrong].min(initial=np.inf) and not wrong.all()
    if are_smallest and not got[counts][wrong].any():
        return "Only the smallest numbers are wrong, and they are 0: is something rounded, clipped or set to 0?"
    if are_smallest and (np.abs(got[counts]) > size)[wrong].all():
        return "Only the smallest numbers are wrong, and too large: is there a lower limit?"
    return f"It is almost right, but not for the smallest numbers: {CAUSES_OF_SMALL_ERRORS}"


def _is_almost_right(pair: Pair, tiny: float) -> bool:
    size = np.maximum(np.abs(pair.want), MIN_SIZE * np.abs(pair.want).max(initial=0.0))
    return bool(np.all(np.abs(pair.got - pair.want) <= MAX_SMALL_ERROR * size + tiny))


def _tiny(pairs: Pairs) -> float:
    """An error that is negligible compared with most of the numbers."""
    return NEGLIGIBLE * float(np.median(np.abs(joined(pair.want for pair in pairs)))) + ATOL


def _right_value(pair: Pair) -> np.ndarray:
    return np.asarray(pair.want)


def _ones(pair: Pair) -> np.ndarray:
    return np.ones_like(pair.want)


def _fit_cases_rows_and_columns(pairs: Pairs, other: Term) -> Iterator[tuple[str, Fit]]:
    """Fit the errors in each case, then if all values are matrices in each row and in each column."""
    yield "case", fit_slopes(pairs, _right_value, other)
    if all(pair.want.ndim == 2 for pair in pairs):
        yield "row", fit_slopes(pairs, _right_value, other, axis=1)
        yield "column", fit_slopes(pairs, _right_value, other, axis=0)


def _where(what: str, fit: Fit) -> str:
    return f"In each {what} all" if fit.is_everywhere else f"Where a {what} is wrong, all its"


def _scaled(pairs: Pairs) -> Iterator[Relation]:
    common = fit_slopes(pairs, _right_value, _right_value, is_common=True)
    if _has_nonzero_factor(common):
        yield common.relation("a constant factor", _sentence_about_a_factor(1 + float(common.slopes[0])))
    for what, fit in _fit_cases_rows_and_columns(pairs, _right_value):
        if _has_nonzero_factor(fit):
            sentence = f"{_where(what, fit)} numbers are wrong by the same factor: what are they divided by?"
            yield fit.relation(f"a factor for each {what}", sentence)


def _has_nonzero_factor(fit: Fit) -> bool:
    """Whether a group is wrong by a factor that is not 0: that all numbers are 0 is another relation."""
    return bool(np.abs(1 + fit.slopes).max(initial=0.0) >= MAX_SMALL_ERROR)


def _sentence_about_a_factor(factor: float) -> str:
    """Describe a common factor. One that is shown as 1 would say nothing."""
    if f"{factor:.3g}" == "1":
        return f"Every number is too {'large' if factor > 1 else 'small'} by the same small factor."
    return f"Every number is about {factor:.3g} times as large as it should be."


def _shifted(pairs: Pairs) -> Iterator[Relation]:
    common = fit_slopes(pairs, _right_value, _ones, is_common=True)  # it needs no case of several numbers
    for what, fit in (("case", common), *_fit_cases_rows_and_columns(pairs, _ones)):
        sentence = f"{_where(what, fit)} numbers are off by the same amount: what is added or subtracted?"
        yield fit.relation(f"a constant added in each {what}", sentence)


def _multiple_of_an_argument(pairs: Pairs) -> Iterator[Relation]:
    for name in arguments_of_equal_shape(pairs):
        sentence = f"It is off by a multiple of {name}: is the coefficient of {name} right?"
        yield fit_slopes(pairs, _right_value, partial(argument, name)).relation(
            f"off by a multiple of {name}", sentence
        )


def _added_to_an_argument(pairs: Pairs) -> Iterator[Relation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    for name in arguments_of_equal_shape(pairs):
        fit = fit_slopes(pairs, partial(argument, name), _right_value)
        if fit.has_equal_slopes:
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
            agrees=lambda pair, value: are_close(pair.got, value, SAME, 1e-8),
        )


def _clipped_large_values(pairs: Pairs) -> Iterator[Relation]:
    got, want = numbers_of(pairs)
    tiny = _tiny(pairs)
    wrong = np.abs(got - want) > MAX_SMALL_ERROR * np.abs(want) + tiny
    if not 0 < wrong.mean() < 0.5:
        return
    limit, right = want[wrong].min(), want[~wrong]
    are_the_largest = limit > right.max()
    stand_out = want.max() > 3 * right.max()  # else the right ones should be too small, too
    if len(set(right.tolist())) < 3 or not (are_the_largest and stand_out):
        return
    yield Relation(
        "the largest are too small",
        "Only the largest numbers are too small: is something clipped or estimated, or a constant added inside a log?",
        lambda pair: np.where(pair.want >= limit, np.minimum(pair.got, pair.want), pair.want),
        agrees=lambda pair, value: bool((np.abs(pair.got - value) <= MAX_SMALL_ERROR * np.abs(value) + tiny).all()),
    )


def _wrong_for_one_sign(pairs: Pairs) -> Iterator[Relation]:
    """The values are wrong only where an argument is positive, or only where it is negative."""
    wrong = ~joined(np.isclose(pair.got, pair.want, SAME, pair.atol, equal_nan=True) for pair in pairs)
    for name in arguments_of_equal_shape(pairs):
        value = joined(argument(name, pair) for pair in pairs)
        for sign, where in ((1, "positive"), (-1, "negative")):
            side, other_side = sign * value > 0, sign * value < 0
            if wrong[side].sum() > 2 and other_side.sum() > 2 and wrong[side].mean() > 0.5:
                yield Relation(
                    f"wrong where {name} is {where}",
                    f"It is wrong only where {name} is {where}.",
                    partial(_right_elsewhere, name, sign),
                    agrees=lambda pair, value: are_close(pair.got, value, SAME, pair.atol),
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
