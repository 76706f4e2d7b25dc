"""Steps of softmax regression to a loss, with and without momentum, over the knobs that a sceptic would turn.

The experiment is that of the notebook, with its own functions, on other photos, rates and friction, too.
"""

import numpy as np

from lectrain import data

from .grids import stored
from .notebook import solved

TARGETS = (0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35)
ALPHAS = (0.0, 0.5, 0.9)
FACTORS = np.round(10 ** np.arange(0.0, 2.81, 0.1), 1)
"""Effective learning rates, in units of 1/L."""
PIXELS = ("raw", "centred", "standardized")
FIRST_PHOTOS = (0, 2000, 4000)
"""Each experiment uses 2000 photos from here on."""
OTHER_PHOTOS = ((500, 2), (1000, 2), (2000, 4))
"""Other numbers of photos, and of which rows and columns of pixels they consist: every second, or every fourth."""
BATCHES, BATCH_SEEDS = (10, 100), (541, 1, 2)
"""Mini-batches, and the seeds that draw them."""
BATCH_FACTORS = np.round(10 ** np.arange(-0.75, 1.8, 0.25), 2)
BATCH_TARGETS = TARGETS[3:]
BATCH_LIMIT, BATCH_EVERY = {10: 4000, 100: 1200}, 5
"""The number of steps, and after how many of them the loss is measured."""
TEST_PIXELS, TEST_ALPHAS, TEST_PHOTOS, TEST_STEPS = ("raw", "standardized"), (0.0, 0.9), (0, 4000, 8000), 100
"""From the `TEST_PHOTOS` on, 2000 test photos are taken. The test loss is measured after up to `TEST_STEPS` steps."""
FLOOR_BATCHES, FLOOR_RATES = (10, 30, 100), (0.03, 0.1, 0.3, 1.0, 3.0)
"""Mini-batches and effective rates of the mean losses at the end."""
FLOOR_SEEDS = (541, 1, 2, 3, 4, 5)
FLOOR_LOSSES = (20, 40, 60)
"""Of how many of the last losses the mean is taken. There are 80 in 2000 steps."""
NEVER = -1
LIMIT = 400


@stored("momentum-steps")
def steps() -> np.ndarray:
    """The steps to each target, or `NEVER`: an array of int16 (photos, pixels, alphas, factors, targets)."""
    return np.array([[of_pixels(first, name) for name in PIXELS] for first in FIRST_PHOTOS])


@stored("momentum-other-photos")
def steps_for_other_photos() -> np.ndarray:
    """The steps for `OTHER_PHOTOS`, at every second rate: an array of int16 (numbers, pixels, alphas, factors, targets)."""
    alphas, factors = (0.0, 0.9), FACTORS[::2]
    return np.array([[of_pixels(0, name, alphas, factors, *photos) for name in PIXELS[1:]] for photos in OTHER_PHOTOS])


def of_pixels(
    first: int, pixels: str, alphas=ALPHAS, factors=FACTORS, count: int = 2000, every: int = 2, start=(0.0, 541)
) -> np.ndarray:
    """The part of the grid for some photos and one kind of pixels: (alphas, factors, targets).

    The start is the standard deviation of the first weights, which is 0 in the notebook, and the seed that draws them.
    """
    notebook, X, labels, L = _race(pixels, first, count, every)
    scale, seed = start
    drawn = scale * np.random.default_rng(seed).normal(size=(X.shape[1], 10))
    notebook |= {"labels": labels, "first_weights": drawn.astype(X.dtype)}
    steps_to = notebook["steps_to"]
    with np.errstate(all="ignore"):  # the largest rates diverge
        steps = [[steps_to(np.array(TARGETS), X, (1 - a) * f / L, a, LIMIT) for f in factors] for a in alphas]
    return np.nan_to_num(steps, nan=NEVER).astype(np.int16)


def _race(pixels: str, first: int = 0, count: int = 2000, every: int = 2):
    """The notebook's functions, with a start to choose, the rows of pixels, the labels, and the largest curvature."""
    cells = "standardize-solution", "momentum-step-solution", "softmax-solution", "fashion-data", "fashion-counts"
    zeros = "W, V = np.zeros((2, X.shape[1], 10), X.dtype)"
    notebook = solved("momentum", *cells, replace=(zeros, "W, V = first_weights, 0 * first_weights"))
    images, labels = data.load_fashion_mnist("train")
    chosen = slice(first, first + count)
    raw = images[chosen, ::every, ::every].reshape(count, -1).astype(np.float32) / 255
    kinds = {"raw": raw, "centred": raw - raw.mean(axis=0), "standardized": notebook["standardize"](raw, raw)[0]}
    X = np.column_stack([kinds[pixels], np.ones(count, np.float32)])
    return notebook, X, labels[chosen], np.linalg.eigvalsh(X.T @ X / len(X))[-1] / 2


@stored("momentum-batches")
def steps_with_batches() -> np.ndarray:
    """The steps with mini-batches, at 0.5 and lower: int16 (pixels, batches, alphas, factors, seeds, targets)."""
    kinds = [[of_batches(name, size, (0.0, 0.9), BATCH_FACTORS, BATCH_SEEDS) for size in BATCHES] for name in PIXELS]
    return np.array(kinds)


