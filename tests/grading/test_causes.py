"""Which code may bind a name, found in little time for any notebook. `test_odd_notebooks.py` compares the causes."""

import time

import pytest

from autograder.grading.causes import may_bind


@pytest.mark.parametrize("line", ["np " * 13_000 + "%", "np " * 13_000 + "% = 1", " " * 40_000 + "=", "x=" * 20_000])
def test_long_lines_take_no_quadratic_time(line):
    start = time.process_time()
    assert not may_bind(line, "np")
    assert time.process_time() - start < 2


@pytest.mark.parametrize("source", [
    "if False: np = 0.1", "def f():\n    lo = np = 0", "from numpy import exp, np", "for i, np in enumerate([]): pass",
    "if False:\n    (a, np) = 1, 2", "import np.linalg", "def f(x, np): pass", "%%timeit\na, np = 1, 2", "a, np = 1 +",
])  # fmt: skip
def test_code_that_might_bind_a_name_is_found(source):
    assert may_bind(source, "np")
    assert not may_bind(source.replace("np", "other"), "np")
    assert not may_bind("f(np, np=x.np)[np]", "np")
