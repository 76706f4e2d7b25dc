"""The text of a function that a sheet shows, and what is refused."""

import re

import numpy as np
import pytest

from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.student_code import cut_out
from autograder.sheets.student_sheet import NoSheet, choose_sheet
from tests.conftest import exercises

from .trusted import TrustedRunner

NUMPY = "import numpy as np"


def test_docstrings_comments_and_empty_lines_are_left_out():
    cell = '''def f(z):
    """Squash.

    More text.
    """
    # a comment that gives the answer away

    e = np.exp(-z)  # not # this
    return "#" if e is None else 1 / (1 + e)
'''
    code = cut_out([NUMPY, cell], "f")
    assert code.lines == ("def f(z):", "    e = np.exp(-z)", '    return "#" if e is None else 1 / (1 + e)')
    assert code.imports == (NUMPY,)


def test_helpers_are_shown_and_other_code_is_not():
    cells = [NUMPY, "secret = 1\ndef unused(x):\n    return secret", "EPS = 1e-9", "def helper(x):\n    return x + EPS",
             "def f(x):\n    return helper(np.abs(x))"]  # fmt: skip
    assert (
        cut_out(cells, "f").text
        == "EPS = 1e-9\ndef helper(x):\n    return x + EPS\ndef f(x):\n    return helper(np.abs(x))"
    )


def test_the_last_definition_counts():
    assert cut_out(["def f(x):\n    return 1", "def f(x):\n    return 2"], "f").lines[-1] == "    return 2"
    assert cut_out(["def g(x):\n    return x", "f = g"], "f").lines == ("def g(x):", "    return x", "f = g")


@pytest.mark.parametrize("function", [
    "def f(x, m=m):\n    return m * x",
    "def f(x):\n    double = lambda m: 2 * m\n    return double(x) + m",
    "def f(x):\n    return [m for m in x] + [m]",
    "f = lambda x: [m for m in x] + [m]",
])  # fmt: skip
def test_a_definition_is_shown_although_another_scope_has_a_variable_of_its_name(function):
    assert cut_out(["m = 3", function], "f").text == f"m = 3\n{function}"


@pytest.mark.parametrize("code", ["[n**2 for n in range(3)]", "{n: m for n, m in pairs}", "sum(n for n in range(3))"])
def test_the_variable_of_a_comprehension_replaces_no_definition(code):
    function = "def f(x):\n    return n * x"
    assert cut_out(["n = 5", f"other = {code}", f"{code}", function], "f").text == f"n = 5\n{function}"
    with pytest.raises(CannotAsk, match=r"^it uses n$"):
        cut_out([f"n, m = {code}, 1", function], "f")


@pytest.mark.parametrize("later", [
    "from mymodule import g",
    "try:\n    from numpy import exp as g\nexcept ImportError:\n    pass",
    "print([g := 3 for _ in range(2)])",
    "match 1:\n    case g:\n        pass",
    "match [1]:\n    case [*g]:\n        pass",
    "match {}:\n    case {**g}:\n        pass",
    "try:\n    1 / 0\nexcept ZeroDivisionError as g:\n    pass",
    "if True:\n    def g(x):\n        return 2 * x",
    "if True:\n    async def g(x):\n        return x",
    "if True:\n    class g:\n        pass",
])  # fmt: skip
def test_a_later_statement_that_cannot_be_shown_replaces_a_definition(later):
    with pytest.raises(CannotAsk, match=r"^it uses g$"):
        cut_out(["def g(x):\n    return x", later, "def f(x):\n    return g(x)"], "f")


@pytest.mark.parametrize("other", [
    "import numpy.linalg",
    "g(numpy.zeros(3))[0] = 2",
    "if True:\n    def h():\n        g = 1",
    "h = lambda: [g := 1]",
])  # fmt: skip
def test_a_statement_that_binds_or_changes_another_object_replaces_no_definition(other):
    cells = ["import numpy", "def g(x):\n    return x", other, "def f(x):\n    return g(numpy.abs(x))"]
    assert cut_out(cells, "f").imports == ("import numpy",)


