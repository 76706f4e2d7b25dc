"""Compare the references of 03-softmax/iris with independent implementations, and judge unusual answers."""

import math

import numpy as np
import pytest
from scipy import special
from sklearn import metrics, preprocessing

from exercises.iris.softmax_regression import log_softmax
from exercises.iris.spec import (
    predict_labels,
    reference_accuracy,
    reference_cross_entropy,
    reference_encode_labels,
    reference_one_hot,
    reference_softmax,
    reference_softmax_grad,
)
from exercises.sigmoid.spec import reference_sigmoid
from tests.conftest import exercises
from tests.exercises.points import always_fails, failed_rules

encode_labels, one_hot, softmax = exercises["encode_labels"], exercises["one_hot"], exercises["softmax"]
cross_entropy, softmax_grad = exercises["cross_entropy"], exercises["softmax_grad"]
accuracy = exercises["accuracy"]


def example(seed=0, n=7, d=4, K=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(d, K)), rng.normal(size=(n, d)), rng.integers(0, K, n)


# --- the references ---------------------------------------------------------------------------------------------


def test_codes_agree_with_scikit_learns_label_encoder():
    names = np.random.default_rng(0).choice(["rose", "aster", "10", "9", "Zinnia"], 40)
    encoder = preprocessing.LabelEncoder().fit(names)
    codes, classes = reference_encode_labels(names)
    np.testing.assert_array_equal(classes, encoder.classes_)
    np.testing.assert_array_equal(codes, encoder.transform(names))


@pytest.mark.parametrize(("labels", "K"), [([0, 2, 1], 3), ([2, 0, 2], 4), ([0, 1, 0], 3), ([3], 5)])
def test_one_hot_agrees_with_scikit_learns_label_binarizer(labels, K):
    slots = preprocessing.label_binarize(labels, classes=np.arange(K))
    np.testing.assert_array_equal(reference_one_hot(np.array(labels), K), slots)


@pytest.mark.parametrize("scale", [1, 30, 1000])
def test_softmax_agrees_with_scipy(scale):
    Z = np.random.default_rng(0).normal(0, scale, (50, 4))
    np.testing.assert_allclose(reference_softmax(Z), special.softmax(Z, axis=1), rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(log_softmax(Z), special.log_softmax(Z, axis=1), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("seed", range(2))
def test_loss_agrees_with_scipy(seed):
    W, X, labels = example(seed, n=9, d=4, K=5)
    Z = X @ W
    by_scipy = np.mean(special.logsumexp(Z, axis=1) - Z[np.arange(9), labels])
    np.testing.assert_allclose(reference_cross_entropy(Z, labels), by_scipy, rtol=1e-12)


def test_loss_has_the_values_derived_on_paper():
    for Z, label, loss in [
        ([0, 0, 0], 1, math.log(3)), ([1000, 0, 0], 1, 1000), ([1000, 0, 0], 0, 0), ([-1000, -1000], 0, math.log(2)),
        ([1000, -1000], 1, 2000), ([5], 0, 0), ([math.log(2), 0, 0], 0, math.log(2)),
    ]:  # fmt: skip
        np.testing.assert_allclose(reference_cross_entropy(np.array([Z], float), np.array([label])), loss, rtol=1e-15)


@pytest.mark.parametrize("seed", range(2))
def test_gradient_agrees_with_a_complex_step(seed):
    W, X, labels = example(seed)

    def loss(V):
        Z = X @ V
        return (np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(X)), labels]).mean()

    by_complex_step = np.zeros(W.shape)
    for place in np.ndindex(*W.shape):
        step = np.zeros(W.shape, complex)
        step[place] = 1e-30j
        by_complex_step[place] = loss(W + step).imag / 1e-30
    np.testing.assert_allclose(reference_softmax_grad(W, X, labels), by_complex_step, rtol=1e-10, atol=1e-14)


