"""Find the smallest input on which an answer is wrong, to show it to the student.

"Wrong value at index 0 for fewer examples than features" tells a student nothing to try. For each rule, some small
inputs are derived from its cases: one or two rows, whole numbers. If an answer returns wrong values, the sandbox calls
it on them, too, and the message shows the first one that is wrong: the call, and what the answer gave. The right value
is not shown, and no point depends on these inputs: they are the same for all students.

A derived input must be one that the exercise allows. Therefore no number is outside the range that it has in the rule's
cases, no axis is shorter than in any case, and the reference returns finite values without a warning.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from .cases import Case, keep_part
from .compare import DifferenceKind
from .decode import CallResult
from .model import DrawnExercise, Exercise, Rule
from .rule_failures import RuleFailureKind, find_failure
from .simple_numbers import are_short, are_whole, simplify
from .trusted_calls import call_on
from .values_as_text import MAX_SHOWN, show_call, show_value

MAX_LENGTH = 3  # of an axis of a small input, if there are several
MAX_INPUTS = 30  # for a rule
MAX_OF_A_KIND = 2  # inputs of a rule that differ only in their numbers
MAX_OF_A_SHAPE = 5  # inputs whose arguments have the same shapes
MAX_TRIED = 90  # inputs of a rule for which the reference is called
MAX_CASES = 8  # of a rule from which small inputs are derived
MAX_PARTS = 24  # of a case


@lru_cache(maxsize=128)
def small_inputs_of(exercise: Exercise) -> "SmallInputs":
    """The small inputs of an exercise. They are derived once."""
    return SmallInputs(exercise)


@dataclass(frozen=True, eq=False)
class SmallInputs:
    """The small inputs of an exercise for each rule, the simplest first."""

    exercise: Exercise

    @cached_property
    def drawn(self) -> DrawnExercise:
        """The small inputs in place of the cases of the rules."""
        drawn = self.exercise.draw(seed=0)
        shortest = _shortest_axes(self.exercise, drawn.cases)
        derived: dict[tuple[int, ...], list[Case]] = {}
        cases: dict[str, Case] = {}  # by the text of the call, since rules may have the same inputs
        indices: list[tuple[int, ...]] = []
        for rule, used in zip(self.exercise.rules, drawn.case_indices, strict=True):
            found: list[Case] = []
            if self.exercise.parameters and not rule.check_trace:  # the answer to a quiz is a variable
                if used not in derived:
                    derived[used] = _derive(self.exercise, [drawn.cases[i] for i in used], shortest)
                found = _keep_allowed(self.exercise, rule, derived[used])
            texts = [show_call(self.exercise, case) for case in found]
            for text, case in zip(texts, found, strict=True):
                cases.setdefault(text, case)
            indices.append(tuple(list(cases).index(text) for text in texts))
        return DrawnExercise(self.exercise, tuple(cases.values()), tuple(indices), frozenset())

    def first_failure(self, rule: Rule, results: Sequence[CallResult]) -> str | None:
        """Describe the simplest input on which the answer breaks a rule: "odds(np.array([0.5])) gave [0.5]".

        The results are those of the answer for the cases of `drawn`. Return None if it breaks the rule on none of them,
        or if its wrong value looks right when it is shown.
        """
        for i in self.drawn.case_indices[self.exercise.rules.index(rule)]:
            case, got, want = self.drawn.cases[i], results[i], self.drawn.expected[i]
            failure = find_failure(rule, case, got, want)
            if failure and (isinstance(failure.kind, DifferenceKind) or failure.kind is RuleFailureKind.CHECK):
                shown = show_value(got.value)
                if shown and shown != show_value(want.value):
                    return f"{show_call(self.exercise, case)} gave {shown}"
        return None


# --- deriving small inputs --------------------------------------------------------------------------------------


def _derive(exercise: Exercise, cases: Sequence[Case], shortest: Mapping[tuple[str, int], int]) -> list[Case]:
    """Derive small inputs from cases, the simplest first: a few of each kind."""
    lists = {name for case in cases for name, value in exercise.arguments_of(case).items() if isinstance(value, list)}
    single = [each for case in cases if not case.rounds for each in _with_single_items(exercise, case, lists)]
    usable = [case for case in single if all(map(_is_plain, exercise.arguments_of(case).values()))]
    ranges = _ranges(exercise, usable)
    found: dict[str, Case] = {}
    for case in usable[:MAX_CASES]:
        for part in _parts(exercise, case, shortest):
            for simple in simplify(exercise.arguments_of(part), ranges):
                lists_again = {name: [simple[name]] for name in lists & simple.keys()}
                small = _with_arguments(exercise, part, simple | lists_again)
                if text := show_call(exercise, small):
                    found.setdefault(text, small)

    def simplicity(text: str) -> tuple[int, int, str]:  # the point of 1. does not make a number less simple than 1
        return sum(map(np.size, _values(found[text]))), len(text.replace(".", "")), text

    return [found[text] for text in sorted(found, key=simplicity)]


def _keep_allowed(exercise: Exercise, rule: Rule, simplest_first: Iterable[Case]) -> list[Case]:
    """Keep the inputs that the exercise allows: only a few of each kind and shape."""
    kinds: Counter[Any] = Counter()
    shapes: Counter[Any] = Counter()
    kept: list[Case] = []
    tried = 0
    for case in simplest_first:
        if tried == MAX_TRIED or len(kept) == MAX_INPUTS:
            break
        kind, shape = _kind(case), _shapes(case)
        if kinds[kind] == MAX_OF_A_KIND or shapes[shape] == MAX_OF_A_SHAPE:
            continue
        tried += 1
        if _is_allowed(exercise, rule, case):
            kinds[kind] += 1
            shapes[shape] += 1
            kept.append(case)
    return kept


def _with_arguments(exercise: Exercise, case: Case, arguments: Mapping[str, Any]) -> Case:
    args = tuple(_as_written(arguments[name]) for name, _ in zip(exercise.parameters, case.args, strict=False))
    kwargs = {name: _as_written(arguments[name]) for name in case.kwargs}
    return replace(case, args=args, kwargs=kwargs, about="", strided=False, alone=True)


def _as_written(value: Any) -> Any:
    """The argument as a call would write it: a Python number, and an array of texts as wide as the longest."""
    if isinstance(value, np.generic):
        return value.item()
    return np.array(value.tolist()) if isinstance(value, np.ndarray) and value.dtype.kind == "U" else value


def _with_single_items(exercise: Exercise, case: Case, lists: set[str]) -> Iterator[Case]:
    """Replace each list of arrays by one of its arrays. Later `_derive` makes it a list again."""
    arguments = exercise.arguments_of(case)
    if not all(isinstance(arguments.get(name), list) for name in lists):
        return
    for k in range(min((len(arguments[name]) for name in lists), default=1)):
        yield _with_arguments(exercise, case, arguments | {name: arguments[name][k] for name in lists})


def _is_plain(value: Any) -> bool:
    """Whether a student can write the argument: a number, a text, None, or an array of a common dtype."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and (value.dtype in (np.float64, np.int64, np.bool_) or value.dtype.kind == "U")
    return value is None or isinstance(value, bool | int | float | str | np.float64 | np.int64)


