"""Make questions from the answers of the sandbox. Each kind keeps only those whose key is beyond doubt."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np

from ..judging.cases import Case
from .change_effects import Effect, find_effect, is_plain
from .instrument import WatchKind
from .observe import Observations, Recorded
from .shown_values import DIGITS, is_easy, leaves_of, numbers_in, write_rounded

INPUT_NAMES = ascii_uppercase
OPTION_LETTERS = "abcd"
NUM_WRONG_OPTIONS = len(OPTION_LETTERS) - 1
MAX_OPTION_CHARACTERS = 70
MAX_EXPRESSION_CHARACTERS = 50
MAX_ASKED_NUMBERS = 8  # in the value of an expression
MIN_COUNT, MAX_COUNT = 2, 12  # of passes that a student can be expected to count
APART_BY_HAND = 0.05  # how far offered outputs must be apart that can be computed by hand, relative to the larger one
APART_BY_SIZE, APART_NEAR_ZERO = 2, 0.1  # how far all others: so many times as large, and a little more near zero


class Kind(StrEnum):
    """The kinds of questions."""

    CHANGE = "change"  # what happens if a line is changed
    OUTPUT = "output"  # what the function returns
    VALUE = "value"  # the value of an expression
    SHAPE = "shape"  # its shape
    COUNT = "count"  # how often a line is executed
    LOOP = "loop"  # the values of the variable of a loop


@dataclass(frozen=True)
class Question:
    """A question and its key."""

    kind: Kind
    text: str  # code is in backticks
    key: tuple[str, ...]  # of a change, a letter for each input
    inputs: tuple[int, ...]  # the numbers of the inputs that it is about
    before: str = ""  # the changed line
    after: str = ""
    options: tuple[str, ...] = ()  # the outputs to choose from
    # The expression, the variable, or the kind of the change. Two questions of a sheet have different subjects.
    subject: str = ""


def make_all(seen: Observations, rng: np.random.Generator) -> list[Question]:
    """Make every question about a function that has one certain answer.

    The generator decides which wrong outputs are offered, and in which order.
    """
    return [*_changes(seen), *_outputs(seen, rng), *_values(seen), *_shapes(seen), *_counts(seen), *_loops(seen)]


def _changes(seen: Observations) -> Iterator[Question]:
    if not all(map(is_plain, seen.original)):
        return
    for change, answers in seen.changed.items():
        effects = [find_effect(a, b) for a, b in zip(seen.original, answers, strict=True)]
        key = tuple(effect.value for effect in effects if effect)
        if len(key) < len(effects):
            continue
        verb = "is replaced by `pass`" if change.after.strip() == "pass" else "is changed"
        text = f"Line {change.line} {verb}. What happens? Write a letter for each input."
        inputs = tuple(range(len(key)))
        yield Question(Kind.CHANGE, text, key, inputs, change.before, change.after, subject=change.kind)


def _outputs(seen: Observations, rng: np.random.Generator) -> Iterator[Question]:
    for i, original in enumerate(seen.original):
        if not is_plain(original):
            continue
        right, wrong = write_rounded(original.value), _wrong_outputs(seen, i)
        if len(wrong) < NUM_WRONG_OPTIONS or len(right) > MAX_OPTION_CHARACTERS:
            continue
        chosen = [right, *rng.permutation(wrong)[:NUM_WRONG_OPTIONS].tolist()]
        options = tuple(rng.permutation(chosen).tolist())
        key = OPTION_LETTERS[options.index(right)]
        text = f"Which of these does the unchanged function return for input {INPUT_NAMES[i]} (rounded)?"
        yield Question(Kind.OUTPUT, text, (key,), (i,), options=options, subject="the output")


def _wrong_outputs(seen: Observations, i: int) -> list[str]:
    """The short outputs of changed versions for an input that a person can tell from the right one."""
    original = seen.original[i]
    wrong: dict[str, object] = {}
    for answers in seen.changed.values():
        if find_effect(original, answers[i]) in (Effect.VALUES, Effect.SHAPE, Effect.NOT_FINITE):
            wrong.setdefault(write_rounded(answers[i].value), answers[i].value)
    wrong.pop(write_rounded(original.value), None)
    fair = [text for text, value in wrong.items() if _is_fair(original.value, value)]
    return sorted(text for text in fair if len(text) <= MAX_OPTION_CHARACTERS)


def _is_fair(right: object, wrong: object) -> bool:
    """Whether a person can tell the two apart: exact numbers by computing, others by their size or shown sign.

    Only numbers are compared: a wrong output that has another shape or other texts, but the same numbers, is not fair.
    """
    a, b = list(numbers_in(right)), list(numbers_in(wrong))
    if len(a) != len(b) or not all(map(math.isfinite, b)):
        return True
    if is_easy(right):
        return any(abs(x - y) > APART_BY_HAND * max(1, abs(x), abs(y)) for x, y in zip(a, b, strict=True))
    return any(
        round(x, DIGITS) * round(y, DIGITS) < 0
        or max(abs(x), abs(y)) > APART_BY_SIZE * min(abs(x), abs(y)) + APART_NEAR_ZERO
        for x, y in zip(a, b, strict=True)
    )


class _Expression(NamedTuple):
    """An expression that a function computes."""

    input: int  # the place of the input among those of the sheet, from 0
    recorded: Recorded
    parts: list[object]  # the values of the expressions within it

    def ask(self, kind: Kind, key: str) -> Question:
        """Ask for its value or its shape."""
        place = self.recorded.place
        first = ", the first time it is computed" if self.recorded.times > 1 else ""
        text = f"Input {INPUT_NAMES[self.input]}, line {place.line}: what is the {kind} of `{place.text}`{first}?"
        return Question(kind, text, (key,), (self.input,), subject=place.text)


def _expressions(seen: Observations) -> Iterator[_Expression]:
    """The expressions that can be asked about: short ones with parts, whose text occurs once in its line."""
    where = attrgetter("line", "text")
    for i, records in enumerate(seen.records):
        occurrences = Counter(where(recorded.place) for recorded in records)
        for recorded in records:
            place = recorded.place
            is_clear = 0 < len(place.text) <= MAX_EXPRESSION_CHARACTERS and occurrences[where(place)] == 1
            if is_clear and place.inside and recorded.times:
                yield _Expression(i, recorded, [records[j].value for j in place.inside])


def _values(seen: Observations) -> Iterator[Question]:
    for expression in _expressions(seen):
        value, parts = expression.recorded.value, expression.parts
        can_be_known = is_easy(value, MAX_ASKED_NUMBERS) and all(map(is_easy, parts))
        if not can_be_known or not expression.recorded.place.is_value_worth_asking or _is_easily_guessed(value):
            continue
        shown = write_rounded(value)
        if shown not in map(write_rounded, parts):  # there is something to compute
            yield expression.ask(Kind.VALUE, shown)


def _shapes(seen: Observations) -> Iterator[Question]:
    for expression in _expressions(seen):
        value = expression.recorded.value
        if isinstance(value, np.ndarray) and value.ndim and _has_clear_shapes(seen.inputs[expression.input]):
            shapes = {part.shape for part in expression.parts if isinstance(part, np.ndarray)}
            if shapes - {value.shape}:  # otherwise it is an elementwise step, with nothing to think about
                yield expression.ask(Kind.SHAPE, str(value.shape))


def _has_clear_shapes(case: Case) -> bool:
    """Whether a wrong axis gives another shape: no array argument has equal dimensions, or one that is 1."""
    values = case.values
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    shapes = [item.shape for item in items if isinstance(item, np.ndarray)]
    return not any(1 in shape or len(set(shape)) < len(shape) for shape in shapes)


def _is_easily_guessed(value: object) -> bool:
    """Whether a value consists of truth values that are all alike."""
    leaves = (leaves_of(value) or {}).values()
    return all(leaf.dtype.kind == "b" for leaf in leaves) and len(set(numbers_in(value))) == 1


def _counts(seen: Observations) -> Iterator[Question]:
    for i, (place, times, _) in _repeated(seen, WatchKind.COUNT):
        text = f"Input {INPUT_NAMES[i]}: how many times is line {place.line} executed?"
        yield Question(Kind.COUNT, text, (str(times),), (i,), subject="how often")


def _loops(seen: Observations) -> Iterator[Question]:
    for i, (place, _, value) in _repeated(seen, WatchKind.LOOP):
        if isinstance(value, list) and all(type(item) is int for item in value):
            values = f"which values does `{place.text}` take, one after the other? Repeat those that occur again."
            text = f"Input {INPUT_NAMES[i]}, line {place.line}: {values}"
            yield Question(Kind.LOOP, text, (", ".join(map(str, value)),), (i,), subject=place.text)


def _repeated(seen: Observations, kind: WatchKind) -> Iterator[tuple[int, Recorded]]:
    """The places of a kind that are reached as often as a student can count, each with the number of the input."""
    for i, records in enumerate(seen.records):
        for recorded in records:
            if recorded.place.kind is kind and MIN_COUNT <= recorded.times <= MAX_COUNT:
                yield i, recorded
