"""The table of relations that have a free parameter, such as an unknown factor, or hold only approximately."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from ..relations import Pair, Relation, Table
from . import approximate_relations as approximate
from .pairs import Pairs, argument, arguments_of_equal_shape
from .slopes import Fit, Term, fit_slopes


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
        yield common.relation("a constant factor", _sentence_about_a_factor(1 + float(common.wrong_slopes[0])))
    for what, fit in _fit_cases_rows_and_columns(pairs, _right_value):
        if _has_nonzero_factor(fit):
            sentence = f"{_where(what, fit)} numbers are wrong by the same factor: what are they divided by?"
            yield fit.relation(f"a factor for each {what}", sentence)


def _has_nonzero_factor(fit: Fit) -> bool:
    """Whether a group is wrong by a factor that is not 0: that all numbers are 0 is another relation."""
    return bool(np.abs(1 + fit.wrong_slopes).max(initial=0.0) >= approximate.MAX_SMALL_ERROR)


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
        fit = fit_slopes(pairs, _right_value, partial(argument, name))
        yield fit.relation(f"off by a multiple of {name}", sentence)


def _added_to_an_argument(pairs: Pairs) -> Iterator[Relation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    for name in arguments_of_equal_shape(pairs):
        fit = fit_slopes(pairs, partial(argument, name), _right_value)
        if fit.has_equal_slopes:
            sentence = f"It returns {name} {_plus_multiple(fit.wrong_slopes[0])} the right values: does it take a step?"
            yield fit.relation(f"{name} after a step", sentence)


def _plus_multiple(factor: float) -> str:
    """The words before what is added: "plus 0.5 times", or "minus" alone for the factor -1."""
    shown = f"{abs(factor):.3g}"
    return ("plus" if factor > 0 else "minus") + ("" if shown == "1" else f" {shown} times")


# Small errors come first: a factor or a constant may fit them, too, but is seldom the cause. The last relation says
# nothing of some wrong cases.
FITTED: Table = (
    approximate.almost_right,
    _scaled,
    _shifted,
    _multiple_of_an_argument,
    _added_to_an_argument,
    approximate.clipped,
    approximate.clipped_large_values,
    approximate.wrong_for_one_sign,
    approximate.almost_right_in_most_cases,
)
