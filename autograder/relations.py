"""How wrong answers are related to the right ones: twice as large, transposed, right for another learning rate.

No catalogue of mistakes is complete. Where none of the known ones behaves like an answer, a plain relation that holds
on all inputs still says what to look for. Each is a fact about the numbers; what may have caused it is asked, not said.

`relate` looks for relations without a free number, `fit` for those with one (an unknown factor) or with some room.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

Relation = tuple[str, str]
"""A name, and a sentence for the student."""

FACTORS = {
    -1.0: ("opposite sign", "Every number has the opposite sign."),
    2.0: ("twice as large", "Every number is exactly twice as large as it should be."),
    0.5: ("half as large", "Every number is exactly half as large as it should be."),
    -2.0: ("twice as large, opposite sign", "Every number is twice as large as it should be, with the opposite sign."),
    100.0: ("in percent", "Every number is 100 times as large as it should be: is it in percent?"),
    1 / np.log(2): ("logarithm to base 2", "The numbers are as if the logarithm was taken to base 2."),
    1 / np.log(10): ("logarithm to base 10", "The numbers are as if the logarithm was taken to base 10."),
}
TRANSFORMS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("one minus it", lambda want: 1 - want, "Every number is 1 minus what it should be."),
    ("one too large", lambda want: want + 1, "Every number is 1 too large."),
    ("one too small", lambda want: want - 1, "Every number is 1 too small."),
    ("its logarithm", np.log, "The numbers are the logarithms of what is asked for."),
    ("its exponential", np.exp, "The numbers are the exponentials of what is asked for."),
    ("its square", np.square, "The numbers are the squares of what is asked for."),
    ("its root", np.sqrt, "The numbers are the square roots of what is asked for."),
    ("upside down", np.reciprocal, "Every number is upside down: 1 over what is asked for."),
    ("its odds", lambda want: want / (1 - want), "The numbers are p / (1 - p), where p is what is asked for."),
    ("its slope", lambda want: want * (1 - want), "The numbers are p (1 - p), where p is what is asked for."),
    ("without signs", np.abs, "The numbers have lost their signs: negative ones come out positive."),
    ("no negative ones", lambda want: np.maximum(want, 0), "Where a negative number is asked for, it is 0."),
    ("no positive ones", lambda want: np.minimum(want, 0), "Where a positive number is asked for, it is 0."),
    ("cut off", np.trunc, "The numbers are whole: what comes after the decimal point is cut off."),
    *(
        ("rounded", lambda want, digits=digits: np.round(want, digits), "The numbers are the right ones, rounded.")
        for digits in range(7)
    ),
)
ARRANGEMENTS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray], str], ...] = (
    ("reversed", lambda rows: rows[::-1], "The {} are the right ones in reverse order."),
    ("moved on", lambda rows: np.roll(rows, 1, axis=0), "The {} are the right ones, moved by one place."),
    ("moved back", lambda rows: np.roll(rows, -1, axis=0), "The {} are the right ones, moved by one place."),
    ("added up as they come", lambda rows: rows.cumsum(axis=0), "The {} are added up, one after the other."),
    ("differences", lambda rows: _differences(rows), "The {} hold the differences of what is asked for."),
    ("the lowest so far", np.minimum.accumulate, "The {} hold the lowest number so far."),
    ("the highest so far", np.maximum.accumulate, "The {} hold the highest number so far."),
    ("all the first", lambda rows: rows[:1] + 0 * rows, "All {} are equal to the first one."),
    ("all the last", lambda rows: rows[-1:] + 0 * rows, "All {} are equal to the last one."),
    ("all the mean", lambda rows: rows.mean(axis=0) + 0 * rows, "All {} are equal: the mean of what is asked for."),
    ("all the sum", lambda rows: rows.sum(axis=0) + 0 * rows, "All {} are equal: the sum of what is asked for."),
    ("the first is missing", lambda rows: rows[1:], "The first of the {} is missing; the others are right."),
    ("the last is missing", lambda rows: rows[:-1], "The last of the {} is missing; the others are right."),
    ("the first alone", lambda rows: rows[:1], "It returns the first of the {} alone."),
    ("the last alone", lambda rows: rows[-1:], "It returns the last of the {} alone."),
)
CLOSE = 1e-3  # relative; nearer than that is called almost right


class Pair(NamedTuple):
    """One case: the arguments by name, what came back, what the reference returns, and how far numbers may be apart."""

    arguments: dict[str, Any]
    got: Any
    want: Any
    rtol: float = 1e-5
    atol: float = 1e-12


def relate(pairs: Sequence[Pair]) -> Relation | None:
    """Name the first relation that holds on every pair, and say it in a sentence; None if there is none.

    >>> relate([Pair({}, np.array([2.0, 4.0]), np.array([1.0, 2.0]))])
    ('twice as large', 'Every number is exactly twice as large as it should be.')
    """
    if pairs and all(_are_swapped(pair.got, pair.want) for pair in pairs):
        return "results swapped", "The two results are right and have changed places."
    return _part_by_part(pairs, _exact)


def fit(pairs: Sequence[Pair]) -> Relation | None:
    """Name a relation that has a free number or leaves room, such as an unknown factor, or being almost right.

    >>> fit([Pair({}, np.array([3.0, 6.0, 9.0]), np.array([1.0, 2.0, 3.0]))])
    ('a constant factor', 'Every number is about 3 times as large as it should be.')
    """
    return _part_by_part(pairs, _fitted)


def _part_by_part(pairs: Sequence[Pair], search: Callable[[list[Pair]], Iterator[Relation]]) -> Relation | None:
    parts = _parts(pairs)
    found = {i: next(search(part), None) for i, part in enumerate(parts) if not _is_right(part)}
    if not any(found.values()):
        return None
    if len(set(found.values())) == 1 and (len(found) > 1 or len(parts) == 1):
        return next(iter(found.values()))
    i, (name, sentence) = next((i, relation) for i, relation in found.items() if relation)
    return f"item {i}: {name}", f"Item {i}: {sentence[0].lower()}{sentence[1:]}"


def _parts(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs with numbers as arrays: one list for each item of a tuple, one for all items of a list together."""
    if pairs and all(isinstance(pair.want, tuple) and isinstance(pair.got, tuple | list) for pair in pairs):
        lengths = {len(value) for pair in pairs for value in (pair.got, pair.want)}
        items = range(min(lengths)) if len(lengths) == 1 else ()
        return [_as_arrays([pair._replace(got=pair.got[i], want=pair.want[i]) for pair in pairs]) for i in items]
    if pairs and all(isinstance(pair.want, list) and isinstance(pair.got, tuple | list) for pair in pairs):
        same_length = all(len(pair.got) == len(pair.want) for pair in pairs)
        return [_as_arrays([item for pair in pairs for item in _items(pair)])] if same_length else []
    return [_as_arrays(pairs)]


