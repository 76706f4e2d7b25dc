"""Find how wrong values are related to the right ones: twice as large, transposed, off by a constant.

No catalogue of mistakes is complete. If no known mistake matches an answer, a simple relation that holds in all cases
still shows the student where to look. Each sentence states a fact about the numbers; a question suggests a cause.

`find_exact` finds relations without a free parameter that hold everywhere. `find_fitted` finds those that hold wherever
the answer is wrong, those with a free parameter, such as an unknown factor, and those that hold only approximately.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

Relation = tuple[str, str]
"""The name of the relation, and a sentence for the student."""

FACTORS = {
    -1.0: ("opposite sign", "Every number has the opposite sign."),
    2.0: ("twice as large", "Every number is exactly twice as large as it should be."),
    0.5: ("half as large", "Every number is exactly half as large as it should be."),
    100.0: ("in percent", "Every number is 100 times as large as it should be: is it in percent?"),
    1 / np.log(2): ("logarithm to base 2", "The numbers are those for a logarithm to base 2."),
    1 / np.log(10): ("logarithm to base 10", "The numbers are those for a logarithm to base 10."),
}
TRANSFORMS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("one minus the right value", lambda want: 1 - want, "Every number is 1 minus the right one."),
    ("one too large", lambda want: want + 1, "Every number is 1 too large."),
    ("one too small", lambda want: want - 1, "Every number is 1 too small."),
    ("logarithm", np.log, "The numbers are the logarithms of the right ones."),
    ("square", np.square, "The numbers are the squares of the right ones."),
    ("reciprocal", np.reciprocal, "Every number is the reciprocal of the right one."),
    ("p (1 - p)", lambda want: want * (1 - want), "The numbers are p (1 - p), where p is the right one."),
    ("absolute value", np.abs, "The signs are missing: negative numbers became positive."),
    ("truncated", np.trunc, "The decimals are cut off: the numbers are whole."),
)
ARRANGEMENTS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("reversed", lambda rows: rows[::-1], "The {} are the right ones in reverse order."),
    (
        "cumulative sums",
        lambda rows: rows.cumsum(axis=0),
        "The {} are cumulative sums: each is added to those before it.",
    ),
    ("all equal to the first", lambda rows: rows[:1] + 0 * rows, "All {} are equal to the first one."),
    (
        "all equal to the sum",
        lambda rows: rows.sum(axis=0) + 0 * rows,
        "All {} are equal to the sum of the right ones.",
    ),
    ("running minima", np.minimum.accumulate, "The {} are running minima: the lowest number so far."),
    ("running maxima", np.maximum.accumulate, "The {} are running maxima: the highest number so far."),
    ("the first is missing", lambda rows: rows[1:], "The first of the {} is missing; the others are right."),
    ("only the first", lambda rows: rows[:1], "It returns only the first of the {}."),
)
MAX_SMALL_ERROR = 1e-3  # the largest relative error of a number that is called almost right
MIN_SHARE_ALMOST = 0.7  # the share of the wrong cases that must be almost right
CAUSES_OF_SMALL_ERRORS = "is something rounded, clipped, estimated, float32, or is a small constant added?"


class Pair(NamedTuple):
    """One case: the arguments by name, the student's value, the reference's value, and tolerances."""

    arguments: dict[str, Any]
    got: Any
    want: Any
    rtol: float = 1e-5
    atol: float = 1e-12


def find_exact(pairs: Sequence[Pair]) -> Relation | None:
    """Find the first relation without a free parameter that holds on every pair.

    Parameters
    ----------
    pairs : sequence of Pair
        The student's result and the right one for each case.

    Returns
    -------
    (str, str) or None
        The name of the relation, and a sentence about it.

    Examples
    --------
    >>> find_exact([Pair({}, np.array([2.0, 4.0]), np.array([1.0, 2.0]))])
    ('twice as large', 'Every number is exactly twice as large as it should be.')
    """
    return _search_item_by_item(pairs, _exact)


def find_fitted(pairs: Sequence[Pair]) -> Relation | None:
    """Find a relation that holds wherever the answer is wrong, has a free parameter, or holds only approximately.

    Parameters
    ----------
    pairs : sequence of Pair
        The student's result and the right one for each case.

    Returns
    -------
    (str, str) or None
        The name of the relation, and a sentence about it.

    Examples
    --------
    >>> find_fitted([Pair({}, np.array([3.0, 6.0, 9.0, 12.0]), np.array([1.0, 2.0, 3.0, 4.0]))])
    ('a constant factor', 'Every number is about 3 times as large as it should be.')
    """
    return _search_item_by_item(pairs, _exact_where_wrong) or _search_item_by_item(pairs, _fitted)


def _search_item_by_item(pairs: Sequence[Pair], search: Callable[[list[Pair]], Iterator[Relation]]) -> Relation | None:
    parts = _items_as_arrays(pairs)
    found = {i: next(search(part), None) for i, part in enumerate(parts) if not _is_right(part)}
    if not any(found.values()):
        return None
    if len(set(found.values())) == 1 and (len(found) > 1 or len(parts) == 1):
        return next(iter(found.values()))
    i, (name, sentence) = next((i, relation) for i, relation in found.items() if relation)
    return f"item {i}: {name}", _prefixed(f"Item {i}", sentence)


def _prefixed(prefix: str, sentence: str) -> str:
    return f"{prefix}: {lower_first(sentence)}"


def lower_first(sentence: str) -> str:
    """The sentence with a small first letter."""
    return sentence[0].lower() + sentence[1:]


def _items_as_arrays(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs as arrays: a list of pairs for each item of a tuple, or a single list with all items of a list."""
    if pairs and all(isinstance(pair.want, tuple) and isinstance(pair.got, tuple | list) for pair in pairs):
        lengths = {len(value) for pair in pairs for value in (pair.got, pair.want)}
        items = range(min(lengths)) if len(lengths) == 1 else ()
        return [_as_arrays([_item(pair, i) for pair in pairs]) for i in items]
    if pairs and all(isinstance(pair.want, list) and isinstance(pair.got, tuple | list) for pair in pairs):
        same_length = all(len(pair.got) == len(pair.want) for pair in pairs)
        return [_as_arrays([item for pair in pairs for item in _items(pair)])] if same_length else []
    return [_as_arrays(pairs)]


