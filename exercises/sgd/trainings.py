"""The calls of grad_fn in a training: which batches they take, and which updates lead from one to the next."""

import numpy as np

from autograder.judging.compare import find_difference

from ..descent_steps import find_departure
from .batches import (
    MalformedAnswer,
    batch_sizes,
    chunk,
    count_problem,
    order_problem,
    position_problem,
    report_malformed,
    without_order,
)


def training_size(case):
    """The number of examples, the batch sizes of an epoch, and the number of epochs."""
    _, X, _, _, _, batch_size, num_epochs, _ = case.args
    return len(X), batch_sizes(len(X), batch_size), num_epochs


def recorded_calls(case, calls):
    """The weights, examples and labels of each call of grad_fn."""
    n, _, num_epochs = training_size(case)
    record = calls[3]
    if any(len(arguments) != 3 for arguments in record):
        raise MalformedAnswer("its calls of grad_fn cannot be followed")
    # An answer that drops the last batch makes no call with batch_size > n, and perhaps none with a single example.
    # Other rules report that.
    if not record and num_epochs > 0 and 1 < n >= case.args[5]:
        raise MalformedAnswer("it never calls grad_fn")
    return record


def row_indices(case, record):
    """For each call of grad_fn, the indices of the rows of X that it was given."""
    X = case.args[1]
    not_rows = MalformedAnswer("the examples passed to grad_fn are not rows of X")
    if not all(examples.ndim == 2 and examples.shape[1:] == X.shape[1:] for _, examples, _ in record):
        raise not_rows
    passed = np.concatenate([examples for _, examples, _ in record] or [X[:0]])
    nearest = np.abs(passed[:, :1] - X[:, 0]).argmin(axis=1)  # the rows of X differ in their first entry
    if (np.abs(passed - X[nearest]) > 1e-6).any():
        raise not_rows
    ends = np.cumsum([len(examples) for _, examples, _ in record]).tolist()
    return [nearest[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def epochs_of_trainings(case, calls):
    """For each of the two trainings of a round, the batches of its epochs. Other rules report empty batches."""
    _, sizes, _ = training_size(case)
    taken = [batch for batch in row_indices(case, recorded_calls(case, calls)) if len(batch)]
    if len(taken) % 2:
        raise MalformedAnswer("two calls with the same arguments make different numbers of updates")
    half = len(taken) // 2
    return [chunk(taken[:half], len(sizes)), chunk(taken[half:], len(sizes))]


# --- checks ---------------------------------------------------------------------------------------------------------


@report_malformed
@np.errstate(all="ignore")
def check_updates(case, value, calls):
    """The first gradient is taken at w0, each step is -lr times the gradient, and the last weights are returned."""
    w0, _, _, grad_fn, lr, batch_size, *_ = case.args
    record, num_per_epoch = recorded_calls(case, calls), len(training_size(case)[1])
    gradient = grad_fn.make()
    limit = max(len(case.args[2]), batch_size)  # an answer may repeat examples in a batch
    if any(len(X) > limit or labels.size > limit for _, X, labels in record):  # forged, to take much memory
        raise MalformedAnswer("grad_fn gets more rows than there are examples in a batch")
    path = np.array([w0, *(w - lr * gradient(w, X, y) for w, X, y in record if w.shape == w0.shape)])
    if len(path) <= len(record):
        return "the weights passed to grad_fn do not have the shape of w0"
    difference = find_difference(value, path[-1], rtol=1e-9, atol=1e-12)
    if difference and not difference.is_in_value:
        return difference.message
    visited = np.array([*(w for w, _, _ in record), value])
    counts = {
        "lr": np.full(len(record), lr),
        "the number of its examples": np.array([len(labels) for *_, labels in record]),
        "batch_size": np.full(len(record), batch_size),
    }
    return find_departure(visited, path, counts, num_per_epoch)


@report_malformed
def check_labels(case, value, calls):
    record, y = recorded_calls(case, calls), case.args[2]
    is_one_per_example = all(labels.shape == examples.shape[:1] for _, examples, labels in record)
    passed, right = [labels for *_, labels in record], [y[batch] for batch in row_indices(case, record)]
    if record and not (is_one_per_example and np.allclose(np.concatenate(passed), np.concatenate(right))):
        return "the labels in a batch do not belong to its examples"
    return None


@report_malformed
def check_epochs(case, value, calls):
    """The calls of each epoch take every example once, in batches of the right sizes."""
    n, sizes, num_epochs = training_size(case)
    taken = row_indices(case, recorded_calls(case, calls))
    problem = epoch_problem(chunk(taken, len(sizes)), n, sizes, num_epochs)
    if not problem or len(taken) == num_epochs * len(sizes):
        return problem
    num_per_epoch, rest = divmod(len(taken), num_epochs)  # the number of updates is wrong: find the answer's own epochs
    if rest or not num_per_epoch:
        return f"its {len(taken)} calls of grad_fn do not make {num_epochs} epochs"
    return epoch_problem(chunk(taken, num_per_epoch), n, sizes, num_epochs)


def epoch_problem(epochs, n, sizes, num_epochs):
    """Describe the first of the epochs that does not take every example once in batches of these sizes, or None."""
    for number in range(num_epochs):
        epoch = epochs[number] if number < len(epochs) else []
        if problem := count_problem(epoch, n, "grad_fn gets example {} more than once"):
            return f"in epoch {number}, {problem}"
        if [len(batch) for batch in epoch] != sizes:
            return f"the batches of epoch {number} have the wrong sizes"
    return None


@report_malformed
def check_number_of_updates(case, value, calls):
    _, sizes, num_epochs = training_size(case)
    count, expected = len(recorded_calls(case, calls)), num_epochs * len(sizes)
    return None if count == expected else f"it calls grad_fn {count} times instead of once per batch in every epoch"


@report_malformed
def check_calls_grad_fn(case, value, calls):
    """Leaving the inputs unchanged earns nothing unless grad_fn is called."""
    recorded_calls(case, calls)


@report_malformed
def check_training_shuffled(case, value, calls):
    first, second = epochs_of_trainings(case, calls[0])
    n = len(case.args[1])
    return order_problem(first, n) or position_problem(first + second, n)


@report_malformed
def check_training_draws_from_rng(case, value, calls):
    """The second training has other batches than the first, and an equal generator repeats both."""
    first, again = ([without_order(epochs) for epochs in epochs_of_trainings(case, once)] for once in calls)
    if first[0] == first[1]:
        return "two calls with the same generator use the same batches"
    return None if first == again else "two generators with the same seed give different batches"
