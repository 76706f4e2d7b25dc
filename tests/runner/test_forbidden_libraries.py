"""A forbidden library is found if the student's function uses it, and only then."""

import time

import nbformat
import numpy as np
import pytest
import scipy.special

from autograder.judging.decode import decode_shortcuts
from autograder.runner import Step
from autograder.submissions.hidden_tests import exercise_named_in
from lectrain.shortcuts import SHORTCUTS, find_shortcuts
from tests.conftest import exercises

FORBIDS = ["scipy.special", "sklearn", "torch"]
EXPIT = "scipy.special.expit"
IMPORT = "from scipy.special import expit\n"
ODD_TEXT = "class Odd:\n    def __format__(self, spec):\n        raise ValueError\n"
CALL = {"args": [{"float": "0x0p+0"}], "kwargs": {}}


@pytest.fixture
def find(harness):
    """A function that runs cells, calls `sigmoid(0.0)`, and returns what it uses of `FORBIDS`."""

    def run(*cells: str) -> list[str]:
        steps = [Step(cell) for cell in cells] + [Step("", {"name": "sigmoid", "cases": [CALL], "forbids": FORBIDS})]
        answers = harness.runner.run(steps)[-1].answers
        return decode_shortcuts(answers, FORBIDS)

    return run


@pytest.mark.parametrize(("cells", "found"), [
    ([IMPORT + "sigmoid = expit"], [EXPIT]),
    (["import scipy.special as sp", "def sigmoid(z):\n    return sp.expit(z)"], [EXPIT]),
    (["import scipy", "def sigmoid(z):\n    return scipy.special.expit(z)"], [EXPIT]),
    (["import scipy\ndef help_me(z):\n    return scipy.special.expit(z)", "sigmoid = lambda z: help_me(z)"], [EXPIT]),
    (["def sigmoid(z):\n    from scipy.special import expit\n    return expit(z)"], [EXPIT]),
    (["def sigmoid(z):\n    import scipy.special as s\n    return s.expit(z)"], [EXPIT]),
    (["def sigmoid(z):\n    import scipy.linalg\n    import scipy.special\n    return scipy.special.expit(z)"], [EXPIT]),
    (["def sigmoid(z):\n    import scipy\n    s = scipy.special\n    return (lambda x: s.expit(x))(z)"], [EXPIT]),
    (["def sigmoid(z):\n    import scipy\n    return scipy.special.expit(z) + scipy.special.gamma(z + 1)"], [EXPIT, "scipy.special.gamma"]),
    (["def sigmoid(z):\n    import scipy\n    for s in [scipy.special]:\n        return s.expit(z)"], [EXPIT]),
    (["import scipy.special\nimport numpy as np\nspecial = scipy.special", "def sigmoid(z):\n    return np.exp(-np.log1p(1 / special.expit(z)))"], [EXPIT]),
    (["import sklearn.linear_model", "def sigmoid(z):\n    return sklearn.linear_model.LogisticRegression()"], ["sklearn.linear_model.LogisticRegression"]),
    (["from sklearn.linear_model import LogisticRegression as L", "def sigmoid(z):\n    return L()"], ["sklearn.linear_model.LogisticRegression"]),
    (["from sklearn.linear_model import LogisticRegression", "model = LogisticRegression()", "def sigmoid(z):\n    return model.C"], ["sklearn.linear_model.LogisticRegression"]),
    (["class M:\n    def f(self, z):\n        import torch\n        return torch.sigmoid(z)", "m = M()\ndef sigmoid(z):\n    return m.f(z)"], ["torch"]),
    (["from sklearn.base import BaseEstimator\nclass M(BaseEstimator):\n    pass", "def sigmoid(z):\n    return M()"], ["sklearn.base.BaseEstimator"]),
    (["def sigmoid(z):\n    import torch\n    return torch.sigmoid(z)"], ["torch"]),  # it is not installed here
    ([IMPORT + "def sigmoid(z):\n    for _ in range(3):\n        f = [expit]\n    return f[0](z)"], [EXPIT]),
    ([IMPORT + "import numpy as np\nnp.sig = expit", "def sigmoid(z):\n    return np.sig(z)"], [EXPIT]),
    ([IMPORT + "import numpy as np\nnp.exp = expit", "def sigmoid(z):\n    return np.exp(z)"], [EXPIT]),
    ([IMPORT + "import builtins\nbuiltins.sig = expit", "def sigmoid(z):\n    return sig(z)"], [EXPIT]),
    (["".join(f"a{i} = {i}\n" for i in range(300)) + "import scipy", "def sigmoid(z):\n    " + "; ".join(f"a{i}" for i in range(300)) + "\n    return scipy.special.expit(z)"], [EXPIT]),
    # code that only IPython runs
    ([">>> from scipy.special import expit\n>>> sigmoid = expit"], [EXPIT]),
    (["In [1]: from scipy.special import expit\n   ...: sigmoid = expit"], [EXPIT]),
    (["    from scipy.special import expit\n    def sigmoid(z):\n        return expit(z)"], [EXPIT]),
    (["%time from scipy.special import expit", "sigmoid = expit"], [EXPIT]),
    (["%%capture\nfrom scipy.special import expit\nsigmoid = expit"], [EXPIT]),
    (["%%time\nimport scipy.special", "def sigmoid(z):\n    return scipy.special.expit(z)"], [EXPIT]),
    (["%timeit -n1 global sigmoid; from scipy.special import expit as sigmoid"], [EXPIT]),
    (["%%writefile helper.py\nfrom scipy.special import expit", "from helper import expit as f\nsigmoid = f"], [EXPIT]),
    (["%%writefile helper.py\nimport scipy.special\ndef f(z):\n    return scipy.special.expit(z)", "import helper\ndef sigmoid(z):\n    return helper.f(z)"], [EXPIT]),
    (["get_ipython().run_cell('from scipy.special import expit as sigmoid')"], [EXPIT]),
    (["shell = get_ipython()\nshell.run_cell('from scipy.special import expit as sigmoid')"], [EXPIT]),
    (["# a comment\n" * 5_000 + IMPORT + "sigmoid = expit"], [EXPIT]),
])  # fmt: skip
def test_a_forbidden_library_is_found(find, cells, found):
    assert find(*cells) == found


