"""What a graded notebook shows: what was run, what was handed in, and nothing that acts in its reader's browser."""

import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from .conftest import graded, hand_in

SHOWN = "<p>as it was drawn at home</p>"
SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"


def by_autograder(course, nb):
    graded(course, nb)


def by_nbgrader(course, nb):
    hand_in(course, nb)
    subprocess.run(["nbgrader", "autograde", "01-sigmoid"], cwd=course.root, check=True, capture_output=True)


@pytest.fixture(params=[by_autograder, by_nbgrader], ids=["autograder", "nbgrader"])
def after_grading(request, course):
    """Grade a notebook; return it as it lies in `autograded/`."""

    def grade(nb):
        request.param(course, nb)
        return nbformat.read(course.root / "autograded" / "ada" / "01-sigmoid" / "sigmoid.ipynb", 4)

    return grade


def demonstration(nb):
    return next(cell for cell in nb.cells if "demo" in cell.metadata.get("tags", []))


def test_a_demonstration_keeps_what_was_handed_in_and_says_so(after_grading, solved):
    demonstration(solved).outputs = [
        new_output("display_data", {"text/html": SHOWN + SCRIPT}),
        nbformat.from_dict({"output_type": "no such type"}),
    ]
    note, shown = demonstration(after_grading(solved)).outputs
    assert "Not run while grading" in note.text
    assert "drawn at home" in shown.data["text/html"]
    assert "alert" not in shown.data["text/html"]


def test_a_demonstration_that_was_changed_is_run(after_grading, solved):
    cell = demonstration(solved)
    cell.source = "print('mine')"
    cell.outputs = [new_output("display_data", {"text/html": SHOWN})]
    (printed,) = demonstration(after_grading(solved)).outputs
    assert printed.text == "mine\n"


def test_outputs_of_other_cells_are_those_of_the_grader(after_grading, solved):
    for cell in solved.cells:
        if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", []):
            cell.outputs = [new_output("display_data", {"text/html": SHOWN})]
    assert SHOWN not in str(after_grading(solved))


def test_nothing_in_a_graded_notebook_acts(after_grading, solved):
    solved.cells += [
        new_code_cell(f"from IPython.display import HTML, Javascript, SVG, display\ndisplay(HTML('{SCRIPT}'))"),
        new_code_cell("display(Javascript('alert(1)'))\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>'))"),
        new_markdown_cell(f"Look here: {SCRIPT} and [there](javascript:alert(1))"),
    ]  # fmt: skip
    for cell in after_grading(solved).cells[-3:]:
        shown = cell.source if cell.cell_type == "markdown" else str([output.get("data") for output in cell.outputs])
        for active in ("onerror", "<script", "onload", "javascript:", "application/javascript"):
            assert active not in shown


def test_files_released_beside_the_notebook_are_there_and_those_of_the_student_are_not(course, solved):
    (course.root / "solutions" / "01-sigmoid" / "numbers.txt").write_text("1 2 3")
    solved.cells.append(
        new_code_cell("import os, numpy\nprint(open('numbers.txt').read(), os.listdir())\nnumpy.zeros(1)")
    )
    hand_in(course, solved)
    (course.root / "submitted" / "ada" / "01-sigmoid" / "numpy.py").write_text("raise SystemExit")
    graded(course, solved)
    nb = nbformat.read(course.root / "autograded" / "ada" / "01-sigmoid" / "sigmoid.ipynb", 4)
    assert nb.cells[-1].outputs[0].text == "1 2 3 ['numbers.txt']\n"
