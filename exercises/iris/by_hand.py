"""Small inputs for questions on paper. Most values on the way to the result can be computed by hand."""

import numpy as np

from autograder.judging.cases import case


def encode_labels(rng):
    yield case(rng.permutation(["rose", "iris", "tulip", "iris"]))
    yield case(rng.permutation(["lily", "dahlia", "lily", "aster", "poppy"]))


def one_hot(rng):
    yield case(rng.permutation([2, 0]), 3)
    yield case(rng.permutation([1, 0, 1]), 4)


def tied_logits(rng):
    """Rows of equal logits, whose probabilities are simple fractions."""
    a = float(rng.integers(1, 5))
    return np.array([[a, a, a, a], [-2.0, -2.0, -1000.0, -1000.0], [0.0, -900.0, -900.0, -900.0]])[rng.permutation(3)]


def large_logits(rng):
    a = float(rng.integers(1, 3))
    return np.array([[800.0, 800.0, 0.0], [a, 0.0, -a]])[rng.permutation(2)]


def softmax(rng):
    yield case(tied_logits(rng))
    yield case(large_logits(rng))


def cross_entropy(rng):
    yield case(tied_logits(rng), rng.permutation([0, 1, 2]))
    yield case(large_logits(rng), rng.permutation([1, 2]))


def softmax_grad(rng):
    a = float(rng.integers(1, 4))
    yield case(
        np.zeros((2, 4)),
        np.array([[4.0, a], [2.0, 0.0], [-2.0, 8.0], [0.0, 4.0], [a, a]]),
        rng.permutation([0, 3, 1, 1, 2]),
    )
    yield case(
        np.array([[900.0, 900.0, 0.0], [0.0, 0.0, 0.0]]),
        np.array([[1.0, a], [2.0, -4.0]])[rng.permutation(2)],
        rng.permutation([0, 2]),
    )


def accuracy(rng):
    a = float(rng.integers(1, 4))
    W = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, a]])
    yield case(W, np.array([[1.0, 0.0], [0.0, -1.0], [2.0, 3.0], [-1.0, 0.0]]), rng.permutation([0, 0, 1, 2]))
    yield case(
        np.array([[2.0, -1.0], [0.0, a], [1.0, 3.0]]),
        rng.permutation([[1.0, 0, 0], [0, 1, 0], [0, 0, 2], [0, 1, 3]]),
        rng.permutation([0, 1, 1, 0]),
    )
