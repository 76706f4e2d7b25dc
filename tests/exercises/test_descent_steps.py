"""The first wrong step of a descent is described by what is true of it."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.descent_steps import find_departure

LR, NUM_STEPS, SIZES = 0.1, 6, np.array([4, 4, 2, 4, 4, 2])
COUNTS = {"lr": np.full(NUM_STEPS, LR), "size": SIZES, "batch_size": np.full(NUM_STEPS, 4)}


def departure(change, num_per_epoch=0):
    """The departure of a descent on random gradients with ``change(step, k, step before, weights)`` as step k."""
    rng = np.random.default_rng(0)
    visited, expected = [rng.normal(size=3)], []
    expected.append(visited[0])
    for k in range(NUM_STEPS):
        step = -LR * rng.normal(size=3)
        before = visited[-1] - visited[-2] if k else np.zeros(3)
        expected.append(visited[-1] + step)
        visited.append(visited[-1] + change(step, k, before, visited[-1]))
    return find_departure(np.array(visited), np.array(expected), COUNTS, num_per_epoch)


def test_right_steps_have_no_departure():
    assert departure(lambda step, *_: step) is None


@pytest.mark.parametrize("factor", [-1, 0.5, 3])
@pytest.mark.parametrize("first", [0, 3])
def test_a_constant_factor_is_reported_with_the_first_step_that_has_it(factor, first):
    message = departure(lambda step, k, *_: factor * step if k >= first else step)
    assert message == f"update {first} is {factor} times the expected one"


def test_the_epoch_is_reported():
    assert departure(lambda step, k, *_: 2 * step if k > 2 else step, 3).startswith("update 3 (in epoch 1) is 2 times")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda step, k, *_: step * SIZES[k], "size"),
        (lambda step, k, *_: step / SIZES[k], "1 / size"),
        (lambda step, k, *_: step * SIZES[k] / 4, "size / batch_size"),
        (lambda step, k, *_: step / LR, "1 / lr"),
    ],
)
def test_a_factor_is_named_if_it_explains_every_step(change, name):
    assert departure(change).endswith(f": each update is multiplied by {name}")


def test_a_factor_is_not_named_if_it_explains_a_single_step():
    assert "multiplied" not in departure(lambda step, k, *_: 4 * step if k == 0 else step)


def test_momentum_and_weight_decay_are_told_from_each_other():
    assert "0.9 times the update before it" in departure(lambda step, k, before, w: step + 0.9 * before)
    assert "-0.01 times the weights" in departure(lambda step, k, before, w: step - 0.01 * w)


def test_lost_weights_are_not_called_momentum_or_weight_decay():
    assert "starts again" in departure(lambda step, k, before, w: step - before if k == 2 else step)
    assert "replaces the weights" in departure(lambda step, k, before, w: step - w)


def test_clipped_lengths_and_clipped_entries_are_told_from_each_other():
    assert "same length" in departure(lambda step, *_: step * min(1, 0.05 / np.linalg.norm(step)))
    assert "equal absolute value" in departure(lambda step, *_: 0.1 * np.sign(step))
    assert "largest entries" in departure(lambda step, *_: np.clip(step, -0.05, 0.05))


@pytest.mark.parametrize("size", [1, 1e-9])
def test_an_unrelated_step_has_no_false_relation(size):
    noise = size * np.random.default_rng(1).normal(size=(NUM_STEPS, 3))
    assert departure(lambda step, k, *_: noise[k]) == "update 0 is not -lr times the gradient at the weights before it"


def test_a_wrong_start_and_a_missing_step_are_reported():
    path = np.arange(12.0).reshape(4, 3)
    assert "start" in find_departure(path + 1, path, {})
    assert "start" in find_departure(path[:1] + 1, path[:1], {})
    assert departure(lambda step, k, *_: 0 * step) == "calls 0 and 1 of grad_fn get the same weights"
    assert "returned weights" in departure(lambda step, k, *_: 0 * step if k == NUM_STEPS - 1 else step)


def test_a_gradient_at_earlier_weights_is_told_from_a_wrong_one():
    rng = np.random.default_rng(0)
    visited, steps = [np.zeros(3)], -LR * rng.normal(size=(NUM_STEPS, 3))
    for k in range(NUM_STEPS):
        visited.append(visited[-1] + steps[max(k - 1, 0)])
    expected = np.array([visited[0], *np.array(visited[:-1]) + steps])
    assert "the weights before update 0, not" in find_departure(np.array(visited), expected, {})


def test_single_precision_is_reported_instead_of_the_first_rounded_number():
    path = np.random.default_rng(0).normal(size=(4, 3))
    rounded = path.astype(np.float32).astype(float)
    assert find_departure(rounded, path, {}) == "the weights are stored in float32"
    halves = np.array([[1, 2], [1.5, 2.5]])
    assert find_departure(halves, np.array([[1, 2], [0.5, 1.5]]), {}) == "update 0 is -1 times the expected one"


@given(
    st.sampled_from([1e-2, 4e-3, 1e-4, 1e-6, 1e-8, 1e-10, 0.0]),
    st.sampled_from([-1, 1]),
    st.integers(0, NUM_STEPS - 1),
    st.sampled_from(["step", "before", "weights"]),
)
def test_no_message_says_that_an_update_is_once_itself_or_that_nothing_is_added(size, sign, first, what):
    """Such a sentence is true of every right update, and tells nothing about a wrong one."""

    def change(step, k, before, weights):
        return step + sign * size * {"step": step, "before": before, "weights": weights}[what] * (k >= first)

    message = departure(change) or ""
    assert not re.search(r"\bis -?(1|0) times|plus -?0 times", message)
    if size > 1e-7 and (first or what != "before"):
        assert message.startswith(f"update {max(first, what == 'before')} is ")
