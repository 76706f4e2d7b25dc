"""The exercises of `04-sgd/sgd.ipynb`.

What is random is judged by property, never by outcome: a property that a right answer has whatever it draws, and in
whatever way it draws it. Shuffled inputs are so large that two right shuffles never agree (odds below 1e-12).
"""

import math
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, permutations, product

import numpy as np

from ... import probe
from ...judging.compare import DifferenceKind, describe_difference, find_difference
from ...judging.model import Exercise, FactoryArg, Mistake, Rule, case, with_strided_repeat
from ...judging.quizzes import choose_all, fill_in, predict

SGD, MINI = "Stochastic Gradient Descent", "(Mini-batch) Stochastic Gradient Descent"
TRAINING, PICK = "Mini-batches while training", "How to pick mini-batch size B?"
SAMPLING, SHUFFLING = "“Sampling” description of SGD", "“Shuffling” description of SGD"
SCHEDULE = "SGD: variable learning rate"
NO_SHORTCUTS = ("torch", "tensorflow", "jax", "optax", "keras", "sklearn")

sgd_predictions = predict("sgd_predictions", "abc", questions=2, points=1, slide=MINI)


# --- minibatches(n, batch_size, rng) ----------------------------------------------------------------------------


def generator(rng):
    """The random numbers that the student's function is handed."""
    return FactoryArg("Generator", {"seed": int(rng.integers(2**31))})


def epochs(rng):
    for n, batch_size, about in (
        (10, 4, "n = 10 and batch_size = 4"),
        (12, 3, "n = 12 and batch_size = 3"),
        (5, 1, "batch_size = 1"),
        (7, 7, "batch_size = n"),
        (6, 9, "batch_size > n"),
        (1, 2, "a single example"),
        (300, 64, "n = 300 and batch_size = 64"),
    ):
        yield case(n, batch_size, generator(rng), about=about)


def several_epochs(rng):
    """Twice five epochs: the second five begin with an equal generator."""
    yield case(25, 4, generator(rng), rounds=(5, 5), about="five epochs with one rng")


def epochs_in_a_row(rng):
    """So many that a place which an example prefers stands out; then far more examples, and very few."""
    yield case(25, 4, generator(rng), rounds=(64,), about="64 epochs with one rng")
    yield case(300, 64, generator(rng), rounds=(2,), about="two epochs of 300 examples")
    yield case(5, 2, generator(rng), rounds=(16,), about="16 epochs of 5 examples")


class MalformedAnswer(ValueError):
    """What came back has no such form; the message says in words what it lacks."""


def indices(batch):
    numbers = np.asarray(batch) if isinstance(batch, list | np.ndarray) else None
    if numbers is None or numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise MalformedAnswer("a batch is not an array of indices of shape (B,)")
    return numbers.astype(int)  # what follows must not overflow


def batches(value):
    """The batches of an epoch as arrays of indices."""
    if not isinstance(value, list | tuple | np.ndarray):
        raise MalformedAnswer("it returns no list of batches")
    return [indices(batch) for batch in value]


def in_words(holds):
    """A property that complains of unreadable values instead of failing on them."""

    def property_of(asked, *seen):
        try:
            return holds(asked, *seen)
        except MalformedAnswer as wrong:
            return str(wrong)
        except (TypeError, ValueError, IndexError):  # such as lists of unequal lengths
            return "what it returns is no list of batches"

    return property_of


@in_words
def takes_every_example_once(asked, value):
    n = asked.args[0]
    return taken_once(np.concatenate([*batches(value), np.empty(0, int)]), n)


def taken_once(seen, n):
    if seen.size and (seen.min() < 0 or seen.max() >= n):
        return "an index is not one of 0 to n - 1"
    counts = np.bincount(seen.astype(int), minlength=n)
    if (counts > 1).any():
        return "an example is taken more than once"
    return "an example is left out" if (counts < 1).any() else None


@in_words
def has_the_sizes(asked, value):
    n, batch_size, _ = asked.args
    sizes = [len(batch) for batch in batches(value)]
    return None if sizes == sizes_of(n, batch_size) else "its batches do not have the sizes asked for"


