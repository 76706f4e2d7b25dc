"""Points and ids that differ between the rules and the notebook stop everything that grades with them."""

import copy

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import CourseError
from autograder.grading import registration

from .conftest import ASSIGNMENT, index_of


@pytest.mark.parametrize(("change", "difference"), [
    ({"points": 7}, "sigmoid has 4 points in its rules, 7 in its cell: make the points equal"),
    ({"grade_id": "q1"}, "the cell q1 checks sigmoid: let this be its id, too"),
])  # fmt: skip
def test_different_points_and_ids_are_reported_before_grading(course, source, change, difference):
    source = copy.deepcopy(source)  # tests share it
    source.cells[index_of(source, "sigmoid")].metadata.nbgrader.update(change)
    nbformat.write(source, course.root / "solutions" / ASSIGNMENT / "sigmoid.ipynb")
    reason = f"01-sigmoid/sigmoid.ipynb: {difference}"
    with pytest.raises(CourseError, match=reason):
        registration.register(course, ASSIGNMENT)
    for command in (["matrix", "sigmoid"], ["grade", ASSIGNMENT]):
        (course.root / "submitted" / "ada" / ASSIGNMENT).mkdir(parents=True, exist_ok=True)
        result = CliRunner().invoke(app, [*command, "--course-dir", str(course.root)])
        assert reason in str(result.exception)
