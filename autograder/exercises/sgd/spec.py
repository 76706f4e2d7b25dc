"""The exercises of `04-sgd/sgd.ipynb`.

Random answers are judged by properties that all right answers have, whatever they draw. The inputs are large enough
that a right answer fails by bad luck with a probability below 1e-9.
"""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np

from ... import probe
from ...judging.compare import DifferenceKind, find_difference
from ...judging.model import Exercise, FactoryArg, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, fill_in, predict
from .batches import (
    check_batch_sizes,
    check_draws_from_rng,
    check_every_example_once,
    check_shuffled_every_epoch,
    chunk,
)
from .trainings import (
    check_calls_grad_fn,
    check_epochs,
    check_labels,
    check_number_of_updates,
    check_training_draws_from_rng,
    check_training_shuffled,
    check_updates,
)

MINI = "(Mini-batch) Stochastic Gradient Descent"
TRAINING, PICK = "Mini-batches while training", "How to pick mini-batch size B?"
SAMPLING, SHUFFLING = "“Sampling” description of SGD", "“Shuffling” description of SGD"
SCHEDULE = "SGD: variable learning rate"
NO_SHORTCUTS = ("torch", "tensorflow", "jax", "optax", "keras", "sklearn")
ONLY_RNG = "What decides the batches, apart from rng?"
ONE_PASS = "How often does each example occur in an epoch?"

sgd_predictions = predict("sgd_predictions", "abc", questions=2, points=1, slide=MINI)


# --- minibatches(n, batch_size, rng) ----------------------------------------------------------------------------
# Returns the mini-batches of one epoch, as arrays of indices. Each of the indices 0 to n - 1 is in exactly one batch.
# All batches have batch_size indices; the last one may have fewer. Only rng decides which.


def reference_minibatches(n, batch_size, rng):
    return chunk(rng.permutation(n), batch_size)


def generator_arg(rng):
    """The generator that is passed to the student's function."""
    return FactoryArg("Generator", {"seed": int(rng.integers(2**31))})


def cases_epoch(rng):
    for n, batch_size, about in (
        (10, 4, "n = 10 and batch_size = 4"),
        (12, 3, "n = 12 and batch_size = 3"),
        (5, 1, "batch_size = 1"),
        (7, 7, "batch_size = n"),
        (6, 9, "batch_size > n"),
        (1, 2, "a single example"),
        (300, 64, "n = 300 and batch_size = 64"),
        (301, 3, "n = 301 and batch_size = 3"),
    ):
        yield case(n, batch_size, generator_arg(rng), about=about)


def cases_epochs_repeated(rng):
    """Five epochs with one generator, and five more with an equal generator."""
    yield case(25, 4, generator_arg(rng), rounds=(5, 5), about="n = 25, batch_size = 4 and 5 epochs")


def cases_many_epochs(rng):
    """Enough epochs to notice an example that prefers some batches; then many more examples, and very few."""
    yield case(25, 4, generator_arg(rng), rounds=(64,), about="n = 25, batch_size = 4 and 64 epochs")
    yield case(300, 64, generator_arg(rng), rounds=(2,), about="n = 300, batch_size = 64 and 2 epochs")
    yield case(5, 2, generator_arg(rng), rounds=(16,), about="n = 5, batch_size = 2 and 16 epochs")


minibatches = Exercise(
    signature="minibatches(n, batch_size, rng)",
    slide=SHUFFLING,
    reference=reference_minibatches,
    rules=(
        Rule("every example once", 2, cases_epoch, ONE_PASS, check=check_every_example_once),
        Rule("batch sizes", 1, cases_epoch, "How large is each batch, and the last one?", check=check_batch_sizes),
        Rule(
            "shuffled anew in every epoch",
            1,
            cases_many_epochs,
            "What is shuffled, and which examples can share a batch?",
            check=check_shuffled_every_epoch,
        ),
        Rule("draws only from rng", 1, cases_epochs_repeated, ONLY_RNG, check=check_draws_from_rng),
    ),
    forbids=NO_SHORTCUTS,
)


