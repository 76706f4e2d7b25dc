"""Students whose submissions stop the grader cost nobody else anything: each stage of the work is limited."""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest

from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch, records
from autograder.grading.locks import locked
from autograder.reports import feedback_writer
from tests.conftest import REPOSITORY, add_settings

from .conftest import ASSIGNMENT

pytestmark = pytest.mark.slow

STAGE_SECONDS = 6  # honest work takes one, on a busy machine several
# Plants attacks into functions of the grader, as a submission would that finds a weak place in them.
POISON = """
import importlib
import itertools
import time

def plant(module, function, attacks):
    target = importlib.import_module(module)
    original = getattr(target, function)

    def poisoned(*args, **kwargs):
        for student, attack in attacks.items():
            if any(student in str(getattr(arg, "args", arg)) or getattr(arg, "student", "") == student for arg in args):
                exec(attack)
        return original(*args, **kwargs)

    setattr(target, function, poisoned)

"""
HANG = "time.sleep(1_000)"
LOOP = "sum(itertools.count())"  # in C: Python code cannot interrupt it
GROW = "kept = [bytearray(1 << 20) for _ in itertools.count()]"
READING = ("autograder.grading.released_notebooks", "read_submission", {"student-001": LOOP, "student-003": GROW})
SAVING = ("autograder.grading.gradebook", "save_scores", {"student-004": HANG})
RENDERING = ("autograder.reports.feedback_writer", "render_page", {"student-001": HANG, "student-002": GROW})
IN_TIME = f"{STAGE_SECONDS} s of this stage"


def poison(course: Course, *places: tuple[str, str, dict[str, str]]) -> None:
    """Plant the attacks of students: at each place, a module and its function."""
    (course.root / "poison.py").write_text(POISON + "".join(f"plant(*{place!r})\n" for place in places))
    (course.root / "sitecustomize.py").write_text("import poison")  # so that worker processes import it, too
    add_settings(course.root, f"c.Supervisor.stage_seconds = {STAGE_SECONDS}")


def run(course: Course, *command: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(course.root), str(REPOSITORY)])}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=course.root, env=environment, capture_output=True, text=True
    )
    assert "sitecustomize" not in done.stderr, done.stderr  # an attack that could not be planted proves nothing
    return done


@pytest.mark.attack("work of the grader", [LOOP, GROW, HANG])
def test_a_class_with_attackers_is_graded_and_a_rerun_tries_only_them(course):
    truth = simulate.simulate(course, ASSIGNMENT, 5, seed=3)
    attackers = {
        "student-001": ("reading the submission", IN_TIME),
        "student-003": ("reading the submission", "MiB of memory"),
        "student-004": ("saving the scores", IN_TIME),
    }
    poison(course, READING, SAVING)
    (another_run := ExitStack()).enter_context(locked(course.submitted_folder("student-002", ASSIGNMENT)))
    threading.Timer(3 * STAGE_SECONDS, another_run.close).start()
    started = time.monotonic()
    done = run(course, "autograder", "grade", ASSIGNMENT, "--workers", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert time.monotonic() - started < 60
    graded = {record.student: record for record in records.read_all(course.root / "records", ASSIGNMENT)}
    assert graded.keys() == truth.keys()
    for student, record in graded.items():
        if student in attackers:
            assert record.outcome is records.Outcome.NEEDS_A_PERSON
            assert all(part in record.messages[0] for part in attackers[student]), record.messages
        else:
            assert (record.outcome, record.score) == (records.Outcome.GRADED, pytest.approx(truth[student]))
    pages = feedback_writer.write_all(Course.at(course.root), ASSIGNMENT)
    assert {path.parent.parent.name for path in pages.paths} >= truth.keys() - attackers.keys()
    (course.root / "poison.py").write_text("")  # the weak place is repaired
    done = run(course, "autograder", "grade", ASSIGNMENT, "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    after = {record.student: record for record in records.read_all(course.root / "records", ASSIGNMENT)}
    assert {student: record.score for student, record in after.items()} == truth
    assert all(after[student].seconds == graded[student].seconds for student in truth if student not in attackers)


@pytest.mark.attack("work of the grader")
def test_nbgrader_autograde_goes_on_after_an_attacker(course):
    truth = simulate.simulate(course, ASSIGNMENT, 2, seed=3)
    poison(course, ("nbformat", "read", {"student-001": HANG}))
    (course.root / "submitted" / "piper" / ASSIGNMENT).mkdir(parents=True)
    os.mkfifo(course.root / "submitted" / "piper" / ASSIGNMENT / "sigmoid.ipynb")
    run(course, "nbgrader", "autograde", ASSIGNMENT)
    by_student = {record.student: record for record in records.read_all(course.root / "records", ASSIGNMENT)}
    assert (by_student["piper"].outcome, by_student["piper"].messages) == (
        records.Outcome.UNREADABLE,
        ["sigmoid.ipynb cannot be read: it is not a regular file: submit the notebook itself"],
    )
    assert by_student["student-001"].outcome is records.Outcome.NEEDS_A_PERSON
    assert "reading the notebook" in by_student["student-001"].messages[0]
    with Course(course.root).gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "student-002").score == pytest.approx(truth["student-002"])


@pytest.mark.attack("work of the grader", [HANG, GROW])
def test_a_page_that_cannot_be_rendered_does_not_stop_the_others(course):
    truth = simulate.simulate(course, ASSIGNMENT, 3, seed=3)
    list(batch.grade(course, ASSIGNMENT, workers=2))
    poison(course, RENDERING)
    done = run(course, "autograder", "feedback", ASSIGNMENT)
    assert done.returncode == 1
    assert done.stderr.count("cannot be shown: rendering the feedback page") == 2
    for student in truth:
        page = (course.root / "feedback" / student / ASSIGNMENT / "sigmoid.html").read_text()
        assert ("This notebook cannot be shown." in page) == (student in RENDERING[2])
