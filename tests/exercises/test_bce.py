"""The exercises of 02-bce: references against independent sources, unusual answers."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from exercises.bce.paths import reference_gradient_descent
from exercises.bce.spec import reference_bce_with_logits
from exercises.factories import AffineGradient
from exercises.sigmoid.spec import reference_sigmoid
from tests.conftest import exercises
from tests.exercises.points import always_fails, failed_rules

mse_grad, bce_grad = exercises["mse_grad"], exercises["bce_grad"]
bce_from_probs, bce_with_logits = exercises["bce_from_probs"], exercises["bce_with_logits"]
gradient_descent = exercises["gradient_descent"]


def complex_sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mse_loss(w, X, y):
    return ((complex_sigmoid(X @ w) - y) ** 2).mean() / 2


def log_loss(w, X, y):
    p = complex_sigmoid(X @ w)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


LOSSES = [(mse_grad, mse_loss), (bce_grad, log_loss)]


def example(seed=0, n=7, d=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=d), rng.normal(size=(n, d)), np.arange(n) % 2


def column(v):
    return np.reshape(v, (-1, 1))


# --- the references ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exercise", "loss"), LOSSES)
@pytest.mark.parametrize("seed", range(2))
def test_gradients_agree_with_complex_step_derivatives(exercise, loss, seed):
    w, X, y = example(seed)
    h = 1e-30
    by_complex_step = [loss(w + 1j * h * unit, X, y).imag / h for unit in np.eye(3)]
    np.testing.assert_allclose(exercise.reference(w, X, y), by_complex_step, rtol=1e-10, atol=1e-13)


def test_gradients_and_loss_agree_with_automatic_differentiation():
    torch = pytest.importorskip("torch", reason="PyTorch is an independent source of the same gradients")
    functional = torch.nn.functional
    w, X, y = example()
    X_t, y_t = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    for exercise, loss in [
        (mse_grad, lambda z: functional.mse_loss(torch.sigmoid(z), y_t) / 2),
        (bce_grad, lambda z: functional.binary_cross_entropy_with_logits(z, y_t)),
    ]:
        w_t = torch.tensor(w, requires_grad=True)
        (by_autograd,) = torch.autograd.grad(loss(X_t @ w_t), w_t)
        np.testing.assert_allclose(exercise.reference(w, X, y), by_autograd.numpy(), rtol=1e-10)
    z = np.array([-1000.0, -40, -3, 0, 2, 40, 1000])
    for label in (0, 1):
        y_t = torch.full((7,), float(label), dtype=torch.float64)
        by_torch = functional.binary_cross_entropy_with_logits(torch.tensor(z), y_t).item()
        np.testing.assert_allclose(reference_bce_with_logits(z, np.full(7, label)), by_torch, rtol=1e-14)


@pytest.mark.parametrize("z", [-700, -40, -3.7, 0, 0.2, 5, 40, 700])
@pytest.mark.parametrize("y", [0, 1])
def test_loss_agrees_with_fifty_decimal_digits(z, y):
    with localcontext() as context:
        context.prec, context.Emin = 350, -10_000
        p = 1 / (1 + (-Decimal(z)).exp())
        loss = -(p if y else 1 - p).ln()
        np.testing.assert_allclose(reference_bce_with_logits(np.array([z]), np.array([y])), float(loss), rtol=1e-13)


def test_losses_have_known_values():
    for z, y, loss in [(1000, 0, 1000), (-1000, 1, 1000), (1000, 1, 0), (-1000, 0, 0), (0, 0, math.log(2))]:
        assert reference_bce_with_logits(np.array([float(z)]), np.array([y])) == loss
    p, y = np.array([0.5, 0.25, 0.75]), np.array([1, 0, 1])
    np.testing.assert_allclose(bce_from_probs.reference(p, y), (math.log(2) - 2 * math.log(0.75)) / 3, rtol=1e-15)


def test_only_the_gradient_of_the_mse_is_attenuated():
    w, X, y = np.array([10.0]), np.ones((1, 1)), np.array([0])
    assert mse_grad.reference(w, X, y)[0] == pytest.approx(4.5e-5, rel=0.01)
    assert bce_grad.reference(w, X, y)[0] == pytest.approx(1.0, rel=1e-4)


def test_descent_on_a_quadratic_agrees_with_its_closed_form():
    A, b, w0, lr = np.diag([1.0, 4.0]), np.array([1.0, -2.0]), np.array([3.0, -1.0]), 0.2
    path = reference_gradient_descent(AffineGradient(A, b), w0, lr, 6)
    best = -b / np.diag(A)
    closed_form = [best + (1 - lr * np.diag(A)) ** t * (w0 - best) for t in range(7)]
    np.testing.assert_allclose(path, closed_form, rtol=1e-13)


def test_stalling_start_agrees_with_the_differential_equation():
    """The steps follow dz/dt = -p²(1 - p), whose time from z to 0 has a closed form."""

    def time_to_zero(z):
        return 3 * z + math.exp(z) - 1 + 3 * (1 - math.exp(-z)) + (1 - math.exp(-2 * z)) / 2

    assert time_to_zero(6.8) < 1000 < time_to_zero(6.9)

    def logit_after(z):
        one, zero = np.ones((1, 1)), np.zeros(1)
        return reference_gradient_descent(lambda w: mse_grad.reference(w, one, zero), np.array([z]), 1.0, 1000)[-1, 0]

    assert logit_after(6.8) < 0 < logit_after(6.9)


# --- unusual right answers --------------------------------------------------------------------------------------


def in_matrices(w, X, y):
    r = reference_sigmoid(np.matmul(X, column(w))) - column(y)
    return np.squeeze(np.matmul(r.T, X), axis=0) / X.shape[0]


def weight_by_weight(w, X, y):
    p = [1 / (1 + math.exp(-z)) if z > -700 else 0.0 for z in (X @ w).tolist()]
    return np.array([sum((a - b) * x for a, b, x in zip(p, y, X[:, j], strict=True)) / len(y) for j in range(len(w))])


@pytest.mark.parametrize(
    "answer", [in_matrices, weight_by_weight, lambda w, X, y: np.average(X, 0) * 0 + in_matrices(w, X, y)]
)
def test_bce_grad_accepts(answer):
    assert all(bce_grad.check(answer, seed).passed for seed in range(3))


@pytest.mark.parametrize(
    "answer",
    [
        lambda z, y: np.log1p(np.exp(-np.abs(z))).mean() + np.where(y == 1, -z, z).clip(0).mean(),
        lambda z, y: sum(float(np.logaddexp(0.0, -a if b == 1 else a)) for a, b in zip(z, y, strict=True)) / len(z),
        lambda z, y: -np.where(y > 0.5, -np.logaddexp(0, -z), -np.logaddexp(0, z)).mean(),
        lambda z, y: np.logaddexp(np.zeros(len(z)), z).mean() - np.mean(z * y),
        lambda z, y: np.longdouble(reference_bce_with_logits(z, y)),
    ],
)
def test_bce_with_logits_accepts(answer):
    assert all(bce_with_logits.check(answer, seed).passed for seed in range(3))


# --- unusual wrong answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exercise", "loss"), LOSSES)
@pytest.mark.parametrize("h", [1e-3, 1e-5, 1e-7])
def test_central_differences_are_rejected(exercise, loss, h):
    def estimate(w, X, y):
        return np.array([(loss(w + h * unit, X, y) - loss(w - h * unit, X, y)) / (2 * h) for unit in np.eye(len(w))])

    assert always_fails(exercise, estimate, range(3))


def modifies_float_labels(loss):
    def answer(z, y):
        value = loss(z, y)
        if y.dtype.kind == "f":
            y *= 2
        return value

    return answer


def rounds_small_losses(z, y):
    loss = reference_bce_with_logits(z, y)
    return np.round(loss, 6) if loss < 1e-5 else loss


def drops_repeated_examples(w, X, y):
    rows = np.unique(np.column_stack([X, y]), axis=0)
    return bce_grad.reference(w, rows[:, :-1], rows[:, -1])


def clipped_to_length_1000(g):
    return g / max(1.0, np.linalg.norm(g) / 1000)


@pytest.mark.parametrize(
    ("exercise", "answer", "rule"),
    [
        (mse_grad, lambda w, X, y: mse_grad.reference(w, X, y) * (1 < y.sum() + (len(y) == 1) < len(y)), "the mean over examples"),
        (bce_grad, lambda w, X, y: bce_grad.reference(w, X.T if len(y) == len(w) > 1 else X, y), "the mean over examples"),
        (bce_grad, drops_repeated_examples, "the mean over examples"),
        (bce_with_logits, rounds_small_losses, "large logits: exact for right and wrong predictions"),
        (bce_with_logits, lambda z, y: reference_bce_with_logits(z, y if 0 in y or len(y) == 1 else 1 - y), "moderate logits"),
        (bce_with_logits, modifies_float_labels(reference_bce_with_logits), "no warning, inputs unchanged"),
        (gradient_descent, lambda f, w0, lr, T: reference_gradient_descent(f, w0, lr, T).astype(float if T else w0.dtype), "zero or many steps, one weight, integer w0, w0 unchanged"),
        (gradient_descent, lambda f, w0, lr, T: reference_gradient_descent(lambda w: clipped_to_length_1000(f(w)), w0, lr, T), "the last row is the end point"),
    ],
)  # fmt: skip
def test_subtle_mistake_fails_its_rule(exercise, answer, rule):
    assert all(rule in failed_rules(exercise, answer, seed) for seed in range(3))


@pytest.mark.parametrize("eps", [1e-300, 1e-9])
def test_constant_inside_the_logarithm_is_rejected(eps):
    def with_constant(z, y):
        p = reference_sigmoid(z)
        return -np.mean(y * np.log(p + eps) + (1 - y) * np.log(1 - p + eps))

    assert "large logits: exact for right and wrong predictions" in failed_rules(bce_with_logits, with_constant)


def test_a_list_of_the_rows_is_reported_as_a_list():
    findings = gradient_descent.check(lambda *args: list(gradient_descent.reference(*args))).findings
    assert [finding.passed for finding in findings] == [True, False, False]
    assert all("instead of an array" in finding.message for finding in findings[1:])


# --- questions --------------------------------------------------------------------------------------------------


def derivation_lines(fill, label):
    """Every line of the derivation as a vector, with the blanks filled by ``fill(number)``: all are equal if right."""
    w, X, _ = example(n=1)
    x, s = X[0], float(reference_sigmoid(X[0] @ w))
    h = 1e-30

    def gradient(f):
        return np.array([f(complex_sigmoid(x @ (w + 1j * h * unit))).imag / h for unit in np.eye(3)])

    pieces = {
        "a": x * (s - label), "b": x * s, "c": label - s, "d": s * (1 - s), "e": x * s * (1 - s), "f": x * (1 - s),
        "g": x * (s - label) * s * (1 - s), "h": s, "i": 1 - s, "j": label * s,
    }  # fmt: skip
    blank = {number: pieces[fill(number)] for number in range(2, 7)}
    first = {"h": lambda p: p, "i": lambda p: 1 - p, "d": lambda p: p * (1 - p)}.get(fill(1), lambda p: p**3)
    return {
        0: -gradient(lambda p: label * np.log(p) + (1 - label) * np.log(1 - p)),
        1: -gradient(lambda p: label * np.log(first(p)) + (1 - label) * np.log(1 - first(p))),
        2: -(label * blank[2] / s - (1 - label) * blank[2] / (1 - s)),
        3: -(label * blank[3] - (1 - label) * x * s),
        4: -x * (label - label * s - s + blank[4]),
        5: -x * blank[5],
        6: blank[6],
    }


def equal(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9)


def test_derivation_holds_with_the_key_and_with_no_other_letter():
    key = {int(label[-1]): letter for label, letter in exercises["bce_derivation"].reference.items()}

    def wrong_lines(fill):
        lines = [derivation_lines(fill, label) for label in (0, 1)]
        return {number for number in range(7) if not all(equal(by[0], by[number]) for by in lines)}

    assert wrong_lines(key.get) == set()
    for number in range(1, 7):
        for letter in set("abcdefghij") - {key[number]}:
            assert wrong_lines({**key, number: letter}.get) == {number}, (number, letter)


def test_likelihood_holds_with_the_key_and_with_no_other_letter():
    p, y = np.array([0.9, 0.2, 0.5]), np.array([1, 0, 1])
    each = np.where(y == 1, p, 1 - p)
    candidates = {
        "line 1": {"a": p**y * (1 - p) ** (1 - y), "b": p ** (1 - y) * (1 - p) ** y, "c": p**p * (1 - p) ** (1 - p)},
        "line 2": {"d": each.sum(), "e": each.prod()},
        "line 3": {"d": np.log(each).sum(), "e": np.log(each).prod()},
        "line 4": {"f": 0.09, "g": 0.36, "h": 2.2},
    }
    right = {"line 1": each, "line 2": each.prod(), "line 3": np.log(each.prod()), "line 4": each.prod()}
    for line, values in candidates.items():
        fitting = {letter for letter, value in values.items() if equal(value, right[line])}
        assert fitting == {exercises["bce_likelihood"].reference[line]}


@pytest.mark.parametrize(
    "answer",
    [{"z": 26.2, "y": 0}, {"z": np.float32(-27), "y": np.int8(1)}, {"y": [1.0], "z": [[-1000]]}, {"z": 1000, "y": 0}],
)
def test_a_pair_with_a_loss_10_too_small_is_accepted(answer):
    assert exercises["clipped_pair"].check(answer).passed


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"z": 26.1, "y": 0}, "z = 26.1, y = 0: the clipped loss is not 10 smaller than the true one"),
        ({"z": 500, "y": 1}, "z = 500.0, y = 1: the clipped loss is not 10 smaller than the true one"),
        ({"z": 1001, "y": 0}, "z must be a number from -1000 to 1000"),
        ({"z": 30, "y": 2}, "y must be a whole number from 0 to 1"),
        ({"z": float("nan"), "y": 0}, "z must be a number from -1000 to 1000"),
        ((30, 0), "answer with a dict with the keys 'z', 'y'"),
    ],
)
def test_a_pair_that_does_not_fit_is_explained(answer, message):
    (finding,) = exercises["clipped_pair"].check(answer).findings
    assert finding.message.startswith(message)
