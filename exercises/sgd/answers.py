"""Known wrong and right answers to the exercises of `04-sgd/sgd.ipynb`."""

import math
from itertools import combinations
from itertools import combinations_with_replacement
from itertools import permutations

def chunk(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]

def batches_of(n, batch_size, rng):
    return minibatches(n, batch_size, rng)

def batches_with_labels(X, y, batch_size, rng):
    return [(X[batch], y[batch]) for batch in batches_of(len(X), batch_size, rng)]

def right_train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for X_batch, y_batch in batches_with_labels(X, y, batch_size, rng):
            w = w - lr * grad_fn(w, X_batch, y_batch)
    return w

train_sgd = right_train_sgd

def batches_among(indices, size):
    return combinations(indices, size)

def right_all_minibatch_gradients(per_example, batch_size):
    batches = batches_among(range(len(per_example)), batch_size)
    return np.array([per_example[list(batch)].mean(axis=0) for batch in batches])

all_minibatch_gradients = right_all_minibatch_gradients

# %% wrong minibatches: drops the last
# hint: It drops the last, smaller batch when batch_size does not divide n.
def minibatches(n, batch_size, rng):
    return chunk(rng.permutation(n)[: n - n % batch_size], batch_size)

# %% wrong minibatches: tuples
# hint: The batches are tuples, which NumPy takes for one index per axis: X[batch] fails. Use arrays.
# names: tuple
# otherwise: The batches are not arrays.
def minibatches(n, batch_size, rng):
    return [tuple(batch) for batch in chunk(rng.permutation(n), batch_size)]

# %% wrong minibatches: with replacement
# hint: It draws with replacement, as rng.choice does by default: some examples are left out.
# names: choice
# otherwise: Some examples occur twice and others are left out, as if drawn with replacement.
def minibatches(n, batch_size, rng):
    return chunk(rng.choice(n, n), batch_size)

