"""The second half of `examined_26`: notebooks 04 to 06, and `train` of Fashion-MNIST. Written under the same conditions."""

import copy
import itertools
import math

import numpy as np

from .examined_26 import ce_each, right, sm, wrong

# --- 03-softmax: train


def _train(X, labels, lr=0.1, epochs=15, size=64, W0=None, seed=0):
    W = np.zeros((X.shape[1], 10), dtype=np.float32) if W0 is None else W0
    Y, rng = np.eye(10, dtype=np.float32)[labels], np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), size):
            J = order[i : i + size]
            W = W - np.float32(lr) * (X[J].T @ (sm(X[J] @ W) - Y[J])) / np.float32(len(J))
    return W


wrong("train", "zeros")(lambda X, labels: np.zeros((785, 10)))
wrong("train", "one epoch with a tiny rate")(lambda X, labels: _train(X, labels, lr=1e-5, epochs=1))
wrong("train", "trains on 12 rows")(lambda X, labels: _train(X[:12], labels[:12]))
wrong("train", "shuffles the labels against the rows")(lambda X, labels: _train(X, np.roll(labels, 1)))
wrong("train", "climbs")(lambda X, labels: _train(X, labels, lr=-0.1))
wrong("train", "nan weights")(lambda X, labels: _train(X, labels) * np.nan)
wrong("train", "transposed")(lambda X, labels: _train(X, labels).T)
wrong("train", "only two classes are learned")(lambda X, labels: _train(X[labels < 2], labels[labels < 2]))
wrong("train", "the classes are taken to be in the usual order")(lambda X, labels: _train(X, (labels + 1) % 10))
wrong("train", "random weights")(lambda X, labels: np.random.default_rng(0).normal(size=(785, 10)))
right("train", "15 epochs at 0.1")(lambda X, labels: _train(X, labels))
right("train", "full batches")(lambda X, labels: _train(X, labels, lr=0.2, epochs=60, size=10**6))
right("train", "from small random weights")(
    lambda X, labels: _train(X, labels, W0=np.random.default_rng(1).normal(0, 0.01, (785, 10)).astype(np.float32))
)
right("train", "float64 and nearest class means, whitened by ridge regression")(
    lambda X, labels: np.linalg.solve(X.T.astype(float) @ X + 10 * np.eye(785), X.T.astype(float) @ np.eye(10)[labels])
)

# --- 04-sgd: minibatches


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

# --- largest_batch


def _doubling(try_step, start, max_batch=None, error=MemoryError, factor=2, allowed=lambda b, m: m is None or b <= m):
    try_step(start)
    best = start
    while allowed(factor * best, max_batch):
        try:
            try_step(factor * best)
        except error:
            break
        best *= factor
    return best


wrong("largest_batch", "max_batch itself is not tried")(
    lambda try_step, start, max_batch=None: _doubling(
        try_step, start, max_batch, allowed=lambda b, m: m is None or b < m
    )
)
wrong("largest_batch", "swallows every exception")(
    lambda try_step, start, max_batch=None: _doubling(try_step, start, max_batch, error=Exception)
)
wrong("largest_batch", "swallows RuntimeError, as PyTorch users do")(
    lambda try_step, start, max_batch=None: _doubling(try_step, start, max_batch, error=(MemoryError, RuntimeError))
)
wrong("largest_batch", "times four")(
    lambda try_step, start, max_batch=None: _doubling(try_step, start, max_batch, factor=4)
)
wrong("largest_batch", "never above 4096")(
    lambda try_step, start, max_batch=None: _doubling(try_step, start, max_batch, allowed=lambda b, m: b <= (m or 4096))
)


@wrong("largest_batch", "at most ten doublings")
def _(try_step, start, max_batch=None):
    try_step(start)
    best = start
    for _ in range(10):
        if max_batch is not None and 2 * best > max_batch:
            break
        try:
            try_step(2 * best)
        except MemoryError:
            break
        best *= 2
    return best


@wrong("largest_batch", "start that does not fit gives 0")
def _(try_step, start, max_batch=None):
    best, size = 0, start
    while max_batch is None or size <= max_batch:
        try:
            try_step(size)
        except MemoryError:
            break
        best, size = size, 2 * size
    return best


@wrong("largest_batch", "start that does not fit gives half of it")
def _(try_step, start, max_batch=None):
    size = start
    try:
        while max_batch is None or size <= max_batch:
            try_step(size)
            size *= 2
    except MemoryError:
        pass
    return size // 2


@wrong("largest_batch", "ValueError for a start that does not fit")
def _(try_step, start, max_batch=None):
    try:
        try_step(start)
    except MemoryError as error:
        raise ValueError("start does not fit") from error
    return _doubling(try_step, start, max_batch)


@wrong("largest_batch", "asks whether try_step returns something true")
def _(try_step, start, max_batch=None):
    size = start
    while True:
        try:
            if not try_step(size):
                pass
            if try_step(size) is False:
                return size
        except MemoryError:
            if size == start:
                raise
            return size // 2
        if max_batch is not None and 2 * size > max_batch:
            return size
        size *= 2


@wrong("largest_batch", "refines by bisection")
def _(try_step, start, max_batch=None):
    low = _doubling(try_step, start, max_batch)
    high = 2 * low if max_batch is None else min(2 * low, max_batch)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            try_step(middle)
            low = middle
        except MemoryError:
            high = middle
    return low


@wrong("largest_batch", "falls back to max_batch")
def _(try_step, start, max_batch=None):
    best = _doubling(try_step, start, max_batch)
    if max_batch is not None and 2 * best > max_batch:
        try:
            try_step(max_batch)
            return max_batch
        except MemoryError:
            return best
    return best


@wrong("largest_batch", "checks the type exactly")
def _(try_step, start, max_batch=None):
    try_step(start)
    size = start
    while max_batch is None or 2 * size <= max_batch:
        try:
            try_step(2 * size)
        except Exception as error:
            if type(error) is MemoryError:
                break
            raise
        size *= 2
    return size


@wrong("largest_batch", "tries one that is larger than max_batch")
def _(try_step, start, max_batch=None):
    best = _doubling(try_step, start)
    while max_batch is not None and best > max_batch:
        best //= 2
    return best


@right("largest_batch", "recursion")
def _(try_step, start, max_batch=None):
    def after(size):
        if max_batch is not None and 2 * size > max_batch:
            return size
        try:
            try_step(2 * size)
        except MemoryError:
            return size
        return after(2 * size)

    try_step(start)
    return after(start)


@right("largest_batch", "raises again if nothing worked")
def _(try_step, start, max_batch=None):
    worked, size = None, start
    limit = math.inf if max_batch is None else max_batch
    while size <= limit:
        try:
            try_step(size)
        except MemoryError:
            if worked is None:
                raise
            break
        worked, size = size, size * 2
    return worked


@right("largest_batch", "itertools.count")
def _(try_step, start, max_batch=None):
    try_step(start)
    for k in itertools.count(1):
        size = start * 2**k
        if max_batch is not None and size > max_batch:
            return size // 2
        try:
            try_step(size)
        except MemoryError:
            return start * 2 ** (k - 1)


right("largest_batch", "the plain loop")(_doubling)

# --- scaled_lr, num_updates, exponential_decay

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

