"""The texts with which an exercise begins. `FILL IN` and `...` stand where its author writes."""

import ast
import json
from dataclasses import dataclass

from ..course import CourseError
from ..judging.model import read_parameters
from ..submissions.sanitise_html import BOX
from .percent_cells import FILL_IN

MAX_NAME = 64 - len("-solution")  # the id of a cell has at most 64 characters
UNSAID = f"{FILL_IN}: what it returns"


def read_signature(signature: str) -> ast.FunctionDef:
    """Read a signature, without annotations. Raise CourseError if it is not that of a function."""
    try:
        (function,) = ast.parse(f"def {signature}:\n    pass").body
    except (SyntaxError, ValueError):  # ValueError: several statements
        raise CourseError(f"{signature!r} is not the signature of a function, such as 'odds(p)'") from None
    assert isinstance(function, ast.FunctionDef)
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            node.annotation = None
    return function


@dataclass(frozen=True)
class Skeleton:
    """A new exercise: a function, its points, and a slide of the lecture.

    Examples
    --------
    >>> skeleton = Skeleton(read_signature("odds(p,base=1)"), 2, "Logistic Regression")
    >>> skeleton.signature, skeleton.parameters
    ('odds(p, base=1)', ['p'])
    """

    function: ast.FunctionDef
    points: float
    slide: str
    returns: str = UNSAID  # in words, such as "the odds of an event"
    has_shortcuts: bool = True  # whether the specification binds SHORTCUTS: the libraries that all exercises forbid

    def __post_init__(self) -> None:
        """Refuse a signature that `Exercise` or a cell's id would refuse, or that the texts below do not fit."""
        if not self.name.isascii() or len(self.name) > MAX_NAME:
            advice = f"write it with at most {MAX_NAME} ASCII letters"
            raise CourseError(f"{self.name!r} cannot be part of the id of a cell: {advice}")
        try:
            read_parameters(self.signature)
        except ValueError as error:
            raise CourseError(str(error)) from None
        if not self.parameters or None in self.function.args.kw_defaults:
            raise CourseError(f"write {self.signature} by hand: the texts need a required parameter, none keyword-only")
        if not self.returns.isprintable() or {'"', "\\"} & set(self.returns):
            raise CourseError(f"--returns must be words on a line, without double quotes and \\: {self.returns!r}")

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.name

    @property
    def signature(self) -> str:
        """The name and the parameters."""
        return f"{self.name}({ast.unparse(self.function.args)})"

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters that are passed by position and have no default."""
        arguments = self.function.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        return names[: len(names) - len(arguments.defaults)]

    @property
    def headline(self) -> str:
        """What it returns, as a sentence."""
        return f"{self.returns[:1].upper()}{self.returns[1:]}."

    @property
    def specification(self) -> str:
        """An `Exercise` of one rule, for `spec.py`."""
        case = f"case({', '.join('...' for _ in self.parameters)})"
        forbids = "    forbids=SHORTCUTS,\n" if self.has_shortcuts else ""
        return f'''\
{f"# --- {self.signature} ".ljust(114, "-")}
# {self.headline}
# {FILL_IN}: for which arguments. allows=lambda ...: leaves others out, such as ties.
# {FILL_IN}, and delete these lines: several rules may share the points, as the task then says. In each, answer and
# reference must agree on all cases in shape, kind of number (ints pass for floats) and value (rtol=1e-9, atol=0.0).

{self.name} = Exercise(
    signature={json.dumps(self.signature, ensure_ascii=False)},
    slide={json.dumps(self.slide, ensure_ascii=False)},
    reference=lambda {ast.unparse(self.function.args)}: ...,  # {FILL_IN}; a def is reference_{self.name}
    rules=(
        Rule(
            {json.dumps(f"{self.returns}, inputs unchanged", ensure_ascii=False)},
            points={self.points:g},
            cases=lambda rng: [{case}, {case}],  # {FILL_IN}: drawn from rng, and fixed
            mutation="none",  # of the arguments
            property="{FILL_IN}: a sentence, true for all inputs, that is shown with a wrong value.",
        ),
    ),
{forbids})
'''

    @property
    def answers(self) -> str:
        """Three mistakes, the last of them in place, and a variant, for `answers.py`."""
        hint = f"# hint: {FILL_IN}: what this answer does (other code may give the same values), or a question\n"
        head, body = f"def {self.signature}:\n", f"    return ...  # {FILL_IN}: as a student would write it\n"
        mistakes = [f"# %% wrong {self.name}: {FILL_IN} mistake {i}\n{hint}{head}{body}" for i in (1, 2)]
        first = self.parameters[0]
        in_place = (
            f"# %% wrong {self.name}: in place\n# hint: It changes the caller's {first}. Make a new array.\n{head}"
            f"    {first} *= ...  # {FILL_IN}: another step in place; or another mistake\n"
            f"    return ...  # {FILL_IN}\n"
        )
        variant = f"# %% right {self.name}: {FILL_IN} another style\n{head}{body}"
        return "\n".join([*mistakes, in_place, variant])

    @property
    def prompt(self) -> str:
        """The text of the exercise, in a box."""
        points = "1 point" if self.points == 1 else f"{self.points:g} points"
        return f"""\
