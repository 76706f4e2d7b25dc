"""The explorable of `sigmoid` computes what the notebook's own functions compute, with its data to three decimals."""

import re

import numpy as np
import pytest

from lectrain.widgets import module_of
from tests.claims.notebook import solved
from tests.conftest import REPOSITORY

from .node import evaluate

LINES = [[1.0, 2.0, -2.0], [2.1, 3.4, -0.4], [6.3, 10.2, -1.2], [-1.0, 0.5, 0.3], [0.2, 0.5, -0.15], [0.0, 3.0, 1.0]]


@pytest.fixture(scope="module")
def notebook():
    found = solved("bce", "sigmoid-solution", "photos", "mse-loss", "mse-grad-solution", "bce-with-logits-solution")
    return found | solved("sigmoid", "predict-label-solution")


def test_the_notebook_asks_for_the_target_of_the_picture():
    (target,) = re.findall(r"TARGET = (\d+)", module_of("sigmoid"))
    text = (REPOSITORY / "solutions" / "01-sigmoid" / "sigmoid.ipynb").read_text(encoding="utf-8")
    assert f"until at most {target} of the 200 photos" in text


def test_tables_are_those_of_the_notebooks(notebook):
    """On the grid of the tables to five digits, and between its numbers nearly."""
    one, zero = np.ones((1, 1)), np.array([0])
    functions = {
        "probability": notebook["sigmoid"],
        "logLoss": lambda z: notebook["bce_with_logits"](np.array([z]), zero),
        "squaredSlope": lambda z: notebook["mse_grad"](np.array([z]), one, zero)[0],
    }
    for name, function in functions.items():
        for shift, error in ((0, 1e-4), (0.025, 2e-3)):
            z = np.round(np.arange(-16, 16, 0.05) + shift, 3)
            found = evaluate("logits", f"value.map(own.{name})", z.tolist())
            assert found == pytest.approx([float(function(v)) for v in z], rel=error), name
    assert evaluate("logits", "own.logLoss(40)") == pytest.approx(40, abs=1e-5)


def test_photos_are_those_of_the_notebook(notebook):
    X, y = notebook["X"], notebook["y"]
    assert evaluate("shoes", "own.PHOTOS") == np.column_stack([np.round(X[:, :2], 3), y]).tolist()


def test_mistakes_are_those_of_the_notebook(notebook):
    X = np.column_stack([np.round(notebook["X"][:, :2], 3), np.ones(200)])
    for w, found in zip(LINES, evaluate("sigmoid", "value.map(own.mistakes)", LINES), strict=True):
        p = notebook["sigmoid"](X @ w)
        wrong = notebook["predict_label"](p) != notebook["y"]
        assert found == [np.sum(wrong), np.sum(np.abs(p - notebook["y"]) > 0.9)]


def test_a_line_passes_through_the_foot_of_its_arrow():
    w = evaluate("sigmoid", "own.weights(value)", {"foot": [0.4, 0.8], "arrow": [1, 2]})
    assert w == pytest.approx([1, 2, -2])


def test_the_target_is_not_reached_at_first_but_can_be():
    first, good = "own.weights(own.FIRST)", "own.weights({foot: [0, 0.3], arrow: [0.2, 0.5]})"
    assert evaluate("sigmoid", f"own.mistakes({first})[0]") == 36
    assert evaluate("sigmoid", f"own.mistakes({good})[0]") == 8
