"""Compare the references of 03-softmax/fashion_mnist with independent ones, and judge unusual answers."""

import itertools

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from exercises.fashion_mnist.spec import (
    TRAINED,
    cases_training_images,
    check_test_accuracy,
    load_split,
    prepared_test_images,
    reference_confusion_matrix,
    reference_prepare,
    reference_train,
)
from tests.claims.notebook import solved
from tests.conftest import REPOSITORY, exercises
from tests.exercises.points import failed_rules

prepare, train, confusion_matrix = exercises["prepare"], exercises["train"], exercises["confusion_matrix"]


@pytest.fixture(autouse=True)
def one_thread():
    """Several threads make products as small as these slower."""
    with threadpool_limits(1):
        yield


def accuracy_on_test_images(W):
    return np.mean(np.argmax(prepared_test_images() @ W, axis=1) == load_split("test")[1])


# --- the references ---------------------------------------------------------------------------------------------


def test_prepared_rows_hold_the_images():
    images = load_split("test")[0][:50]
    X = reference_prepare(images)
    assert X.dtype == np.float32
    np.testing.assert_array_equal(np.round(X[:, :784] * 255).reshape(-1, 28, 28), images)
    assert (X[:, 784] == 1).all()


def test_confusion_matrix_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    labels, guesses = rng.integers(0, 6, (2, 300))
    np.testing.assert_array_equal(
        reference_confusion_matrix(labels, guesses, 8), metrics.confusion_matrix(labels, guesses, labels=range(8))
    )


def test_solution_reaches_accuracy_084_on_all_images():
    """The notebook's own code and settings, trained on all 60 000 images."""
    code = solved("fashion_mnist", "softmax-solution", "prepare-solution", "in-slices-solution", "train-solution")
    images, labels = load_split("train")
    W = code["train"](code["prepare"](images), labels)
    assert accuracy_on_test_images(W) >= 0.84


def test_stored_results_are_those_of_the_solution():
    stored = {
        file.stem: np.load(file) for file in (REPOSITORY / "data" / "03-softmax").glob("fashion-*.npy")
    }  # no pickles
    labels = load_split("test")[1]
    assert accuracy_on_test_images(stored["fashion-weights"]) >= 0.84
    guesses = stored["fashion-probabilities"].argmax(axis=1)
    assert np.mean(guesses == labels) >= 0.84
    assert np.trace(stored["fashion-confusion"]) == pytest.approx(10_000 * np.mean(guesses == labels), abs=5)
    assert sum(array.nbytes for array in stored.values()) < 300_000


# --- the accuracy item ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"lr": 0.02, "batch_size": 64, "num_epochs": 15},
        {"lr": 0.1, "batch_size": 512, "num_epochs": 20},
        {"lr": 0.01, "batch_size": 16, "num_epochs": 10},
        {"lr": 0.2, "batch_size": 1000, "num_epochs": 60},
    ],
)
def test_sensible_settings_pass(settings):
    """Draws differ only in the order of the pixels, on which training does not depend."""
    (call,) = cases_training_images(np.random.default_rng(0))
    assert check_test_accuracy(TRAINED)(call, reference_train(*call.args, **settings)) is None


def test_weights_of_scikit_learn_pass():
    (call,) = cases_training_images(np.random.default_rng(0))
    model = LogisticRegression(C=0.1, fit_intercept=False).fit(*call.args)
    assert check_test_accuracy(TRAINED)(call, model.coef_.T) is None


def test_training_only_in_the_first_call_earns_the_first_rule():
    calls = iter([reference_train])
    assert (
        train.check(lambda X, labels: next(calls, lambda X, _: np.zeros((785, 10)))(X, labels), explain=False).score
        == 2
    )


def test_a_constant_class_earns_nothing():
    verdict = train.check(lambda X, labels: np.tile(np.eye(10)[3], (785, 1)))
    assert verdict.score == 0
    assert "the same class" in verdict.findings[0].message


@pytest.mark.parametrize(
    "W",
    [
        None, 0.9, "W", [], {}, np.zeros(785), np.zeros((784, 10)), np.zeros((10, 785)), np.full((785, 10), np.nan),
        np.full((785, 10), np.inf), np.eye(785, 10) * 1e308, np.zeros((785, 10), int), np.zeros((785, 10), complex),
        np.random.default_rng(0).normal(size=(785, 10)), np.zeros((785, 10), np.float16), [[0.0] * 10] * 785,
    ],
)  # fmt: skip
def test_invalid_or_untrained_weights_earn_nothing(W):
    assert train.check(lambda X, labels: W, explain=False).score == 0


def stored_weights():
    return np.load(REPOSITORY / "data" / "03-softmax" / "fashion-weights.npy")


