"""04-sgd/sgd: right random answers are never rejected, wrong ones always, and the claims of the notebook are true."""

import copy
import functools
import math
import os
import random
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from autograder import probe
from autograder.judging.cases import FactoryArg
from autograder.judging.decode import CallResult
from autograder.judging.rule_failures import find_failure
from exercises.sgd.batches import chunk, order_problem, position_problem, without_order
from exercises.sgd.spec import (
    count_updates,
    floor_updates,
    reference_all_minibatch_gradients,
    reference_minibatches,
    reference_train_sgd,
)
from lectrain import data
from tests.claims.notebook import all_but_demonstrations
from tests.conftest import REPOSITORY, exercises
from tests.exercises.points import always_fails, failed_rules

STORED = {file.stem: np.load(file) for file in (REPOSITORY / "data" / "04-sgd").glob("sgd-*.npy")}  # no pickles
minibatches, train_sgd = exercises["minibatches"], exercises["train_sgd"]
all_minibatch_gradients = exercises["all_minibatch_gradients"]


# --- right answers ----------------------------------------------------------------------------------------------


@functools.cache
def draw(exercise, seed):
    return exercises[exercise].draw(seed)


def make_argument(argument):
    if isinstance(argument, FactoryArg):
        return argument.make()
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def call_directly(answer, case):
    """Call an answer on a case as the probe does, without encoding as JSON, which takes most of the time."""
    values, calls = [], []
    for repeats in case.rounds or (1,):
        arguments = [make_argument(argument) for argument in case.args]
        try:
            values.append([probe._take_items(answer(*arguments)) for _ in range(repeats)])
        except Exception as error:
            return CallResult(error=(type(error).__name__, str(error)))
        calls.append([getattr(argument, "calls", None) for argument in arguments])
    return CallResult(values, calls=calls) if case.rounds else CallResult(values[0][0], calls=calls[0])


def rejections(exercise, answer, seed):
    drawn = draw(exercise.name, seed)
    answers = [call_directly(answer, case) for case in drawn.cases]
    pairs = ((rule, i) for rule, rows in drawn.rules_with_cases for i in rows)
    failures = (find_failure(rule, drawn.cases[i], answers[i], CallResult()) for rule, i in pairs)
    return [failure and failure.message for failure in failures]


DRAWS = int(os.environ.get("LECTRAIN_DRAWS", 30))
RIGHT = [(exercise, name) for exercise in (minibatches, train_sgd) for name in exercise.variants]


@pytest.mark.parametrize(("exercise", "name"), RIGHT, ids=lambda value: getattr(value, "name", value))
def test_right_random_answers_pass_for_every_seed(exercise, name):
    answer = exercise.variants[name]
    rejected = [seed for seed in range(DRAWS) if any(rejections(exercise, answer, seed))]
    assert rejected == []


