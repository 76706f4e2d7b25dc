"""A small class that has been graded, a hostile student in it, and a person's marks and comments."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch
from autograder.reports import class_report, feedback_page
from tests.conftest import course_in

from ..submissions.payloads import MARKDOWN, MARKUP

ASSIGNMENT = "01-sigmoid"
SHOW = """\
from IPython.display import display
for mime in ("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"):
    for payload in {payloads!r}:
        display({{mime: payload, "text/plain": "<script>alert(1)</script>"}}, raw=True)
print("<script>alert(1)</script> \\x1b]8;;https://evil.example\\x07click\\x1b]8;;\\x07 \\x1b[31mred\\x1b[0m")
raise ValueError("<img src=x onerror=alert(1)>")"""


def run(course: Course, *command: str) -> str:
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def graded(tmp_path_factory, sandbox) -> Course:
    """Six made students, one who copied, one who is hostile, one whose file is no notebook, and comments of a person."""
    course = Course.at(course_in(tmp_path_factory.mktemp("graded"), ASSIGNMENT))
    simulate.simulate(course, ASSIGNMENT, 6, seed=4)
    source = nbformat.read(course.source(ASSIGNMENT) / "sigmoid.ipynb", 4)
    wrong = {
        "sigmoid": "import numpy as np\n\ndef sigmoid(z):\n    return 2 / (1 + np.exp(-z))  # <script>alert(1)</script>"
    }
    hostile = simulate.submission(source, wrong)
    payloads = [*MARKUP, *MARKDOWN]
    hostile.cells += [new_markdown_cell(payload) for payload in payloads]
    hostile.cells.append(new_code_cell(SHOW.format(payloads=payloads)))
    _hand_in(course, "hostile", hostile)
    copied = "# my own clever trick, do not copy\nimport numpy as np\nclever_little_name = np.exp\ndef sigmoid(z):\n    # a third line that nobody else has\n    return 1 / (1 + clever_little_name(-np.asarray(z)))"
    for student in ("one", "other"):
        _hand_in(course, student, simulate.submission(source, {"sigmoid": copied}))
    _hand_in(course, "=cmd()", simulate.submission(source, {}))
    folder = course.folder("submitted", "broken", ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / "sigmoid.ipynb").write_text("no notebook")
    for folder in (course.root / "submitted").glob(f"*/{ASSIGNMENT}"):  # as nbgrader collects from an exchange
        (folder / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
        (folder / "submission_secret.txt").write_text(f"the exchange's secret of {folder.parent.name}")
    list(batch.grade(course, ASSIGNMENT))
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student(
            "student-001", first_name="Ada", last_name="King, of Lovelace", email="ada@example.org", lms_user_id="4711"
        )
        written = next(
            c for c in source.cells if c.cell_type == "markdown" and c.metadata.get("nbgrader", {}).get("grade")
        )
        grade_id = written.metadata.nbgrader.grade_id
        grade = gradebook.find_grade(grade_id, "sigmoid", ASSIGNMENT, "student-001")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = gradebook.find_comment(grade_id, "sigmoid", ASSIGNMENT, "student-001")
        comment.manual_comment = "Well argued: $p^2$\n<script>alert(1)</script> & more"
        gradebook.db.commit()
    feedback_page.write_all(course, ASSIGNMENT)
    class_report.write(course, ASSIGNMENT)
    return course


def _hand_in(course: Course, student: str, nb) -> None:
    folder = course.folder("submitted", student, ASSIGNMENT)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / "sigmoid.ipynb")


@pytest.fixture(scope="session")
def pages(graded) -> dict[str, Path]:
    """The feedback page of each student."""
    return {path.parent.parent.name: path for path in graded.root.glob(f"feedback/*/{ASSIGNMENT}/sigmoid.html")}


python = sys.executable
