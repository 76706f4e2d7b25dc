"""Small inputs for questions on paper. Most values on the way to the result can be computed by hand."""

import numpy as np

from autograder.judging.cases import case


def quadratic_grad(rng):
    a = float(rng.integers(2, 5))
    yield case(np.array([[2.0, 1.0], [1.0, a]]), np.array([3.0, -1.0]))
    yield case(np.array([[a, 0.0, 1.0], [0.0, 2.0, -1.0], [1.0, -1.0, 5.0]]), np.array([1.0, 0.0, 2.0]))


def condition_number(rng):
    a = float(rng.integers(2, 5))
    yield case(np.diag(rng.permutation([2.0, 8.0, 4.0])))
    yield case(np.array([[a + 1, a - 1], [a - 1, a + 1]]))


def standardize(rng):
    a = float(rng.integers(1, 5))
    yield case(np.array([[1.0, a], [5.0, a]]), np.array([[3.0, a + 1], [7.0, a], [1.0, 0.0]]))
    X = np.array([[2.0, 0.0, 6.0], [2.0, 4.0, 6.0], [6.0, 0.0, 6.0], [6.0, 4.0, 6.0]])
    yield case(X[:, rng.permutation(3)], np.array([[8.0, 2.0, a]]))


def momentum_step(rng):
    a = float(rng.integers(1, 4))
    yield case(np.array([a, 2.0]), np.array([4.0, -2.0]), np.array([1.0, 6.0]), 0.5, 0.25)
    W, V = np.array([[1.0, 0.0, a]]), np.array([[2.0, 2.0, -4.0]])
    yield case(W, V, np.array([[0.0, a, 8.0]]), 0.25, 0.5)


def torch_sgd_step(rng):
    a = float(rng.integers(1, 4))
    yield case(np.array([a, 4.0]), np.array([2.0, -1.0]), np.array([8.0, 4.0]), lr=0.5, momentum=0.5)
    yield case(
        np.array([2.0, 0.0, a]),
        np.array([1.0, 3.0, -1.0]),
        np.array([4.0, 0.0, 2.0]),
        lr=0.25,
        momentum=0.5,
        dampening=0.5,
        weight_decay=0.5,
    )