def of_batches(pixels: str, size: int, alphas, factors, seeds) -> np.ndarray:
    """The part of this grid for one kind of pixels and one size: (alphas, factors, seeds, targets)."""
    notebook, X, labels, L = _race(pixels)
    with np.errstate(all="ignore"):
        steps = [
            [[_noisy_steps(notebook, X, labels, size, (1 - a) * f / L, a, seed) for seed in seeds] for f in factors]
            for a in alphas
        ]
    return np.nan_to_num(steps, nan=NEVER).astype(np.int16)


def _noisy_steps(notebook, X, labels, size: int, lr: float, alpha: float, seed: int) -> np.ndarray:
    """The first step at which the loss on all photos is at most each target, or nan."""
    rng, targets = np.random.default_rng(seed), np.array(BATCH_TARGETS)
    W, V = np.zeros((2, X.shape[1], 10), X.dtype)
    steps = np.full(len(targets), np.nan)
    for step in range(BATCH_LIMIT[size]):
        if step % BATCH_EVERY == 0:
            loss = notebook["cross_entropy"](X @ W, labels)
            steps[np.isnan(steps) & (loss <= targets)] = step
            if not np.isnan(steps).any() or not np.isfinite(loss):
                break
        rows = rng.integers(len(X), size=size)
        W, V = notebook["momentum_step"](W, V, notebook["softmax_grad"](W, X[rows], labels[rows]), lr, alpha)
    return steps


@stored("momentum-test-losses")
def test_losses() -> np.ndarray:
    """The test losses at the notebook's rates: float16 (pixels, alphas, rates, test photos, steps)."""
    return np.array([[of_test_losses(name, alpha) for alpha in TEST_ALPHAS] for name in TEST_PIXELS], dtype=np.float16)


def of_test_losses(pixels: str, alpha: float, factors=None) -> list[np.ndarray]:
    """The test losses of one alpha on one kind of pixels, for each rate: (test photos, steps)."""
    notebook, X, labels, L = _race(pixels)
    (train, _), (test, test_labels) = (data.load_fashion_mnist(split) for split in ("train", "test"))
    raw, raw_test = (A[:, ::2, ::2].reshape(len(A), -1).astype(np.float32) / 255 for A in (train[:2000], test))
    seen = raw_test if pixels == "raw" else notebook["standardize"](raw, raw_test)[1]
    X_test = np.column_stack([seen, np.ones(len(raw_test), np.float32)])
    chosen = [slice(first, first + 2000) for first in TEST_PHOTOS]
    curves = []
    for factor in notebook["factors"] if factors is None else factors:
        W, V = np.zeros((2, X.shape[1], 10), X.dtype)
        losses = np.full((len(chosen), TEST_STEPS), np.inf)
        with np.errstate(all="ignore"):  # the largest rates diverge
            for step in range(TEST_STEPS):
                losses[:, step] = [notebook["cross_entropy"](X_test[s] @ W, test_labels[s]) for s in chosen]
                if not losses[0, step] < 100:
                    break
                gradient = notebook["softmax_grad"](W, X, labels)
                W, V = notebook["momentum_step"](W, V, gradient, (1 - alpha) * factor / L, alpha)
        curves.append(np.where(losses < 100, losses, np.inf))
    return curves


@stored("momentum-floors")
def last_losses() -> np.ndarray:
    """The last losses: float32 (pixels, batches, rates, alphas, seeds, numbers of losses)."""
    settings = FLOOR_BATCHES, FLOOR_RATES, (0.0, 0.9), FLOOR_SEEDS
    return np.array([of_floors(name, *settings) for name in PIXELS], dtype=np.float32)


def of_floors(pixels: str, sizes, rates, alphas, seeds) -> list[list[list[list[list[float]]]]]:
    """The part of this grid for one kind of pixels: (batches, rates, alphas, seeds, numbers of losses)."""
    notebook, X, labels, _ = _race(pixels)
    return [
        [
            [[_last_losses(notebook, X, labels, size, (1 - a) * rate, a, seed) for seed in seeds] for a in alphas]
            for rate in rates
        ]
        for size in sizes
    ]


def _last_losses(notebook, X, labels, size: int, lr: float, alpha: float, seed: int) -> list[float]:
    """The mean of the last losses on all photos: for each of `FLOOR_LOSSES`."""
    rng, X = np.random.default_rng(seed), X.astype(float)
    W, V = np.zeros((2, X.shape[1], 10))
    losses = []
    for step in range(2000):
        if step % 25 == 0:
            losses.append(notebook["cross_entropy"](X @ W, labels))
        rows = rng.integers(len(X), size=size)
        W, V = notebook["momentum_step"](W, V, notebook["softmax_grad"](W, X[rows], labels[rows]), lr, alpha)
    return [np.mean(losses[-count:]) for count in FLOOR_LOSSES]


def best_steps(steps: np.ndarray, every: int = 1) -> np.ndarray:
    """The fewest steps over the learning rates, of which only each `every`-th is tried; infinity if none arrives."""
    tried = steps[..., ::every, :].astype(float)
    return np.where(tried == NEVER, np.inf, tried).min(axis=-2)
