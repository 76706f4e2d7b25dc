"""Two students whose submissions stop the grader cost nobody else anything: each stage of the work is limited."""

import os
import subprocess
import sys
import time

import pytest

from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch, records
from autograder.reports import feedback_writer
from tests.conftest import REPOSITORY, add_settings

from .conftest import ASSIGNMENT

pytestmark = pytest.mark.slow

ATTACKERS = ("student-002", "student-004")
STAGE_SECONDS = 6
# Replaces a function of the grader, as a submission would that finds a weak place in it.
POISON = """
import itertools
import time
from pathlib import Path

import {module} as target

original = target.{function}
ATTACKERS = {attackers!r}

def is_attacker(args):
    return any(name in str(getattr(arg, "args", arg)) or getattr(arg, "student", "") == name for arg in args for name in ATTACKERS)

def endless(*args, **kwargs):
    if {condition}:
        {attack}
    return original(*args, **kwargs)

target.{function} = endless
"""
HANG = "time.sleep(1_000)"
LOOP = "sum(itertools.count())"  # in C: Python code cannot interrupt it
GROW = "kept = [bytearray(1 << 20) for _ in itertools.count()]"


def poison(course: Course, module: str, function: str, condition: str, attack: str) -> None:
    text = POISON.format(module=module, function=function, condition=condition, attack=attack, attackers=ATTACKERS)
    (course.root / "poison.py").write_text(text)
    (course.root / "sitecustomize.py").write_text("import poison")  # so that worker processes import it, too
    add_settings(course.root, f"c.Supervisor.stage_seconds = {STAGE_SECONDS}")


def run(course: Course, *command: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(course.root), str(REPOSITORY)])}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=course.root, env=environment, capture_output=True, text=True
    )
    assert "sitecustomize" not in done.stderr, done.stderr  # an attack that could not be planted proves nothing
    return done


@pytest.fixture
def truth(course) -> dict[str, float]:
    return simulate.simulate(course, ASSIGNMENT, 4, seed=3)


@pytest.mark.parametrize(("module", "function", "condition", "attack", "stage"), [
    ("autograder.grading.released_notebooks", "read_submission", "is_attacker(args)", LOOP, "reading the submission"),
    ("autograder.grading.released_notebooks", "read_submission", "is_attacker(args)", GROW, "reading the submission"),
    ("autograder.grading.gradebook", "save_scores", "is_attacker(args)", HANG, "saving the scores"),
])  # fmt: skip
@pytest.mark.attack("work of the grader")
def test_a_class_with_two_attackers_is_graded_and_a_rerun_tries_only_them(
    course, truth, module, function, condition, attack, stage
):
    poison(course, module, function, condition, attack)
    started = time.monotonic()
    done = run(course, "autograder", "grade", ASSIGNMENT, "--workers", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert time.monotonic() - started < 60
    graded = {record.student: record for record in records.read_all(course.root / "records", ASSIGNMENT)}
    assert graded.keys() == truth.keys()
    for student, record in graded.items():
        if student in ATTACKERS:
            assert record.outcome is records.Outcome.NEEDS_A_PERSON
            assert stage in record.messages[0]
            assert ("MiB of memory" if attack is GROW else f"{STAGE_SECONDS} s of this stage") in record.messages[0]
        else:
            assert (record.outcome, record.score) == (records.Outcome.GRADED, pytest.approx(truth[student]))
    pages = feedback_writer.write_all(Course.at(course.root), ASSIGNMENT)
    assert {path.parent.parent.name for path in pages.paths} >= truth.keys() - set(ATTACKERS)
    (course.root / "poison.py").write_text("")  # the weak place is repaired
    done = run(course, "autograder", "grade", ASSIGNMENT, "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    after = {record.student: record for record in records.read_all(course.root / "records", ASSIGNMENT)}
    assert {student: record.score for student, record in after.items()} == truth
    assert all(after[student].seconds == graded[student].seconds for student in truth if student not in ATTACKERS)


@pytest.mark.attack("work of the grader")
def test_nbgrader_autograde_goes_on_after_an_attacker(course, truth):
    poison(course, "nbformat", "read", "is_attacker(args)", HANG)
    (course.root / "submitted" / "piper" / ASSIGNMENT).mkdir(parents=True)
    os.mkfifo(course.root / "submitted" / "piper" / ASSIGNMENT / "sigmoid.ipynb")
    run(course, "nbgrader", "autograde", ASSIGNMENT)
    piper = records.read(course.root / "records", ASSIGNMENT, "piper")
    assert (piper.outcome, piper.messages) == (
        records.Outcome.UNREADABLE,
        ["sigmoid.ipynb cannot be read: it is not a regular file: submit the notebook itself"],
    )
    scores = gradebook_scores(course)
    for student in truth.keys() - set(ATTACKERS):
        assert scores[student] == pytest.approx(truth[student])
    for student in ATTACKERS:
        record = records.read(course.root / "records", ASSIGNMENT, student)
        assert record.outcome is records.Outcome.NEEDS_A_PERSON
        assert "reading the notebook" in record.messages[0]


def gradebook_scores(course: Course) -> dict[str, float]:
    with Course(course.root).gradebook() as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}


@pytest.mark.parametrize("attack", [HANG, GROW])
@pytest.mark.attack("work of the grader")
def test_a_page_that_cannot_be_rendered_does_not_stop_the_others(course, truth, attack):
    list(batch.grade(course, ASSIGNMENT, workers=2))
    poison(course, "autograder.reports.feedback_writer", "render_page", "is_attacker(args)", attack)
    done = run(course, "autograder", "feedback", ASSIGNMENT)
    assert done.returncode == 1
    assert done.stderr.count("cannot be shown: rendering the feedback page") == 2
    for student in truth:
        page = (course.root / "feedback" / student / ASSIGNMENT / "sigmoid.html").read_text()
        assert ("This notebook cannot be shown." in page) == (student in ATTACKERS)