def _items(pair: Pair) -> Iterator[Pair]:
    for i, (got, want) in enumerate(zip(pair.got, pair.want, strict=True)):
        own = {
            name: value[i] if isinstance(value, list | tuple) and len(value) == len(pair.want) else value
            for name, value in pair.arguments.items()
        }
        yield pair._replace(arguments=own, got=got, want=want)


def _as_arrays(pairs: Sequence[Pair]) -> list[Pair]:
    """Empty, if something is no number."""
    if not all(_is_number(pair.got) and _is_number(pair.want) for pair in pairs):
        return []
    return [pair._replace(got=np.asarray(pair.got, float), want=np.asarray(pair.want, float)) for pair in pairs]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic) and np.asarray(value).dtype.kind in "fiub"


def _is_right(pairs: list[Pair]) -> bool:
    return all(
        pair.got.shape == pair.want.shape and np.allclose(pair.got, pair.want, 1e-9, pair.atol, equal_nan=True)
        for pair in pairs
    )


def _are_swapped(got: Any, want: Any) -> bool:
    if not (isinstance(got, tuple) and isinstance(want, tuple) and len(got) == len(want) == 2):
        return False
    return _agree(got[0], want[1]) and _agree(got[1], want[0])


def _distinct(pairs: list[Pair]) -> int:
    """How many different numbers are asked for: with one alone, or zeros and ones, much agrees by chance."""
    return len({float(number) for pair in pairs for number in pair.want.ravel()[:1000] if np.isfinite(number)})


