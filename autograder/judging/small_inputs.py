"""Find the smallest input on which an answer is wrong, to show it to the student.

"Wrong value at index 0 for fewer examples than features" tells a student nothing to try. For each rule, some small
inputs are derived from its cases: a few rows, whole numbers. If an answer returns wrong values, the sandbox calls
it on them, too, and the message shows the first one that is wrong: the call, and what the answer gave. The right value
is not shown, and no point depends on these inputs: they are the same for all students.

A derived input must be one that the exercise allows. Therefore no number is outside the range that it has in the rule's
cases, no axis of an array is shorter than in the case where it is shortest, and the reference returns finite values
without a warning. Only the arrays in a list, such as the parameters of a model, may have any lengths.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from .cases import Case
from .decode import CallResult
from .input_parts import Axis, shortest_lengths, small_parts
from .leaves import leaves
from .model import Arguments, DrawnExercise, Exercise, Rule
from .rule_failures import RuleFailureKind, find_failure
from .simple_numbers import simplify
from .trusted_calls import call_on
from .values_as_text import show_call, show_value

# Each of these limits leaves inputs of the course out. Together, they keep a function's inputs to about a hundred.
MAX_INPUTS = 30  # for a rule
MAX_OF_A_SHAPE = 8  # inputs of a rule, for which the reference is called, and whose arguments have the same shapes
MAX_DERIVED_FROM = 8  # cases of a rule, or items of their lists, from which small inputs are derived
WITH_WRONG_VALUE = (RuleFailureKind.VALUE, RuleFailureKind.FORM, RuleFailureKind.CHECK)


@lru_cache(maxsize=128)
def small_inputs_of(exercise: Exercise) -> DrawnExercise:
    """Derive small inputs in place of the cases of the rules, for each rule the simplest first."""
    drawn = exercise.draw(seed=0)
    shortest = shortest_lengths(map(exercise.arguments_of, drawn.cases))
    cases: dict[str, Case] = {}  # by the text of the call, since rules may have the same inputs
    rules: list[tuple[Rule, tuple[int, ...]]] = []
    for rule, used in drawn.rules_with_cases:
        # the answer to a quiz is not called, and a trace is that of a passed function, which no text can show
        can_be_shown = exercise.parameters and not rule.check_trace
        own = [drawn.cases[i] for i in used] if can_be_shown else []
        inputs = _keep_allowed(exercise, rule, _derive(exercise, own, shortest))
        cases |= inputs  # a call that an earlier rule has keeps its index
        position = {text: i for i, text in enumerate(cases)}
        rules.append((rule, tuple(position[text] for text in inputs)))
    return DrawnExercise(exercise, tuple(cases.values()), tuple(rules), frozenset())


def describe_first_failure(small: DrawnExercise, rule: Rule, results: Sequence[CallResult]) -> str | None:
    """Describe the simplest input on which an answer breaks a rule: "odds(np.array([0.5])) gave [0.5]".

    The results are those of the answer for the small inputs. Return None if it breaks the rule on none of them, or if
    its wrong value looks right when it is shown.
    """
    for i in next(used for each, used in small.rules_with_cases if each == rule):
        failure = find_failure(rule, small.cases[i], results[i], small.expected[i])
        if failure and failure.kind in WITH_WRONG_VALUE:
            shown = show_value(results[i].value)
            if shown and shown != show_value(small.expected[i].value):
                return f"{show_call(small.exercise.name, small.cases[i])} gave {shown}"
    return None


def _derive(exercise: Exercise, cases: Iterable[Case], shortest: Mapping[Axis, int]) -> dict[str, Case]:
    """Derive small inputs from cases, by the text of their calls, the simplest first."""
    found: dict[str, Case] = {}
    for small in _make_smaller(exercise, cases, shortest):
        if text := show_call(exercise.name, small):
            found.setdefault(text, small)
    return dict(sorted(found.items(), key=_simplicity))


def _make_smaller(exercise: Exercise, cases: Iterable[Case], shortest: Mapping[Axis, int]) -> Iterator[Case]:
    """Cut and round the arguments of cases. Two of the results may be equal.

    A list, such as the parameters of a model, is cut and rounded as one of its arrays: `_with_single_items` takes it
    out, and `_in_lists` puts it back into a list.
    """
    without_lists = [
        (case, single)
        for case in cases
        if not case.rounds  # the text of a call cannot show several calls
        for single in _with_single_items(exercise.arguments_of(case))
        if all(map(_can_be_written, single.values()))
    ]
    ranges = _ranges(single for _, single in without_lists)  # of all, although only the first few are made smaller
    for case, single in without_lists[:MAX_DERIVED_FROM]:
        for part in small_parts(single, shortest):
            for simple in simplify(part, ranges):
                changed = exercise.with_arguments(case, _in_lists(simple, exercise.arguments_of(case)))
                # called as its text reads: nothing is special about the memory of its arrays
                yield replace(changed, about="", strided=False, alone=True)


def _simplicity(text_and_case: tuple[str, Case]) -> tuple[int, int, str]:
    """What inputs are sorted by: how many numbers they have, and how long their text is."""
    text, case = text_and_case
    length = len(re.sub(r"\.0\b", "", text))  # 1.0 is as simple as 1
    return sum(map(np.size, case.values)), length, text


def _keep_allowed(exercise: Exercise, rule: Rule, simplest_first: Mapping[str, Case]) -> dict[str, Case]:
    """Keep the inputs that the exercise allows: only a few of each shape."""
    tried: Counter[Hashable] = Counter()
    kept: dict[str, Case] = {}
    for text, case in simplest_first.items():
        shapes = tuple(map(np.shape, case.values))
        tried[shapes] += 1
        if len(kept) < MAX_INPUTS and tried[shapes] <= MAX_OF_A_SHAPE and _is_allowed(exercise, rule, case):
            kept[text] = case
    return kept


def _with_single_items(arguments: Arguments) -> Iterator[Arguments]:
    """Put an item in place of each list: all first ones, then all second ones, …. NumPy's numbers become Python's."""
    lists = {name: value for name, value in arguments.items() if isinstance(value, list)}
    for k in range(min(map(len, lists.values()), default=1)):
        items = arguments | {name: value[k] for name, value in lists.items()}
        yield {name: item.item() if isinstance(item, np.generic) else item for name, item in items.items()}


def _in_lists(items: Arguments, arguments: Arguments) -> Arguments:
    """The inverse of `_with_single_items`: put each item back into a list, of one item."""
    return {
        name: [_with_own_width(item)] if isinstance(arguments[name], list) else _with_own_width(item)
        for name, item in items.items()
    }


def _with_own_width(value: Any) -> Any:
    """The argument, but an array of texts is as wide as its longest: the one that was longest may have been cut."""
    return np.array(value.tolist()) if isinstance(value, np.ndarray) and value.dtype.kind == "U" else value


def _can_be_written(value: Any) -> bool:
    """Whether a student can write the argument: a number, a text, None, or an array of a common dtype."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and (value.dtype in (np.float64, np.int64, np.bool_) or value.dtype.kind == "U")
    return value is None or isinstance(value, bool | int | float | str)


