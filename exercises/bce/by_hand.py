"""Small inputs for questions on paper. Most values on the way to the result can be computed by hand."""

import numpy as np

from autograder.judging.cases import FactoryArg, case

from ..factories import AffineGradient


def half_probabilities(rng):
    """Four examples with the logit 0, so that every p is 0.5."""
    a = float(rng.integers(2, 5))
    X = np.array([[2.0, a], [4.0, 2 * a], [-2.0, -a], [6.0, 3 * a]])
    return case(np.array([a, -2.0]), X[rng.permutation(4)], np.array([1, 0, 0, 1]))


def certain_probabilities(rng):
    """Logits of 0 and far in the tails, so that every p is 0, 0.5 or 1."""
    a = float(rng.integers(1, 4))
    X = np.array([[500.0, 0.0, a], [0.0, 300.0, 2.0], [0.0, 0.0, 4.0], [-400.0, 0.0, 1.0]])
    return case(np.array([2.0, -3.0, 0.0]), X, np.array([0, 1, 1, 0])[rng.permutation(4)])


def mse_grad(rng):
    yield half_probabilities(rng)
    yield certain_probabilities(rng)


def bce_grad(rng):
    yield half_probabilities(rng)
    yield certain_probabilities(rng)


def gradient_descent(rng):
    a = float(rng.integers(1, 4))
    bowl = FactoryArg(AffineGradient, {"A": np.diag([2.0, 4.0]), "b": np.array([0.0, a]), "is_recorded": False})
    yield case(bowl, np.array([a, 2.0]), 0.25, 2)
    A, b = np.diag([1.0, 2.0, 0.0]), np.array([0.0, 0.0, 1.0])
    line = FactoryArg(AffineGradient, {"A": A, "b": b, "is_recorded": False})
    yield case(line, np.array([4, -2, int(a)]), 0.5, int(rng.integers(3, 5)))


def bce_from_probs(rng):
    yield case(rng.permutation([0.5, 0.25, 0.8]), np.array([1, 0, 1]))
    yield case(np.array([0.5, 0.9, 0.75, 0.1]), rng.permutation([1, 0, 0, 1]))


def bce_with_logits(rng):
    yield case(rng.permutation([0.0, 2.0, -1.0]), np.array([1, 0, 0]))
    yield case(rng.permutation([900.0, -800.0, 0.0, 1000.0]), np.array([1, 0, 1, 0]))
