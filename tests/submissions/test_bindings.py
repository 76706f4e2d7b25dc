"""The names of a cell are those that it has for IPython, at a bounded cost."""

import ast
import re
import time

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.submissions.bindings import find_bindings, find_global_names, seems_to_define


@pytest.mark.parametrize("source", [
    "x = 1\n%matplotlib inline\ndef f(): pass",
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


@pytest.mark.parametrize(("source", "defines", "reads"), [
    ("a, *[b, (c.d, e)] = x; q: t; r: t = 2", "aber", "ctx"),
    ("%time y = f(2)\n%time -n2 w\nz = 3", "yz", "f"),
    ("a = b = x\nasync def f(): c = 1\nclass D: pass\ne", "abfD", "ex"),
    ("w[[i for i in n]] = 0\n{i: {j for j in [k for k in m]} for i in o}", "", "mnow"),
    ("x += [i for i in n][0]", "", "nx"),
    ("x += y[0]\ndef f(y):\n    global z\n    y += 1; z += 2", "f", "xyz"),
])  # fmt: skip
def test_a_target_is_defined_or_read(source, defines, reads):
    assert find_bindings(source).defines == set(defines)
    assert find_global_names(source) == set(reads)


def test_names_that_are_deleted_together_are_found():
    found = find_bindings("del (a, [b]), c, d[e], f.g")
    assert (sorted(found.deletes), sorted(found.defines)) == (["a", "b", "c"], [])


@pytest.mark.parametrize(("text", "names"), [
    ("from math import log as ln, exp(", {"ln", "exp"}),
    ("import a.b as c, d(", {"c", "d"}),
    ("  async def f(:\nx = (\ny == (\nclass C(", {"f", "x", "C"}),
])  # fmt: skip
def test_text_that_is_not_python_may_seem_to_define_names(text, names):
    assert {name for name in re.findall(r"\b(?!as\b)\w+", text) if seems_to_define(text, name)} == names


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
