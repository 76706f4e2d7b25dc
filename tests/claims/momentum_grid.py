"""Steps of softmax regression to a loss, with and without momentum, over the knobs that a sceptic would turn.

The experiment is that of the notebook, with its own functions, on other photos, rates and friction, too.
"""

import numpy as np
from threadpoolctl import threadpool_limits

from lectrain import data

from .notebook import solved

TARGETS = (0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35)
ALPHAS = (0.0, 0.5, 0.8, 0.9, 0.95)
FACTORS = np.round(10 ** np.arange(0.0, 2.81, 0.1), 1)
"""Effective learning rates, in units of 1/L."""
PIXELS = ("raw", "centred", "standardized")
FIRST_PHOTOS = (0, 2000, 4000)
"""Each experiment uses 2000 photos from here on."""
OTHER_PHOTOS = ((500, 2), (1000, 2), (2000, 4))
"""Other numbers of photos, and of which rows and columns of pixels they consist: every second, or every fourth."""
NEVER = -1
LIMIT = 400


def compute() -> np.ndarray:
    """The steps to each target, or `NEVER`: an array of int16 (photos, pixels, alphas, factors, targets)."""
    return np.array([[of_pixels(first, name) for name in PIXELS] for first in FIRST_PHOTOS])


def compute_other_photos() -> np.ndarray:
    """The steps for `OTHER_PHOTOS`, at every second rate: an array of int16 (numbers, pixels, alphas, factors, targets)."""
    alphas, factors = (0.0, 0.9), FACTORS[::2]
    return np.array([[of_pixels(0, name, alphas, factors, *photos) for name in PIXELS[1:]] for photos in OTHER_PHOTOS])


def of_pixels(
    first: int, pixels: str, alphas=ALPHAS, factors=FACTORS, count: int = 2000, every: int = 2, start=(0.0, 541)
) -> np.ndarray:
    """The part of the grid for some photos and one kind of pixels: (alphas, factors, targets).

    The start is the standard deviation of the first weights, which is 0 in the notebook, and the seed that draws them.
    """
    cells = "standardize-solution", "momentum-step-solution", "softmax-solution", "fashion-data", "fashion-counts"
    zeros = "W, V = np.zeros((2, X.shape[1], 10), X.dtype)"
    notebook = solved("momentum", *cells, replace=(zeros, "W, V = first_weights, 0 * first_weights"))
    images, labels = data.load_fashion_mnist("train")
    chosen = slice(first, first + count)
    raw = images[chosen, ::every, ::every].reshape(count, -1).astype(np.float32) / 255
    kinds = {"raw": raw, "centred": raw - raw.mean(axis=0), "standardized": notebook["standardize"](raw, raw)[0]}
    X = np.column_stack([kinds[pixels], np.ones(count, np.float32)])
    L = np.linalg.eigvalsh(X.T @ X / len(X))[-1] / 2
    scale, seed = start
    drawn = scale * np.random.default_rng(seed).normal(size=(X.shape[1], 10))
    notebook |= {"labels": labels[chosen], "first_weights": drawn.astype(X.dtype)}
    steps_to = notebook["steps_to"]
    with threadpool_limits(1), np.errstate(all="ignore"):  # the largest rates diverge
        steps = [[steps_to(np.array(TARGETS), X, (1 - a) * f / L, a, LIMIT) for f in factors] for a in alphas]
    return np.nan_to_num(steps, nan=NEVER).astype(np.int16)


def best_steps(steps: np.ndarray, every: int = 1) -> np.ndarray:
    """The fewest steps over the learning rates, of which only each `every`-th is tried; infinity if none arrives."""
    tried = steps[..., ::every, :].astype(float)
    return np.where(tried == NEVER, np.inf, tried).min(axis=-2)
