"""The errors of a notebook's cells are described, and a cell that students received is not taken for their own."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.authoring.simulate import make_submission
from autograder.grading import registration
from autograder.grading.causes import Causes
from autograder.grading.finished_cells import FinishedNotebook
from autograder.submissions.bindings import find_reads_of_definitions

from .conftest import ASSIGNMENT, index_of, submit_and_grade


@pytest.mark.parametrize(
    ("module", "is_noted"), [("google.generativeai", True), ("google.colab", False), ("googletrans", True)]
)
def test_only_the_cell_that_students_in_colab_add_may_fail_to_import(module, is_noted):
    error = new_output("error", ename="ModuleNotFoundError", evalue=f"No module named '{module}'", traceback=[])
    nb = new_notebook(cells=[new_code_cell(f"import {module}", execution_count=1, outputs=[error])])
    assert bool(FinishedNotebook(nb, {}, {}, set()).describe_errors(set())) is is_noted


def test_the_lines_for_colab_hide_no_other_error_of_their_cell():
    errors = {
        "ModuleNotFoundError": ("No module named 'google'", "No module named 'helper'"),
        "NameError": ("name 'drive' is not defined", "name 'scale_' is not defined"),
    }
    outputs = [new_output("error", ename=n, evalue=e, traceback=[]) for n, texts in errors.items() for e in texts]
    source = "from google.colab import drive\nfrom helper import scale\ndrive.mount('/')\nscale_(1)"
    nb = new_notebook(cells=[new_code_cell(source, execution_count=1, outputs=outputs)])
    helper, scale = FinishedNotebook(nb, {}, {}, set()).describe_errors(set())
    assert "'helper'" in helper
    assert "'scale_'" in scale


@pytest.mark.parametrize(("failing", "rest"), [
    (11, "There is 1 more such message."), (12, "There are 2 more such messages."),
])  # fmt: skip
def test_what_exceeds_ten_messages_is_counted(failing, rest):
    error = new_output("error", ename="E", evalue="no", traceback=[])
    cells = [new_code_cell(f"{i} / 0", execution_count=i, outputs=[error]) for i in range(1, failing + 1)]
    assert FinishedNotebook(new_notebook(cells=cells), {}, {}, set()).describe_errors(set())[10:] == [rest]


def test_cells_count_as_the_student_s_only_if_they_differ_from_what_students_received(course, source):
    source = copy.deepcopy(source)  # tests share it
    check = source.cells[index_of(source, "sigmoid")]
    check.source = f"sigmoid_prime_ = 1\n{check.source}"
    nbformat.write(source, course.source_folder(ASSIGNMENT) / "sigmoid.ipynb")
    registration.register(course, ASSIGNMENT)
    record = submit_and_grade(course, make_submission(source, {"sigmoid_prime": "pass"}))
    (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == "sigmoid_prime"]
    assert verdict.cause.startswith("No code cell of your notebook defines or imports `sigmoid_prime`")


def test_the_names_that_an_answer_depends_on_are_found_in_a_notebook_of_many_cells():
    cells = [new_code_cell(f"def f{i}(): return f{i + 1}()") for i in range(600)]  # more than are remembered
    causes = Causes(FinishedNotebook(new_notebook(cells=cells), {}, {}, set()))
    before = find_reads_of_definitions.cache_info().misses
    assert causes._exercises_used("f0", {"f600"}) == ["f600"]
    assert find_reads_of_definitions.cache_info().misses - before <= len(cells)


def test_a_name_that_only_a_demonstration_defines_is_to_be_defined_in_the_answer():
    cells = [new_code_cell("def f(): return rate", execution_count=1), new_code_cell("rate = 3")]
    causes = Causes(FinishedNotebook(new_notebook(cells=cells), {}, {}, set()))
    assert causes._why_undefined("rate", 1).startswith("only a demonstration defines `rate`")