def _ranges(calls: Iterable[Arguments]) -> dict[str, tuple[float, float]]:
    """The smallest and largest number of each argument that is a number or an array of numbers."""
    numbers: dict[str, list[np.ndarray]] = {}
    for arguments in calls:
        for name, value in arguments.items():
            if np.asarray(value).dtype.kind in "fiu":
                numbers.setdefault(name, []).append(np.ravel(value))
    joined = {name: np.concatenate(parts) for name, parts in numbers.items()}
    finite = {name: values[np.isfinite(values)] for name, values in joined.items()}
    return {name: (float(values.min()), float(values.max())) for name, values in finite.items() if values.size}


def _is_allowed(exercise: Exercise, rule: Rule, case: Case) -> bool:
    """Whether the exercise allows the input, and its reference gives a right, finite, short value without a warning."""
    if not exercise.allows(**exercise.arguments_of(case)):  # first: on another input, the reference may never return
        return False
    want = call_on(exercise.reference, case.to_json(watch=True))
    if want.error or want.warned:
        return False
    is_finite = all(map(_is_finite, leaves(want.value)))
    return bool(show_value(want.value)) and is_finite and find_failure(rule, case, want, want) is None


def _is_finite(value: Any) -> bool:
    numbers = np.asarray(value)
    return numbers.size > 0 and (numbers.dtype.kind != "f" or bool(np.isfinite(numbers).all()))
