"""Small inputs for questions on paper. `prepare` and `train` need whole pictures, so they have none."""

import numpy as np

from ...judging.model import case


def confusion_matrix(rng):
    yield case(rng.permutation([0, 1, 1, 2, 1]), np.array([0, 2, 1, 2, 0]), 3)
    yield case(np.array([1, 0, 1, 3]), rng.permutation([1, 1, 0, 3]), 4)


def most_confident_errors(rng):
    P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.05, 0.9, 0.05], [0.3, 0.2, 0.5]])[rng.permutation(4)]
    yield case(P, (P.argmax(axis=1) + np.array([1, 0, 1, 1])) % 3, 2)
    P = np.array([[0.8, 0.2], [0.4, 0.6], [0.1, 0.9], [0.75, 0.25], [0.35, 0.65]])[rng.permutation(5)]
    yield case(P, (P.argmax(axis=1) + np.array([0, 1, 1, 0, 0])) % 2, 3)
