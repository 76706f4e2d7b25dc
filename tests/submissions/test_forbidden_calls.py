"""A forbidden library is found if the student's function uses it, and only then."""

import time

import nbformat
import pytest

from autograder import exercises
from autograder.authoring.simulate import answer_texts, make_submission, parse_answers
from autograder.submissions.forbidden_calls import UNREADABLE, Code
from autograder.submissions.python_source import MAX_CELL_CHARACTERS
from autograder.submissions.repair import defined_in

FORBIDS = ("scipy.special", "sklearn", "torch")
LONG = "# a comment\n" * (MAX_CELL_CHARACTERS // 10)  # before the code of a cell
EXPIT = "scipy.special.expit"


def find(*cells: str) -> list[str]:
    return Code(cells).find_forbidden("sigmoid", FORBIDS)


@pytest.mark.parametrize(("cells", "found"), [
    (["from scipy.special import expit", "sigmoid = expit"], ["scipy.special.expit"]),
    (["import scipy.special as sp", "def sigmoid(z):\n    return sp.expit(z)"], ["scipy.special.expit"]),
    (["import scipy\ndef help_me(z):\n    return scipy.special.expit(z)", "sigmoid = lambda z: help_me(z)"], ["scipy.special.expit"]),
    (["def sigmoid(z):\n    from scipy.special import expit\n    return expit(z)"], ["scipy.special.expit"]),
    (["%time 1\nimport torch", "def sigmoid(z):\n    return torch.sigmoid(torch.tensor(z)).numpy()"], ["torch.sigmoid", "torch.tensor"]),
    (["%%time\nimport torch\n  !ls\nx = %who\ntorch?", "def sigmoid(z):\n    return torch.sigmoid(z)"], ["torch.sigmoid"]),
    (["def sigmoid(z):\n    return __import__('scipy').special.expit(z)"], ["__import__"]),
    (["def sigmoid(z):\n    return eval('expit')(z)"], ["eval"]),
    (["class M:\n    def f(self, z):\n        import torch\n        return torch.sigmoid(z)", "m = M()\ndef sigmoid(z):\n    return m.f(z)"], ["torch.sigmoid"]),
])  # fmt: skip
def test_a_forbidden_library_is_found(cells, found):
    assert find(*cells) == found


@pytest.mark.parametrize(("cells", "found"), [
    ([">>> from scipy.special import expit\n>>> sigmoid = expit"], [EXPIT]),
    (["In [1]: from scipy.special import expit\n   ...: sigmoid = expit"], [EXPIT]),
    (["    from scipy.special import expit\n    def sigmoid(z):\n        return expit(z)"], [EXPIT]),
    (["%time from scipy.special import expit", "sigmoid = expit"], [EXPIT]),
    (["%timeit -n1 global sigmoid; from scipy.special import expit as sigmoid"], [EXPIT]),
    (["%%capture\nfrom scipy.special import expit\nsigmoid = expit"], [EXPIT]),
    (["!echo nothing\nfrom scipy.special import expit", "sigmoid = expit"], [EXPIT]),
    (["def sigmoid(z):\n    %time y = __import__('scipy').special.expit(z)\n    return y"], ["__import__"]),
    (["%%writefile helper.py\nfrom scipy.special import expit", "from helper import expit as f\nsigmoid = f"], ["'helper.py'"]),
    (["get_ipython().run_cell('from scipy.special import expit as sigmoid')"], ["get_ipython().run_cell"]),
    (["get_ipython(exec('from scipy.special import expit as sigmoid'))"], ["exec", "get_ipython"]),
    (["print(get_ipython(exec('from scipy.special import expit as sigmoid')))"], ["exec", "get_ipython"]),
    (["get_ipython()\ndef sigmoid(z):\n    print(get_ipython())\n    return z"], []),
    (["shell = get_ipython()\nshell.run_cell('from scipy.special import expit as sigmoid')"], ["get_ipython"]),
])  # fmt: skip
def test_code_that_only_ipython_runs_is_searched(cells, found):
    assert find(*cells) == found


@pytest.mark.parametrize(("cells", "found"), [
    (["from scipy.special import expit as sigmoid"], [EXPIT]),
    (["from scipy.special import *\nsigmoid = expit"], [EXPIT]),
    (["from scipy.special import expit\n(sigmoid := expit)"], [EXPIT]),
    (["from scipy import special\ndef sigmoid(z):\n    return (f := special.expit)(z)"], [EXPIT]),
    (["from scipy.special import expit\nfor q in [expit]:\n    sigmoid = q"], [EXPIT]),
    (["from scipy.special import expit\nfor q in [expit]:\n    pass\ndef sigmoid(z):\n    return q(z)"], [EXPIT]),
    (["import scipy as a\nb = a\nc = b.special\nd = c.expit\ndef sigmoid(z):\n    return d(z)"], ["scipy"]),
    (["from scipy.special import expit\nsigmoid = [f for f in [expit]][0]"], [EXPIT]),
    (["from scipy.special import expit\nmatch expit:\n    case sigmoid:\n        pass"], [EXPIT]),
    (["from scipy.special import expit\ntry:\n    raise KeyError(expit)\nexcept KeyError as e:\n    sigmoid = e.args[0]"], [EXPIT]),
    (["from scipy.special import expit\ndef make():\n    global sigmoid\n    sigmoid = expit\nmake()"], [EXPIT]),
    (["from scipy.special import expit\ndef use(_):\n    return expit\n@use\ndef sigmoid(z):\n    pass"], [EXPIT]),
    (["from scipy.special import expit\ndef sigmoid(z, f=expit):\n    return f(z)"], [EXPIT]),
    (["from scipy.special import expit\nfunctions = {}\nfunctions[0] = expit\nsigmoid = functions[0]"], [EXPIT]),
])  # fmt: skip
def test_another_name_for_a_forbidden_function_is_followed(cells, found):
    assert find(*cells) == found


@pytest.mark.parametrize(("cells", "found"), [
    (["import sys, scipy.special\ndef sigmoid(z):\n    return sys.modules['scipy.special'].expit(z)"], "sys.modules"),
    (["import scipy\ndef sigmoid(z):\n    return vars(scipy)['special'].expit(z)"], "vars"),
    (["import pydoc\nf = pydoc.locate('scipy.special.expit')\ndef sigmoid(z):\n    return f(z)"], "pydoc"),
    (["from pydoc import locate\nsigmoid = locate('scipy.special.expit')"], "pydoc"),
    (["import operator, scipy\nsigmoid = operator.attrgetter('special.expit')(scipy)"], "operator.attrgetter"),
    (["from operator import attrgetter as g\nimport scipy as s\nsigmoid = g('special.expit')(s)"], "operator.attrgetter"),
    (["import importlib\nsigmoid = importlib.import_module('scipy.special').expit"], "importlib"),
    (["from scipy.special import expit\nglobals()['sigmoid'] = expit"], "globals"),
    (["exec('from scipy.special import expit as sigmoid')"], "exec"),
])  # fmt: skip
def test_a_function_that_finds_an_object_by_its_name_is_reported(cells, found):
    assert found in find(*cells)


@pytest.mark.parametrize("cells", [
    ["import numpy as np", "def sigmoid(z):\n    return np.exp(-np.logaddexp(0, -z))"],
    ["from sklearn.linear_model import LogisticRegression", "LogisticRegression()", "def sigmoid(z):\n    return z"],
    ["import scipy.special", "def sigmoid(z):\n    return z", "scipy.special.expit(3) - sigmoid(3)"],
    ["this is not Python", "def sigmoid(z):\n    return z"],
    ["def sigmoid(z):\n    return sigmoid(-z)"],
    ["!ls\n%matplotlib inline", ">>> def sigmoid(z):\n...     return z"],
    [],
])  # fmt: skip
def test_code_that_the_function_does_not_reach_is_allowed(cells):
    assert find(*cells) == []


# --- cells that are not read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [
    [LONG + "from scipy.special import expit\nsigmoid = expit"],
    [LONG + "from scipy.special import expit\ndef helper(z):\n    return expit(z)", "def sigmoid(z):\n    return helper(z)"],
    [LONG + "from scipy.special import expit\nhelper.function = expit", "class helper:\n    pass\ndef sigmoid(z):\n    return helper.function(z)"],
    [LONG + "exec('sig' + 'moid = 1')", "def sigmoid(z):\n    return z"],
    [LONG + "from helper import *", "def sigmoid(z):\n    return z"],
    [LONG + "%run helper.py", "def sigmoid(z):\n    return z"],
    ["def ｓｉｇｍｏｉｄ(z):\n    return z\n" + LONG],
    ["%time 1\n" * 5_000 + "sigmoid = abs"],
    ["sigmoid = " + "-" * 20_000 + "1"],
])  # fmt: skip
def test_a_cell_that_is_not_read_is_reported_if_it_may_define_the_answer(cells):
    assert find(*cells) == [UNREADABLE]


