"""The names of a cell are those that it has for IPython, at a bounded cost."""

import ast
import time

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.submissions.bindings import find_bindings


@pytest.mark.parametrize("source", [
    "x = 1\n%matplotlib inline\ndef f(): pass",
    "%time y = 2\nz = 3",
    "files = !ls *.py\nn = len(files)",
    "found = {}\nfound['a'] = !ls\nlines: list = !ls",
    "t = %timeit -o f(1)\nu, v = 1, 2",
    "!pip install \\\n    numpy\nimport numpy as np",
    "np.exp?\nw = 5",
    "?np\n??np.exp\nw = 5",
    "if True:\n    %pip install scipy\n    x = 1\ny = 2",
    "    x = 1\n    y = 2\n",
    "x = 5 != 3\ny = 7 % 4\ny %= 2\n%precision 3",
    "text = \"\"\"\n%d of\n!important\n\"\"\"\nx = 1",
    "text = \"\"\"\n%%time is a magic\"\"\"\nx = 1",
])  # fmt: skip
def test_the_names_are_those_that_ipython_defines(source):
    tree = ast.parse(TransformerManager().transform_cell(source))
    expected = find_bindings(ast.unparse(tree))
    assert find_bindings(source) == expected
    assert expected.is_python


def test_names_that_are_deleted_together_are_found():
    found = find_bindings("del (a, [b]), c, d[e], f.g")
    assert (sorted(found.deletes), sorted(found.defines)) == (["a", "b", "c"], [])


def test_a_cell_defines_names_below_a_magic_only_if_ipython_keeps_them():
    assert find_bindings("%%time\ndef f(): pass").defines == {"f"}
    assert not find_bindings("%%timeit\ndef f(): pass").is_python


@pytest.mark.parametrize(
    "line", ["%a ", "!a ", "x=%a ", "a? ", "\\", " ", "x=", "[", ">>> %a\n", "%a\n", "x = !ls\n", "a??\n"]
)
def test_a_cell_of_magics_takes_linear_time(line):
    started = time.process_time()
    find_bindings(("(\n" + line * 100_000)[:100_000])
    assert time.process_time() - started < 3  # with IPython's own search: minutes
