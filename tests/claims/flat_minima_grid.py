"""How sharp a small network ends, and how well it does, over the knobs that a sceptic would turn.

The experiments are those of the notebook, with its own functions, on other photos, starts, rates and stopping losses, too.
"""

import functools

import numpy as np

from lectrain import MLP, data

from .grids import stored
from .notebook import solved

STOPS = (0.05, 0.02, 0.01)
EARLY_STOPS = (0.5, 0.4, 0.3)
BATCH_SIZES = (10, 50, 500)
RATES = {10: (0.02, 0.05, 0.1, 0.2, 0.3), 50: (0.05, 0.1, 0.2, 0.5, 0.7), 500: (0.1, 0.2, 0.5, 0.7, 1.0)}
"""Batches of 50 at a rate of 1 are left out: whether they ever reach a stop depends on how a machine rounds."""
SMALL_RATES = (0.02, 0.03, 0.05)
"""Rates of the full batch below those of the picture."""
SEEDS = (0, 1, 2)
FIRST_PHOTOS = (0, 2000, 4000)
"""Each run trains on 500 photos from here on."""
QUANTITIES = ("updates", "loss", "test loss", "accuracy", "slope", "largest", "mean")

LINES = ("own", "other start", "zeros", "two starts", "renumbered")
LINE_RATES = (0.02, 0.1, 0.5)
OTHER_NETWORKS = ((32, 6000), (256, 6000), (128, 1500), (128, 24_000))
"""Numbers of hidden units and of updates, besides the notebook's 128 and 6000."""
STARTS = (0.3, 3.0, 10.0, "opposite")
"""The sizes of another start, as multiples of those of the notebook, and the negative of the own start."""
RANDOM_STARTS = range(100, 140)
"""Seeds of random starts in the notebook's size."""
SEEDS_OF_ENDS = (*SEEDS, 6)
"""Seeds of the networks at the other ends of these lines. The last training ended at a higher loss."""
LINE_PHOTOS = 10_000
ALPHAS = np.linspace(0, 1, 41, dtype=np.float32)


@stored("flat-minima-ends")
def ends() -> np.ndarray:
    """What the notebook measures: float32 (runs, batch sizes, rates, stops, quantities)."""
    return np.array(
        [[[of_training(first, size, lr, 0) for lr in RATES[size]] for size in BATCH_SIZES] for first in FIRST_PHOTOS]
    )


@stored("flat-minima-small-rates")
def ends_of_small_rates() -> np.ndarray:
    """The same for the full batch at `SMALL_RATES`: float32 (runs, rates, stops, quantities)."""
    return np.array([[of_training(first, 500, lr, 0) for lr in SMALL_RATES] for first in FIRST_PHOTOS])


@stored("flat-minima-early-ends")
def early_ends() -> np.ndarray:
    """The same for the full batch at the rate 0.1, at `EARLY_STOPS`: float32 (seeds, runs, stops, quantities)."""
    return np.array([[of_training(first, 500, 0.1, seed, EARLY_STOPS) for first in FIRST_PHOTOS] for seed in SEEDS])


def of_training(first: int, batch_size: int, lr: float, seed: int, stops=STOPS) -> np.ndarray:
    """One training: (stops, quantities)."""
    notebook = small_network(first, stops)
    ends = notebook["fitted"](batch_size, lr, seed)
    return np.array([notebook["measured"](*end) for end in ends], dtype=np.float32)


@functools.cache
def small_network(first: int, stops=STOPS):
    """The functions of part 4 on 500 photos from `first` on. They remember the networks that they have trained."""
    cells = "setup", "loss-head-solution", "power", "down-to", "compare", "rescale-functions"
    notebook = solved("flat_minima", *cells)
    notebook["net14"] = MLP([196, 64, 10], notebook["loss_head"])
    for split, chosen, names in (
        ("train", slice(first, first + 500), ("X_few", "y_few")),
        ("test", slice(None), ("X14_test", "labels_test")),
    ):
        images, labels = data.load_fashion_mnist(split)
        X = images[chosen, ::2, ::2].reshape(-1, 196).astype(np.float32) / 255
        notebook.update(zip(names, (X, labels[chosen]), strict=True))
    notebook["stops"] = stops
    return notebook


