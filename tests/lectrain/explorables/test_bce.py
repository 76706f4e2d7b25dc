"""The explorable of `bce` computes what the notebook's own functions compute, with its photos to three decimals."""

import numpy as np
import pytest

from tests.claims.notebook import solved

from .node import evaluate

RUNS = [
    (loss, rate, start) for loss in (0, 1) for rate in (0.1, 10) for start in ([-5.0, -5.0], [-8.0, -6.0], [1.0, 0.5])
]


@pytest.fixture(scope="module")
def notebook():
    cells = "sigmoid-solution", "photos", "mse-loss", "mse-grad-solution", "gradient-descent-solution"
    found = solved("bce", *cells, "bce-with-logits-solution", "bce-grad-solution")
    found["X"] = np.round(found["X"][:, :2], 3)
    return found


@pytest.fixture(scope="module")
def paths(notebook):
    X, y, gradients = notebook["X"], notebook["y"], (notebook["mse_grad"], notebook["bce_grad"])
    return [
        notebook["gradient_descent"](lambda w, g=gradients[loss]: g(w, X, y), np.array(start), rate, 200)
        for loss, rate, start in RUNS
    ]


def test_paths_are_those_of_the_notebook(paths):
    found = evaluate("bce", "value.map(([loss, rate, start]) => own.path(own.LOSSES[loss], rate, start))", RUNS)
    for run, own, path in zip(RUNS, found, paths, strict=True):
        assert np.array(own) == pytest.approx(path, abs=0.01), run  # what the tables change


def test_heights_and_accuracies_are_those_of_the_notebook(notebook, paths):
    X, y = notebook["X"], notebook["y"]
    points = [[float(v) for v in path[t]] for path in paths for t in (0, 20, 200)] + [[10.0, 8.0], [-8.0, 8.0]]
    losses = (lambda w: notebook["mse"](w, X, y)), (lambda w: notebook["bce_with_logits"](X @ w, y))
    for number, loss in enumerate(losses):
        found = evaluate("bce", f"value.map((w) => own.height(own.LOSSES[{number}], w))", points)
        assert found == pytest.approx([loss(np.array(w)) for w in points], rel=1e-3)
    assert evaluate("bce", "value.map(own.accuracy)", points) == [notebook["accuracy"](np.array(w)) for w in points]


def test_the_target_needs_a_larger_rate_for_mse():
    """At first only the ball on the log-loss arrives. With a rate of 3 or more, that on the MSE does, too."""
    arrive = "own.RATES.map((rate) => own.arrival(own.path(own.LOSSES[LOSS], rate, own.FIRST.start)))"
    mse, log_loss = (evaluate("bce", arrive.replace("LOSS]", f"{loss}]")) for loss in (0, 1))
    assert evaluate("bce", "own.FIRST.rates.map((place) => own.RATES[place])") == [0.1, 0.1]
    assert mse[:3] == [None] * 3
    assert None not in mse[3:]
    assert 50 < log_loss[0] < 100  # as the text says