@pytest.mark.parametrize("cell", [
    "from scipy.special import expit as sigmoid",
    "from scipy.special import *\nsigmoid = expit",
    IMPORT + "(sigmoid := expit)",
    "from scipy import special\ndef sigmoid(z):\n    return (f := special.expit)(z)",
    IMPORT + "for q in [expit]:\n    sigmoid = q",
    IMPORT + "for q in [expit]:\n    pass\ndef sigmoid(z):\n    return q(z)",
    "import scipy as a\nb = a\nc = b.special\nd = c.expit\ndef sigmoid(z):\n    return d(z)",
    IMPORT + "sigmoid = [f for f in [expit]][0]",
    IMPORT + "match expit:\n    case sigmoid:\n        pass",
    IMPORT + "try:\n    raise KeyError(expit)\nexcept KeyError as e:\n    sigmoid = e.args[0]",
    IMPORT + "def make():\n    global sigmoid\n    sigmoid = expit\nmake()",
    IMPORT + "def use(_):\n    return expit\n@use\ndef sigmoid(z):\n    pass",
    IMPORT + "def make(f):\n    return lambda z: f(z)\nsigmoid = make(expit)",
    IMPORT + "def sigmoid(z, f=expit):\n    return f(z)",
    "import scipy.special\ndef sigmoid(z, *, sp=scipy.special):\n    return sp.expit(z)",
    IMPORT + "functions = {}\nfunctions[0] = expit\nsigmoid = functions[0]",
    IMPORT + "functions = {0: [expit]}\ndef sigmoid(z):\n    return functions[0][0](z)",
    IMPORT + "class C:\n    f = staticmethod(expit)\n    def __call__(self, z):\n        return self.f(z)\nsigmoid = C()",
    IMPORT + "import functools\nsigmoid = functools.partial(expit)",
    IMPORT + "import functools\nsigmoid = functools.lru_cache(expit)",
    IMPORT + "import numpy as np\nsigmoid = np.vectorize(expit)",
    IMPORT + "def sigmoid(z):\n    global sigmoid\n    sigmoid = expit\n    return 0.5",
    "import sys, scipy.special\nf = sys.modules['scipy.special'].expit\ndef sigmoid(z):\n    return f(z)",
    "import pydoc\nf = pydoc.locate('scipy.special.expit')\ndef sigmoid(z):\n    return f(z)",
    "import operator, scipy\nsigmoid = operator.attrgetter('special.expit')(scipy)",
    "import importlib\nsigmoid = importlib.import_module('scipy.special').expit",
    IMPORT + "globals()['sigmoid'] = expit",
    "exec('from scipy.special import expit as sigmoid')",
    IMPORT + ODD_TEXT + "def sigmoid(z):\n    return expit(z)\nsigmoid.__module__ = Odd()",
    IMPORT + ODD_TEXT + "class C:\n    __name__ = Odd()\n    def __call__(self, z):\n        return expit(z)\nsigmoid = C()",
    IMPORT + "class C:\n    def __getattribute__(self, name):\n        raise SystemExit\n    def __call__(self, z):\n        return expit(z)\nsigmoid = C()",
])  # fmt: skip
@pytest.mark.attack("libraries")
def test_another_name_for_a_forbidden_function_does_not_hide_it(find, cell):
    assert find(cell) == [EXPIT]


