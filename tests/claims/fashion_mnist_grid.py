"""Softmax regression on Fashion-MNIST with many learning rates, slices, numbers of epochs and validation sets."""

import functools

import numpy as np

from lectrain import data

from .grids import stored
from .notebook import solved

TRAININGS = ((0.1, 128), (0.05, 128), (0.2, 128), (0.1, 64), (0.1, 256))
"""Learning rates and slices of the trainings with all pictures. The first are the notebook's."""
EPOCHS = (8, 11, 15)
LOWS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Where the intervals of probabilities begin."""
SNEAKER, SHIRTS_LIKE_BAGS = 2022, (2599, 8763)
"""Test pictures: the most confident error of the notebook, and the two T-shirts that it calls bags."""
TRIED = (0.01, 0.1, 1.0)
FOLDS = ((0, 128), (20_000, 128), (30_000, 128), (0, 64), (0, 256))
"""The first of 20 000 training pictures, after which come 10 000 to validate, and the slices."""
READ_RATES, READ_ORDERS, READINGS = (0.1, 0.3, 1.0), (None, 1, 2), 8
"""The rates of trainings whose accuracy is read eight times within an epoch, and the seeds that shuffle each epoch."""
OTHER_ENDS = {
    "shuffled": ((0, 60_000, 0.1, 15, 1), (0, 60_000, 0.1, 15, 2), (0, 60_000, 0.1, 15, 3)),
    "long steps": ((0, 60_000, 0.3, 15, None), (0, 60_000, 0.5, 15, None), (0, 60_000, 1.0, 15, None)),
    "few pictures": ((0, 1000, 0.1, 400, None), (20_000, 1000, 0.1, 400, None), (40_000, 1000, 0.1, 400, None)),
    "stopped early": ((0, 60_000, 0.05, 1, None), (0, 60_000, 0.1, 1, None), (0, 60_000, 0.1, 1, 1)),
}
"""The first picture, their number, the rate, the number of epochs, and the seed that shuffles the rows once."""
SHORT = ((0, 0.1, 5), (20_000, 0.1, 5), (40_000, 0.1, 5), (0, 0.03, 5), (0, 0.05, 5), (0, 0.1, 2), (0, 0.1, 10))
"""The first of 10 000 pictures, the learning rate and the number of epochs. The first are the notebook's."""
SHORT_SIZES = (10_000, 1000, 128)


@functools.cache
def notebook():
    """The notebook's functions."""
    cells = "softmax-solution", "loss-solution", "prepare-solution", "in-slices-solution", "train-solution"
    return solved("fashion_mnist", *cells)


@functools.cache
def pictures(split: str = "train"):
    """Rows of features and labels."""
    images, labels = data.load_fashion_mnist(split)
    return notebook()["prepare"](images), labels


def epoch_by_epoch(X, labels, lr: float, size: int, num_epochs: int):
    """The weights after each epoch."""
    W = np.zeros((785, 10))
    for _ in range(num_epochs):
        W = notebook()["in_slices"](W, X, labels, lr, size, 1)
        yield W


def describe(W) -> np.ndarray:
    """What the text says about the model with these weights, as numbers: 100 + 14 + 6 + 1.

    They are the confusion matrix; how many predictions have a probability in each interval, and how many of them are
    right; the most confident error, its probability and that of the tenth error, the probabilities of three wrong
    classes; the mean weight between the legs of a trouser.
    """
    X, labels = pictures("test")
    P = notebook()["softmax"](X @ W)
    predicted, certainty = P.argmax(axis=1), P.max(axis=1)
    confusion = np.zeros((10, 10))
    np.add.at(confusion, (labels, predicted), 1)
    bins = [(certainty >= low) & (certainty <= low + 0.1) for low in LOWS]
    counts = [[chosen.sum(), np.sum(predicted[chosen] == labels[chosen])] for chosen in bins]
    wrong = np.flatnonzero(predicted != labels)
    errors = wrong[np.argsort(-certainty[wrong])]
    probabilities = [certainty[errors[0]], certainty[errors[9]], P[SNEAKER, 9], *P[SHIRTS_LIKE_BAGS, 8]]
    between_legs = W[:784, 1].reshape(28, 28)[14:26, 13:15].mean()
    return np.concatenate([confusion.ravel(), np.ravel(counts), [errors[0], *probabilities, between_legs]])


