"""The exercises of `04-sgd/sgd.ipynb`.

Random answers are judged by properties that all right answers have, whatever they draw. The inputs are large enough
that a right answer fails by bad luck with a probability below 1e-9.
"""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np

from autograder.judging.cases import FactoryArg, case, with_strided_repeat
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, fill_in, predict
from lectrain.shortcuts import SHORTCUTS

from ..factories import BatchGradient
from .batches import chunk
from .epochs import check_batch_sizes, check_draws_from_rng, check_every_example_once, check_shuffled_every_epoch
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
ONLY_RNG = "Does rng alone decide the batches, and does every call draw new numbers from it?"
ONE_PASS = "How often does each example occur in an epoch?"

sgd_predictions = predict("sgd_predictions", "abc", questions=2, points=1, slide=MINI)


# --- minibatches(n, batch_size, rng) ----------------------------------------------------------------------------
# Returns the mini-batches of one epoch, as arrays of indices. Each of the indices 0 to n - 1 is in exactly one batch.
# All batches have batch_size indices; the last one may have fewer. Only rng decides which.


def reference_minibatches(n, batch_size, rng):
    return chunk(rng.permutation(n), batch_size)


def generator_arg(rng):
    """The generator that is passed to the student's function."""
    return FactoryArg(np.random.default_rng, {"seed": int(rng.integers(2**31))})


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
    """Twelve epochs with one generator, and twelve more with an equal generator. With few, some would agree by luck."""
    yield case(25, 4, generator_arg(rng), rounds=(12, 12), about="n = 25, batch_size = 4 and 12 epochs")


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
        Rule(
            "batch sizes",
            1,
            cases_epoch,
            "How many batches are there, and how large is each?",
            check=check_batch_sizes,
        ),
        Rule(
            "shuffled anew in every epoch",
            1,
            cases_many_epochs,
            "What is shuffled, and which examples can share a batch?",
            check=check_shuffled_every_epoch,
        ),
        Rule("draws only from rng", 1, cases_epochs_repeated, ONLY_RNG, check=check_draws_from_rng),
    ),
    forbids=SHORTCUTS,
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
    grad_fn = FactoryArg(BatchGradient, {"b": b})
    about = f"n = {n}, batch_size = {batch_size}, num_epochs = {num_epochs}{about}"
    return case(w0, X, y, grad_fn, lr, batch_size, num_epochs, generator_arg(rng), rounds=rounds, about=about)


def cases_training(rng):
    yield training_case(rng, 10, 3, 4, 2)
    yield training_case(rng, 9, 2, 9, 30)
    yield training_case(rng, 5, 4, 1, 2)
    yield training_case(rng, 11, 3, 5, 2, K=4, about=", a matrix of weights")
    yield training_case(rng, 8, 3, 3, 0)
    yield training_case(rng, 6, 3, 8, 2, unit=1e-5, size=0.02, about=", tiny gradients, a large learning rate")
    yield training_case(rng, 6, 3, 2, 2, unit=1e-10, about=", steps shorter than 1e-8")
    X, w0 = np.array([[1.0, 0], [2, 1], [3, 5], [4, 2]]), np.array([1.0, 2])
    grad_fn = FactoryArg(BatchGradient, {"b": np.array(1.0)})
    about = "a start where every gradient is 0"
    yield case(w0, X, X @ w0, grad_fn, 0.01, 3, 2, generator_arg(rng), about=about)
    yield training_case(rng, 1, 2, 1, 2, unit=1e8, size=100, about=", huge gradients, a tiny learning rate")


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
            "How many batches are there per epoch, how many epochs, and how many calls of grad_fn per batch?",
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
    forbids=SHORTCUTS,
)


# --- all_minibatch_gradients(per_example, batch_size) -----------------------------------------------------------
# Returns the mean gradient of every batch of batch_size different examples, one row per batch, in any order.


