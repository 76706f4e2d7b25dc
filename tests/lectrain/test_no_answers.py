"""`lectrain` does not contain the answer to any exercise: students can read its source.

Three searches, from the most specific to the broadest:

1. every callable of `lectrain` is graded as an answer to every exercise;
2. every callable is called on inputs of the exercises' shapes, and its results are compared with SciPy's and
   scikit-learn's answers;
3. the source is searched for words and functions that an answer would need.

Each search is also tested on a planted answer, which it must find.
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
import pooch
import pytest
from scipy import special, stats
from sklearn import metrics, preprocessing

import lectrain
from lectrain import check, plots, widgets
from lectrain.check import numerical_gradient
from tests.conftest import exercises

FILES = sorted(Path(lectrain.__file__).parent.rglob("*.py"))
MODULES = [lectrain, *(importlib.import_module(m.name) for m in pkgutil.walk_packages(lectrain.__path__, "lectrain."))]


@pytest.fixture(autouse=True)
def no_side_effects(monkeypatch, tmp_path):
    """Functions are called with arbitrary arguments: they must not write, download, display or leave anything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "_blocks", [])
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    monkeypatch.setattr(pooch, "retrieve", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(plots, "display", lambda *_, **__: None)
    monkeypatch.setattr(widgets, "display", lambda *_, **__: None)


def callables(modules):
    """Every function, class and method that the modules define, public or private, by qualified name."""
    found = {}
    for module in modules:
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__ or not callable(value):
                continue
            found[f"{module.__name__}.{name}"] = value
            if inspect.isclass(value):
                methods = {f"{module.__name__}.{name}.{key}": getattr(value, key) for key in vars(value)}
                found |= {key: method for key, method in methods.items() if callable(method)}
    return found


def module_with_planted(function):
    """A module that seems to belong to `lectrain` and to define the given function."""

    def answer(*args, **kwargs):
        return function(*args, **kwargs)

    module = types.ModuleType("lectrain.planted")
    module.answer, answer.__module__ = answer, module.__name__
    return module


CALLABLES = callables(MODULES)


def test_all_modules_and_callables_are_searched():
    assert {"lectrain.check", "lectrain.data", "lectrain.plots", "lectrain.widgets"} <= {m.__name__ for m in MODULES}
    assert len(FILES) == len(MODULES)
    assert {"lectrain.check.expect_close", "lectrain.check._fault", "lectrain.plots.Picture.image"} <= set(CALLABLES)


# --- search 1: the exercises' own rules -----------------------------------------------------------------------------


def solvers(exercise, functions):
    """The names of the functions that earn at least one point of the exercise."""
    return {name for name, function in functions.items() if exercise.check(function, explain=False).score > 0}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(exercises))
def test_nothing_earns_a_point(name):
    assert solvers(exercises[name], CALLABLES) == set()


@pytest.mark.parametrize("name", sorted(n for n in exercises if callable(exercises[n].reference)))
def test_a_planted_reference_is_found(name):
    module = module_with_planted(exercises[name].reference)
    assert solvers(exercises[name], callables([module])) == {"lectrain.planted.answer"}


def test_a_numerical_gradient_does_not_replace_a_derivation():
    sigmoid, loss = exercises["sigmoid"].reference, exercises["bce_with_logits"].reference
    numerical = {
        "sigmoid_prime": lambda z: numerical_gradient(lambda z: sigmoid(z).sum(), z),
        "bce_grad": lambda w, X, y: numerical_gradient(lambda w: loss(X @ w, y), w),
        "mse_grad": lambda w, X, y: numerical_gradient(lambda w: np.mean((sigmoid(X @ w) - y) ** 2) / 2, w),
    }
    for name, function in numerical.items():
        assert not exercises[name].check(function).passed


# --- search 2: equal results ----------------------------------------------------------------------------------------

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

probabilities = special.expit(FEATURES @ w)
ANSWERS = {
    "sigmoid": [special.expit(a) for a in (z, Z, w, 0.3, -2.0)],
    "the derivative of sigmoid": [special.expit(a) * special.expit(-a) for a in (z, Z, w)],
    "log-sigmoid": [special.log_expit(a) for a in (z, Z, w)],
    "binary probabilities": [probabilities],
    "predicted labels": [(probabilities >= 0.5).astype(int), (y_prob >= 0.5).astype(int)],
    "binary cross-entropy": [metrics.log_loss(Y, special.expit(z)), metrics.log_loss(Y, y_prob)],
    "the gradient of binary cross-entropy": [FEATURES.T @ (probabilities - Y) / 5, FEATURES.T @ (probabilities - Y)],
    "the gradient of the squared error": [FEATURES.T @ ((probabilities - Y) * probabilities * (1 - probabilities)) / 5],
    "softmax": [special.softmax(Z, axis=1)],
    "logsumexp": [special.logsumexp(Z, axis=1), special.logsumexp(z)],
    "cross-entropy": [metrics.log_loss(CODES, special.softmax(Z, axis=1))],
    "one-hot codes": [preprocessing.label_binarize(CODES, classes=[0, 1, 2])],
    "standardized columns": [stats.zscore(FEATURES), preprocessing.StandardScaler().fit_transform(FEATURES)],
    "a decayed learning rate": [0.1 * 0.9**3],
    "a learning rate scaled with the batch size": [0.1 * 256 / 32],
}