def in_random_order(theta, seed):
    """The same function with its hidden units renumbered."""
    W1, b1, W2, b2 = theta
    order = np.random.default_rng(seed).permutation(len(b1))
    return [W1[:, order], b1[order], W2[order], b2]


@stored("flat-minima-lines")
def lines() -> np.ndarray:
    """Losses of 10 000 training photos: float32 (rates, seeds, lines, three variants, alphas).

    The variants are other starts of this line, or other renumberings. Lines without a variant are repeated.
    """
    return np.array([of_networks(lr) for lr in LINE_RATES], dtype=np.float32)


@stored("flat-minima-other-lines")
def other_lines() -> np.ndarray:
    """The same for the learning rate 0.1 and `OTHER_NETWORKS`: float32 (networks, seeds, lines, variants, alphas)."""
    return np.array([of_networks(0.1, *network) for network in OTHER_NETWORKS], dtype=np.float32)


@stored("flat-minima-starts")
def lines_from_starts() -> np.ndarray:
    """Losses on the lines from `STARTS` to trained networks: float32 (seeds, starts, alphas)."""
    notebook = line_notebook(128, 6000)
    return np.array([of_starts(notebook, seed) for seed in SEEDS], dtype=np.float32)


def of_starts(notebook, seed: int) -> list[np.ndarray]:
    """The lines to one trained network."""
    X, labels = notebook["X"][:LINE_PHOTOS], notebook["labels"][:LINE_PHOTOS]
    theta0, thetaf = notebook["trained"](seed)
    another = notebook["net"].init(np.random.default_rng(7))
    starts = [
        [-A for A in theta0] if size == "opposite" else [np.float32(size) * A for A in another] for size in STARTS
    ]
    return [notebook["line"](start, thetaf, X, labels, ALPHAS) for start in starts]


@stored("flat-minima-random-starts")
def lines_from_random_starts() -> np.ndarray:
    """Losses on the lines from `RANDOM_STARTS` to trained networks: float32 (seeds, starts, alphas)."""
    notebook = line_notebook(128, 6000)
    X, labels = notebook["X"][:LINE_PHOTOS], notebook["labels"][:LINE_PHOTOS]
    starts = [notebook["net"].init(np.random.default_rng(start)) for start in RANDOM_STARTS]
    ends = [notebook["trained"](seed)[1] for seed in SEEDS_OF_ENDS]
    lines = [[notebook["line"](start, end, X, labels, ALPHAS) for start in starts] for end in ends]
    return np.array(lines, dtype=np.float32)


def line_notebook(width: int, updates: int):
    """The functions of part 3, for a network with this number of hidden units."""
    notebook = solved(
        "flat_minima",
        *("setup", "loss-head-solution", "train", "trained", "interpolate-solution", "interpolation-curve-solution"),
        "line",
        replace=("range(6000)", f"range({updates})"),
    )
    notebook["net"] = MLP([784, width, 10], notebook["loss_head"])
    return notebook


def of_networks(lr: float, width: int = 128, updates: int = 6000) -> list[list[list[np.ndarray]]]:
    """The lines between networks that were trained with this learning rate."""
    notebook = line_notebook(width, updates)
    net = notebook["net"]
    X, labels = notebook["X"][:LINE_PHOTOS], notebook["labels"][:LINE_PHOTOS]
    ends = {seed: notebook["trained"](seed, lr) for seed in SEEDS}

    def line(*pair):
        return notebook["line"](*pair, X, labels, ALPHAS)

    grid = []
    for seed in SEEDS:
        theta0, thetaf = ends[seed]
        zeros = [0 * A for A in thetaf]
        grid.append(
            [
                [line(theta0, thetaf)] * 3,
                [line(net.init(np.random.default_rng(other)), thetaf) for other in (7, 8, 9)],
                [line(zeros, thetaf)] * 3,
                [line(thetaf, ends[(seed + 1) % len(SEEDS)][1])] * 3,
                [line(thetaf, in_random_order(thetaf, order)) for order in (0, 1, 2)],
            ]
        )
    return grid