def _shortest_axes(exercise: Exercise, cases: Iterable[Case]) -> dict[tuple[str, int], int]:
    """The smallest length, but at least 1, of each axis of each argument."""
    shortest: dict[tuple[str, int], int] = {}
    for case in cases:
        for axis, length in _axes(exercise.arguments_of(case)):
            shortest[axis] = max(1, min(length, shortest.get(axis, length)))
    return shortest


def _axes(arguments: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int], int]]:
    """The axes of the arrays, each as the name of the argument and the number of the axis, with their lengths."""
    for name, value in arguments.items():
        for axis, length in enumerate(np.shape(value) if isinstance(value, np.ndarray) else ()):
            yield (name, axis), length


def _ranges(exercise: Exercise, cases: Iterable[Case]) -> dict[str, tuple[float, float]]:
    """The smallest and largest number of each argument."""
    numbers: dict[str, list[np.ndarray]] = {}
    for case in cases:
        for name, value in exercise.arguments_of(case).items():
            if not isinstance(value, bool | str) and np.asarray(value).dtype.kind in "fiu":
                numbers.setdefault(name, []).append(np.ravel(value))
    joined = {name: np.concatenate(parts) for name, parts in numbers.items()}
    finite = {name: values[np.isfinite(values)] for name, values in joined.items()}
    return {name: (float(values.min()), float(values.max())) for name, values in finite.items() if values.size}


