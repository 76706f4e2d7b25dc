"""How wrong numbers are related to the right ones: twice as large, transposed, not averaged.

No catalogue of mistakes is complete. Where none of the known ones behaves like an answer, a plain relation that holds
on all inputs still says what to look for. Each is a fact about the numbers; what may have caused it is asked, not said.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

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
    ("upside down", np.reciprocal, "Every number is upside down: 1 over what is asked for."),
)
CLOSE = 1e-3  # relative; nearer than that is called almost right


class Pair(NamedTuple):
    """One case: the arguments by name, what came back, and what the reference returns."""

    arguments: dict[str, Any]
    got: Any
    want: Any


def relate(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    """Name the first relation that holds on every pair, and say it in a sentence; None if there is none.

    >>> relate([Pair({}, np.array([2.0, 4.0]), np.array([1.0, 2.0]))])
    ('twice as large', 'Every number is exactly twice as large as it should be.')
    """
    if not pairs:
        return None
    if all(isinstance(pair.got, tuple) and isinstance(pair.want, tuple) for pair in pairs):
        return _of_tuples(pairs)
    if not all(_is_number(pair.got) and _is_number(pair.want) for pair in pairs):
        return None
    numbers = [Pair(pair.arguments, np.asarray(pair.got, float), np.asarray(pair.want, float)) for pair in pairs]
    if _distinct(numbers) < 2 or all(np.array_equal(pair.got, pair.want) for pair in numbers):
        return None
    same_shape = all(pair.got.shape == pair.want.shape for pair in numbers)
    return next(_same_shape(numbers) if same_shape else _other_shape(numbers), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic) and np.asarray(value).dtype.kind in "fiub"


def _distinct(pairs: list[Pair]) -> int:
    """How many different numbers are asked for: with one alone, or zeros and ones, much agrees by chance."""
    return len({float(number) for pair in pairs for number in pair.want.ravel()[:1000] if np.isfinite(number)})


def _same_shape(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    for factor, words in FACTORS.items():
        if _are(pairs, [factor * pair.want for pair in pairs]):
            yield words
    yield from _counted_factor(pairs)
    if _distinct(pairs) < 3:
        return
    for name, transform, sentence in TRANSFORMS:
        with np.errstate(all="ignore"):
            expected = [transform(pair.want) for pair in pairs]
        if _are(pairs, expected):
            yield name, sentence
    if any(pair.want.ndim == 2 for pair in pairs) and _are(pairs, [pair.want.T for pair in pairs]):
        yield "transposed", "Rows and columns have changed places."
    yield from _almost(pairs)
    if all(pair.want.ndim == 1 and _agree(np.sort(pair.got), np.sort(pair.want)) for pair in pairs):
        yield "another order", "The numbers are the right ones, in another order."


def _other_shape(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    def all_agree(form: Callable[[np.ndarray], np.ndarray], other: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(_agree(form(pair.got), other(pair.want)) for pair in pairs if pair.want.size)

    if all_agree(np.transpose, np.asarray):
        yield "transposed", "Rows and columns have changed places."
    elif all_agree(np.ravel, np.ravel):
        yield "another shape", "The numbers are right, in another shape."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_agree(np.mean, np.asarray):
        yield "not averaged", "These are the parts, one by one: their mean is asked for."
    elif all(pair.want.ndim == 0 for pair in pairs) and all_agree(np.sum, np.asarray):
        yield "not added up", "These are the parts, one by one: their sum is asked for."
    elif all(pair.got.ndim == 0 for pair in pairs) and all_agree(np.asarray, np.sum):
        yield "added up", "The numbers are right but added up: they are asked for one by one."


def _of_tuples(pairs: Sequence[Pair]) -> tuple[str, str] | None:
    if all(len(pair.got) == len(pair.want) == 2 and _agree(pair.got[0], pair.want[1]) for pair in pairs) and all(
        _agree(pair.got[1], pair.want[0]) for pair in pairs
    ):
        return "results swapped", "The two results are right and have changed places."
    return None


def _counted_factor(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
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
    common = set.intersection(*(set(pair.arguments) for pair in pairs))
    dimensions = {name: min(_ndim(pair.arguments[name]) for pair in pairs) for name in common}
    for name in sorted(common, key=lambda name: (-dimensions[name], name)):
        yield from ((name, axis) for axis in range(dimensions[name]))


def _ndim(value: Any) -> int:
    return np.ndim(value) if _is_number(value) else 0


def _ambiguous(pairs: list[Pair], name: str, axis: int) -> bool:
    """Whether rows and columns of the argument have the same number everywhere."""
    shapes = [np.shape(pair.arguments[name]) for pair in pairs]
    return all(shape.count(shape[axis]) > 1 for shape in shapes)


def _almost(pairs: list[Pair]) -> Iterator[tuple[str, str]]:
    gaps = [np.abs(pair.got - pair.want) for pair in pairs]
    if all(np.all(gap <= CLOSE * _scale(pair.want) + 1e-12) for gap, pair in zip(gaps, pairs, strict=True)):
        said = (
            "It is almost right: is something rounded, estimated, cut off or held in float32, or a small number added?"
        )
        yield "almost right", said


def _scale(want: np.ndarray) -> np.ndarray:
    """The size of each number, but not much less than that of the largest beside it."""
    return np.maximum(np.abs(want), 0.1 * np.abs(want).max(initial=0.0))


def _are(pairs: list[Pair], expected: list[np.ndarray]) -> bool:
    return all(_agree(pair.got, value) for pair, value in zip(pairs, expected, strict=True))


def _agree(got: Any, expected: Any) -> bool:
    if not (_is_number(got) and _is_number(expected)):
        return False
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return got.shape == expected.shape and np.allclose(got, expected, rtol=1e-5, atol=1e-12)
