"""Finding out why points are lost takes little time for any notebook. `test_odd_notebooks.py` compares the causes."""

import time

import pytest

from autograder.grading.causes import may_bind


@pytest.mark.parametrize("line", ["np " * 13_000 + "%", "np " * 13_000 + "% = 1", " " * 40_000 + "=", "x=" * 20_000])
def test_long_lines_take_no_quadratic_time(line):
    start = time.process_time()
    assert not may_bind(line, "np")
    assert time.process_time() - start < 2