@pytest.mark.parametrize("cells", [
    ["import numpy as np", "def sigmoid(z):\n    return np.exp(-np.logaddexp(0, -z))"],
    ["from sklearn.linear_model import LogisticRegression", "LogisticRegression()", "def sigmoid(z):\n    return z"],
    ["import scipy.special", "def sigmoid(z):\n    return z", "scipy.special.expit(3) - sigmoid(3)"],
    ["import scipy, scipy.special", "def sigmoid(z):\n    return scipy.linalg.norm(z)"],
    ["from scipy.special import expit, gamma", "class A:\n    gamma = expit = 1", "def sigmoid(z):\n    return A.gamma + A.expit"],
    ["import scipy.special, types\nbox = types.SimpleNamespace(special=1)", "def sigmoid(z):\n    return scipy.linalg.norm(z) * box.special"],
    ["from scipy import stats\nnorm = stats.norm", "import numpy as np\ndef sigmoid(z):\n    return np.linalg.norm(z)"],
    ["from sklearn.datasets import load_iris\niris = load_iris()", "def sigmoid(z):\n    return iris['data'][0]"],
    ["import scipy.special, sys", "def sigmoid(z):\n    return 'google.colab' in sys.modules"],
    ["from lectrain import data\nimport matplotlib.pyplot as plt\nfig = plt.figure()", "def sigmoid(z):\n    return fig, plt, data"],
    [IMPORT + "def sigmoid(z):\n    return expit(z)", "def sigmoid(z):\n    return z"],
    ["this is not Python", "def sigmoid(z):\n    return z"],
    ["def sigmoid(z)\n    return 1 / (1 + np.exp(-z)"],
    ["%%writefile other.py\nfrom scipy.special import expit", "def sigmoid(z):\n    return z"],
    ["import ctypes, gc, inspect, pickle\nctypes.c_int(3)", "eval('1 + 1')\nglobals()\ndef sigmoid(z):\n    return z"],
    ["def sigmoid(z):\n    return getattr(z, 'real') + vars() and locals() and 1"],
    ["get_ipython()\ndef sigmoid(z):\n    print(get_ipython())\n    return z"],
    ["def sigmoid(z):\n    return sigmoid(-z)"],
    ["!ls\n%matplotlib inline", ">>> def sigmoid(z):\n...     return z"],
    ["table = [" + "1.5, " * 30_000 + "]", "def sigmoid(z):\n    return table[0]"],
    ["sigmoid = 3"],
    [],
])  # fmt: skip
def test_code_that_the_function_does_not_use_is_allowed(find, cells):
    assert find(*cells) == []


@pytest.mark.parametrize("cells", [
    ["def sigmoid(z):\n    return __import__('scipy').special.expit(z)"],
    [IMPORT + "def sigmoid(z):\n    return eval('expit')(z)"],
    ["import sys, scipy.special\ndef sigmoid(z):\n    return sys.modules['scipy.special'].expit(z)"],
    ["import scipy.special\ndef sigmoid(z):\n    return vars(scipy)['special'].expit(z)"],
    [IMPORT + "import numpy as np\ngrid = np.linspace(-9, 9)\ntable = expit(grid)\ndef sigmoid(z):\n    return np.interp(z, grid, table)"],
    [IMPORT + "def sigmoid(z):\n    return expit(z)", "import lectrain.shortcuts, gc\nlectrain.shortcuts.find_shortcuts.__code__ = (lambda *_: []).__code__"],
])  # fmt: skip
def test_what_the_search_does_not_see(find, cells):
    """SECURITY.md lists it. If one of these is found one day, so much the better."""
    assert find(*cells) == []


