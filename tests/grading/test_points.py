"""Points and ids that differ between the rules and the notebook stop everything that grades with them."""

import copy
import re

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import CourseError
from autograder.grading import registration

from .conftest import ASSIGNMENT, index_of


@pytest.mark.parametrize(("change", "hidden_test", "difference"), [
    ({"points": 7}, "check(sigmoid)", "sigmoid has 4 points in its rules, 7 in its cell: make the points equal"),
    ({"grade_id": "q1"}, "check(sigmoid)", "the cell q1 checks sigmoid: let this be its id, too"),
    ({"points": None}, "check(sigmoid)", "sigmoid has 4 points in its rules, 0 in its cell: make the points equal"),
    ({}, "", "the cell sigmoid does not name an exercise: write check(EXERCISE) as its hidden test"),
    ({}, "check(sigmod)", "the cell sigmoid: there is no exercise 'sigmod'; did you mean 'sigmoid'?"),
    ({}, "check(sigmoid", "the cell sigmoid has a hidden test that is not Python: '(' was never closed: correct it"),
    ({"task": True, "grade": False}, "", "sigmoid is a manually graded task: make it a manually graded answer"),
])  # fmt: skip
def test_different_points_and_ids_are_reported_before_grading(course, source, change, hidden_test, difference):
    source = copy.deepcopy(source)  # tests share it
    cell = source.cells[index_of(source, "sigmoid")]
    cell.metadata.nbgrader.update(change)
    cell.source = cell.source.replace("check(sigmoid)", hidden_test)
    nbformat.write(source, course.root / "solutions" / ASSIGNMENT / "sigmoid.ipynb")
    reason = f"01-sigmoid/sigmoid.ipynb: {difference}"
    with pytest.raises(CourseError, match=re.escape(reason)):
        registration.register(course, ASSIGNMENT)
    for command in (["matrix", "sigmoid"], ["grade", ASSIGNMENT]):
        (course.root / "submitted" / "ada" / ASSIGNMENT).mkdir(parents=True, exist_ok=True)
        result = CliRunner().invoke(app, [*command, "--course-dir", str(course.root)])
        assert reason in str(result.exception)
