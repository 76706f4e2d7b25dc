"""Small inputs for questions on paper. `prepare` and `train` need whole pictures, so they have none."""

import numpy as np

from autograder.judging.cases import case


def confusion_matrix(rng):
    yield case(rng.permutation([0, 1, 1, 2, 1]), np.array([0, 2, 1, 2, 0]), 3)
    yield case(np.array([1, 0, 1, 3]), rng.permutation([1, 1, 0, 3]), 4)
