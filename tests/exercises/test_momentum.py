"""The references of 05-momentum agree with independent ones, among them recordings of the real torch.optim.SGD."""

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest

from exercises.momentum.spec import (
    reference_condition_number,
    reference_momentum_step,
    reference_standardize,
    reference_torch_sgd_step,
)
from tests.conftest import REPOSITORY, exercises
from tests.exercises.points import always_fails

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "torch_sgd.json").read_text())

quadratic_grad, condition_number = exercises["quadratic_grad"], exercises["condition_number"]
standardize, momentum_step = exercises["standardize"], exercises["momentum_step"]
torch_sgd_step = exercises["torch_sgd_step"]


def bowl(seed=0, d=3):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(d, d))
    return root @ root.T + np.eye(d), rng.normal(size=d)


# --- the bowl ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_gradient_agrees_with_a_complex_step(seed):
    H, w = bowl(seed)
    h = 1e-30
    steps = [w + 1j * h * unit for unit in np.eye(3)]
    by_complex_step = [(v @ H @ v / 2).imag / h for v in steps]
    np.testing.assert_allclose(quadratic_grad.reference(H, w), by_complex_step, rtol=1e-10)


def test_gradient_agrees_with_automatic_differentiation():
    torch = pytest.importorskip("torch")
    H, w = bowl()
    w_t = torch.tensor(w, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(w_t @ torch.tensor(H) @ w_t / 2, w_t)
    np.testing.assert_allclose(quadratic_grad.reference(H, w), by_autograd.numpy(), rtol=1e-10)


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.9, 0.99])
def test_condition_number_of_two_correlated_features_has_a_closed_form(rho):
    closed_form = (1 + abs(rho)) / (1 - abs(rho))
    assert reference_condition_number(np.array([[1, rho], [rho, 1]])) == pytest.approx(closed_form, rel=1e-12)


@pytest.mark.parametrize("seed", range(2))
def test_condition_number_is_invariant_under_scale_and_rotation(seed):
    H, _ = bowl(seed)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    np.testing.assert_allclose(
        reference_condition_number(7 * turn @ H @ turn.T), reference_condition_number(H), rtol=1e-9
    )


def descend(H, lr, alpha=0.0, limit=200_000):
    """The number of steps that the reference takes from all ones until it is within 1e-6 of the minimum at 0."""
    w, V = np.ones(len(H)), np.zeros(len(H))
    for step in range(limit):
        if np.linalg.norm(w) < 1e-6:
            return step
        w, V = reference_momentum_step(w, V, H @ w, lr, alpha)
    raise AssertionError(f"not converged after {limit} steps")


def test_step_counts_in_the_notebook():
    H = np.diag([1.0, 100.0])
    assert descend(H, 1 / 100) == math.ceil(math.log(1e-6) / math.log(1 - 1 / 100)) == 1375
    assert descend(H, 2 / 101) == math.ceil(math.log(1e-6 / math.sqrt(2)) / math.log(99 / 101)) == 709
    assert descend(H, 1 / 100, 0.9) == 264
    assert descend(H, 4 / 11**2, (9 / 11) ** 2) == 95


@pytest.mark.parametrize("kappa", [100, 10_000])
def test_with_the_formula_the_error_is_about_2t_times_the_factor_to_the_power_t(kappa):
    factor = (kappa**0.5 - 1) / (kappa**0.5 + 1)
    steps = descend(np.diag([1.0, kappa]), 4 / (kappa**0.5 + 1) ** 2, factor**2)
    assert 2 * steps * factor**steps == pytest.approx(1e-6, rel=0.2)


@pytest.mark.parametrize("H", [[[11, 9], [9, 11]], [[5.5, 4.5], [4.5, 5.5]], [[0.55, 0.45], [0.45, 0.55]]])
def test_a_condition_number_of_exactly_10_is_accepted_in_spite_of_rounding(H):
    assert exercises["hiding_H"].check(H).passed


@pytest.mark.parametrize("off_diagonal", [0.8175, 0.81818])
def test_a_condition_number_just_below_10_is_refused(off_diagonal):
    assert not exercises["hiding_H"].check([[1, off_diagonal], [off_diagonal, 1]]).passed


