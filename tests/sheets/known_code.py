"""Right answers as student's code: the variants of the catalogue, and the held-out answers."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autograder.authoring.answer_texts import answer_texts
from autograder.sheets import student_sheet
from autograder.sheets.changes import find_changes
from autograder.sheets.observe import observe
from autograder.sheets.questions import Question, make_all
from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.student_code import StudentCode, cut_out
from autograder.sheets.student_sheet import Sheet
from autograder.sheets.written_inputs import write_inputs
from tests.conftest import exercises
from tests.judging.held_out import SETS

from .trusted import TrustedRunner

IMPORTS = "import math\nimport numpy as np"


@dataclass(frozen=True)
class Known:
    """A right answer: its exercise, its name, and the cells that define it."""

    exercise: str
    name: str
    cells: tuple[str, ...]

    def code(self) -> StudentCode:
        return cut_out(self.cells, self.exercise)

    def sheet(self, seed: int, runner: object = None) -> Sheet | str:
        """The sheet about it, made in this process; or the reason why not."""
        rng = np.random.default_rng([seed, *self.name.encode()])
        try:
            return student_sheet.make_sheet_about("ada", exercises, self.code(), rng, runner or TrustedRunner())
        except CannotAsk as reason:
            return str(reason)

    def all_questions(self, seed: int) -> tuple[Sheet, list[Question]]:
        """Every question that could be asked about it, and a sheet with the code and both inputs."""
        code, rng = self.code(), np.random.default_rng([seed, *self.name.encode()])
        cases = list(exercises.by_hand[self.exercise](rng))
        seen = observe(code, find_changes(code.lines), cases, TrustedRunner())
        inputs = tuple((name, write_inputs(exercises[self.exercise], c)) for name, c in zip("AB", cases, strict=True))
        return Sheet("ada", self.exercise, code.lines, inputs, ()), make_all(seen, rng)


def variants() -> Iterator[Known]:
    """The variants of all exercises that can be asked about."""
    for exercise in exercises.values():
        if exercise.name in exercises.by_hand:
            for answer in answer_texts(exercise, is_right=True):
                code = (IMPORTS, *earlier_functions(exercise.name, answer.text), answer.text)
                yield Known(exercise.name, answer.name, code)


def earlier_functions(own: str, text: str) -> list[str]:
    """Right answers to the other exercises whose functions a text uses, those of the first one first."""
    found: list[str] = []
    for name in sorted(set(re.findall(r"\w+", text)) & exercises.keys() - {own}):
        right = next((answer.text for answer in answer_texts(exercises[name], is_right=True)), "")
        found += [*earlier_functions(name, right), right]
    return list(dict.fromkeys(found))


def held_out() -> Iterator[Known]:
    """Right answers of several lines, written without a look at the exercises."""
    for answer in SETS["first"]:
        if answer.is_right and answer.exercise in exercises.by_hand:
            *helpers, own = ast.parse(answer.code).body
            match own:
                case ast.FunctionDef() if answer.cell.count("\n") < 2:
                    continue
                case ast.FunctionDef() | ast.Assign(value=ast.Name()):
                    yield Known(answer.exercise, answer.name, (IMPORTS, *map(ast.unparse, helpers), ast.unparse(own)))
