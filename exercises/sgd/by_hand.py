"""Small inputs for questions on paper. Functions that draw random numbers have none."""

import numpy as np

from autograder.judging.cases import case


def all_minibatch_gradients(rng):
    a = float(rng.integers(1, 4))
    yield case(np.array([[2.0, a], [4.0, 0.0], [-2.0, 1.0]]), 2)
    yield case(np.array([[3.0, 0.0], [0.0, 6.0], [3.0, a], [-3.0, 3.0]]), 3)


def scaled_lr(rng):
    yield case(0.5, 4, int(rng.choice([12, 20])))
    yield case(0.25, 2, rng.permutation([1, 4, 8]))


def exponential_decay(rng):
    yield case(4.0, 0.5, int(rng.integers(2, 4)))
    yield case(8.0, 0.25, rng.permutation([0, 1, 3]))