# --- train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng) ----------------------------------------------
# Mini-batch SGD: num_epochs passes through all examples, shuffled anew for each, with one update per batch. Returns
# the last weights. The rules follow the calls of grad_fn, because many wrong answers also end near the minimum.


def reference_train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def training_case(rng, n, d, batch_size, num_epochs, K=0, unit=1.0, size=1.0, rounds=(), about=""):
    """A training on random data, with a grad_fn that records its calls.

    With K, the weights are a (d, K) matrix. ``unit`` scales the weights and the labels, and with them the gradients.
    ``size`` scales the features: small ones make the learning rate large.
    """
    X, y = size * rng.normal(size=(n, d)), unit * (rng.permutation(n) + rng.uniform(0.2, 0.8, n))  # all labels differ
    b = rng.normal(size=K) if K else np.array(rng.uniform(0.5, 2))
    lr = rng.uniform(0.1, 0.3) / np.sum(X**2, axis=1).max()
    w0 = unit * rng.normal(size=(d, K) if K else d)
    grad_fn = FactoryArg("BatchGradient", {"b": b})
    about = f"n = {n}, batch_size = {batch_size}, num_epochs = {num_epochs}{about}"
    return case(w0, X, y, grad_fn, lr, batch_size, num_epochs, generator_arg(rng), rounds=rounds, about=about)


def cases_training(rng):
    yield training_case(rng, 10, 3, 4, 2)
    yield training_case(rng, 9, 2, 9, 30)
    yield training_case(rng, 5, 4, 1, 2)
    yield training_case(rng, 11, 3, 5, 2, K=4, about=", a matrix of weights")
    yield training_case(rng, 8, 3, 3, 0)
    yield training_case(rng, 6, 3, 8, 2, unit=1e-5, size=0.02, about=", tiny gradients, a large learning rate")
    yield training_case(rng, 1, 2, 1, 2, unit=1e6, size=100, about=", huge gradients, a tiny learning rate")


def cases_training_repeated(rng):
    """Two trainings with one generator, and two more with an equal generator."""
    yield training_case(rng, 33, 3, 11, 4, rounds=(2, 2))


train_sgd = Exercise(
    signature="train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng)",
    slide=SHUFFLING,
    reference=reference_train_sgd,
    rules=(
        Rule(
            "each step: lr times the gradient, downhill",
            2,
            cases_training,
            "Follow one update: at which weights is the gradient taken, and what is subtracted from what?",
            MINI,
            check_trace=check_updates,
        ),
        Rule(
            "labels stay with their examples",
            1,
            cases_training,
            "Which entries of y belong to the rows of X in a batch?",
            check_trace=check_labels,
        ),
        Rule("every epoch takes every example once, in batches", 2, cases_training, ONE_PASS, check_trace=check_epochs),
        Rule(
            "number of updates",
            1,
            cases_training,
            "How many batches does an epoch have, and how many epochs are there?",
            check_trace=check_number_of_updates,
        ),
        Rule(
            "shuffled anew in every epoch",
            1,
            cases_training_repeated,
            "When is the order drawn, and what exactly is shuffled?",
            check_trace=check_training_shuffled,
        ),
        Rule("draws only from rng", 1, cases_training_repeated, ONLY_RNG, check_trace=check_training_draws_from_rng),
        Rule(
            "w0, X and y unchanged",
            1,
            cases_training,
            "Which arrays does your code write to? `-=` and rng.shuffle work in place.",
            mutation="none",
            check_trace=check_calls_grad_fn,
        ),
    ),
    forbids=NO_SHORTCUTS,
)


# --- all_minibatch_gradients(per_example, batch_size) -----------------------------------------------------------
# Returns the mean gradient of every batch of batch_size different examples, one row per batch, in any order.


def reference_all_minibatch_gradients(per_example, batch_size):
    batches = combinations(range(len(per_example)), batch_size)
    return np.array([[math.fsum(column) / batch_size for column in per_example[list(batch)].T] for batch in batches])


@with_strided_repeat
def cases_gradients(rng):
    for n, d, batch_size in ((5, 3, 2), (5, 3, 2), (15, 2, 2), (5, 6, 4), (4, 1, 3)):
        about = f"n = {n}, d = {d}, batch_size = {batch_size}"
        yield case(rng.normal(size=(n, d)), batch_size, about=about)