def test_stored_weights_earn_nothing_even_if_their_columns_are_matched_to_the_classes():
    """Students have the solution's weights in `data/`. Without training, they can find out the order of the classes."""
    W = stored_weights()

    def with_columns_that_fit_the_labels(X, labels):
        shifted = [np.roll(W, shift, axis=1) for shift in range(10)]
        return max(shifted, key=lambda V: np.mean(np.argmax(X @ V, axis=1) == labels))

    assert train.check(lambda X, labels: W, explain=False).score == 0
    assert train.check(with_columns_that_fit_the_labels, explain=False).score == 0


def test_noise_lowers_the_score_of_weights_that_fit():
    W = stored_weights()
    noise = np.random.default_rng(0).normal(0, W.std(), W.shape)
    scores = []
    for scale in (0, 3, 30):
        # The rules have one case each, and the function is called on one after the other.
        fitting = iter([np.roll((W + scale * noise)[c.pixels], c.shift, axis=1) for c in train.draw(0).cases])
        scores.append(train.check(lambda X, labels, fitting=fitting: next(fitting), explain=False).score)
    assert scores == sorted(scores, reverse=True)
    assert (scores[0], scores[-1]) == (5, 0)


# --- unusual answers --------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:A single label was found")  # by scikit-learn's confusion matrix
@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (prepare, lambda images: np.array([[*(p / 255 for p in image.ravel().tolist()), 1] for image in images], np.float32).reshape(-1, 785)),
        (confusion_matrix, lambda labels, guesses, K: np.array(metrics.confusion_matrix(labels, guesses, labels=range(K))) if len(labels) else np.zeros((K, K), int)),
    ],
)  # fmt: skip
def test_an_unusual_right_answer_is_accepted(exercise, answer):
    assert all(exercise.check(answer, seed).passed for seed in range(3))


def accumulates_over_calls(labels, guesses, K, tables={}):  # noqa: B006
    tables[K] = tables.get(K, 0) + reference_confusion_matrix(labels, guesses, K)
    return tables[K].copy()


@pytest.mark.parametrize(
    ("exercise", "answer", "rule"),
    [
        (prepare, lambda images: reference_prepare(images) if len(images) else np.zeros((0, 784)), "zero or two images"),
        (prepare, lambda images: reference_prepare(images.ravel("K").reshape(images.shape)), "grey levels from 0 to 1 in reading order, then a 1"),
        (prepare, lambda images: reference_prepare(images) * np.float32(1 - 1e-5), "grey levels from 0 to 1 in reading order, then a 1"),
        (prepare, lambda images: reference_prepare(images if images.max(initial=0) > 1 else 255 * images), "black, white, one image; images unchanged"),
        (confusion_matrix, lambda labels, guesses, K: np.squeeze(reference_confusion_matrix(labels, guesses, K)), "K rows and columns, whatever classes occur; inputs unchanged"),
        (confusion_matrix, accumulates_over_calls, "counts: rows true, columns predicted"),
    ],
)  # fmt: skip
def test_a_rare_mistake_fails_its_rule(exercise, answer, rule):
    assert all(rule in failed_rules(exercise, answer, seed) for seed in range(3))


# --- the counterexample -----------------------------------------------------------------------------------------


def test_exactly_the_repeated_pairs_are_counterexamples():
    miscounted = exercises["miscounted"]
    for labels in itertools.product(range(3), repeat=2):
        for predicted in itertools.product(range(3), repeat=2):
            pairs = list(zip(labels, predicted, strict=True))
            verdict = miscounted.check({"labels": list(labels), "predicted": list(predicted)})
            assert verdict.passed == (pairs[0] == pairs[1]), pairs


# --- questions --------------------------------------------------------------------------------------------------


def test_quiz_key_marks_the_true_sentences():
    labels = load_split("test")[1]
    assert set(np.bincount(labels)) == {1000}  # a
    (call,) = cases_training_images(np.random.default_rng(0))
    X, y = call.args[0].astype(float), call.args[1]
    order = np.append(np.random.default_rng(1).permutation(784), 784)
    W, shuffled = reference_train(X, y, num_epochs=3), reference_train(X[:, order], y, num_epochs=3)
    np.testing.assert_allclose(shuffled, W[order], atol=1e-10)  # b
    moved = W + np.random.default_rng(2).normal(size=(785, 1))
    P, Q = (np.exp(X @ V - (X @ V).max(axis=1, keepdims=True)) for V in (W, moved))
    np.testing.assert_allclose(P / P.sum(axis=1)[:, None], Q / Q.sum(axis=1)[:, None], atol=1e-10)  # c
    assert reference_confusion_matrix(np.array([6]), np.array([0]), 10)[6, 0] == 1  # not d: rows are true