# --- relations without a free number ----------------------------------------------------------------------------


def _exact(pairs: list[Pair]) -> Iterator[Relation]:
    if _distinct(pairs) < 2:
        return
    if all(pair.got.shape == pair.want.shape for pair in pairs):
        yield from _same_shape(pairs)
    else:
        yield from _other_shape(pairs)


def _same_shape(pairs: list[Pair]) -> Iterator[Relation]:
    for factor, words in FACTORS.items():
        if _are(pairs, [factor * pair.want for pair in pairs]):
            yield words
    yield from _counted_factor(pairs)
    if _distinct(pairs) < 3 and sum(pair.want.size for pair in pairs) < 8:
        return
    for name, transform, sentence in TRANSFORMS:
        with np.errstate(all="ignore"):
            expected = [transform(pair.want) for pair in pairs]
        if _are(pairs, expected):
            yield name, sentence
    if any(pair.want.ndim == 2 for pair in pairs) and _are(pairs, [pair.want.T for pair in pairs]):
        yield "transposed", "Rows and columns have changed places."
    for name in _common(pairs):
        if _are(pairs, [pair.arguments[name] for pair in pairs]):
            yield f"{name} itself", f"It returns {name} as it was given."
    yield from _arranged(pairs)
    if _are_sizes_right(pairs):
        yield "some signs", "The sizes of the numbers are right, but not all of their signs."
    if _distinct(pairs) > 2 and all(
        pair.want.ndim == 1 and _agree(np.sort(pair.got), np.sort(pair.want)) for pair in pairs
    ):
        yield "another order", "The numbers are the right ones, in another order."


