"""Small inputs for questions on paper. `diagnose` needs long curves, so it has none."""

import numpy as np

from autograder.judging.cases import case


def early_stopping_epoch(rng):
    a = float(rng.integers(1, 3))
    yield case(np.array([6.0, 4.0, 5.0, 4.0, 7.0, a]), int(rng.integers(2, 5)))
    yield case(np.array([9.0, 5.0, 5.5, 8.0, 3.0, 3.0, a]), int(rng.integers(2, 4)))
