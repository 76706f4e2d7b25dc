"""The table of relations that have a free parameter, such as an unknown factor, or hold only approximately."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..relations import Explanation, Fitted
from . import approximate_relations as approximate
from .pairs import Pairs, argument, arguments_of_equal_shape
from .slopes import Fit, fit_common_slope, fit_slopes


def _fit_cases_rows_and_columns(pairs: Pairs, others: Sequence[np.ndarray]) -> Iterator[tuple[str, Fit]]:
    """Fit the errors in each case, then if all values are matrices in each row and in each column."""
    gots, wants = [pair.got for pair in pairs], [pair.want for pair in pairs]
    are_matrices = all(want.ndim == 2 for want in wants)
    for what, axis in (("case", None), ("row", 1), ("column", 0)) if are_matrices else (("case", None),):
        if fit := fit_slopes(gots, wants, others, axis):
            yield what, fit


def _where(what: str, fit: Fit) -> str:
    return f"In each {what} all" if fit.is_everywhere else f"Where a {what} is wrong, all its"


def _scaled(pairs: Pairs) -> Iterator[Explanation]:
    gots, wants = [pair.got for pair in pairs], [pair.want for pair in pairs]
    slope = fit_common_slope(gots, wants, wants)
    if slope is not None and _is_nonzero_factor(1 + slope):
        yield "a constant factor", _sentence_about_a_factor(1 + slope)
    for what, fit in _fit_cases_rows_and_columns(pairs, wants):
        if _is_nonzero_factor(1 + fit.slopes):
            sentence = f"{_where(what, fit)} numbers are wrong by the same factor: what are they divided by?"
            yield f"a factor for each {what}", sentence


def _is_nonzero_factor(factors: float | np.ndarray) -> bool:
    """Whether a group is wrong by a factor that is not 0: that all numbers are 0 is another relation."""
    return bool(np.abs(factors).max() >= approximate.MAX_SMALL_ERROR)


def _sentence_about_a_factor(factor: float) -> str:
    """Describe a common factor. One that is shown as 1 would say nothing."""
    if f"{factor:.3g}" == "1":
        return f"Every number is too {'large' if factor > 1 else 'small'} by the same small factor."
    return f"Every number is about {factor:.3g} times as large as it should be."


def _shifted(pairs: Pairs) -> Iterator[Explanation]:
    gots, wants = [pair.got for pair in pairs], [pair.want for pair in pairs]
    ones = [np.ones_like(want) for want in wants]
    question = "numbers are off by the same amount: what is added or subtracted?"
    if fit_common_slope(gots, wants, ones) is not None:  # it needs no case of several numbers
        yield "a constant added in each case", f"In each case all {question}"
    for what, fit in _fit_cases_rows_and_columns(pairs, ones):
        yield f"a constant added in each {what}", f"{_where(what, fit)} {question}"


def _multiple_of_an_argument(pairs: Pairs) -> Iterator[Explanation]:
    gots, wants = [pair.got for pair in pairs], [pair.want for pair in pairs]
    for name in arguments_of_equal_shape(pairs):
        if fit_slopes(gots, wants, [argument(name, pair) for pair in pairs]):
            sentence = f"It is off by a multiple of {name}: is the coefficient of {name} right?"
            yield f"off by a multiple of {name}", sentence


def _added_to_an_argument(pairs: Pairs) -> Iterator[Explanation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    gots, wants = [pair.got for pair in pairs], [pair.want for pair in pairs]
    for name in arguments_of_equal_shape(pairs):
        fit = fit_slopes(gots, [argument(name, pair) for pair in pairs], wants)
        if fit and fit.are_equal:
            sentence = f"It returns {name} {_plus_multiple(fit.slopes[0])} the right values: does it take a step?"
            yield f"{name} after a step", sentence


def _plus_multiple(factor: float) -> str:
    """The words before what is added: "plus 0.5 times", or "minus" alone for the factor -1."""
    shown = f"{abs(factor):.3g}"
    return ("plus" if factor > 0 else "minus") + ("" if shown == "1" else f" {shown} times")


# Small errors come first: a factor or a constant may fit them, too, but is seldom the cause. The last relation says
# nothing of some wrong cases.
FITTED: Fitted = (
    approximate.almost_right,
    _scaled,
    _shifted,
    _multiple_of_an_argument,
    _added_to_an_argument,
    approximate.clipped,
    approximate.clipped_large_values,
    approximate.almost_right_in_most_cases,
)
