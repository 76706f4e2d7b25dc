"""No exercise can be solved from `dir(lectrain)`: students have it open in the next tab.

Three nets, from the finest to the widest: every exercise's own grader is asked about everything callable in `lectrain`;
everything callable is fed inputs of the exercises' shapes and what comes out is compared with libraries that know the
answers; and the source is searched for the words and the functions that an answer would need. Each net is tried on a
planted answer as well, since a net that catches nothing proves nothing.
"""

import ast
import importlib
import inspect
import itertools
import pkgutil
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats
from sklearn import metrics, preprocessing

import lectrain
from autograder import exercises
from lectrain import data, plots, widgets
from lectrain.check import numerical_gradient

FILES = sorted(Path(lectrain.__file__).parent.rglob("*.py"))
MODULES = [lectrain, *(importlib.import_module(m.name) for m in pkgutil.walk_packages(lectrain.__path__, "lectrain."))]


@pytest.fixture(autouse=True)
def nothing_shown_kept_or_fetched(monkeypatch, tmp_path):
    """Functions are called with whatever fits: nothing of it may leave the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: tmp_path / name)
    monkeypatch.setattr(data.pooch, "retrieve", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(plots, "display", lambda *_, **__: None)
    monkeypatch.setattr(widgets, "display", lambda *_, **__: None)


def callables(modules):
    """Every function, class and method of the modules, public or private, by name."""
    found = {}
    for module in modules:
        for name, thing in vars(module).items():
            if getattr(thing, "__module__", None) != module.__name__ or not callable(thing):
                continue
            found[f"{module.__name__}.{name}"] = thing
            if inspect.isclass(thing):
                methods = {f"{module.__name__}.{name}.{key}": getattr(thing, key) for key in vars(thing)}
                found |= {key: method for key, method in methods.items() if callable(method)}
    return found


def planted(function):
    """A module of `lectrain` that holds the given function as its own."""

    def answer(*args, **kwargs):
        return function(*args, **kwargs)

    module = types.ModuleType("lectrain.planted")
    module.answer, answer.__module__ = answer, module.__name__
    return module


EVERYTHING = callables(MODULES)


def test_the_nets_are_cast_over_everything():
    assert {"lectrain.check", "lectrain.data", "lectrain.plots", "lectrain.widgets"} <= {m.__name__ for m in MODULES}
    assert len(FILES) == len(MODULES)
    assert {"lectrain.check.expect_close", "lectrain.check._fault", "lectrain.plots.Picture.image"} <= set(EVERYTHING)


# --- the exercises' own graders -------------------------------------------------------------------------------------


def solvers(exercise, functions):
    """Those of the functions that earn any point of the exercise."""
    return {name for name, function in functions.items() if exercise.check(function).score > 0}


@pytest.mark.parametrize("name", sorted(exercises))
def test_nothing_earns_a_point(name):
    assert solvers(exercises[name], EVERYTHING) == set()


@pytest.mark.parametrize("name", sorted(n for n in exercises if callable(exercises[n].reference)))
def test_a_planted_answer_would_be_noticed(name):
    module = planted(exercises[name].reference)
    assert solvers(exercises[name], callables([module])) == {"lectrain.planted.answer"}


def test_measuring_a_slope_is_no_way_around_deriving_it():
    squash, loss = exercises["sigmoid"].reference, exercises["bce_with_logits"].reference
    measured = {
        "sigmoid_prime": lambda z: numerical_gradient(lambda z: squash(z).sum(), z),
        "bce_grad": lambda w, X, y: numerical_gradient(lambda w: loss(X @ w, y), w),
        "mse_grad": lambda w, X, y: numerical_gradient(lambda w: np.mean((squash(X @ w) - y) ** 2) / 2, w),
    }
    for name, function in measured.items():
        assert not exercises[name].check(function).passed


# --- what libraries know --------------------------------------------------------------------------------------------

rng = np.random.default_rng(541)
Z = rng.normal(size=(5, 3))
CODES = np.array([2, 0, 2, 1, 0])
Y = np.array([1, 0, 0, 1, 1])
FEATURES = rng.normal(size=(5, 3))
w, z, y_prob = rng.normal(size=3), rng.normal(size=5), rng.uniform(0.1, 0.9, 5)

INPUTS = [
    *((a,) for a in (z, Z, w, FEATURES, y_prob, CODES, 0.3, -2.0)),
    *((z, Y), (y_prob, Y), (y_prob, 0.5), (Z, CODES), (FEATURES, w), (CODES, 3), (FEATURES[:3], FEATURES[3:])),
    *((w, FEATURES, Y), (FEATURES, Y, w), (Z.T, FEATURES, CODES), (0.1, 0.9, 3), (0.1, 32, 256), (10, 4, rng)),
]

chance = special.expit(FEATURES @ w)
ANSWERS = {
    "the squashing function": [special.expit(a) for a in (z, Z, w, 0.3, -2.0)],
    "its slope": [special.expit(a) * special.expit(-a) for a in (z, Z, w)],
    "its logarithm": [special.log_expit(a) for a in (z, Z, w)],
    "class probabilities": [chance],
    "class labels": [(chance >= 0.5).astype(int), (y_prob >= 0.5).astype(int)],
    "the loss of two classes": [metrics.log_loss(Y, special.expit(z)), metrics.log_loss(Y, y_prob)],
    "its gradient": [FEATURES.T @ (chance - Y) / 5, FEATURES.T @ (chance - Y)],
    "the other loss's gradient": [FEATURES.T @ ((chance - Y) * chance * (1 - chance)) / 5],
    "probabilities of many classes": [special.softmax(Z, axis=1)],
    "their normaliser": [special.logsumexp(Z, axis=1), special.logsumexp(z)],
    "the loss of many classes": [metrics.log_loss(CODES, special.softmax(Z, axis=1))],
    "slots": [preprocessing.label_binarize(CODES, classes=[0, 1, 2])],
    "scaled columns": [stats.zscore(FEATURES), preprocessing.StandardScaler().fit_transform(FEATURES)],
    "a shrinking step": [0.1 * 0.9**3],
    "a step in proportion": [0.1 * 256 / 32],
}


def numbers_in(result):
    """Every array and number in a result, however it is packed."""
    if isinstance(result, np.ndarray | float | int | np.number) and not isinstance(result, bool):
        yield np.asarray(result)
    elif isinstance(result, dict):
        yield from itertools.chain.from_iterable(map(numbers_in, result.values()))
    elif isinstance(result, list | tuple | types.GeneratorType):
        parts = list(itertools.islice(result, 100))
        yield from itertools.chain.from_iterable(map(numbers_in, parts))
        if all(isinstance(part, float | int | np.number) for part in parts):
            yield np.asarray(parts)
    elif hasattr(result, "__dict__"):
        yield from itertools.chain.from_iterable(map(numbers_in, vars(result).values()))


def answers_given_by(function):
    """The names of the answers that come out of a function for any input."""
    found = set()
    for arguments in INPUTS:
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            results = list(numbers_in(function(*given)))
        except Exception:
            continue  # not made for such arguments
        results += [a for a, before in zip(given, arguments, strict=True) if np.any(a != before)]  # answered in place
        for name, answers in ANSWERS.items():
            for got, answer in itertools.product(results, map(np.asarray, answers)):
                if got.dtype.kind in "iuf" and got.size == answer.size and np.allclose(got.ravel(), answer.ravel()):
                    found.add(name)
    return found


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_nothing_gives_an_answer_for_inputs_of_an_exercise(name):
    assert answers_given_by(EVERYTHING[name]) == set()


@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")
@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (special.expit, "the squashing function"),
        (lambda z: special.expit(z) * special.expit(-z), "its slope"),
        (lambda X, w: special.expit(X @ w), "class probabilities"),
        (lambda X, w: {"p": [special.expit(x @ w) for x in X]}, "class probabilities"),
        (lambda p, y: float(metrics.log_loss(y, p)), "the loss of two classes"),
        (lambda z, y: metrics.log_loss(y, special.expit(z)), "the loss of two classes"),
        (lambda w, X, y: X.T @ (special.expit(X @ w) - y) / len(y), "its gradient"),
        (lambda X, y, w: (0.0, X.T @ (special.expit(X @ w) - y) / len(y)), "its gradient"),
        (lambda Z: special.softmax(Z, axis=1), "probabilities of many classes"),
        (lambda Z: Z.__setitem__(..., special.expit(Z)), "the squashing function"),
        (lambda labels, K: preprocessing.label_binarize(labels, classes=range(K)).astype(float), "slots"),
        (lambda X: (X - X.mean(axis=0)) / X.std(axis=0), "scaled columns"),
        (lambda p, threshold: (p >= threshold) * 1, "class labels"),
        (lambda lr, c, epoch: lr * c**epoch, "a shrinking step"),
    ],
)
def test_a_planted_function_would_be_noticed(function, answer):
    assert answer in answers_given_by(function)


# --- the source -----------------------------------------------------------------------------------------------------

WORDS = re.compile(
    r"sigmoid|softmax|log-?_?sum-?_?exp|cross-?_? ?entropy|log-?_? ?loss|\bbce\b|one-?_? ?hot|p\s*[-−]\s*y\b|permut|"
    r"shuffl|momentum|decay|interpolat|standardi[sz]|z-?_?score|early[-_ ]?stop|patience|threshold|expit",
    re.IGNORECASE,
)
TOOLS = {
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "logaddexp", "tanh", "power", "float_power", "expit", "softmax"),
    *("logsumexp", "eye", "identity", "put_along_axis", "permutation", "permuted", "shuffle", "choice", "std", "var"),
    *("eval", "exec", "__import__", "import_module"),
}
LIBRARIES = {"numpy", "matplotlib", "IPython", "ipywidgets", "pooch", "sklearn.datasets", "lectrain"}


def words_of_an_answer(source):
    return {match.group().lower() for match in WORDS.finditer(source)}


def tools_of_an_answer(source):
    """The forbidden functions that are called, imported or reached through a dot."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    names |= {node.name.split(".")[-1] for node in nodes if isinstance(node, ast.alias)}
    return names & TOOLS


