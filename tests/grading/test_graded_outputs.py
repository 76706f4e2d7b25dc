"""The outputs of a graded notebook: those of the grader, submitted ones of demonstrations, and nothing active."""

import copy
import shutil
import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader import utils

from autograder.authoring.simulate import make_submission
from autograder.course import Course
from autograder.grading.exercise_cells import insert_verdict
from tests.conftest import exercises

from .conftest import ASSIGNMENT, read_autograded, submit, submit_and_grade

SUBMITTED_OUTPUT = "<p>drawn at home</p>"
SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"


@pytest.fixture(scope="module", params=["autograder", pytest.param("nbgrader", marks=pytest.mark.slow)])
def graded(request, registered, tmp_path_factory, sandbox, source):
    """One notebook with all that the tests look for, as it is stored in `autograded/`."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("outputs") / "course"))
    nb = make_submission(copy.deepcopy(source), {})
    unchanged, changed = find_demos(nb, source)[:2]
    changed.source = "print('mine')"
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", {"text/html": SUBMITTED_OUTPUT})]
    invalid = nbformat.from_dict({"output_type": "no such type"})
    unchanged.outputs = [new_output("display_data", {"text/html": SUBMITTED_OUTPUT + SCRIPT}), invalid]
    nb.cells += [
        new_code_cell(f"from IPython.display import HTML, Javascript, SVG, display\ndisplay(HTML('{SCRIPT}'))"),
        new_code_cell("display(Javascript('alert(1)'))\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>'))"),
        new_markdown_cell(f"Look here: {SCRIPT} and [there](javascript:alert(1))"),
    ]  # fmt: skip
    if request.param == "autograder":
        submit_and_grade(course, nb)
    else:
        submit(course, nb)
        subprocess.run(["nbgrader", "autograde", ASSIGNMENT], cwd=course.root, check=True, capture_output=True)
    return read_autograded(course)


def find_demos(nb, source):
    ids = {cell.id for cell in source.cells if "demo" in cell.metadata.get("tags", [])}
    return [cell for cell in nb.cells if cell.id in ids]


def test_an_unchanged_demonstration_keeps_its_submitted_output_with_a_note(graded, source):
    note, output = find_demos(graded, source)[0].outputs
    assert "Not run during grading" in note.text
    assert "drawn at home" in output.data["text/html"]
    assert "alert" not in output.data["text/html"]


def test_a_changed_demonstration_is_run(graded, source):
    (output,) = find_demos(graded, source)[1].outputs
    assert output.text == "mine\n"


def test_submitted_outputs_of_other_cells_are_dropped(graded, source):
    demos = find_demos(graded, source)
    assert not [cell for cell in graded.cells if SUBMITTED_OUTPUT in str(cell) and cell not in demos]


def test_a_graded_notebook_holds_no_active_content(graded):
    for cell in graded.cells[-3:]:
        text = cell.source if cell.cell_type == "markdown" else str([output.get("data") for output in cell.outputs])
        for active in ("onerror", "<script", "onload", "javascript:", "application/javascript"):
            assert active not in text


def test_a_notebook_runs_beside_the_released_files_and_not_beside_the_student_s(course, solved):
    (course.root / "solutions" / ASSIGNMENT / "numbers.txt").write_text("1 2 3")
    solved.cells.append(
        new_code_cell("import os, numpy\nprint(open('numbers.txt').read(), os.listdir())\nnumpy.zeros(1)")
    )
    submit(course, solved)
    (course.root / "submitted" / "ada" / ASSIGNMENT / "numpy.py").write_text("raise SystemExit")
    submit_and_grade(course, solved)
    assert read_autograded(course).cells[-1].outputs[0].text == "1 2 3 ['numbers.txt']\n"


@pytest.mark.parametrize("points", [10, 16.666667, 2 / 3])
def test_a_cell_may_have_other_points_than_the_rules_of_its_exercise(points):
    sigmoid = exercises["sigmoid"]
    cell = new_code_cell(metadata={"nbgrader": {"points": points, "grade": True, "solution": False}})
    insert_verdict(cell, sigmoid.check(sigmoid.reference))
    assert utils.determine_grade(cell) == (points, points)
    assert f"{sigmoid.points:g} of {sigmoid.points:g} points" in cell.outputs[0].data["text/html"]
