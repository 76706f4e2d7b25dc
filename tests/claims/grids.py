"""Slow experiments, stored over their knobs. ``make claims`` computes them again."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np

STORED = Path(__file__).parent / "stored"
EXPERIMENTS: dict[Path, Callable[[], np.ndarray]] = {}
"""What computes each stored array."""


def stored(name: str) -> Callable[[Callable[[], np.ndarray]], Callable[[], np.ndarray]]:
    """Let an experiment return its stored array instead of running."""

    def decorate(compute: Callable[[], np.ndarray]) -> Callable[[], np.ndarray]:
        path = STORED / f"{name}.npy"
        EXPERIMENTS[path] = compute
        return functools.cache(functools.wraps(compute)(lambda: np.load(path)))

    return decorate
