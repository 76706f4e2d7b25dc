"""Cases: what is handed in, and the function that checks how the grader treats it."""

import random
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzz import answers, grading, names, notebooks
from tests.fuzz.names import Student

KINDS = {"notebook": 42, "answers": 55, "names": 3}  # of each hundred cases
SLOW_NOTEBOOKS, SLOW_WEIGHT = ("iris",), 0.3  # of these, one exercise trains a model with the student's settings


@dataclass(frozen=True)
class NotebookCase:
    """A file in place of a notebook, and the seed of the replies in place of the student's process."""

    assignment: str
    name: str
    content: bytes
    seed: int = 0

    def check(self, template: Path) -> list[str]:
        """Return the violated properties."""
        return grading.check_notebook(template, self.assignment, self.name, self.content, self.seed)


@dataclass(frozen=True)
class AnswersCase:
    """A frame in place of the answers to an exercise. If it is repeated, it has one answer, which is for all cases."""

    exercise: str
    frame: bytes
    is_repeated: bool = False

    def check(self, template: Path) -> list[str]:
        """Return the violated properties."""
        frame = grading.repeat_answer(self.exercise, self.frame) if self.is_repeated else self.frame
        return grading.check_answers(template, self.exercise, frame)


@dataclass(frozen=True)
class NamesCase:
    """A class whose students and files have hostile names."""

    students: tuple[Student, ...]
    seed: int = 0

    def check(self, template: Path) -> list[str]:
        """Return the violated properties."""
        return grading.check_class(template, self.students, self.seed)


Case = NotebookCase | AnswersCase | NamesCase


class DrawnRandom(random.Random):
    """A generator whose numbers Hypothesis draws, so that it can make a failing case smaller and find it again."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__()
        self._draw = draw

    def random(self) -> float:
        return self._draw(st.integers(0, 9_999)) / 10_000

    def getrandbits(self, k: int) -> int:
        return self._draw(st.integers(0, 2**k - 1))

    def _randbelow(self, n: int) -> int:  # in choice, sample and shuffle; made of bits, it would reject numbers
        return self._draw(st.integers(0, n - 1))


@st.composite
def shrinkable_cases(draw: st.DrawFn, kind: str) -> Case:
    """Cases of one kind that Hypothesis can make smaller, if they fail."""
    return make_case(kind, DrawnRandom(draw))


def make_case(kind: str, rng: random.Random) -> Case:
    """Generate a case. A generator with the same seed generates the same case."""
    if kind == "notebook":
        solved = grading.solved_notebooks()
        weights = [SLOW_WEIGHT if name in SLOW_NOTEBOOKS else 1 for _, name in solved]
        ((assignment, name),) = rng.choices(list(solved), weights)
        content = notebooks.make_notebook(rng, solved[assignment, name])
        return NotebookCase(assignment, name, content, rng.getrandbits(32))
    if kind == "answers":
        exercise = rng.choice(list(grading.exercises))
        reply = answers.make_reply(rng, grading.known_replies(exercise))
        return AnswersCase(exercise, answers.to_frame(reply))
    return NamesCase(tuple(names.make_class(rng)), rng.getrandbits(32))