@stored("fashion-ends")
def ends() -> np.ndarray:
    """Trainings with all pictures: float32 (settings, numbers of epochs, numbers of `describe`)."""
    trainings = [epoch_by_epoch(*pictures(), lr, size, max(EPOCHS)) for lr, size in TRAININGS]
    return np.array(
        [[describe(W) for epoch, W in enumerate(training, 1) if epoch in EPOCHS] for training in trainings],
        np.float32,
    )


def validation(lr: float, first: int, size: int, num_epochs: int = 8) -> list[float]:
    """The accuracies on 10 000 training pictures after each epoch with the 20 000 before them."""
    X, labels = (part[first : first + 30_000] for part in pictures())
    trained = epoch_by_epoch(X[:20_000], labels[:20_000], lr, size, num_epochs)
    return [notebook()["accuracy"](W, X[20_000:], labels[20_000:]) for W in trained]


@stored("fashion-validation")
def validations() -> np.ndarray:
    """Accuracies: float32 (rates, folds, epochs)."""
    return np.array([[validation(lr, first, size) for first, size in FOLDS] for lr in TRIED], np.float32)


def readings(lr: float, first: int, seed: int | None, num_epochs: int = 8) -> list[float]:
    """The accuracies of `validation` at eight places of each epoch."""
    X, labels = (part[first : first + 30_000] for part in pictures())
    rng, rows, W, shares = np.random.default_rng(seed), np.arange(20_000), np.zeros((785, 10)), []
    for _ in range(num_epochs):
        rows = rows if seed is None else rng.permutation(20_000)
        for part in np.split(rows, 128 * np.arange(20, 20 * READINGS, 20)):
            W = notebook()["in_slices"](W, X[part], labels[part], lr, 128, 1)
            shares.append(notebook()["accuracy"](W, X[20_000:], labels[20_000:]))
    return shares


@stored("fashion-readings")
def all_readings() -> np.ndarray:
    """Accuracies: float32 (rates, first pictures, orders, readings)."""
    firsts = sorted({first for first, _ in FOLDS})
    grid = [[[readings(lr, first, seed) for seed in READ_ORDERS] for first in firsts] for lr in READ_RATES]
    return np.array(grid, np.float32)


def other_end(first: int, count: int, lr: float, num_epochs: int, seed: int | None) -> np.ndarray:
    """The numbers of `describe` after another training, and the mean of its probabilities."""
    (X, labels), X_test = (part[first : first + count] for part in pictures()), pictures("test")[0]
    rows = np.arange(count) if seed is None else np.random.default_rng(seed).permutation(count)
    W = notebook()["in_slices"](np.zeros((785, 10)), X[rows], labels[rows], lr, 128, num_epochs)
    return np.append(describe(W), notebook()["softmax"](X_test @ W).max(axis=1).mean())


@stored("fashion-other-ends")
def other_ends() -> np.ndarray:
    """Trainings of `OTHER_ENDS`: float32 (kinds, trainings, numbers)."""
    return np.array([[other_end(*training) for training in kind] for kind in OTHER_ENDS.values()], np.float32)


def short(first: int, lr: float, num_epochs: int, size: int) -> float:
    """The loss after a short training with 10 000 pictures."""
    X, labels = (part[first : first + 10_000] for part in pictures())
    W = notebook()["in_slices"](np.zeros((785, 10)), X, labels, lr, size, num_epochs)
    return notebook()["cross_entropy"](X @ W, labels)


@stored("fashion-slices")
def slices() -> np.ndarray:
    """Losses: float32 (settings, slices)."""
    return np.array([[short(*setting, size) for size in SHORT_SIZES] for setting in SHORT], np.float32)
