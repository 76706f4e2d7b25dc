"""``python -m tests.claims`` computes the stored grids again."""

import numpy as np

from . import fashion_mnist_grid, flat_minima_grid, momentum_grid, sgd_grid  # noqa: F401 their experiments
from .grids import EXPERIMENTS

for path, compute in EXPERIMENTS.items():
    np.save(path, compute())
    print(path)