wrong("num_updates", "floor")(lambda n, batch_size, num_epochs: n // batch_size * num_epochs)
wrong("num_updates", "one batch more, always")(lambda n, batch_size, num_epochs: (n // batch_size + 1) * num_epochs)
wrong("num_updates", "ceil over all epochs together")(
    lambda n, batch_size, num_epochs: math.ceil(n * num_epochs / batch_size)
)
wrong("num_updates", "a float")(lambda n, batch_size, num_epochs: np.ceil(n / batch_size) * num_epochs)
wrong("num_updates", "at least one batch, else floor")(
    lambda n, batch_size, num_epochs: max(n // batch_size, 1) * num_epochs
)
wrong("num_updates", "rounds")(lambda n, batch_size, num_epochs: round(n / batch_size) * num_epochs)
wrong("num_updates", "one epoch too many")(
    lambda n, batch_size, num_epochs: math.ceil(n / batch_size) * (num_epochs + 1)
)
wrong("num_updates", "at least one epoch")(
    lambda n, batch_size, num_epochs: math.ceil(n / batch_size) * max(num_epochs, 1)
)
wrong("num_updates", "examples, not updates")(lambda n, batch_size, num_epochs: n * num_epochs)
wrong("num_updates", "(n + B) // B: one too many if B divides n")(
    lambda n, batch_size, num_epochs: (n + batch_size) // batch_size * num_epochs
)
wrong("num_updates", "the remainder is added as examples")(
    lambda n, batch_size, num_epochs: (n // batch_size + n % batch_size) * num_epochs
)
right("num_updates", "minus twice")(lambda n, batch_size, num_epochs: -(-n // batch_size) * num_epochs)
right("num_updates", "(n + B - 1) // B")(
    lambda n, batch_size, num_epochs: num_epochs * ((n + batch_size - 1) // batch_size)
)
right("num_updates", "len of a range")(lambda n, batch_size, num_epochs: len(range(0, n, batch_size)) * num_epochs)
right("num_updates", "int of np.ceil")(lambda n, batch_size, num_epochs: int(np.ceil(n / batch_size) * num_epochs))
right("num_updates", "divmod")(
    lambda n, batch_size, num_epochs: (divmod(n, batch_size)[0] + bool(divmod(n, batch_size)[1])) * num_epochs
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

# --- diagnose


def _diagnose(train_loss, val_loss=None, runs=None, *, diverged=None, spread=None, over=None, jitter=None, late=None):
    first = train_loss[0]
    rows = [
        ("diverged", diverged or (lambda L: not np.isfinite(L).all() or L[-1] > 2 * L[0]), train_loss),
        ("different every time", spread or (lambda R: np.ptp(R[:, -1]) > 0.2 * first), runs),
        ("overfitting", over or (lambda V: V[-1] > 1.3 * V.min()), val_loss),
        ("jittery", jitter or (lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03 * L[0]), train_loss),
        ("stopped early", late or (lambda L: L[3 * len(L) // 4] - L[-1] > 0.03 * L[0]), train_loss),
    ]
    return next((name for name, applies, curve in rows if curve is not None and applies(curve)), "healthy")


def _diagnoser(**rows):
    return lambda train_loss, val_loss=None, runs=None: _diagnose(train_loss, val_loss, runs, **rows)


wrong("diagnose", "only the last record is asked for nan")(
    _diagnoser(diverged=lambda L: not np.isfinite(L[-1]) or L[-1] > 2 * L[0])
)
wrong("diagnose", "inf is not found")(
    _diagnoser(diverged=lambda L: np.isnan(L).any() or (L[-1] > 2 * L[0] and np.isfinite(L[-1])))
)
wrong("diagnose", "the largest record instead of the last")(
    _diagnoser(diverged=lambda L: not np.isfinite(L).all() or L.max() > 2 * L[0])
)
right("diagnose", "minus inf, which no loss is, is not found")(
    _diagnoser(diverged=lambda L: np.isnan(L).any() or np.isposinf(L).any() or L[-1] > 2 * L[0])
)
wrong("diagnose", "the validation loss's second half only")(
    _diagnoser(over=lambda V: V[-1] > 1.3 * V[len(V) // 2 :].min())
)
wrong("diagnose", "the validation loss against its first")(_diagnoser(over=lambda V: V[-1] > 1.3 * V[0]))
wrong("diagnose", "the largest validation loss against the lowest, afterwards")(
    _diagnoser(over=lambda V: V[V.argmin() :].max() > 1.3 * V.min())
)
wrong("diagnose", "the last validation loss against the lowest of the first half")(
    _diagnoser(over=lambda V: V[-1] > 1.3 * V[: len(V) // 2].min())
)
wrong("diagnose", "validation against training: a gap")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, over=lambda V: V[-1] > 1.3 * train_loss[-1]
    )
)
wrong("diagnose", "standard deviation of the runs")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: R[:, -1].std() > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "relative to the mean of the last losses")(
    _diagnoser(spread=lambda R: np.ptp(R[:, -1]) > 0.2 * R[:, -1].mean())
)
wrong("diagnose", "first and last run only")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: abs(R[0, -1] - R[-1, -1]) > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "spread against the first run only")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: np.abs(R[:, -1] - R[0, -1]).max() > 0.3 * train_loss[0]
    )
)
wrong("diagnose", "spread anywhere, not at the end")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss, val_loss, runs, spread=lambda R: np.ptp(R, axis=0).max() > 0.2 * train_loss[0]
    )
)
wrong("diagnose", "absolute threshold for the spread")(_diagnoser(spread=lambda R: np.ptp(R[:, -1]) > 0.2))
wrong("diagnose", "absolute threshold for jitter")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03)
)
wrong("diagnose", "jitter over the whole curve")(_diagnoser(jitter=lambda L: np.abs(np.diff(L)).mean() > 0.03 * L[0]))
wrong("diagnose", "jitter as the largest change")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).max() > 0.03 * L[0])
)
wrong("diagnose", "jitter as a mean of signed changes")(
    _diagnoser(jitter=lambda L: abs(np.diff(L[len(L) // 2 :]).mean()) > 0.03 * L[0])
)
wrong("diagnose", "jitter as upward changes only")(
    _diagnoser(jitter=lambda L: np.maximum(np.diff(L[len(L) // 2 :]), 0).mean() > 0.03 * L[0])
)
wrong("diagnose", "jitter as standard deviation")(_diagnoser(jitter=lambda L: L[len(L) // 2 :].std() > 0.03 * L[0]))
wrong("diagnose", "jitter relative to the last loss")(
    _diagnoser(jitter=lambda L: np.abs(np.diff(L[len(L) // 2 :])).mean() > 0.03 * L[-1])
)
wrong("diagnose", "the last quarter against the last loss")(
    _diagnoser(late=lambda L: L[3 * len(L) // 4] - L[-1] > 0.03 * L[-1])
)
wrong("diagnose", "the last half")(_diagnoser(late=lambda L: L[len(L) // 2] - L[-1] > 0.03 * L[0]))
wrong("diagnose", "the last ten records")(_diagnoser(late=lambda L: L[-10] - L[-1] > 0.03 * L[0] / 5))
wrong("diagnose", "any change in the last quarter, upward too")(
    _diagnoser(late=lambda L: abs(L[3 * len(L) // 4] - L[-1]) > 0.03 * L[0])
)


@wrong("diagnose", "replaces nan by 0 in the caller's training loss")
def _(train_loss, val_loss=None, runs=None):
    broken = ~np.isfinite(train_loss)
    train_loss[broken] = 0
    return "diverged" if broken.any() else _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "divides the caller's training loss by its first")
def _(train_loss, val_loss=None, runs=None):
    if runs is not None:
        runs = runs / train_loss[0]
    train_loss /= train_loss[0]
    return _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "overfitting before different every time")
def _(train_loss, val_loss=None, runs=None):
    name = _diagnose(train_loss, val_loss, None)
    return name if name in ("diverged", "overfitting") else _diagnose(train_loss, val_loss, runs)


@wrong("diagnose", "jittery before overfitting")
def _(train_loss, val_loss=None, runs=None):
    name = _diagnose(train_loss, None, None)
    other = _diagnose(train_loss, None, runs)
    return name if name == "jittery" and other == name else _diagnose(train_loss, val_loss, runs)


right("diagnose", "thresholds in the middle")(_diagnoser())
right("diagnose", "the lowest thresholds")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss,
        val_loss,
        runs,
        diverged=lambda L: not np.all(np.isfinite(L)) or L[-1] > 0.95 * L[0],
        spread=lambda R: R[:, -1].max() - R[:, -1].min() > 0.04 * train_loss[0],
        over=lambda V: V[-1] > 1.12 * np.min(V),
        jitter=lambda L: np.mean(np.abs(np.diff(L[len(L) // 2 :]))) > 0.012 * L[0],
        late=lambda L: L[3 * len(L) // 4] - L[-1] > 0.012 * L[0],
    )
)
right("diagnose", "the highest thresholds")(
    lambda train_loss, val_loss=None, runs=None: _diagnose(
        train_loss,
        val_loss,
        runs,
        diverged=lambda L: np.any(np.isnan(L) | np.isinf(L)) or L[-1] >= 2.9 * L[0],
        spread=lambda R: max(R[:, -1]) - min(R[:, -1]) >= 0.39 * train_loss[0],
        over=lambda V: V[-1] / min(V) >= 1.48,
        jitter=lambda L: np.mean(np.abs(L[len(L) // 2 + 1 :] - L[len(L) // 2 : -1])) >= 0.058 * L[0],
        late=lambda L: L[3 * len(L) // 4] - L[-1] >= 0.048 * L[0],
    )
)


@right("diagnose", "plain Python on normalised copies")
def _(train_loss, val_loss=None, runs=None):
    first = float(train_loss[0])
    L = [float(x) / first for x in train_loss]
    T = len(L)
    if any(not math.isfinite(x) for x in L) or L[-1] > 1.5:
        return "diverged"
    if runs is not None:
        ends = sorted(float(r[-1]) / first for r in runs)
        if ends[-1] - ends[0] > 0.1:
            return "different every time"
    if val_loss is not None and val_loss[-1] > 1.25 * min(val_loss):
        return "overfitting"
    steps = [abs(b - a) for a, b in itertools.pairwise(L[T // 2 :])]
    if sum(steps) / len(steps) > 0.03:
        return "jittery"
    return "stopped early" if L[3 * T // 4] - L[-1] > 0.025 else "healthy"


# --- early_stopping_epoch


def _stop(val, patience, better=lambda new, old: new < old, stop=lambda waited, patience: waited >= patience):
    best = 0
    for t in range(len(val)):
        if better(val[t], val[best]):
            best = t
        elif stop(t - best, patience):
            break
    return best


wrong("early_stopping_epoch", "the argmin of all")(lambda val, patience: int(np.nanargmin(val)))
wrong("early_stopping_epoch", "ties move on")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new <= old)
)
wrong("early_stopping_epoch", "one more epoch of patience")(
    lambda val, patience: _stop(val, patience, stop=lambda w, p: w > p)
)
wrong("early_stopping_epoch", "one less")(
    lambda val, patience: _stop(val, patience, stop=lambda w, p: w >= max(p - 1, 1))
)
wrong("early_stopping_epoch", "nan counts as an improvement")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: not new >= old)
)
wrong("early_stopping_epoch", "a tolerance: improvements below 1e-6 do not count")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new < old - 1e-6)
)
wrong("early_stopping_epoch", "relative improvements of 1 % only")(
    lambda val, patience: _stop(val, patience, better=lambda new, old: new < 0.99 * old)
)
wrong("early_stopping_epoch", "counts from 1")(lambda val, patience: _stop(val, patience) + 1)
wrong("early_stopping_epoch", "the loss, not the epoch")(lambda val, patience: val[_stop(val, patience)])


@wrong("early_stopping_epoch", "the epoch at which it stops")
def _(val, patience):
    best = 0
    for t in range(len(val)):
        if val[t] < val[best]:
            best = t
        elif t - best >= patience:
            return t
    return best


@wrong("early_stopping_epoch", "compares with the previous epoch")
def _(val, patience):
    bad = 0
    for t in range(1, len(val)):
        bad = 0 if val[t] < val[t - 1] else bad + 1
        if bad >= patience:
            return int(np.argmin(val[: t + 1]))
    return int(np.argmin(val))


@wrong("early_stopping_epoch", "the counter is never reset")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best = t
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "nan does not count as an epoch of waiting")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if np.isnan(val[t]):
            continue
        if val[t] < val[best]:
            best, bad = t, 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "stops at the first nan")
def _(val, patience):
    finite = np.isfinite(val)
    return _stop(val[: finite.argmin()] if not finite.all() else val, patience)


@wrong("early_stopping_epoch", "starts at infinity: starts to wait one too late")
def _(val, patience):
    best, lowest, bad = 0, np.inf, -1
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest, bad = t, v, bad if t == 0 else 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


@wrong("early_stopping_epoch", "replaces nan in the caller's array")
def _(val, patience):
    if val.dtype.kind == "f":
        val[np.isnan(val)] = np.inf
    return _stop(val, patience)


@wrong("early_stopping_epoch", "starts with the lowest at 1e9")
def _(val, patience):
    best, lowest, bad = 0, 1e9, 0
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest, bad = t, v, 0
        else:
            bad += 1
            if bad >= patience:
                break
    return best


right("early_stopping_epoch", "the plain loop")(_stop)


@right("early_stopping_epoch", "a counter")
def _(val, patience):
    best, bad = 0, 0
    for t in range(1, len(val)):
        if val[t] < val[best]:
            best, bad = t, 0
        else:
            bad += 1
        if bad == patience:
            break
    return best


@right("early_stopping_epoch", "windows after each record low")
def _(val, patience):
    best = 0
    while True:
        later = [t for t in range(best + 1, min(best + patience, len(val) - 1) + 1) if val[t] < val[best]]
        if not later:
            return best
        best = later[0]


@right("early_stopping_epoch", "enumerate with infinity")
def _(val, patience):
    best, lowest = 0, np.inf
    for t, v in enumerate(val):
        if v < lowest:
            best, lowest = t, v
        if t - best >= patience:
            return best
    return best


# --- 05-momentum: quadratic_grad, condition_number

wrong("quadratic_grad", "the diagonal only")(lambda H, w: np.diag(H) * w)
wrong("quadratic_grad", "twice")(lambda H, w: (H + H.T) @ w)
wrong("quadratic_grad", "half")(lambda H, w: 0.5 * H @ w)
wrong("quadratic_grad", "the value")(lambda H, w: 0.5 * w @ H @ w)
wrong("quadratic_grad", "elementwise product")(lambda H, w: H * w)
wrong("quadratic_grad", "upper triangle")(lambda H, w: np.triu(H) @ w)
wrong("quadratic_grad", "absolute weights")(lambda H, w: H @ np.abs(w))
wrong("quadratic_grad", "a column")(lambda H, w: H @ w[:, None])
wrong("quadratic_grad", "numerically")(
    lambda H, w: np.array(
        [(0.5 * (w + 1e-5 * e) @ H @ (w + 1e-5 * e) - 0.5 * w @ H @ w) / 1e-5 for e in np.eye(len(w))]
    )
)
wrong("quadratic_grad", "w changed")(lambda H, w: np.matmul(H, w, out=w))
right("quadratic_grad", "w @ H")(lambda H, w: w @ H)
right("quadratic_grad", "einsum")(lambda H, w: np.einsum("ij,j->i", H, w))
right("quadratic_grad", "sum of products")(lambda H, w: (H * w).sum(axis=1))
right("quadratic_grad", "half of H plus its transpose")(lambda H, w: 0.5 * (H + H.T) @ w)


def _power(H, start, steps=1000):
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = H @ v / np.linalg.norm(H @ v)
    return v @ H @ v


def _power_ratio(H, start, steps=1000):
    return float(_power(H, start, steps) / (1 / _power(np.linalg.inv(H), start, steps)))


wrong("condition_number", "the diagonal")(lambda H: float(np.diag(H).max() / np.diag(H).min()))
wrong("condition_number", "power iteration from ones")(lambda H: _power_ratio(H, np.ones(len(H))))
wrong("condition_number", "power iteration from the first axis")(lambda H: _power_ratio(H, np.eye(len(H))[0]))
wrong("condition_number", "ten steps of power iteration")(
    lambda H: _power_ratio(H, np.random.default_rng(0).normal(size=len(H)), 10)
)
wrong("condition_number", "trace and determinant: two weights only")(
    lambda H: (
        float(
            (np.trace(H) + np.sqrt(np.trace(H) ** 2 - 4 * np.linalg.det(H)))
            / (np.trace(H) - np.sqrt(np.trace(H) ** 2 - 4 * np.linalg.det(H)))
        )
        if len(H) == 2
        else float(np.diag(H).max() / np.diag(H).min())
    )
)
wrong("condition_number", "last over first, unsorted")(
    lambda H: float(np.linalg.eigvals(H)[-1] / np.linalg.eigvals(H)[0])
)
wrong("condition_number", "inverse")(lambda H: float(np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1]))
wrong("condition_number", "root")(lambda H: float(np.sqrt(np.linalg.cond(H))))
wrong("condition_number", "Frobenius norm")(lambda H: float(np.linalg.cond(H, "fro")))
wrong("condition_number", "largest row sums")(lambda H: float(np.linalg.cond(H, 1)))
wrong("condition_number", "squared, of HᵀH")(lambda H: float(np.linalg.cond(H.T @ H)))
wrong("condition_number", "guard of 1e-6 in the denominator")(
    lambda H: float(np.linalg.eigvalsh(H)[-1] / (np.linalg.eigvalsh(H)[0] + 1e-6))
)
wrong("condition_number", "small eigenvalues are left out")(
    lambda H: (lambda e: float(e.max() / e[e > 1e-3 * e.max()].min()))(np.linalg.eigvalsh(H))
)
right("condition_number", "eigvalsh")(lambda H: float(np.linalg.eigvalsh(H)[-1] / np.linalg.eigvalsh(H)[0]))
right("condition_number", "singular values")(lambda H: np.linalg.cond(H))
right("condition_number", "eigvals")(lambda H: max(np.linalg.eigvals(H).real) / min(np.linalg.eigvals(H).real))
right("condition_number", "norms of H and its inverse")(
    lambda H: np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2)
)

# --- standardize


def _standardize(X_train, X_test, constant=lambda X, sd: sd == 0):
    mu, sd = X_train.mean(axis=0), X_train.std(axis=0)
    sd = np.where(constant(X_train, sd) | (X_train == X_train[0]).all(axis=0), 1.0, sd)
    return (X_train - mu) / sd, (X_test - mu) / sd


wrong("standardize", "std < 1e-8 is taken for constant")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd < 1e-8)
)
right("standardize", "a guard against rounding: std < 1e-12")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd < 1e-12)
)
wrong("standardize", "np.isclose(std, 0)")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: np.isclose(sd, 0))
)
wrong("standardize", "np.allclose(column, column[0])")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: np.array([np.allclose(c, c[0]) for c in X.T]))
)
wrong("standardize", "relative threshold of 1e-6")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd <= 1e-6 * np.abs(X.mean(axis=0)))
)
wrong("standardize", "1e-8 added to the standard deviation")(
    lambda X_train, X_test: tuple((X - X_train.mean(axis=0)) / (X_train.std(axis=0) + 1e-8) for X in (X_train, X_test))
)
wrong("standardize", "test rows clipped at ±10")(
    lambda X_train, X_test: (lambda a, b: (a, np.clip(b, -10, 10)))(*_standardize(X_train, X_test))
)
wrong("standardize", "all rows clipped at ±5")(
    lambda X_train, X_test: tuple(np.clip(Z, -5, 5) for Z in _standardize(X_train, X_test))
)
wrong("standardize", "test statistics for the test set")(
    lambda X_train, X_test: (
        _standardize(X_train, X_test)[0],
        _standardize(X_test, X_test)[0] if len(X_test) else X_test * 1.0,
    )
)
wrong("standardize", "statistics of both sets")(
    lambda X_train, X_test: (lambda Z: (Z[: len(X_train)], Z[len(X_train) :]))(
        _standardize(np.vstack([X_train, X_test]), X_test)[0]
    )
)
wrong("standardize", "ddof = 1")(
    lambda X_train, X_test: tuple(
        (X - X_train.mean(axis=0))
        / np.where(np.ptp(X_train, axis=0) == 0, 1, X_train.std(axis=0, ddof=min(1, len(X_train) - 1)))
        for X in (X_train, X_test)
    )
)
wrong("standardize", "mean of squares minus squared mean")(
    lambda X_train, X_test: (lambda sd: tuple((X - X_train.mean(axis=0)) / sd for X in (X_train, X_test)))(
        np.where(
            np.ptp(X_train, axis=0) == 0,
            1,
            np.sqrt(np.maximum((X_train.astype(float) ** 2).mean(axis=0) - X_train.mean(axis=0) ** 2, 1e-300)),
        )
    )
)
wrong("standardize", "a constant column becomes zero in the test set, too")(
    lambda X_train, X_test: (lambda a, b: (a, np.where(np.ptp(X_train, axis=0) == 0, 0.0, b)))(
        *_standardize(X_train, X_test)
    )
)
wrong("standardize", "nan_to_num of the quotient")(
    lambda X_train, X_test: tuple(
        np.nan_to_num((X - X_train.mean(axis=0)) / X_train.std(axis=0)) for X in (X_train, X_test)
    )
)
wrong("standardize", "one mean and one deviation for all columns")(
    lambda X_train, X_test: tuple((X - X_train.mean()) / (X_train.std() or 1.0) for X in (X_train, X_test))
)


@wrong("standardize", "shifts in place")
def _(X_train, X_test):
    mu, sd = X_train.mean(axis=0), np.where(np.ptp(X_train, axis=0) == 0, 1, X_train.std(axis=0))
    if X_train.dtype.kind == "f":
        X_train -= mu
        return X_train / sd, (X_test - mu) / sd
    return (X_train - mu) / sd, (X_test - mu) / sd


right("standardize", "ptp finds the constant columns")(
    lambda X_train, X_test: (lambda mu, sd: ((X_train - mu) / sd, (X_test - mu) / sd))(
        X_train.mean(axis=0), np.where(np.ptp(X_train, axis=0) == 0, 1.0, X_train.std(axis=0))
    )
)
right("standardize", "where std > 0")(
    lambda X_train, X_test: (
        lambda mu, sd: ((X_train - mu) / np.where(sd > 0, sd, 1), (X_test - mu) / np.where(sd > 0, sd, 1))
    )(X_train.mean(axis=0), X_train.std(axis=0))
)


@right("standardize", "the formula with a centred copy")
def _(X_train, X_test):
    mu = np.mean(X_train, axis=0)
    centred = X_train - mu
    sd = np.sqrt(np.mean(centred**2, axis=0))
    sd[sd == 0] = 1
    return centred / sd, (X_test - mu) / sd


@right("standardize", "column by column")
def _(X_train, X_test):
    Z_train, Z_test = np.array(X_train, dtype=float), np.array(X_test, dtype=float)
    for j in range(X_train.shape[1]):
        column = X_train[:, j].astype(float)
        scale = column.std() if len(set(column)) > 1 else 1.0
        Z_train[:, j] = (column - column.mean()) / scale
        Z_test[:, j] = (X_test[:, j] - column.mean()) / scale
    return Z_train, Z_test


# --- momentum_step

wrong("momentum_step", "alpha capped at 0.9")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(lr * grad + min(alpha, 0.9) * V)
)
wrong("momentum_step", "alpha capped at 0.99")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(lr * grad + min(alpha, 0.99) * V)
)
wrong("momentum_step", "lr capped at 1")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(min(lr, 1) * grad + alpha * V)
)
wrong("momentum_step", "exponential average")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))((1 - alpha) * lr * grad + alpha * V)
)
wrong("momentum_step", "lr outside, as PyTorch")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - lr * N, N))(grad + alpha * V)
)
wrong("momentum_step", "the old V moves the weights")(lambda W, V, grad, lr, alpha: (W - V, lr * grad + alpha * V))
wrong("momentum_step", "Nesterov")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - lr * grad - alpha * N, N))(lr * grad + alpha * V)
)
wrong("momentum_step", "V keeps the sign of the move")(
    lambda W, V, grad, lr, alpha: (lambda N: (W + N, N))(alpha * V - lr * grad)
)
wrong("momentum_step", "plus")(lambda W, V, grad, lr, alpha: (lambda N: (W + N, N))(lr * grad + alpha * V))
wrong("momentum_step", "no gradient, no step")(
    lambda W, V, grad, lr, alpha: (
        (lambda N: (W - N, N))(lr * grad + alpha * V) if np.any(grad) else (W.copy(), V.copy())
    )
)
wrong("momentum_step", "coordinates with zero gradient stand still")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(np.where(grad == 0, 0, lr * grad + alpha * V))
)
wrong("momentum_step", "swapped results")(
    lambda W, V, grad, lr, alpha: (lr * grad + alpha * V, W - lr * grad - alpha * V)
)


@wrong("momentum_step", "V in place")
def _(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


@wrong("momentum_step", "grad scaled in place")
def _(W, V, grad, lr, alpha):
    grad *= lr
    N = alpha * V + grad
    return W - N, N


@wrong("momentum_step", "alpha = 0 returns V as grad")
def _(W, V, grad, lr, alpha):
    if alpha == 0:
        return W - lr * grad, grad.copy()
    N = lr * grad + alpha * V
    return W - N, N


right("momentum_step", "a list of two")(
    lambda W, V, grad, lr, alpha: [W - (alpha * V + lr * grad), alpha * V + lr * grad]
)
right("momentum_step", "np.add and np.subtract")(
    lambda W, V, grad, lr, alpha: (lambda N: (np.subtract(W, N), N))(
        np.add(np.multiply(lr, grad), np.multiply(alpha, V))
    )
)


@right("momentum_step", "in place on copies")
def _(W, V, grad, lr, alpha):
    W, V = W.copy(), V.copy()
    V *= alpha
    V += lr * grad
    W -= V
    return W, V


right("momentum_step", "stacked in one array")(
    lambda W, V, grad, lr, alpha: tuple(np.stack([W - lr * grad - alpha * V, lr * grad + alpha * V]))
)

# --- torch_sgd_step


def _torch(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False, **slips):
    if slips.get("validate", True) and (
        lr < 0 or momentum < 0 or weight_decay < 0 or (nesterov and (momentum <= 0 or dampening != 0))
    ):
        raise ValueError("refused")
    g = -grad if maximize else np.array(grad)
    if slips.get("decay_if", lambda d: True)(weight_decay):
        g = g + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, slips.get("idle", lambda b: b)(buf)
    if buf is None:
        buf = slips.get("first", lambda g, tau: g.copy())(g, dampening)
    else:
        buf = slips.get("later", lambda b, g, mu, tau: mu * b + (1 - tau) * g)(buf, g, momentum, dampening)
    step = slips.get("look", lambda g, b, mu: g + mu * b)(g, buf, momentum) if nesterov else buf
    return theta - lr * step, buf


def _torcher(**slips):
    return lambda theta, grad, buf, **kw: _torch(theta, grad, buf, **kw, **slips)


wrong("torch_sgd_step", "dampening at the first step")(_torcher(first=lambda g, tau: (1 - tau) * g))
wrong("torch_sgd_step", "tau for 1 - tau")(_torcher(later=lambda b, g, mu, tau: mu * b + tau * g))
wrong("torch_sgd_step", "dampening also on the old buffer")(
    _torcher(later=lambda b, g, mu, tau: (1 - tau) * (mu * b + g))
)
wrong("torch_sgd_step", "an exponential average")(
    _torcher(later=lambda b, g, mu, tau: mu * b + (1 - mu) * (1 - tau) * g)
)
wrong("torch_sgd_step", "buffer becomes zeros without momentum")(
    _torcher(idle=lambda b: np.zeros(2) if b is None else b)
)
wrong("torch_sgd_step", "buffer is dropped without momentum")(_torcher(idle=lambda b: None))
wrong("torch_sgd_step", "Nesterov without g")(_torcher(look=lambda g, b, mu: mu * b))
wrong("torch_sgd_step", "Nesterov adds b without mu")(_torcher(look=lambda g, b, mu: g + b))
wrong("torch_sgd_step", "refuses nothing")(_torcher(validate=False))
wrong("torch_sgd_step", "weight decay only above 1e-2")(_torcher(decay_if=lambda d: d > 1e-2))


@wrong("torch_sgd_step", "refuses a momentum above 1 as well")
def _(theta, grad, buf, **kw):
    if kw.get("momentum", 0) >= 1:
        raise ValueError("momentum")
    return _torch(theta, grad, buf, **kw)


@wrong("torch_sgd_step", "refuses a learning rate of 0")
def _(theta, grad, buf, **kw):
    if kw["lr"] <= 0:
        raise ValueError("lr")
    return _torch(theta, grad, buf, **kw)


@wrong("torch_sgd_step", "refuses a negative dampening or one above 1")
def _(theta, grad, buf, **kw):
    if not 0 <= kw.get("dampening", 0) <= 1:
        raise ValueError("dampening")
    return _torch(theta, grad, buf, **kw)


@wrong("torch_sgd_step", "the slide's maximize")
def _(theta, grad, buf, *, maximize=False, **kw):
    new, buf = _torch(theta, grad, buf, **kw)
    return (2 * theta - new if maximize else new), buf


@wrong("torch_sgd_step", "flips the sign of the caller's gradient in place")
def _(theta, grad, buf, *, maximize=False, **kw):
    if maximize:
        grad *= -1
    return _torch(theta, grad, buf, **kw)


@wrong("torch_sgd_step", "the first buffer is grad itself")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    new, b = _torch(
        theta,
        grad,
        buf,
        lr=lr,
        momentum=momentum,
        dampening=dampening,
        weight_decay=weight_decay,
        nesterov=nesterov,
        maximize=maximize,
    )
    return new, grad if buf is None and momentum and not weight_decay and not maximize else b


@wrong("torch_sgd_step", "the buffer in place")
def _(theta, grad, buf, **kw):
    new, b = _torch(theta, grad, buf, **kw)
    if buf is not None:
        buf[...] = b
        return new, buf
    return new, b


@wrong("torch_sgd_step", "a buffer of zeros counts as no buffer")
def _(theta, grad, buf, **kw):
    fresh = buf is not None and not np.any(buf) and kw.get("momentum", 0)
    return _torch(theta, grad, None if fresh else buf, **kw)


@wrong("torch_sgd_step", "decoupled decay")
def _(theta, grad, buf, *, weight_decay=0, **kw):
    new, b = _torch(theta, grad, buf, weight_decay=0, **kw)
    if weight_decay < 0:
        raise ValueError
    return new - kw["lr"] * weight_decay * theta, b


@wrong("torch_sgd_step", "nesterov is refused without a buffer")
def _(theta, grad, buf, **kw):
    if kw.get("nesterov") and buf is None:
        raise ValueError("no buffer yet")
    return _torch(theta, grad, buf, **kw)


right("torch_sgd_step", "line by line")(_torcher())


@right("torch_sgd_step", "as in PyTorch's own source")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    if lr < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    if momentum < 0.0:
        raise ValueError(f"Invalid momentum value: {momentum}")
    if weight_decay < 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")
    if nesterov and (momentum <= 0 or dampening != 0):
        raise ValueError("Nesterov momentum requires a momentum and zero dampening")
    grad = grad if not maximize else -grad
    if weight_decay != 0:
        grad = grad + weight_decay * theta
    if momentum != 0:
        buf = np.array(grad) if buf is None else buf * momentum + grad * (1 - dampening)
        grad = grad + momentum * buf if nesterov else buf
    return theta + grad * -lr, buf


@right("torch_sgd_step", "maximises by minimising -f")
def _(theta, grad, buf, *, maximize=False, **kw):
    return _torch(theta, -grad if maximize else grad, buf, **kw)


@right("torch_sgd_step", "copies everything first, raises a subclass")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    class BadSettings(ValueError):
        pass

    if min(lr, momentum, weight_decay) < 0 or (nesterov and not (momentum > 0 and dampening == 0)):
        raise BadSettings
    theta, g = np.copy(theta), np.copy(grad)
    g *= -1.0 if maximize else 1.0
    g += weight_decay * theta
    if not momentum:
        theta -= lr * g
        return theta, buf
    b = g.copy() if buf is None else momentum * np.copy(buf) + (1 - dampening) * g
    theta -= lr * (g + momentum * b if nesterov else b)
    return theta, b


# --- 06-flat-minima: sharpness


def _directions(theta, rng, num_dirs, draw=lambda rng, shape: rng.normal(size=shape)):
    for _ in range(num_dirs):
        U = [draw(rng, A.shape) for A in theta]
        length = np.sqrt(sum((u**2).sum() for u in U))
        yield [u / length for u in U]


def _rises(loss_fn, theta, radius, rng, num_dirs, **draw):
    base = loss_fn(theta)
    return np.array(
        [
            loss_fn([A + radius * u for A, u in zip(theta, U, strict=True)]) - base
            for U in _directions(theta, rng, num_dirs, **draw)
        ]
    )


def _sharp(change, **draw):
    return lambda loss_fn, theta, radius, rng, num_dirs: change(_rises(loss_fn, theta, radius, rng, num_dirs, **draw))


wrong("sharpness", "uniform numbers prefer the corners")(
    _sharp(np.mean, draw=lambda rng, shape: rng.uniform(-1, 1, size=shape))
)
wrong("sharpness", "positive directions only")(_sharp(np.mean, draw=lambda rng, shape: np.abs(rng.normal(size=shape))))
wrong("sharpness", "signs only")(_sharp(np.mean, draw=lambda rng, shape: rng.choice([-1.0, 1.0], size=shape)))
wrong("sharpness", "normal numbers around 0.5")(_sharp(np.mean, draw=lambda rng, shape: rng.normal(0.5, size=shape)))
wrong("sharpness", "Cauchy numbers prefer the axes")(
    _sharp(np.mean, draw=lambda rng, shape: rng.standard_cauchy(size=shape))
)
wrong("sharpness", "absolute rises")(_sharp(lambda r: np.mean(np.abs(r))))
wrong("sharpness", "falls count as 0")(_sharp(lambda r: np.mean(np.maximum(r, 0))))
wrong("sharpness", "the largest rise")(_sharp(np.max))
wrong("sharpness", "the median")(_sharp(np.median))
wrong("sharpness", "the sum")(_sharp(np.sum))
wrong("sharpness", "one direction more")(
    lambda loss_fn, theta, radius, rng, num_dirs: np.mean(_rises(loss_fn, theta, radius, rng, num_dirs + 1))
)
wrong("sharpness", "the mean loss, not the rise")(
    lambda loss_fn, theta, radius, rng, num_dirs: (
        np.mean(_rises(loss_fn, theta, radius, rng, num_dirs)) + loss_fn(theta)
    )
)
wrong("sharpness", "relative to the loss")(
    lambda loss_fn, theta, radius, rng, num_dirs: (
        np.mean(_rises(loss_fn, theta, radius, rng, num_dirs)) / abs(loss_fn(theta))
    )
)
wrong("sharpness", "one direction for all")(
    lambda loss_fn, theta, radius, rng, num_dirs: np.mean(np.repeat(_rises(loss_fn, theta, radius, rng, 1), num_dirs))
)


@wrong("sharpness", "pairs of opposite directions")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, -(-num_dirs // 2)):
        for sign in (1, -1):
            rises.append(loss_fn([A + sign * radius * u for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises[:num_dirs])


@wrong("sharpness", "each array has a direction of its own length")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        U = [rng.normal(size=A.shape) for A in theta]
        rises.append(loss_fn([A + radius * u / np.linalg.norm(u) for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


@wrong("sharpness", "divided by the root of d instead of its length")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, d = loss_fn(theta), sum(A.size for A in theta)
    return np.mean(
        [loss_fn([A + radius * rng.normal(size=A.shape) / np.sqrt(d) for A in theta]) - base for _ in range(num_dirs)]
    )


@wrong("sharpness", "a uniform distance up to the radius")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, num_dirs):
        r = radius * rng.random()
        rises.append(loss_fn([A + r * u for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


@wrong("sharpness", "only the first array is moved")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta[:1], rng, num_dirs):
        rises.append(loss_fn([theta[0] + radius * U[0], *theta[1:]]) - base)
    return np.mean(rises)


@wrong("sharpness", "a generator of its own")
def _(loss_fn, theta, radius, rng, num_dirs):
    return np.mean(_rises(loss_fn, theta, radius, np.random.default_rng(0), num_dirs))


@wrong("sharpness", "walks on from point to point")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, here, rises = loss_fn(theta), theta, []
    for U in _directions(theta, rng, num_dirs):
        here = [A + radius * u for A, u in zip(here, U, strict=True)]
        rises.append(loss_fn(here) - base)
    return np.mean(rises)


@wrong("sharpness", "moves theta in place and back, with rounding left")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for U in _directions(theta, rng, num_dirs):
        for A, u in zip(theta, U, strict=True):
            A += radius * u
        rises.append(loss_fn(theta) - base)
        for A, u in zip(theta, U, strict=True):
            A -= radius * u
    return np.mean(rises)


@wrong("sharpness", "the same numbers in every array of a direction")
def _(loss_fn, theta, radius, rng, num_dirs):
    base, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        numbers = rng.normal(size=max(A.size for A in theta))
        U = [numbers[: A.size].reshape(A.shape) for A in theta]
        length = np.sqrt(sum((u**2).sum() for u in U))
        rises.append(loss_fn([A + radius * u / length for A, u in zip(theta, U, strict=True)]) - base)
    return np.mean(rises)


right("sharpness", "list comprehension")(_sharp(np.mean))


@right("sharpness", "one long vector")
def _(loss_fn, theta, radius, rng, num_dirs):
    sizes, total = [A.size for A in theta], 0.0
    for _ in range(num_dirs):
        u = rng.standard_normal(sum(sizes))
        parts = np.split(radius * u / np.linalg.norm(u), np.cumsum(sizes)[:-1])
        total += loss_fn([A + p.reshape(A.shape) for A, p in zip(theta, parts, strict=True)])
    return total / num_dirs - loss_fn(theta)


@right("sharpness", "all directions drawn first")
def _(loss_fn, theta, radius, rng, num_dirs):
    U = [rng.normal(size=(num_dirs, *A.shape)) for A in theta]
    lengths = np.sqrt(sum((u.reshape(num_dirs, -1) ** 2).sum(axis=1) for u in U))
    losses = [loss_fn([A + radius * u[k] / lengths[k] for A, u in zip(theta, U, strict=True)]) for k in range(num_dirs)]
    return float(np.mean(losses) - loss_fn(theta))


@right("sharpness", "subtracts the base each time, calls it each time")
def _(loss_fn, theta, radius, rng, num_dirs):
    return sum(
        (loss_fn([A + radius * u for A, u in zip(theta, U, strict=True)]) - loss_fn(theta)) / num_dirs
        for U in _directions(theta, rng, num_dirs)
    )


# --- loss_head


def _head(Z, labels):
    return np.mean(ce_each(Z, labels)), (sm(np.asarray(Z, float)) - np.eye(Z.shape[1])[labels]) / len(Z)


wrong("loss_head", "1/B forgotten in dZ")(lambda Z, labels: (_head(Z, labels)[0], len(Z) * _head(Z, labels)[1]))
wrong("loss_head", "sum")(lambda Z, labels: tuple(len(Z) * part for part in _head(Z, labels)))
wrong("loss_head", "1/K in dZ")(lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] / Z.shape[1]))
wrong("loss_head", "Y - P")(lambda Z, labels: (_head(Z, labels)[0], -_head(Z, labels)[1]))
wrong("loss_head", "log of clipped probabilities")(
    lambda Z, labels: (-np.mean(np.log(np.maximum(sm(Z), 1e-12)[np.arange(len(Z)), labels])), _head(Z, labels)[1])
)
wrong("loss_head", "softmax over the batch")(
    lambda Z, labels: (_head(Z, labels)[0], (sm(Z.T * 1.0).T - np.eye(Z.shape[1])[labels]) / len(Z))
)
wrong("loss_head", "float32 input gives the float16 loss")(
    lambda Z, labels: (lambda a, b: (np.float64(np.float16(a)), b) if Z.dtype == np.float32 else (a, b))(
        *_head(Z, labels)
    )
)
wrong("loss_head", "swapped")(lambda Z, labels: _head(Z, labels)[::-1])
wrong("loss_head", "the mean over classes present only")(
    lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] * np.isin(np.arange(Z.shape[1]), labels))
)
wrong("loss_head", "dZ only at the true class")(
    lambda Z, labels: (_head(Z, labels)[0], _head(Z, labels)[1] * np.eye(Z.shape[1])[labels])
)
wrong("loss_head", "one shift for the whole batch")(
    lambda Z, labels: (
        np.mean(np.log(np.exp(Z - Z.max()).sum(axis=1)) + Z.max() - Z[np.arange(len(Z)), labels]),
        (np.exp(Z - Z.max()) / np.exp(Z - Z.max()).sum(axis=1, keepdims=True) - np.eye(Z.shape[1])[labels]) / len(Z),
    )
)


@wrong("loss_head", "shifts Z in place")
def _(Z, labels):
    if Z.dtype.kind == "f":
        Z -= Z.max(axis=1, keepdims=True)
    return _head(Z, labels)


@wrong("loss_head", "dZ has the dtype of Z, integers too")
def _(Z, labels):
    dZ = np.zeros_like(Z)
    dZ[...] = _head(Z, labels)[1]
    return _head(Z, labels)[0], dZ


@wrong("loss_head", "probabilities below 1e-6 are set to 0")
def _(Z, labels):
    P = np.where(sm(Z) < 1e-6, 0, sm(Z))
    return _head(Z, labels)[0], (P - np.eye(Z.shape[1])[labels]) / len(Z)


@right("loss_head", "shared exponentials")
def _(Z, labels):
    n = len(Z)
    S = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(S)
    total = E.sum(axis=1)
    dZ = E / total[:, None]
    dZ[np.arange(n), labels] -= 1
    return (np.log(total) - S[np.arange(n), labels]).mean(), dZ / n


right("loss_head", "one-hot")(_head)
right("loss_head", "a list of two, a Python float")(lambda Z, labels: [float(_head(Z, labels)[0]), _head(Z, labels)[1]])


@right("loss_head", "log probabilities")
def _(Z, labels):
    log_p = Z - np.logaddexp.reduce(np.asarray(Z, dtype=float), axis=1, keepdims=True)
    Y = (labels[:, None] == np.arange(Z.shape[1])).astype(float)
    return -(log_p * Y).sum() / len(Z), (np.exp(log_p) - Y) / len(Z)


# --- interpolate, interpolation_curve, is_monotone_decreasing

wrong("interpolate", "ends swapped")(
    lambda theta0, thetaf, alpha: [alpha * A + (1 - alpha) * B for A, B in zip(theta0, thetaf, strict=True)]
)
wrong("interpolate", "alpha clipped to 0 and 1")(
    lambda theta0, thetaf, alpha: [A + min(max(alpha, 0), 1) * (B - A) for A, B in zip(theta0, thetaf, strict=True)]
)
wrong("interpolate", "alpha clipped to -0.25 and 1.25")(
    lambda theta0, thetaf, alpha: [
        A + min(max(alpha, -0.25), 1.25) * (B - A) for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "the ends are returned themselves")(
    lambda theta0, thetaf, alpha: (
        list(theta0)
        if alpha == 0
        else list(thetaf)
        if alpha == 1
        else [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "isclose to the ends returns copies of them")(
    lambda theta0, thetaf, alpha: (
        [A.copy() for A in theta0]
        if np.isclose(alpha, 0, atol=1e-2)
        else [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "matrices only")(
    lambda theta0, thetaf, alpha: [
        (1 - alpha) * A + alpha * B if np.ndim(A) > 1 else A.copy() for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "one long vector")(
    lambda theta0, thetaf, alpha: np.concatenate(
        [((1 - alpha) * A + alpha * B).ravel() for A, B in zip(theta0, thetaf, strict=True)]
    )
)
wrong("interpolate", "in place")(lambda theta0, thetaf, alpha: _walk(theta0, thetaf, alpha))
wrong("interpolate", "spherical")(
    lambda theta0, thetaf, alpha: [
        np.sqrt(abs(1 - alpha)) * A + np.sqrt(abs(alpha)) * B for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "single precision")(
    lambda theta0, thetaf, alpha: [
        ((1 - alpha) * A + alpha * B).astype(np.float32).astype(float) for A, B in zip(theta0, thetaf, strict=True)
    ]
)
wrong("interpolate", "the first array for all shapes alike")(
    lambda theta0, thetaf, alpha: (
        [(1 - alpha) * theta0[0] + alpha * thetaf[0]]
        + [(1 - alpha) * A + alpha * A for A, _ in zip(theta0[1:], thetaf[1:], strict=True)]
    )
)


def _walk(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0


right("interpolate", "two weights")(
    lambda theta0, thetaf, alpha: [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]
)
right("interpolate", "start plus difference")(
    lambda theta0, thetaf, alpha: [A + alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)]
)
right("interpolate", "in place on copies, by index")(
    lambda theta0, thetaf, alpha: _walk([A.copy() for A in theta0], thetaf, alpha)
)
right("interpolate", "a tuple of arrays")(
    lambda theta0, thetaf, alpha: list(map(lambda A, B: np.add((1 - alpha) * A, alpha * B), theta0, thetaf))
)


def _curve(loss_fn, theta0, thetaf, alphas):
    return np.array(
        [loss_fn([(1 - a) * A + a * B for A, B in zip(theta0, thetaf, strict=True)]) for a in alphas], dtype=float
    )


wrong("interpolation_curve", "the line between two losses")(
    lambda loss_fn, theta0, thetaf, alphas: (
        (1 - np.asarray(alphas)) * loss_fn(theta0) + np.asarray(alphas) * loss_fn(thetaf)
    )
)
wrong("interpolation_curve", "sorted alphas")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.sort(alphas))
)
wrong("interpolation_curve", "sorts the caller's alphas in place")(
    lambda loss_fn, theta0, thetaf, alphas: (alphas.sort(), _curve(loss_fn, theta0, thetaf, alphas))[1]
)
wrong("interpolation_curve", "evenly spaced from 0 to 1")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.linspace(0, 1, len(alphas)))
)
wrong("interpolation_curve", "evenly spaced from the smallest to the largest")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(
        loss_fn, theta0, thetaf, np.linspace(np.min(alphas), np.max(alphas), len(alphas))
    )
)
wrong("interpolation_curve", "a list")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, alphas).tolist()
)
wrong("interpolation_curve", "clipped to the segment")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, np.clip(alphas, 0, 1))
)
wrong("interpolation_curve", "swapped ends")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, thetaf, theta0, alphas)
)
wrong("interpolation_curve", "integers")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, alphas).astype(int)
)
wrong("interpolation_curve", "the running minimum")(
    lambda loss_fn, theta0, thetaf, alphas: np.minimum.accumulate(_curve(loss_fn, theta0, thetaf, alphas))
)
wrong("interpolation_curve", "duplicates once")(
    lambda loss_fn, theta0, thetaf, alphas: _curve(loss_fn, theta0, thetaf, dict.fromkeys(np.asarray(alphas).tolist()))
)
wrong("interpolation_curve", "theta0 moves along")(
    lambda loss_fn, theta0, thetaf, alphas: np.array([loss_fn(_walk(theta0, thetaf, a)) for a in alphas])
)
right("interpolation_curve", "comprehension")(_curve)
right("interpolation_curve", "a table to fill")(
    lambda loss_fn, theta0, thetaf, alphas: _filled(loss_fn, theta0, thetaf, alphas)
)
right("interpolation_curve", "np.fromiter")(
    lambda loss_fn, theta0, thetaf, alphas: np.fromiter(
        (loss_fn([A + a * (B - A) for A, B in zip(theta0, thetaf, strict=True)]) for a in alphas), float
    )
)
right("interpolation_curve", "computes differences once, in reverse order")(
    lambda loss_fn, theta0, thetaf, alphas: np.array(
        [
            loss_fn(
                [A + a * D for A, D in zip(theta0, [B - A for A, B in zip(theta0, thetaf, strict=True)], strict=True)]
            )
            for a in list(alphas)[::-1]
        ]
    )[::-1]
)


