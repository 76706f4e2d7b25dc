"""Decisions never read prose: with every sentence replaced, scores and outcomes stay the same."""

import copy
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.grading import one_submission
from autograder.judging.compare import Difference
from autograder.judging.rule_failures import RuleFailure
from autograder.judging.verdict import Finding
from autograder.runner import Failure
from autograder.supervisor import LimitExceeded, WorkerDied
from tests.conftest import add_settings
from tests.grading.conftest import submit

WITH_MESSAGES = (Failure, Difference, RuleFailure, Finding)
SOLUTIONS = {
    "wrong": "import numpy as np\n\ndef sigmoid(z):\n    return np.tanh(z)",
    "raises": "def sigmoid(z):\n    raise ValueError('timed out: process crashed')",
    "unanswered": "raise NotImplementedError()",
    "late": "while True:\n    pass",
    "gone": "import os\n\nos._exit(3)",
    "greedy": "bytearray(1 << 40)\n\ndef sigmoid(z):\n    return z",
    "loud": "print('x' * 3_000_000)\n\ndef sigmoid(z):\n    return z",
}


@pytest.fixture
def without_prose(monkeypatch):
    """Replace the message of every failure, difference and finding by the same meaningless word."""
    for kind in WITH_MESSAGES:
        original = kind.__init__

        def init(self, *args, original=original, **kwargs):
            original(self, *args, **kwargs)
            object.__setattr__(self, "message", "blah")

        monkeypatch.setattr(kind, "__init__", init)


@pytest.fixture
def submissions(course, solved) -> Course:
    add_settings(course.root, 'c.RunCells.limits = {"cell_seconds": 1}')
    for student, text in SOLUTIONS.items():
        nb = copy.deepcopy(solved)
        next(cell for cell in nb.cells if cell.id == "sigmoid-solution").source = text
        submit(course, nb, student)
    submit(course, solved, "right")
    broken = Path(course.root / "submitted" / "broken" / "01-sigmoid")
    broken.mkdir(parents=True)
    (broken / "sigmoid.ipynb").write_text("not a notebook")
    return Course(course.root)


@pytest.fixture
def expected(submissions) -> dict[str, tuple[float, str]]:
    """Scores and outcomes with the real sentences."""
    return _results(submissions)


def _results(course: Course) -> dict[str, tuple[float, str]]:
    records = [
        one_submission.grade_one(course.root, "01-sigmoid", student) for student in course.students("01-sigmoid")
    ]
    return {record.student: (record.score, str(record.outcome)) for record in records}


def test_scores_and_outcomes_do_not_depend_on_any_sentence(expected, without_prose, submissions):
    outcomes = {student: outcome for student, (_, outcome) in expected.items()}
    assert outcomes == {
        "wrong": "graded", "raises": "graded", "unanswered": "graded", "right": "graded", "greedy": "graded", "loud": "graded",
        "late": "timed out", "gone": "crashed", "broken": "unreadable",
    }  # fmt: skip
    assert len({score for score, _ in expected.values()}) > 2
    assert _results(submissions) == expected


@pytest.mark.parametrize(("kind", "outcome"), [(LimitExceeded, "needs a person"), (WorkerDied, "crashed")])
def test_the_kind_of_a_failure_of_the_grader_decides_its_outcome(kind, outcome):
    record = one_submission.record_of_failure(kind("judging sigmoid: timed out"), "01-sigmoid", "ada")
    assert (record.student, record.outcome, record.key) == ("ada", outcome, "")
    assert "while judging sigmoid: timed out" in record.messages[0]