def test_a_later_import_that_is_allowed_replaces_a_definition():
    code = cut_out(["def g(x):\n    return x", "from numpy import exp as g", "def f(x):\n    return g(x)"], "f")
    assert (code.lines[0], code.imports) == ("def f(x):", ("from numpy import exp as g",))


@pytest.mark.parametrize("cells", [["%matplotlib inline", NUMPY], [f"%matplotlib inline\n{NUMPY}"]])
def test_a_lambda_and_magics_beside_it(cells):
    assert cut_out([*cells, "f = lambda z: np.exp(z)"], "f").lines == ("f = lambda z: np.exp(z)",)


def test_a_definition_below_a_magic():
    assert cut_out(["%time 1\ndef f(x):\n    return x"], "f").lines == ("def f(x):", "    return x")
    with pytest.raises(CannotAsk, match=r"^its text cannot be cut out of its cell$"):  # rather than the line n = 3
        cut_out(["%timeit 1 + \\\n1\nn = 3\nn = 4", "def f(x):\n    return x + n"], "f")


@pytest.mark.parametrize(
    "change",
    ["w[0] = 1", "w.T[0][0] = 1", "w[0], n = 1, 2", "w[0] += 1", "del w[0]", "for i in range(3):\n    w[i] = i"],
)
def test_a_value_that_is_changed_in_parts_is_refused(change):
    with pytest.raises(CannotAsk, match=r"^it uses w$"):
        cut_out([NUMPY, "w = np.zeros((3, 3))", change, "def f(x):\n    return w * x"], "f")
    assert cut_out(["i = 2", "w = {}\nw[i] = 1", "def f(x):\n    return i * x"], "f").lines[0] == "i = 2"


UNSORTED = "its result may depend on the order of a set"
UNCLEAR_LINES = "its code has a string over several lines or with a tab, or other code beside a docstring"


