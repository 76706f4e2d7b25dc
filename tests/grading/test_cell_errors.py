"""Errors of cells are read from outputs that the student's process wrote, and may have forged."""

import pytest
from nbformat.v4 import new_output

from autograder.grading.cell_errors import CellError, read_error


@pytest.mark.parametrize(
    ("marked", "line", "text"), [("2", 2, "1 / 0"), ("7", 7, ""), ("0", None, ""), (5000 * "9", None, "")]
)
def test_the_marked_line_is_read_if_it_can_be_one(marked, line, text):
    output = new_output("error", ename="E", evalue="no", traceback=[f"E  Traceback\n----> {marked} 1 / 0"])
    assert read_error(output, "x = 1\n1 / 0") == CellError("E", "no", line, text)
