"""Write the arguments of a call as Python, from the very arguments with which the code is run."""

import math
from typing import Any

import numpy as np

from ..judging.cases import Case, FactoryArg
from ..judging.model import Exercise
from ..judging.values_as_text import show_argument


class CannotPrint(ValueError):
    """An argument has no form that a sheet can show."""


def write_inputs(exercise: Exercise, case: Case) -> tuple[str, ...]:
    """Write the arguments of a case as assignments, and the call. Numbers are in the call itself.

    Raise CannotPrint if an argument cannot be written, so that the case must not be used.

    Examples
    --------
    >>> from autograder.judging.cases import case
    >>> exercise = Exercise("f(x, t=1)", "", None, ())
    >>> write_inputs(exercise, case(np.array([1, 2]), t=3))
    ('x = np.array([1, 2])', 'f(x, t=3)')
    """
    lines: list[str] = []
    passed: list[str] = []
    by_position = dict(zip(exercise.parameters, case.args, strict=False))  # `kwargs` has the other parameters
    for name, value in [*by_position.items(), *case.kwargs.items()]:
        text = _formula(value) if isinstance(value, FactoryArg) else write_value(value)
        if not isinstance(value, bool | int | float):
            lines.append(f"{name} = {text}")
            text = name
        passed.append(text if name in by_position else f"{name}={text}")
    return (*lines, f"{exercise.name}({', '.join(passed)})")


def write_value(value: Any) -> str:
    """Write None, a number, a text, an array, or a list of them as Python code. Raise CannotPrint for anything else."""
    if not _can_be_written(value):
        raise CannotPrint(repr(value))
    return show_argument(value)


def _can_be_written(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_can_be_written, value))
    if isinstance(value, np.ndarray):
        # an empty array would be read with another shape, other numbers with another dtype; no input has booleans
        is_known = value.dtype in (np.float64, np.int64) or value.dtype.kind == "U"
        return value.size > 0 and is_known and (value.dtype.kind != "f" or bool(np.isfinite(value).all()))
    return value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value))


def _formula(argument: FactoryArg) -> str:
    """Write a function that is passed, if its factory has a static method `formula(write, **params)` that can."""
    write_formula = getattr(argument.factory, "formula", None)
    formula: str | None = write_formula(write_value, **argument.params) if write_formula else None
    if formula is None:
        raise CannotPrint(argument.factory.__name__)
    return formula