def reference_all_minibatch_gradients(per_example, batch_size):
    batches = combinations(range(len(per_example)), batch_size)
    return np.array([[math.fsum(column) / batch_size for column in per_example[list(batch)].T] for batch in batches])


@with_strided_repeat
def cases_gradients(rng):
    for n, d, batch_size in ((5, 3, 2), (5, 3, 2), (15, 2, 2), (5, 6, 4), (4, 1, 3), (12, 2, 6)):
        about = f"n = {n}, d = {d}, batch_size = {batch_size}"
        yield case(rng.normal(size=(n, d)), batch_size, about=about)


def cases_special_gradients(rng):
    yield case(rng.permutation(50)[:8].reshape(4, 2), 1, about="integers, batch_size = 1")
    yield case(rng.normal(size=(4, 2)), 4, about="batch_size = n")
    yield case(rng.normal(size=(1, 3)), 1, about="a single example")
    yield case(rng.permutation(50)[:10].reshape(5, 2), 3, about="integers")
    yield case(np.repeat(rng.normal(size=(2, 3)), 2, axis=0), 2, about="pairs of equal examples")


def check_shape(call, value):
    (n, d), batch_size = call.args[0].shape, call.args[1]
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return "it does not return an array of floats"
    is_right = value.shape == (math.comb(n, batch_size), d)
    return None if is_right else f"its shape is {value.shape} instead of (number of batches, d)"