def test_loss_and_gradient_agree_with_automatic_differentiation():
    torch = pytest.importorskip("torch", reason="PyTorch is an independent source of the same gradient")
    for W, X, labels in (
        example(1),
        example(2, n=3, d=2, K=6),
        tuple(a * s for a, s in zip(example(3), (1, 1000, 1), strict=True)),
    ):
        W_t = torch.tensor(W, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(torch.tensor(X) @ W_t, torch.tensor(labels))
        (by_autograd,) = torch.autograd.grad(loss, W_t)
        np.testing.assert_allclose(reference_cross_entropy(X @ W, labels), loss.item(), rtol=1e-10)
        np.testing.assert_allclose(reference_softmax_grad(W, X, labels), by_autograd.numpy(), rtol=1e-10, atol=1e-12)


def test_accuracy_agrees_with_scikit_learn():
    W, X, labels = example(n=31)
    np.testing.assert_allclose(
        reference_accuracy(W, X, labels), metrics.accuracy_score(labels, predict_labels(W, X)), rtol=1e-15
    )


# --- unusual right answers --------------------------------------------------------------------------------------


def indexes_sorted_names(names):
    codes, seen = [], sorted(map(str, dict.fromkeys(names)))
    for name in names:
        codes.append(seen.index(name))
    return np.array(codes, dtype=np.int32), np.array(seen, dtype="U99")


def fills_flat_array(labels, K):
    labels = np.asarray(labels)
    if labels.size and not (labels.min() >= 0 and labels.max() <= K - 1):
        raise ValueError
    Y = np.zeros(len(labels) * K)
    Y[np.arange(len(labels)) * K + labels] = 1
    return Y.reshape(len(labels), K)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (encode_labels, indexes_sorted_names),
        (one_hot, fills_flat_array),
        (softmax, lambda Z: np.exp(np.asarray(Z, float) - special.logsumexp(Z, axis=1, keepdims=True))),
        (softmax, lambda Z: special.softmax(np.array(Z, np.longdouble), axis=1)),
        (cross_entropy, lambda Z, labels: np.longdouble(reference_cross_entropy(Z, labels))),
        (
            cross_entropy,
            lambda Z, labels: np.average([reference_cross_entropy(Z[[i]], labels[[i]]) for i in range(len(Z))]),
        ),
        (softmax_grad, lambda W, X, labels: np.asfortranarray(reference_softmax_grad(W, X, labels))),
        (accuracy, lambda W, X, labels: np.array(np.mean((X @ W).argmax(1) == labels))),
    ],
)
def test_an_unusual_right_answer_is_accepted(exercise, answer):
    assert all(exercise.check(answer, seed).passed for seed in range(3))


# --- unusual wrong answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("eps", [1e-300, 1e-9])
def test_a_constant_inside_the_logarithm_is_rejected(eps):
    def with_constant(Z, labels):
        return -np.mean(np.log(reference_softmax(Z)[np.arange(len(labels)), labels] + eps))

    assert "logits of any size: exact" in failed_rules(cross_entropy, with_constant)


@pytest.mark.parametrize("h", [1e-3, 1e-5, 1e-7])
def test_central_differences_are_rejected_as_gradient(h):
    def estimate(W, X, labels):
        G = np.zeros(W.shape)
        for place in np.ndindex(*W.shape):
            up, down = np.array(W, float), np.array(W, float)
            up[place] += h
            down[place] -= h
            G[place] = (reference_cross_entropy(X @ up, labels) - reference_cross_entropy(X @ down, labels)) / (2 * h)
        return G

    assert always_fails(softmax_grad, estimate, range(3))


def breaks_ties(Z):
    return reference_softmax(
        Z - 1e-3 * ((Z.max(axis=1, keepdims=True) == Z) & (np.argmax(Z, axis=1)[:, None] != np.arange(Z.shape[1])))
    )


def caches_by_sum(Z, known={}):  # noqa: B006
    return known.setdefault((Z.shape, float(Z.sum())), reference_softmax(Z))


def caches_by_shape(labels, K, known={}):  # noqa: B006
    Y = reference_one_hot(labels, K)
    return known.setdefault(Y.shape, Y)


def checks_first_and_last_label(labels, K):
    if len(labels):
        reference_one_hot(labels[[0, -1]], K)
    return np.eye(K)[np.clip(labels, 0, K - 1)]


def requires_every_class(labels, K):
    if len(labels) >= K and len(set(labels.tolist())) < K:
        raise ValueError("a class is missing")
    return reference_one_hot(labels, K)


def adds_constant_to_denominator(Z):
    with np.errstate(all="ignore"):
        return np.exp(Z) / (np.exp(Z).sum(axis=1, keepdims=True) + 1e-10)


def shifts_large_logits_in_place(Z):
    if np.abs(Z).max(initial=0) > 500:
        Z -= Z.max(axis=1, keepdims=True)
    return reference_softmax(Z)


def picks_in_memory_order(Z, labels):
    return np.mean(np.logaddexp.reduce(Z, axis=1) - Z.ravel("K")[np.arange(len(Z)) * Z.shape[1] + labels])


def only_classes_that_occur(W, X, labels):
    Z = X @ W
    Z[:, np.setdiff1d(np.arange(Z.shape[1]), labels)] = -np.inf
    return np.mean(Z.argmax(axis=1) == labels)


def two_classes_by_sign(W, X, labels):
    return np.mean(((X @ W)[:, 1] > 0) == labels) if W.shape[1] == 2 else reference_accuracy(W, X, labels)


SPECIAL_PREDICTIONS = "all or none correct, one example, two classes, large, close or equal logits"


