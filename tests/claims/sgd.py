"""The empirical sentences of `sgd`."""

import functools

import numpy as np

from . import sgd_grid
from .claim import Claim
from .notebook import solved
from .sgd_grid import (
    BATCHES,
    DECAY_BATCHES,
    DECAY_RATES,
    DECAYS,
    NOISE_AFTER,
    NOISE_SEEDS,
    ORDER_RATES,
    ORDER_SEEDS,
    OTHER_NOISE,
    OTHER_NOISE_AFTER,
    PROBLEMS,
    RATES,
    SEEDS,
    STYLES,
    end_of_decay,
)
from .sgd_grid import small_problem as _notebook

ORDERS = (0, 10, 20)
"""The first of the seeds of ten orders."""
SMALL = {"problem": PROBLEMS, "seed": (541, 1, 2)}
RUNS = {"seed": range(len(SEEDS))}
PHOTO_ORDERS = {"style": tuple(STYLES), "seed": range(len(ORDER_SEEDS))}
NOISE = {"seed": range(len(NOISE_SEEDS)), "rate": range(3)}


# --- part 1 -----------------------------------------------------------------------------------------------------


@functools.cache
def _path(problem, seed, B, lr, epochs):
    """The loss above the smallest, before each update and at the end."""
    notebook, path = _notebook(problem), []

    def remember(w, X, y):
        path.append(np.array(w))
        return notebook["linear_grad"](w, X, y)

    rng, X, y = np.random.default_rng(seed), notebook["X_small"], notebook["y_small"]
    path.append(notebook["train_sgd"](np.zeros(2), X, y, remember, lr, B, epochs, rng))
    return np.array([notebook["above_smallest"](w[None]) for w in path])


def how_low_it_ends_is_luck(problem, lr):
    """The unluckiest of ten orders ends more than five times as high as the luckiest."""
    ends = [_path(problem, seed, 1, lr, 5)[-1] for seed in range(10)]
    return max(ends) > 5 * min(ends)


def gradient_descent_is_still_far_away(problem, seed, epochs, B):
    """Its loss is at least ten times as far above the smallest as that of small batches, with the same rate."""
    return len(_path(problem, seed, 200, 0.1, epochs)) == epochs + 1 and (
        _path(problem, seed, 200, 0.1, epochs)[-1] > 10 * _path(problem, seed, B, 0.1, epochs)[-1]
    )


def single_examples_arrive_early_and_wander(problem, seed, epochs, lr=0.1):
    """They are near the minimum within an epoch, and in the last one they come and go."""
    loss = _path(problem, seed, 1, lr, epochs)
    arrived = np.argmax(loss < loss[0] / 20)
    return len(loss) == 200 * epochs + 1 and 0 < arrived < 200 and loss[-200:].max() > 10 * loss[-200:].min()


def the_balls_come_near_the_minimum(problem, seed):
    """With the rates of the race, less than a fiftieth of the loss above the smallest is left after five epochs."""
    losses = [_path(problem, seed, B, lr, 5) for B, lr in ((1, 0.02), (20, 0.3), (200, 1.2))]
    return all(loss[-1] < loss[0] / 50 for loss in losses)


BUDGET = 50 * (20 + 0.7 * 20)
"""The microseconds of the race: 50 updates of B = 20."""


def single_examples_are_last(problem, start):
    """After the equal seconds of the race, at the rates of its answer."""
    notebook = _notebook(problem)
    X, y, ends = notebook["X_small"], notebook["y_small"], []
    for B, lr in ((1, 0.02), (20, 0.3), (200, 1.2)):
        rng, w, num_updates = np.random.default_rng(541), np.array(start, float), int(BUDGET / (20 + 0.7 * B))
        epochs = (batch for _ in range(num_updates) for batch in notebook["minibatches"](200, B, rng))
        for batch, _ in zip(epochs, range(num_updates), strict=False):
            w = w - lr * notebook["linear_grad"](w, X[batch], y[batch])
        ends.append(notebook["above_smallest"](w[None]))
    return np.argmax(ends) == 0


def no_update_in_time(n):
    """A full gradient of n examples takes longer than the race."""
    return 20 + 0.7 * n > BUDGET


def half_the_rate_needs_more_epochs(problem, B, lr):
    """Down to a tenth of the first loss above the smallest."""
    losses = [_path(problem, 541, B, rate, 30) for rate in (lr, lr / 2)]
    long, short = (np.argmax(loss < loss[0] / 10) for loss in losses)
    return 0 < 1.5 * long < short


# --- part 2 -----------------------------------------------------------------------------------------------------


def the_mean_of_all_batches_is_the_full_gradient(problem, first, B):
    notebook = _notebook(problem)
    X, y = notebook["X_small"], notebook["y_small"]
    some = range(first, first + 12)
    each = np.array([notebook["linear_grad"](np.zeros(2), X[[i]], y[[i]]) for i in some])
    batches = notebook["all_minibatch_gradients"](each, B)
    return np.allclose(batches.mean(axis=0), each.mean(axis=0))


