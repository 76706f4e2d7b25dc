"""Small inputs for questions on paper. Most values on the way to the result can be computed by hand."""

import numpy as np

from autograder.judging.cases import case


def sigmoid(rng):
    yield case(rng.permutation([-2.0, 0.0, 3.0]))
    yield case(np.array([[0.0, 800.0], [-800.0, float(rng.integers(1, 4))], [0.0, -900.0]]))


def sigmoid_prime(rng):
    yield case(rng.permutation([0.0, -1.0, 2.0]))
    yield case(rng.permutation([-800.0, 0.0, 0.0, 900.0]))


def predict_proba(rng):
    a = float(rng.integers(1, 4))
    yield case(np.array([[2.0, a], [0.0, 0.0], [a, -1.0]]), np.array([a, -2.0]))
    yield case(np.array([[500.0, 0.0, 1.0], [0.0, -400.0 * a, 2.0]]), np.array([2.0, 3.0, 0.0]))


def predict_label(rng):
    yield case(rng.permutation([0.2, 0.5, 0.9, 0.4]))
    yield case(rng.permutation([0.1, 0.25, 0.75]), threshold=float(rng.choice([0.25, 0.75])))