def _other_shape(pairs: list[Pair]) -> Iterator[Relation]:
    def all_agree(form: Callable[[np.ndarray], np.ndarray], other: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(_agree(form(pair.got), other(pair.want)) for pair in pairs if pair.want.size)

    if any(pair.want.ndim > 1 for pair in pairs) and all_agree(np.transpose, np.asarray):
        yield "transposed", "Rows and columns have changed places."
    elif all_agree(np.ravel, np.ravel):
        yield "another shape", "The numbers are right, in another shape."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_agree(np.mean, np.asarray):
        yield "not averaged", "These are the parts, one by one: their mean is asked for."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_agree(np.sum, np.asarray):
        yield "not added up", "These are the parts, one by one: their sum is asked for."
    elif all(pair.got.ndim == 0 for pair in pairs) and all_agree(np.asarray, np.sum):
        yield "added up", "The numbers are right but added up: they are asked for one by one."
    elif all(pair.got.ndim == 0 for pair in pairs) and all_agree(np.asarray, np.mean):
        yield "averaged", "It returns the mean of the numbers: they are asked for one by one."
    yield from _arranged(pairs)


def _arranged(pairs: list[Pair]) -> Iterator[Relation]:
    """The right rows (or columns, or numbers) at other places, or as something that goes along them."""
    dimensions = min(pair.want.ndim for pair in pairs)
    few = 3 if _distinct(pairs) > 2 else 12  # zeros and ones are soon at the right places by chance
    for axis in range(min(dimensions, 2)):
        what = "numbers" if dimensions == 1 else ("rows", "columns")[axis]
        for name, arrange, sentence in ARRANGEMENTS:
            expected = [_along(arrange, pair.want, axis) for pair in pairs]
            if sum(_changed(value, pair.want) for value, pair in zip(expected, pairs, strict=True)) >= few and (
                _are(pairs, expected) or _are(pairs, [np.squeeze(value, axis) if value.shape[axis] == 1 else value for value in expected])
            ):
                yield f"{what}: {name}", sentence.format(what)


def _along(arrange: Callable[[np.ndarray], np.ndarray], value: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(arrange(np.moveaxis(value, axis, 0)), 0, axis) if value.shape[axis] else value


def _changed(value: np.ndarray, want: np.ndarray) -> int:
    """How many numbers are at stake."""
    return int((~np.isclose(value, want)).sum()) if value.shape == want.shape else want.size


def _differences(rows: np.ndarray) -> np.ndarray:
    return np.diff(rows, axis=0, prepend=0 * rows[:1])


def _are_sizes_right(pairs: list[Pair]) -> bool:
    return _distinct(pairs) > 2 and all(_agree(np.abs(pair.got), np.abs(pair.want)) for pair in pairs)


def _counted_factor(pairs: list[Pair]) -> Iterator[Relation]:
    """A factor that counts the rows or the columns of an argument, and changes with them."""
    for name, axis in _axes(pairs):
        counts = [np.shape(pair.arguments[name])[axis] for pair in pairs]
        if len(set(counts)) < 2 or _ambiguous(pairs, name, axis):
            continue
        what = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
        if _are(pairs, [pair.want * count for pair, count in zip(pairs, counts, strict=True)]):
            yield (
                f"{what} times too large",
                f"Every number is {what} times as large as it should be: is a mean missing?",
            )
        if _are(pairs, [pair.want / max(count, 1) for pair, count in zip(pairs, counts, strict=True)]):
            yield f"{what} times too small", f"Every number is {what} times too small: is it divided once too often?"


def _axes(pairs: list[Pair]) -> Iterator[tuple[str, int]]:
    """Axes that an argument has in every case. Those of matrices first: X says more than y."""
    dimensions = {name: min(_ndim(pair.arguments[name]) for pair in pairs) for name in _common(pairs)}
    for name in sorted(dimensions, key=lambda name: (-dimensions[name], name)):
        yield from ((name, axis) for axis in range(dimensions[name]))


def _common(pairs: list[Pair]) -> list[str]:
    """The arguments that every case has."""
    return sorted(set.intersection(*(set(pair.arguments) for pair in pairs)))


def _ndim(value: Any) -> int:
    return np.ndim(value) if _is_number(value) else 0


def _ambiguous(pairs: list[Pair], name: str, axis: int) -> bool:
    """Whether rows and columns of the argument have the same number everywhere."""
    shapes = [np.shape(pair.arguments[name]) for pair in pairs]
    return all(shape.count(shape[axis]) > 1 for shape in shapes)


# --- relations with a free number, or with some room ------------------------------------------------------------


def _fitted(pairs: list[Pair]) -> Iterator[Relation]:
    if _distinct(pairs) < 3 or any(pair.got.shape != pair.want.shape for pair in pairs):
        return
    if all(np.isfinite(pair.got).all() and np.isfinite(pair.want).all() for pair in pairs):
        yield from _almost(pairs)
        yield from _scaled(pairs)
        yield from _shifted(pairs)
        yield from _multiple_of_an_argument(pairs)
        yield from _largest_too_small(pairs)
    yield from _right_on_one_side(pairs)


def _almost(pairs: list[Pair]) -> Iterator[Relation]:
    room = 1e-5 * np.median(np.abs(np.concatenate([pair.want.ravel() for pair in pairs])))
    if all(np.all(np.abs(pair.got - pair.want) <= CLOSE * _scale(pair.want) + room + 1e-12) for pair in pairs):
        said = (
            "It is almost right: is something rounded, estimated, cut off or held in float32, or a small number added?"
        )
        yield "almost right", said


def _scale(want: np.ndarray) -> np.ndarray:
    """The size of each number, but not much less than that of the largest beside it."""
    return np.maximum(np.abs(want), 0.1 * np.abs(want).max(initial=0.0))


def _scaled(pairs: list[Pair]) -> Iterator[Relation]:
    whole = [(_joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs))]
    if _follow(whole, lambda want: want) and (factor := _slope(*whole[0])):
        yield "a constant factor", f"Every number is about {factor:.3g} times as large as it should be."
    for what, groups in _groups(pairs):
        if _follow(groups, lambda want: want) and any(_slope(*group) for group in groups):
            yield f"a factor for each {what}", f"Each {what} is right but for a factor of its own: by what is it divided?"


def _shifted(pairs: list[Pair]) -> Iterator[Relation]:
    whole = [(_joined(pair.got - pair.want for pair in pairs), _joined(pair.want for pair in pairs))]
    if _follow(whole, np.ones_like):
        yield "a constant added", "Every number is too large, or too small, by the same amount."
    for what, groups in _groups([pair._replace(got=pair.got - pair.want) for pair in pairs]):
        if _follow(groups, np.ones_like):
            yield f"a constant added to each {what}", f"All numbers of a {what} are off by the same amount."


def _multiple_of_an_argument(pairs: list[Pair]) -> Iterator[Relation]:
    for name in _common(pairs):
        given = [pair.arguments[name] for pair in pairs]
        if all(_is_number(value) and np.shape(value) == pair.want.shape for value, pair in zip(given, pairs, strict=True)):
            gaps = [((pair.got - pair.want).ravel(), np.ravel(value)) for value, pair in zip(given, pairs, strict=True)]
            if _follow(gaps, lambda value: value):
                yield f"off by a multiple of {name}", f"It is off by a multiple of {name}: does {name} count too much, too little or not at all?"


def _joined(values: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate([value.ravel() for value in values])


def _groups(pairs: list[Pair]) -> Iterator[tuple[str, list[tuple[np.ndarray, np.ndarray]]]]:
    """The numbers of each answer together, those of each row, those of each column."""
    yield "answer", [(pair.got.ravel(), pair.want.ravel()) for pair in pairs]
    if all(pair.want.ndim == 2 for pair in pairs):
        yield "row", [group for pair in pairs for group in zip(pair.got, pair.want, strict=True)]
        yield "column", [group for pair in pairs for group in zip(pair.got.T, pair.want.T, strict=True)]


def _follow(groups: list[tuple[np.ndarray, np.ndarray]], form: Callable[[np.ndarray], np.ndarray]) -> bool:
    """Whether in each group the numbers are a multiple of others, with numbers to spare that prove it."""
    spare = 0
    for got, other in groups:
        other = form(other).astype(float)
        factor = _slope(got, other)
        size = np.abs(got).max(initial=0.0)
        if np.abs(got - factor * other).max(initial=0.0) > 1e-5 * size + 1e-12:
            return False
        spare += max(np.count_nonzero(other) - 1, 0) if size > 1e-9 else 0
    return spare >= 3


def _slope(got: np.ndarray, other: np.ndarray) -> float:
    square = float(other @ other)
    return float(got @ other) / square if square else 0.0


def _largest_too_small(pairs: list[Pair]) -> Iterator[Relation]:
    got, want = _joined(pair.got for pair in pairs), _joined(pair.want for pair in pairs)
    wrong = np.abs(got - want) > CLOSE * np.abs(want)
    right = want[~wrong]
    if wrong.any() and len(set(right.tolist())) > 2 and (got < want)[wrong].all() and want[wrong].min() > 3 * right.max():
        yield (
            "the largest are too small",
            "Only the largest numbers are wrong, too small: is something cut off, or a constant added inside a log?",
        )


def _right_on_one_side(pairs: list[Pair]) -> Iterator[Relation]:
    """Right where an argument is positive, wrong where it is negative, number by number; or the other way round."""
    for name in _common(pairs):
        given = [pair.arguments[name] for pair in pairs]
        if not all(_is_number(value) and np.shape(value) == pair.want.shape for value, pair in zip(given, pairs, strict=True)):
            continue
        value = _joined(np.asarray(v, float) for v in given)
        wrong = ~_joined(np.isclose(pair.got, pair.want, 1e-6, pair.atol, equal_nan=True) for pair in pairs)
        for side, other, where, elsewhere in ((value > 0, value <= 0, "positive", "negative"), (value < 0, value >= 0, "negative", "positive")):
            if side.sum() > 2 and other.sum() > 2 and wrong[side].all() and not wrong[other].any():
                yield f"wrong where {name} is {where}", f"It is right where {name} is {elsewhere}, and wrong where it is {where}."