def a_hundred_times_the_examples_reduce_the_error_to_a_tenth(problem, seed, B):
    """From B to 100 B random examples of the small problem."""
    notebook, rng = _notebook(problem), np.random.default_rng(seed)
    each = -notebook["X_small"] * notebook["y_small"][:, None]  # the gradients at w = 0
    errors = [each[rng.integers(200, size=(2000, size))].mean(axis=1) - each.mean(axis=0) for size in (B, 100 * B)]
    few, many = (np.sqrt(np.mean(error**2)) for error in errors)
    return 0.09 < many / few < 0.111


def _critical(seed, rate, after):
    return sgd_grid.critical_sizes()[seed, rate, NOISE_AFTER.index(after)]


def it_grows_for_other_batches_and_rates(setting, seed, after):
    start, later = sgd_grid.other_critical_sizes()[setting, seed][[0, OTHER_NOISE_AFTER.index(after)]]
    return 3 * start < later


# --- part 3 -----------------------------------------------------------------------------------------------------


def _wandering(problem, way, first, B=10, lr=0.1, orders=10):
    """The mean loss above the smallest, for some orders."""
    seeds = range(first, first + orders)
    return np.array([sgd_grid.wandering_by_setting()[problem, way, B, round(lr, 6), seed] for seed in seeds])


def independent_batches_wander_as_far(problem=541, first=0, lr=0.1, B=10):
    sampling, independent = (
        _wandering(problem, way, first, B, lr).mean() for way in ("sampling", "independent batches")
    )
    return 0.8 < independent / sampling < 1.25


