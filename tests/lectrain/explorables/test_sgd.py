"""The explorable of `sgd` computes what the notebook's own functions compute, with its data to three decimals."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from lectrain import data
from tests.claims.notebook import solved

from ..test_plots import luminance
from .node import evaluate

RUNS = [(1, 0.1), (1, 0.02), (20, 0.1), (20, 0.3), (200, 0.1), (200, 1.2)]
PATHS = "value.map(([size, rate]) => own.path(size, rate, own.updates(size, 'epochs')))"


@pytest.fixture(scope="module")
def notebook():
    cells = "small", "minibatches-solution", "train-sgd-solution", "paths"
    return solved("sgd", *cells)


def test_data_and_order_are_those_of_the_notebook(notebook):
    own = evaluate("sgd-data", "own")
    assert own["EXAMPLES"] == np.round(np.column_stack([notebook["X_small"], notebook["y_small"]]), 3).tolist()
    rng = np.random.default_rng(541)
    epochs = [np.concatenate(notebook["minibatches"](200, 20, rng)) for _ in range(5)]
    assert own["ORDER"] == np.concatenate(epochs).tolist()


def test_paths_are_those_of_the_notebook(notebook):
    X, y, path_of = notebook["X_small"].copy(), notebook["y_small"].copy(), notebook["path_of"]
    exact = [path_of(size, rate) for size, rate in RUNS]
    notebook["X_small"], notebook["y_small"] = np.round(X, 3), np.round(y, 3)
    rounded = [path_of(size, rate) for size, rate in RUNS]
    notebook["X_small"], notebook["y_small"] = X, y
    for found, own, notebooks in zip(evaluate("sgd", PATHS, RUNS), rounded, exact, strict=True):
        assert np.array(found) == pytest.approx(own, abs=1e-9)
        assert np.array(found) == pytest.approx(notebooks, abs=0.01)  # what three decimals change


def test_heights_are_those_of_the_notebook(notebook):
    points = [[0.0, 0.0], [2.0, -1.0], [-0.5, 0.5], [3.0, -2.2]]
    lowest = evaluate("sgd", "own.LOWEST")
    assert lowest == pytest.approx(notebook["w_best"], abs=1e-3)
    loss = notebook["linear_loss"]
    expected = [loss(np.array(point)) - loss(notebook["w_best"]) for point in points]
    assert evaluate("sgd", "value.map(own.above)", points) == pytest.approx(expected, abs=3e-3)


def test_updates_of_a_race():
    count = "own.SIZES.map((size) => own.updates(size, value))"
    assert evaluate("sgd", count, "epochs") == [1000, 50, 5]
    assert evaluate("sgd", count, "seconds") == [82, 50, 10]


def test_seconds_are_about_those_of_the_notebook():
    """The time of an update against that of a gradient that the notebook measured, for up to 256 examples."""
    sizes, measured = [1, 16, 64, 256], data.load_stored("04-sgd/sgd-cost")[[0, 2, 3, 4]]
    own = evaluate("sgd", "value.map((size) => own.CALL + own.EXAMPLE * size)", sizes)
    assert np.all(np.abs(np.log2(own / (np.array(sizes) * measured))) < 0.75)


def test_colors_are_those_of_the_notebook(notebook):
    assert evaluate("sgd", "own.SHADES") == [to_hex(notebook["color_of"](size)) for size in (1, 20, 200)]


def test_shades_become_darker_and_contrast_with_white_and_dark_pages():
    tones = [luminance(color) for color in evaluate("sgd", "own.SHADES")]
    assert tones == sorted(tones, reverse=True)
    assert all(1.05 / (tone + 0.05) >= 3 <= (tone + 0.05) / (luminance("#17191c") + 0.05) for tone in tones)


def test_the_solution_in_the_fold_is_right():
    ends = "value.map((rate, i) => own.above(own.path(own.SIZES[i], rate, own.updates(own.SIZES[i], CLOCK)).at(-1)))"
    rates = [0.02, 0.3, 1.2]
    assert max(evaluate("sgd", ends.replace("CLOCK", "'epochs'"), rates)) < 0.005
    single, *others = evaluate("sgd", ends.replace("CLOCK", "'seconds'"), rates)
    assert single > 0.1 > 100 * max(others)
    assert (
        min(evaluate("sgd", ends.replace("CLOCK", "'epochs'"), [0.1, 0.1, 0.1])) > 0.005
    )  # the target is not reached at first