@pytest.mark.parametrize(("cell", "reason"), [
    ("def f(z):\n    return eval('z')", "it uses eval"),
    ("def f(z):\n    return exec('z')", "it uses exec"),
    ("import sys\ndef f(z):\n    return sys._getframe(1)", "it uses ._getframe"),
    ("import os\ndef f(z):\n    os.abort()", "it uses os"),
    ("def f(z):\n    import os\n    os._exit(0)", "it imports a module"),
    ("def f(z):\n    return z.__class__", "it uses .__class__"),
    ("def f(z):\n    return np.random.normal()", "it uses .random"),
    ("import numpy.random as r\ndef f(z):\n    return r.normal()", "it uses r"),
    ("def f(z):\n    np.exp = abs", "it assigns to an attribute"),
    ("def f(z, calls=[]):\n    calls.append(1)\n    return len(calls)", "it has a default that can change"),
    ("def f(z, *, w=(1, [2])):\n    return w[1]", "it has a default that can change"),
    ("@cache\ndef f(z):\n    return z", "it uses a decorator"),
    ("def f(z):\n    global n\n    n = 1", "it uses global"),
    ("def f(z):\n    yield z", "it uses yield"),
    ("def f(z):\n    class A:\n        pass", "it uses a class"),
    ("def f(z):\n    try:\n        return z\n    except:\n        return 0", "it catches every exception"),
    ("def f(z):\n    try:\n        return z\n    except (KeyError, BaseException):\n        return 0", "it uses BaseException"),
    ("def f(z):\n    try:\n        return z\n    finally:\n        return 0", "it uses finally"),
    ("def f(len):\n    return len(3)", "it gives len another meaning"),
    ("def len(x):\n    return 3\ndef f(z):\n    return len(z)", "it gives len another meaning"),
    ("def f(z):\n    def locals():\n        return z\n    return z", "it gives locals another meaning"),
    ("def f(z):\n    try:\n        return z\n    except ValueError as sum:\n        return 0", "it gives sum another meaning"),
    ("def f(z):\n    try:\n        return z\n    except ValueError as _sheet:\n        return 0", "it gives _sheet another meaning"),
    ("def f(_sheet):\n    return _sheet", "it gives _sheet another meaning"),
    ("def f(z):\n    return f'{z}'", "it uses an f-string"),
    ("def f(z):\n    names = list(set(z))\n    names.sort()\n    return names", UNSORTED),
    ("def f(z):\n    return [a for a in {*z}]", UNSORTED),
    ("def f(z):\n    return list({a for a in z})", UNSORTED),
    ("def f(z):\n    return sorted(set(z), key=len)", UNSORTED),
    ("def f(z):\n    return list(map(set, z))", UNSORTED),
    ("def f(z, y):\n    return list(y & z.keys())", UNSORTED),
    ("def f(z, y):\n    keys = z.keys()\n    return list(keys & y)", UNSORTED),
    ("def f(z):\n    return list(map(dict.items, z))", UNSORTED),
    ("def f(z):\n    return np.genfromtxt(z)", "it uses .genfromtxt"),
    ("def f(z):\n    return np.datetime64('now')", "it uses .datetime64"),
    ("from operator import methodcaller\ndef f(z):\n    return methodcaller('keys')(z)", "it uses methodcaller"),
    ("def f(z):\n    return open('gradebook.db')", "it uses open"),
    ("def f(z):\n    return unknown(z)", "it uses unknown"),
    ("def f(z):\n    return 'a\u202eb'", "its code has characters that cannot be printed"),
    ("def f(z):\n    return 'a\u2028b'", "its code has characters that cannot be printed"),
    ("def f(z):\n    return z \x0c+ 1", "its code has characters that cannot be printed"),
    ("def f(z):\n    return '''a\n\n    b'''", UNCLEAR_LINES),
    ("def f(z):\n    'Twice.'; z = 2 * z\n    return z", UNCLEAR_LINES),
    ("def f(z):\n    return 'a\tb'", UNCLEAR_LINES),
    ("def f(z):\r    'Twice.'\r    return 2 * z", UNCLEAR_LINES),
    ("f = make_function()", "it uses make_function"),
    ("def f(z, z):\n    return z", "no cell defines it as a function"),
    ("f, g = abs, abs", "no cell defines it as a function"),
    ("", "no cell defines it as a function"),
])  # fmt: skip
def test_what_could_make_a_key_wrong_is_refused(cell, reason):
    with pytest.raises(CannotAsk) as refused:
        cut_out([NUMPY, cell], "f")
    assert str(refused.value) == reason


def test_sets_whose_order_has_no_effect_are_shown():
    sets = "sorted(set(z)), sorted({a for a in z}, reverse=True), len(set(z)), 1 in {*z}, 1 not in set(z)"
    keys = (
        "[k for k in z.keys()], max(z.items(), key=len), list(z.keys()), sorted(z.items(), reverse=True), 1 in z.keys()"
    )
    line = f"    return {sets}, {keys}"
    assert cut_out([f"def f(z):\n{line}"], "f").lines[1] == line


def test_defaults_that_cannot_change_are_shown():
    line = "def f(z, eps=10**-8, shape=(2, -np.inf)):"
    assert cut_out([NUMPY, f"{line}\n    return z"], "f").lines[0] == line


@pytest.mark.parametrize(("body", "reason"), [
    ("z = z + 1\n    " * 40 + "return z", "its code takes more than 22 lines of a page"),
    ("return [" + "z, " * 900 + "z]", "its code takes more than 22 lines of a page"),
    (f"return '{850 * '宽'}'", "its code takes more than 22 lines of a page"),
    # which of them depends on the version of Python
    (f"return {'+ z' * 3000}", "no cell defines it as a function|maximum recursion depth exceeded"),
    (f"return {'-' * 500}z", "maximum recursion depth exceeded"),
    (f"return {'-' * 20_000}z", "no cell defines it as a function"),
])  # fmt: skip
def test_long_or_deeply_nested_code_has_no_sheet(body, reason):
    cells = {"sigmoid": [NUMPY, f"def sigmoid(z):\n    {body}"]}
    made = choose_sheet("eve", exercises, cells, np.random.default_rng(0), TrustedRunner())
    assert isinstance(made, NoSheet)
    assert re.match(f"sigmoid: ({reason})", made.reasons[0])