### Exercise: `{self.signature}` ({points})

<div style="{BOX}">

Compute {self.returns}. {FILL_IN}: a formula, or words

<details><summary>Hint 1: the idea</summary>

{FILL_IN}: a question.

<details><summary>Hint 2: the tool</summary>

{FILL_IN}: the functions to use.

</details></details>

<details><summary>How the points are given</summary>

{self.points:g} for {self.returns}, without modifying the inputs.

</details>

</div>"""

    @property
    def solution(self) -> str:
        """The model answer."""
        words = f"{FILL_IN}: type, shape and range; not modified.\n"
        described = "".join(f"    {name}: {words}" for name in self.parameters)
        return f'''\
def {self.signature}:
    """{self.headline} About 1 line.

{described}    Returns {FILL_IN}: what, with type and shape.
    """
    ### BEGIN SOLUTION
    return ...  # {FILL_IN}
    ### END SOLUTION'''

    @property
    def check(self) -> str:
        """The visible check, and the hidden test."""
        name, few = self.name, [f"{parameter}_few" for parameter in self.parameters]
        inputs = ", ".join(f'"{parameter}": {parameter}_few' for parameter in self.parameters)
        given = "".join(f"    {each} = ...  # {FILL_IN}: a small argument\n" for each in few)
        return f"""\
# ▸ Check: {name}
with checking("{name}", slide={json.dumps(self.slide, ensure_ascii=False)}, points={self.points:g}):
    # {FILL_IN}, and delete these lines: students see only the first check that fails. Its hint must fit all mistakes
    # that fail it. inputs= are the arguments of the call that gave the first value, cut as it is: x[2] for f(x)[2].
    # Names in _few and _ replace no variable of the notebook.
{given}    {name}_few = expect_untouched({", ".join([name, *few])})
    property_ = "{FILL_IN}: what holds, such as: they add up to 1"
    expect_close({name}_few, ..., property_, inputs={{{inputs}}})  # {FILL_IN}: by the property, not by the formula
    worked_ = "{FILL_IN}: what a worked value shows"
    expect_close({name}(...), ..., worked_, hint="{FILL_IN}: a question that fits every mistake that fails here")
    # Last, since a wrong value tells more. {FILL_IN}: (3,) or, for a single number, ()
    expect_shape({name}_few, ..., "{FILL_IN}: one number for each …", dtype=float)
### BEGIN HIDDEN TESTS
from autograder import check  # no such module? Grade with the repository's nbgrader_config.py

check({name})
### END HIDDEN TESTS"""
