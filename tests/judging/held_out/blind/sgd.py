"""Answers to the exercises of sgd."""

import copy
import itertools
import math

import numpy as np

from .common import right, wrong

# --- minibatches


def _cut(order, size):
    return [order[i : i + size] for i in range(0, len(order), size)]


wrong("minibatches", "the global generator")(lambda n, batch_size, rng: _cut(np.random.permutation(n), batch_size))
wrong("minibatches", "a generator of its own, the same each time")(
    lambda n, batch_size, rng: _cut(np.random.default_rng(0).permutation(n), batch_size)
)
wrong("minibatches", "rotates the order only")(
    lambda n, batch_size, rng: _cut(np.roll(np.arange(n), rng.integers(n)), batch_size)
)
wrong("minibatches", "shuffles the batches only")(
    lambda n, batch_size, rng: [_cut(np.arange(n), batch_size)[j] for j in rng.permutation(-(-n // batch_size))]
)
wrong("minibatches", "equal parts by array_split")(
    lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size))
)
wrong("minibatches", "drops what is left over")(
    lambda n, batch_size, rng: _cut(rng.permutation(n)[: n - n % batch_size], batch_size)
)
wrong("minibatches", "drops it only if there is another batch")(
    lambda n, batch_size, rng: _cut(rng.permutation(n), batch_size)[: max(n // batch_size, 1)]
)
wrong("minibatches", "with replacement")(lambda n, batch_size, rng: _cut(rng.integers(n, size=n), batch_size))
wrong("minibatches", "fills the last batch up")(
    lambda n, batch_size, rng: (lambda order: _cut(np.append(order, order[: -n % batch_size]), batch_size))(
        rng.permutation(n)
    )
)
wrong("minibatches", "the small batch comes first")(
    lambda n, batch_size, rng: _cut(rng.permutation(n)[::-1], batch_size)[::-1]
)
wrong("minibatches", "counts from 1")(lambda n, batch_size, rng: _cut(rng.permutation(n) + 1, batch_size))
wrong("minibatches", "index 0 always comes first")(
    lambda n, batch_size, rng: _cut(np.append(0, 1 + rng.permutation(n - 1)), batch_size)
)
wrong("minibatches", "an empty batch at the end if B divides n")(
    lambda n, batch_size, rng: np.split(rng.permutation(n), range(batch_size, n + 1, batch_size))
)
wrong("minibatches", "B larger than n gives nothing")(
    lambda n, batch_size, rng: _cut(rng.permutation(n), batch_size) if batch_size <= n else []
)
wrong("minibatches", "B is capped at n - 1")(
    lambda n, batch_size, rng: _cut(rng.permutation(n), min(batch_size, max(n - 1, 1)))
)


@wrong("minibatches", "a copy of the generator: the next call is the same")
def _(n, batch_size, rng):
    return _cut(copy.deepcopy(rng).permutation(n), batch_size)


@wrong("minibatches", "swaps neighbours only")
def _(n, batch_size, rng):
    order = np.arange(n)
    for i in range(0, n - 1, 2):
        if rng.random() < 0.5:
            order[[i, i + 1]] = order[[i + 1, i]]
    return _cut(order, batch_size)


@wrong("minibatches", "mixes rng with global random numbers")
def _(n, batch_size, rng):
    return _cut(rng.permutation(n)[np.random.permutation(n)], batch_size)


@wrong("minibatches", "shuffles each batch within itself")
def _(n, batch_size, rng):
    return [rng.permutation(batch) for batch in _cut(np.arange(n), batch_size)]


right("minibatches", "rng.choice without replacement")(
    lambda n, batch_size, rng: _cut(rng.choice(n, n, replace=False), batch_size)
)
right("minibatches", "sorts random numbers")(lambda n, batch_size, rng: _cut(np.argsort(rng.random(n)), batch_size))
right("minibatches", "sorted within a batch")(
    lambda n, batch_size, rng: [np.sort(b) for b in _cut(rng.permutation(n), batch_size)]
)
right("minibatches", "np.split at the edges")(
    lambda n, batch_size, rng: np.split(rng.permutation(n), range(batch_size, n, batch_size))
)


@right("minibatches", "a generator function with shuffle in place")
def _(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


@right("minibatches", "a seed drawn from rng")
def _(n, batch_size, rng):
    return _cut(np.random.default_rng(rng.integers(2**32)).permutation(n), batch_size)


# --- train_sgd


def _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, update=lambda w, g, lr, J: w - lr * g, order=None):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)) if order is None else order(rng, len(X)), batch_size):
            w = update(w, grad_fn(w, X[J], y[J]), lr, J)
    return w