@pytest.mark.parametrize("cell", [LONG + "data = [1, 2, 3]", "table = [" + "1.5, " * 30_000 + "]", LONG])
def test_a_cell_that_is_not_read_is_not_reported_if_it_defines_nothing_that_the_answer_uses(cell):
    assert find(cell, "import numpy as np", "def sigmoid(z):\n    return np.tanh(z)") == []


@pytest.mark.slow
@pytest.mark.parametrize("piece", [
    "!x\n", "%x\n", "x?\n", "a.", ".b", "import a.b.", "x = ?\na b ", "1;", "a,", "a<", "f()", " ", "a ", "f'{", "(", "not ", "1 if 1 else ",
])  # fmt: skip
def test_very_long_code_takes_little_time(piece):
    started = time.process_time()
    for length in (MAX_CELL_CHARACTERS - 100, 1_000_000):
        source = "def f(): return a" + piece * (length // len(piece))
        found = find(source, "%x\n" + source, "sigmoid = f")
        assert found == [UNREADABLE] or length < MAX_CELL_CHARACTERS
        defined_in(source)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("code", [
    "\n".join(" " * depth + f"def f{depth}(x):" for depth in range(60)) + "\n" + "\n".join([" " * 60 + "x" + ".a" * 300] * 50),
    "lambda x: " * 60 + "+".join(["x" + ".a" * 50] * 400),
    "\n".join(f"a{i} = a{i - 1}" for i in range(1, 4000)) + "\nsigmoid = a3999",
    "\n".join(f"def a{i}():\n    return a{i - 1}, a{i // 2}" for i in range(1, 1500)) + "\nsigmoid = a1499",
    "sigmoid = [" + "[x for x in a.b.c] + " * 2000 + "[]]",
    "try:\n    x\nexcept E as e:\n    x\n" * 2000 + "sigmoid = x",
    "\n".join(f"import a{i}.b as c" for i in range(2000)) + "\nsigmoid = c" + "".join(f"(c.d{i})" for i in range(2000)),
])  # fmt: skip
def test_code_with_many_names_takes_little_time(code):
    """The first was quadratic: sixty nested functions around long chains of attributes, 36 kB that are never run."""
    started = time.process_time()
    find(code[:MAX_CELL_CHARACTERS])
    assert time.process_time() - started < 5


# --- the course -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", exercises.by_notebook)
def test_no_solution_of_the_course_is_reported(name, repository):
    (source,) = (repository / "solutions").glob(f"*/{name}.ipynb")
    assert reported(name, make_submission(nbformat.read(source, 4), {})) == {}


@pytest.mark.parametrize("name", exercises.by_notebook)
def test_no_variant_of_the_catalogue_is_reported(name, repository):
    (source,) = (repository / "solutions").glob(f"*/{name}.ipynb")
    nb = nbformat.read(source, 4)
    tree = parse_answers(exercises, name)
    known = {e.name: [text for _, text in answer_texts(e, tree, "variants")] for e in exercises.by_notebook[name]}
    for number in range(max(map(len, known.values()))):
        answers = {exercise: texts[number % len(texts)] for exercise, texts in known.items()}
        assert reported(name, make_submission(nb, answers)) == {}


def reported(name: str, nb: nbformat.NotebookNode) -> dict[str, list[str]]:
    """The forbidden names in a notebook, by exercise."""
    code = Code(cell.source for cell in nb.cells if cell.cell_type == "code")
    found = {e.name: code.find_forbidden(e.name, e.forbids) for e in exercises.by_notebook[name]}
    return {exercise: names for exercise, names in found.items() if names}
