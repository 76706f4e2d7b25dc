"""The explorable of `fashion_mnist` shows the weights of the notebook's own training, and adds up as it does."""

import numpy as np
import pytest

from lectrain import data, plots
from tests.claims.notebook import solved

from .node import evaluate

SLICES = 469  # of 128 photos, in an epoch of 60 000


@pytest.fixture(scope="module")
def notebook():
    cells = "softmax-solution", "loss-solution", "prepare-solution", "in-slices-solution"
    return solved("fashion_mnist", *cells)


@pytest.fixture(scope="module")
def weights():
    """The weights of each frame, (number of frames, 785, 10), without that before the first step."""
    found = evaluate("fashion", "own.weights.map((all) => Array.from(all))")
    return np.array(found).reshape(-1, 10, 785).transpose(0, 2, 1)


@pytest.fixture(scope="module")
def photos():
    images, labels = data.load_fashion_mnist("test")
    return images[[np.flatnonzero(labels == k)[0] for k in range(10)]]


def within_a_byte(found, expected):
    return np.abs(found - expected).max() <= 0.51 * np.abs(expected).max() / 127


def test_weights_are_those_of_the_training(notebook, weights):
    steps = evaluate("fashion-data", "own.FRAMES.map((frame) => frame.step)")
    assert steps[-1] == 15 * SLICES
    assert not weights[0].any()
    assert within_a_byte(weights[-1], data.load_stored("03-softmax/fashion-weights"))
    images, labels = data.load_fashion_mnist("train")
    for step, found in zip(steps[:3], weights[1:], strict=False):
        X = notebook["prepare"](images[: 128 * step])
        W = notebook["in_slices"](np.zeros((785, 10)), X, labels[: 128 * step], 0.1, 128, 1)
        assert within_a_byte(found, W), step


def test_photos_and_names_are_those_of_the_data(photos):
    assert (
        np.round(255 * np.array(evaluate("clothes", "own.PHOTOS"))).astype(int).tolist()
        == photos.reshape(10, -1).tolist()
    )
    names = [name.lower().removesuffix("/top") for name in data.FASHION_NAMES]
    assert [name.lower() for name in evaluate("clothes", "own.NAMES")] == names


def test_logits_are_those_of_the_notebook(notebook, weights, photos):
    found = evaluate(
        "fashion", "value.map((photo) => own.logits(own.weights.at(-1), photo))", evaluate("clothes", "own.PHOTOS")
    )
    assert np.array(found) == pytest.approx(notebook["prepare"](photos) @ weights[-1], abs=1e-9)
    assert np.argmax(found, axis=1).tolist() == list(range(10))


def test_between_two_frames_weights_are_on_a_line(weights):
    found = np.reshape(evaluate("fashion", "Array.from(own.between(2.25))"), (10, 785)).T
    assert found == pytest.approx(0.75 * weights[2] + 0.25 * weights[3])


def test_the_target_can_be_reached_for_the_first_photo(notebook, weights, photos):
    """Of the pixels that speak most for another class when they are painted, few enough suffice."""
    x, W = notebook["prepare"](photos[:1])[0], weights[-1]
    shirt = data.FASHION_NAMES.index("Shirt")
    against = W[:784, shirt] - W[:784, 0]
    gains = np.maximum(against * (1 - x[:784]), -against * x[:784])
    chosen = np.argsort(-gains)[: evaluate("fashion", "own.MOST")]
    x[chosen] = against[chosen] > 0
    assert np.argmax(x @ W) == shirt


def test_tones_are_those_of_the_pictures():
    tones = np.array(evaluate("fashion", "own.TONES")) / 255
    assert tones == pytest.approx(plots.AMOUNTS([0.0, 0.25, 0.5, 0.75, 1.0])[:, :3], abs=0.01)
