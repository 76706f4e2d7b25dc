"""A small graded class. Among its students are one who attacks the pages and two with the same unusual solution."""

import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from typer.testing import CliRunner

from autograder.authoring import simulate
from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.cli import app
from autograder.course import Course
from autograder.grading import batch
from autograder.reports import feedback_writer
from tests.conftest import REPOSITORY, empty_gradebook, make_course

from .submissions.payloads import MARKDOWN, MARKUP

ASSIGNMENT = "01-sigmoid"
SECOND_COURSE = REPOSITORY / "tests" / "second_course" / "course"
HOSTILE_CELL = """\
from IPython.display import display
for mime in ("text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"):
    for payload in {payloads!r}:
        display({{mime: payload, "text/plain": "<script>alert(1)</script>"}}, raw=True)
print("<script>alert(1)</script> \\x1b]8;;https://evil.example\\x07click\\x1b]8;;\\x07 \\x1b[31mred\\x1b[0m")
raise ValueError("<img src=x onerror=alert(1)>")"""
HOSTILE_SOLUTION = "import numpy as np\n\ndef sigmoid(z):\n    return 2 / (1 + np.exp(-z))  # <script>alert(1)</script>"
UNUSUAL_SOLUTION = """\
# my own clever trick, do not copy
import numpy as np
clever_little_name = np.exp
def sigmoid(z):
    # a third line that nobody else has
    return 1 / (1 + clever_little_name(-np.asarray(z)))"""


def second_course(folder: Path, package: str, *left_out: str) -> Course:
    """The small course of `tests/second_course`, which is graded in no time, with the settings of this repository."""
    shutil.copytree(SECOND_COURSE, folder, ignore=shutil.ignore_patterns(*left_out))
    config = (REPOSITORY / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(config.replace('"exercises"', f'"{package}"'), encoding="utf-8")
    (folder / "gradebook.db").write_bytes(empty_gradebook())
    return Course.at(folder)


def run(course: Course, *command: str) -> str:
    """Run a command in the course and return its output."""
    completed = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return completed.stdout + completed.stderr


def run_autograder(course: Course, *arguments: str) -> str:
    """Run a command of the autograder in this process, and return its output."""
    result = CliRunner().invoke(app, [*arguments, "--course-dir", str(course.root)])
    assert result.exit_code == 0, f"{result.output}{result.exception}"
    return result.output


@pytest.fixture(scope="session")
def graded(tmp_path_factory, sandbox) -> Course:
    """The course, with graded submissions, a manual score and a comment, feedback pages and the class report."""
    course = Course.at(make_course(tmp_path_factory.mktemp("graded"), ASSIGNMENT))
    simulate.simulate(course, ASSIGNMENT, 6, seed=4)
    source = nbformat.read(course.source_folder(ASSIGNMENT) / "sigmoid.ipynb", 4)
    hostile = simulate.make_submission(source, {"sigmoid": HOSTILE_SOLUTION})
    payloads = [*MARKUP, *MARKDOWN]
    hostile.cells += [new_markdown_cell(payload) for payload in payloads]
    hostile.cells.append(new_code_cell(HOSTILE_CELL.format(payloads=payloads)))
    _submit(course, "hostile", hostile)
    for student in ("one", "other"):
        _submit(course, student, simulate.make_submission(source, {"sigmoid": UNUSUAL_SOLUTION}))
    _submit(course, "=cmd()", simulate.make_submission(source, {}))
    folder = course.folder("submitted", "broken", ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / "sigmoid.ipynb").write_text("no notebook")
    for folder in (course.root / "submitted").glob(f"*/{ASSIGNMENT}"):  # files that nbgrader collects from an exchange
        (folder / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
        (folder / "submission_secret.txt").write_text(f"the exchange's secret of {folder.parent.name}")
    list(batch.grade(course, ASSIGNMENT))
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student(
            "student-001", first_name="Ada", last_name="King, of Lovelace", email="ada@example.org", lms_user_id="4711"
        )
        written = next(
            cell
            for cell in source.cells
            if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
        )
        grade_id = written.metadata.nbgrader.grade_id
        grade = gradebook.find_grade(grade_id, "sigmoid", ASSIGNMENT, "student-001")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = gradebook.find_comment(grade_id, "sigmoid", ASSIGNMENT, "student-001")
        comment.manual_comment = "Well argued: $p^2$\n<script>alert(1)</script> & more"
        gradebook.db.commit()
    feedback_writer.write_all(course, ASSIGNMENT)
    class_report.write(ClassData.read(course, ASSIGNMENT))
    return course


def _submit(course: Course, student: str, nb: nbformat.NotebookNode) -> None:
    folder = course.folder("submitted", student, ASSIGNMENT)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / "sigmoid.ipynb")


@pytest.fixture(scope="session")
def pages(graded) -> dict[str, Path]:
    """The feedback page of each student."""
    return {path.parent.parent.name: path for path in graded.root.glob(f"feedback/*/{ASSIGNMENT}/sigmoid.html")}