@wrong("train_sgd", "scales the returned gradient in place")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)), batch_size):
            g = grad_fn(w, X[J], y[J])
            g *= lr
            w = w - g
    return w


@wrong("train_sgd", "averages the weights of the last epoch")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, seen = np.array(w0, dtype=float), []
    for _ in range(num_epochs):
        seen = []
        for J in _cut(rng.permutation(len(X)), batch_size):
            w = w - lr * grad_fn(w, X[J], y[J])
            seen.append(w)
    return np.mean(seen, axis=0) if seen else w


@wrong("train_sgd", "one order for all epochs, drawn from rng")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    order = rng.permutation(len(X))
    return _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, order=lambda rng, n: order)


@wrong("train_sgd", "drops what is left over")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    n = len(X) - len(X) % batch_size if batch_size <= len(X) else len(X)
    return _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, order=lambda rng, _: rng.permutation(len(X))[:n])


@wrong("train_sgd", "the last batch counts in proportion to its size")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(
        w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, update=lambda w, g, lr, J: w - lr * len(J) / batch_size * g
    )


@wrong("train_sgd", "with momentum")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    V = np.zeros(np.shape(w0))

    def update(w, g, lr, J):
        nonlocal V
        V = 0.5 * V + lr * g
        return w - V

    return _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, update=update)


@wrong("train_sgd", "lr decays by 1 % an epoch")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for e in range(num_epochs):
        w = _sgd(w, X, y, grad_fn, lr * 0.99**e, batch_size, 1, rng)
    return w


@wrong("train_sgd", "lr decays by 1e-5 an epoch: hardly visible")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for e in range(num_epochs):
        w = _sgd(w, X, y, grad_fn, lr * (1 - 1e-5 * e), batch_size, 1, rng)
    return w


@wrong("train_sgd", "weight decay of 1e-4")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, update=lambda w, g, lr, J: w - lr * (g + 1e-4 * w))


@wrong("train_sgd", "clips gradients to length 100")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(
        w0,
        X,
        y,
        grad_fn,
        lr,
        batch_size,
        num_epochs,
        rng,
        update=lambda w, g, lr, J: w - lr * g * min(1, 100 / (np.linalg.norm(g) + 1e-300)),
    )


@wrong("train_sgd", "the gradient at the start of the epoch for all batches")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        at = w
        for J in _cut(rng.permutation(len(X)), batch_size):
            w = w - lr * grad_fn(at, X[J], y[J])
    return w


@wrong("train_sgd", "labels shuffled apart")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)), batch_size):
            w = w - lr * grad_fn(w, X[J], y[np.sort(J)])
    return w


@wrong("train_sgd", "shuffles the caller's X and y in place")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X[...], y[...] = X[order], y[order]
        for i in range(0, len(X), batch_size):
            w = w - lr * grad_fn(w, X[i : i + batch_size], y[i : i + batch_size])
    return w


@wrong("train_sgd", "asks twice for each update")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)), batch_size):
            if np.isfinite(grad_fn(w, X[J], y[J])).all():
                w = w - lr * grad_fn(w, X[J], y[J])
    return w


@wrong("train_sgd", "stops when the gradient is small")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = np.array(w0, dtype=float)
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)), batch_size):
            g = grad_fn(w, X[J], y[J])
            if np.linalg.norm(g) < 1e-3:
                return w
            w = w - lr * g
    return w


@wrong("train_sgd", "draws batches with replacement")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng, order=lambda rng, n: rng.integers(n, size=n))


@wrong("train_sgd", "w0 changed in place")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    for _ in range(num_epochs):
        for J in _cut(rng.permutation(len(X)), batch_size):
            w0 -= lr * grad_fn(w0, X[J], y[J])
    return w0


@wrong("train_sgd", "shuffles within blocks of two batches")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(
        w0,
        X,
        y,
        grad_fn,
        lr,
        batch_size,
        num_epochs,
        rng,
        order=lambda rng, n: np.concatenate([rng.permutation(b) for b in _cut(np.arange(n), 2 * batch_size)]),
    )


@right("train_sgd", "in place on a copy")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(y))
        for start in range(0, len(y), batch_size):
            J = order[start : start + batch_size]
            w -= lr * grad_fn(w, X[J], y[J])
    return w