def foreign_libraries(source):
    """What is imported besides the standard library and the few libraries that `lectrain` is made of."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    allowed = LIBRARIES | sys.stdlib_module_names
    return {name for name in imported if not any(f"{name}.".startswith(f"{root}.") for root in allowed)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_source_has_neither_words_nor_tools_of_an_answer(file):
    source = file.read_text(encoding="utf-8")
    assert words_of_an_answer(source.replace("03-softmax/", "")) == set()  # a folder of the course
    assert tools_of_an_answer(source) == set()
    assert foreign_libraries(source) == set()


@pytest.mark.parametrize(
    "file", sorted(set(Path(__file__).parent.glob("*.py")) - {Path(__file__)}), ids=lambda f: f.name
)
def test_nor_have_the_other_tests_the_words(file):
    assert words_of_an_answer(file.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("net", "source"),
    [
        (words_of_an_answer, "def f(z):\n    # the Sigmoid\n    return z"),
        (words_of_an_answer, '"""Return P − Y."""'),
        (words_of_an_answer, "def one_hot(labels, K): ..."),
        (words_of_an_answer, "early_stopping = None"),
        (tools_of_an_answer, "from numpy import exp as e"),
        (tools_of_an_answer, "f = lambda z: 1 / (1 + np.exp(-z))"),
        (tools_of_an_answer, "rng.permutation(n)"),
        (foreign_libraries, "from scipy import special"),
        (foreign_libraries, "import sklearn.linear_model"),
        (foreign_libraries, "def f():\n    from sklearn import metrics"),
        (foreign_libraries, "import torch"),
    ],
)
def test_a_planted_line_would_be_noticed(net, source):
    assert net(source) != set()