def check_means(call, value):
    """The rows are the means over all batches, in any order."""
    if problem := check_shape(call, value):
        return problem
    want = reference_all_minibatch_gradients(*call.args)
    direction = np.random.default_rng(0).normal(size=want.shape[1])  # different rows differ along this direction
    got, want = (table[np.argsort(table @ direction)] for table in (value.astype(float), want))
    if np.allclose(got, want, rtol=1e-9, atol=1e-12):
        return None
    rounded = ", only up to rounding, as in float32" if np.allclose(got, want, rtol=1e-3, atol=1e-6) else ""
    return f"the rows are not the means over all batches{rounded}"


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
        Rule(
            "a row is the mean over its batch",
            2,
            cases_gradients,
            "How is a row computed from the rows of its batch? What does a mean divide by?",
            check=check_means,
            property="The mean of all rows is the mean of all examples.",
        ),
        Rule(
            "B = 1, B = n, integers, equal examples",
            1,
            cases_special_gradients,
            "Does your code choose examples or values? Which dtype does it compute in?",
            check=check_means,
            property="The mean of all rows is the mean of all examples.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- counting: three blanks -------------------------------------------------------------------------------------
# a C(n, B), b C(n - 1, B - 1), c C(n - 1, B), d B/n, e n/B, f 1/n, g 1/B, h 1
counting = fill_in(
    "counting",
    {"with i": "b", "share": "d", "weight": "f"},
    "abcdefgh",
    points=3,
    slide=SAMPLING,
    hint="Try n = 3 and B = 2: write down all batches.",
    explain={
        "with i": "A batch that contains i has B − 1 further examples, chosen from the other n − 1.",
        "share": "Each batch contains B of the n examples, and all examples are in equally many batches, so each is "
        "in the share B/n of them.",
        "weight": "The factor 1/B times the share B/n is 1/n, which is the weight of every example in the full "
        "gradient.",
    },
)


# --- scaled_lr(base_lr, base_batch, batch) ----------------------------------------------------------------------
# Returns the learning rate for batches of another size, in proportion to the batch size. An array gives an array.


def reference_scaled_lr(base_lr, base_batch, batch):
    scaled = [float(Fraction(base_lr) * int(size) / base_batch) for size in np.ravel(batch)]
    return np.reshape(scaled, np.shape(batch)) if np.ndim(batch) else scaled[0]


def extreme_learning_rates(batch):
    """Rates that any rounding to decimals, and any limit, changes."""
    yield case(1e-20 / 3, 64, batch, about="a tiny learning rate")
    yield case(1e20 / 3, 64, batch, about="a huge learning rate")


def cases_larger_batches(rng):
    for factor in (2, 8, 64):
        base_batch = int(rng.integers(2, 40))
        about = f"a batch {factor} times as large"
        yield case(rng.uniform(0.01, 0.5), base_batch, factor * base_batch, about=about)
    yield from extreme_learning_rates(384)


def cases_any_batches(rng):
    yield from extreme_learning_rates(96)
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
        Rule(
            "larger batches",
            1,
            cases_larger_batches,
            "What happens to lr if the batch doubles in size?",
            rtol=1e-12,
            property="The learning rate per example of a batch stays the same.",
        ),
        Rule(
            "any batch size, arrays",
            1,
            cases_any_batches,
            "Which ratio is the same for every batch?",
            rtol=1e-12,
            property="The learning rate per example of a batch stays the same.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- too_few_updates --------------------------------------------------------------------------------------------
# The formula drops the last, smaller batch of each epoch, so it is too small by the number of epochs.


def count_updates(n, batch_size, num_epochs):
    return len(range(0, n, batch_size)) * num_epochs


def floor_updates(n, batch_size, num_epochs):
    return n // batch_size * num_epochs


def demand_seven_missing(*inputs):
    missing = count_updates(*inputs) - floor_updates(*inputs)
    return None if missing == 7 else f"the formula is {missing} too small, not 7"


too_few_updates = refute(
    "too_few_updates",
    {
        "n": Input(1, 1000, whole=True),
        "batch_size": Input(1, 1000, whole=True),
        "num_epochs": Input(1, 100, whole=True),
    },
    reference=count_updates,
    wrong=floor_updates,
    demand=demand_seven_missing,
    answer={"n": 10, "batch_size": 4, "num_epochs": 7},
    points=1,
    slide=SHUFFLING,
    hint="How many updates of an epoch does `//` leave out?",
)


# --- exponential_decay(lr0, c, epoch) ---------------------------------------------------------------------------
# Returns the learning rate of an epoch: lr0 in epoch 0, multiplied by c after every epoch. An array gives an array.


def reference_exponential_decay(lr0, c, epoch):
    rates = [math.prod([float(lr0), *[float(c)] * int(e)]) for e in np.ravel(epoch)]
    return np.reshape(rates, np.shape(epoch)) if np.ndim(epoch) else rates[0]


def cases_one_epoch(rng):
    lr0, c = rng.uniform(0.1, 2), rng.uniform(0.3, 0.95)
    for epoch in (0, 1, 2, int(rng.integers(5, 40))):
        yield case(lr0, c, epoch, about=f"epoch {epoch}")
    yield case(2 * lr0, c, 2, about="epoch 2, with twice the first rate")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.6), int(rng.integers(130, 200)), about="a late epoch")
    yield case(rng.uniform(0.1, 2), 0.999, 3000, about="epoch 3000")


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
        Rule(
            "one epoch",
            1,
            cases_one_epoch,
            "How often is the rate multiplied by c before epoch 0, and before epoch 1?",
            property="Each epoch has c times the rate of the epoch before.",
        ),
        Rule(
            "many epochs at once",
            1,
            cases_arrays_of_epochs,
            "Is each rate that of its own epoch?",
            property="Each epoch has c times the rate of the epoch before.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- sgd_quiz ---------------------------------------------------------------------------------------------------

sgd_quiz = choose_all(
    "sgd_quiz",
    "ab",
    "abc",
    points=2,
    slide=TRAINING,
    explain={
        "a": "As long as B is small compared with n, the error falls like 1/√B, and √100 = 10.",
        "b": "The mean over all batches is the full gradient, and at the best weights the full gradient is 0.",
        "c": "On our pictures, the rule of proportion fails for such a large batch: after one step at 93.75 with "
        "all of them, the loss is higher than before.",
    },
)
