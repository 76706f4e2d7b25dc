"""Find other arguments for which a wrong answer is right: "it returns the right result for num_steps + 1".

The reference is called again with the same change to the arguments of every case. If its results equal the student's
in every case, the student's function behaves as if it had received the changed arguments.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np

from .output_relations import Relation
from .profiles import ArgumentChange, Arguments, Attempt, is_evidence, same_value

Forms = tuple[tuple[str, Callable[[Any], Any]], ...]
"""Changes of one argument: a template for the name of the changed argument, and a function of its value."""

INTEGERS: Forms = (
    ("{} + 1", lambda a: a + 1),
    ("{} - 1", lambda a: a - 1),
    ("1 - {}", lambda a: 1 - a),
)
NUMBERS: Forms = (
    ("-{}", np.negative),
    *INTEGERS,
    ("2 {}", lambda a: 2 * a),
    ("{} / 2", lambda a: a / 2),
    ("the square of {}", np.square),
    ("sigmoid({})", lambda a: 1 / (1 + np.exp(-a))),
    ("log(2) {}, as for powers of 2,", lambda a: np.log(2) * a),
    ("{} without its sign", np.abs),
    ("{} truncated to integers", np.trunc),
)
ARRAYS: Forms = (
    ("{} in reverse order", lambda a: a[::-1]),
    ("{} in sorted order", lambda a: np.sort(a, axis=0)),
)
FLOATS: Forms = (
    ("{} minus its mean", lambda a: a - np.mean(a)),
    ("{} minus the mean of each column", lambda a: a - np.mean(a, axis=0)),
    ("{} scaled to length 1", lambda a: a / (np.linalg.norm(a) or 1)),
    ("{} with its mean everywhere", lambda a: np.mean(a) + 0 * a),
    ("{} with its first entry everywhere", lambda a: a[:1] + 0 * a),
)
CONSTANTS = (0, 1, 0.5, 0.1, 0.01, 0.001, 0.9, 2, 10, 100)
PARTS: tuple[tuple[str, slice], ...] = (
    ("without the last {} of {}", slice(None, -1)),
    ("without the first {} of {}", slice(1, None)),
    ("for only the first {} of {}", slice(None, 1)),
)


def find_changed_argument(attempt: Attempt) -> Relation | None:
    """Find a change of the arguments after which the reference returns the student's values in every case.

    Parameters
    ----------
    attempt : Attempt
        The student's results and the profile of the exercise.

    Returns
    -------
    (str, str) or None
        The name of the change, and a sentence about it.
    """
    profile = attempt.profile
    if attempt.raises or not profile.can_be_recomputed:
        return None
    wrong_first = sorted(range(len(attempt.got)), key=lambda i: attempt.right[i])

    def explains(change: ArgumentChange) -> bool:
        evidence = []
        for i in wrong_first:
            result = profile.recompute(i, change)
            if result is None or not same_value(attempt.got[i], result, *profile.loose[i]):
                return False
            if not same_value(result, profile.expected[i], *profile.loose[i]):
                evidence.append(result.value)
        return is_evidence(evidence)

    return next((relation for relation, change in changes(profile.arguments) if explains(change)), None)


def changes(arguments: Sequence[Arguments]) -> Iterator[tuple[Relation, ArgumentChange]]:
    """List the changes of arguments to try.

    Parameters
    ----------
    arguments : sequence of dict
        The arguments of each case, by name.

    Yields
    ------
    relation : (str, str)
        The name of the change, and a sentence for the student.
    change : callable
        Takes the arguments of a case and returns changed ones.

    Examples
    --------
    >>> [name for (name, _), _ in changes([{"lr": 0.5}])][10:13]
    ['without lr', '-lr', 'lr + 1']
    """
    for name in dict.fromkeys(name for case in arguments for name in case):
        values = [case[name] for case in arguments if case.get(name) is not None]
        for constant in _constants(values):
            sentence = f"It returns the right result for {name} = {constant}, whatever {name} is."
            yield (f"{name} = {constant}", sentence), _change_one(name, partial(_constant_like, constant))
        yield (f"without {name}", f"It returns the right result without {name}."), _change_one(name, lambda a: None)
        for template, form in _forms(values):
            changed = template.format(name)
            yield (changed, f"It returns the right result for {changed} instead of {name}."), _change_one(name, form)
    yield from _shifts_of_labels(arguments)
    for a, b in combinations(arguments[0], 2):
        yield (f"{a} and {b} exchanged", f"It returns the right result with {a} and {b} exchanged."), _exchange(a, b)
    yield from _omissions(arguments)


def _constants(values: list[Any]) -> Sequence[Any]:
    if values and all(isinstance(value, bool) for value in values):
        return (False, True)
    if (
        not values
        or not all(_kind(value) for value in values)
        or any(isinstance(value, list | tuple) for value in values)
    ):
        return ()
    return CONSTANTS[:2] if any(np.ndim(value) for value in values) else CONSTANTS


def _forms(values: list[Any]) -> Forms:
    kinds = {_kind(value) for value in values}
    if not values or None in kinds:
        return ()
    if any(isinstance(value, list | tuple) for value in values) or not any(np.ndim(value) for value in values):
        return NUMBERS
    return (*NUMBERS, *ARRAYS, *FLOATS) if "f" in kinds else (*INTEGERS, *ARRAYS)


def _kind(value: Any) -> str | None:
    """The dtype kind of a number, an array, or a list of these; None for anything else."""
    if isinstance(value, list | tuple):
        return _kind(value[0]) if value else None
    kind = np.asarray(value).dtype.kind if isinstance(value, int | float | np.ndarray | np.generic) else None
    return kind if kind in ("f", "i", "u") else None


def _change_one(name: str, form: Callable[[Any], Any]) -> ArgumentChange:
    def change(arguments: Arguments) -> Arguments:
        value = arguments.get(name)
        return arguments if value is None else {**arguments, name: _apply(form, value)}

    return change


def _apply(form: Callable[[Any], Any], value: Any) -> Any:
    """Apply a form to a number, an array, or each item of a list. Integers stay integers where possible."""
    if isinstance(value, list | tuple):
        return type(value)(_apply(form, item) for item in value)
    changed = form(value)
    if changed is None or _kind(value) == "f" or isinstance(value, bool):
        return changed
    if np.ndim(value) == 0 and value > 0 and not (0 < changed <= 2 * value + 100 and changed % 1 == 0):
        raise ValueError("it may be a number of steps, and a loop over the changed number may not end")
    whole = np.all(np.mod(changed, 1) == 0)
    return (int(changed) if np.ndim(changed) == 0 else changed.astype(int)) if whole else changed


def _constant_like(constant: Any, value: Any) -> Any:
    """The constant, as an array if the value is an array."""
    return np.full(np.shape(value), constant) if np.ndim(value) else constant


def _exchange(a: str, b: str) -> ArgumentChange:
    return lambda arguments: {**arguments, a: arguments.get(b), b: arguments.get(a)}


def _shifts_of_labels(arguments: Sequence[Arguments]) -> Iterator[tuple[Relation, ArgumentChange]]:
    """Labels that are off by one, if the number of classes is known."""
    for name, value in arguments[0].items():
        if isinstance(value, np.ndarray) and value.dtype.kind in "iu" and _num_classes(arguments[0]):
            for step, side in ((1, "after"), (-1, "before")):
                sentence = f"It returns the right result for the class {side} the one in {name}."
                yield (f"{name} one off", sentence), _shift_labels(name, step)


def _shift_labels(name: str, step: int) -> ArgumentChange:
    return lambda arguments: {**arguments, name: (arguments[name] + step) % _num_classes(arguments)}


def _num_classes(arguments: Arguments) -> Any:
    """The number of classes: K, or else the number of columns of the first matrix."""
    columns = [value.shape[1] for value in arguments.values() if isinstance(value, np.ndarray) and value.ndim == 2]
    return next(iter([arguments["K"]] if "K" in arguments else columns), None)


def _omissions(arguments: Sequence[Arguments]) -> Iterator[tuple[Relation, ArgumentChange]]:
    """Leave out a row or column, or all but one, in all arguments that have the same number of them in every case."""
    for axes in _axes_of_equal_length(arguments):
        name, axis = max(axes, key=lambda pair: arguments[0][pair[0]].ndim)
        what = ("row" if arguments[0][name].ndim > 1 else "entry", "column")[axis]
        for template, part in PARTS:
            omission = template.format(what, name)
            yield (omission, f"It returns the right result {omission}."), _keep_part(axes, part)


def _axes_of_equal_length(arguments: Sequence[Arguments]) -> list[list[tuple[str, int]]]:
    """Groups of axes, each given by an argument's name and the axis, with equal lengths in every case."""
    groups: dict[tuple[int, ...], list[tuple[str, int]]] = {}
    for name, value in arguments[0].items():
        shapes = [np.shape(case[name]) for case in arguments if isinstance(case.get(name), np.ndarray)]
        if len(shapes) == len(arguments) and len({len(shape) for shape in shapes}) == 1:
            for axis in range(min(np.ndim(value), 2)):
                lengths = tuple(shape[axis] for shape in shapes)
                groups.setdefault(lengths, []).append((name, axis))
    return list(groups.values())


def _keep_part(axes: list[tuple[str, int]], part: slice) -> ArgumentChange:
    def change(arguments: Arguments) -> Arguments:
        changed = dict(arguments)
        for name, axis in axes:
            changed[name] = changed[name][(slice(None),) * axis + (part,)]
        return changed

    return change
