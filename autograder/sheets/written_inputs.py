"""Write the arguments of a call as Python, from the very arguments with which the code is run."""

from ..judging.cases import Case, FactoryArg
from ..judging.model import Exercise
from ..judging.values_as_text import show_argument
from .refused_code import CannotAsk


def write_inputs(exercise: Exercise, case: Case) -> tuple[str, ...]:
    """Write the arguments of a case as assignments, and the call. Python's numbers are in the call itself.

    Raise CannotAsk if a function is passed whose factory has no formula: see `autograder.factories.factory`.

    Examples
    --------
    >>> from autograder.judging.cases import case
    >>> from autograder.judging.model import Rule
    >>> exercise = Exercise("f(x, t=1)", "", None, (Rule("values", 1),))
    >>> write_inputs(exercise, case(np.array([1, 2]), t=3))
    ('x = np.array([1, 2])', 'f(x, t=3)')
    """
    lines: list[str] = []
    passed: list[str] = []
    for i, (name, value) in enumerate(exercise.arguments_of(case).items()):
        text = _write_function(name, value) if isinstance(value, FactoryArg) else show_argument(value)
        if not isinstance(value, bool | int | float):
            lines.append(f"{name} = {text}")
            text = name
        passed.append(text if i < len(case.args) else f"{name}={text}")
    return (*lines, f"{exercise.name}({', '.join(passed)})")


def _write_function(name: str, value: FactoryArg) -> str:
    formula = getattr(value.factory, "formula", None)
    text: str | None = formula and formula(show_argument, **value.params)
    if text is None:
        raise CannotAsk(f"its argument {name} cannot be written down: its factory has no formula for it")
    return text
