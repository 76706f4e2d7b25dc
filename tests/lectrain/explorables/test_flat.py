"""The explorable of `flat_minima` shows the stored lines, and the answers of the networks on them."""

import numpy as np
import pytest

from lectrain import data
from tests.claims.notebook import solved

from .node import evaluate


@pytest.fixture(scope="module")
def lines():
    return evaluate("flat-data", "own.LINES")


@pytest.fixture(scope="module")
def stored():
    """The test loss and the training loss of each line, (5, 2, 61)."""
    return np.array([data.load_stored("06-flat-minima/own-line"), *data.load_stored("06-flat-minima/controls")])


def test_losses_are_those_of_the_notebook(lines, stored):
    assert evaluate("flat", "own.ALPHAS") == pytest.approx(np.linspace(-0.25, 1.25, 61))
    for line, (test, training) in zip(lines, stored, strict=True):
        assert line["test"] == pytest.approx(test.tolist(), rel=1e-3)
        assert line["training"] == pytest.approx(training.tolist(), rel=1e-3)


def test_ridges_are_the_barriers_of_the_notebook(stored):
    inside = stored[:, 1, 10:51]
    barriers = inside.max(axis=1) - np.maximum(inside[:, 0], inside[:, -1])
    found = evaluate("flat", "value.map(own.ridge)", [{"training": line.tolist()} for line in stored[:, 1]])
    assert [ridge["height"] for ridge in found] == pytest.approx(barriers.tolist())
    assert [ridge["at"] for ridge in found] == (10 + inside.argmax(axis=1)).tolist()


def test_on_the_ridge_to_the_twin_three_photos_are_wrong():
    wrong = "own.answers(value, own.ridge(value).at).flatMap(([answer], k) => (answer === k ? [] : [k]))"
    assert evaluate("flat", wrong, evaluate("flat-data", "own.LINES.at(-1)")) == [4, 7, 9]


@pytest.mark.slow
def test_answers_are_those_of_the_trained_network(lines):
    """Rounding differs between machines and grows during the training, so not every answer is the same."""
    cells = "setup", "loss-head-solution", "train", "trained", "interpolate-solution"
    notebook = solved("flat_minima", *cells)
    start, end = notebook["trained"](0)
    W1, b1, W2, b2 = end
    twin = [W1[:, ::-1], b1[::-1], W2[::-1], b2]
    pairs = {0: (start, end), 2: ([0 * A for A in end], end), 4: (end, twin)}
    chosen = [np.flatnonzero(notebook["labels_test"] == k)[0] for k in range(10)]
    same, percents = [], []
    for number, (one, other) in pairs.items():
        for at in range(0, 61, 5):
            theta = notebook["interpolate"](one, other, np.float32(at / 40 - 0.25))
            logits = notebook["net"].logits(theta, notebook["X_test"][chosen]).astype(float)
            p = 100 / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1)
            for k, answer in enumerate(logits.argmax(axis=1)):
                same.append(int(lines[number]["classes"][k][at]) == answer)
                percents.append(abs(int(lines[number]["percents"][k][2 * at : 2 * at + 2]) - p[k]))
    assert np.mean(same) > 0.95
    assert np.mean(percents) < 3
