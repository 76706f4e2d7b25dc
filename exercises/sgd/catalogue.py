"""Known wrong and right answers to the exercises of `04-sgd/sgd.ipynb`."""

import math
from itertools import combinations, combinations_with_replacement, permutations, product

import numpy as np

from autograder.judging.bend import on_argument, on_output
from autograder.judging.model import Catalogue, Mistake

from .batches import chunk
from .spec import (
    reference_all_minibatch_gradients,
    reference_exponential_decay,
    reference_minibatches,
    reference_train_sgd,
)

# --- minibatches(n, batch_size, rng) ----------------------------------------------------------------------------


def wrong_drops_the_last(n, batch_size, rng):
    return chunk(rng.permutation(n)[: n - n % batch_size], batch_size)


def wrong_equal_parts(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


def wrong_global_generator(n, batch_size, rng):
    return chunk(np.random.permutation(n), batch_size)


def wrong_not_shuffled(n, batch_size, rng):
    return chunk(np.arange(n), batch_size)


def wrong_order_of_batches(n, batch_size, rng):
    stored, num_full = chunk(np.arange(n), batch_size), n // batch_size
    return [*(stored[i] for i in rng.permutation(num_full)), *stored[num_full:]]


def wrong_large_last_batch(n, batch_size, rng):
    order, start = rng.permutation(n), (max(n // batch_size, 1) - 1) * batch_size
    return [*chunk(order[:start], batch_size), order[start:]]


def wrong_range_to_n_minus_1(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n - 1, batch_size)]


def wrong_one_batch_too_many(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]


def wrong_split_without_a_full_batch(n, batch_size, rng):
    order, num_full = rng.permutation(n), n // batch_size
    batches, rest = np.split(order[: num_full * batch_size], num_full), order[num_full * batch_size :]
    return [*batches, rest] if len(rest) else batches


def keep_the_first(make_batches):
    """The batches of the first call for each n and batch_size, in every further call, too."""
    kept: dict[tuple[int, int], list[np.ndarray]] = {}
    return lambda n, batch_size, rng: kept.setdefault((n, batch_size), make_batches(n, batch_size, rng))


def right_generator_function(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def right_shuffled_list(n, batch_size, rng):
    order = list(range(n))
    rng.shuffle(order)
    return [np.array(batch) for batch in chunk(order, batch_size)]


def right_draws_from_the_rest(n, batch_size, rng):
    rest, drawn = set(range(n)), []
    while rest:
        batch = rng.choice(sorted(rest), size=min(batch_size, len(rest)), replace=False)
        rest -= set(batch.tolist())
        drawn.append(batch)
    return drawn


def right_fisher_yates(n, batch_size, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last + 1)
        order[[last, other]] = order[[other, last]]
    return chunk(order, batch_size)


def right_random_keys(n, batch_size, rng):
    return chunk(np.argsort(rng.random(n)), batch_size)


def right_random_keys_in_a_dict(n, batch_size, rng):
    keys = {i: rng.random() for i in range(n)}
    return [np.array(batch) for batch in chunk(sorted(keys, key=lambda i: keys[i]), batch_size)]


def right_choice(n, batch_size, rng):
    return chunk(rng.choice(n, size=n, replace=False), batch_size)


def right_pops(n, batch_size, rng):
    rest, drawn = list(range(n)), []
    while rest:
        batch: list[int] = []
        while rest and len(batch) < batch_size:
            batch.append(rest.pop(int(rng.integers(len(rest)))))
        drawn.append(np.array(batch))
    return drawn


def right_child_generator(n, batch_size, rng):
    return reference_minibatches(n, batch_size, rng.spawn(1)[0])


minibatches = Catalogue(
    mistakes={
        "drops the last": Mistake(
            wrong_drops_the_last, "It drops the last, smaller batch when batch_size does not divide n."
        ),
        "tuples": Mistake(
            lambda n, batch_size, rng: [tuple(batch) for batch in chunk(rng.permutation(n), batch_size)],
            "The batches are tuples, which NumPy takes for one index per axis: X[batch] fails. Use arrays.",
        ),
        "with replacement": Mistake(
            lambda n, batch_size, rng: chunk(rng.choice(n, n), batch_size),
            "It draws with replacement, as rng.choice does by default: some examples are left out.",
            names=("choice",),
            otherwise="Some examples occur twice and others are left out, as if drawn with replacement.",
        ),
        "a fresh sample for each batch": Mistake(
            lambda n, batch_size, rng: [
                rng.choice(n, size=min(batch_size, n), replace=False) for _ in range(-(-n // batch_size))
            ],
            "Each batch is drawn from all examples. That is the sampling description, not the shuffling one.",
        ),
        "not shuffled": Mistake(wrong_not_shuffled, "Nothing is shuffled: the examples keep their stored order."),
        "order of the batches only": Mistake(
            wrong_order_of_batches, "It shuffles the batches, but the same examples stay together in every epoch."
        ),
        "within the batches only": Mistake(
            lambda n, batch_size, rng: [rng.permutation(batch) for batch in chunk(np.arange(n), batch_size)],
            "It shuffles within each batch, but the same examples stay together in every epoch.",
        ),
        "a seed of its own": Mistake(
            on_argument(reference_minibatches, "rng", lambda rng: np.random.default_rng(541)),
            "Every epoch has the same order, whatever rng is: draw from rng.",
        ),
        "the last stays last": Mistake(
            lambda n, batch_size, rng: chunk(np.append(rng.permutation(n - 1), n - 1), batch_size),
            "The last example comes last in every epoch: it is never shuffled with the others.",
        ),
        "one order, kept": Mistake(
            keep_the_first(reference_minibatches),
            "It keeps the first order that it drew: draw one in every call.",
        ),
        "in two halves": Mistake(
            lambda n, batch_size, rng: chunk(
                np.append(rng.permutation(n // 2), n // 2 + rng.permutation(n - n // 2)), batch_size
            ),
            "The examples of the first half always come early: are the halves shuffled separately?",
        ),
        "another generator": Mistake(on_argument(reference_minibatches, "rng", lambda rng: np.random.default_rng())),
        "NumPy's global generator": Mistake(wrong_global_generator),
        "a random start": Mistake(
            lambda n, batch_size, rng: chunk(np.roll(np.arange(n), rng.integers(n)), batch_size),
            "Neighbouring examples stay together: is only the start random?",
        ),
        "equal parts": Mistake(
            wrong_equal_parts,
            "Its batches have nearly equal sizes. Only the last batch may be smaller.",
        ),
        "batch_size parts": Mistake(
            lambda n, batch_size, rng: np.array_split(rng.permutation(n), batch_size),
            "batch_size is the number of examples in a batch, not the number of batches.",
        ),
        "the rest in the last": Mistake(
            wrong_large_last_batch, "It adds the examples left over to the last full batch, which becomes too large."
        ),
        "last batch filled up": Mistake(
            lambda n, batch_size, rng: chunk(
                np.resize(rng.permutation(n), -(-n // batch_size) * batch_size), batch_size
            ),
            "It fills the last batch up with examples that were taken before.",
        ),
        "an empty batch": Mistake(
            on_output(reference_minibatches, lambda epoch: [*epoch, np.empty(0, dtype=int)]), "Its last batch is empty."
        ),
        "one batch too many": Mistake(
            wrong_one_batch_too_many,
            "Its last batch is empty when batch_size divides n. How many batches are there then?",
        ),
        "range to n - 1": Mistake(
            wrong_range_to_n_minus_1,
            "It leaves out the last batch when this batch has a single example. Where does the range of starts end?",
        ),
        "no full batch": Mistake(
            wrong_split_without_a_full_batch, "It fails if batch_size is larger than n, because no batch is full."
        ),
        "counts from 1": Mistake(
            on_output(reference_minibatches, lambda epoch: [batch + 1 for batch in epoch]), "Indices start at 0."
        ),
        "the first batch": Mistake(
            on_output(reference_minibatches, lambda epoch: epoch[0]),
            "It returns one batch instead of a list of batches.",
        ),
        "the order alone": Mistake(
            on_output(reference_minibatches, np.concatenate), "It returns the order without cutting it into batches."
        ),
        "masks": Mistake(
            lambda n, batch_size, rng: [
                np.isin(np.arange(n), batch) for batch in reference_minibatches(n, batch_size, rng)
            ],
            "It returns an array of booleans for each batch instead of indices.",
        ),
    },
    variants={
        "permutation": lambda n, batch_size, rng: [
            order[i : i + batch_size] for order in [rng.permutation(n)] for i in range(0, n, batch_size)
        ],
        "a generator": right_generator_function,
        "shuffle a list": right_shuffled_list,
        "random keys": right_random_keys,
        "random keys in a dict": right_random_keys_in_a_dict,
        "choice": right_choice,
        "split": lambda n, batch_size, rng: np.split(rng.permutation(n), range(batch_size, n, batch_size)),
        "permuted": lambda n, batch_size, rng: tuple(chunk(rng.permuted(np.arange(n)), batch_size)),
        "from what is left": right_draws_from_the_rest,
        "swaps": right_fisher_yates,
        "pops": right_pops,
        "sorted within": lambda n, batch_size, rng: map(np.sort, reference_minibatches(n, batch_size, rng)),
        "a child generator": right_child_generator,
        "a drawn seed": on_argument(
            reference_minibatches, "rng", lambda rng: np.random.default_rng(rng.integers(2**32))
        ),
    },
)


# --- train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng) ----------------------------------------------


def train_on_pairs(make_pairs):
    """SGD on the pairs (X_batch, y_batch) that ``make_pairs(X, y, batch_size, rng)`` returns for each epoch."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for _ in range(num_epochs):
            for X_batch, y_batch in make_pairs(X, y, batch_size, rng):
                w = w - lr * grad_fn(w, X_batch, y_batch)
        return w

    return train


def train_on_batches(make_batches):
    """SGD on the batches of indices that ``make_batches(n, batch_size, rng)`` returns for each epoch."""
    return train_on_pairs(
        lambda X, y, batch_size, rng: [(X[batch], y[batch]) for batch in make_batches(len(X), batch_size, rng)]
    )


def train_in_orders(make_orders):
    """SGD through the examples in the orders that ``make_orders(n, num_epochs, rng)`` returns, one for each epoch."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for order in make_orders(len(X), num_epochs, rng):
            for batch in chunk(order, batch_size):
                w = w - lr * grad_fn(w, X[batch], y[batch])
        return w

    return train


def train_with_gradients(change):
    """SGD with ``change(gradient, size of the batch)`` in place of the gradient."""
    return on_argument(reference_train_sgd, "grad_fn", lambda grad_fn: lambda w, X, y: change(grad_fn(w, X, y), len(y)))


def wrong_stop_at_short_step(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(y), batch_size, rng):
            w, before = w - lr * grad_fn(w, X[batch], y[batch]), w
            if np.allclose(w, before):
                return w
    return w


def wrong_labels_not_shuffled(X, y, batch_size, rng):
    return zip(chunk(X[rng.permutation(len(X))], batch_size), chunk(y, batch_size), strict=True)


def wrong_two_orders(X, y, batch_size, rng):
    return zip(chunk(rng.permutation(X), batch_size), chunk(rng.permutation(y), batch_size), strict=True)


def wrong_shuffles_X_in_place(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return zip(chunk(X, batch_size), chunk(y, batch_size), strict=True)


def wrong_updates_w0_in_place(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            w0 -= lr * grad_fn(w0, X[batch], y[batch])
    return w0


def wrong_one_update_per_epoch(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        epoch = reference_minibatches(len(X), batch_size, rng)
        w = w - lr * sum(grad_fn(w, X[batch], y[batch]) for batch in epoch)
    return w


def wrong_restarts_at_w0(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        w = reference_train_sgd(w0, X, y, grad_fn, lr, batch_size, 1, rng)
    return w


def wrong_decays(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for epoch in range(num_epochs):
        w = reference_train_sgd(w, X, y, grad_fn, lr / (epoch + 1), batch_size, 1, rng)
    return w


def wrong_whole_path(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    path = [w0]
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            path.append(path[-1] - lr * grad_fn(path[-1], X[batch], y[batch]))
    return np.array(path)


def right_shuffles_copies(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        for start in range(0, len(X), batch_size):
            w -= lr * grad_fn(w, X[start : start + batch_size], y[start : start + batch_size])
    return w


def right_one_table(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    table, w = np.column_stack([X, y]), w0
    for _ in range(num_epochs):
        rng.shuffle(table)
        for rows in chunk(table, batch_size):
            w = w - lr * grad_fn(w, rows[:, :-1], rows[:, -1])
    return w


def right_reshuffles_one_order(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, order = w0, np.arange(len(X))
    for _ in range(num_epochs):
        rng.shuffle(order)
        for batch in chunk(order, batch_size):
            w = np.subtract(w, np.multiply(lr, grad_fn(w, X.take(batch, axis=0), y.take(batch))))
    return w


def right_pairs(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    pairs, w = list(zip(X, y, strict=True)), w0
    for _ in range(num_epochs):
        pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        for batch in chunk(pairs, batch_size):
            X_batch, y_batch = zip(*batch, strict=True)
            w = w - lr * grad_fn(w, np.array(X_batch), np.array(y_batch))
    return w


def wrong_flat_weights(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.ravel()
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def wrong_momentum(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, V = w0, 0 * w0
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            V = 0.9 * V - lr * grad_fn(w, X[batch], y[batch])
            w = w + V
    return w


train_sgd = Catalogue(
    mistakes={
        "stops when w hardly changes": Mistake(
            wrong_stop_at_short_step, "It stops when w hardly changes. Take all steps of all epochs."
        ),
        "changes the gradient": Mistake(
            train_with_gradients(lambda g, _: np.multiply(g, 2, out=g) / 2),
            "It changes the array that grad_fn returned. Write `lr * g`, which makes a new array.",
        ),
        "shuffles once": Mistake(
            train_in_orders(lambda n, num_epochs, rng: [rng.permutation(n)] * num_epochs),
            "Epochs repeat the same batches, as if the order was shuffled only once. Shuffle anew in every epoch.",
        ),
        "shuffles after the epoch": Mistake(
            train_in_orders(
                lambda n, num_epochs, rng: [np.arange(n), *(rng.permutation(n) for _ in range(num_epochs))][:num_epochs]
            ),
            "The first epoch uses the stored order: shuffle before it.",
        ),
        "never shuffles": Mistake(
            train_on_batches(wrong_not_shuffled),
            "Its batches contain only neighbouring examples: nothing is shuffled between batches.",
        ),
        "shuffles the batches only": Mistake(
            train_on_batches(wrong_order_of_batches), "It shuffles only the batches: the same examples stay together."
        ),
        "labels not shuffled": Mistake(
            train_on_pairs(wrong_labels_not_shuffled), "It shuffles X but not y, so the labels do not match."
        ),
        "two orders": Mistake(train_on_pairs(wrong_two_orders), "X and y are shuffled in two different orders."),
        "one epoch too many": Mistake(
            on_argument(reference_train_sgd, "num_epochs", lambda num_epochs: num_epochs + 1),
            "It trains one epoch too many, like the slide's “e = 0 to numEpochs”.",
        ),
        "one epoch too few": Mistake(
            on_argument(reference_train_sgd, "num_epochs", lambda num_epochs: max(num_epochs - 1, 0)),
            "It trains one epoch too few.",
        ),
        "a single epoch": Mistake(
            on_argument(reference_train_sgd, "num_epochs", lambda num_epochs: min(num_epochs, 1)),
            "It makes no update after its first epoch: does the function end too early, or do the batches run out?",
        ),
        "ascent": Mistake(
            on_argument(reference_train_sgd, "lr", lambda lr: -lr), "It steps uphill: check the sign of the update."
        ),
        "lr forgotten": Mistake(on_argument(reference_train_sgd, "lr", lambda lr: 1), "lr is never used."),
        "divided by B": Mistake(
            train_with_gradients(lambda gradient, size: gradient / size),
            "It divides by the batch size, but grad_fn already returns a mean.",
        ),
        "times B": Mistake(
            train_with_gradients(lambda gradient, size: gradient * size),
            "It multiplies by the batch size. A step is lr times the mean gradient that grad_fn returns.",
        ),
        "the last batch counts less": Mistake(
            lambda w0, X, y, grad_fn, lr, batch_size, *others: reference_train_sgd(
                w0, X, y, lambda w, X, y: grad_fn(w, X, y) * len(y) / batch_size, lr, batch_size, *others
            ),
            "The update of a smaller batch is scaled down, but grad_fn already returns the mean over its examples.",
        ),
        "momentum": Mistake(wrong_momentum, "It adds earlier updates, as with momentum: use the new gradient alone."),
        "clipped": Mistake(
            train_with_gradients(lambda g, _: g / max(1.0, np.linalg.norm(g))),
            "Some steps are shorter than they should be, as with a clipped gradient: use it whole.",
        ),
        "all examples at every step": Mistake(
            train_on_pairs(
                lambda X, y, batch_size, rng: [(X, y) for _ in reference_minibatches(len(X), batch_size, rng)]
            ),
            "Every step uses all examples instead of those of one batch.",
        ),
        "one update per epoch": Mistake(
            wrong_one_update_per_epoch,
            "All gradients of an epoch are computed at the weights of its start: update after every batch, and pass "
            "the new weights to grad_fn.",
        ),
        "restarts at w0": Mistake(wrong_restarts_at_w0, "Every epoch starts at w0 again."),
        "lr decays": Mistake(wrong_decays, "The learning rate decays, but it should stay the same in all epochs."),
        "the whole path": Mistake(wrong_whole_path, "It returns the weights of all steps instead of the last ones."),
        "updates w0 in place": Mistake(
            wrong_updates_w0_in_place, "It updates w0 in place, which changes the array of the caller."
        ),
        "shuffles X in place": Mistake(
            train_on_pairs(wrong_shuffles_X_in_place),
            "It changes the order of the caller's X and y: shuffle indices instead.",
        ),
        "drops the last batch": Mistake(
            train_on_batches(wrong_drops_the_last),
            "It drops the last, smaller batch when batch_size does not divide n.",
        ),
        "range to n - 1": Mistake(
            train_on_batches(wrong_range_to_n_minus_1),
            "It leaves out the last batch when this batch has a single example. Where does the range of starts end?",
        ),
        "one batch too many": Mistake(
            train_on_batches(wrong_one_batch_too_many),
            "It calls grad_fn with an empty batch when batch_size divides the number of examples.",
        ),
        "flat weights": Mistake(
            wrong_flat_weights, "It flattens w0, but the weights may also be a matrix: keep their shape."
        ),
        "equal parts": Mistake(
            train_on_batches(wrong_equal_parts),
            "Its batches have nearly equal sizes. Only the last batch may be smaller.",
        ),
        "with replacement": Mistake(
            train_on_batches(lambda n, batch_size, rng: chunk(rng.integers(n, size=n), batch_size)),
            "It draws with replacement, so an epoch leaves out about a third of the examples.",
        ),
        "a seed of its own": Mistake(
            on_argument(reference_train_sgd, "rng", lambda rng: np.random.default_rng(541)),
            "Its batches do not depend on rng: draw from rng.",
        ),
        "a seed in every epoch": Mistake(
            train_on_batches(on_argument(reference_minibatches, "rng", lambda rng: np.random.default_rng(541))),
            "All epochs have the same batches, whatever rng is: draw from rng.",
        ),
        "NumPy's global generator": Mistake(train_on_batches(wrong_global_generator)),
    },
    variants={
        "in place on a copy": right_shuffles_copies,
        "one table": right_one_table,
        "one order, reshuffled": right_reshuffles_one_order,
        "plans ahead": train_in_orders(lambda n, num_epochs, rng: [rng.permutation(n) for _ in range(num_epochs)]),
        "pairs": right_pairs,
        "a generator of batches": train_on_batches(right_generator_function),
        "lists of indices": train_on_batches(right_shuffled_list),
        "random keys": train_on_batches(right_random_keys),
        "choice": train_on_batches(right_choice),
        "from what is left": train_on_batches(right_draws_from_the_rest),
        "a child generator": train_on_batches(right_child_generator),
    },
)


# --- all_minibatch_gradients(per_example, batch_size) -----------------------------------------------------------


def means_over(choose):
    """The means over the batches of indices that ``choose(range(n), batch_size)`` returns."""

    def means(per_example, batch_size):
        return np.array(
            [per_example[list(batch)].mean(axis=0) for batch in choose(range(len(per_example)), batch_size)]
        )

    return means


def wrong_integer_means(per_example, batch_size):
    means = reference_all_minibatch_gradients(per_example, batch_size)
    return means.astype(per_example.dtype)


def right_masks(per_example, batch_size):
    n = len(per_example)
    masks = [[number >> i & 1 for i in range(n)] for number in range(2**n) if number.bit_count() == batch_size]
    return np.array(masks) @ per_example / batch_size


def right_recursion(per_example, batch_size):
    def sums(first, size):
        if size == 0:
            return [np.zeros(per_example.shape[1])]
        rest = range(first, len(per_example) - size + 1)
        return [per_example[i] + others for i in rest for others in sums(i + 1, size - 1)]

    return np.array(sums(0, batch_size)) / batch_size


def right_row_by_row(per_example, batch_size):
    rows = []
    for batch in combinations(per_example, batch_size):
        total = np.zeros(per_example.shape[1])
        for gradient in batch:
            total += gradient
        rows.append(total / batch_size)
    return np.stack(rows)


all_minibatch_gradients = Catalogue(
    mistakes={
        "sum": Mistake(
            lambda per_example, batch_size: batch_size * reference_all_minibatch_gradients(per_example, batch_size),
            "It sums over the batch instead of averaging: look for 1/B on the slide.",
        ),
        "divided by n": Mistake(
            lambda per_example, batch_size: (
                reference_all_minibatch_gradients(per_example, batch_size) * batch_size / len(per_example)
            ),
            "It divides by n, but a batch has B examples.",
        ),
        "with replacement": Mistake(
            means_over(combinations_with_replacement),
            "Some batches contain an example twice, as if drawn with replacement.",
        ),
        "every sequence": Mistake(
            means_over(lambda indices, B: product(indices, repeat=B)),
            "It lists all sequences of B examples, even those with an example twice.",
        ),
        "every order": Mistake(means_over(permutations), "It lists a batch once for every order of its examples."),
        "neighbours": Mistake(
            means_over(lambda indices, B: [range(i, i + B) for i in range(len(indices) - B + 1)]),
            "It takes only neighbouring examples, but any B examples form a batch.",
        ),
        "from the first on": Mistake(
            means_over(lambda indices, B: [indices[batch[0] : batch[0] + B] for batch in combinations(indices, B)]),
            "A row is the mean over the rows that follow the first example of its batch: select all rows of the batch.",
        ),
        "from first to last": Mistake(
            means_over(lambda indices, B: [indices[batch[0] : batch[-1] + 1] for batch in combinations(indices, B)]),
            (
                "A row is the mean over all examples from the first to the last of its batch: select those "
                "of the batch alone."
            ),
        ),
        "integer dtype": Mistake(
            wrong_integer_means, "The means of integers are cut off to integers: they are floats."
        ),
        "one epoch": Mistake(
            means_over(chunk), "It cuts the examples into batches once, but there are many more batches."
        ),
        "all sizes": Mistake(
            means_over(lambda indices, B: [batch for size in range(1, B + 1) for batch in combinations(indices, size)]),
            "It also includes smaller batches.",
        ),
        "one size less": Mistake(
            means_over(lambda indices, B: combinations(indices, max(B - 1, 1))), "Its batches have one example too few."
        ),
        "transposed": Mistake(
            on_output(reference_all_minibatch_gradients, np.transpose), "A batch is a row, not a column."
        ),
        "along the features": Mistake(
            lambda per_example, batch_size: np.array(
                [per_example[list(batch)].mean(axis=1) for batch in combinations(range(len(per_example)), batch_size)]
            ),
            "It averages over the features instead of the examples.",
        ),
        "the full gradient": Mistake(
            lambda per_example, batch_size: np.tile(
                per_example.mean(axis=0), (math.comb(len(per_example), batch_size), 1)
            ),
            "Every row is the mean over all examples instead of the mean over one batch.",
        ),
        "mean of all rows": Mistake(
            on_output(reference_all_minibatch_gradients, lambda rows: rows.mean(axis=0)),
            "It returns the mean over all batches instead of one row per batch.",
        ),
        "different values only": Mistake(
            on_output(reference_all_minibatch_gradients, lambda rows: np.unique(rows, axis=0)),
            "Two batches with the same gradient are still two batches.",
        ),
        "whole numbers": Mistake(
            lambda per_example, batch_size: np.array(
                [np.sum(batch, axis=0) // batch_size * 1.0 for batch in combinations(per_example, batch_size)]
            ),
            "The means are rounded down to whole numbers.",
        ),
        "median": Mistake(
            lambda per_example, batch_size: np.array(
                [np.median(batch, axis=0) for batch in combinations(per_example, batch_size)]
            ),
            "It takes the median instead of the mean.",
        ),
    },
    variants={
        "combinations": means_over(combinations),
        "all at once": lambda per_example, batch_size: per_example[
            np.array(list(combinations(range(len(per_example)), batch_size)))
        ].mean(axis=1),
        "masks": right_masks,
        "recursion": right_recursion,
        "row by row": right_row_by_row,
        "backwards": on_argument(reference_all_minibatch_gradients, "per_example", lambda rows: rows[::-1]),
        "sum of weights": lambda per_example, batch_size: np.array(
            [sum(batch) / batch_size for batch in combinations(per_example, batch_size)]
        ),
    },
)


# --- scaled_lr(base_lr, base_batch, batch) ----------------------------------------------------------------------

scaled_lr = Catalogue(
    mistakes={
        "square root": Mistake(
            lambda base_lr, base_batch, batch: base_lr * np.sqrt(batch / base_batch),
            "It grows with the square root of the batch size: the slide has another rule.",
        ),
        "inverse": Mistake(
            lambda base_lr, base_batch, batch: base_lr * base_batch / batch,
            "The ratio is upside down: does the learning rate grow or shrink with the batch?",
        ),
        "floor": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (batch // base_batch),
            "The ratio is rounded down: keep its fraction.",
        ),
        "base forgotten": Mistake(
            lambda base_lr, base_batch, batch: base_lr * batch,
            "If batch equals base_batch, the learning rate should stay base_lr.",
        ),
        "unchanged": Mistake(
            lambda base_lr, base_batch, batch: base_lr + 0 * batch, "The learning rate never changes."
        ),
        "added": Mistake(
            lambda base_lr, base_batch, batch: base_lr + (batch - base_batch) / base_batch,
            "It adds to base_lr: “proportionally” means to multiply by a factor.",
        ),
        "squared": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (batch / base_batch) ** 2,
            "It grows with the square of the batch size.",
        ),
        "doublings": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (1 + np.log2(batch / base_batch)),
            "It adds the same amount each time the batch doubles.",
        ),
        "the factor alone": Mistake(
            lambda base_lr, base_batch, batch: batch / base_batch, "It returns the factor without base_lr."
        ),
        "only upwards": Mistake(
            lambda base_lr, base_batch, batch: base_lr * np.maximum(batch / base_batch, 1),
            "For a smaller batch, the learning rate should shrink.",
        ),
        "rounded": Mistake(
            lambda base_lr, base_batch, batch: np.round(base_lr * batch / base_batch, 4),
            "It rounds the learning rate: return it unrounded.",
        ),
        "capped": Mistake(
            lambda base_lr, base_batch, batch: np.minimum(base_lr * batch / base_batch, 1),
            "It caps the learning rate, which is not part of this rule.",
        ),
    },
    variants={
        "times and divided": lambda base_lr, base_batch, batch: base_lr * batch / base_batch,
        "a factor": lambda base_lr, base_batch, batch: (batch / base_batch) * base_lr,
        "per example": lambda base_lr, base_batch, batch: base_lr / base_batch * batch,
        "NumPy": lambda base_lr, base_batch, batch: np.multiply(base_lr, np.divide(batch, base_batch)),
        "by logarithms": lambda base_lr, base_batch, batch: np.exp(
            np.log(base_lr) + np.log(batch) - np.log(base_batch)
        ),
    },
)


# --- too_few_updates --------------------------------------------------------------------------------------------

too_few_updates = Catalogue(
    mistakes={
        "nothing left over": Mistake(
            {"n": 28, "batch_size": 4, "num_epochs": 7}, "When batch_size divides n, the formula is right."
        ),
        "one epoch": Mistake(
            {"n": 10, "batch_size": 4, "num_epochs": 1}, "In one epoch, the formula misses one update at most."
        ),
        "seven left over": Mistake(
            {"n": 27, "batch_size": 20, "num_epochs": 1}, "Seven examples left over are one batch, so one update."
        ),
        "seven more epochs": Mistake(
            {"n": 10, "batch_size": 4, "num_epochs": 8}, "Each epoch has one smaller batch, also the first."
        ),
        "no epoch": Mistake({"n": 10, "batch_size": 4, "num_epochs": 0}),
        "half an example": Mistake({"n": 10.5, "batch_size": 4, "num_epochs": 7}),
        "a list": Mistake([10, 4, 7], "Answer with a dict: it names each number."),
        "a number": Mistake(7, "Answer with a dict that has a number for each key."),
        "without epochs": Mistake({"n": 10, "batch_size": 4}),
        "many examples": Mistake({"n": 60_000, "batch_size": 64, "num_epochs": 7}, "n is at most 1000 here."),
    },
    variants={
        "one example left over": {"n": 1000, "batch_size": 37, "num_epochs": 7},
        "fewer examples than a batch": {"n": 3, "batch_size": 1000, "num_epochs": 7},
        "NumPy numbers": {"n": np.int64(9), "batch_size": np.array(2), "num_epochs": np.array([7])},
        "floats": {"n": 9.0, "batch_size": 2.0, "num_epochs": 7.0},
    },
)


# --- exponential_decay(lr0, c, epoch) ---------------------------------------------------------------------------


def wrong_counts_the_rates(lr0, c, epoch):
    if np.ndim(epoch):
        return lr0 * c ** np.arange(np.size(epoch)).reshape(np.shape(epoch))
    return lr0 * c**epoch


def wrong_range_from_1(lr0, c, epoch):
    if np.ndim(epoch):
        return lr0 * c**epoch
    lr = lr0
    for _ in range(1, epoch):
        lr = lr * c
    return lr


exponential_decay = Catalogue(
    mistakes={
        "counts the rates": Mistake(
            wrong_counts_the_rates, "It does not use the numbers in an array of epochs: they may come in any order."
        ),
        "range from 1": Mistake(
            wrong_range_from_1,
            "For a single epoch, it multiplies once too rarely: epoch 1 already has one factor c.",
        ),
        "one too many": Mistake(
            lambda lr0, c, epoch: lr0 * c ** (epoch + 1), "Epoch 0 has lr0: multiply by c *after* every epoch."
        ),
        "one too few": Mistake(
            lambda lr0, c, epoch: lr0 * c ** np.maximum(epoch - 1, 0), "Epoch 1 already has one factor c."
        ),
        "linear": Mistake(
            lambda lr0, c, epoch: lr0 * (1 - (1 - c) * epoch),
            "It falls by the same amount each time: multiply instead.",
        ),
        "cut off": Mistake(
            lambda lr0, c, epoch: lr0 * np.maximum(1 - (1 - c) * epoch, 0),
            "It falls along a straight line to 0: multiply by c instead.",
        ),
        "times epoch": Mistake(
            lambda lr0, c, epoch: lr0 * c * epoch, "It multiplies by the epoch, so it is 0 in epoch 0."
        ),
        "once": Mistake(lambda lr0, c, epoch: lr0 * c + 0.0 * epoch, "It multiplies by c once, whatever the epoch."),
        "constant": Mistake(lambda lr0, c, epoch: lr0 + 0.0 * epoch, "It never decays."),
        "grows": Mistake(lambda lr0, c, epoch: lr0 / c**epoch, "It grows, but c is below 1."),
        "e to the minus c": Mistake(
            lambda lr0, c, epoch: lr0 * np.exp(-c * epoch), "It decays by the factor exp(-c) instead of c itself."
        ),
        "e to the c - 1": Mistake(
            lambda lr0, c, epoch: lr0 * np.exp((c - 1) * epoch),
            "It decays by the factor exp(c - 1), which is near c only if c is near 1.",
        ),
        "one over": Mistake(
            lambda lr0, c, epoch: lr0 / (1 + (1 / c - 1) * epoch), "This is another schedule: it decays like 1/epoch."
        ),
        "inverse time": Mistake(lambda lr0, c, epoch: lr0 / (1 + c * epoch), "It divides by 1 + c epoch instead."),
        "1/t": Mistake(lambda lr0, c, epoch: lr0 / (epoch + 1), "It divides by epoch + 1: multiply by c instead."),
        "power law": Mistake(lambda lr0, c, epoch: lr0 * (epoch + 1.0) ** -c, "c is the base, not the exponent."),
        "lr0 inside": Mistake(lambda lr0, c, epoch: (lr0 * c) ** epoch, "lr0 itself is not raised to a power."),
        "summed up": Mistake(
            lambda lr0, c, epoch: lr0 * (1 - c ** (epoch + 1.0)) / (1 - c),
            "It returns the sum of all learning rates so far.",
        ),
        "1 - c": Mistake(
            lambda lr0, c, epoch: lr0 * (1 - c) ** epoch, "c is the share that is kept, not the share that is lost."
        ),
    },
    variants={
        "a power": lambda lr0, c, epoch: lr0 * c**epoch,
        "NumPy": lambda lr0, c, epoch: np.multiply(lr0, np.power(float(c), epoch)),
        "by logarithms": lambda lr0, c, epoch: np.exp(np.log(lr0) + epoch * np.log(c)),
        "a list of rates": lambda lr0, c, epoch: (
            np.array([lr0 * c**e for e in epoch]) if np.ndim(epoch) else lr0 * c**epoch
        ),
        "in a loop": reference_exponential_decay,
    },
)