def _item(pair: Pair, i: int) -> Pair:
    others = {f"item {j}": value for j, value in enumerate(pair.want) if j != i}
    return pair._replace(arguments=pair.arguments | others, got=pair.got[i], want=pair.want[i])


def _items(pair: Pair) -> Iterator[Pair]:
    for i, (got, want) in enumerate(zip(pair.got, pair.want, strict=True)):
        arguments = {
            name: value[i] if isinstance(value, list | tuple) and len(value) == len(pair.want) else value
            for name, value in pair.arguments.items()
        }
        yield pair._replace(arguments=arguments, got=got, want=want)


def _as_arrays(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs as float arrays; an empty list if a value is not numeric, or is a boolean.

    Pairs of empty arrays are left out, and those in which None was returned in place of an empty array.
    """
    pairs = [pair for pair in pairs if pair.got is not None or not _is_empty(pair.want)]
    if not all(_is_numeric(pair.got) and _is_numeric(pair.want) for pair in pairs):
        return []
    if any(np.asarray(value).dtype == bool for pair in pairs for value in (pair.got, pair.want)):
        return []
    arrays = [pair._replace(got=np.asarray(pair.got, float), want=np.asarray(pair.want, float)) for pair in pairs]
    return [pair for pair in arrays if pair.got.size or pair.want.size]


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, np.ndarray) and not value.size)


def _is_numeric(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic) and np.asarray(value).dtype.kind in "fiub"


def _is_right(pairs: list[Pair]) -> bool:
    return all(
        pair.got.shape == pair.want.shape and np.allclose(pair.got, pair.want, 1e-9, pair.atol, equal_nan=True)
        for pair in pairs
    )


def _count_distinct(pairs: list[Pair]) -> int:
    """The number of different numbers in the right values. If there are few, relations hold by coincidence."""
    return len({float(number) for pair in pairs for number in pair.want.ravel()[:1000] if np.isfinite(number)})


# --- relations without a free parameter -------------------------------------------------------------------------


def _exact(pairs: list[Pair]) -> Iterator[Relation]:
    if _count_distinct(pairs) < 2 or _all_equal_to(pairs, [pair.want for pair in pairs]):
        return
    number = _only_number(pairs)
    if number == 0 and all(pair.want.ndim == 0 for pair in pairs):
        yield "always zero", "It returned 0 every time: is a factor zero, or is a variable never changed?"
    elif number == 0:
        yield "all zero", "Every number is 0: is a factor zero, is the dtype integer, or is the array never filled?"
    elif number is not None and np.isfinite(number) and len(pairs) > 2:
        yield "always the same", "It returned the same number for every input."
    if all(pair.got.shape == pair.want.shape for pair in pairs):
        yield from _same_shape(pairs)
    else:
        yield from _other_shape(pairs)
    yield from _equal_rows(pairs)


def _only_number(pairs: list[Pair]) -> float | None:
    """The number that was returned everywhere; None if there are several numbers, or none."""
    returned = [pair.got.ravel() for pair in pairs if pair.got.size]
    is_only = bool(returned) and all((numbers == returned[0][0]).all() for numbers in returned)  # never for nan
    return float(returned[0][0]) if is_only else None


def _exact_where_wrong(pairs: list[Pair]) -> Iterator[Relation]:
    wrong = [pair for pair in pairs if not _is_right([pair])]
    if _count_distinct(wrong) > 2:
        for name, sentence in _exact(wrong):
            argument = name.removesuffix(" unchanged")
            # A list may have right items, too: it is not returned unchanged.
            text = f"The wrong numbers are those of {argument}." if argument != name else ""
            yield f"where wrong: {name}", text or _prefixed("Where it is wrong", sentence)


def _same_shape(pairs: list[Pair]) -> Iterator[Relation]:
    for factor, relation in FACTORS.items():
        if _all_equal_to(pairs, [factor * pair.want for pair in pairs]):
            yield relation
    yield from _length_as_factor(pairs)
    yield from _argument_as_factor(pairs)
    if _count_distinct(pairs) < 3 and sum(pair.want.size for pair in pairs) < 8:
        return
    for name, transform, sentence in TRANSFORMS:
        with np.errstate(all="ignore"):
            expected = [transform(pair.want) for pair in pairs]
        if _all_equal_to(pairs, expected):
            yield name, sentence
    if any(pair.want.ndim == 2 for pair in pairs) and _all_equal_to(pairs, [pair.want.T for pair in pairs]):
        yield "transposed", "Rows and columns are exchanged."
    for name in _common_arguments(pairs):
        if _all_equal_to(pairs, [pair.arguments[name] for pair in pairs]):
            yield f"{name} unchanged", f"It returns {name} unchanged."
    if any(_are_rounded(pairs, digits) for digits in range(9)):
        yield "rounded", "The numbers are the right ones, rounded."
    yield from _arranged(pairs)
    if _are_magnitudes_right(pairs):
        yield "some wrong signs", "The absolute values are right, but some signs are wrong."
    if _count_distinct(pairs) > 2 and all(
        pair.want.ndim == 1 and _are_close_numbers(np.sort(pair.got), np.sort(pair.want)) for pair in pairs
    ):
        yield "wrong order", "The numbers are the right ones, in another order."


def _other_shape(pairs: list[Pair]) -> Iterator[Relation]:
    def all_are_equal(form: Callable[[np.ndarray], np.ndarray], other: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(_are_close_numbers(form(pair.got), other(pair.want)) for pair in pairs if pair.want.size)

    if any(pair.want.ndim > 1 for pair in pairs) and all_are_equal(np.transpose, np.asarray):
        yield "transposed", "Rows and columns are exchanged."
    elif all_are_equal(np.ravel, np.ravel):
        yield "wrong shape", "The numbers are right, but the shape is wrong."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_are_equal(np.mean, np.asarray):
        yield "not averaged", "It returns the single values: return their mean."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_are_equal(np.sum, np.asarray):
        yield "not added up", "It returns the single values: return their sum."
    elif all(pair.got.ndim == 0 for pair in pairs) and all_are_equal(np.asarray, np.sum):
        yield "summed", "It returns the sum of the numbers: return them one by one."
    elif all(pair.got.ndim == 0 for pair in pairs) and all_are_equal(np.asarray, np.mean):
        yield "averaged", "It returns the mean of the numbers: return them one by one."
    yield from _arranged(pairs)
    if all(pair.got.ndim == pair.want.ndim > 0 for pair in pairs):
        what = "numbers" if all(pair.want.ndim == 1 for pair in pairs) else "rows"
        lengths = [(len(pair.got), len(pair.want)) for pair in pairs]
        shared = all(_are_close_numbers(pair.got[: len(pair.want)], pair.want[: len(pair.got)]) for pair in pairs)
        if shared and any(min(both) > 1 for both in lengths):
            if all(got <= want for got, want in lengths):
                yield "the last are missing", f"The last {what} are missing; the others are right."
            if all(got >= want for got, want in lengths):
                yield "too many", f"The first {what} are right, but there are too many of them."


def _arranged(pairs: list[Pair]) -> Iterator[Relation]:
    """The right rows (or columns, or numbers), but rearranged, accumulated or repeated."""
    dimensions = min(pair.want.ndim for pair in pairs)
    exact = [pair if pair.rtol > 1e-5 else pair._replace(rtol=1e-9) for pair in pairs]  # rearranging does not round
    min_changed = 3 if _count_distinct(pairs) > 2 else 12  # zeros and ones agree by coincidence more easily
    for axis in range(min(dimensions, 2)):
        what = "numbers" if dimensions == 1 else ("rows", "columns")[axis]
        for name, arrange, sentence in ARRANGEMENTS:
            expected = [_along(arrange, pair.want, axis) for pair in pairs]
            changed = sum(_count_changed(value, pair.want) for value, pair in zip(expected, pairs, strict=True))
            single = [value.squeeze(axis) if value.shape[axis] == 1 else value for value in expected]
            if changed >= min_changed and (_all_equal_to(exact, expected) or _all_equal_to(exact, single)):
                yield f"{what}: {name}", sentence.format(what)


def _equal_rows(pairs: list[Pair]) -> Iterator[Relation]:
    several = [pair for pair in pairs if pair.want.ndim and len(pair.want) > 1 and _vary(pair.want)]
    if len(several) > 1 and all(pair.got.ndim and len(pair.got) > 1 and not _vary(pair.got) for pair in several):
        what = "numbers" if all(pair.want.ndim == 1 for pair in several) else "rows"
        yield f"equal {what}", f"In each answer all {what} are equal."


def _vary(rows: np.ndarray) -> bool:
    return not np.allclose(rows, rows[:1], 1e-9, 0)


def _along(arrange: Callable[[np.ndarray], np.ndarray], value: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(arrange(np.moveaxis(value, axis, 0)), 0, axis) if value.shape[axis] else value


def _count_changed(value: np.ndarray, want: np.ndarray) -> int:
    """The number of numbers that the arrangement changes. Only these are evidence for it."""
    return int((~np.isclose(value, want)).sum()) if value.shape == want.shape else want.size


def _are_rounded(pairs: list[Pair], digits: int) -> bool:
    """Whether the numbers are exactly the rounded ones, and rounding changes enough of them."""
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    enough = np.count_nonzero(np.abs(got - want) > 1e-14) > 2 and len(set(got.tolist())) > 2  # not only zeros and ones
    return bool(enough and np.allclose(got, np.round(want, digits), 1e-14, 0))


def _are_magnitudes_right(pairs: list[Pair]) -> bool:
    return _count_distinct(pairs) > 2 and all(_are_close_numbers(np.abs(pair.got), np.abs(pair.want)) for pair in pairs)


def _length_as_factor(pairs: list[Pair]) -> Iterator[Relation]:
    """A factor that equals the number of rows or columns of an argument in every case."""
    for name, axis in _axes(pairs):
        counts = [np.shape(pair.arguments[name])[axis] for pair in pairs]
        if len(set(counts)) < 2 or _ambiguous(pairs, name, axis):
            continue
        what = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
        for multiple, factor in ((what, 1), (f"-{what}", -1), (f"2 {what}", 2)):
            if _all_equal_to(pairs, [factor * pair.want * count for pair, count in zip(pairs, counts, strict=True)]):
                cause = "is it a sum instead of a mean, or the reverse?"
                yield f"{multiple} times too large", f"It is {multiple} times as large as it should be: {cause}"
        if _all_equal_to(pairs, [pair.want / max(count, 1) for pair, count in zip(pairs, counts, strict=True)]):
            cause = "is it divided twice, or is it a mean instead of a sum?"
            yield f"{what} times too small", f"Every number is {what} times too small: {cause}"


def _argument_as_factor(pairs: list[Pair]) -> Iterator[Relation]:
    """A factor that equals a scalar argument in every case."""
    for name in _common_arguments(pairs):
        values = [pair.arguments[name] for pair in pairs]
        if not all(_is_numeric(value) and np.ndim(value) == 0 for value in values) or len(set(map(float, values))) < 2:
            continue
        if _all_equal_to(pairs, [pair.want * value for pair, value in zip(pairs, values, strict=True)]):
            yield f"{name} times too large", f"Every number is {name} times as large as it should be."
        if all(values) and _all_equal_to(pairs, [pair.want / value for pair, value in zip(pairs, values, strict=True)]):
            yield f"divided by {name}", f"Every number is the right one, divided by {name}."


def _axes(pairs: list[Pair]) -> Iterator[tuple[str, int]]:
    """The axes that an argument has in every case. Matrices come first: len(X) reads better than len(y)."""
    dimensions = {name: min(_ndim(pair.arguments[name]) for pair in pairs) for name in _common_arguments(pairs)}
    for name in sorted(dimensions, key=lambda name: (-dimensions[name], name)):
        yield from ((name, axis) for axis in range(dimensions[name]))


def _common_arguments(pairs: list[Pair]) -> list[str]:
    """The names of the arguments that every case has."""
    return sorted(set.intersection(*(set(pair.arguments) for pair in pairs)))


def _ndim(value: Any) -> int:
    return np.ndim(value) if _is_numeric(value) else 0


def _ambiguous(pairs: list[Pair], name: str, axis: int) -> bool:
    """Whether two axes of the argument have equal length in every case."""
    shapes = [np.shape(pair.arguments[name]) for pair in pairs]
    return all(shape.count(shape[axis]) > 1 for shape in shapes)


# --- relations with a free parameter, or that hold approximately ------------------------------------------------


def _fitted(pairs: list[Pair]) -> Iterator[Relation]:
    """Search the pairs with finite values, if at least half of them are. Messages of the rules report nan and inf."""
    finite = [pair for pair in pairs if np.isfinite(pair.got).all() and np.isfinite(pair.want).all()]
    if _count_distinct(finite) < 3 or 2 * len(finite) < len(pairs) or _is_right(finite):
        return
    if len(finite) < len(pairs):
        for name, sentence in (*_exact(finite), *_approximate(finite)):
            yield name, _prefixed("Apart from nan and inf", sentence)
    else:
        yield from _approximate(finite)


def _approximate(pairs: list[Pair]) -> Iterator[Relation]:
    if all(pair.got.shape == pair.want.shape for pair in pairs):
        for search in (
            _almost,
            _scaled,
            _shifted,
            _multiple_of_an_argument,
            _added_to_an_argument,
            _clipped,
            _shifted_before_the_sigmoid,
            _clipped_large_values,
            _wrong_for_one_sign,
            _almost_in_most_cases,
        ):
            yield from search(pairs)


def _almost(pairs: list[Pair]) -> Iterator[Relation]:
    tiny = _tiny(_joined(pair.want for pair in pairs))
    if all(_is_almost_right(pair, tiny) for pair in pairs):
        yield "almost right", _sentence_about_small_errors(pairs)


def _almost_in_most_cases(pairs: list[Pair]) -> Iterator[Relation]:
    wrong = [pair for pair in pairs if not _is_right([pair])]
    tiny = _tiny(_joined(pair.want for pair in pairs))
    if 3 <= MIN_SHARE_ALMOST * len(wrong) <= sum(_is_almost_right(pair, tiny) for pair in wrong):
        sentence = _sentence_about_small_errors([pair for pair in wrong if _is_almost_right(pair, tiny)])
        yield "almost right in most cases", f"In most cases {lower_first(sentence)}"


def _sentence_about_small_errors(pairs: list[Pair]) -> str:
    """Describe small errors. An error that is small compared with other numbers may be large for a tiny number."""
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    limits = _joined(np.full(pair.want.shape, 1e-14 * np.abs(pair.want).max(initial=0.0)) for pair in pairs)
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
    return bool(np.all(np.abs(pair.got - pair.want) <= MAX_SMALL_ERROR * _scale(pair.want) + tiny))


def _tiny(want: np.ndarray) -> float:
    """An error that is negligible compared with most of the numbers."""
    return 1e-5 * float(np.median(np.abs(want))) + 1e-12


def _scale(want: np.ndarray) -> np.ndarray:
    """The absolute value of each number, but at least a tenth of the largest in the array."""
    return np.asarray(np.maximum(np.abs(want), 0.1 * np.abs(want).max(initial=0.0)))


def _scaled(pairs: list[Pair]) -> Iterator[Relation]:
    for what, groups in _groups(pairs):
        slopes = _slopes([(group.gap, group.want) for group in groups])
        factors = [1 + slope for slope in slopes]
        if np.abs(factors).max(initial=0.0) < MAX_SMALL_ERROR:
            continue  # no common factor, or all numbers are 0
        if len(groups) == 1:
            yield "a constant factor", _sentence_about_a_factor(factors[0])
        else:
            where = _where(what, all_wrong=len(slopes) == len(groups))
            sentence = f"{where} numbers are wrong by the same factor: what are they divided by?"
            yield f"a factor for each {what}", sentence


def _sentence_about_a_factor(factor: float) -> str:
    """Describe a common factor. One that is shown as 1 would say nothing."""
    if f"{factor:.3g}" == "1":
        return f"Every number is too {'large' if factor > 1 else 'small'} by the same small factor."
    return f"Every number is about {factor:.3g} times as large as it should be."


def _where(what: str, all_wrong: bool) -> str:
    return f"In each {what} all" if all_wrong else f"Where a {what} is wrong, all its"


def _shifted(pairs: list[Pair]) -> Iterator[Relation]:
    for what, groups in _groups(pairs):
        if slopes := _slopes([(group.gap, np.ones_like(group.want)) for group in groups]):
            where = _where(what, all_wrong=len(slopes) == len(groups))
            sentence = f"{where} numbers are off by the same amount: what is added or subtracted?"
            yield f"a constant added in each {what}", sentence


def _multiple_of_an_argument(pairs: list[Pair]) -> Iterator[Relation]:
    gaps = [(pair.got - pair.want).ravel() for pair in pairs]
    for name, values in _arguments_of_equal_shape(pairs):
        if _slopes(list(zip(gaps, values, strict=True))):
            sentence = f"It is off by a multiple of {name}: is the coefficient of {name} right?"
            yield f"off by a multiple of {name}", sentence


def _added_to_an_argument(pairs: list[Pair]) -> Iterator[Relation]:
    """An argument plus a multiple of the right values, such as the weights after a step in place of the gradient."""
    wants = [pair.want.ravel() for pair in pairs]
    for name, values in _arguments_of_equal_shape(pairs):
        differences = [pair.got.ravel() - value for pair, value in zip(pairs, values, strict=True)]
        slopes = _slopes(list(zip(differences, wants, strict=True)))
        if slopes and np.allclose(slopes, slopes[0], 1e-4):
            sentence = f"It returns {name} {_plus_multiple(slopes[0])} the right values: does it take a step?"
            yield f"{name} after a step", sentence


def _plus_multiple(factor: float) -> str:
    """The words before what is added: "plus 0.5 times", or "minus" alone for the factor -1."""
    shown = f"{abs(factor):.3g}"
    return ("plus" if factor > 0 else "minus") + ("" if shown == "1" else f" {shown} times")


def _clipped(pairs: list[Pair]) -> Iterator[Relation]:
    """Numbers of both signs that are cut off at the same absolute value."""
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    limit = np.abs(got).max()
    if min((want > limit).sum(), (want < -limit).sum()) > 0 and np.allclose(got, np.clip(want, -limit, limit), 1e-6):
        yield "clipped", f"No number is above {limit:.3g} or below {-limit:.3g}: are they clipped?"


def _shifted_before_the_sigmoid(pairs: list[Pair]) -> Iterator[Relation]:
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    inside = (np.minimum(got, want) > 1e-9) & (np.maximum(got, want) < 1 - 1e-9)
    shifts = [(_logit(got[inside]) - _logit(want[inside]), np.ones(inside.sum()))]
    if np.allclose(got[~inside], want[~inside]) and _slopes(shifts):
        cause = "is a constant added before the sigmoid?"
        yield "a constant added to the logits", f"All logits are off by the same amount: {cause}"


def _logit(p: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(p / (1 - p)))


def _arguments_of_equal_shape(pairs: list[Pair]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """The arguments that have the shape of the result in every case, flattened."""
    for name in _common_arguments(pairs):
        values = [pair.arguments[name] for pair in pairs]
        if [np.shape(value) if _is_numeric(value) else None for value in values] == [pair.want.shape for pair in pairs]:
            yield name, [np.ravel(value).astype(float) for value in values]


class Group(NamedTuple):
    """Numbers that may share a factor or an offset, with their errors."""

    gap: np.ndarray
    want: np.ndarray


def _groups(pairs: list[Pair]) -> Iterator[tuple[str, list[Group]]]:
    """Groups of numbers: all together, then by case, by row, by column."""
    each = [Group(pair.got - pair.want, pair.want) for pair in pairs]
    yield "case", [Group(_joined(group.gap for group in each), _joined(group.want for group in each))]
    yield "case", [Group(group.gap.ravel(), group.want.ravel()) for group in each]
    if all(pair.want.ndim == 2 for pair in pairs):
        yield "row", [Group(*rows) for group in each for rows in zip(*group, strict=True)]
        yield "column", [Group(*columns) for group in each for columns in zip(group.gap.T, group.want.T, strict=True)]


def _joined(values: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate([value.ravel() for value in values])


def _slopes(groups: list[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """For each group the slope of ``gap = slope * other``; empty if it does not fit, or for too few numbers."""
    slopes: list[float] = []
    degrees_of_freedom = 0
    for gap, other in groups:
        size, square = np.abs(gap).max(initial=0.0), float(other @ other)
        slope = float(gap @ other) / square if square else 0.0
        if not np.allclose(gap, slope * other, 1e-4, 1e-9 * size + 1e-12):
            return []
        if size > 1e-9:
            slopes.append(slope)
            degrees_of_freedom += max(int(np.count_nonzero(other)) - 1, 0)
    return slopes if degrees_of_freedom >= 3 else []


def _clipped_large_values(pairs: list[Pair]) -> Iterator[Relation]:
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    wrong = np.abs(got - want) > MAX_SMALL_ERROR * np.abs(want) + _tiny(want)
    right = want[~wrong]
    are_too_small = bool(0 < wrong.mean() < 0.5 and (got < want)[wrong].all())
    if not are_too_small or len(set(right.tolist())) <= 2:
        return
    are_largest = want[wrong].min() > right.max()
    are_far_larger = want.max() > 3 * right.max()
    if are_largest and are_far_larger:
        yield (
            "the largest are too small",
            "Only the largest numbers are too small: is something clipped, or a constant added inside a log?",
        )


def _wrong_for_one_sign(pairs: list[Pair]) -> Iterator[Relation]:
    """The values are wrong only where an argument is positive, or only where it is negative."""
    wrong = ~_joined(np.isclose(pair.got, pair.want, 1e-6, pair.atol, equal_nan=True) for pair in pairs)
    for name, values in _arguments_of_equal_shape(pairs):
        value = _joined(iter(values))
        for side, where in ((value > 0, "positive"), (value < 0, "negative")):
            other = ~side & (value != 0)
            if min(wrong[side].sum(), other.sum()) > 2 and wrong[side].mean() > 0.5 and not wrong[~side].any():
                sentence = f"It is wrong only where {name} is {where}."
                yield f"wrong where {name} is {where}", sentence


# --- equal numbers ----------------------------------------------------------------------------------------------


def _all_equal_to(pairs: list[Pair], expected: list[np.ndarray]) -> bool:
    return all(
        _are_close_numbers(pair.got, value, pair.rtol, pair.atol) for pair, value in zip(pairs, expected, strict=True)
    )


def _are_close_numbers(got: Any, expected: Any, rtol: float = 1e-5, atol: float = 1e-12) -> bool:
    if not (_is_numeric(got) and _is_numeric(expected)):
        return False
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return got.shape == expected.shape and np.allclose(got, expected, rtol, atol)