def numbers_in(result):
    """Every array and number in a result, including those in containers, generators and attributes."""
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


def answers_computed_by(function):
    """The names of the answers that a function returns, or writes into an argument, for any of the inputs."""
    found = set()
    for arguments in INPUTS:
        passed = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        try:
            results = list(numbers_in(function(*passed)))
        except Exception:
            continue  # the function does not take these arguments
        results += [after for after, before in zip(passed, arguments, strict=True) if np.any(after != before)]
        for name, answers in ANSWERS.items():
            for got, answer in itertools.product(results, map(np.asarray, answers)):
                if got.dtype.kind in "iuf" and got.size == answer.size and np.allclose(got.ravel(), answer.ravel()):
                    found.add(name)
    return found


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_no_callable_computes_an_answer(name):
    assert answers_computed_by(CALLABLES[name]) == set()


@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")
@pytest.mark.parametrize(
    ("function", "answer"),
    [
        (special.expit, "sigmoid"),
        (lambda z: special.expit(z) * special.expit(-z), "the derivative of sigmoid"),
        (lambda X, w: special.expit(X @ w), "binary probabilities"),
        (lambda X, w: {"p": [special.expit(x @ w) for x in X]}, "binary probabilities"),
        (lambda p, y: float(metrics.log_loss(y, p)), "binary cross-entropy"),
        (lambda z, y: metrics.log_loss(y, special.expit(z)), "binary cross-entropy"),
        (lambda w, X, y: X.T @ (special.expit(X @ w) - y) / len(y), "the gradient of binary cross-entropy"),
        (lambda X, y, w: (0.0, X.T @ (special.expit(X @ w) - y) / len(y)), "the gradient of binary cross-entropy"),
        (lambda Z: special.softmax(Z, axis=1), "softmax"),
        (lambda Z: Z.__setitem__(..., special.expit(Z)), "sigmoid"),
        (lambda labels, K: preprocessing.label_binarize(labels, classes=range(K)).astype(float), "one-hot codes"),
        (lambda X: (X - X.mean(axis=0)) / X.std(axis=0), "standardized columns"),
        (lambda p, threshold: (p >= threshold) * 1, "predicted labels"),
        (lambda lr, c, epoch: lr * c**epoch, "a decayed learning rate"),
    ],
)
def test_a_planted_function_is_found(function, answer):
    assert answer in answers_computed_by(function)


# --- search 3: the source -------------------------------------------------------------------------------------------

FORBIDDEN_WORDS = re.compile(
    r"sigmoid|softmax|log-?_?sum-?_?exp|cross-?_? ?entropy|log-?_? ?loss|\bbce\b|one-?_? ?hot|p\s*[-−]\s*y\b|permut|"
    r"shuffl|momentum|decay|interpolat|standardi[sz]|z-?_?score|early[-_ ]?stop|patience|threshold|expit",
    re.IGNORECASE,
)
FORBIDDEN_FUNCTIONS = {
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "logaddexp", "tanh", "power", "float_power", "expit", "softmax"),
    *("logsumexp", "eye", "identity", "put_along_axis", "permutation", "permuted", "shuffle", "choice", "std", "var"),
    *("eval", "exec", "__import__", "import_module"),
}
ALLOWED_LIBRARIES = {"numpy", "matplotlib", "IPython", "ipywidgets", "anywidget", "pooch", "lectrain"}


def forbidden_words(source):
    return {match.group().lower() for match in FORBIDDEN_WORDS.finditer(source)}


def forbidden_functions(source):
    """The forbidden functions that are called, imported or accessed as an attribute."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    names |= {node.name.split(".")[-1] for node in nodes if isinstance(node, ast.alias)}
    return names & FORBIDDEN_FUNCTIONS


def forbidden_libraries(source):
    """The imports other than the standard library and the libraries that `lectrain` needs."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    allowed = ALLOWED_LIBRARIES | sys.stdlib_module_names
    return {name for name in imported if not any(f"{name}.".startswith(f"{root}.") for root in allowed)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_source_contains_nothing_that_an_answer_needs(file):
    source = file.read_text(encoding="utf-8")
    assert forbidden_words(source.replace("03-softmax/", "")) == set()  # a folder of the course
    assert forbidden_functions(source) == set()
    assert forbidden_libraries(source) == set()


@pytest.mark.parametrize(
    "file", sorted(set(Path(__file__).parent.glob("*.py")) - {Path(__file__)}), ids=lambda f: f.name
)
def test_the_other_tests_of_lectrain_contain_no_forbidden_word(file):
    assert forbidden_words(file.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("search", "source"),
    [
        (forbidden_words, "def f(z):\n    # the Sigmoid\n    return z"),
        (forbidden_words, '"""Return P − Y."""'),
        (forbidden_words, "def one_hot(labels, K): ..."),
        (forbidden_words, "early_stopping = None"),
        (forbidden_functions, "from numpy import exp as e"),
        (forbidden_functions, "f = lambda z: 1 / (1 + np.exp(-z))"),
        (forbidden_functions, "rng.permutation(n)"),
        (forbidden_libraries, "from scipy import special"),
        (forbidden_libraries, "import sklearn.linear_model"),
        (forbidden_libraries, "def f():\n    from sklearn import metrics"),
        (forbidden_libraries, "import torch"),
    ],
)
def test_a_planted_line_is_found(search, source):
    assert search(source) != set()