def an_epoch_misses_a_third(seed, B):
    """Of the 200 examples, in the mean of 100 epochs."""
    rng = np.random.default_rng(seed)
    sampling = [rng.integers(200, size=200) for _ in range(100)]
    independent = [np.concatenate([rng.permutation(200)[:B] for _ in range(200 // B)]) for _ in range(100)]
    return all(np.mean([1 - len(np.unique(epoch)) / 200 for epoch in way]) > 1 / 3 for way in (sampling, independent))


def errors_cancel_within_an_epoch(problem, lr, B):
    return _floor(problem, "shuffled every epoch", 0, lr, B) < 0.8 * _floor(problem, "sampling", 0, lr, B)


def little_of_the_gain_remains(problem, lr, B):
    shuffled, sampling = (_floor(problem, way, 0, lr, B) for way in ("shuffled every epoch", "sampling"))
    return 0.75 < shuffled / sampling < 1


def the_loss_is_less_than_half_as_high(problem, first):
    sampling, shuffled = (_wandering(problem, way, first).mean() for way in ("sampling", "shuffled every epoch"))
    return shuffled < sampling / 2


def new_orders_depend_less_on_luck(problem=541, first=0, lr=0.1, B=10):
    """The worst of ten seeds is less than twice the best, and their mean is not below that of single orders."""
    once, anew = (_wandering(problem, way, first, B, lr) for way in ("shuffled once", "shuffled every epoch"))
    return np.ptp(anew) < np.ptp(once) / 2 and anew.mean() > once.mean()


def one_order_is_a_lottery(problem=541, first=0, lr=0.1, B=10):
    """The mean of ten orders is below that of new orders. The worst is more than twice as high as the best."""
    once, anew = (_wandering(problem, way, first, B, lr) for way in ("shuffled once", "shuffled every epoch"))
    return once.mean() < anew.mean() and once.max() > 2 * once.min()


def _accuracies(seed, lr, B):
    """After an epoch of 12 000 shuffled photos, and after one class by class."""
    n, accuracies = sgd_grid.notebook(), []
    X, labels = n["X"][:12_000], n["labels"][:12_000]
    for some in (lambda k: slice(1200 * k, 1200 * k + 1200), lambda k: labels == k):
        rng, W = np.random.default_rng(seed), n["W0"]
        for k in range(10):
            W = n["train_sgd"](W, X[some(k)], labels[some(k)], n["softmax_grad"], lr, B, 1, rng)
        accuracies.append(n["accuracy"](W))
    return accuracies


def each_class_overwrites_the_others(seed, lr, B):
    """After an epoch class by class, the accuracy is much lower than after a shuffled one."""
    shuffled, by_class = _accuracies(seed, lr, B)
    return by_class < 0.75 * shuffled


# --- parts 4 and 5 ----------------------------------------------------------------------------------------------


@functools.cache
def _trainings():
    return sgd_grid.trainings().astype(float)


def _after_an_epoch(seed, B):
    """The loss after one epoch for each learning rate. It is nan where the rate was not tried."""
    updates, losses = np.moveaxis(_trainings()[BATCHES.index(B), :, seed], 1, 0)
    return np.array(
        [loss[at == -(-60_000 // B)].max(initial=-np.inf) for at, loss in zip(updates, losses, strict=True)]
    )


def _best_rates(seed, B, within=1.02):
    """All learning rates whose loss after an epoch is at most 2 % above that of the best one."""
    losses = _after_an_epoch(seed, B)
    losses = np.where(np.isfinite(losses), losses, np.inf)
    return RATES[losses <= within * losses.min()]


def _at(seed, B, lr):
    """The loss after one epoch, from the grid if the rate was tried there."""
    index = np.argmin(np.abs(np.log(RATES / lr)))
    tried = np.isclose(RATES[index], lr) and np.isfinite(_after_an_epoch(seed, B)[index])
    if tried:
        return _after_an_epoch(seed, B)[index]
    names = sgd_grid.notebook()
    X, labels, rng = names["X"], names["labels"], np.random.default_rng(SEEDS[seed])
    W = names["train_sgd"](names["W0"], X, labels, names["softmax_grad"], lr, B, 1, rng)
    return names["cross_entropy"](X[:10_000] @ W, labels[:10_000])


def the_rule_reaches_the_cap(first):
    """For 12 000 of the photos."""
    names = sgd_grid.notebook()
    some = names["X"][first : first + 12_000]
    raw = some + np.append(names["mean_picture"], np.float32(0))
    caps = [20 / np.linalg.eigvalsh(X.T @ X / len(X))[-1] for X in (some, raw)]
    centred, raw = (64 * cap / 0.1 for cap in caps)
    return 600 < centred < 700 and 105 < raw < 125


def _of_order(style, seed, B, lr=None, moment=1):
    """The loss with another order of the photos, for one rate or all: after an epoch, or before its last update (0)."""
    rate = slice(None) if lr is None else ORDER_RATES[B].index(lr)
    return sgd_grid.losses_for_orders()[list(STYLES).index(style), seed, list(ORDER_RATES).index(B), rate, moment]


def _best_of_order(style, seed, B):
    """The best rate for another order of the photos."""
    return ORDER_RATES[B][np.argmin(_of_order(style, seed, B))]


def the_valley_moves_for_other_orders(style, seed):
    best = [_best_of_order(style, seed, B) for B in (8, 64, 512)]
    return best[0] < best[1] <= best[2]


def the_rule_keeps_the_loss_for_other_orders(style, seed):
    """The rates of the rule from 0.1 on, which is at most half the best rate for batches of 64."""
    losses = [_of_order(style, seed, B, 0.1 * B / 64) for B in (8, 64, 512)]
    return max(losses) < 4 / 3 * min(losses) and _best_of_order(style, seed, 64) >= 0.2


def the_movement_stops(style):
    """Whatever the order, the best rate of 4096 is 0.8. For 512 it is 0.8 for most, and never far from it."""
    best = [_best_of_order(style, seed, 512) for seed in range(len(ORDER_SEEDS))]
    return {_best_of_order(style, seed, 4096) for seed in range(len(ORDER_SEEDS))} == {0.8} and (
        {0.8} < set(best) <= {0.4, 0.8, 1.6} and np.mean(np.equal(best, 0.8)) > 0.5
    )


def some_orders_move_it():
    best = [_best_of_order(style, seed, 512) for style in STYLES for seed in range(len(ORDER_SEEDS))]
    return set(best) == {0.4, 0.8, 1.6}


def near_the_cap(B):
    """For all orders, within a factor of 2.5 of the cap, which is 1.0. It is above the cap for some smaller sizes."""
    best = [_best_of_order(style, seed, B) for style in STYLES for seed in range(len(ORDER_SEEDS))]
    return 0.4 <= min(best) <= max(best) <= 1.6 and (B >= 4000 or max(best) > 1)


def larger_batches_deserve_larger_rates(seed, tolerance):
    """The best rates move up, also if all rates count whose loss is within a tolerance of the best."""
    best = [_best_rates(seed, B, tolerance) for B in (8, 64, 512)]
    return best[0].max() < best[1].max() <= best[2].max() and best[0].min() < best[1].min() < best[2].min()


def the_rule_keeps_the_loss(seed, lr):
    """From a good rate for batches of 64."""
    losses = [_at(seed, B, lr * B / 64) for B in (8, 64, 512)]
    return max(losses) < 1.2 * min(losses)


def the_rule_keeps_the_loss_for_another_seed(seed):
    losses = [_of_order("permutation", seed, B, 0.1 * B / 64) for B in (8, 64, 512)]
    return max(losses) < 1.2 * min(losses)


def these_rates_are_among_the_best(seed, B):
    """Those of the race: at the end of its run, half and twice the rate are at most 5 % better."""
    half, rate, twice = sgd_grid.ends_of_race()[BATCHES.index(B), seed]
    return rate < 1.05 * min(half, twice)


def it_rises_with_the_last_batch(seed, B=512, lr=0.8, epochs=15):
    """The last batch is smaller than the others. After other numbers of epochs the loss may also fall a little."""
    names, before = sgd_grid.notebook(), []
    X, labels, rng = names["X"], names["labels"], np.random.default_rng(seed)

    def watch(W, X_batch, labels_batch):
        if len(X_batch) < B:
            before.append(W)
        return names["softmax_grad"](W, X_batch, labels_batch)

    after = names["train_sgd"](names["W0"], X, labels, watch, lr, B, epochs, rng)
    losses = [names["cross_entropy"](X[:10_000] @ W, labels[:10_000]) for W in (before[-1], after)]
    return losses[1] - losses[0] > (0.02 if seed == 541 else 0.005)


def no_higher_before_the_last_batch(seed):
    """The best of the rates, also if the last, smaller batch of the epoch does not count."""

    def best(B):
        losses = {lr: _of_order("permutation", seed, B, lr, 0) for lr in (0.4, 0.8, 1.6)}
        losses[3.2] = sgd_grid.after_an_epoch("permutation", ORDER_SEEDS[seed], B, 3.2)[0]
        return min(losses, key=losses.get)

    return best(4096) == 0.8 <= best(512)


@functools.cache
def _updates(seed, B, target, lr=None):
    """The fewest updates to a loss, over the learning rates or with one. Between recorded losses it is interpolated."""
    fewest, tried = np.inf, slice(None) if lr is None else np.isclose(RATES, lr)
    for at, loss in _trainings()[BATCHES.index(B), tried, seed]:
        known = np.argsort(at[np.isfinite(at)])
        at, loss = at[known], np.minimum.accumulate(loss[known])
        if len(at) and loss[-1] <= target:
            fewest = min(fewest, np.exp(np.interp(-target, -loss, np.log(at))))
    return fewest


def _faster(small, large, least, most):
    """How many times fewer updates the larger batch needs."""
    return lambda seed, target: least < _updates(seed, small, target) / _updates(seed, large, target) < most


def single_examples_lose(seed, target, times, tuned=True):
    """Whether they need more seconds than batches of 8, if an update of the latter takes `times` as long.

    Seconds would be those of one computer. The number of updates is the same on every computer.
    The rates are tuned for the target, or those of the race.
    """
    single, eight = (None, None) if tuned else (solved("sgd", "sweep")["best_rates"][B] for B in (1, 8))
    return _updates(seed, 1, target, single) > times * _updates(seed, 8, target, eight)


TARGETS = (0.7, 0.65, 0.6, 0.55)


def large_batches_are_late_by_epochs(seed, epochs, every):
    """After some epochs, each at its best rate, also if only every second or third rate is tried."""
    best = [np.min(_after_epochs(seed, B, epochs)[::every]) for B in BATCHES[2:]]
    return np.all(np.diff(best) > 0)


def _after_epochs(seed, B, epochs):
    """The losses of all rates whose training did not overflow. Between recorded losses they are interpolated."""
    losses = []
    for at, loss in _trainings()[BATCHES.index(B), :, seed]:
        known = np.argsort(at[np.isfinite(at)])
        if len(known) and np.isfinite(loss[known]).all():
            losses.append(np.interp(np.log(epochs * -(-60_000 // B)), np.log(at[known]), loss[known]))
    return np.array(losses)


# --- part 6 -----------------------------------------------------------------------------------------------------


def _floor(problem, way, first, lr, B):
    return _wandering(problem, way, first, B, lr, orders=4).mean()


def only_the_quotient_matters(problem, way, first=0, quotient=0.01):
    floors = [_floor(problem, way, first, quotient * B, B) for B in (5, 10, 20)]
    return max(floors) < 1.3 * min(floors)


@functools.cache
def _decayed(problem, seed, c, first_rate=0.5, B=20):
    """The loss above the smallest, after each epoch: the notebook's `losses_with` for other batch sizes, too."""
    notebook = _notebook(problem)
    lrs = notebook["exponential_decay"](first_rate, c, np.arange(60))
    if B == 20:
        return notebook["losses_with"](lrs, seed)
    w, rng, weights = np.zeros(2), np.random.default_rng(seed), []
    for lr in lrs:
        X, y, grad_fn = notebook["X_small"], notebook["y_small"], notebook["linear_grad"]
        w = notebook["train_sgd"](w, X, y, grad_fn, lr, B, 1, rng)
        weights.append(w)
    return np.array([notebook["above_smallest"](w[None]) for w in weights])


def decay_ends_far_below(problem, seed, first_rate, B=20):
    """In the mean of the last 20 epochs."""
    constant, slow = (_decayed(problem, seed, c, first_rate, B)[-20:].mean() for c in (1.0, 0.9))
    return slow < constant / 10


def slow_decay_ends_lower(problem, seed, last):
    """The mean of the last epochs."""
    constant, slow = (_decayed(problem, seed, c)[-last:].mean() for c in (1.0, 0.9))
    return slow < constant / 1000


def a_much_faster_decay_is_worse(problem, seed, first_rate, B):
    """At the end, c = 0.5 is higher than c = 0.9, and level."""
    slow, fast = (_decayed(problem, seed, c, first_rate, B)[-20:] for c in (0.9, 0.5))
    return fast.mean() > 2 * slow.mean() and fast.max() < 1.01 * fast.min()


def slow_decay_stays_near_the_floor(problem, epochs, kept):
    """If only a part of the rate is lost in the training, the loss ends far above that of a decay to a hundredth."""
    slow, right, constant = (
        end_of_decay(problem, epochs, c, 0.5, 20) for c in (kept ** (1 / epochs), 0.01 ** (1 / epochs), 1.0)
    )
    return 10 * right < slow < 2 * constant and slow > constant / 10


def a_slower_decay_ends_higher(problem, epochs, kept):
    """Although it ends far below the floor of the first rate, where a tenth of this rate is kept."""
    slow, right = (end_of_decay(problem, epochs, c ** (1 / epochs), 0.5, 20) for c in (kept, 0.01))
    return slow > 2 * right


def c_fits_the_number_of_epochs(problem, first_rate, B):
    """The best c is not smaller for 200 epochs than for 20. Neither the slowest decay nor the fastest is the best."""
    ends = sgd_grid.ends_of_decays()[
        PROBLEMS.index(problem), ..., DECAY_RATES.index(first_rate), DECAY_BATCHES.index(B)
    ]
    best = np.argmin(ends, axis=1)
    return 0 < min(best) <= max(best) < len(DECAYS) - 1 and best[0] <= best[2]


def c_fits_the_first_rate(problem, seed, first_rate):
    """From 0.1, c = 0.9 ends higher than the constant rate and than c = 0.95, although it is good from higher rates."""
    low, high = (
        [_decayed(problem, seed, c, rate)[-20:].mean() for c in (1.0, 0.95, 0.9)] for rate in (0.1, first_rate)
    )
    return low[2] > low[0] > low[1] and high[2] < high[0] / 100


def a_blind_stop_is_worse(problem, first_rate):
    """On average over the epochs. The luckiest epoch is far below, the unluckiest far above this average."""
    constant, slower, slow = (
        np.array([_decayed(problem, seed, c, first_rate)[-40:] for seed in SMALL["seed"]]) for c in (1.0, 0.95, 0.9)
    )
    ends = min(slower[:, -1].mean(), slow[:, -1].mean())
    return constant.mean() > 2 * ends and constant.min() < constant.mean() / 10 and constant.max() > 2 * constant.mean()


@functools.cache
def _seen_and_new(problem, c, first_rate):
    """The losses above the smallest at the end, as the mean of ten seeds: of the own examples, and of new ones."""
    notebook, weights = _notebook(problem), []
    for seed in range(10):
        w, rng, own = np.zeros(2), np.random.default_rng(seed), (notebook["X_small"], notebook["y_small"])
        for lr in notebook["exponential_decay"](first_rate, c, np.arange(60)):
            w = notebook["train_sgd"](w, *own, notebook["linear_grad"], lr, 20, 1, rng)
        weights.append(w)
    seen = np.mean([notebook["above_smallest"](w[None]) for w in weights])
    return seen, np.mean((np.array(weights) - [2.0, -1.0]) ** 2 @ [1.0, 0.25]) / 2


def new_examples_gain_less(problem, first_rate):
    """As a quotient of the losses above the smallest, and it is a gain."""
    constant, slow = (_seen_and_new(problem, c, first_rate) for c in (1.0, 0.9))
    return 1 < constant[1] / slow[1] < constant[0] / slow[0] / 10


def new_examples_do_not_decide(problem):
    """The fast decay is better for new examples of two of these problems, and worse for the own ones of all."""
    slow, fast = _seen_and_new(problem, 0.9, 0.5), _seen_and_new(problem, 0.5, 0.5)
    return fast[0] > slow[0] and (fast[1] < slow[1]) == (problem in (541, 3))


def fast_decay_stops_on_the_way(problem, seed, last):
    """It stops at a level, far above that of the slower decay."""
    slow, fast = (_decayed(problem, seed, c)[-last:] for c in (0.9, 0.5))
    return fast.mean() > 100 * slow.mean() and fast.max() < 1.01 * fast.min()


# --- going further ----------------------------------------------------------------------------------------------


def cosine_ends_higher(problem, peak, seeds=range(10)):
    """The share of seeds with which warm-up and cosine ends above c = 0.9 with the same first rate."""
    notebook = _notebook(problem)
    cosine = solved("sgd", "cosine")["warm_up_and_cosine"](peak, 5, np.arange(60), 60)
    return np.mean([notebook["losses_with"](cosine, s)[-1] > _decayed(problem, s, 0.9, peak)[-1] for s in seeds])


@functools.cache
def _first_updates(seed, B, lr):
    """The losses of 500 photos before and after each of the first 500 updates."""
    names = sgd_grid.notebook()
    names.update(seed=seed, X_some=names["X"][::120].copy(), labels_some=names["labels"][::120])
    return names["first_updates"](B, lr)


def _improving(seed, B, lr=0.1):
    losses = _first_updates(seed, B, lr)
    return np.mean(losses[1:] < losses[:-1])


ENDS = {**SMALL, "last": (1, 10, 20)}
WAYS = {"problem": PROBLEMS, "first": ORDERS}

CLAIMS = [
    Claim(
        "With `lr = 0.1`, gradient descent makes 5 smooth steps and is still far away",
        gradient_descent_is_still_far_away,
        SMALL | {"B": (5, 10, 20)},
        {"epochs": (5,)},
    ),
    Claim(
        "It reaches the valley early, and then something new happens: it does not settle, but wanders",
        single_examples_arrive_early_and_wander,
        SMALL | {"epochs": (3, 5, 10), "lr": (0.05, 0.1, 0.2)},
        also=("SGD with $B = 1$ looks at just as many examples",),
    ),
    Claim(
        "It reaches the valley early, and then something new happens: it does not settle, but wanders around the minimum, and how low it ends is luck",
        how_low_it_ends_is_luck,
        {"problem": PROBLEMS, "lr": (0.05, 0.1, 0.2)},
    ),
    Claim(
        "The gradient of a single batch can be far off, and yet the mean over all batches is the full gradient",
        the_mean_of_all_batches_is_the_full_gradient,
        {"problem": PROBLEMS, "first": (0, 12, 24), "B": (1, 2, 6, 11, 12)},
    ),
    Claim(
        "The points follow the line, so if you pay for 100 times as many examples",
        a_hundred_times_the_examples_reduce_the_error_to_a_tenth,
        {**SMALL, "B": (1, 2, 4)},
    ),
    Claim(
        "Look at the crossing of the two lines: near $B = 3000$ in our run",
        lambda: 2500 < _critical(0, 1, 1) < 3500,
    ),
    Claim(
        "Look at the crossing of the two lines: near $B = 3000$ in our run (with most other orders of the photos",
        lambda: sum(_critical(seed, 1, 1) < _critical(0, 1, 1) for seed in NOISE["seed"][1:]) > 5,
    ),
    Claim(
        "At the start of our training it is much smaller",
        lambda seed, rate: _critical(seed, rate, 0) < 100,
        NOISE,
    ),
    Claim(
        "In our runs (mini-batches, centred pixels) the gradient then shrank much more than the noise, so the critical size soon grew",
        lambda seed, rate, after: 10 * _critical(seed, rate, 0) < _critical(seed, rate, after),
        NOISE | {"after": NOISE_AFTER[1:]},
    ),
    Claim(
        "In our runs (mini-batches, centred pixels) the gradient then shrank much more than the noise, so the critical size soon grew to several times",
        it_grows_for_other_batches_and_rates,
        RUNS | {"setting": range(len(OTHER_NOISE)), "after": OTHER_NOISE_AFTER[1:]},
    ),
    Claim(
        "In this run (`lr = 0.1`, $B = 64$), the training forgets, because a batch of shoes",
        each_class_overwrites_the_others,
        {"seed": (541, 1, 2), "lr": (0.05, 0.1, 0.2), "B": (32, 64, 128)},
    ),
    Claim(
        "Independent batches wander here about as far as sampling",
        independent_batches_wander_as_far,
        WAYS,
    ),
    Claim(
        "Independent batches wander here about as far as sampling",
        independent_batches_wander_as_far,
        {"lr": (0.05, 0.1, 0.2)},
    ),
    Claim(
        "Independent batches wander here about as far as sampling",
        independent_batches_wander_as_far,
        {"problem": PROBLEMS, "B": (5, 10, 20)},
    ),
    Claim(
        "Independent batches wander here",
        lambda problem, B: not independent_batches_wander_as_far(problem, B=B),
        {"problem": PROBLEMS, "B": (80, 100, 120)},
    ),
    Claim(
        "Shuffling makes its difference between the batches",
        an_epoch_misses_a_third,
        {"seed": (541, 1, 2), "B": (5, 10, 20)},
    ),
    Claim(
        "So the errors of the batches of one epoch partly cancel, as long as",
        errors_cancel_within_an_epoch,
        {"problem": PROBLEMS, "lr": (0.025, 0.05, 0.1), "B": (5, 10, 20)},
    ),
    Claim(
        "With a learning rate of 0.5 at this $B$, or with $B = 1$ at this rate, we found little of this gain.",
        little_of_the_gain_remains,
        {"problem": PROBLEMS, "lr": (0.5, 0.6, 0.7)},
        {"B": (5, 10)},
    ),
    Claim(
        "With a learning rate of 0.5 at this $B$, or with $B = 1$ at this rate, we found",
        little_of_the_gain_remains,
        {"lr": (0.1, 0.15, 0.2)},
        {"problem": PROBLEMS[:1], "B": (1,)},
    ),
    Claim(
        "Shuffled in every epoch, the loss is here about 1.4 thousandths",
        the_loss_is_less_than_half_as_high,
        WAYS,
    ),
    Claim(
        "But it is a lottery: every epoch repeats the mistakes of one order",
        one_order_is_a_lottery,
        WAYS,
    ),
    Claim(
        "Averaged over all steps, as printed, shuffling only once looks even better here",
        one_order_is_a_lottery,
        {"lr": (0.05, 0.1, 0.2)},
    ),
    Claim(
        "With a new order in every epoch, our ten averages differ much less",
        new_orders_depend_less_on_luck,
        WAYS,
        also=("In our experiment, a new order in each epoch made the average loss depend less on luck.",),
    ),
    Claim(
        "Averaged over all steps, as printed, shuffling only once looks even better here",
        one_order_is_a_lottery,
        {"B": (5, 10, 20)},
    ),
    Claim(
        "With our centred pixels that is at $B \\approx 650$",
        the_rule_reaches_the_cap,
        {"first": (0, 20_000, 40_000)},
    ),
    Claim(
        "From $B = 8$ to $B = 512$ the valley moves to the right",
        larger_batches_deserve_larger_rates,
        RUNS | {"tolerance": (1, 1.005, 1.01)},
    ),
    Claim(
        "The losses at the circles of 8, 64 and 512 differ by less than a third, so from",
        the_rule_keeps_the_loss,
        RUNS | {"lr": (0.025, 0.05, 0.1)},
    ),
    Claim(
        "From $B = 8$ to $B = 512$ the valley moves to the right",
        the_valley_moves_for_other_orders,
        PHOTO_ORDERS,
    ),
    Claim(
        "The losses at the circles of 8, 64 and 512 differ by less than a third, so from this cautious start (0.1 at $B = 64$, where the best of our rates is at least 0.2)",
        the_rule_keeps_the_loss_for_other_orders,
        PHOTO_ORDERS,
    ),
    Claim(
        "The losses at the circles of 8, 64 and 512 differ by less than a third",
        the_rule_keeps_the_loss_for_another_seed,
        {"seed": range(3, 9)},
    ),
    Claim(
        "But near the cap the movement stops: the best of our rates",
        lambda seed: all(_best_rates(seed, B, 1) == [0.8] for B in (512, 4096)),
        RUNS,
    ),
    Claim(
        "But near the cap the movement stops: the best of our rates is 0.8 for $B = 4096$",
        no_higher_before_the_last_batch,
        {"seed": range(4)},
    ),
    Claim(
        "But near the cap the movement stops: the best of our rates is 0.8 for $B = 4096$, and mostly for 512, too.",
        the_movement_stops,
        {"style": tuple(STYLES)},
    ),
    Claim("With some orders of the photos, the best for 512 is 0.4 or 1.6.", some_orders_move_it),
    Claim(
        "On our clothes, the best of our rates for one epoch grew with $B$, until it was near, at times above, the cap",
        near_the_cap,
        {"B": (500, 512, 1000, 2000, 4000, 4096)},
    ),
    Claim(
        "For 4096 the rule asks for 6.4, and an epoch at this rate",
        lambda style, seed: _of_order(style, seed, 4096, 6.4) > 2 * _of_order(style, seed, 4096, 0.8),
        PHOTO_ORDERS,
    ),
    Claim("So for each we tried rates in steps", these_rates_are_among_the_best, RUNS | {"B": BATCHES}),
    Claim("Down to a loss of 0.6, batches of 8", _faster(1, 8, 3, 12), RUNS | {"target": TARGETS}),
    Claim(
        "Down to a loss of 0.6, single examples need here more than three times as many updates",
        lambda **knobs: single_examples_lose(times=3, **knobs),
        RUNS | {"target": TARGETS},
        {"tuned": (True, False)},
    ),
    Claim("But from 512 on, the curves nearly coincide", _faster(512, 4096, 0.8, 1.3), RUNS | {"target": TARGETS}),
    Claim("But from 512 on, the curves", _faster(4096, 60_000, 0.8, 1.1), RUNS | {"target": TARGETS}),
    Claim(
        "(In our run, that of 512 rises at its end, because the last batch of an epoch has only 96",
        it_rises_with_the_last_batch,
        {"seed": (541, 1, 2)},
    ),
    Claim(
        "In our runs, batches of more than 512 saved few updates, because the cap limited the step.",
        _faster(512, 4096, 0.8, 1.5),  # between recorded losses, the number of updates is not exact
        RUNS | {"target": (*TARGETS, 0.5, 0.47, 0.45)},
    ),
    Claim(
        "By epochs, it is the other way round: from $B = 512$ on",
        large_batches_are_late_by_epochs,
        RUNS | {"epochs": (1, 2, 4), "every": (1, 2, 3)},
    ),
    Claim(
        "So they win this race only if one of their updates",
        single_examples_lose,
        RUNS | {"target": TARGETS, "times": (1, 2, 3)},
    ),
    Claim(
        "**Race the three balls**, and find for each batch size a learning rate with which all three",
        the_balls_come_near_the_minimum,
        SMALL,
    ),
    Claim(
        "Which ball is then last after equal seconds, and why?",
        single_examples_are_last,
        {"problem": PROBLEMS, "start": ((0, 0), (0.5, -1), (-0.5, 0.5), (0.5, -2.2))},
    ),
    Claim("Which ball is then last after equal seconds, and why?", no_update_in_time, {"n": (3000, 10_000, 60_000)}),
    Claim(
        "In this table, with short steps and $B \\ll n$, almost only the quotient $\\eta/B$ matters:",
        only_the_quotient_matters,
        WAYS,
        {"way": ("sampling", "shuffled every epoch")},
    ),
    Claim(
        "In this table, with short steps and $B \\ll n$, almost only the quotient $\\eta/B$ matters: halving",
        only_the_quotient_matters,
        {"problem": PROBLEMS, "quotient": (0.005, 0.01, 0.02)},
        {"way": ("sampling", "shuffled every epoch")},
    ),
    Claim(
        "At the constant rate the loss fluctuates about its floor, and $c = 0.9$ ends far below it: with",
        slow_decay_ends_lower,
        ENDS,
    ),
    Claim(
        "But a much larger batch needs more examples for every update, and short steps need many epochs",
        half_the_rate_needs_more_epochs,
        {"problem": PROBLEMS, "B": (5, 10, 20), "lr": (0.1, 0.05, 0.025)},
    ),
    Claim(
        "At the constant rate the loss fluctuates about its floor, and $c = 0.9$ ends far below it",
        decay_ends_far_below,
        SMALL | {"first_rate": (0.2, 0.3, 0.5, 0.8)},
    ),
    Claim(
        "At the constant rate the loss fluctuates about its floor, and $c = 0.9$ ends far below",
        decay_ends_far_below,
        SMALL | {"B": (10, 20, 40)},
        {"first_rate": (0.5,)},
    ),
    Claim(
        "But for the training loss, $c$ must fit the first rate and the number of epochs",
        c_fits_the_first_rate,
        SMALL | {"first_rate": (0.3, 0.5, 0.8, 1.0)},
    ),
    Claim(
        "At a constant rate, this loss keeps fluctuating about its noise floor, so how low it is",
        a_blind_stop_is_worse,
        {"problem": PROBLEMS, "first_rate": (0.1, 0.2, 0.5, 1.0)},
    ),
    Claim(
        "On new examples of this problem the gain from decay is smaller",
        new_examples_gain_less,
        {"problem": PROBLEMS, "first_rate": (0.3, 0.5, 0.8)},
    ),
    Claim(
        "On new examples of this problem the gain from decay is smaller, because the minimum of our examples is not theirs, and $c = 0.5$",
        new_examples_do_not_decide,
        {"problem": (*PROBLEMS, 3, 4, 5)},
    ),
    Claim("But with $c = 0.5$ the training loss ends higher than with 0.9, because", fast_decay_stops_on_the_way, ENDS),
    Claim(
        "Too slow a decay would end higher as well",
        slow_decay_stays_near_the_floor,
        {"problem": PROBLEMS, "epochs": (20, 60, 200), "kept": (0.5, 0.7, 0.9)},
    ),
    Claim(
        "Too slow a decay would end higher as well",
        a_slower_decay_ends_higher,
        {"problem": PROBLEMS, "epochs": (20, 60, 200), "kept": (0.1, 0.15, 0.3)},
    ),
    Claim(
        "But for the training loss, $c$ must fit the first rate and the number of epochs",
        c_fits_the_number_of_epochs,
        {"problem": PROBLEMS, "first_rate": DECAY_RATES, "B": DECAY_BATCHES},
    ),
    Claim(
        "But with $c = 0.5$ the training loss ends higher than with 0.9",
        a_much_faster_decay_is_worse,
        SMALL | {"first_rate": (0.3, 0.5, 0.8), "B": (10, 20, 40)},
    ),
    Claim(
        "With most other seeds it ended higher, too, for peaks from 0.5 to 1.",
        lambda problem, peak: cosine_ends_higher(problem, peak) > 0.5,
        {"problem": PROBLEMS, "peak": (0.5, 0.8, 1.0)},
    ),
    Claim(
        "But from a first rate of 0.2, $c = 0.9$ decays too fast",
        lambda problem, peak: cosine_ends_higher(problem, peak) < 0.5,
        {"problem": PROBLEMS, "peak": (0.1, 0.15, 0.2)},
    ),
    Claim(
        "With a single example, about half of the first 500 updates",
        lambda seed: 0.38 < _improving(seed, 1) < 0.55 < _improving(seed, 64),
        {"seed": (541, 1, 2)},
    ),
    Claim(
        "Shorter steps improve it more often: at `lr = 0.0125`",
        lambda seed: 0.55 < _improving(seed, 1, 0.0125) < 0.65 and _improving(seed, 1, 0.001) > 0.9,
        {"seed": (541, 1, 2)},
    ),
    Claim(
        "But they must not be too long: at `lr = 0.3`",
        lambda seed: _first_updates(seed, 1, 0.3)[-1] > 2.3,
        {"seed": (541, 1, 2)},
    ),
]

SETTINGS = (
    "With your gradient, the next cell takes",
    "`rng.permutation(n)` puts 0 to",
    "For $n = 10$ and `batch_size = 4`",
    "For 12 examples, the next cells compute",
    "As long as $B \\ll n$",
    "Here we check the formula on the 12 examples",
    "the mean of the three batch gradients, if 10 examples",
    "For each of four ways to draw a batch",
    "10 examples with replacement",
    "10 different examples",
    "The next cells train one epoch",
    "Circles mark the rates of the rule",
    "Find numbers for which the formula",
    "Use whole numbers from 1 to 100",
    "In part 1 the impatient walker",
    "Near the minimum the full gradient",
    "Epochs are counted from 0.",
    "The next cells compare a constant rate",
)
