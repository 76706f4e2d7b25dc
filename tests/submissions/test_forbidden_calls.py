"""A forbidden library is found if the student's function uses it, and only then."""

import time

import pytest

from autograder.submissions.forbidden_calls import Code
from autograder.submissions.repair import defined_in

FORBIDS = ("scipy.special", "sklearn", "torch")


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
    assert Code(cells).find_forbidden("sigmoid", FORBIDS) == found


@pytest.mark.parametrize("cells", [
    ["import numpy as np", "def sigmoid(z):\n    return np.exp(-np.logaddexp(0, -z))"],
    ["from sklearn.linear_model import LogisticRegression", "LogisticRegression()", "def sigmoid(z):\n    return z"],
    ["import scipy.special", "def sigmoid(z):\n    return z", "scipy.special.expit(3) - sigmoid(3)"],
    ["this is not Python", "def sigmoid(z):\n    return z"],
    ["def sigmoid(z):\n    return sigmoid(-z)"],
    [],
])  # fmt: skip
def test_code_that_the_function_does_not_reach_is_allowed(cells):
    assert Code(cells).find_forbidden("sigmoid", FORBIDS) == []


@pytest.mark.parametrize("piece", [
    "!x\n", "%x\n", "x?\n", "a.", ".b", "import a.b.", "x = ?\na b ", "1;", "a,", "a<", "f()", " ", "a ", "f'{", "(", "not ", "1 if 1 else ",
])  # fmt: skip
def test_very_long_code_takes_little_time(piece):
    started = time.process_time()
    for length in (90_000, 1_000_000):
        source = "def f(): return a" + piece * (length // len(piece))
        assert Code([source, "%x\n" + source]).find_forbidden("sigmoid", FORBIDS) == []
        defined_in(source)
    assert time.process_time() - started < 10
