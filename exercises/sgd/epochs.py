"""The checks of `minibatches`: of the batches of one epoch, and of several epochs."""

from .batches import (
    MalformedAnswer,
    arrays_in,
    batch_sizes,
    count_problem,
    fixed_place_problem,
    order_problem,
    position_problem,
    read_batches,
    report_malformed,
    without_order,
)


@report_malformed
def check_every_example_once(case, value):
    n = case.args[0]
    if problem := count_problem(read_batches(value), n):
        return problem
    # The smallest dtype for n is right. The same one for every n is not; larger n would take too many bytes to send.
    too_small = (batch.dtype for batch in arrays_in(value) if batch.dtype.itemsize == 2 and n < 128)
    return next((f"its indices are {dtype}, which is too small for many examples" for dtype in too_small), None)


@report_malformed
def check_batch_sizes(case, value):
    n, batch_size, _ = case.args
    sizes, expected = [len(batch) for batch in read_batches(value)], batch_sizes(n, batch_size)
    if len(arrays_in(value)) < len(sizes):
        return "a batch is a list of numbers, not an array"
    if len(sizes) != len(expected):
        count = "1 batch" if len(sizes) == 1 else f"{len(sizes)} batches"
        return f"it returns {count} instead of {len(expected)}" if sizes else "it returns no batch"
    return None if sizes == expected else "the batches have the wrong sizes"


def expect_calls(case, value):
    """Refuse forged data with more calls than were made: comparing all pairs of them would take long."""
    if [len(calls) for calls in value] != list(case.rounds):
        raise MalformedAnswer("its batches cannot be read")


@report_malformed
def check_shuffled_every_epoch(case, value):
    """Epochs differ, no two examples stay together, and no example stays in early or in late batches."""
    expect_calls(case, value)
    (calls,), n = value, case.args[0]
    epochs = [read_batches(epoch) for epoch in calls]
    if n < 10:  # two right epochs of so few examples may agree, but not all epochs
        return "all epochs have the same batches" if len(set(without_order(epochs))) == 1 else None
    return order_problem(epochs, n) or position_problem(epochs, n) or fixed_place_problem(epochs, n)


@report_malformed
def check_draws_from_rng(case, value):
    """The batches change from call to call, and an equal generator repeats them."""
    expect_calls(case, value)
    ordered = [[read_batches(epoch) for epoch in epochs] for epochs in value]
    first, again = map(without_order, ordered)
    if len(set(first)) == 1:
        is_same_order = len({str([batch.tolist() for batch in epoch]) for epoch in ordered[0]}) == 1
        what = "the same batches" if is_same_order else "batches with the same examples, only in another order"
        return f"every call returns {what}"
    return None if first == again else "two generators with the same seed give different batches"