def sizes_of(n, batch_size):
    return [batch_size] * (n // batch_size) + [n % batch_size] * (n % batch_size > 0)


def company(epoch):
    """Which examples share a batch, whatever the order of the batches and within them."""
    return {frozenset(batch.tolist()) for batch in epoch}


def not_shuffled(epoch, n):
    """Whether all its batches are runs of neighbours; the first example is the last one's neighbour."""
    gaps = [np.diff(np.sort(batch), append=np.sort(batch)[:1] + n) for batch in epoch if len(batch)]
    return all((gap != 1).sum() <= 1 for gap in gaps)


def complain_of_order(shuffled, n):
    """What is wrong with the order of some epochs, if anything."""
    if any(not_shuffled(epoch, n) for epoch in shuffled):
        return "neighbours stay together in a batch"
    if any(a == b for a, b in combinations(map(company, shuffled), 2)):
        return "two epochs have the same batches"
    return None


def prefers_a_place(shuffled, n):
    """Whether an example, or those that are stored first, come early or late on average.

    By seven standard errors: odds below 1e-9.
    """
    places = places_in(shuffled)
    if places.shape[1:] != (n,):
        return False  # that an example is missing is another rule
    early = places.mean(axis=0) - places[0].mean()
    error = places[0].std() / math.sqrt(len(places))
    stored = np.arange(n) - (n - 1) / 2
    drift = early @ stored / math.sqrt(stored @ stored * n / (n - 1))
    return max(*abs(early), abs(drift)) > 7 * error


def stay_together(shuffled, n):
    """Whether two examples share a batch in most of many epochs.

    Of 64 epochs of 25 examples in fours more than half: odds below 1e-10.
    """
    places = places_in(shuffled)
    if len(places) < 64 or places.shape[1:] != (n,):
        return False
    together = (places[:, :, None] == places[:, None]).mean(axis=0)
    return (together - np.eye(n)).max() > 0.5


def places_in(shuffled):
    """For each epoch the number of every example's batch."""
    return np.array([[number for _, number in sorted(placed(epoch))] for epoch in shuffled])


def placed(epoch):
    """Every example with the number of its batch."""
    return [(int(example), number) for number, batch in enumerate(epoch) for example in batch]


@in_words
def shuffles_anew(asked, value):
    (drawn,), n = value, asked.args[0]
    shuffled = [batches(epoch) for epoch in drawn]
    if n < 10:  # so few that two right epochs may agree, but never all of them
        alike = all(company(epoch) == company(shuffled[0]) for epoch in shuffled)
        return "all epochs have the same batches" if alike else None
    if wrong := complain_of_order(shuffled, n):
        return wrong
    if stay_together(shuffled, n):
        return "the same examples share a batch in most epochs"
    return "an example keeps to early or to late batches" if prefers_a_place(shuffled, n) else None


@in_words
def draws_from_rng(asked, value):
    first, again = ([batches(epoch) for epoch in once] for once in value)
    if all(company(epoch) == company(first[0]) for epoch in first):
        return "its batches do not depend on rng"
    alike = all(company(a) == company(b) for a, b in zip(first, again, strict=True))
    return None if alike else "with an equal rng it makes other batches"


def cut(order, batch_size):
    """Slices of an order: the one thing that all right answers have in common."""
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def shuffled_batches(n, batch_size, rng):
    return cut(rng.permutation(n), batch_size)


def one_batch_after_the_other(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def shuffles_a_list(n, batch_size, rng):
    order = list(range(n))
    rng.shuffle(order)
    return cut(order, batch_size)


def draws_from_what_is_left(n, batch_size, rng):
    left, drawn = set(range(n)), []
    while left:
        batch = rng.choice(sorted(left), size=min(batch_size, len(left)), replace=False)
        left -= set(batch.tolist())
        drawn.append(batch)
    return drawn


def swaps(n, batch_size, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last + 1)
        order[[last, other]] = order[[other, last]]
    return cut(order, batch_size)


def sorted_by_lot(n, batch_size, rng):
    lots = {i: rng.random() for i in range(n)}
    return cut(sorted(lots, key=lots.get), batch_size)


def pops(n, batch_size, rng):
    left, drawn = list(range(n)), []
    while left:
        batch = []
        while left and len(batch) < batch_size:
            batch.append(left.pop(int(rng.integers(len(left)))))
        drawn.append(np.array(batch))
    return drawn


def shuffles_the_batches(n, batch_size, rng):
    slices, full = cut(np.arange(n), batch_size), n // batch_size
    return [*(slices[i] for i in rng.permutation(full)), *slices[full:]]


def last_stays_last(n, batch_size, rng):
    return cut([*rng.permutation(n - 1), n - 1], batch_size)


def in_two_halves(n, batch_size, rng):
    return cut([*rng.permutation(n // 2), *(n // 2 + rng.permutation(n - n // 2))], batch_size)


def remainder_in_the_last(n, batch_size, rng):
    order, full = rng.permutation(n), max(n // batch_size, 1)
    return [*cut(order[: (full - 1) * batch_size], batch_size), order[(full - 1) * batch_size :]]


minibatches = Exercise(
    signature="minibatches(n, batch_size, rng)",
    slide=SHUFFLING,
    reference=shuffled_batches,
    rules=(
        Rule(
            "every example once",
            2,
            epochs,
            "An epoch is a single pass through the entire training set.",
            check=takes_every_example_once,
        ),
        Rule("the sizes", 1, epochs, "What is left over makes a last, smaller batch.", check=has_the_sizes),
        Rule(
            "shuffled, and anew in every epoch",
            1,
            epochs_in_a_row,
            "Randomize the order of the *examples*, before they are cut into batches.",
            check=shuffles_anew,
        ),
        Rule(
            "draws from the rng it is given",
            1,
            several_epochs,
            "Only `rng` may decide: no other source of random numbers, and no seed of your own.",
            check=draws_from_rng,
        ),
    ),
    mistakes={
        "drops the last": Mistake(
            lambda n, batch_size, rng: cut(rng.permutation(n)[: n - n % batch_size], batch_size),
            "It drops what is left over when batch_size does not divide n.",
        ),
        "with replacement": Mistake(
            lambda n, batch_size, rng: cut(rng.choice(n, n), batch_size),
            "It draws with replacement, as rng.choice does unless told otherwise: some examples never come.",
        ),
        "a fresh sample for each batch": Mistake(
            lambda n, batch_size, rng: [
                rng.choice(n, size=min(batch_size, n), replace=False) for _ in range(-(-n // batch_size))
            ],
            "Each batch is drawn from all examples: that is the sampling description, not the shuffling one.",
        ),
        "not shuffled": Mistake(
            lambda n, batch_size, rng: cut(np.arange(n), batch_size), "The examples come in the order they are stored."
        ),
        "order of the batches only": Mistake(
            shuffles_the_batches, "It shuffles the batches, but the same examples stay together in every epoch."
        ),
        "within the batches only": Mistake(
            lambda n, batch_size, rng: [rng.permutation(batch) for batch in cut(np.arange(n), batch_size)],
            "It shuffles within each batch: the same examples stay together in every epoch.",
        ),
        "a seed of its own": Mistake(
            lambda n, batch_size, rng: shuffled_batches(n, batch_size, np.random.default_rng(541)),
            "It makes a generator of its own, with a fixed seed: every epoch has the same order.",
        ),
        "the last stays last": Mistake(
            last_stays_last, "The last example comes last in every epoch: it is never shuffled with the others."
        ),
        "in two halves": Mistake(
            in_two_halves, "It shuffles each half by itself: who is in the first half always comes early."
        ),
        "another generator": Mistake(
            lambda n, batch_size, rng: shuffled_batches(n, batch_size, np.random.default_rng())
        ),
        "NumPy's global one": Mistake(lambda n, batch_size, rng: cut(np.random.permutation(n), batch_size)),
        "a random place to start": Mistake(
            lambda n, batch_size, rng: cut(np.roll(np.arange(n), rng.integers(n)), batch_size),
            "It only begins somewhere else: neighbours stay together.",
        ),
        "equal parts": Mistake(
            lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size)),
            "np.array_split makes parts of nearly equal size: only the last batch may be smaller.",
        ),
        "batch_size parts": Mistake(
            lambda n, batch_size, rng: np.array_split(rng.permutation(n), batch_size),
            "batch_size is how many examples are in a batch, not how many batches there are.",
        ),
        "the rest in the last": Mistake(
            remainder_in_the_last, "It adds what is left over to the last batch, which becomes too large."
        ),
        "filled up": Mistake(
            lambda n, batch_size, rng: cut(np.resize(rng.permutation(n), -(-n // batch_size) * batch_size), batch_size),
            "It fills the last batch up with examples that were taken already.",
        ),
        "an empty batch": Mistake(
            lambda n, batch_size, rng: [*shuffled_batches(n, batch_size, rng), np.empty(0, dtype=int)],
            "Its last batch is empty.",
        ),
        "counts from 1": Mistake(
            lambda n, batch_size, rng: cut(1 + rng.permutation(n), batch_size), "Indices begin at 0."
        ),
        "the first batch": Mistake(
            lambda n, batch_size, rng: rng.permutation(n)[:batch_size], "It returns a single batch."
        ),
        "the order alone": Mistake(
            lambda n, batch_size, rng: rng.permutation(n), "It returns the order, not cut into batches."
        ),
        "masks": Mistake(
            lambda n, batch_size, rng: [np.isin(np.arange(n), batch) for batch in shuffled_batches(n, batch_size, rng)],
            "It returns masks: indices are asked for.",
        ),
    },
    variants={
        "permutation": lambda n, batch_size, rng: [
            order[i : i + batch_size] for order in [rng.permutation(n)] for i in range(0, n, batch_size)
        ],
        "a generator": one_batch_after_the_other,
        "shuffle a list": shuffles_a_list,
        "lots": lambda n, batch_size, rng: cut(np.argsort(rng.random(n)), batch_size),
        "sorted by lot": sorted_by_lot,
        "choice": lambda n, batch_size, rng: cut(rng.choice(n, size=n, replace=False), batch_size),
        "split": lambda n, batch_size, rng: np.split(rng.permutation(n), range(batch_size, n, batch_size)),
        "permuted": lambda n, batch_size, rng: tuple(cut(rng.permuted(np.arange(n)), batch_size)),
        "from what is left": draws_from_what_is_left,
        "swaps": swaps,
        "pops": pops,
        "sorted within": lambda n, batch_size, rng: map(np.sort, shuffled_batches(n, batch_size, rng)),
        "a child generator": lambda n, batch_size, rng: shuffled_batches(n, batch_size, rng.spawn(1)[0]),
        "a drawn seed": lambda n, batch_size, rng: shuffled_batches(
            n, batch_size, np.random.default_rng(rng.integers(2**32))
        ),
    },
    forbids=NO_SHORTCUTS,
)


# --- train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng) ----------------------------------------------


def training(rng, n, d, batch_size, num_epochs, K=0, unit=1.0, rounds=(), about=""):
    """A made-up problem whose gradient remembers where, and on which examples, it was asked."""
    X, y = rng.normal(size=(n, d)), unit * (rng.permutation(n) + rng.uniform(0.2, 0.8, n))
    b = rng.normal(size=K) if K else np.array(rng.uniform(0.5, 2))
    lr = rng.uniform(0.1, 0.3) / np.sum(X**2, axis=1).max()
    about = f"n = {n}, batch_size = {batch_size}, num_epochs = {num_epochs}{about}"
    return case(
        unit * rng.normal(size=(d, K) if K else d), X, y, FactoryArg("BatchGradient", {"b": b}), lr, batch_size, num_epochs,
        generator(rng), rounds=rounds, about=about,
    )  # fmt: skip


def trainings(rng):
    yield training(rng, 10, 3, 4, 2)
    yield training(rng, 9, 2, 9, 5)
    yield training(rng, 5, 4, 1, 2)
    yield training(rng, 11, 3, 5, 2, K=4, about=", a matrix of weights")
    yield training(rng, 8, 3, 3, 0)
    yield training(rng, 6, 3, 8, 2, unit=1e-5, about=", tiny gradients")
    yield training(rng, 1, 2, 1, 2)


def several_trainings(rng):
    """Twice two trainings: the second two begin with an equal generator."""
    yield training(rng, 33, 3, 11, 4, rounds=(2, 2))


def asked_at(calls):
    """What the gradient remembers: weights, examples and labels of every call."""
    record = calls[3]
    if any(len(given) != 3 for given in record):
        raise MalformedAnswer("its gradients cannot be followed")
    return record


def rows(asked, record):
    """Which rows of X the examples of each call are."""
    X = asked.args[1]
    if not all(seen.ndim == 2 and seen.shape[1:] == X.shape[1:] for _, seen, _ in record):
        raise MalformedAnswer("what it hands to grad_fn are not rows of X")
    together = np.concatenate([seen for _, seen, _ in record] or [X[:0]])
    nearest = np.abs(together[:, :1] - X[:, 0]).argmin(axis=1)
    if (np.abs(together - X[nearest]) > 1e-6).any():
        raise MalformedAnswer("what it hands to grad_fn are not rows of X")
    ends = np.cumsum([len(seen) for _, seen, _ in record]).tolist()
    return [nearest[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def must_ask(asked, record):
    """Nothing is asked in no epoch; and where batch_size > n, who drops what is left over loses other rules."""
    if not record and asked.args[6] > 0 and asked.args[5] <= len(asked.args[1]):
        raise MalformedAnswer("it never asks grad_fn for a gradient")


@in_words
def steps_downhill(asked, value, calls):
    w0, _, _, made, lr, *_ = asked.args
    record = asked_at(calls)
    must_ask(asked, record)
    gradient = probe.FACTORIES[made.name](**made.params)
    taken = [*(w for w, _, _ in record), value]
    path = np.array([w0, *(w - lr * gradient(w, X, y) for w, X, y in record if w.shape == w0.shape)])
    if len(path) < len(taken):
        return "the weights that it hands to grad_fn do not have the shape of w0"
    wrong = describe_difference(value, path[-1], rtol=1e-9, atol=1e-12)
    if wrong:
        return f"what it returns is not where its last step led: {wrong}"
    if not np.allclose(taken, path, rtol=1e-9, atol=1e-12):
        return "a step is not taken from where the steps before it led; the first is taken at w0"
    return None


@in_words
def keeps_labels_with_their_examples(asked, value, calls):
    record, y = asked_at(calls), asked.args[2]
    must_ask(asked, record)
    fits = all(labels.shape == X.shape[:1] for _, X, labels in record)
    handed, right = [labels for *_, labels in record], [y[batch] for batch in rows(asked, record)]
    if record and not (fits and np.allclose(np.concatenate(handed), np.concatenate(right))):
        return "the labels in a batch are not those of its examples"
    return None


@in_words
def takes_whole_epochs(asked, value, calls):
    n, (batch_size, num_epochs) = len(asked.args[1]), asked.args[5:7]
    sizes, record = sizes_of(n, batch_size), asked_at(calls)
    must_ask(asked, record)
    taken = rows(asked, record)
    for first in range(0, num_epochs * len(sizes), len(sizes)):
        epoch = taken[first : first + len(sizes)]
        wrong = taken_once(np.concatenate([*epoch, np.empty(0, int)]), n)
        if wrong:
            return f"in an epoch {wrong}"
        if [len(batch) for batch in epoch] != sizes:
            return "the batches of an epoch do not have the sizes asked for"
    return None


@in_words
def makes_the_updates(asked, value, calls):
    n, (batch_size, num_epochs) = len(asked.args[1]), asked.args[5:7]
    expected = num_epochs * len(sizes_of(n, batch_size))
    record = asked_at(calls)
    return None if len(record) == expected else f"it makes {len(record)} updates, which is not the number asked for"


@in_words
def leaves_its_inputs(asked, value, calls):
    must_ask(asked, asked_at(calls))


def trained_epochs(asked, calls):
    """Of the two trainings of a round, the batches of each of its epochs."""
    must_ask(asked, asked_at(calls))
    record = rows(asked, asked_at(calls))
    if len(record) % 2:
        raise MalformedAnswer("two calls with the same arguments make different numbers of updates")
    n, batch_size = len(asked.args[1]), asked.args[5]
    half, size = len(record) // 2, len(sizes_of(n, batch_size))
    return [cut(record[:half], size), cut(record[half:], size)]


@in_words
def shuffles_every_epoch(asked, value, calls):
    first, _ = trained_epochs(asked, calls[0])
    return complain_of_order(first, len(asked.args[1]))


@in_words
def trains_by_rng(asked, value, calls):
    (one, two), (one_again, two_again) = (trained_epochs(asked, once) for once in calls)
    if all(company(a) == company(b) for a, b in zip(one, two, strict=True)):
        return "its batches do not depend on rng"
    pairs = zip([*one, *two], [*one_again, *two_again], strict=True)
    return None if all(company(a) == company(b) for a, b in pairs) else "with an equal rng it takes other batches"


def training_with(make_batches):
    """A right training with another way to make batches."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for _ in range(num_epochs):
            for batch in make_batches(len(X), batch_size, rng):
                w = w - lr * grad_fn(w, X[batch], y[batch])
        return w

    return train


def stepping(step):
    """A right training with another step: ``step(w, grad_fn, X, y, batch, lr) -> w``."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = np.array(w0)
        for _ in range(num_epochs):
            for batch in shuffled_batches(len(X), batch_size, rng):
                w = step(w, grad_fn, X, y, batch, lr)
        return w

    return train


sgd_training = training_with(shuffled_batches)


def other_epochs(epochs_for):
    """A right training that goes through the examples another number of times."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        return sgd_training(w0, X, y, grad_fn, lr, batch_size, epochs_for(num_epochs), rng)

    return train


def shuffles_copies(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
        for start in range(0, len(X), batch_size):
            w -= lr * grad_fn(w, X[start : start + batch_size], y[start : start + batch_size])
    return w


def shuffles_one_table(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    table, w = np.column_stack([X, y]), w0
    for _ in range(num_epochs):
        rng.shuffle(table)
        for part in cut(table, batch_size):
            w = w - lr * grad_fn(w, part[:, :-1], part[:, -1])
    return w


def goes_on_shuffling(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, order = w0, np.arange(len(X))
    for _ in range(num_epochs):
        rng.shuffle(order)
        for batch in cut(order, batch_size):
            w = np.subtract(w, np.multiply(lr, grad_fn(w, X.take(batch, axis=0), y.take(batch))))
    return w


def plans_ahead(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    plan = [batch for _ in range(num_epochs) for batch in shuffled_batches(len(X), batch_size, rng)]
    w = w0
    for batch in plan:
        w = w - lr * grad_fn(w, X[batch, :], y[batch])
    return w


def pairs_shuffled(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    pairs, w = list(zip(X, y, strict=True)), w0
    for _ in range(num_epochs):
        pairs = [pairs[i] for i in rng.permutation(len(pairs))]
        for part in cut(pairs, batch_size):
            rows_of, labels_of = zip(*part, strict=True)
            w = w - lr * grad_fn(w, np.array(rows_of), np.array(labels_of))
    return w


def shuffles_once(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, once = w0, shuffled_batches(len(X), batch_size, rng)
    for _ in range(num_epochs):
        for batch in once:
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def shuffles_afterwards(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, order = w0, np.arange(len(X))
    for _ in range(num_epochs):
        for batch in cut(order, batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
        order = rng.permutation(len(X))
    return w


def loses_the_labels(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        shuffled = X[rng.permutation(len(X))]
        for rows_of, labels_of in zip(cut(shuffled, batch_size), cut(y, batch_size), strict=True):
            w = w - lr * grad_fn(w, rows_of, labels_of)
    return w


def two_orders(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        shuffled, labels = rng.permutation(X), rng.permutation(y)
        for rows_of, labels_of in zip(cut(shuffled, batch_size), cut(labels, batch_size), strict=True):
            w = w - lr * grad_fn(w, rows_of, labels_of)
    return w


def walks_on_w0(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    for _ in range(num_epochs):
        for batch in shuffled_batches(len(X), batch_size, rng):
            w0 -= lr * grad_fn(w0, X[batch], y[batch])
    return w0


def sorts_the_examples(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        X[:], y[:] = X[order], y[order]
        for batch in cut(np.arange(len(X)), batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def one_update_per_epoch(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        parts = shuffled_batches(len(X), batch_size, rng)
        w = w - lr * sum(grad_fn(w, X[batch], y[batch]) for batch in parts)
    return w


def begins_anew(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        w = w0
        for batch in shuffled_batches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def returns_too_early(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in shuffled_batches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
        return w
    return w


def decays(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for epoch in range(num_epochs):
        for batch in shuffled_batches(len(X), batch_size, rng):
            w = w - lr / (epoch + 1) * grad_fn(w, X[batch], y[batch])
    return w


def whole_path(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    path = [w0]
    for _ in range(num_epochs):
        for batch in shuffled_batches(len(X), batch_size, rng):
            path.append(path[-1] - lr * grad_fn(path[-1], X[batch], y[batch]))
    return np.array(path)


def own_generator(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return sgd_training(w0, X, y, grad_fn, lr, batch_size, num_epochs, np.random.default_rng(541))


train_sgd = Exercise(
    signature="train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng)",
    slide=SHUFFLING,
    reference=sgd_training,
    rules=(
        Rule(
            "each step: lr times the gradient, downhill",
            2,
            trainings,
            "Follow one update: where is the gradient taken, and what is subtracted from what?",
            MINI,
            check_trace=steps_downhill,
        ),
        Rule(
            "labels stay with their examples",
            1,
            trainings,
            "Whatever is done to the order of X must be done to y.",
            check_trace=keeps_labels_with_their_examples,
        ),
        Rule(
            "every epoch takes every example once, in batches",
            2,
            trainings,
            "An epoch is a single pass through the entire training set.",
            check_trace=takes_whole_epochs,
        ),
        Rule(
            "as many updates as asked for",
            1,
            trainings,
            "How many batches has an epoch, and how many epochs are there?",
            check_trace=makes_the_updates,
        ),
        Rule(
            "shuffled anew in every epoch",
            1,
            several_trainings,
            "The order is randomized inside of the loop over epochs, before its first batch.",
            check_trace=shuffles_every_epoch,
        ),
        Rule(
            "draws from the rng it is given",
            1,
            several_trainings,
            "Only `rng` may decide: no other source of random numbers, and no seed of your own.",
            check_trace=trains_by_rng,
        ),
        Rule(
            "w0, X and y left alone",
            1,
            trainings,
            "`-=` changes an array in place, and so does rng.shuffle.",
            mutation="none",
            check_trace=leaves_its_inputs,
        ),
    ),
    mistakes={
        "shuffles once": Mistake(
            shuffles_once,
            "Epochs repeat the batches of others, as if it shuffled only once: shuffle anew in each of them.",
        ),
        "shuffles afterwards": Mistake(
            shuffles_afterwards, "It shuffles at the end of an epoch: the first one goes through the order as stored."
        ),
        "never shuffles": Mistake(
            training_with(lambda n, batch_size, rng: cut(np.arange(n), batch_size)),
            "Its batches are neighbours, as they are stored: nothing is shuffled from one batch to another.",
        ),
        "shuffles the batches only": Mistake(
            training_with(shuffles_the_batches), "It shuffles the batches: the same examples stay together."
        ),
        "labels not shuffled": Mistake(loses_the_labels, "It shuffles X and forgets y."),
        "two orders": Mistake(two_orders, "X and y get two different orders."),
        "one epoch too many": Mistake(
            other_epochs(lambda num_epochs: num_epochs + 1),
            "The slide's “e = 0 to numEpochs” is one epoch too many: numEpochs of them are asked for.",
        ),
        "one epoch too few": Mistake(
            other_epochs(lambda num_epochs: max(num_epochs - 1, 0)), "It makes one epoch less than asked for."
        ),
        "a single epoch": Mistake(returns_too_early, "It returns after its first epoch: is the `return` too far in?"),
        "ascent": Mistake(
            stepping(lambda w, grad_fn, X, y, batch, lr: w + lr * grad_fn(w, X[batch], y[batch])),
            "It walks uphill: look at the sign of the step.",
        ),
        "lr forgotten": Mistake(
            stepping(lambda w, grad_fn, X, y, batch, lr: w - grad_fn(w, X[batch], y[batch])), "lr is never used."
        ),
        "divided by B": Mistake(
            stepping(lambda w, grad_fn, X, y, batch, lr: w - lr * grad_fn(w, X[batch], y[batch]) / len(batch)),
            "It divides by the batch size: grad_fn returns a mean already.",
        ),
        "times B": Mistake(
            stepping(lambda w, grad_fn, X, y, batch, lr: w - lr * len(batch) * grad_fn(w, X[batch], y[batch])),
            "It multiplies by the batch size: the step is lr times the mean that grad_fn returns.",
        ),
        "all examples at every step": Mistake(
            stepping(lambda w, grad_fn, X, y, batch, lr: w - lr * grad_fn(w, X, y)),
            "Every step takes all examples: only those of the batch are asked for.",
        ),
        "one update per epoch": Mistake(
            one_update_per_epoch,
            "All gradients of an epoch are taken at the same weights: update after every batch.",
        ),
        "begins anew": Mistake(begins_anew, "Every epoch starts from w0 again."),
        "lr decays": Mistake(decays, "The learning rate stays the same here."),
        "the whole path": Mistake(whole_path, "It returns the whole path: the last weights are asked for."),
        "walks on w0": Mistake(walks_on_w0, "It walks on w0 itself: whoever called it finds another w0."),
        "shuffles X itself": Mistake(
            sorts_the_examples, "It shuffles the caller's own X and y: work with an order, or with copies."
        ),
        "drops the last batch": Mistake(
            training_with(lambda n, batch_size, rng: cut(rng.permutation(n)[: n - n % batch_size], batch_size)),
            "It drops what is left over when batch_size does not divide n.",
        ),
        "equal parts": Mistake(
            training_with(lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size))),
            "Its batches are of nearly equal size: only the last one may be smaller.",
        ),
        "with replacement": Mistake(
            training_with(lambda n, batch_size, rng: cut(rng.integers(n, size=n), batch_size)),
            "It draws with replacement: an epoch then leaves out about a third of the examples.",
        ),
        "a seed of its own": Mistake(
            own_generator, "It makes a generator of its own, with a fixed seed: use the one it is given."
        ),
        "a seed in every epoch": Mistake(
            training_with(lambda n, batch_size, rng: shuffled_batches(n, batch_size, np.random.default_rng(541))),
            "A fixed seed in every epoch makes every epoch the same.",
        ),
        "NumPy's global one": Mistake(
            training_with(lambda n, batch_size, rng: cut(np.random.permutation(n), batch_size))
        ),
    },
    variants={
        "in place on a copy": shuffles_copies,
        "one table": lambda w0, X, y, grad_fn, lr, batch_size, num_epochs, rng: shuffles_one_table(
            w0, X, y, grad_fn, lr, batch_size, num_epochs, rng
        ),
        "goes on shuffling": goes_on_shuffling,
        "plans ahead": plans_ahead,
        "pairs": pairs_shuffled,
        "a generator of batches": training_with(one_batch_after_the_other),
        "lists of indices": training_with(shuffles_a_list),
        "lots": training_with(lambda n, batch_size, rng: cut(np.argsort(rng.random(n)), batch_size)),
        "choice": training_with(lambda n, batch_size, rng: cut(rng.choice(n, n, replace=False), batch_size)),
        "from what is left": training_with(draws_from_what_is_left),
        "a child generator": training_with(lambda n, batch_size, rng: cut(rng.spawn(1)[0].permutation(n), batch_size)),
    },
    forbids=NO_SHORTCUTS,
)


# --- all_minibatch_gradients(per_example, batch_size) -----------------------------------------------------------


@with_strided_repeat
def gradients(rng):
    for n, d, batch_size in ((5, 3, 2), (5, 3, 2), (15, 2, 2), (5, 6, 4), (4, 1, 3)):
        about = f"n = {n}, d = {d}, batch_size = {batch_size}"
        yield case(rng.normal(size=(n, d)), batch_size, about=about)


def odd_gradients(rng):
    yield case(rng.permutation(50)[:8].reshape(4, 2), 1, about="integers, batch_size = 1")
    yield case(rng.normal(size=(4, 2)), 4, about="batch_size = n")
    yield case(rng.normal(size=(1, 3)), 1, about="a single example")
    yield case(rng.permutation(50)[:10].reshape(5, 2), 3, about="integers")
    yield case(np.repeat(rng.normal(size=(2, 3)), 2, axis=0), 2, about="examples that come twice")


def has_a_row_for_each_batch(asked, value):
    (n, d), batch_size = asked.args[0].shape, asked.args[1]
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return "it returns no array of floats"
    return None if value.shape == (math.comb(n, batch_size), d) else f"its shape {value.shape} is not the one asked for"


def averages_every_batch(asked, value):
    """The order of the batches is the student's."""
    wrong = has_a_row_for_each_batch(asked, value)
    if wrong:
        return wrong
    want = mean_of_each(*asked.args)
    direction = np.random.default_rng(0).normal(
        size=want.shape[1]
    )  # rows that describe_difference have different places along it
    got, want = (table[np.argsort(table @ direction)] for table in (value.astype(float), want))
    return None if np.allclose(got, want, rtol=1e-9, atol=1e-12) else "a row is not the mean over a batch of its own"


def mean_of_each(per_example, batch_size):
    every = combinations(range(len(per_example)), batch_size)
    return np.array([[math.fsum(column) / batch_size for column in per_example[list(batch)].T] for batch in every])


def over(pick):
    """Means over other collections of batches: ``pick(range(n), batch_size)``."""

    def table(per_example, batch_size):
        return np.array([per_example[list(batch)].mean(axis=0) for batch in pick(range(len(per_example)), batch_size)])

    return table


def with_masks(per_example, batch_size):
    n = len(per_example)
    masks = [[number >> i & 1 for i in range(n)] for number in range(2**n) if number.bit_count() == batch_size]
    return np.array(masks) @ per_example / batch_size


def by_recursion(per_example, batch_size):
    def sums(first, left):
        if left == 0:
            return [np.zeros(per_example.shape[1])]
        rest = range(first, len(per_example) - left + 1)
        return [per_example[i] + tail for i in rest for tail in sums(i + 1, left - 1)]

    return np.array(sums(0, batch_size)) / batch_size


def row_by_row(per_example, batch_size):
    rows = []
    for batch in combinations(per_example, batch_size):
        total = np.zeros(per_example.shape[1])
        for grad in batch:
            total += grad
        rows.append(total / batch_size)
    return np.stack(rows)


all_minibatch_gradients = Exercise(
    signature="all_minibatch_gradients(per_example, batch_size)",
    slide=MINI,
    reference=mean_of_each,
    rules=(
        Rule(
            "a row for each batch",
            1,
            gradients,
            "How many ways are there to choose B out of n examples, whatever their order?",
            SAMPLING,
            check=has_a_row_for_each_batch,
        ),
        Rule("a row is the mean over its batch", 2, gradients, "Look at 1/B on the slide.", check=averages_every_batch),
        Rule(
            "B = 1, B = n, integers, equal examples",
            1,
            odd_gradients,
            "Choose examples, not values: two equal ones are still two.",
            check=averages_every_batch,
        ),
    ),
    mistakes={
        "sum": Mistake(
            lambda per_example, batch_size: batch_size * mean_of_each(per_example, batch_size),
            "It adds up over the batch: the slide has a 1/B.",
        ),
        "divided by n": Mistake(
            lambda per_example, batch_size: mean_of_each(per_example, batch_size) * batch_size / len(per_example),
            "It divides by n: a batch has B examples.",
        ),
        "with replacement": Mistake(
            over(combinations_with_replacement), "A batch may hold an example twice: that is drawing with replacement."
        ),
        "every sequence": Mistake(over(lambda all, B: product(all, repeat=B)), "It draws with replacement, in order."),
        "every order": Mistake(over(permutations), "It counts a batch once for every order of its examples."),
        "neighbours": Mistake(
            over(lambda all, B: [range(i, i + B) for i in range(len(all) - B + 1)]),
            "It takes neighbours only: any B examples may meet in a batch.",
        ),
        "one epoch": Mistake(over(cut), "It cuts the examples into batches once: there are many more batches."),
        "all sizes": Mistake(
            over(lambda all, B: [batch for size in range(1, B + 1) for batch in combinations(all, size)]),
            "It takes smaller batches, too.",
        ),
        "one size less": Mistake(
            over(lambda all, B: combinations(all, max(B - 1, 1))), "Its batches have one example less than asked for."
        ),
        "transposed": Mistake(
            lambda per_example, batch_size: mean_of_each(per_example, batch_size).T, "A batch is a row, not a column."
        ),
        "along the features": Mistake(
            lambda per_example, batch_size: np.array(
                [per_example[list(batch)].mean(axis=1) for batch in combinations(range(len(per_example)), batch_size)]
            ),
            "It takes the mean over the features: the one over the examples is asked for.",
        ),
        "the full gradient": Mistake(
            lambda per_example, batch_size: np.tile(
                per_example.mean(axis=0), (math.comb(len(per_example), batch_size), 1)
            ),
            "Every row is the full gradient: that is what the rows should have as their mean.",
        ),
        "their mean": Mistake(
            lambda per_example, batch_size: mean_of_each(per_example, batch_size).mean(axis=0),
            "It returns the mean over all batches: the gradients themselves are asked for.",
        ),
        "different values only": Mistake(
            lambda per_example, batch_size: np.unique(mean_of_each(per_example, batch_size), axis=0),
            "Two batches with the same gradient are still two batches.",
        ),
        "median": Mistake(
            lambda per_example, batch_size: np.array(
                [np.median(batch, axis=0) for batch in combinations(per_example, batch_size)]
            ),
            "A mean is asked for, not a median.",
        ),
    },
    variants={
        "combinations": over(combinations),
        "all at once": lambda per_example, batch_size: per_example[
            np.array(list(combinations(range(len(per_example)), batch_size)))
        ].mean(axis=1),
        "masks": with_masks,
        "recursion": by_recursion,
        "row by row": row_by_row,
        "backwards": lambda per_example, batch_size: mean_of_each(per_example[::-1], batch_size),
        "sum of weights": lambda per_example, batch_size: np.array(
            [sum(batch) / batch_size for batch in combinations(per_example, batch_size)]
        ),
    },
    forbids=NO_SHORTCUTS,
)

# a C(n, B), b C(n - 1, B - 1), c C(n - 1, B), d B/n, e n/B, f 1/n, g 1/B, h 1
counting = fill_in(
    "counting",
    {"with i": "b", "share": "d", "weight": "f"},
    "abcdefgh",
    points=3,
    slide=SAMPLING,
    hint="Try n = 3 and B = 2: write all batches down.",
)


# --- num_updates(n, batch_size, num_epochs) ---------------------------------------------------------------------


def whole_batches(rng):
    yield case(int(rng.integers(60, 300)), 1, int(rng.integers(2, 9)), about="batch_size = 1")
    for batch_size, odd in ((int(rng.integers(2, 9)), 0), (64, 1)):  # Python rounds a half to the even number
        yield case(batch_size * (2 * int(rng.integers(2, 15)) + odd), batch_size, int(rng.integers(2, 9)))


def broken_batches(rng):
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
    reference=lambda n, batch_size, num_epochs: len(range(0, n, batch_size)) * num_epochs,
    rules=(
        Rule("batch_size divides n", 1, whole_batches, "There is one update for each batch, in every epoch."),
        Rule("something is left over", 1, broken_batches, "What is left over makes a batch in *every* epoch."),
    ),
    mistakes={
        "floor": Mistake(
            lambda n, batch_size, num_epochs: n // batch_size * num_epochs, "The last, smaller batch is an update, too."
        ),
        "a fraction": Mistake(
            lambda n, batch_size, num_epochs: n / batch_size * num_epochs, "There is no fraction of an update."
        ),
        "rounded up at the end": Mistake(
            lambda n, batch_size, num_epochs: math.ceil(n * num_epochs / batch_size),
            "Batches do not go on into the next epoch: each epoch has its own last one.",
        ),
        "rounded": Mistake(
            lambda n, batch_size, num_epochs: math.floor(n / batch_size + 0.5) * num_epochs,
            "However little is left over, it makes a batch.",
        ),
        "always one more": Mistake(
            lambda n, batch_size, num_epochs: (n // batch_size + 1) * num_epochs,
            "When batch_size divides n nothing is left over.",
        ),
        "one epoch": Mistake(lambda n, batch_size, num_epochs: -(-n // batch_size), "That is a single epoch's."),
        "one epoch too many": Mistake(
            lambda n, batch_size, num_epochs: -(-n // batch_size) * (num_epochs + 1), "It counts one epoch too many."
        ),
        "examples": Mistake(lambda n, batch_size, num_epochs: n * num_epochs, "It counts examples, not updates."),
        "epochs": Mistake(lambda n, batch_size, num_epochs: num_epochs, "It counts epochs, not updates."),
        "batches of a share": Mistake(
            lambda n, batch_size, num_epochs: batch_size * num_epochs, "batch_size is how many examples a batch has."
        ),
        "as floats": Mistake(
            lambda n, batch_size, num_epochs: float(-(-n // batch_size) * num_epochs),
            "It returns a float: a count is an int.",
        ),
    },
    variants={
        "ceil": lambda n, batch_size, num_epochs: math.ceil(n / batch_size) * num_epochs,
        "minus minus": lambda n, batch_size, num_epochs: num_epochs * -(-n // batch_size),
        "with a remainder": lambda n, batch_size, num_epochs: (n // batch_size + (n % batch_size > 0)) * num_epochs,
        "added before": lambda n, batch_size, num_epochs: (n + batch_size - 1) // batch_size * num_epochs,
        "NumPy's ceil": lambda n, batch_size, num_epochs: np.ceil(n / batch_size).astype(int) * num_epochs,
        "counted": lambda n, batch_size, num_epochs: sum(1 for _ in range(num_epochs) for _ in range(0, n, batch_size)),
    },
)


# --- largest_batch(try_step, start, max_batch=None) -------------------------------------------------------------


def rooms(rng):
    yield case(FactoryArg("Memory", {"capacity": 100}), 1, about="room for 100, start = 1")
    yield case(FactoryArg("Memory", {"capacity": 100}), 3, about="room for 100, start = 3")
    power = int(2 ** rng.integers(3, 9))
    yield case(FactoryArg("Memory", {"capacity": power}), 2, about=f"room for {power}, start = 2")
    odd = "a step that returns False, and fails with a kind of MemoryError"
    yield case(FactoryArg("Memory", {"capacity": power - 1, "odd": True}), 2, about=odd)
    start = int(rng.integers(5, 20))
    yield case(FactoryArg("Memory", {"capacity": 2 * start - 1}), start, about="room for start, not for twice as many")
    yield case(FactoryArg("Memory", {"capacity": 3 * 2**20}), 2**9, about="room for three million, start = 512")


def capped_rooms(rng):
    start = int(rng.integers(3, 8))
    exact = 16 * start
    yield case(FactoryArg("Memory", {"capacity": 10**6}), start, exact, about=f"start = {start}, max_batch = {exact}")
    yield case(FactoryArg("Memory", {"capacity": 10**6}), start, max_batch=exact - 1, about=f"max_batch = {exact - 1}")
    yield case(
        FactoryArg("Memory", {"capacity": 5 * start}), start, max_batch=exact, about="memory that ends before max_batch"
    )
    yield case(FactoryArg("Memory", {"capacity": 10**6}), start, max_batch=start, about="max_batch = start")


def broken_steps(rng):
    yield case(FactoryArg("Memory", {"capacity": 100}), 4, about="room for 100, start = 4")
    yield case(
        FactoryArg("Memory", {"capacity": 1000, "broken": int(rng.integers(20, 60))}),
        4,
        about="a step with a bug in it",
    )
    yield case(FactoryArg("Memory", {"capacity": 1000, "broken": 1}), 4, max_batch=8, about="a step that never works")


def starts_that_fail(rng):
    yield case(FactoryArg("Memory", {"capacity": 100}), 4, about="room for 100, start = 4")
    yield case(FactoryArg("Memory", {"capacity": int(rng.integers(2, 9))}), 10, about="no room for start")


def finds_it_by_trying(asked, value, calls):
    made, start = asked.args[:2]
    max_batch = asked.kwargs.get("max_batch", asked.args[2] if len(asked.args) > 2 else None)
    want = doubled(probe.FACTORIES[made.name](**made.params), start, max_batch)
    if difference := find_difference(value, want):
        is_another_size = difference.kind is DifferenceKind.VALUE and np.isfinite(value)
        return "this is not the last batch size that worked" if is_another_size else difference.message
    tried, room = calls[0], made.params["capacity"]
    if max_batch is not None and any(size > max_batch for size in tried):
        return "it tries more than max_batch"
    if value not in tried:
        return "it returns a batch size that it never tried"
    if 2 * value not in tried and (max_batch is None or 2 * value <= max_batch):
        return "it never tries twice as many, so it cannot know that there is no room for them"
    crashes = [size for size in tried if size > room]
    return "it goes on after the first crash" if len(crashes) > 1 else None


def is_a_number(asked, value):
    """Enough where the question is whether an error goes through: the first rule has the batch size."""
    return None if isinstance(value, int | float | np.number) else "it returns no number"


def doubled(try_step, start, max_batch=None):
    try_step(start)
    size = start
    while max_batch is None or 2 * size <= max_batch:
        try:
            try_step(2 * size)
        except MemoryError:
            break
        size *= 2
    return size


def until_it_fails(error, after=lambda size: size // 2, grow=lambda size: 2 * size, fits=lambda size, top: size <= top):
    """Try larger and larger batches, with one thing or another in it that may be wrong."""

    def search(try_step, start, max_batch=None):
        size = start
        while max_batch is None or fits(size, max_batch):
            try:
                try_step(size)
            except error:
                if size == start:
                    raise
                return after(size)
            size = grow(size)
        return after(size)

    return search


def adds_start(try_step, start, max_batch=None):
    size = start
    try_step(size)
    while max_batch is None or size + start <= max_batch:
        try:
            try_step(size + start)
        except MemoryError:
            break
        size += start
    return size


def counts_on_start(try_step, start, max_batch=None):
    size = start
    while max_batch is None or 2 * size <= max_batch:
        try:
            try_step(2 * size)
        except MemoryError:
            return size
        size *= 2
    return size


def returns_half_of_start(try_step, start, max_batch=None):
    size = start
    while max_batch is None or size <= max_batch:
        try:
            try_step(size)
        except MemoryError:
            break
        size *= 2
    return size // 2


def swallows(error):
    def search(try_step, start, max_batch=None):
        size, worked = start, None
        while max_batch is None or size <= max_batch:
            try:
                try_step(size)
            except error:
                break
            size, worked = 2 * size, size
        if worked is None:
            raise MemoryError("start does not fit")
        return worked

    return search


def squeezes(try_step, start, max_batch=None):
    size = until_it_fails(MemoryError)(try_step, start, max_batch)
    top = min(2 * size, max_batch + 1) if max_batch is not None else 2 * size
    while top - size > 1:
        middle = (size + top) // 2
        try:
            try_step(middle)
            size = middle
        except MemoryError:
            top = middle
    return size


def goes_up_to_max_batch(try_step, start, max_batch=None):
    size = until_it_fails(MemoryError)(try_step, start, max_batch)
    if max_batch is not None and max_batch < 2 * size:
        try_step(max_batch)
        return max_batch
    return size


def tries_them_all(try_step, start, max_batch=None):
    try_step(start)
    sizes, worked = [start * 2**k for k in range(1, 21)], start
    for size in sizes:
        if max_batch is not None and size > max_batch:
            break
        try:
            try_step(size)
            worked = size
        except MemoryError:
            pass
    return worked


def tries_beyond_max_batch(try_step, start, max_batch=None):
    try_step(start)
    size = start
    while max_batch is None or size < max_batch:
        try:
            try_step(2 * size)
        except MemoryError:
            break
        if max_batch is not None and 2 * size > max_batch:
            break
        size *= 2
    return size


def by_recursion_upwards(try_step, start, max_batch=None):
    try_step(start)
    if max_batch is not None and 2 * start > max_batch:
        return start
    try:
        return by_recursion_upwards(try_step, 2 * start, max_batch)
    except MemoryError:
        return start


def a_couple_of_iterations(try_step, start, max_batch=None):
    sizes = []
    while not sizes or max_batch is None or 2 * sizes[-1] <= max_batch:
        size = 2 * sizes[-1] if sizes else start
        try:
            for _ in range(3):
                try_step(size)
        except MemoryError:
            if not sizes:
                raise
            break
        sizes.append(size)
    return sizes[-1]


def looks_into_the_step(try_step, start, max_batch=None):
    size, top = start, try_step.capacity if max_batch is None else min(try_step.capacity, max_batch)
    while 2 * size <= top:
        size *= 2
    try_step(size)
    return size


def tries_it_again(try_step, start, max_batch=None):
    size = doubled(try_step, start, max_batch)
    try_step(size)
    return size


largest_batch = Exercise(
    signature="largest_batch(try_step, start, max_batch=None)",
    slide=PICK,
    reference=doubled,
    rules=(
        Rule(
            "doubles until memory runs out",
            2,
            rooms,
            "Step 5 of the slide: go back to the previous value, that worked.",
            check_trace=finds_it_by_trying,
        ),
        Rule("not beyond max_batch", 1, capped_rooms, "A batch has at most so many.", check_trace=finds_it_by_trying),
        Rule(
            "other errors go through",
            1,
            broken_steps,
            "A bug is no lack of memory: catch nothing else.",
            raises="RuntimeError",
            check=is_a_number,
        ),
        Rule(
            "start must fit",
            1,
            starts_that_fail,
            "“Small” is a value that doesn't crash your program. If even it does, say so.",
            raises="MemoryError",
            check=is_a_number,
        ),
    ),
    mistakes={
        "the one that failed": Mistake(
            until_it_fails(MemoryError, after=lambda size: size), "It returns the batch size that did not work."
        ),
        "any error": Mistake(
            swallows(Exception), "`except Exception` takes a bug for a lack of memory: catch MemoryError alone."
        ),
        "any error, but start's": Mistake(
            until_it_fails(Exception), "It takes a bug in the step for a lack of memory: catch MemoryError alone."
        ),
        "looks into the step": Mistake(
            looks_into_the_step, "It never lets a batch crash: what does not fit is found out by trying."
        ),
        "counts on start": Mistake(counts_on_start, "It never tries start: if that does not fit, nobody hears of it."),
        "half of start": Mistake(
            returns_half_of_start, "If start fails it returns something smaller: the caller should hear of it."
        ),
        "max_batch ignored": Mistake(
            lambda try_step, start, max_batch=None: doubled(try_step, start), "It never looks at max_batch."
        ),
        "below max_batch": Mistake(
            until_it_fails(MemoryError, fits=lambda size, top: size < top or size == top == 0),
            "max_batch itself is allowed.",
        ),
        "up to max_batch": Mistake(
            goes_up_to_max_batch, "It jumps to max_batch in the end: only doubled values are asked for."
        ),
        "adds start": Mistake(adds_start, "It adds the same each time: the slide doubles."),
        "times ten": Mistake(
            until_it_fails(MemoryError, after=lambda size: size // 10, grow=lambda size: 10 * size),
            "It grows tenfold: the slide doubles.",
        ),
        "as a float": Mistake(
            until_it_fails(MemoryError, after=lambda size: size / 2),
            "It returns a float, as `/` makes it: a batch size is an int.",
        ),
        "squeezes": Mistake(
            squeezes, "It looks for the largest that fits: only start, 2 start, 4 start and so on are asked for."
        ),
        "goes on after a crash": Mistake(tries_them_all, "It goes on with larger batches after the first crash."),
        "a limit of its own": Mistake(
            lambda try_step, start, max_batch=None: doubled(try_step, start, max_batch or 2**20),
            "It stops at a limit of its own: without max_batch only the memory ends the search.",
        ),
        "beyond max_batch": Mistake(
            tries_beyond_max_batch, "It tries a size beyond max_batch before it looks: ask first, then try."
        ),
        "how often": Mistake(
            lambda try_step, start, max_batch=None: int(math.log2(doubled(try_step, start, max_batch) / start)),
            "It returns how often it has doubled: the batch size is asked for.",
        ),
    },
    variants={
        "in a loop": until_it_fails(MemoryError),
        "keeps what worked": swallows(MemoryError),
        "recursion": by_recursion_upwards,
        "a couple of iterations": a_couple_of_iterations,
        "tries it again": tries_it_again,
    },
)


# --- scaled_lr(base_lr, base_batch, batch) ----------------------------------------------------------------------


def larger_batches(rng):
    for factor in (2, 8, 64):
        base_batch = int(rng.integers(2, 40))
        about = f"a batch {factor} times as large"
        yield case(rng.uniform(0.01, 0.5), base_batch, factor * base_batch, about=about)


def any_batches(rng):
    yield case(rng.uniform(0.01, 0.5), 64, 1, about="from 64 to 1")
    yield case(rng.uniform(0.01, 0.5), 64, 64, about="the same batch size")
    yield case(rng.uniform(0.01, 0.5), 64, 100, about="from 64 to 100")
    yield case(1, 100, 32, about="integers")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([1, 8, 48, 60_000]), about="an array of batch sizes")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([48]), about="an array of a single batch size")
    yield case(rng.uniform(0.01, 0.5), 32, np.array([[8, 48, 96], [5, 16, 1]]), about="an array of shape (2, 3)")


def in_proportion(base_lr, base_batch, batch):
    scaled = [float(Fraction(base_lr) * int(size) / base_batch) for size in np.ravel(batch)]
    return np.reshape(scaled, np.shape(batch)) if np.ndim(batch) else scaled[0]


scaled_lr = Exercise(
    signature="scaled_lr(base_lr, base_batch, batch)",
    slide=PICK,
    reference=in_proportion,
    rules=(
        Rule(
            "a multiple of the batch",
            1,
            larger_batches,
            "Twice the batch, what becomes of the learning rate?",
            rtol=1e-12,
        ),
        Rule("smaller, equal, in between, an array", 1, any_batches, "In proportion, whatever the sizes.", rtol=1e-12),
    ),
    mistakes={
        "square root": Mistake(
            lambda base_lr, base_batch, batch: base_lr * np.sqrt(batch / base_batch),
            "It grows with the square root: the slide's rule is another one.",
        ),
        "inverse": Mistake(
            lambda base_lr, base_batch, batch: base_lr * base_batch / batch, "It is upside down: which one grows?"
        ),
        "floor": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (batch // base_batch),
            "The fraction is cut off, as by `//` or int().",
        ),
        "base forgotten": Mistake(
            lambda base_lr, base_batch, batch: base_lr * batch, "With the batch unchanged, so is the learning rate."
        ),
        "unchanged": Mistake(lambda base_lr, base_batch, batch: base_lr + 0 * batch, "It never changes."),
        "added": Mistake(
            lambda base_lr, base_batch, batch: base_lr + (batch - base_batch) / base_batch,
            "It adds: in proportion means a factor.",
        ),
        "squared": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (batch / base_batch) ** 2, "It grows with the square."
        ),
        "doublings": Mistake(
            lambda base_lr, base_batch, batch: base_lr * (1 + np.log2(batch / base_batch)),
            "It adds the same for each doubling.",
        ),
        "the factor alone": Mistake(
            lambda base_lr, base_batch, batch: batch / base_batch, "That is the factor, without the learning rate."
        ),
        "only upwards": Mistake(
            lambda base_lr, base_batch, batch: base_lr * np.maximum(batch / base_batch, 1),
            "For a smaller batch the learning rate shrinks.",
        ),
        "capped": Mistake(
            lambda base_lr, base_batch, batch: np.minimum(base_lr * batch / base_batch, 1),
            "A cap is a good idea, but no part of this rule.",
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


# --- exponential_decay(lr0, c, epoch) ---------------------------------------------------------------------------


def single_epochs(rng):
    for epoch in (0, 1, 2, int(rng.integers(5, 40))):
        yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.95), epoch, about=f"epoch {epoch}")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.3, 0.6), int(rng.integers(130, 200)), about="a late epoch")


def many_epochs(rng):
    yield case(rng.uniform(0.1, 2), rng.uniform(0.5, 0.95), np.arange(7), about="epochs 0 to 6")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.5, 0.95), np.array([30, 2, 0]), about="epochs in any order")
    yield case(2, 0.5, np.array([3]), about="an array of a single epoch")
    yield case(rng.uniform(0.1, 2), rng.uniform(0.5, 0.95), np.array([[4, 0, 9], [1, 7, 2]]), about="shape (2, 3)")


def shrunk(lr0, c, epoch):
    rates = [math.prod([float(lr0), *[float(c)] * int(e)]) for e in np.ravel(epoch)]
    return np.reshape(rates, np.shape(epoch)) if np.ndim(epoch) else rates[0]


exponential_decay = Exercise(
    signature="exponential_decay(lr0, c, epoch)",
    slide=SCHEDULE,
    reference=shrunk,
    rules=(
        Rule("one epoch", 1, single_epochs, "Multiply by c after every epoch: how often has that been at the start?"),
        Rule("many epochs at once", 1, many_epochs, "An array of epochs makes an array of learning rates."),
    ),
    mistakes={
        "one too many": Mistake(
            lambda lr0, c, epoch: lr0 * c ** (epoch + 1), "Epoch 0 has lr0: c comes in *after* every epoch."
        ),
        "one too few": Mistake(
            lambda lr0, c, epoch: lr0 * c ** np.maximum(epoch - 1, 0), "Epoch 1 has c once already."
        ),
        "linear": Mistake(
            lambda lr0, c, epoch: lr0 * (1 - (1 - c) * epoch),
            "It subtracts the same amount each time: multiply instead.",
        ),
        "cut off": Mistake(
            lambda lr0, c, epoch: lr0 * np.maximum(1 - (1 - c) * epoch, 0), "It falls along a line to 0."
        ),
        "times epoch": Mistake(lambda lr0, c, epoch: lr0 * c * epoch, "It is 0 in epoch 0."),
        "once": Mistake(lambda lr0, c, epoch: lr0 * c + 0.0 * epoch, "It multiplies once, whatever the epoch."),
        "constant": Mistake(lambda lr0, c, epoch: lr0 + 0.0 * epoch, "It never decays."),
        "grows": Mistake(lambda lr0, c, epoch: lr0 / c**epoch, "It grows: c is below 1."),
        "e to the minus c": Mistake(
            lambda lr0, c, epoch: lr0 * np.exp(-c * epoch), "That decays by the factor exp(-c): c itself is the factor."
        ),
        "one over": Mistake(
            lambda lr0, c, epoch: lr0 / (1 + (1 / c - 1) * epoch), "That is another schedule: it decays like 1/epoch."
        ),
        "power law": Mistake(lambda lr0, c, epoch: lr0 * (epoch + 1.0) ** -c, "c is the base, not the exponent."),
        "lr0 inside": Mistake(lambda lr0, c, epoch: (lr0 * c) ** epoch, "lr0 itself is not raised to a power."),
        "summed up": Mistake(
            lambda lr0, c, epoch: lr0 * (1 - c ** (epoch + 1.0)) / (1 - c), "That is the sum of all rates so far."
        ),
        "1 - c": Mistake(lambda lr0, c, epoch: lr0 * (1 - c) ** epoch, "c is what is kept, not what is lost."),
    },
    variants={
        "a power": lambda lr0, c, epoch: lr0 * c**epoch,
        "NumPy": lambda lr0, c, epoch: np.multiply(lr0, np.power(float(c), epoch)),
        "by logarithms": lambda lr0, c, epoch: np.exp(np.log(lr0) + epoch * np.log(c)),
        "a list of rates": lambda lr0, c, epoch: (
            np.array([lr0 * c**e for e in epoch]) if np.ndim(epoch) else lr0 * c**epoch
        ),
        "in a loop": shrunk,
    },
)

sgd_quiz = choose_all("sgd_quiz", "acd", "abcdef", points=2, slide=TRAINING)
