"""The table of relations without a free parameter: twice as large, transposed, rounded.

Unless a relation has another `agrees`, its numbers may be as inaccurate as the case allows (`is_predicted`).
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ..compare import is_numeric
from ..relations import ExactTable, Pair, Relation, are_close, is_predicted
from .pairs import (
    MIN_DISTINCT,
    ROUNDING,
    Pairs,
    argument,
    arguments_of_equal_shape,
    joined,
    many_distinct,
    many_numbers,
    numbers_of,
    rounding_of,
)

MIN_CHANGED = 3  # If fewer numbers differ from the right ones, a relation may hold by coincidence.
MIN_CHANGED_OF_FEW = 12  # the same where only a few different numbers occur, such as zeros and ones
# A number that differs by more from the right one is changed, and one that differs by less, relatively, from a rounded
# one agrees with it. If it were larger, right numbers that are only inaccurate would be called rounded.
MAX_ERROR_OF_ROUNDED = 1e-14

Function = Callable[[np.ndarray], np.ndarray]
Evidence = Callable[[Pairs], bool]
Agreement = Callable[[Pair, np.ndarray], bool]


def _shapes_differ(pairs: Pairs) -> bool:
    return any(pair.got.shape != pair.want.shape for pair in pairs)


def of_right_values(
    name: str, sentence: str, function: Function, evidence: Evidence = many_numbers, agrees: Agreement = is_predicted
) -> Relation:
    """A relation that predicts a function of the right values."""
    return Relation(name, sentence, lambda pair: function(pair.want), agrees, evidence)


def scaled_by(factor: float, name: str, sentence: str) -> Relation:
    """A relation that predicts a multiple of the right values.

    A given factor hardly fits by coincidence. So the two different numbers that every search needs are enough evidence.
    """
    return Relation(name, sentence, lambda pair: factor * pair.want)


def _reshaped(name: str, sentence: str, of_right: Function, of_returned: Function) -> Relation:
    """A relation of different shapes: what `of_right` makes of the right value is `of_returned` of the returned one."""
    return of_right_values(
        name, sentence, of_right, _shapes_differ, lambda pair, value: are_close(of_returned(pair.got), value)
    )


def _all_the_same(pairs: Pairs) -> Iterator[Relation]:
    returned = joined(pair.got for pair in pairs)
    number = returned[0] if returned.size else np.nan
    if number == 0:
        causes = "is a factor zero, is the dtype integer, or is an array or a variable never changed?"
        name, sentence = "all zero", f"Every number is 0: {causes}"
    elif np.isfinite(number) and len(pairs) > 2:
        name, sentence = "always the same", "It returned the same number for every input."
    else:
        return
    yield Relation(name, sentence, lambda _: number, agrees=lambda pair, value: bool((pair.got == value).all()))


def _arguments_as_factors(pairs: Pairs) -> Iterator[Relation]:
    """A factor that is an argument, or its number of rows or columns.

    It must vary in cases whose right values are not all 0: any factor fits zeros, and one that is the
    same in all cases may as well be a constant.
    """
    numbers = [_numbers_in(pair) for pair in pairs]
    telling = [own for own, pair in zip(numbers, pairs, strict=True) if pair.want.any()]
    for what in (name for name in numbers[0] if all(name in others for others in numbers)):
        if len({own[what] for own in telling}) < 2:
            continue
        end = "." if what in pairs[0].arguments else ": is it a sum instead of a mean, or the reverse?"
        for multiple, factor in ((what, 1), (f"-{what}", -1), (f"2 {what}", 2)):
            sentence = f"Every number is {multiple} times as large as it should be{end}"
            yield Relation(f"{multiple} times as large", sentence, partial(_times, what=what, factor=factor))
        sentence = f"Every number is the right one, divided by {what}{end}"
        yield Relation(f"divided by {what}", sentence, partial(_times, what=what, exponent=-1))


def _times(pair: Pair, what: str, factor: float = 1, exponent: int = 1) -> np.ndarray:
    """The right values times a factor, and times a power of a number in the arguments."""
    return np.asarray(factor * pair.want * _numbers_in(pair)[what] ** exponent)


def _numbers_in(pair: Pair) -> dict[str, np.float64]:
    """The numbers in the arguments, and the lengths of arrays. Matrices come first: len(X) reads better than len(y)."""
    arrays = {name: np.asarray(value) for name, value in pair.arguments.items() if is_numeric(value)}
    found: dict[str, Any] = {}
    for name, array in sorted(arrays.items(), key=lambda item: (-item[1].ndim, item[0])):
        named = {f"{name}.shape[{axis}]" if axis else f"len({name})": n for axis, n in enumerate(array.shape)}
        found |= named if array.ndim else {name: array.item()}
    return {name: np.float64(number) for name, number in found.items()}  # its reciprocal may be infinite


def _are_different(pairs: Pairs) -> bool:
    """Whether not all returned numbers are equal: the squares of 1 and -1 would be."""
    return many_numbers(pairs) and len(set(numbers_of(pairs)[0].tolist())) > 1


def _unchanged_arguments(pairs: Pairs) -> Iterator[Relation]:
    for name in arguments_of_equal_shape(pairs):
        sentence = f"The numbers are those of {name}, unchanged."
        yield Relation(f"{name} unchanged", sentence, partial(argument, name), evidence=many_numbers)


def _are_rounded(pairs: Pairs) -> bool:
    """Whether rounding changes enough of the numbers, and not only zeros and ones are left."""
    got, want = numbers_of(pairs)
    is_changed = np.count_nonzero(np.abs(got - want) > MAX_ERROR_OF_ROUNDED) >= MIN_CHANGED
    return bool(is_changed and len(set(got.tolist())) >= MIN_DISTINCT)


# The right rows v in another arrangement; `row + 0 * v` repeats a row as often as v has rows.
ARRANGEMENTS: tuple[tuple[str, Function, str], ...] = (
    ("reversed", np.flipud, "The {} are the right ones in reverse order."),
    ("cumulative sums", lambda v: v.cumsum(axis=0), "The {} are cumulative sums: each is added to those before it."),
    ("all equal to the first", lambda v: v[:1] + 0 * v, "All {} are equal to the first one."),
    ("all equal to the sum", lambda v: v.sum(axis=0) + 0 * v, "All {} are equal to the sum of the right ones."),
    ("running minima", np.minimum.accumulate, "The {} are running minima: the lowest number so far."),
    ("running maxima", np.maximum.accumulate, "The {} are running maxima: the highest number so far."),
    ("the first is missing", lambda v: v[1:], "The first of the {} is missing; the others are right."),
    ("only the first", lambda v: v[:1], "It returns only the first of the {}."),
)


def _arranged(pairs: Pairs) -> Iterator[Relation]:
    """The right rows, or numbers, but rearranged, accumulated or repeated."""
    dimensions = min(pair.want.ndim for pair in pairs)
    what = "numbers" if dimensions == 1 else "rows"
    for name, arrange, sentence in ARRANGEMENTS if dimensions else ():
        predict = partial(_rows_of, arrange)
        evidence = partial(_is_rearranged, predict)
        yield Relation(f"{what}: {name}", sentence.format(what), predict, _agrees_up_to_rounding, evidence)


def _rows_of(arrange: Function, pair: Pair) -> np.ndarray:
    """The right values arranged. If only one row is left, it may also be returned as a vector."""
    value = arrange(pair.want)
    return value[0] if len(value) == 1 and pair.got.ndim < value.ndim else value


def _agrees_up_to_rounding(pair: Pair, value: np.ndarray) -> bool:
    """Whether numbers that are moved or added up differ by rounding alone."""
    return are_close(pair.got, value, rounding_of(pair), pair.atol)


def _is_rearranged(predict: Callable[[Pair], np.ndarray], pairs: Pairs) -> bool:
    """Whether the arrangement changes enough numbers. Zeros and ones agree by coincidence more easily."""
    changed = sum(
        int((~np.isclose(value, pair.want)).sum()) if value.shape == pair.want.shape else pair.want.size
        for pair, value in ((pair, predict(pair)) for pair in pairs)
    )
    return changed >= (MIN_CHANGED if many_distinct(pairs) else MIN_CHANGED_OF_FEW)


def _lengths_differ(pairs: Pairs) -> bool:
    """Whether the numbers of rows differ, and not only one row or number agrees."""
    return _shapes_differ(pairs) and any(min(len(pair.got), len(pair.want)) > 1 for pair in pairs)


def _equal_rows(pairs: Pairs) -> Iterator[Relation]:
    """All rows are equal in every case, also where they should not be."""
    varied = [pair for pair in pairs if _has_different_rows(pair)]
    what = "numbers" if all(pair.want.ndim == 1 for pair in varied) else "rows"
    if len(varied) > 1 and all(pair.got.ndim and len(pair.got) > 1 for pair in varied):
        yield Relation(
            f"equal {what}",
            f"In each answer all {what} are equal.",
            lambda pair: pair.got[:1] + 0 * pair.got if pair.got.ndim else pair.got,
            agrees=lambda pair, value: are_close(pair.got, value, ROUNDING, 0),
        )


def _has_different_rows(pair: Pair) -> bool:
    return pair.want.ndim > 0 and len(pair.want) > 1 and not np.allclose(pair.want, pair.want[:1], ROUNDING, 0)


# The first that holds is the one that the student reads: a specific relation stands before a more general one.
EXACT: ExactTable = (
    _all_the_same,
    scaled_by(-1, "opposite sign", "Every number has the opposite sign."),
    scaled_by(2, "twice as large", "Every number is exactly twice as large as it should be."),
    scaled_by(0.5, "half as large", "Every number is exactly half as large as it should be."),
    scaled_by(100, "in percent", "Every number is 100 times as large as it should be: is it in percent?"),
    _arguments_as_factors,
    of_right_values("one minus the right value", "Every number is 1 minus the right one.", lambda want: 1 - want),
    of_right_values("one too large", "Every number is 1 too large.", lambda want: want + 1),
    of_right_values("one too small", "Every number is 1 too small.", lambda want: want - 1),
    of_right_values("logarithm", "The numbers are the logarithms of the right ones.", np.log),
    of_right_values("square", "The numbers are the squares of the right ones.", np.square, _are_different),
    of_right_values("reciprocal", "Every number is the reciprocal of the right one.", np.reciprocal),
    of_right_values("absolute value", "The signs are missing: negative numbers became positive.", np.abs),
    of_right_values("truncated", "The decimals are cut off: the numbers are whole.", np.trunc),
    of_right_values(
        "transposed",
        "Rows and columns are exchanged.",
        np.transpose,
        evidence=lambda pairs: (
            any(pair.want.ndim > 1 for pair in pairs) and (many_numbers(pairs) or _shapes_differ(pairs))
        ),
    ),
    _unchanged_arguments,
    *(
        of_right_values(
            "rounded",
            "The numbers are the right ones, rounded.",
            partial(np.ndarray.round, decimals=digits),
            evidence=_are_rounded,
            agrees=lambda pair, value: are_close(pair.got, value, MAX_ERROR_OF_ROUNDED, 0),
        )
        for digits in range(9)
    ),
    _reshaped("wrong shape", "The numbers are right, but the shape is wrong.", np.ravel, np.ravel),
    _reshaped("not averaged", "The mean of the numbers is right: return that mean.", np.asarray, np.mean),
    _reshaped("not added up", "The sum of the numbers is right: return that sum.", np.asarray, np.sum),
    of_right_values("summed", "It returns the sum of the numbers: return them one by one.", np.sum, _shapes_differ),
    of_right_values("averaged", "It returns the mean of the numbers: return them one by one.", np.mean, _shapes_differ),
    _arranged,
    Relation(
        "too few or too many",
        "The first rows or numbers are right, but there are too few or too many of them.",
        lambda pair: pair.want[: len(pair.got)] if pair.got.ndim == pair.want.ndim > 0 else None,
        agrees=lambda pair, value: are_close(pair.got[: len(value)], value),
        evidence=_lengths_differ,
    ),
    _equal_rows,
)
