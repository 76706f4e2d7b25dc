"""Find other arguments for which a wrong answer is right: "it returns the right result for num_steps + 1".

The reference is called again with the same change to the arguments of every case. If its results equal the student's
in every case, the student's function behaves as if it had received the changed arguments.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any, Literal

import numpy as np

from ..compare import is_numeric
from ..model import Arguments
from ..relations import Change, ChangeTable, Explanation
from .agreement import is_evidence, same_value
from .profiles import Attempt

ArgumentType = Literal["numbers", "lists", "arrays", "other"]
Forms = tuple[tuple[str, Callable[[Any], Any]], ...]
"""Changes of one argument: a template for the name of the changed argument, and a function of its value."""


def _square(value: Any) -> Any:
    """The square of a number or array, but not of an integer: as many steps would take long."""
    if np.ndim(value) == 0 and _kind(value) in ("i", "u"):
        raise ValueError("an integer is not squared")
    return np.square(value)


NUMBERS: Forms = (
    ("-{}", np.negative),
    ("{} + 1", lambda a: a + 1),
    ("{} - 1", lambda a: a - 1),
    ("1 - {}", lambda a: 1 - a),
    ("2 {}", lambda a: 2 * a),
    ("{} / 2", lambda a: a / 2),
    ("the square of {}", _square),
    ("{} without its sign", np.abs),
)
ARRAYS: Forms = (
    ("{} in sorted order", lambda a: np.sort(a, axis=0)),
    ("{} minus its mean", lambda a: a - np.mean(a)),
    ("{} minus the mean of each column", lambda a: a - np.mean(a, axis=0)),
    ("{} scaled to length 1", lambda a: a / (np.linalg.norm(a) or 1)),
)
FORMS: dict[ArgumentType, Forms] = {"numbers": NUMBERS, "lists": NUMBERS, "arrays": (*NUMBERS, *ARRAYS)}
CONSTANTS: dict[ArgumentType, Sequence[Any]] = {
    "numbers": (0, 1, 0.5, 0.1, 0.01, 0.001, 0.9, 2, 10, 100),
    "arrays": (0, 1),  # what `np.zeros` and `np.ones` make
}


def find_changed_argument(attempt: Attempt) -> Explanation | None:
    """Find a change of the arguments after which the reference returns the student's values in every case."""
    profile = attempt.profile
    if attempt.raises or not profile.can_be_recomputed:
        return None
    wrong_first = sorted(range(len(attempt.got)), key=lambda i: i not in attempt.wrong_cases)  # most are rejected there
    changes = (
        change
        for find_changes in (*CHANGES, *profile.drawn.exercise.relations.changes)
        for change in find_changes(profile.arguments)
    )
    try:
        return next(((each.name, each.sentence) for each in changes if _explains(each, attempt, wrong_first)), None)
    except TimeoutError:  # the next change might take as long, and there may be a hundred
        return None


def _explains(change: Change, attempt: Attempt, cases: Iterable[int]) -> bool:
    """Whether the change gives the student's value in each of these cases, and this is unlikely to be a coincidence."""
    profile, wrong = attempt.profile, []
    for i in cases:
        result = profile.recompute(i, change.apply)
        if result is None or not same_value(attempt.got[i], result, *profile.loose[i]):
            return False
        if not same_value(result, profile.drawn.expected[i], *profile.loose[i]):
            wrong.append(result.value)
    return is_evidence(wrong)


def _change_to_form(name: str, template: str, form: Callable[[Any], Any]) -> Change:
    """The change of the argument with this name to a form of it: of a number, an array, or each item of a list."""
    other = template.format(name)
    sentence = f"It returns the right result for {other} instead of {name}."
    return Change(other, sentence, partial(_with_form, name, form))


def each_number(forms: Forms) -> Callable[[Sequence[Arguments]], Iterator[Change]]:
    """Changes to each form of each argument that is a number, a list of numbers, or an array."""
    return lambda arguments: (
        _change_to_form(name, *form)
        for name, values in _values(arguments)
        if _type_of(values) in FORMS
        for form in forms
    )


def _values(arguments: Sequence[Arguments]) -> Iterator[tuple[str, list[Any]]]:
    """The values of each argument in the cases that have one."""
    for name in dict.fromkeys(name for case in arguments for name in case):
        yield name, [case[name] for case in arguments if case.get(name) is not None]


def _single_arguments(arguments: Sequence[Arguments]) -> Iterator[Change]:
    for name, values in _values(arguments):
        argument_type = _type_of(values)
        for constant in CONSTANTS.get(argument_type, ()):
            sentence = f"It returns the right result for {name} = {constant}, whatever {name} is."
            change = partial(_with_form, name, partial(_constant_like, constant))
            yield Change(f"{name} = {constant}", sentence, change)
        for template, form in FORMS.get(argument_type, ()):
            yield _change_to_form(name, template, form)


def _type_of(values: list[Any]) -> ArgumentType:
    """What an argument is, by its values in all cases. Lists precede arrays, and arrays numbers, if it varies."""
    values = [value for value in values if not (isinstance(value, list | tuple) and not value)]
    if not values or None in map(_kind, values):
        return "other"
    if any(isinstance(value, list | tuple) for value in values):
        return "lists"
    return "arrays" if any(np.ndim(value) for value in values) else "numbers"


def _kind(value: Any) -> str | None:
    """The dtype kind of a number, an array, or the first item of a list. None for anything else, such as booleans."""
    if isinstance(value, list | tuple):
        return _kind(value[0]) if value else None
    return np.asarray(value).dtype.kind if is_numeric(value) else None


def _with_form(name: str, form: Callable[[Any], Any], arguments: Arguments) -> Arguments:
    value = arguments.get(name)
    return arguments if value is None else {**arguments, name: _apply(form, value)}


def _apply(form: Callable[[Any], Any], value: Any) -> Any:
    """Apply a form to a number, an array, or each item of a list. Integers stay integers where possible."""
    if isinstance(value, list | tuple):
        return type(value)(_apply(form, item) for item in value)
    result = form(value)
    if _kind(value) not in ("i", "u"):
        return result
    if np.any(np.mod(result, 1)):
        return result
    return int(result) if np.ndim(result) == 0 else result.astype(int)


def _constant_like(constant: Any, value: Any) -> Any:
    """The constant, as an array of the same dtype if the value is an array: the reference may update it in place."""
    return np.full_like(value, constant) if np.ndim(value) else constant


def _exchanges(arguments: Sequence[Arguments]) -> Iterator[Change]:
    for a, b in combinations(arguments[0], 2):
        sentence = f"It returns the right result with {a} and {b} exchanged."
        yield Change(f"{a} and {b} exchanged", sentence, partial(_exchange, a, b))


def _exchange(a: str, b: str, arguments: Arguments) -> Arguments:
    return {**arguments, a: arguments.get(b), b: arguments.get(a)}


CHANGES: ChangeTable = (_single_arguments, _exchanges)