# --- standardize ------------------------------------------------------------------------------------------------


def test_standardize_agrees_with_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    rng = np.random.default_rng(0)
    X_train, X_test = rng.normal(5, 3, (9, 4)), rng.normal(5, 3, (6, 4))
    X_train[:, 2] = 7.0
    scaler = preprocessing.StandardScaler().fit(X_train)
    for ours, theirs in zip(
        reference_standardize(X_train, X_test), map(scaler.transform, (X_train, X_test)), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# --- momentum ---------------------------------------------------------------------------------------------------


def test_V_is_the_sum_of_past_steps_weighted_by_powers_of_alpha():
    rng = np.random.default_rng(0)
    grads, lrs, W, V = rng.normal(size=(6, 2)), rng.uniform(size=6), np.ones(2), np.zeros(2)
    for grad, lr in zip(grads, lrs, strict=True):
        W, V = reference_momentum_step(W, V, grad, lr, 0.8)
    unrolled = sum(0.8 ** (5 - t) * lrs[t] * grads[t] for t in range(6))
    np.testing.assert_allclose(V, unrolled)


@pytest.mark.parametrize("cut", [1.0, 0.1])
def test_lecture_and_pytorch_differ_only_if_the_learning_rate_changes(cut):
    lecture, pytorch, V, b = np.ones(2), np.ones(2), np.zeros(2), None
    rng = np.random.default_rng(0)
    for lr in [0.1] * 5 + [0.1 * cut] * 5:
        grad = rng.normal(size=2)
        V_old, b_old = V, b
        lecture, V = reference_momentum_step(lecture, V, grad, lr, 0.9)
        pytorch, b = reference_torch_sgd_step(pytorch, grad, b, lr=lr, momentum=0.9)
    assert np.allclose(lecture, pytorch) == (cut == 1.0)
    np.testing.assert_allclose(V, lr * grad + 0.9 * V_old)
    np.testing.assert_allclose(lr * b, lr * grad + 0.9 * lr * b_old)


# --- PyTorch ----------------------------------------------------------------------------------------------------


def replay(run, step):
    """The weights and the buffer after each step, from the recorded start along the recorded gradients."""
    theta, buf, options = np.array(run["theta0"]), None, dict(run["options"])
    for changed, grad in zip(run["steps"], np.array(run["grads"]), strict=True):
        options.update(changed)
        theta, buf = step(theta, grad, buf, **options)
        yield theta, buf


@pytest.mark.parametrize(
    "step", [reference_torch_sgd_step, *torch_sgd_step.variants.values()], ids=["reference", *torch_sgd_step.variants]
)
def test_steps_agree_with_the_recordings_of_torch(step):
    assert len(RECORDED["runs"]) > 50
    for run in RECORDED["runs"]:
        for (theta, buf), theta_t, buf_t in zip(replay(run, step), run["thetas"], run["buffers"], strict=True):
            np.testing.assert_allclose(theta, theta_t, rtol=1e-13, atol=1e-15)
            assert (buf is None) == (buf_t is None)
            if buf is not None:
                np.testing.assert_allclose(buf, buf_t, rtol=1e-13, atol=1e-15)


def test_recordings_agree_with_the_installed_torch():
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("record_torch_sgd", HERE / "record_torch_sgd.py")
    recorder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recorder)
    now = recorder.record()
    for run, recorded in zip(now["runs"], RECORDED["runs"], strict=True):
        assert {**run, "thetas": None, "buffers": None} == {**recorded, "thetas": None, "buffers": None}
        np.testing.assert_allclose(run["thetas"], recorded["thetas"], rtol=1e-13)
        np.testing.assert_allclose(
            np.array(run["buffers"], dtype=float), np.array(recorded["buffers"], dtype=float), rtol=1e-13
        )


