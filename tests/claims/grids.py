"""Slow experiments, stored over their knobs. ``make claims`` computes them again."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from . import fashion_mnist_grid, flat_minima_grid, momentum_grid, sgd_grid

STORED = Path(__file__).parent / "stored"
GRIDS: dict[str, Callable[[], np.ndarray]] = {
    "fashion-slices": fashion_mnist_grid.compute_slices,
    "fashion-validation": fashion_mnist_grid.compute_validation,
    "fashion-readings": fashion_mnist_grid.compute_readings,
    "fashion-other-ends": fashion_mnist_grid.compute_other_ends,
    "fashion-ends": fashion_mnist_grid.compute_ends,
    "momentum-steps": momentum_grid.compute,
    "momentum-other-photos": momentum_grid.compute_other_photos,
    "momentum-batches": momentum_grid.compute_batches,
    "momentum-test-losses": momentum_grid.compute_test_losses,
    "momentum-floors": momentum_grid.compute_floors,
    "sgd-trainings": sgd_grid.compute,
    "sgd-noise": sgd_grid.compute_noise,
    "sgd-other-noise": sgd_grid.compute_other_noise,
    "sgd-race": sgd_grid.compute_race,
    "sgd-orders": sgd_grid.compute_orders,
    "sgd-wandering": sgd_grid.compute_wandering,
    "sgd-decays": sgd_grid.compute_decays,
    "flat-minima-ends": flat_minima_grid.compute_ends,
    "flat-minima-early-ends": flat_minima_grid.compute_early_ends,
    "flat-minima-small-rates": flat_minima_grid.compute_small_rates,
    "flat-minima-lines": flat_minima_grid.compute_lines,
    "flat-minima-other-lines": flat_minima_grid.compute_other_lines,
    "flat-minima-starts": flat_minima_grid.compute_starts,
    "flat-minima-random-starts": flat_minima_grid.compute_random_starts,
}


def load(name: str) -> np.ndarray:
    """A stored grid."""
    return np.load(STORED / f"{name}.npy")


def compute_all() -> None:
    """Compute all grids again, and store them."""
    for name, compute in GRIDS.items():
        np.save(STORED / f"{name}.npy", compute())
        print(STORED / f"{name}.npy")
