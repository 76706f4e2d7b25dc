"""The explorable of `iris` computes what the notebook's own softmax computes."""

import itertools

import numpy as np
import pytest

from tests.claims.notebook import solved

from .node import evaluate

ROWS = [[1.0, 0.0, -1.0], [0.7, 0.0, 0.0], [3.0, -3.0, 2.5], [-3.0, -3.0, -3.0], [0.05, 2.0, 1.95]]
SETTINGS = list(itertools.product(ROWS, [0.1, 0.3, 1.0, 5.0], [-100, 0, 100]))


@pytest.fixture(scope="module")
def softmax():
    return solved("iris", "softmax-solution")["softmax"]


def test_probabilities_are_those_of_the_notebook(softmax):
    found = evaluate("softmax", "value.map(([row, T, shift]) => own.probabilities(row, T, shift))", SETTINGS)
    expected = [softmax(np.array([row]) / T + shift)[0] for row, T, shift in SETTINGS]
    assert np.array(found) == pytest.approx(np.array(expected), abs=1e-3)  # what the table changes
    assert np.abs(np.sum(found, axis=1) - 1).max() < 1e-3


def test_a_dragged_point_has_the_logits_of_its_probabilities(softmax):
    p = softmax(np.array(ROWS)).tolist()
    places = evaluate("softmax", "value.map((p) => own.shares(own.point(p)))", p)
    assert np.array(places) == pytest.approx(np.array(p), abs=1e-9)
    gaps = evaluate("softmax", "value.map((p) => p.map((part) => own.logitOf(part / (part + p[2]))))", p)
    expected = np.array(ROWS) - np.array(ROWS)[:, 2:]
    assert np.array(gaps) == pytest.approx(expected, abs=0.01)


def test_the_targets_can_be_reached_as_the_text_says():
    """Target 1 near log 2, on the grid of the sliders, and target 2 for T up to 0.4."""
    lasts = [k / 20 for k in range(-60, 61)]
    reached = evaluate("softmax", "value.filter((z) => own.reaches(own.probabilities([z, 0, 0])))", lasts)
    assert reached == [0.7]
    largest = evaluate("softmax", "value.map((T) => own.probabilities(own.FIRST.logits, T)[0])", [0.1, 0.4, 0.5, 1])
    assert [p >= 0.9 for p in largest] == [True, True, False, False]