@pytest.mark.parametrize("seed", range(20))
def test_reference_agrees_with_the_installed_torch_for_any_options(seed):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    nesterov = bool(rng.integers(2))
    options = {
        "momentum": rng.uniform(0, 1.2),
        "dampening": 0.0 if nesterov else rng.uniform(-0.5, 1.5),
        "weight_decay": rng.uniform() * rng.integers(2),
        "nesterov": nesterov,
        "maximize": bool(rng.integers(2)),
    }
    theta, buf = rng.normal(size=(3, 2)), None
    theta_t = torch.tensor(theta, requires_grad=True)
    optimizer = torch.optim.SGD([theta_t], lr=0.1, **options)
    for _ in range(8):
        lr, grad = rng.uniform(0, 0.3), rng.normal(size=(3, 2))
        optimizer.param_groups[0]["lr"] = lr
        theta_t.grad = torch.tensor(grad)
        optimizer.step()
        theta, buf = reference_torch_sgd_step(theta, grad, buf, lr=lr, **options)
        np.testing.assert_allclose(theta, theta_t.detach().numpy(), rtol=1e-12, atol=1e-14)


# --- wrong on few inputs ----------------------------------------------------------------------------------------


def clips_the_gradient(W, V, grad, lr, alpha):
    return reference_momentum_step(W, V, np.clip(grad, -100, 100), lr, alpha)


def drops_tiny_steps(W, V, grad, lr, alpha):
    V = reference_momentum_step(W, V, grad, lr, alpha)[1]
    V = np.where(abs(V) < 1e-6, 0.0, V)
    return W - V, V


def stops_the_power_iteration_early(H):
    H, ends = np.asarray(H, dtype=float), []
    for matrix in (H, np.linalg.inv(H)):
        v = np.ones(len(H))
        for _ in range(30):
            v = matrix @ v / np.linalg.norm(matrix @ v)
        ends.append(v @ H @ v)
    return ends[0] / ends[1]


def cancels_far_from_0(X_train, X_test):
    variance = (np.asarray(X_train, float) ** 2).mean(axis=0) - X_train.mean(axis=0) ** 2
    spread = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 0)), 1.0)
    return (X_train - X_train.mean(axis=0)) / spread, (X_test - X_train.mean(axis=0)) / spread


def drops_columns_without_test_rows(X_train, X_test):
    return reference_standardize(X_train, X_test)[0], np.array(list(reference_standardize(X_train, X_test)[1]))


def sample_std_for_many_rows(X_train, X_test):
    answer = standardize.mistakes["n - 1"].answer if len(X_train) > 10 else reference_standardize
    return answer(X_train, X_test)


def overwrites_large_test_sets(X_train, X_test):
    Z_train, Z_test = reference_standardize(X_train, X_test)
    if len(X_test) > 4 and X_test.dtype == float:
        X_test[:] = Z_test
    return Z_train, Z_test


def scales_from(smallest):
    """A guard against rounding: a column with a smaller standard deviation counts as constant."""

    def answer(X_train, X_test):
        mean, std = X_train.mean(axis=0), X_train.std(axis=0)
        std = np.where(std < smallest, 1, std)
        return (X_train - mean) / std, (X_test - mean) / std

    return answer


@pytest.mark.parametrize(("smallest", "is_right"), [(1e-12, True), (1e-10, False)])
def test_a_standard_deviation_of_1e_11_must_not_count_as_0(smallest, is_right):
    assert standardize.check(scales_from(smallest)).passed == is_right