@pytest.mark.parametrize(
    ("exercise", "answer", "rule"),
    [
        (one_hot, lambda labels, K: reference_one_hot(labels.astype(np.int8), K), "K slots, whatever labels occur"),
        (one_hot, lambda labels, K: reference_one_hot(labels, K) if K != 2 else labels[:, None], "K slots, whatever labels occur"),
        (one_hot, requires_every_class, "K slots, whatever labels occur"),
        (one_hot, caches_by_shape, "a row for each label, a single 1 in its slot"),
        (one_hot, checks_first_and_last_label, "ValueError for labels that have no slot"),
        (softmax, adds_constant_to_denominator, "rows of moderate logits"),
        (softmax, lambda Z: reference_softmax(np.ravel(Z, "K").reshape(Z.shape)), "rows of moderate logits"),
        (softmax, breaks_ties, "rows of moderate logits"),
        (softmax, caches_by_sum, "rows of moderate logits"),
        (softmax, shifts_large_logits_in_place, "right values, Z unchanged"),
        (softmax, lambda Z: reference_softmax(Z) if Z.shape[1] != 2 else np.exp(Z - Z[:, :1]) / np.exp(Z - Z[:, :1]).sum(1, keepdims=True), "logits of any size, with no overflow warning"),
        (cross_entropy, picks_in_memory_order, "the mean over examples"),
        (cross_entropy, lambda Z, labels: reference_cross_entropy(Z[:100], labels[:100]), "the mean over examples"),
        (cross_entropy, lambda Z, labels: reference_cross_entropy(Z, labels) + 1e-8, "logits of any size: exact"),
        (softmax_grad, lambda W, X, labels: np.squeeze(reference_softmax_grad(W, X, labels)), "one example"),
        (softmax_grad, lambda W, X, labels: reference_softmax_grad(W, X, labels) * (W.shape[1] > 2), "one example"),
        (accuracy, only_classes_that_occur, SPECIAL_PREDICTIONS),
        (accuracy, two_classes_by_sign, SPECIAL_PREDICTIONS),
    ],
)  # fmt: skip
def test_a_rare_mistake_fails_its_rule(exercise, answer, rule):
    with np.errstate(all="ignore"):
        assert all(rule in failed_rules(exercise, answer, seed) for seed in range(3))


def test_changed_labels_fail_the_mutation_rule():
    def sorts_labels(W, X, labels):
        G = reference_softmax_grad(W, X, labels)
        labels[:] = 0
        return G

    assert failed_rules(softmax_grad, sorts_labels) == {"inputs unchanged"}


# --- questions --------------------------------------------------------------------------------------------------


def test_derivation_is_right_with_the_key_only():
    W, X, labels = example(n=1, d=4, K=3)
    x, label, k = X[0], labels[0], 1
    z, p, y = x @ W, reference_softmax(X @ W)[0], reference_one_hot(labels, 3)[0]
    pieces = {
        "a": np.exp(z[k]), "b": p[k], "c": x, "d": X.T @ (p - y)[None], "e": np.exp(z).sum(), "f": W[:, k],
        "g": (p - y)[None].T @ X, "h": y[k],
    }  # fmt: skip

    def log_sum(logits):
        return np.log(np.exp(logits).sum())

    gradient = reference_softmax_grad(W, X, labels)
    fits = {
        "line 1": lambda piece: equal(piece, float(k == label)),
        "line 2": lambda piece: equal(piece / np.exp(z).sum(), log_sum(z + 1e-30j * np.eye(3)[k]).imag / 1e-30),
        "line 3": lambda piece: equal((p[k] - y[k]) * piece, gradient[:, k]),
        "line 4": lambda piece: equal(piece, gradient),
    }
    for line, letter in exercises["softmax_derivation"].reference.items():
        assert {other for other in pieces if fits[line](pieces[other])} == {letter}, line


def equal(a, b):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("gap", [740, 800, 5000])
def test_rows_that_are_far_apart_are_a_counterexample(gap):
    assert exercises["breaking_logits"].check([[gap, gap - 1], [0, 1]]).passed
    assert exercises["breaking_logits"].check([[0, 1], [gap, gap - 1]]).passed


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (2,), (1, 2, 2)])
def test_logits_of_another_shape_are_refused_before_anything_runs(shape):
    (finding,) = exercises["breaking_logits"].check(np.full(shape, 5000)).findings
    assert "of shape (2, 2)" in finding.message


def test_quiz_key_marks_the_vectors_that_are_not_distributions():
    vectors = {"a": [0, 0, 1], "b": [0.5, 0.6, -0.1], "c": reference_sigmoid(np.array([1, 0, 1]))}
    wrong = {letter for letter, v in vectors.items() if np.min(v) < 0 or not math.isclose(np.sum(v), 1)}
    assert exercises["not_distributions"].reference == wrong
