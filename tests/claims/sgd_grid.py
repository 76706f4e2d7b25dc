"""Softmax regression on all photos with many batch sizes and learning rates, and the noise of its gradients.

The experiments are those of the notebook, with its own functions and other seeds.
"""

import functools
from itertools import islice

import numpy as np
from threadpoolctl import threadpool_limits

from .notebook import solved

BATCHES = (1, 8, 64, 512, 4096, 60_000)
EPOCHS = (1, 2, 4, 8, 20, 60)
"""Of each batch size."""
RATES = 0.1 * 2.0 ** np.arange(-6, 6)
FIRST, LAST = (0, 3, 5, 6, 7, 8), (4, 7, 9, 10, 11, 10)
"""The rates of each batch size that are tried: the others are far too large or too small."""
SEEDS = (541, 1, 2)
POINTS = 20
"""Losses of a training: at the end of the first epoch, and at logarithmic distances up to the end.

They are those of the first 10 000 photos, which is faster and close enough.
"""
NOISE_SEEDS = (*SEEDS, 3, 4, 5, 6, 7, 8, 9)
"""More seeds, because the noise differs more from run to run than the losses do."""
NOISE_AFTER = (0, 0.1, 0.3, 1, 3)
"""Epochs of a training with batches of 64, after which its noise is measured."""
OTHER_NOISE = ((8, 0.05), (64, 0.3), (512, 0.8), (4096, 0.8))
"""Other batch sizes and learning rates, of which the noise is measured."""
OTHER_NOISE_AFTER = (0, 0.3, 1, 3)
RACE_EPOCHS = (2, 6, 20, 15, 15, 12)
"""The epochs of each batch size in the notebook's race."""
RACE_FACTORS = (0.5, 1, 2)
"""Of the learning rates in the race."""


@functools.cache
def notebook():
    """The notebook's functions and photos."""
    return solved("sgd", "minibatches-solution", "train-sgd-solution", "softmax-solution", "fashion")


def moments(B: int, epochs: int) -> np.ndarray:
    """The numbers of updates after which the loss is recorded."""
    per_epoch = len(range(0, 60_000, B))
    total = per_epoch * epochs
    return np.unique([per_epoch, *np.geomspace(max(1, total / 200), total, POINTS - 1).astype(int)])


def of_training(names, B: int, epochs: int, lr: float, seed: int) -> np.ndarray:
    """The updates and the losses of one training: (2, POINTS), padded with nan."""
    X, labels, at = names["X"], names["labels"], set(moments(B, epochs).tolist())
    X_some, labels_some = X[:10_000], labels[:10_000]
    updates, notes = 0, []

    def watch(W, X_batch, labels_batch):
        nonlocal updates
        if updates in at:
            notes.append([updates, names["cross_entropy"](X_some @ W, labels_some)])
        updates += 1
        return names["softmax_grad"](W, X_batch, labels_batch)

    rng = np.random.default_rng(seed)
    W = names["train_sgd"](names["W0"], X, labels, watch, lr, B, epochs, rng)
    notes.append([updates, names["cross_entropy"](X_some @ W, labels_some)])
    result = np.full((2, POINTS), np.nan)
    result[:, : len(notes)] = np.transpose(notes)
    return result


def compute() -> np.ndarray:
    """All trainings: float32 (batch sizes, rates, seeds, 2, POINTS). The full batch needs only one seed."""
    names = notebook()
    result = np.full((len(BATCHES), len(RATES), len(SEEDS), 2, POINTS), np.nan, np.float32)
    with threadpool_limits(1), np.errstate(all="ignore"):  # the largest rates overflow
        for b, (B, epochs, first, last) in enumerate(zip(BATCHES, EPOCHS, FIRST, LAST, strict=True)):
            for r in range(first, last + 1):
                for s, seed in enumerate(SEEDS if B < 60_000 else SEEDS[:1]):
                    result[b, r, s] = of_training(names, B, epochs, float(RATES[r]), seed)
            if B == 60_000:
                result[b, :, 1:] = result[b, :, :1]
    return result


def compute_noise() -> np.ndarray:
    """The batch size at which the error of the gradient is as long as the gradient: (seeds, learning rates, epochs).

    It is the variance of one example's gradient, divided by the squared length of the full one.
    """
    names = notebook()
    with threadpool_limits(1):
        return np.array([[list(noise(names, lr, seed)) for lr in (0.05, 0.1, 0.2)] for seed in NOISE_SEEDS])


def compute_other_noise() -> np.ndarray:
    """The same for other batch sizes: (batch sizes, seeds, epochs)."""
    names = notebook()
    with threadpool_limits(1):
        return np.array(
            [[list(noise(names, lr, seed, OTHER_NOISE_AFTER, B)) for seed in SEEDS] for B, lr in OTHER_NOISE]
        )


def compute_race() -> np.ndarray:
    """The last losses of the race, also with half and twice its rates: (batch sizes, seeds, rates)."""
    names, rates = notebook(), solved("sgd", "sweep")["best_rates"]
    with threadpool_limits(1), np.errstate(all="ignore"):
        return np.array(
            [
                [[last_of_race(names, b, factor * rates[B], seed) for factor in RACE_FACTORS] for seed in SEEDS]
                for b, B in enumerate(BATCHES)
            ]
        )


def last_of_race(names, b: int, lr: float, seed: int) -> float:
    """The loss of all photos at the end of a run."""
    X, labels, rng = names["X"], names["labels"], np.random.default_rng(seed)
    W = names["train_sgd"](names["W0"], X, labels, names["softmax_grad"], lr, BATCHES[b], RACE_EPOCHS[b], rng)
    return names["cross_entropy"](X @ W, labels)


def noise(names, lr: float, seed: int, after=NOISE_AFTER, B: int = 64):
    """The critical batch size after some epochs of one training."""
    X, labels, W = names["X"], names["labels"], names["W0"]
    batches, done = names["minibatches"](60_000, B, np.random.default_rng(seed)), 0
    squares = np.sum(X.astype(np.float64) ** 2, axis=1)
    for epochs in after:
        until = int(epochs * len(batches))
        for batch in islice(batches * 4, done, until):
            W = W - np.float32(lr) * names["softmax_grad"](W, X[batch], labels[batch])
        done = until
        Z = X @ W
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        P[np.arange(60_000), labels] -= 1
        length = np.sum((X.T @ P / 60_000) ** 2)
        # The gradient of one example is the product of x and p - y, so its squared length is a product, too.
        yield np.mean(squares * np.sum(P**2, axis=1)) / length - 1
