"""Cases: what is handed in, and the function that checks how the grader treats it.

The grader is imported when a case is first checked. A worker process can then report this as a stage of its own.
"""

import importlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.supervisor import enter_stage
from tests.fuzz.names import Student

SLOW_NOTEBOOKS, SLOW_WEIGHT = ("iris",), 0.3  # of these, one exercise trains a model with the student's settings
IMPORT_SECONDS = 120  # on a busy machine with a cold disk


def import_grader() -> None:
    """Import the grader, in a stage that may take longer than others."""
    enter_stage("importing the grader", IMPORT_SECONDS)
    importlib.import_module("tests.fuzz.grading")


@dataclass(frozen=True)
class NotebookCase:
    """A file in place of a notebook, and the seed of the replies in place of the student's process."""

    assignment: str
    name: str
    content: bytes
    seed: int = 0

    def check(self, template: Path) -> Iterable[str]:
        """Return the violated properties."""
        from tests.fuzz import grading

        return grading.check_notebook(template, self.assignment, self.name, self.content, self.seed)

    def __str__(self) -> str:
        return f"{self.assignment}/{self.name}, {len(self.content)} bytes"


@dataclass(frozen=True)
class AnswersCase:
    """A frame in place of the answers to an exercise. If it is repeated, it has one answer, which is for all cases."""

    exercise: str
    frame: bytes
    draw: int = 0
    is_repeated: bool = False

    def check(self, template: Path) -> Iterable[str]:
        """Return the violated properties."""
        from tests.fuzz import grading

        frame = grading.repeat_answer(self.exercise, self.draw, self.frame) if self.is_repeated else self.frame
        return grading.check_answers(template, self.exercise, self.draw, frame)

    def __str__(self) -> str:
        return f"{self.exercise}, {len(self.frame)} bytes"


@dataclass(frozen=True)
class NamesCase:
    """A class whose students and files have hostile names."""

    students: tuple[Student, ...]
    seed: int = 0

    def check(self, template: Path) -> Iterable[str]:
        """Return the violated properties."""
        from tests.fuzz import grading

        return grading.check_class(template, self.students, self.seed)

    def __str__(self) -> str:
        return f"{len(self.students)} {'student' if len(self.students) == 1 else 'students'}"


Case = NotebookCase | AnswersCase | NamesCase


def make_case(kind: str, seed: int) -> Case:
    """Generate a case. The same kind and seed generate the same case."""
    from tests.fuzz import answers, grading, names, notebooks

    rng = random.Random(f"{kind} {seed}")
    if kind == "notebook":
        solved = grading.solved_notebooks()
        weights = [SLOW_WEIGHT if name in SLOW_NOTEBOOKS else 1 for _, name in solved]
        ((assignment, name),) = rng.choices(list(solved), weights)
        return NotebookCase(assignment, name, notebooks.make_notebook(rng, solved[assignment, name]), seed)
    if kind == "answers":
        exercise, draw = rng.choice(list(grading.exercises)), rng.randrange(grading.NUM_DRAWS)
        reply = answers.make_reply(rng, grading.known_replies(exercise, draw))
        return AnswersCase(exercise, answers.to_frame(reply), draw)
    if kind == "names":
        return NamesCase(tuple(names.make_class(rng)), seed)
    raise ValueError(f"unknown kind of case: {kind!r}")
