"""Cells that spoil those below are named."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.authoring.simulate import make_submission
from autograder.grading import registration
from autograder.grading.cell_notes import find_notes
from autograder.grading.finished_cells import FinishedNotebook

from .conftest import ASSIGNMENT, index_of, submit_and_grade


@pytest.mark.parametrize("above", [[], [new_markdown_cell("# Title")]])
def test_a_name_of_python_that_a_given_cell_needs_is_named_even_if_the_notebook_begins_with_it(above):
    error = new_output("error", ename="TypeError", evalue="'int' object is not callable", traceback=[])
    given = new_code_cell("total = sum([1, 2])", execution_count=2, outputs=[error])
    nb = new_notebook(cells=[*above, new_code_cell("sum = 5", execution_count=1), given])
    notes = find_notes(FinishedNotebook(nb, {}, {}, {given.source}), set(), set())
    assert "Cell [1] uses the name `sum` again, which cell [2] below it needs as it was: choose another name." in notes


@pytest.mark.parametrize(("own", "is_named"), [("np = 3", True), ("import numpy as np", False), ("x = 3", False)])
def test_an_imported_name_that_a_given_cell_needs_is_named_if_a_student_assigns_to_it(own, is_named):
    error = new_output("error", ename="AttributeError", evalue="'int' object has no attribute 'ones'", traceback=[])
    imported = new_code_cell("import numpy as np", execution_count=1)
    failing = new_code_cell("np.ones(2)", execution_count=3, outputs=[error])
    nb = new_notebook(cells=[imported, new_code_cell(f"{own}  # mine", execution_count=2), failing])
    notes = find_notes(FinishedNotebook(nb, {}, {}, {imported.source, failing.source}), set(), set())
    assert any("Cell [2] uses the name `np` again" in note for note in notes) is is_named


@pytest.mark.parametrize(("module", "is_noted"), [("google", False), ("google.colab", False), ("googletrans", True)])
def test_only_the_cell_that_students_in_colab_add_may_fail_to_import(module, is_noted):
    error = new_output("error", ename="ModuleNotFoundError", evalue=f"No module named '{module}'", traceback=[])
    nb = new_notebook(cells=[new_code_cell(f"import {module}", execution_count=1, outputs=[error])])
    assert bool(find_notes(FinishedNotebook(nb, {}, {}, set()), set(), set())) is is_noted


@pytest.mark.parametrize("right", [set(), {3}])
def test_no_name_is_blamed_for_a_cell_that_calls_a_wrong_answer(right):
    error = new_output("error", ename="TypeError", evalue="'NoneType' object is not subscriptable", traceback=[])
    sources = ["X = [1, 2]", "X = [3, 4]", "softmax(X)[0]", "softmax(1)"]
    cells = [new_code_cell(source, execution_count=i) for i, source in enumerate(sources, start=1)]
    cells[2].outputs = [error]
    finished = FinishedNotebook(new_notebook(cells=cells), {}, {3: "softmax"}, {sources[0], *sources[2:]})
    assert any("uses the name `X` again" in note for note in find_notes(finished, set(), right)) is bool(right)


@pytest.mark.parametrize(("failing", "rest"), [
    (11, "There is 1 more such message."), (12, "There are 2 more such messages."),
])  # fmt: skip
def test_what_exceeds_ten_messages_is_counted(failing, rest):
    error = new_output("error", ename="E", evalue="no", traceback=[])
    cells = [new_code_cell(f"{i} / 0", execution_count=i, outputs=[error]) for i in range(1, failing + 1)]
    assert find_notes(FinishedNotebook(new_notebook(cells=cells), {}, {}, set()), set(), set())[10:] == [rest]


def test_cells_count_as_the_student_s_only_if_they_differ_from_what_students_received(course, source):
    source = copy.deepcopy(source)  # tests share it
    solution, check = (source.cells[index_of(source, name)] for name in ("sigmoid-solution", "sigmoid"))
    solution.source += "\n### BEGIN SOLUTION\ndata = 0\n### END SOLUTION"
    check.source = f"sigmoid_prime_ = 1\n{check.source}"
    source.cells += [new_code_cell("data = [1, 2]"), new_code_cell("print(data[0])")]
    nbformat.write(source, course.source_folder(ASSIGNMENT) / "sigmoid.ipynb")
    registration.register(course, ASSIGNMENT)
    nb = make_submission(source, {"sigmoid": "", "sigmoid_prime": "pass"})
    nb.cells.insert(-1, new_code_cell("data = None"))
    record = submit_and_grade(course, nb)
    assert any("uses the name `data` again" in message for message in record.messages)
    (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == "sigmoid_prime"]
    assert verdict.cause == "No cell of your notebook defines `sigmoid_prime`."