def cases_special_gradients(rng):
    yield case(rng.permutation(50)[:8].reshape(4, 2), 1, about="integers, batch_size = 1")
    yield case(rng.normal(size=(4, 2)), 4, about="batch_size = n")
    yield case(rng.normal(size=(1, 3)), 1, about="a single example")
    yield case(rng.permutation(50)[:10].reshape(5, 2), 3, about="integers")
    yield case(np.repeat(rng.normal(size=(2, 3)), 2, axis=0), 2, about="pairs of equal examples")


def check_shape(case, value):
    (n, d), batch_size = case.args[0].shape, case.args[1]
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return "it does not return an array of floats"
    is_right = value.shape == (math.comb(n, batch_size), d)
    return None if is_right else f"its shape is {value.shape} instead of (number of batches, d)"


def check_means(case, value):
    """The rows are the means over all batches, in any order."""
    if problem := check_shape(case, value):
        return problem
    want = reference_all_minibatch_gradients(*case.args)
    direction = np.random.default_rng(0).normal(size=want.shape[1])  # different rows differ along this direction
    got, want = (table[np.argsort(table @ direction)] for table in (value.astype(float), want))
    return None if np.allclose(got, want, rtol=1e-9, atol=1e-12) else "the rows are not the means over all batches"


all_minibatch_gradients = Exercise(
    signature="all_minibatch_gradients(per_example, batch_size)",
    slide=MINI,
    reference=reference_all_minibatch_gradients,
    rules=(
        Rule(
            "a row for each batch",
            1,
            cases_gradients,
            "How many ways are there to choose B out of n examples, if their order does not matter?",
            SAMPLING,
            check=check_shape,
        ),
        Rule("a row is the mean over its batch", 2, cases_gradients, "What is the sum divided by?", check=check_means),
        Rule(
            "B = 1, B = n, integers, equal examples",
            1,
            cases_special_gradients,
            "Does your code choose examples or values? Which dtype does it compute in?",
            check=check_means,
        ),
    ),
    forbids=NO_SHORTCUTS,
)

# a C(n, B), b C(n - 1, B - 1), c C(n - 1, B), d B/n, e n/B, f 1/n, g 1/B, h 1
counting = fill_in(
    "counting",
    {"with i": "b", "share": "d", "weight": "f"},
    "abcdefgh",
    points=3,
    slide=SAMPLING,
    hint="Try n = 3 and B = 2: write down all batches.",
)


# --- num_updates(n, batch_size, num_epochs) ---------------------------------------------------------------------
# Returns how many updates `train_sgd` makes, as an int: one per batch in every epoch.


def reference_num_updates(n, batch_size, num_epochs):
    return len(range(0, n, batch_size)) * num_epochs


def cases_without_remainder(rng):
    yield case(int(rng.integers(60, 300)), 1, int(rng.integers(2, 9)), about="batch_size = 1")
    # an even and an odd quotient: `round` rounds halves to even
    for batch_size, odd in ((int(rng.integers(2, 9)), 0), (64, 1)):
        yield case(batch_size * (2 * int(rng.integers(2, 15)) + odd), batch_size, int(rng.integers(2, 9)))


def cases_with_remainder(rng):
    for batch_size in (3, 10, 64):
        full, rest = int(rng.integers(2, 40)), int(rng.integers(1, batch_size))
        yield case(full * batch_size + rest, batch_size, int(rng.integers(2, 9)))
    yield case(10**6 * int(rng.integers(2, 9)) + 1, 10**6, int(rng.integers(2, 9)), about="one example left over")
    yield case(60_000, 4096, int(rng.integers(2, 9)), about="n = 60 000 and batch_size = 4096")
    yield case(5, 8, int(rng.integers(2, 9)), about="batch_size > n")
    yield case(10, 4, 0, about="num_epochs = 0")


num_updates = Exercise(
    signature="num_updates(n, batch_size, num_epochs)",
    slide=SHUFFLING,
    reference=reference_num_updates,
    rules=(
        Rule("batch_size divides n", 1, cases_without_remainder, "How many batches does an epoch have?"),
        Rule("batch_size does not divide n", 1, cases_with_remainder, "What becomes of the examples left over?"),
    ),
)


