"""Softmax regression on all photos with many batch sizes and learning rates, and the noise of its gradients.

On the small problem: how far its weights wander, and where trainings with decaying rates end. The experiments are those of the notebook, with its own functions and other seeds.
"""

import functools
from itertools import islice, product

import numpy as np

from .grids import stored
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
STYLES = {
    "permutation": lambda n, rng: rng.permutation(n),
    "argsort": lambda n, rng: np.argsort(rng.random(n)),
    "choice": lambda n, rng: rng.choice(n, n, replace=False),
}
"""Right ways to draw the order of an epoch. Each gives another order for the same seed."""
ORDER_SEEDS = (541, 1, 2, 3, 4, 5, 6, 7, 8, 9)
ORDER_RATES = {
    8: (0.0125, 0.05, 0.1, 0.2),
    64: (0.1, 0.2, 0.4, 0.8),
    512: (0.2, 0.4, 0.8, 1.6),
    4096: (0.4, 0.8, 1.6, 6.4),
    500: (0.4, 0.8, 1.6, 3.2),
    1000: (0.4, 0.8, 1.6, 3.2),
    2000: (0.4, 0.8, 1.6, 3.2),
    4000: (0.4, 0.8, 1.6, 3.2),
}
"""The learning rates about the best ones, and those of the rule, for each batch size. The last four sizes divide 60 000."""
PROBLEMS = (541, 1, 2)
"""Seeds of the small problem. The first is that of the notebook."""
WAYS = ("sampling", "independent batches", "shuffled once", "shuffled every epoch")
"""Of drawing a batch."""
WANDERING = (
    (WAYS, (10,), (0.1,), 30),
    (WAYS, (10,), (0.05, 0.2), 10),
    (WAYS, (5, 20), (0.1,), 10),
    (WAYS[:2], (80, 100, 120), (0.1,), 10),
    (WAYS[::3], (5, 10, 20), (0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.6, 0.7), 4),
    (WAYS[::3], (5,), (0.05,), 24),
    (WAYS[::3], (20,), (0.2,), 24),
    (WAYS[::3], (1,), (0.1, 0.15, 0.2), 4),
)
"""Ways, batch sizes, learning rates and the number of seeds with which the weights of each small problem wander."""
DECAYS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99)
DECAY_EPOCHS = (20, 60, 200)
DECAY_RATES = (0.3, 0.5, 0.8)
DECAY_BATCHES = (10, 20, 40)
"""Settings of trainings with decaying learning rates."""


@functools.cache
def notebook():
    """The notebook's functions and photos, with the global `seed` for `first_updates`."""
    cells = "setup", "minibatches-solution", "train-sgd-solution", "softmax-solution", "fashion", "class-order"
    return solved(
        "sgd", *cells, "improved", replace=("W0, np.random.default_rng(541)", "W0, np.random.default_rng(seed)")
    )


@functools.cache
def small_problem(problem: int = PROBLEMS[0]):
    """The notebook's functions on a small problem with other random numbers."""
    cells = "setup", "small", "minibatches-solution", "train-sgd-solution", "all-minibatch-gradients-solution", "order"
    names = solved("sgd", *cells, "exponential-decay-solution", "decay")
    if problem != PROBLEMS[0]:
        draws = np.random.default_rng(problem).normal(size=600)
        X, y = names["X_small"], names["y_small"]  # in place, because the notebook's functions have them as defaults
        X[:] = draws[:400].reshape(200, 2) * [1.0, 0.5]
        y[:] = X @ [2.0, -1.0] + draws[400:]
        names["w_best"] = np.linalg.lstsq(X, y)[0]
    return names


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


@stored("sgd-trainings")
def trainings() -> np.ndarray:
    """All trainings: float32 (batch sizes, rates, seeds, 2, POINTS). The full batch needs only one seed."""
    names = notebook()
    result = np.full((len(BATCHES), len(RATES), len(SEEDS), 2, POINTS), np.nan, np.float32)
    with np.errstate(all="ignore"):  # the largest rates overflow
        for b, (B, epochs, first, last) in enumerate(zip(BATCHES, EPOCHS, FIRST, LAST, strict=True)):
            for r in range(first, last + 1):
                for s, seed in enumerate(SEEDS if B < 60_000 else SEEDS[:1]):
                    result[b, r, s] = of_training(names, B, epochs, float(RATES[r]), seed)
            if B == 60_000:
                result[b, :, 1:] = result[b, :, :1]
    return result