def test_batches_that_are_drawn_with_replacement_make_right_steps():
    def with_replacement(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for _ in range(num_epochs * -(-len(X) // batch_size)):
            rows = rng.integers(0, len(X), batch_size)
            w = w - lr * grad_fn(w, X[rows], y[rows])
        return w

    assert "each step: lr times the gradient, downhill" not in failed_rules(train_sgd, with_replacement)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the mean over an empty batch
@pytest.mark.parametrize("exercise", [minibatches, train_sgd], ids=lambda exercise: exercise.name)
def test_calling_directly_agrees_with_the_judge(exercise):
    known = dict(exercise.variants) | {name: mistake.answer for name, mistake in exercise.mistakes.items()}
    mutation = {rule.name for rule in exercise.rules if rule.mutation == "none"}  # only the probe detects it
    for answer in known.values():
        short = any(rejections(exercise, answer, 0))
        assert short == bool(failed_rules(exercise, answer) - mutation)


# --- wrong answers that are not in the catalogue ----------------------------------------------------------------


def frozen(rng):
    """A copy of the generator, so that the original never advances."""
    return copy.deepcopy(rng)


def with_the_legacy_seed(n, batch_size, rng):
    np.random.seed(541)
    return chunk(np.random.permutation(n), batch_size)


def with_the_standard_library(n, batch_size, rng):
    return chunk(np.array(random.sample(range(n), n)), batch_size)


def strides_in_random_order(n, batch_size, rng):
    """Every k-th example, starting at 0 to k - 1 in random order."""
    k = -(-n // batch_size)
    return chunk(np.concatenate([np.arange(n)[first::k] for first in rng.permutation(k)]), batch_size)


@pytest.mark.parametrize("make", [
    lambda n, batch_size, rng: reference_minibatches(n, batch_size, rng)[::-1],
    lambda n, batch_size, rng: reference_minibatches(n, batch_size, frozen(rng)),
    lambda n, batch_size, rng: reference_minibatches(n, batch_size, np.random.default_rng(n)),
    lambda n, batch_size, rng: chunk(np.roll(np.arange(n), -rng.integers(n))[::-1], batch_size),
    lambda n, batch_size, rng: chunk(rng.permutation(n).tolist(), batch_size),
    lambda n, batch_size, rng: chunk(np.argsort(rng.integers(3, size=n), kind="stable"), batch_size),
    lambda n, batch_size, rng: chunk(rng.permutation(n) if n > 7 else np.arange(n), batch_size),
    lambda n, batch_size, rng: chunk(np.concatenate([rng.permutation(part) for part in chunk(np.arange(n), 64)]), batch_size),
    with_the_legacy_seed,
    with_the_standard_library,
    strides_in_random_order,
])  # fmt: skip
def test_unlisted_wrong_batches_are_rejected(make):
    assert always_fails(minibatches, make, range(3))


def train_by(update):
    """A training whose steps are ``update(w, w0, X, y, batch, grad_fn, lr)``."""

    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for _ in range(num_epochs):
            for batch in reference_minibatches(len(X), batch_size, rng):
                w = update(w, w0, X, y, batch, grad_fn, lr)
        return w

    return train


def mean_of_the_path(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, path = w0, [w0]
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            w = w - lr * grad_fn(w, X[batch], y[batch])
            path.append(w)
    return np.mean(path, axis=0)


def one_gradient_too_many(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = reference_train_sgd(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng)
    grad_fn(w, X, y)
    return w


def one_batch_per_epoch(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        batch = reference_minibatches(len(X), batch_size, rng)[0]
        w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def rows_with_permuted_entries(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return reference_train_sgd(w0, rng.permuted(X, axis=0), y, grad_fn, lr, batch_size, num_epochs, rng)


def with_momentum(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, V = w0, np.zeros_like(w0)
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            V = lr * grad_fn(w, X[batch], y[batch]) + 0.5 * V
            w = w - V
    return w


def unit_step(w, w0, X, y, batch, grad_fn, lr):
    g = grad_fn(w, X[batch], y[batch])
    return w - lr * g / np.linalg.norm(g)


def stops_at_small_gradients(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for batch in reference_minibatches(len(X), batch_size, rng):
            g = grad_fn(w, X[batch], y[batch])
            if np.abs(g).max() < 1e-3:
                return w
            w = w - lr * g
    return w


def two_alternating_orders(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, orders = w0, [rng.permutation(len(X)) for _ in range(2)]
    for epoch in range(num_epochs):
        for batch in chunk(orders[epoch % 2], batch_size):
            w = w - lr * grad_fn(w, X[batch], y[batch])
    return w


def least_squares(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def train_on_batches(make_batches):
    def train(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
        w = w0
        for _ in range(num_epochs):
            for batch in make_batches(len(X), batch_size, rng):
                w = w - lr * grad_fn(w, X[batch], y[batch])
        return w

    return train


@pytest.mark.parametrize("train", [
    train_by(lambda w, w0, X, y, batch, grad_fn, lr: w0 - lr * grad_fn(w, X[batch], y[batch])),
    train_by(lambda w, w0, X, y, batch, grad_fn, lr: w - lr * grad_fn(w0, X[batch], y[batch])),
    train_by(lambda w, w0, X, y, batch, grad_fn, lr: w - lr * grad_fn(w, X[batch], y[: len(batch)])),
    train_by(unit_step), mean_of_the_path, one_gradient_too_many, one_batch_per_epoch, rows_with_permuted_entries,
    with_momentum, least_squares, stops_at_small_gradients, two_alternating_orders,
    lambda w0, X, y, g, lr, B, E, rng: reference_train_sgd(w0, X, y, g, lr, B, min(E, 3), rng),
    lambda w0, X, y, g, lr, B, E, rng: reference_train_sgd(w0, X, y, g, lr, B, E, frozen(rng)),
    train_on_batches(lambda n, batch_size, rng: reference_minibatches(n, batch_size, frozen(rng))),
    train_on_batches(with_the_legacy_seed),
    train_on_batches(with_the_standard_library),
])  # fmt: skip
def test_unlisted_wrong_trainings_are_rejected(train):
    assert always_fails(train_sgd, train, range(3))


@pytest.mark.parametrize(("name", "answer"), [
    ("all_minibatch_gradients", lambda per_example, B: reference_all_minibatch_gradients(per_example, B)[:100]),
    ("all_minibatch_gradients", lambda per_example, B: reference_all_minibatch_gradients(per_example.ravel("K").reshape(per_example.shape), B)),
    ("scaled_lr", lambda base_lr, base_batch, batch: base_lr * batch / (base_batch + 1e-8)),
    ("scaled_lr", lambda base_lr, base_batch, batch: np.squeeze(base_lr * batch / base_batch)),
])  # fmt: skip
def test_answers_wrong_in_one_case_are_rejected(name, answer):
    assert always_fails(exercises[name], answer, range(3))


def test_wrong_trainings_that_converge_are_rejected():
    """Many wrong trainings end near the best weights. Only their calls of grad_fn show the mistake."""
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(200, 2)), np.array([2.0, -1.0])
    y = X @ w

    def gradient(w, X, y):
        return X.T @ (X @ w - y) / len(y)

    for name in ("shuffles once", "one epoch too many", "with replacement", "drops the last batch"):
        wrong = train_sgd.mistakes[name].answer
        np.testing.assert_allclose(wrong(np.zeros(2), X, y, gradient, 0.1, 16, 50, rng), w, atol=1e-3)
        assert failed_rules(train_sgd, wrong)


# --- the references, and the claims of the notebook about them --------------------------------------------------


@pytest.mark.parametrize("B", range(1, 8))
def test_batch_gradients_are_unbiased_and_their_variance_follows_the_formula(B):
    g = np.random.default_rng(B).normal(size=(7, 3))
    every = reference_all_minibatch_gradients(g, B)
    assert len(every) == math.comb(7, B)
    np.testing.assert_allclose(every.mean(axis=0), g.mean(axis=0), atol=1e-15)
    spread = np.sum((g - g.mean(axis=0)) ** 2, axis=1).mean()
    variance = np.sum((every - g.mean(axis=0)) ** 2, axis=1).mean()
    assert variance == pytest.approx(spread / B * (7 - B) / 6, abs=1e-15)
    assert np.linalg.norm(every, axis=1).mean() >= np.linalg.norm(g.mean(axis=0))


@pytest.mark.parametrize(("n", "B"), [(3, 2), (6, 3), (7, 1), (5, 5)])
def test_key_of_counting_agrees_with_enumeration(n, B):
    batches = list(combinations(range(n), B))
    with_first = sum(0 in batch for batch in batches)
    options = {
        "a": math.comb(n, B), "b": math.comb(n - 1, B - 1), "c": math.comb(n - 1, B), "d": Fraction(B, n),
        "e": Fraction(n, B), "f": Fraction(1, n), "g": Fraction(1, B), "h": 1,
    }  # fmt: skip
    key = exercises["counting"].reference
    assert options[key["with i"]] == with_first
    assert options[key["share"]] == Fraction(with_first, len(batches))
    assert options[key["weight"]] == Fraction(with_first, len(batches)) / B


@pytest.mark.parametrize(("n", "B", "E"), [(10, 4, 7), (12, 3, 2), (5, 9, 4), (999, 64, 1)])
def test_formula_with_floor_is_one_update_too_small_for_each_epoch_with_a_smaller_batch(n, B, E):
    batches = E * len(reference_minibatches(n, B, np.random.default_rng(0)))
    assert count_updates(n, B, E) == batches
    assert batches - floor_updates(n, B, E) == (E if n % B else 0)


def test_an_empty_last_batch_is_not_taken_for_repeated_examples():
    verdict = minibatches.check(minibatches.mistakes["one batch too many"].answer)
    assert {finding.rule for finding in verdict.findings if not finding.passed} == {"batch sizes"}
    assert "instead of" in next(finding.message for finding in verdict.findings if not finding.passed)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"n": 10, "batch_size": 4, "num_epochs": 3}, "the formula is 3 too small"),
        ({"n": 12, "batch_size": 4, "num_epochs": 7}, "the same value"),
        ({"n": 10**9, "batch_size": 4, "num_epochs": 7}, "n must be a whole number from 1 to 1000"),
        ({"n": 10, "batch_size": 0, "num_epochs": 7}, "batch_size must be"),
        ({"n": 10, "batch_size": 4}, "a dict with the keys"),
        ("n = 10", "a dict with the keys"),
    ],
)
def test_messages_about_counterexamples_name_what_is_wrong(answer, words):
    verdict = exercises["too_few_updates"].check(answer)
    assert verdict.score == 0
    assert words in verdict.findings[0].message


def test_key_of_the_quiz_agrees_with_computed_claims():
    variance = {B: (10**6 - B) / (10**6 - 1) / B for B in (64, 6400)}
    X, y = np.random.default_rng(0).normal(size=(9, 2)), np.random.default_rng(1).normal(size=9)
    gradients = X * (X @ np.linalg.lstsq(X, y)[0] - y)[:, None]  # of the examples, at the best weights
    true = {
        "a": math.sqrt(variance[6400] / variance[64]) == pytest.approx(0.1, rel=0.01),
        "b": np.abs(reference_all_minibatch_gradients(gradients, 3).mean(axis=0)).max() < 1e-14,
        "c": loss_of_one_step_with_all_pictures(93.75) < math.log(10),
    }
    assert {letter for letter, holds in true.items() if holds} == exercises["sgd_quiz"].reference


def loss_of_one_step_with_all_pictures(lr):
    """The loss of softmax regression after one step from 0, on every tenth picture."""
    images, labels = data.load_fashion_mnist("train")
    X, labels = images[::10].reshape(-1, 784) / 255, labels[::10]
    X = np.column_stack([X - X.mean(axis=0), np.ones(len(X))])
    W = lr * X.T @ (np.eye(10)[labels] - 0.1) / len(X)
    Z = X @ W
    Z -= Z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), labels])


def seconds_to(target, runs):
    """For each batch size of the sweep, the seconds until the loss was below the target."""
    return np.array([seconds[np.argmax(loss < target)] for _, seconds, loss in runs.transpose(0, 2, 1)])


# --- stored results ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook():
    return all_but_demonstrations("sgd")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("paths", "np.concatenate([path_of(B) for B in (200, 20, 1)])"),
        ("moments", "np.array([moments(B) for B in np.arange(1, 13)])"),
        ("batches", "three_clouds()"),
        ("decay", "np.array([schedules(), [losses_with(lrs) for lrs in schedules()]])"),
        ("cosine", "cosine_rates_and_losses()"),
    ],
)
def test_stored_results_are_those_of_the_solution(notebook, name, code):
    np.testing.assert_allclose(eval(code, notebook), STORED[f"sgd-{name}"], rtol=1e-6, atol=1e-9)


def test_stored_orders_and_floors_are_those_of_the_solution(notebook):
    ways = ("sampling", "independent batches", "shuffled once", "shuffled every epoch")
    first = [notebook["wandering"](way, 0) for way in ways]
    np.testing.assert_allclose(first, STORED["sgd-orders"][:, 0], rtol=1e-6)
    floor = np.mean([notebook["wandering"]("shuffled every epoch", seed, 0.2, 20)[0] for seed in range(5)])
    assert STORED["sgd-floors"][1, 0] == pytest.approx(floor)


def test_stored_results_are_small_and_all_used():
    source = (REPOSITORY / "solutions" / "04-sgd" / "sgd.ipynb").read_text(encoding="utf-8")
    assert sum(array.nbytes for array in STORED.values()) < 50_000
    assert all(f"04-sgd/{name}" in source for name in STORED)


def test_error_is_proportional_to_1_over_the_root_of_B_on_60_000_pictures():
    constant = STORED["sgd-errors"] ** 2 * 4 ** np.arange(7)
    np.testing.assert_allclose(constant / constant.mean(), 1, atol=0.1)


def test_numbers_about_shuffling_in_the_notebook():
    assert STORED["sgd-class-order"][[0, -1]] == pytest.approx([0.82, 0.38], abs=0.005)
    floors, of_mean = 1000 * STORED["sgd-orders"].transpose(2, 0, 1)
    assert floors.mean(axis=1) == pytest.approx([3.19, 3.22, 0.83, 1.41], abs=0.005)
    assert [floors[2].min(), floors[2].max()] == pytest.approx([0.33, 1.49], abs=0.005)
    assert of_mean.mean(axis=1)[2:] == pytest.approx([0.724, 0.004], abs=0.0005)


def test_an_update_is_more_likely_to_improve_the_loss_with_larger_batches():
    assert STORED["sgd-improved"][:, 0].round(2).tolist() == [0.48, 0.54, 0.68, 0.86]


def test_scaling_rule_holds_below_the_cap_and_fails_above():
    rates, losses = 0.0125 * 2.0 ** np.arange(10), STORED["sgd-rates"]
    np.testing.assert_allclose(STORED["sgd-rule"], 0.1 * np.array([8, 64, 512, 4096]) / 64)
    by_rule = losses[range(4), np.argmin(np.abs(rates - STORED["sgd-rule"][:, None]), axis=1)]
    np.testing.assert_allclose(by_rule[:3], by_rule[1], rtol=0.05)
    assert by_rule[3] > 1.8
    assert rates[np.nanargmin(losses, axis=1)].tolist() == [0.1, 0.4, 0.8, 0.8]


def test_claims_of_the_slides_hold_in_the_sweep():
    B = np.array([1, 8, 64, 512, 4096, 60_000])
    runs = STORED["sgd-sweep"]
    assert runs.shape == (6, 12, 3)
    by_seconds = seconds_to(0.8, runs)
    assert B[np.argmin(by_seconds)] in (8, 64, 512)
    assert by_seconds[-1] == by_seconds.max()
    epochs = [np.interp(1, run[:, 0] / np.ceil(60_000 / size), run[:, 2]) for size, run in zip(B, runs, strict=True)]
    assert (np.diff(epochs[2:]) > 0).all()
    updates = [np.interp(10, run[:, 0], run[:, 2]) for run in runs]
    assert (np.diff(updates[:4]) < 0).all()
    np.testing.assert_allclose(updates[3:], updates[3], rtol=0.1)


def test_loss_after_fast_decay_is_what_remains_without_noise(notebook):
    constant, slow, fast = STORED["sgd-decay"][1]
    cosine = STORED["sgd-cosine"][1]
    assert constant[-20:].mean() > 100 * max(slow[-1], cosine[-1])
    assert fast[-1] == pytest.approx(fast[10], rel=0.05)
    curvatures, axes = np.linalg.eigh(notebook["X_small"].T @ notebook["X_small"] / 200)
    shares = np.prod(1 - np.outer(0.5 ** np.arange(1, 61), curvatures), axis=0) ** 10
    left = shares * (axes.T @ notebook["w_best"])
    assert fast[-1] == pytest.approx(np.sum(curvatures * left**2) / 2, rel=0.1)


def test_without_order_ignores_the_order_of_batches_and_within_them():
    one, other = without_order([[np.array([1, 2]), np.array([3])], [np.array([3]), np.array([2, 1])]])
    assert one == other


def test_batches_that_cannot_show_an_order_are_not_said_to_be_neighbours():
    assert order_problem([[np.array([2]), np.array([0])]], 3).endswith("do not show that the examples are shuffled")
    assert position_problem([], 3) is None