# --- largest_batch(try_step, start, max_batch=None) -------------------------------------------------------------
# Tries start, 2 start, 4 start, … up to max_batch, and returns the last size that worked before the first MemoryError.
# Any other error, and a MemoryError at start itself, reaches the caller.


def reference_largest_batch(try_step, start, max_batch=None):
    try_step(start)
    size = start
    while max_batch is None or 2 * size <= max_batch:
        try:
            try_step(2 * size)
        except MemoryError:
            break
        size *= 2
    return size


def memory_arg(capacity, **options):
    """A training step that fits into memory for at most ``capacity`` examples, and records the sizes tried."""
    return FactoryArg("Memory", {"capacity": capacity, **options})


def cases_memory_limit(rng):
    yield case(memory_arg(100), 1, about="a capacity of 100 and start = 1")
    yield case(memory_arg(100), 3, about="a capacity of 100 and start = 3")
    power = int(2 ** rng.integers(3, 9))
    yield case(memory_arg(power), 2, about=f"a capacity of {power} and start = 2")
    odd = "a step that returns False and raises a subclass of MemoryError"
    yield case(memory_arg(power - 1, odd=True), 2, about=odd)
    start = int(rng.integers(5, 20))
    yield case(memory_arg(2 * start - 1), start, about="a capacity between start and 2 start")
    yield case(memory_arg(3 * 2**20), 2**9, about="a capacity of three million and start = 512")


def cases_max_batch(rng):
    start = int(rng.integers(3, 8))
    exact = 16 * start
    yield case(memory_arg(10**6), start, exact, about=f"start = {start} and max_batch = {exact}")
    yield case(memory_arg(10**6), start, max_batch=exact - 1, about=f"max_batch = {exact - 1}")
    yield case(memory_arg(5 * start), start, max_batch=exact, about="a capacity below max_batch")
    yield case(memory_arg(10**6), start, max_batch=start, about="max_batch = start")


def cases_other_errors(rng):
    """Steps with a bug, and one without: raising an error in every case is not enough."""
    yield case(memory_arg(100), 4, about="a capacity of 100 and start = 4")
    yield case(memory_arg(1000, broken=int(rng.integers(20, 60))), 4, about="a step with a bug")
    yield case(memory_arg(1000, broken=1), 4, max_batch=8, about="a step that never works")


def cases_start_too_large(rng):
    """A start that fits, and one that does not."""
    yield case(memory_arg(100), 4, about="a capacity of 100 and start = 4")
    yield case(memory_arg(int(rng.integers(2, 9))), 10, about="a capacity below start")


def check_search(case, value, calls):
    """The answer is right, and the sizes that were tried prove it."""
    memory, start = case.args[:2]
    max_batch = case.kwargs.get("max_batch", case.args[2] if len(case.args) > 2 else None)
    want = reference_largest_batch(probe.FACTORIES[memory.name](**memory.params), start, max_batch)
    tried, capacity = calls[0], memory.params["capacity"]
    if difference := find_difference(value, want):
        if tried and max(tried) <= capacity and (max_batch is None or 2 * max(tried) <= max_batch):
            return "it stops although no batch size that it tried was too large"
        is_another_size = difference.kind is DifferenceKind.VALUE and np.isfinite(value)
        return "this is not the last batch size that worked" if is_another_size else difference.message
    if max_batch is not None and any(size > max_batch for size in tried):
        return "it tries a batch size above max_batch"
    if value not in tried:
        return "it returns a batch size that it never tried"
    if 2 * value not in tried and (max_batch is None or 2 * value <= max_batch):
        return "it never tries twice the returned batch size, so it cannot know whether that fits"
    crashes = [size for size in tried if size > capacity]
    return "it tries more batch sizes after the first MemoryError" if len(crashes) > 1 else None


def check_number(case, value):
    """Any number is enough where the rule is about exceptions. Another rule checks the batch size."""
    return None if isinstance(value, int | float | np.number) else "it does not return a number"


