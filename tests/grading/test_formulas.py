"""No cell of a table begins with a formula, whatever a spreadsheet splits or ignores, and the text comes back."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.formulas import hide_formulas, show_formulas

SEPARATORS = ";,|\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"


@given(st.text(f"{SEPARATORS}{STARTS} \u3000\"'ax"))
def test_no_cell_begins_with_a_formula_and_the_text_comes_back(text):
    hidden = hide_formulas(text)
    cells = re.split(f"[{SEPARATORS}]", hidden)
    assert not [cell for cell in cells if re.match(rf'[\s"]*[{STARTS}]', cell)]
    assert show_formulas(hidden) == text
    assert hidden.count("'") - text.count("'") <= len(cells)


@pytest.mark.parametrize(("text", "hidden"), [
    ("=1", "'=1"),
    (' "=1', " \"'=1"),
    ("'=1", "''=1"),
    ("a-b, 'c' = \"d\" -1", "a-b, 'c' = \"d\" -1"),
    ("a; -1", "a; '-1"),
])  # fmt: skip
def test_only_a_formula_that_begins_a_cell_is_hidden(text, hidden):
    assert hide_formulas(text) == hidden


@pytest.mark.parametrize("unit", [";", "' ", ";'=", "\t\"'"])
def test_long_runs_take_no_quadratic_time(unit):
    start = time.process_time()
    for change in (hide_formulas, show_formulas):
        for text in (unit * 100_000, f"x{unit * 100_000}=", f"{unit * 100_000}x"):
            change(text)
    assert time.process_time() - start < 5
