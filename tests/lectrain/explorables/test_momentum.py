"""The explorable of `momentum` computes what the notebook's own functions compute."""

import itertools

import numpy as np
import pytest

from tests.claims.notebook import solved

from .node import evaluate

H = np.diag([1.0, 20.0])
STARTS = [[9.0, 1.5], [-4.0, 3.2], [0.1, -3.0], [10.0, 0.0]]
RATES = [0.005, 0.05, 0.1, 0.15, 0.2]
ALPHAS = [0.0, 0.3, 0.5, 0.9, 0.99]
SETTINGS = list(itertools.product(STARTS, RATES, ALPHAS))


@pytest.fixture(scope="module")
def notebook():
    return solved("momentum", "bowl", "quadratic-grad-solution", "momentum-step-solution", "momentum-path")


@pytest.fixture(scope="module")
def paths(notebook):
    return [notebook["momentum_path"](H, start, lr, alpha, 100) for start, lr, alpha in SETTINGS]


def test_paths_are_those_of_the_notebook(paths):
    found = evaluate("momentum", "value.map(([start, lr, alpha]) => own.path(start, lr, alpha))", SETTINGS)
    for setting, own, path in zip(SETTINGS, found, paths, strict=True):
        tolerance = 1e-9 * np.maximum.accumulate(np.abs(path).max(axis=1))  # rounding errors grow with the path
        assert np.all(np.abs(np.array(own) - path).max(axis=1) <= tolerance), setting


def test_losses_are_those_of_the_notebook(notebook):
    found = evaluate("momentum", "value.map(own.loss)", STARTS)
    assert found == pytest.approx([notebook["bowl"](H, np.array(start)) for start in STARTS])


def steps_until_close(path):
    """The step from which on the path stays closer than 0.1 to the minimum, or None."""
    last_far = np.flatnonzero(np.linalg.norm(path, axis=1) >= 0.1)[-1]
    return last_far + 1 if last_far + 1 < len(path) else None


def test_arrivals_are_counted_as_the_text_says(paths):
    found = evaluate("momentum", "value.map(([start, lr, alpha]) => own.arrival(own.path(start, lr, alpha)))", SETTINGS)
    assert found == [steps_until_close(path) for path in paths]
    assert len(set(found)) > 10
    assert None in found


def test_gradient_descent_has_its_best_rate():
    assert evaluate("momentum", "own.BEST_RATE") == pytest.approx(2 / (20 + 1))


def test_the_solution_in_the_fold_is_right():
    """At 0.1, exactly every α from 0.35 to 0.72 reaches the target from the given start."""
    alphas = [k / 100 for k in range(100)]
    steps = evaluate("momentum", "value.map((a) => own.arrival(own.path(own.FIRST.start, 0.1, a)))", alphas)
    reached = [alpha for alpha, count in zip(alphas, steps, strict=True) if count is not None and count <= 25]
    assert reached == [k / 100 for k in range(35, 73)]


def test_the_map_names_what_the_roots_of_the_recurrence_do():
    settings = [(x, alpha) for x in np.linspace(0.07, 3.97, 27) for alpha in np.linspace(0.013, 0.97, 13)]
    found = evaluate("momentum", "value.map(([x, alpha]) => own.regime(x, alpha))", settings)
    for (x, alpha), name in zip(settings, found, strict=True):
        roots = np.roots([1, -(1 + alpha - x), alpha])
        if np.abs(roots).max() >= 1:
            expected = "diverges"
        elif np.iscomplex(roots).any():
            expected = "swings"
        else:
            expected = "creeps" if roots.min() > 0 else "jumps"
        assert name == expected, (x, alpha)
    assert set(found) == {"diverges", "swings", "creeps", "jumps"}