largest_batch = Exercise(
    signature="largest_batch(try_step, start, max_batch=None)",
    slide=PICK,
    reference=reference_largest_batch,
    rules=(
        Rule(
            "doubles until memory runs out",
            2,
            cases_memory_limit,
            "Which batch sizes are tried, in which order, and which of them worked?",
            check_trace=check_search,
        ),
        Rule("not beyond max_batch", 1, cases_max_batch, "Which sizes does max_batch allow?", check_trace=check_search),
        Rule(
            "other errors go through",
            1,
            cases_other_errors,
            "Which errors of try_step should reach the caller, and do they at every size?",
            raises="RuntimeError",
            check=check_number,
        ),
        Rule(
            "start must fit",
            1,
            cases_start_too_large,
            "What should happen if start itself does not fit?",
            raises="MemoryError",
            check=check_number,
        ),
    ),
)


# --- scaled_lr(base_lr, base_batch, batch) ----------------------------------------------------------------------
# Returns the learning rate for batches of another size, in proportion to the batch size. An array gives an array.


def reference_scaled_lr(base_lr, base_batch, batch):
    scaled = [float(Fraction(base_lr) * int(size) / base_batch) for size in np.ravel(batch)]
    return np.reshape(scaled, np.shape(batch)) if np.ndim(batch) else scaled[0]


def cases_larger_batches(rng):
    for factor in (2, 8, 64):
        base_batch = int(rng.integers(2, 40))
        about = f"a batch {factor} times as large"
        yield case(rng.uniform(0.01, 0.5), base_batch, factor * base_batch, about=about)


def cases_any_batches(rng):
    yield case(rng.uniform(0.01, 0.5), 64, 1, about="base_batch = 64 and batch = 1")
    yield case(rng.uniform(0.01, 0.5), 64, 64, about="batch = base_batch")
    yield case(rng.uniform(0.01, 0.5), 64, 100, about="base_batch = 64 and batch = 100")
    yield case(1, 100, 32, about="integers")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([1, 8, 48, 60_000]), about="an array of batch sizes")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([48]), about="an array of a single batch size")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([[8, 48, 96], [5, 16, 1]]), about="an array of shape (2, 3)")


scaled_lr = Exercise(
    signature="scaled_lr(base_lr, base_batch, batch)",
    slide=PICK,
    reference=reference_scaled_lr,
    rules=(
        Rule("larger batches", 1, cases_larger_batches, "What happens to lr if the batch doubles in size?", rtol=1e-12),
        Rule("any batch size, arrays", 1, cases_any_batches, "Which ratio is the same for every batch?", rtol=1e-12),
    ),
)


# --- exponential_decay(lr0, c, epoch) ---------------------------------------------------------------------------
# Returns the learning rate of an epoch: lr0 in epoch 0, multiplied by c after every epoch. An array gives an array.


def reference_exponential_decay(lr0, c, epoch):
    rates = [math.prod([float(lr0), *[float(c)] * int(e)]) for e in np.ravel(epoch)]
    return np.reshape(rates, np.shape(epoch)) if np.ndim(epoch) else rates[0]


def cases_one_epoch(rng):
    for epoch in (0, 1, 2, int(rng.integers(5, 40))):
        yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.95), epoch, about=f"epoch {epoch}")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.6), int(rng.integers(130, 200)), about="a late epoch")


def cases_arrays_of_epochs(rng):
    yield case(rng.uniform(0.1, 2), rng.uniform(0.5, 0.95), np.arange(7), about="epochs 0 to 6")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.6), np.array([200, 2, 0]), about="epochs in any order")
    yield case(2, 0.5, np.array([3]), about="an array of a single epoch")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.5, 0.95), np.array([[4, 0, 9], [1, 7, 2]]), about="shape (2, 3)")


exponential_decay = Exercise(
    signature="exponential_decay(lr0, c, epoch)",
    slide=SCHEDULE,
    reference=reference_exponential_decay,
    rules=(
        Rule("one epoch", 1, cases_one_epoch, "How often is the rate multiplied by c before epoch 0?"),
        Rule("many epochs at once", 1, cases_arrays_of_epochs, "Is each rate that of its own epoch?"),
    ),
)

sgd_quiz = choose_all("sgd_quiz", "acd", "abcdef", points=2, slide=TRAINING)
