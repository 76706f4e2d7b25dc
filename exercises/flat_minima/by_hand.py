"""Small inputs for questions on paper. `sharpness` draws random numbers, so it has none."""

import numpy as np

from autograder.judging.cases import FactoryArg, case

from ..factories import Landscape


def loss_head(rng):
    a = float(rng.integers(1, 5))
    yield case(np.array([[a, a], [0.0, 0.0], [-2.0, -2.0], [1.0, 1.0]]), rng.permutation([0, 1, 1, 0]))
    yield case(np.array([[800.0, 800.0, 0.0], [0.0, -900.0, -900.0]])[rng.permutation(2)], rng.permutation([1, 2]))


def ends(rng):
    """Two lists of arrays."""
    a = float(rng.integers(1, 4))
    return [np.array([[2.0, a, 0.0]]), np.array([4.0, 8.0])], [np.array([[6.0, 0.0, 4.0]]), np.array([0.0, -4.0])]


def interpolate(rng):
    yield case(*ends(rng), 0.25)
    yield case(*ends(rng)[::-1], float(rng.choice([0.75, 2.0])))


def interpolation_curve(rng):
    for alphas in ([0.0, 0.25, 1.0], [0.5, 2.0]):
        theta0, thetaf = [np.array([4.0, 0.0])], [np.array([0.0, float(rng.integers(1, 3)) * 4])]
        bowl = FactoryArg(Landscape, {"centre": [np.zeros(2)], "bends": [np.array([2.0, 4.0])]})
        yield case(bowl, theta0, thetaf, np.array(alphas))


def is_monotone_decreasing(rng):
    a = float(rng.integers(1, 4))
    yield case(np.array([6.0, 4.0, 4.0, 4.5, a]), 1.0)
    yield case(np.array([8.0, a, a + 0.5, a + 1.0]), 0.75)  # no step is above tol, but both together are