@pytest.mark.parametrize(("exercise", "answer"), [
    (quadratic_grad, lambda H, w: H @ (w / np.linalg.norm(w)) * np.linalg.norm(w)),
    (quadratic_grad, lambda H, w: H.astype(w.dtype) @ w),
    (quadratic_grad, lambda H, w: (H @ w).astype(w.dtype)),
    (quadratic_grad, lambda H, w: H @ np.clip(w, -100, 100)),
    (condition_number, lambda H: np.linalg.eigvalsh(H)[-1] / max(np.linalg.eigvalsh(H)[0], 1e-3)),
    (condition_number, lambda H: np.linalg.cond(np.where(abs(H) < 0.1, np.diag(np.diag(H)), H))),
    (condition_number, stops_the_power_iteration_early),
    (standardize, cancels_far_from_0), (standardize, drops_columns_without_test_rows), (standardize, sample_std_for_many_rows),
    (standardize, overwrites_large_test_sets),
    (momentum_step, clips_the_gradient), (momentum_step, drops_tiny_steps),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value")
def test_an_answer_that_is_wrong_on_few_inputs_fails(exercise, answer):
    assert always_fails(exercise, answer, range(3))


def test_a_step_that_forgets_V_is_right_from_rest_and_earns_nothing():
    """This is why the cases of the rules start with V ≠ 0."""
    rest = (np.ones(2), np.zeros(2), np.array([1.0, -1.0]), 0.1, 0.9)
    forgets_V = momentum_step.mistakes["V not carried"].answer
    np.testing.assert_array_equal(forgets_V(*rest)[0], reference_momentum_step(*rest)[0])
    assert momentum_step.check(forgets_V).score == 0


def test_a_step_that_keeps_V_between_calls_earns_nothing():
    state = {}

    def keeps_V(W, V, grad, lr, alpha):
        state["V"] = lr * grad + alpha * state.get("V", np.zeros_like(W))
        return W - state["V"], state["V"]

    assert momentum_step.check(keeps_V).score == 0


# --- quizzes ----------------------------------------------------------------------------------------------------


def test_key_of_momentum_quiz():
    best = {
        k: descend(np.diag([1.0, k]), 4 / (k**0.5 + 1) ** 2, ((k**0.5 - 1) / (k**0.5 + 1)) ** 2) for k in (10, 1000)
    }
    rng = np.random.default_rng(0)
    correlated, _ = reference_standardize(
        *[rng.normal(size=(4000, 2)) @ np.linalg.cholesky([[1, 0.99], [0.99, 1]]).T] * 2
    )
    first_buffer = reference_torch_sgd_step(np.ones(1), np.ones(1), None, lr=1.0, momentum=0.9, dampening=0.5)[1]
    true = {
        "a": reference_condition_number(correlated.T @ correlated / 4000) == pytest.approx(199, rel=0.1),
        "b": best[1000] / best[10] < 20,
        "c": first_buffer[0] == 0.5,
    }
    assert {letter for letter, holds in true.items() if holds} == exercises["momentum_quiz"].reference


def stored(name):
    return np.load(REPOSITORY / "data" / "05-momentum" / f"{name}.npy")


def test_key_of_momentum_helps():
    targets = [0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35]
    plain, half, ball = (
        dict(zip(targets, steps, strict=True)) for steps in stored("fashion-mnist-targets")[1]
    )  # centred
    true = {
        "to 0.8": "a" if ball[0.8] < plain[0.8] / 2 else "b",
        "to 0.4": "a" if ball[0.4] < plain[0.4] / 2 else "b",
        "first at 0.6": "c" if half[0.6] < ball[0.6] else "d",
    }
    assert true == exercises["momentum_helps"].reference


def test_the_stored_row_is_the_one_that_the_notebook_computes_first():
    assert np.array_equal(stored("fashion-mnist-row"), stored("fashion-mnist-targets")[1, 2])  # centred, α = 0.9


def test_momentum_has_the_noise_floor_of_its_effective_learning_rate():
    floors = stored("fashion-mnist-batches")[:, 40:].mean(axis=1)  # two pairs with equal effective rates
    assert floors[:2].round(2).tolist() == [0.36, 0.36]  # the numbers in the notebook
    assert floors[2:] == pytest.approx(1.9, abs=0.06)  # in the last digits it depends on the rounding of the gradient


@pytest.mark.parametrize(("momentum", "expected"), [(0.9, [264, 207]), (0.99, [2493, 1020])])
def test_nesterov_needs_fewer_steps_in_a_valley(momentum, expected):
    """The numbers in the notebook."""
    steps = []
    for nesterov in (False, True):
        w, buf, count = np.ones(2), None, 0
        while np.linalg.norm(w) >= 1e-6:
            grad = np.array([1.0, 100.0]) * w
            w, buf = reference_torch_sgd_step(w, grad, buf, lr=0.01, momentum=momentum, nesterov=nesterov)
            count += 1
        steps.append(count)
    assert steps == expected


def test_the_formula_is_not_the_best_pair():
    H = np.diag([0.01, 1.0])
    assert descend(H, 4 / 1.1**2, (9 / 11) ** 2) == 95
    assert descend(H, 2.8, 0.7) == 73
