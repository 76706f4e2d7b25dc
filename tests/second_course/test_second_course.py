"""The same engine grades a course on another subject from end to end."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from tests.conftest import REPOSITORY

ASSIGNMENT = "1-dates"


@pytest.fixture(scope="module")
def course(tmp_path_factory, sandbox) -> Path:
    """A copy of the second course with the repository's configuration, in which two settings are changed."""
    root = Path(shutil.copytree(Path(__file__).parent / "course", tmp_path_factory.mktemp("second") / "course"))
    config = (REPOSITORY / "nbgrader_config.py").read_text(encoding="utf-8")
    config = config.replace('"exercises"', '"calendar_exercises"').replace('"lectrain"', '"calendar"')
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    return root


def run_autograder(course: Path, *command: str) -> str:
    """Run a command in this process, which saves its start, and return its output."""
    result = CliRunner().invoke(app, [*command, "--course-dir", str(course)])
    assert result.exit_code == 0, f"{result.output}{result.exception}"
    return result.stdout


@pytest.fixture(scope="module")
def graded(course) -> dict[str, float]:
    """The true score of each simulated student. Their submissions have been graded, with feedback and a report."""
    nbgrader = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT]
    assert subprocess.run(nbgrader, cwd=course, capture_output=True).returncode == 0
    run_autograder(course, "simulate", ASSIGNMENT, "--students", "6")
    run_autograder(course, "grade", ASSIGNMENT)
    run_autograder(course, "feedback", ASSIGNMENT)
    run_autograder(course, "report", ASSIGNMENT)
    return json.loads((course / "submitted" / f"simulated-{ASSIGNMENT}.json").read_text())


def test_every_catalogued_answer_is_judged_as_expected(course):
    rows = json.loads(run_autograder(course, "matrix", "--json"))
    assert {row["exercise"] for row in rows} == {"is_leap_year", "days_in_months"}
    assert all(row["is_as_expected"] for row in rows)
    mistakes = [row for row in rows if row["kind"] == "mistake"]
    assert [row["diagnosed"] for row in mistakes] == [[row["name"]] for row in mistakes]


def test_the_cells_of_an_exercise_without_known_answers_are_copied(course, tmp_path):
    copy = Path(shutil.copytree(course, tmp_path / "course"))
    (copy / "calendar_exercises" / "dates" / "answers.py").unlink()
    assert run_autograder(copy, "cells", "is_leap_year") == ""
    assert (copy / "build" / "cells" / "is_leap_year.py").is_file()


@pytest.mark.slow
def test_the_released_notebook_contains_no_solution(course, graded):
    released = (course / "notebooks" / ASSIGNMENT / "dates.ipynb").read_text()
    assert "NotImplementedError" in released
    assert "29 if" not in released


@pytest.mark.slow
def test_simulated_submissions_receive_their_true_scores(course, graded):
    assert len(set(graded.values())) > 1
    for student, score in graded.items():
        record = json.loads((course / "records" / ASSIGNMENT / f"{student}.json").read_text())
        assert (record["score"], record["max_score"], record["outcome"]) == (score, 5, "graded")


@pytest.mark.slow
def test_feedback_and_class_report_are_written(course, graded):
    for student in graded:
        page = (course / "feedback" / student / ASSIGNMENT / "dates.html").read_text()
        assert "is_leap_year" in page
        assert "The Gregorian calendar" in page or graded[student] == 5
    assert "days_in_months" in (course / "reports" / f"{ASSIGNMENT}.html").read_text()


@pytest.mark.slow
def test_nbgrader_autograde_assigns_the_same_score(course, graded):
    student = next(iter(graded))
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, "--student", student, "--force"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f" {graded[student]:g} of 5 " in run_autograder(course, "scores", ASSIGNMENT)


def test_a_missing_exercise_package_is_reported_in_one_line(course, tmp_path):
    shutil.copytree(course / "solutions", tmp_path / "solutions")
    config = (course / "nbgrader_config.py").read_text().replace("calendar_exercises", "no_such_package")
    (tmp_path / "nbgrader_config.py").write_text(config)
    command = [sys.executable, "-m", "autograder", "matrix", "--course-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "error: c.DrawCases.exercises in nbgrader_config.py: ModuleNotFoundError: No module named 'no_such_package'\n"
    )