@right("train_sgd", "shuffles copies of X and y")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, X, y = w0, X.copy(), y.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        for i in range(0, len(X), batch_size):
            w = w - lr * grad_fn(w, X[i : i + batch_size], y[i : i + batch_size])
    return w


@right("train_sgd", "draws all orders first")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for order in [rng.permutation(len(X)) for _ in range(num_epochs)]:
        for J in np.split(order, range(batch_size, len(X), batch_size)):
            w = w - lr * grad_fn(w, X[J], y[J])
    return w


@right("train_sgd", "sorted within batches, by masks")
def _(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return _sgd(
        w0,
        X,
        y,
        grad_fn,
        lr,
        batch_size,
        num_epochs,
        rng,
        order=lambda rng, n: np.concatenate([np.sort(b) for b in _cut(rng.permutation(n), batch_size)]),
    )


# --- all_minibatch_gradients


def _choices(g, B):
    return np.array([g[list(J)].mean(axis=0) for J in itertools.combinations(range(len(g)), B)])


wrong("all_minibatch_gradients", "sums")(lambda per_example, batch_size: batch_size * _choices(per_example, batch_size))
wrong("all_minibatch_gradients", "with replacement")(
    lambda per_example, batch_size: np.array(
        [
            per_example[list(J)].mean(axis=0)
            for J in itertools.combinations_with_replacement(range(len(per_example)), batch_size)
        ]
    )
)
wrong("all_minibatch_gradients", "ordered choices")(
    lambda per_example, batch_size: np.array(
        [per_example[list(J)].mean(axis=0) for J in itertools.permutations(range(len(per_example)), batch_size)]
    )
)
wrong("all_minibatch_gradients", "equal rows once")(
    lambda per_example, batch_size: np.unique(_choices(per_example, batch_size), axis=0)
)
wrong("all_minibatch_gradients", "integer division")(
    lambda per_example, batch_size: np.array(
        [
            per_example[list(J)].sum(axis=0) // batch_size
            for J in itertools.combinations(range(len(per_example)), batch_size)
        ]
    )
)
wrong("all_minibatch_gradients", "dtype of the input")(
    lambda per_example, batch_size: _choices(per_example, batch_size).astype(per_example.dtype)
)
wrong("all_minibatch_gradients", "windows only")(
    lambda per_example, batch_size: np.array(
        [per_example[i : i + batch_size].mean(axis=0) for i in range(len(per_example) - batch_size + 1)]
    )
)
wrong("all_minibatch_gradients", "a list of arrays")(
    lambda per_example, batch_size: list(_choices(per_example, batch_size))
)
wrong("all_minibatch_gradients", "means over features")(
    lambda per_example, batch_size: np.array(
        [per_example[list(J)].mean() for J in itertools.combinations(range(len(per_example)), batch_size)]
    )
)
wrong("all_minibatch_gradients", "2 is hard-coded")(
    lambda per_example, batch_size: _choices(per_example, 2) if batch_size > 1 else per_example.astype(float)
)
wrong("all_minibatch_gradients", "squeezes one batch")(
    lambda per_example, batch_size: np.squeeze(_choices(per_example, batch_size))
)
wrong("all_minibatch_gradients", "combinations of equal rows as a set")(
    lambda per_example, batch_size: np.array(
        [np.mean(rows, axis=0) for rows in set(itertools.combinations(map(tuple, per_example.tolist()), batch_size))]
    )
)
right("all_minibatch_gradients", "combinations of rows")(
    lambda per_example, batch_size: np.array(
        [sum(rows) / batch_size for rows in itertools.combinations(per_example, batch_size)]
    )
)
right("all_minibatch_gradients", "an index table")(
    lambda per_example, batch_size: per_example[
        np.array(list(itertools.combinations(range(len(per_example)), batch_size)))
    ].mean(axis=1)
)
right("all_minibatch_gradients", "in reverse order")(
    lambda per_example, batch_size: _choices(per_example, batch_size)[::-1]
)
right("all_minibatch_gradients", "masks of bits")(
    lambda per_example, batch_size: (
        np.array(
            [
                [bits >> i & 1 for i in range(len(per_example))]
                for bits in range(2 ** len(per_example))
                if bits.bit_count() == batch_size
            ],
            dtype=float,
        )
        @ per_example
        / batch_size
    )
)


# --- scaled_lr, exponential_decay

wrong("scaled_lr", "square root")(lambda base_lr, base_batch, batch: base_lr * np.sqrt(batch / base_batch))
wrong("scaled_lr", "inverse")(lambda base_lr, base_batch, batch: base_lr * base_batch / batch)
wrong("scaled_lr", "integer division")(lambda base_lr, base_batch, batch: base_lr * (batch // base_batch))
wrong("scaled_lr", "capped at 1")(lambda base_lr, base_batch, batch: np.minimum(base_lr * batch / base_batch, 1.0))
wrong("scaled_lr", "never smaller than base_lr")(
    lambda base_lr, base_batch, batch: base_lr * np.maximum(batch / base_batch, 1)
)
wrong("scaled_lr", "rounded to 4 digits")(lambda base_lr, base_batch, batch: np.round(base_lr * batch / base_batch, 4))
wrong("scaled_lr", "float() fails for arrays")(lambda base_lr, base_batch, batch: float(base_lr * batch / base_batch))
wrong("scaled_lr", "an array becomes a list")(
    lambda base_lr, base_batch, batch: (
        [base_lr * b / base_batch for b in batch] if np.ndim(batch) else base_lr * batch / base_batch
    )
)
wrong("scaled_lr", "1-D for a number")(
    lambda base_lr, base_batch, batch: np.atleast_1d(base_lr * np.asarray(batch) / base_batch)
)
wrong("scaled_lr", "doublings only")(
    lambda base_lr, base_batch, batch: base_lr * 2.0 ** np.round(np.log2(batch / base_batch))
)
wrong("scaled_lr", "overflows in eight bits")(
    lambda base_lr, base_batch, batch: base_lr * np.asarray(batch).astype(np.uint8) / base_batch
)
right("scaled_lr", "rate per example first")(lambda base_lr, base_batch, batch: base_lr / base_batch * batch)
right("scaled_lr", "np.divide and np.multiply")(
    lambda base_lr, base_batch, batch: np.multiply(np.divide(batch, base_batch), base_lr)
)
right("scaled_lr", "an array in, an array out")(
    lambda base_lr, base_batch, batch: base_lr * np.asarray(batch) / base_batch
)
right("scaled_lr", "by logarithms")(
    lambda base_lr, base_batch, batch: base_lr * np.exp(np.log(batch) - np.log(base_batch))
)


wrong("exponential_decay", "counts from one")(lambda lr0, c, epoch: lr0 * c ** (np.asarray(epoch) - 1.0))
wrong("exponential_decay", "one too many")(lambda lr0, c, epoch: lr0 * c ** (np.asarray(epoch) + 1.0))
wrong("exponential_decay", "linear")(lambda lr0, c, epoch: lr0 * (1 - (1 - c) * np.asarray(epoch)))
wrong("exponential_decay", "exp(-c e)")(lambda lr0, c, epoch: lr0 * np.exp(-c * np.asarray(epoch)))
wrong("exponential_decay", "1 / (1 + c e)")(lambda lr0, c, epoch: lr0 / (1 + c * np.asarray(epoch)))
wrong("exponential_decay", "not below 1e-6")(
    lambda lr0, c, epoch: np.maximum(lr0 * c ** np.asarray(epoch, float), 1e-6)
)
wrong("exponential_decay", "cumulative: assumes epochs 0, 1, 2, …")(
    lambda lr0, c, epoch: lr0 * c ** np.arange(len(epoch)) if np.ndim(epoch) else lr0 * c**epoch
)
wrong("exponential_decay", "lr0 inside of the power")(lambda lr0, c, epoch: (lr0 * c) ** np.asarray(epoch, float))
wrong("exponential_decay", "a running product over the array")(
    lambda lr0, c, epoch: lr0 * np.cumprod(np.full(len(epoch), c)) / c if np.ndim(epoch) else lr0 * c**epoch
)
wrong("exponential_decay", "a list")(
    lambda lr0, c, epoch: [lr0 * c ** int(e) for e in epoch] if np.ndim(epoch) else lr0 * c**epoch
)
wrong("exponential_decay", "a loop that fails for arrays")(lambda lr0, c, epoch: lr0 * math.prod([c] * epoch))
right("exponential_decay", "the power")(lambda lr0, c, epoch: lr0 * c**epoch)
right("exponential_decay", "np.power")(lambda lr0, c, epoch: np.power(c, epoch) * lr0)
right("exponential_decay", "exp of log")(lambda lr0, c, epoch: lr0 * np.exp(np.log(c) * epoch))
right("exponential_decay", "np.vectorize")(
    lambda lr0, c, epoch: np.vectorize(lambda e: lr0 * c ** float(e), otypes=[float])(epoch)
)