@pytest.mark.attack("libraries")
def test_forged_names_are_ignored():
    forged = [
        "scipy.special.<b>",
        "numpy.exp",
        3,
        None,
        ["scipy.special"],
        "scipy.special.expit",
        "scipy.special\n",
        "sklearnx",
    ]
    assert decode_shortcuts({"shortcuts": forged}, FORBIDS) == [EXPIT]
    assert decode_shortcuts({"shortcuts": [EXPIT] * 1000}, FORBIDS) == [EXPIT]
    for answers in (None, [], {"shortcuts": {"scipy.special": 1}}, {"missing": True}):
        assert decode_shortcuts(answers, FORBIDS) == []


def test_a_search_that_fails_costs_no_answers(harness):
    cell = (
        "class Sulks(type):\n    __module__ = property(lambda self: 1 / 0)\n"
        "class sigmoid(metaclass=Sulks):\n    def __new__(cls, z):\n        return 0.5"
    )
    steps = [Step(cell), Step("", {"name": "sigmoid", "cases": [CALL], "forbids": FORBIDS})]
    answers = harness.runner.run(steps)[-1].answers
    assert answers["answers"][0]["value"] == {"float": "0x1.0000000000000p-1"}
    assert answers["shortcuts"] == []


# --- the course -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(exercises))
def test_every_function_of_the_course_forbids_what_its_visible_check_refuses(name, repository):
    exercise = exercises[name]
    assert exercise.forbids == (SHORTCUTS if callable(exercise.reference) else ())


def test_every_check_of_a_function_names_it(course_cells):
    checked = {name: f'with checking("{name}", slide=' in source for name, source in course_cells.items()}
    assert [name for name, is_named in checked.items() if not is_named and exercises[name].forbids] == []


@pytest.fixture(scope="module")
def course_cells(repository) -> dict[str, str]:
    """The grade cells of the course, by exercise."""
    paths = (repository / "solutions").glob("*/*.ipynb")
    sources = [cell.source for path in paths for cell in nbformat.read(path, 4).cells]
    return {name: source for source in sources if (name := exercise_named_in(source))}


def test_the_search_takes_little_time_in_a_large_notebook():
    variables = {"__name__": "notebook", "np": np, "data": [[float(i)] for i in range(200_000)]}
    helpers = "\n".join(f"def a{i}(z):\n    return a{i + 1}(z) + a{i // 2}(z) + data[{i}]" for i in range(2_000))
    exec(helpers + "\ndef a2000(z):\n    return np.exp(z)\nsigmoid = a0", variables)
    started = time.process_time()
    assert find_shortcuts("sigmoid", variables) == []
    assert find_shortcuts("sigmoid", variables, ["numpy"]) == ["numpy.exp"]  # the data do not use up the search
    assert time.process_time() - started < 10


def test_the_search_takes_little_time_in_large_data():
    rows = [[np.float64(0.5)] * 800 for _ in range(1000)]
    variables = {"__name__": "notebook", "data": [[list(row) for row in rows] for _ in range(10)]}
    exec("def sigmoid(z):\n    return data[0][0][0] * z", variables)
    started = time.process_time()
    assert find_shortcuts("sigmoid", variables) == []
    assert time.process_time() - started < 1.5


@pytest.mark.attack("libraries")
def test_an_object_whose_attributes_raise_hides_nothing():
    class Settings:
        def __getattr__(self, name):
            return {"rate": 1}[name]

        @property
        def __module__(self):
            raise RuntimeError

    variables = {"__name__": "notebook", "settings": Settings(), "special": scipy.special}
    with pytest.raises(KeyError):
        variables["settings"].__name__  # noqa: B018
    exec("def sigmoid(z):\n    return special.expit(settings.rate * z)", variables)
    assert find_shortcuts("sigmoid", variables) == ["scipy.special.expit"]