@stored("sgd-noise")
def critical_sizes() -> np.ndarray:
    """The batch size at which the error of the gradient is as long as the gradient: (seeds, learning rates, epochs).

    It is the variance of one example's gradient, divided by the squared length of the full one.
    """
    names = notebook()
    return np.array([[list(noise(names, lr, seed)) for lr in (0.05, 0.1, 0.2)] for seed in NOISE_SEEDS])


@stored("sgd-other-noise")
def other_critical_sizes() -> np.ndarray:
    """The same for other batch sizes: (batch sizes, seeds, epochs)."""
    names = notebook()
    return np.array([[list(noise(names, lr, seed, OTHER_NOISE_AFTER, B)) for seed in SEEDS] for B, lr in OTHER_NOISE])


@stored("sgd-race")
def ends_of_race() -> np.ndarray:
    """The last losses of the race, also with half and twice its rates: (batch sizes, seeds, rates)."""
    names, rates = notebook(), solved("sgd", "sweep")["best_rates"]
    with np.errstate(all="ignore"):
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


def after_an_epoch(style: str, seed: int, B: int, lr: float) -> list[float]:
    """The loss of all photos before and after the last update of an epoch, as in the notebook, but for another order."""
    names, weights = notebook(), []
    X, labels, rng = names["X"], names["labels"], np.random.default_rng(seed)

    def minibatches(n, batch_size, rng):
        order = STYLES[style](n, rng)
        return [order[start : start + batch_size] for start in range(0, n, batch_size)]

    def watch(W, X_batch, labels_batch):
        weights[:] = [W]
        return names["softmax_grad"](W, X_batch, labels_batch)

    train_sgd = solved("sgd", "train-sgd-solution")["train_sgd"]
    train_sgd.__globals__["minibatches"] = minibatches
    weights.append(train_sgd(names["W0"], X, labels, watch, lr, B, 1, rng))
    return [names["cross_entropy"](X @ W, labels) for W in weights]


@stored("sgd-orders")
def losses_for_orders() -> np.ndarray:
    """The losses for many orders: float32 (styles, seeds, batch sizes, rates, before and after the last update)."""
    settings = product(STYLES, ORDER_SEEDS, ORDER_RATES.items())
    with np.errstate(all="ignore"):
        losses = [[after_an_epoch(style, s, B, lr) for lr in rates] for style, s, (B, rates) in settings]
    return np.reshape(np.float32(losses), (len(STYLES), len(ORDER_SEEDS), len(ORDER_RATES), 4, 2))


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


def wandering_settings() -> list[tuple[int, str, int, float, int]]:
    """The problem, the way, the batch size, the learning rate and the seed of each stored result of `wandering`."""
    return list(
        dict.fromkeys(
            setting
            for ways, batches, rates, seeds in WANDERING
            for setting in product(PROBLEMS, ways, batches, rates, range(seeds))
        )
    )


@functools.cache
def wandering_by_setting() -> dict[tuple[int, str, int, float, int], float]:
    return dict(zip(wandering_settings(), all_wandering(), strict=True))


def wandering(problem: int, way: str, B: int, lr: float, seed: int) -> float:
    """The mean loss above the smallest, of all steps after the first quarter."""
    return small_problem(problem)["wandering"](way, seed, lr, B)[0]


@stored("sgd-wandering")
def all_wandering() -> np.ndarray:
    """In the order of `wandering_settings`."""
    return np.array([wandering(*setting) for setting in wandering_settings()])


@functools.cache
def end_of_decay(problem: int, epochs: int, c: float, first_rate: float, B: int) -> float:
    """The loss above the smallest in the last quarter of the epochs, as the mean of three seeds."""
    names, losses = small_problem(problem), []
    X, y, grad_fn = names["X_small"], names["y_small"], names["linear_grad"]
    for seed in SEEDS:
        w, rng = np.zeros(2), np.random.default_rng(seed)
        for epoch, lr in enumerate(names["exponential_decay"](first_rate, c, np.arange(epochs))):
            w = names["train_sgd"](w, X, y, grad_fn, lr, B, 1, rng)
            if epoch >= 3 * epochs // 4:
                losses.append(names["above_smallest"](w[None]))
    return float(np.mean(losses))


@stored("sgd-decays")
def ends_of_decays() -> np.ndarray:
    """The ends of all trainings: (problems, epochs, decays, first rates, batch sizes)."""
    knobs = PROBLEMS, DECAY_EPOCHS, DECAYS, DECAY_RATES, DECAY_BATCHES
    return np.reshape([end_of_decay(*setting) for setting in product(*knobs)], [len(values) for values in knobs])
