"""Cells that spoil those below are named."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.grading.cell_notes import find_notes
from autograder.grading.finished_cells import FinishedNotebook


@pytest.mark.parametrize("above", [[], [new_markdown_cell("# Title")]])
def test_a_name_of_python_that_a_given_cell_needs_is_named_even_if_the_notebook_begins_with_it(above):
    error = new_output("error", ename="TypeError", evalue="'int' object is not callable", traceback=[])
    given = new_code_cell("total = sum([1, 2])", execution_count=2, outputs=[error])
    nb = new_notebook(cells=[*above, new_code_cell("sum = 5", execution_count=1), given])
    notes = find_notes(FinishedNotebook(nb, {}, {}, {given.source}), set(), set())
    assert "Cell [1] uses the name `sum` again, which cell [2] below it needs as it was: choose another name." in notes
