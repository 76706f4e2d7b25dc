"""Right answers as student's code: the variants of the catalogue, and the held-out answers."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autograder.authoring.simulate import answer_texts
from autograder.sheets import make
from autograder.sheets.changes import find_changes
from autograder.sheets.make import Sheet
from autograder.sheets.premise import write_inputs
from autograder.sheets.questions import Question, make_all
from autograder.sheets.sandboxed import observe
from autograder.sheets.student_code import CannotAsk, StudentCode, cut_out
from tests.conftest import exercises
from tests.judging.held_out.blind import ANSWERS

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
            return make.make_questions("ada", exercises, self.exercise, self.code(), rng, runner or TrustedRunner())
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
            for name, text in answer_texts(exercise, is_right=True):
                yield Known(exercise.name, name, (IMPORTS, *earlier_functions(exercise.name, text), text))


def earlier_functions(own: str, text: str) -> list[str]:
    """Right answers to the other exercises whose functions a text uses, those of the first one first."""
    found: list[str] = []
    for name in sorted(set(re.findall(r"\w+", text)) & exercises.keys() - {own}):
        right = next((code for _, code in answer_texts(exercises[name], is_right=True)), "")
        found += [*earlier_functions(name, right), right]
    return list(dict.fromkeys(found))


def held_out() -> Iterator[Known]:
    """The right answers that were written without a look at the exercises."""
    for answer in ANSWERS:
        if answer.is_right and answer.exercise in exercises.by_hand and inspect.isfunction(answer.answer):
            module = sys.modules[answer.answer.__module__]
            helpers = [node for node in ast.parse(inspect.getsource(module)).body if not _is_answer(node)]
            function = ast.parse(textwrap.dedent(inspect.getsource(answer.answer))).body[0]
            if isinstance(function, ast.FunctionDef):
                function.decorator_list = []
                text = f"{ast.unparse(function)}\n\n{answer.exercise} = {function.name}"
                if function.name == answer.exercise:
                    text = ast.unparse(function)
                yield Known(answer.exercise, answer.why, (IMPORTS, *map(ast.unparse, helpers), text))


def _is_answer(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and bool(node.decorator_list)
