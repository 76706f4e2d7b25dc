"""Mini-batches: cut, read, count and compare them, and test whether they are shuffled."""

import math
from functools import wraps
from itertools import combinations

import numpy as np

from autograder.values import Generated


def chunk(items, size):
    """Cut a sequence into slices of ``size`` items; the last one may be shorter."""
    return [items[start : start + size] for start in range(0, len(items), size)]


class MalformedAnswer(ValueError):
    """An answer is not in the right format. The message describes the problem to the student."""


def report_malformed(check):
    """Decorate a check: on a malformed answer it fails with the reason as its message."""

    @wraps(check)
    def checked(case, *observed):
        try:
            return check(case, *observed)
        except MalformedAnswer as reason:
            return str(reason)

    return checked


def read_batches(value):
    """The batches of an epoch as arrays of indices."""
    batches = items_of(value)
    if not isinstance(batches, list | tuple | np.ndarray):
        raise MalformedAnswer("it does not return a list of batches")
    return [read_indices(batch, number) for number, batch in enumerate(batches)]


def items_of(value):
    return value.items if isinstance(value, Generated) else value


def arrays_in(value):
    return [batch for batch in items_of(value) if isinstance(batch, np.ndarray)]


def read_indices(batch, number):
    indices = np.asarray(batch) if isinstance(batch, list | np.ndarray) else None
    if indices is None or indices.ndim != 1 or indices.dtype.kind not in "iu":
        raise MalformedAnswer(f"batch {number} is not an array of integers of shape (B,)")
    return indices.astype(int)  # small integer types would overflow later


def batch_sizes(n, batch_size):
    return [batch_size] * (n // batch_size) + [n % batch_size] * (n % batch_size > 0)


def count_problem(batches, n, repeated="example {} is taken more than once"):
    """Describe an example that is not in exactly one batch, or return None. ``repeated`` describes a repeated one."""
    indices = np.concatenate([*batches, np.empty(0, int)])
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        return "an index is not between 0 and n - 1"
    counts = np.bincount(indices.astype(int), minlength=n)
    filled = [batch for batch in batches if len(batch)]
    if len(filled) > 1 and all(np.array_equal(batch, filled[0][: len(batch)]) for batch in filled):
        return "all batches begin with the same examples, as if one array was filled again and again"
    if (counts > 1).any():
        return repeated.format(np.argmax(counts > 1))
    return f"example {np.argmin(counts)} is left out" if (counts < 1).any() else None


def without_order(epochs):
    """The batches of each epoch as sets: neither the order of the batches nor the order within them matters."""
    return [frozenset(frozenset(batch.tolist()) for batch in epoch) for epoch in epochs]


def order_problem(epochs, n):
    """Describe an epoch that is not shuffled, or two epochs with the same batches, or return None."""
    for number, epoch in enumerate(epochs):
        if has_only_neighbours(epoch, n):
            can_tell = any(1 < len(batch) < n for batch in epoch)
            what = "contain only neighbouring examples" if can_tell else "do not show that the examples are shuffled"
            return f"the batches of epoch {number} {what}"
    pairs = combinations(enumerate(without_order(epochs)), 2)
    return next((f"epochs {a} and {b} have the same batches" for (a, one), (b, other) in pairs if one == other), None)


def has_only_neighbours(epoch, n):
    """Whether all batches are runs of consecutive indices, single ones too; index 0 also follows n - 1."""
    gaps = [np.diff(np.sort(batch), append=np.sort(batch)[:1] + n) for batch in epoch if len(batch)]
    return all((gap != 1).sum() <= 1 for gap in gaps)


def position_problem(epochs, n):
    """Describe examples that often share a batch, or often come early or late, or return None.

    If an epoch repeats or omits examples, that may be the cause, and is described instead.
    """
    numbers = batch_numbers(epochs)
    if numbers.shape != (len(epochs), n):
        return None  # another rule reports missing examples
    if stay_together(numbers):
        problem = "two examples share a batch in more than half of the epochs"
    elif come_early_or_late(numbers):
        problem = "some examples come too often in early batches, or in late ones"
    else:
        return None
    return next(filter(None, (count_problem(epoch, n) for epoch in epochs)), problem)


def fixed_place_problem(epochs, n):
    """Describe that no example ever stays at its place in the stored order, or return None.

    In 64 right epochs, an example does so with a probability above 1 - 1e-27.
    """
    orders = [np.concatenate(epoch) for epoch in epochs]
    if len(orders) < 64 or any(len(order) != n or (order == np.arange(n)).any() for order in orders):
        return None
    return "no example is ever at its own place of the stored order, so not every order is possible"


def batch_numbers(epochs):
    """For each epoch (row), the number of the batch that each example (column) is in."""
    numbered = [[(int(i), number) for number, batch in enumerate(epoch) for i in batch] for epoch in epochs]
    if len({len(pairs) for pairs in numbered}) > 1:
        raise MalformedAnswer("the epochs have different numbers of examples")
    return np.array([[number for _, number in sorted(pairs)] for pairs in numbered])


def stay_together(numbers):
    """Whether two examples share a batch in more than half of at least 64 epochs.

    With 25 examples in batches of 4, a right answer has two such examples with a probability below 1e-10.
    """
    if len(numbers) < 64:
        return False
    together = (numbers[:, :, None] == numbers[:, None]).mean(axis=0)
    return (together - np.eye(len(together))).max() > 0.5


def come_early_or_late(numbers):
    """Whether an example comes early or late on average, or the order of an epoch is correlated with the stored order.

    The threshold is seven standard errors: a right answer exceeds it with a probability below 1e-9.
    """
    num_epochs, n = numbers.shape
    early = numbers.mean(axis=0) - numbers[0].mean()
    error = numbers[0].std() / math.sqrt(num_epochs)
    stored = np.arange(n) - (n - 1) / 2
    drift = early @ stored / math.sqrt(stored @ stored * n / (n - 1))
    return max(*abs(early), abs(drift)) > 7 * error