def _parts(exercise: Exercise, case: Case, shortest: Mapping[tuple[str, int], int]) -> Iterator[Case]:
    """Keep a few rows or columns, in all arguments that have the same number of them. The smallest parts come first."""
    arguments = exercise.arguments_of(case)
    groups: dict[int, list[tuple[str, int]]] = {}
    for axis, length in _axes(arguments):
        groups.setdefault(length, []).append(axis)
    longest = MAX_LENGTH if len(groups) > 1 else MAX_SHOWN
    choices = [
        _windows(length, max(shortest.get(axis, 1) for axis in axes), longest) for length, axes in groups.items()
    ]
    shown = (choice for choice in itertools.product(*choices) if _can_be_shown(groups.values(), choice))
    smallest_first = sorted(shown, key=lambda choice: sum(kept.stop - kept.start for kept in choice))
    for choice in smallest_first[:MAX_PARTS]:
        part = arguments
        for axes, kept in zip(groups.values(), choice, strict=True):
            part = keep_part(axes, kept, part)
        yield _with_arguments(exercise, case, part)


def _can_be_shown(groups: Iterable[list[tuple[str, int]]], choice: Iterable[slice]) -> bool:
    sizes: dict[str, int] = {}
    for axes, kept in zip(groups, choice, strict=True):
        for name, _ in axes:
            sizes[name] = sizes.get(name, 1) * (kept.stop - kept.start)
    return max(sizes.values(), default=1) <= MAX_SHOWN


def _windows(length: int, shortest: int, longest: int) -> list[slice]:
    """Two short parts of an axis for each length; none if it is empty, or too long to be shown."""
    sizes = range(shortest, max(shortest, min(length, longest)) + 1) if shortest <= min(length, MAX_SHOWN) else ()
    return [slice(start, start + size) for size in sizes for start in range(min(length - size + 1, 2))]


def _kind(case: Case) -> Any:
    """What distinguishes inputs: shapes, signs, and how simple the numbers are. A few of each kind are enough."""
    # A Python integer, such as a number of steps, distinguishes nothing. A truth value does.
    signs = tuple(str(_signs_or_values(value)) for value in _values(case) if type(value) is not int)
    return _shapes(case), signs, are_whole(_values(case)), are_short(_values(case))


def _shapes(case: Case) -> Any:
    return tuple((type(value), np.asarray(value).dtype.kind, np.shape(value)) for value in _values(case))


def _signs_or_values(value: Any) -> Any:
    """The signs of floats. Of integers, such as labels, each value may be special."""
    numbers = np.asarray(value)
    return np.sign(numbers).tolist() if numbers.dtype.kind == "f" else numbers.tolist()


def _values(case: Case) -> list[Any]:
    """The arguments. In place of a list with one array, the array."""
    return [value[0] if isinstance(value, list) else value for value in [*case.args, *case.kwargs.values()]]


def _is_allowed(exercise: Exercise, rule: Rule, case: Case) -> bool:
    """Whether the reference returns a finite value that can be shown, without a warning, and satisfies the rule."""
    want = call_on(exercise.reference, case.to_json(watch=True))
    if want.error or want.warned or not exercise.allows(**exercise.arguments_of(case)):
        return False
    return bool(show_value(want.value)) and _is_finite(want.value) and find_failure(rule, case, want, want) is None


def _is_finite(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    numbers = np.asarray(value)
    return numbers.size > 0 and (numbers.dtype.kind != "f" or bool(np.isfinite(numbers).all()))