# %% wrong minibatches: a fresh sample for each batch
# hint: Each batch is drawn from all examples. That is the sampling description, not the shuffling one.
def minibatches(n, batch_size, rng):
    return [rng.choice(n, size=min(batch_size, n), replace=False) for _ in range(-(-n // batch_size))]

# %% wrong minibatches: not shuffled
# hint: Nothing is shuffled: the examples keep their stored order.
def minibatches(n, batch_size, rng):
    return chunk(np.arange(n), batch_size)

# %% wrong minibatches: order of the batches only
# hint: It shuffles the batches, but the same examples stay together in every epoch.
def minibatches(n, batch_size, rng):
    stored, num_full = chunk(np.arange(n), batch_size), n // batch_size
    return [*(stored[i] for i in rng.permutation(num_full)), *stored[num_full:]]

# %% wrong minibatches: within the batches only
# hint: It shuffles within each batch, but the same examples stay together in every epoch.
def minibatches(n, batch_size, rng):
    return [rng.permutation(batch) for batch in chunk(np.arange(n), batch_size)]

# %% wrong minibatches: a seed of its own
# hint: Every epoch has the same order, whatever rng is: draw from rng.
def minibatches(n, batch_size, rng):
    return chunk(np.random.default_rng(541).permutation(n), batch_size)

# %% wrong minibatches: the last stays last
# hint: The last example comes last in every epoch: it is never shuffled with the others.
def minibatches(n, batch_size, rng):
    return chunk(np.append(rng.permutation(n - 1), n - 1), batch_size)

# %% wrong minibatches: one order, kept
# hint: It keeps the first order that it drew: draw one in every call.
kept = {}

def minibatches(n, batch_size, rng):
    return kept.setdefault((n, batch_size), chunk(rng.permutation(n), batch_size))

# %% wrong minibatches: NumPy's global generator
def minibatches(n, batch_size, rng):
    return chunk(np.random.permutation(n), batch_size)

# %% wrong minibatches: a random start
# hint: Neighbouring examples stay together: is only the start random?
def minibatches(n, batch_size, rng):
    return chunk(np.roll(np.arange(n), rng.integers(n)), batch_size)

# %% wrong minibatches: equal parts
# hint: Its batches have nearly equal sizes. Only the last batch may be smaller.
def minibatches(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))

# %% wrong minibatches: batch_size parts
# hint: batch_size is the number of examples in a batch, not the number of batches.
def minibatches(n, batch_size, rng):
    return np.array_split(rng.permutation(n), batch_size)

# %% wrong minibatches: the rest in the last
# hint: It adds the examples left over to the last full batch, which becomes too large.
def minibatches(n, batch_size, rng):
    order, start = rng.permutation(n), (max(n // batch_size, 1) - 1) * batch_size
    return [*chunk(order[:start], batch_size), order[start:]]

# %% wrong minibatches: last batch filled up
# hint: It fills the last batch up with examples that were taken before.
def minibatches(n, batch_size, rng):
    return chunk(np.resize(rng.permutation(n), -(-n // batch_size) * batch_size), batch_size)

# %% wrong minibatches: one batch too many
# hint: Its last batch is empty when batch_size divides n. How many batches are there then?
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]

# %% wrong minibatches: range to n - 1
# hint: It leaves out the last batch when this batch has a single example. Where does the range of starts end?
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n - 1, batch_size)]

# %% wrong minibatches: no full batch
# hint: It fails if batch_size is larger than n, because no batch is full.
def minibatches(n, batch_size, rng):
    order, num_full = rng.permutation(n), n // batch_size
    batches, rest = np.split(order[: num_full * batch_size], num_full), order[num_full * batch_size :]
    return [*batches, rest] if len(rest) else batches

# %% wrong minibatches: counts from 1
# hint: Indices start at 0.
def minibatches(n, batch_size, rng):
    return [batch + 1 for batch in chunk(rng.permutation(n), batch_size)]

# %% right minibatches: permutation
def minibatches(n, batch_size, rng):
    return chunk(rng.permutation(n), batch_size)

# %% right minibatches: a generator
def minibatches(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]

# %% right minibatches: shuffle a list
def minibatches(n, batch_size, rng):
    order = list(range(n))
    rng.shuffle(order)
    return [np.array(batch) for batch in chunk(order, batch_size)]

# %% right minibatches: random keys
def minibatches(n, batch_size, rng):
    return chunk(np.argsort(rng.random(n)), batch_size)

# %% right minibatches: choice
def minibatches(n, batch_size, rng):
    return chunk(rng.choice(n, size=n, replace=False), batch_size)

# %% right minibatches: split
def minibatches(n, batch_size, rng):
    return np.split(rng.permutation(n), range(batch_size, n, batch_size))

# %% right minibatches: permuted
def minibatches(n, batch_size, rng):
    return tuple(chunk(rng.permuted(np.arange(n)), batch_size))

# %% right minibatches: from what is left
def minibatches(n, batch_size, rng):
    rest, drawn = set(range(n)), []
    while rest:
        batch = rng.choice(sorted(rest), size=min(batch_size, len(rest)), replace=False)
        rest -= set(batch.tolist())
        drawn.append(batch)
    return drawn

# %% right minibatches: sorted within
def minibatches(n, batch_size, rng):
    return map(np.sort, chunk(rng.permutation(n), batch_size))

# %% right minibatches: a child generator
def minibatches(n, batch_size, rng):
    return chunk(rng.spawn(1)[0].permutation(n), batch_size)

# %% right minibatches: a drawn seed
def minibatches(n, batch_size, rng):
    return chunk(np.random.default_rng(rng.integers(2**32)).permutation(n), batch_size)

# %% wrong train_sgd: changes the gradient
# hint: It changes the array that grad_fn returned. Write `lr * g`, which makes a new array.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in minibatches(len(X), batch_size, rng):
            g = grad_fn(w, X[batch], y[batch])
            w = w - lr * (np.multiply(g, 2, out=g) / 2)
    return w

# %% wrong train_sgd: shuffles once
# hint: Epochs repeat the same batches, as if the order was shuffled only once. Shuffle anew in every epoch.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for order in [rng.permutation(len(X))] * num_epochs:
        for batch in chunk(order, batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w

# %% wrong train_sgd: shuffles after the epoch
# hint: The first epoch uses the stored order: shuffle before it.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, order = w0, np.arange(len(X))
    for _ in range(num_epochs):
        for batch in chunk(order, batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
        order = rng.permutation(len(X))
    return w

# %% wrong train_sgd: labels not shuffled
# hint: It shuffles X but not y, so the labels do not match.
def batches_with_labels(X, y, batch_size, rng):
    return zip(chunk(X[rng.permutation(len(X))], batch_size), chunk(y, batch_size), strict=True)

# %% wrong train_sgd: two orders
# hint: X and y are shuffled in two different orders.
def batches_with_labels(X, y, batch_size, rng):
    return zip(chunk(rng.permutation(X), batch_size), chunk(rng.permutation(y), batch_size), strict=True)

# %% wrong train_sgd: one epoch too many
# hint: It trains one epoch too many, like the slide's “e = 0 to numEpochs”.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return right_train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs + 1, rng)

# %% wrong train_sgd: a single epoch
# hint: It makes no update after its first epoch: does the function end too early, or do the batches run out?
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return right_train_sgd(w0, X, y, grad_fn, lr, batch_size, min(num_epochs, 1), rng)

# %% wrong train_sgd: divided by B
# hint: It divides by the batch size, but grad_fn already returns a mean.
def train_sgd(w0, X, y, grad_fn, *others):
    return right_train_sgd(w0, X, y, lambda w, X, y: grad_fn(w, X, y) / len(y), *others)

# %% wrong train_sgd: times B
# hint: It multiplies by the batch size. A step is lr times the mean gradient that grad_fn returns.
def train_sgd(w0, X, y, grad_fn, *others):
    return right_train_sgd(w0, X, y, lambda w, X, y: grad_fn(w, X, y) * len(y), *others)

# %% wrong train_sgd: the last batch counts less
# hint: The update of a smaller batch is scaled down, but grad_fn already returns the mean over its examples.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, *others):
    return right_train_sgd(w0, X, y, lambda w, X, y: grad_fn(w, X, y) * len(y) / batch_size, lr, batch_size, *others)

# %% wrong train_sgd: all examples at every step
# hint: Every step uses all examples instead of those of one batch.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for _ in minibatches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X, y)
    return w

# %% wrong train_sgd: one update per epoch
# hint: All gradients of an epoch are computed at the weights of its start: update after every batch, and pass the
#     new weights to grad_fn.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        epoch = minibatches(len(X), batch_size, rng)
        w = w - lr * sum((grad_fn(w, X[batch], y[batch]) for batch in epoch))
    return w

# %% wrong train_sgd: restarts at w0
# hint: Every epoch starts at w0 again.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        w = right_train_sgd(w0, X, y, grad_fn, lr, batch_size, 1, rng)
    return w

# %% wrong train_sgd: lr decays
# hint: The learning rate decays, but it should stay the same in all epochs.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for epoch in range(num_epochs):
        w = right_train_sgd(w, X, y, grad_fn, lr / (epoch + 1), batch_size, 1, rng)
    return w

# %% wrong train_sgd: updates w0 in place
# hint: It updates w0 in place, which changes the array of the caller.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    for _ in range(num_epochs):
        for batch in minibatches(len(X), batch_size, rng):
            w0 -= lr * grad_fn(w0, X[batch], y[batch])
    return w0

# %% wrong train_sgd: shuffles X in place
# hint: It changes the order of the caller's X and y: shuffle indices instead.
def batches_with_labels(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = (X[order], y[order])
    return zip(chunk(X, batch_size), chunk(y, batch_size), strict=True)

# %% wrong train_sgd: drops the last batch
# hint: It drops the last, smaller batch when batch_size does not divide n.
def batches_of(n, batch_size, rng):
    return chunk(rng.permutation(n)[: n - n % batch_size], batch_size)

# %% wrong train_sgd: one batch too many
# hint: It calls grad_fn with an empty batch when batch_size divides the number of examples.
def batches_of(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size + 1)]

# %% wrong train_sgd: flat weights
# hint: It flattens w0, but the weights may also be a matrix: keep their shape.
def train_sgd(w0, *others):
    return right_train_sgd(w0.ravel(), *others)

# %% wrong train_sgd: with replacement
# hint: It draws with replacement, so an epoch leaves out about a third of the examples.
def batches_of(n, batch_size, rng):
    return chunk(rng.integers(n, size=n), batch_size)

# %% wrong train_sgd: a seed of its own
# hint: Its batches do not depend on rng: draw from rng.
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return right_train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, np.random.default_rng(541))

# %% right train_sgd: in place on a copy
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        for start in range(0, len(X), batch_size):
            w -= lr * grad_fn(w, X[start : start + batch_size], y[start : start + batch_size])
    return w

# %% right train_sgd: one table
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    table, w = np.column_stack([X, y]), w0
    for _ in range(num_epochs):
        rng.shuffle(table)
        for rows in chunk(table, batch_size):
            w = w - lr * grad_fn(w, rows[:, :-1], rows[:, -1])
    return w

# %% right train_sgd: one order, reshuffled
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, order = w0, np.arange(len(X))
    for _ in range(num_epochs):
        rng.shuffle(order)
        for batch in chunk(order, batch_size):
            w = np.subtract(w, np.multiply(lr, grad_fn(w, X.take(batch, axis=0), y.take(batch))))
    return w

# %% right train_sgd: plans ahead
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for order in [rng.permutation(len(X)) for _ in range(num_epochs)]:
        for batch in chunk(order, batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w

# %% right train_sgd: pairs
def train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    pairs, w = list(zip(X, y, strict=True)), w0
    for _ in range(num_epochs):
        pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        for batch in chunk(pairs, batch_size):
            X_batch, y_batch = zip(*batch, strict=True)
            w = w - lr * grad_fn(w, np.array(X_batch), np.array(y_batch))
    return w

# %% right train_sgd: a generator of batches
def batches_of(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]

# %% right train_sgd: a child generator
def batches_of(n, batch_size, rng):
    return minibatches(n, batch_size, rng.spawn(1)[0])

# %% wrong all_minibatch_gradients: sum
# hint: It sums over the batch instead of averaging: look for 1/B on the slide.
def all_minibatch_gradients(per_example, batch_size):
    return batch_size * right_all_minibatch_gradients(per_example, batch_size)

# %% wrong all_minibatch_gradients: divided by n
# hint: It divides by n, but a batch has B examples.
def all_minibatch_gradients(per_example, batch_size):
    return right_all_minibatch_gradients(per_example, batch_size) * batch_size / len(per_example)

# %% wrong all_minibatch_gradients: with replacement
# hint: Some batches contain an example twice, as if drawn with replacement.
def batches_among(indices, size):
    return combinations_with_replacement(indices, size)

# %% wrong all_minibatch_gradients: every order
# hint: It lists a batch once for every order of its examples.
def all_minibatch_gradients(per_example, batch_size):
    batches = list(permutations(range(len(per_example)), batch_size))
    return per_example[np.array(batches, dtype=int)].mean(axis=1)

# %% wrong all_minibatch_gradients: neighbours
# hint: It takes only neighbouring examples, but any B examples form a batch.
def batches_among(indices, size):
    return [indices[i : i + size] for i in range(len(indices) - size + 1)]

# %% wrong all_minibatch_gradients: integer dtype
# hint: The means of integers are cut off to integers: they are floats.
def all_minibatch_gradients(per_example, batch_size):
    means = right_all_minibatch_gradients(per_example, batch_size)
    return means.astype(per_example.dtype)

# %% wrong all_minibatch_gradients: one epoch
# hint: It cuts the examples into batches once, but there are many more batches.
def batches_among(indices, size):
    return chunk(indices, size)

# %% wrong all_minibatch_gradients: along the features
# hint: It averages over the features instead of the examples.
def all_minibatch_gradients(per_example, batch_size):
    return np.array([np.mean(batch, axis=1) for batch in combinations(per_example, batch_size)])

# %% wrong all_minibatch_gradients: the full gradient
# hint: Every row is the mean over all examples instead of the mean over one batch.
def all_minibatch_gradients(per_example, batch_size):
    return np.tile(per_example.mean(axis=0), (math.comb(len(per_example), batch_size), 1))

# %% wrong all_minibatch_gradients: different values only
# hint: Two batches with the same gradient are still two batches.
def all_minibatch_gradients(per_example, batch_size):
    return np.unique(right_all_minibatch_gradients(per_example, batch_size), axis=0)

# %% wrong all_minibatch_gradients: whole numbers
# hint: The means are rounded down to whole numbers.
def all_minibatch_gradients(per_example, batch_size):
    return np.array([np.sum(batch, axis=0) // batch_size * 1.0 for batch in combinations(per_example, batch_size)])

# %% wrong all_minibatch_gradients: median
# hint: It takes the median instead of the mean.
def all_minibatch_gradients(per_example, batch_size):
    return np.array([np.median(batch, axis=0) for batch in combinations(per_example, batch_size)])

# %% right all_minibatch_gradients: combinations
def all_minibatch_gradients(per_example, batch_size):
    return np.array([np.mean(batch, axis=0) for batch in combinations(per_example, batch_size)])

# %% right all_minibatch_gradients: all at once
def all_minibatch_gradients(per_example, batch_size):
    return per_example[np.array(list(combinations(range(len(per_example)), batch_size)))].mean(axis=1)

# %% right all_minibatch_gradients: masks
def all_minibatch_gradients(per_example, batch_size):
    n = len(per_example)
    masks = [[number >> i & 1 for i in range(n)] for number in range(2**n) if number.bit_count() == batch_size]
    return np.array(masks) @ per_example / batch_size

# %% right all_minibatch_gradients: backwards
def all_minibatch_gradients(per_example, batch_size):
    return right_all_minibatch_gradients(per_example[::-1], batch_size)

# %% wrong scaled_lr: square root
# hint: It grows with the square root of the batch size: the slide has another rule.
def scaled_lr(base_lr, base_batch, batch):
    return base_lr * np.sqrt(batch / base_batch)

# %% wrong scaled_lr: inverse
# hint: The ratio is upside down: does the learning rate grow or shrink with the batch?
def scaled_lr(base_lr, base_batch, batch):
    return base_lr * base_batch / batch

# %% wrong scaled_lr: floor
# hint: The ratio is rounded down: keep its fraction.
def scaled_lr(base_lr, base_batch, batch):
    return base_lr * (batch // base_batch)

# %% wrong scaled_lr: added
# hint: It adds to base_lr: “proportionally” means to multiply by a factor.
def scaled_lr(base_lr, base_batch, batch):
    return base_lr + (batch - base_batch) / base_batch

# %% wrong scaled_lr: only upwards
# hint: For a smaller batch, the learning rate should shrink.
def scaled_lr(base_lr, base_batch, batch):
    return base_lr * np.maximum(batch / base_batch, 1)

# %% wrong scaled_lr: rounded
# hint: It rounds the learning rate: return it unrounded.
def scaled_lr(base_lr, base_batch, batch):
    return np.round(base_lr * batch / base_batch, 4)

# %% wrong scaled_lr: capped
# hint: It caps the learning rate, which is not part of this rule.
def scaled_lr(base_lr, base_batch, batch):
    return np.minimum(base_lr * batch / base_batch, 1)

# %% right scaled_lr: times and divided
def scaled_lr(base_lr, base_batch, batch):
    return base_lr * batch / base_batch

# %% right scaled_lr: NumPy
def scaled_lr(base_lr, base_batch, batch):
    return np.multiply(base_lr, np.divide(batch, base_batch))

# %% right scaled_lr: by logarithms
def scaled_lr(base_lr, base_batch, batch):
    return np.exp(np.log(base_lr) + np.log(batch) - np.log(base_batch))

# %% wrong too_few_updates: nothing left over
# hint: When batch_size divides n, the formula is right.
too_few_updates = {"n": 28, "batch_size": 4, "num_epochs": 7}

# %% wrong too_few_updates: one epoch
# hint: In one epoch, the formula misses one update at most.
too_few_updates = {"n": 10, "batch_size": 4, "num_epochs": 1}

# %% wrong too_few_updates: seven left over
# hint: Seven examples left over are one batch, so one update.
too_few_updates = {"n": 27, "batch_size": 20, "num_epochs": 1}

# %% wrong too_few_updates: seven more epochs
# hint: Each epoch has one smaller batch, also the first.
too_few_updates = {"n": 10, "batch_size": 4, "num_epochs": 8}

# %% right too_few_updates: one example left over
too_few_updates = {"n": 1000, "batch_size": 37, "num_epochs": 7}

# %% right too_few_updates: fewer examples than a batch
too_few_updates = {"n": 3, "batch_size": 1000, "num_epochs": 7}

# %% right too_few_updates: NumPy numbers
too_few_updates = {"n": np.int64(9), "batch_size": np.array(2), "num_epochs": np.array([7])}

# %% right too_few_updates: floats
too_few_updates = {"n": 9.0, "batch_size": 2.0, "num_epochs": 7.0}

# %% wrong exponential_decay: counts the rates
# hint: It does not use the numbers in an array of epochs: they may come in any order.
def exponential_decay(lr0, c, epoch):
    if np.ndim(epoch):
        return lr0 * c ** np.arange(np.size(epoch)).reshape(np.shape(epoch))
    return lr0 * c**epoch

# %% wrong exponential_decay: range from 1
# hint: For a single epoch, it multiplies once too rarely: epoch 1 already has one factor c.
def exponential_decay(lr0, c, epoch):
    if np.ndim(epoch):
        return lr0 * c**epoch
    lr = lr0
    for _ in range(1, epoch):
        lr = lr * c
    return lr

# %% wrong exponential_decay: one too many
# hint: Epoch 0 has lr0: multiply by c *after* every epoch.
def exponential_decay(lr0, c, epoch):
    return lr0 * c ** (epoch + 1)

# %% wrong exponential_decay: one too few
# hint: Epoch 1 already has one factor c.
def exponential_decay(lr0, c, epoch):
    return lr0 * c ** np.maximum(epoch - 1, 0)

# %% wrong exponential_decay: linear
# hint: It falls by the same amount each time: multiply instead.
def exponential_decay(lr0, c, epoch):
    return lr0 * (1 - (1 - c) * epoch)

# %% wrong exponential_decay: times epoch
# hint: It multiplies by the epoch, so it is 0 in epoch 0.
def exponential_decay(lr0, c, epoch):
    return lr0 * c * epoch

# %% wrong exponential_decay: once
# hint: It multiplies by c once, whatever the epoch.
def exponential_decay(lr0, c, epoch):
    return lr0 * c + 0.0 * epoch

# %% wrong exponential_decay: grows
# hint: It grows, but c is below 1.
def exponential_decay(lr0, c, epoch):
    return lr0 / c**epoch

# %% wrong exponential_decay: e to the minus c
# hint: It decays by the factor exp(-c) instead of c itself.
def exponential_decay(lr0, c, epoch):
    return lr0 * np.exp(-c * epoch)

# %% wrong exponential_decay: e to the c - 1
# hint: It decays by the factor exp(c - 1), which is near c only if c is near 1.
def exponential_decay(lr0, c, epoch):
    return lr0 * np.exp((c - 1) * epoch)

# %% wrong exponential_decay: inverse time
# hint: It divides by 1 + c epoch instead.
def exponential_decay(lr0, c, epoch):
    return lr0 / (1 + c * epoch)

# %% wrong exponential_decay: 1/t
# hint: It divides by epoch + 1: multiply by c instead.
def exponential_decay(lr0, c, epoch):
    return lr0 / (epoch + 1)

# %% wrong exponential_decay: lr0 inside
# hint: lr0 itself is not raised to a power.
def exponential_decay(lr0, c, epoch):
    return (lr0 * c) ** epoch

# %% right exponential_decay: a power
def exponential_decay(lr0, c, epoch):
    return lr0 * c**epoch

# %% right exponential_decay: by logarithms
def exponential_decay(lr0, c, epoch):
    return np.exp(np.log(lr0) + epoch * np.log(c))

# %% right exponential_decay: a list of rates
def exponential_decay(lr0, c, epoch):
    return np.array([lr0 * c**e for e in epoch]) if np.ndim(epoch) else lr0 * c**epoch

# %% right exponential_decay: in a loop
def exponential_decay(lr0, c, epoch):
    rates = [math.prod([float(lr0), *[float(c)] * int(e)]) for e in np.ravel(epoch)]
    return np.reshape(rates, np.shape(epoch)) if np.ndim(epoch) else rates[0]