def _filled(loss_fn, theta0, thetaf, alphas):
    losses = np.empty(len(alphas))
    for i in range(len(alphas)):
        losses[i] = loss_fn([(1 - alphas[i]) * A + alphas[i] * B for A, B in zip(theta0, thetaf, strict=True)])
    return losses


wrong("is_monotone_decreasing", "neighbours")(lambda v, tol: bool(np.all(np.diff(v) <= tol)))
wrong("is_monotone_decreasing", "none is too high: nan passes")(
    lambda v, tol: not np.any(v > np.minimum.accumulate(v) + tol)
)
wrong("is_monotone_decreasing", "nanmin ignores nan")(
    lambda v, tol: bool(np.all((v := v[~np.isnan(v)]) <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "strictly below")(
    lambda v, tol: bool(np.all(v < np.minimum.accumulate(v) + tol)) or len(v) == 1
)
wrong("is_monotone_decreasing", "ignores tol")(lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v))))
wrong("is_monotone_decreasing", "tol relative to the height")(
    lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v) * (1 + tol)))
)
wrong("is_monotone_decreasing", "last against first")(
    lambda v, tol: bool(v[-1] <= v[0] + tol and not np.isnan(v).any())
)
wrong("is_monotone_decreasing", "neighbours and two apart")(
    lambda v, tol: bool(np.all(np.diff(v) <= tol) and np.all(v[2:] - v[:-2] <= tol) and not np.isnan(v).any())
)
wrong("is_monotone_decreasing", "level is not falling")(
    lambda v, tol: bool(np.all(np.diff(v) < 0)) if tol == 0 else bool(np.all(v <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "nan only at the ends")(
    lambda v, tol: bool(
        np.all(np.nan_to_num(v, nan=-np.inf)[1:] <= np.fmin.accumulate(v)[:-1] + tol) and not np.isnan(v[[0, -1]]).any()
    )
)
wrong("is_monotone_decreasing", "a single height of nan")(
    lambda v, tol: len(v) == 1 or bool(np.all(v <= np.minimum.accumulate(v) + tol))
)
wrong("is_monotone_decreasing", "compares with the first height only")(lambda v, tol: bool(np.all(v <= v[0] + tol)))
wrong("is_monotone_decreasing", "one more rounding: isclose")(
    lambda v, tol: bool(
        np.all((v <= np.minimum.accumulate(v) + tol) | np.isclose(v, np.minimum.accumulate(v) + tol, rtol=1e-3))
    )
)
wrong("is_monotone_decreasing", "inf or nan at once: isfinite")(
    lambda v, tol: bool(np.isfinite(v).all() and np.all(np.diff(v) <= tol))
)
right("is_monotone_decreasing", "minimum.accumulate")(lambda v, tol: bool(np.all(v <= np.minimum.accumulate(v) + tol)))
right("is_monotone_decreasing", "all pairs")(
    lambda v, tol: all(v[j] <= v[i] + tol for j in range(len(v)) for i in range(j + 1))
)
right("is_monotone_decreasing", "a loop with the lowest")(lambda v, tol: _falls(v, tol))
right("is_monotone_decreasing", "NumPy's boolean")(lambda v, tol: np.max(v - np.minimum.accumulate(v)) <= tol)


def _falls(v, tol):
    lowest = v[0]
    for height in v:
        if math.isnan(height) or height > lowest + tol:
            return False
        lowest = min(lowest, height)
    return True
