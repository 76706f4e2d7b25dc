"""Specification of the exercises of `03-softmax/fashion_mnist.ipynb`."""

import functools
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits  # scikit-learn depends on it

from autograder.judging.cases import Case, case, with_strided_repeat
from autograder.judging.compare import find_difference
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, predict
from lectrain import data
from lectrain.shortcuts import SHORTCUTS

HW2, PREDICTION = "Softmax regression", "Prediction output"

fashion_predictions = predict("fashion_predictions", "abc", questions=2, points=1, slide=HW2)


# --- prepare(images) -> X (n, 785) ------------------------------------------------------------------------------
# The pixels of each image in reading order, scaled from 0 to 1, then a constant 1, in any precision.


def reference_prepare(images):
    X = np.ones((len(images), 785), np.float32)
    X[:, :784] = images.reshape(len(images), 784)
    X[:, :784] /= 255
    return X


@with_strided_repeat
def cases_images(rng):
    """Images of different brightness, none of them with a white pixel."""
    for n in (3, 5):
        brightest = rng.permutation(np.linspace(100, 250, n).astype(int))[:, None, None]
        yield case(rng.integers(0, brightest, (n, 28, 28)).astype(np.uint8))


def cases_zero_or_two_images(rng):
    yield case(np.empty((0, 28, 28), np.uint8), about="no image")
    yield case(rng.integers(0, 255, (2, 28, 28)).astype(np.uint8), about="two images")


def cases_extreme_images(rng):
    yield case(np.repeat([0, 255], 784).reshape(2, 28, 28).astype(np.uint8), about="a black and a white image")
    yield case(rng.integers(0, 255, (1, 28, 28)).astype(np.uint8), about="one image")
    yield case(rng.integers(0, 2, (3, 28, 28)).astype(np.uint8), about="images with no grey level above 1")


def check_pixels(call, X):
    """X is right. A wrong number is described by its pixel."""
    (images,) = call.args
    want = reference_prepare(images)
    difference = find_difference(X, want, rtol=1e-6, atol=1e-7)
    if not difference or not difference.is_in_value:
        return difference and difference.message
    i, j = np.argwhere(~np.isclose(X, want, rtol=1e-6, atol=1e-7))[0]
    if j == 784:
        return f"the last number of row {i} is {X[i, j]:.4g}"
    row, column = divmod(j, 28)
    grey = f"the pixel in row {row} and column {column} of image {i} has the grey level {images[i, row, column]}"
    return f"{grey}, and X[{i}, {j}] is {X[i, j]:.4g}"


prepare = Exercise(
    signature="prepare(images)",
    slide=HW2,
    reference=reference_prepare,
    rules=(
        Rule(
            "grey levels from 0 to 1 in reading order, then a 1",
            2,
            cases_images,
            "Look at one row: what are its largest and its last number?",
            check=check_pixels,
            property="Each of the first 784 columns depends on one pixel alone.",
        ),
        Rule(
            "zero or two images",
            1,
            cases_zero_or_two_images,
            "Is X a float array (n, 785)?",
            rtol=1e-5,
            atol=1e-6,
            property="Each row depends on its own image alone.",
        ),
        Rule(
            "black, white, one image; images unchanged",
            1,
            cases_extreme_images,
            "Does a grey level become the same number in every image? Which arrays does your code write to?",
            rtol=1e-5,
            atol=1e-6,
            mutation="none",
            property="Equal grey levels become equal numbers, in every image.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- train(X, labels) -> W (785, 10) ----------------------------------------------------------------------------
# Weights of softmax regression that classify the test images after training on 1000 images. For comparison: a constant
# prediction has a test accuracy of 0.1, a single step from W = 0 up to 0.5, a good run more than 0.7.

HALF_TRAINED, TRAINED = 0.55, 0.65


@functools.cache
def load_split(split):
    return data.load_fashion_mnist(split)


@functools.cache
def prepared_test_images():
    return reference_prepare(load_split("test")[0])


def softmax_of_rows(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def reference_train(X, labels, lr=0.1, batch_size=100, num_epochs=15):
    """Softmax regression with a step for each slice of the rows, in order. Only `X` and `labels` are required."""
    W, Y = np.zeros((X.shape[1], 10), X.dtype), np.eye(10, dtype=X.dtype)[labels]
    with threadpool_limits(1):  # matrix products as small as these are slower with several threads
        for start in num_epochs * list(range(0, len(X), batch_size)):
            rows = slice(start, start + batch_size)
            W = W - lr * (X[rows].T @ (softmax_of_rows(X[rows] @ W) - Y[rows])) / len(X[rows])
    return W


@dataclass(frozen=True, eq=False)
class Disguise(Case):
    """Training images whose classes and pixels are renumbered, so that weights from elsewhere do not fit them.

    Training does not depend on the order of the pixels. Renumbered classes alone are not enough: one can find out which
    column of stored weights belongs to which class.

    Attributes
    ----------
    shift : int
        The number that was added to every label, modulo 10.
    pixels : array of ints (785,)
        Column j of X is the feature ``pixels[j]`` of `prepare`. The constant feature stays the last.
    """

    shift: int = 0
    pixels: np.ndarray = field(default_factory=lambda: np.arange(785))


def disguised_images(rng, rows, shift):
    """Training images with renumbered classes and pixels.

    Only the pixels are renumbered at random. Random images or classes would make the accuracy of weak answers random.
    """
    images, labels = load_split("train")
    X = reference_prepare(images[rows])
    X[:, 0] = 0  # a corner pixel that is black in every image, as it is in nearly all of the data set
    pixels = np.append(rng.permutation(784), 784)
    renumbered = ((labels[rows] + shift) % 10).astype(labels.dtype)
    return Disguise((X[:, pixels], renumbered), about="1000 training images", shift=shift, pixels=pixels)


def cases_training_images(rng):
    yield disguised_images(rng, np.arange(1000), shift=6)


def cases_other_training_images(rng):
    """Other images, which find a function that trains in its first call only."""
    yield disguised_images(rng, np.arange(1000, 2000), shift=3)


@functools.lru_cache(maxsize=8)
def predict_test_images(weights):
    """The predictions of weights, given as bytes so that they can be cached, for the test images."""
    return np.argmax(prepared_test_images() @ np.frombuffer(weights, np.float32).reshape(785, 10), axis=1)


def check_test_accuracy(minimum):
    """A check that the weights have at least this accuracy on the test images."""

    def check(call, W):
        if isinstance(W, tuple | list):
            return f"it returns a {type(W).__name__} instead of the weights alone"
        if not isinstance(W, np.ndarray) or W.dtype.kind != "f":
            return "it does not return an array of floats"
        if W.shape != (785, 10):
            return f"its shape is {W.shape} instead of (785, 10)"
        with np.errstate(over="ignore"):
            single = W.astype(np.float32)
        if not np.isfinite(single).all():
            return "some weights are not finite"
        predicted = predict_test_images(single[np.argsort(call.pixels)].tobytes())
        right = (load_split("test")[1] + call.shift) % 10
        accuracy = np.mean(predicted == right)
        if accuracy >= minimum:
            return None
        shares = np.bincount((predicted - right) % 10, minlength=10) / len(right)
        if shares[1:].max() > HALF_TRAINED:
            return f"most predictions are the right class plus {shares.argmax()}, modulo 10"
        if len(set(predicted)) == 1:
            return "it predicts the same class for every test image"
        return f"the test accuracy is {accuracy:.4f} instead of at least {minimum}"

    return check


train = Exercise(
    signature="train(X, labels)",
    slide=HW2,
    reference=reference_train,
    rules=(
        Rule(
            "test accuracy 0.55 after training on 1000 images",
            2,
            cases_training_images,
            "How accurate is it on all 1000 training images, and how accurate on the first ten? "
            "Does each row of X keep its label?",
            check=check_test_accuracy(HALF_TRAINED),
        ),
        Rule(
            "test accuracy 0.65 after training on 1000 images",
            3,
            cases_other_training_images,
            "What happens with more or fewer epochs, and with another learning rate?",
            check=check_test_accuracy(TRAINED),
        ),
    ),
    forbids=SHORTCUTS,
)


# --- miscounted: labels and predictions for which C[labels, predicted] += 1 is wrong ----------------------------
# With index arrays, += adds 1 to each entry once, even if its pair occurs several times.


def count_pairs_once(labels, predicted, K=3):
    C = np.zeros((K, K), dtype=int)
    C[labels, predicted] += 1
    return C


miscounted = refute(
    "miscounted",
    {name: Input(0, 2, ("n",), whole=True) for name in ("labels", "predicted")},
    reference=lambda labels, predicted: reference_confusion_matrix(labels, predicted, 3),
    wrong=count_pairs_once,
    answer={"labels": [0, 0], "predicted": [1, 1]},
    points=1,
    slide=PREDICTION,
    hint="Which entry should become 2?",
    otherwise="both versions give the same counts",
)


# --- confusion_matrix(labels, predicted, K) -> C (K, K) ---------------------------------------------------------
# Row k, column k' counts the examples of class k that were predicted as k'.


def reference_confusion_matrix(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    for true, guess in zip(labels, predicted, strict=True):
        C[true, guess] += 1
    return C


@with_strided_repeat
def cases_predictions(rng):
    for n, K in ((30, 5), (20, 3)):
        labels = rng.permutation(np.append(np.arange(K), rng.integers(0, K - 1, n)))  # class K - 1 occurs once
        predicted = np.where(rng.uniform(size=len(labels)) < 0.5, labels, (labels + 1) % K)
        yield case(labels, predicted, K, about=f"{K} classes")
    yield case(rng.permutation(40) % 20, rng.permutation(40) % 20, 20, about="20 classes")


def cases_special_predictions(rng):
    """Classes that do not occur, few examples, one class, counts that neither uint8 nor int16 can hold."""
    yield case(np.array([2, 0, 2, 2]), np.array([0, 0, 2, 0]), 4, about="classes 1 and 3 missing")
    yield case(np.empty(0, dtype=int), np.empty(0, dtype=int), 3, about="no example")
    yield case(np.array([1, 0]), np.array([0, 0]), 2, about="two examples")
    yield case(np.zeros(3, dtype=int), np.zeros(3, dtype=int), 1, about="K = 1")
    yield case(np.zeros(33_000, np.uint8), np.zeros(33_000, np.uint8), 2, about="33 000 equal pairs of dtype uint8")


confusion_matrix = Exercise(
    signature="confusion_matrix(labels, predicted, K)",
    slide=PREDICTION,
    reference=reference_confusion_matrix,
    rules=(
        Rule(
            "counts: rows true, columns predicted",
            2,
            cases_predictions,
            "Try labels 0, 0, 1 and predictions 1, 1, 1.",
            property="All entries together add up to the number of examples.",
        ),
        Rule(
            "K rows and columns, whatever classes occur; inputs unchanged",
            1,
            cases_special_predictions,
            "What happens if a class does not occur? Which arrays does your code write to?",
            mutation="none",
            property="All entries together add up to the number of examples.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- fashion_quiz -----------------------------------------------------------------------------------------------

fashion_quiz = choose_all(
    "fashion_quiz",
    "abc",
    "abcde",
    points=2,
    slide=HW2,
    hint="Test each claim: all you need is in this notebook.",
    explain={
        "a": "The test set has 1000 pictures of each of the ten classes, so a tenth of the pictures are bags.",
        "b": "The model adds up pixels times weights, in whatever order, so training finds the same weights, "
        "shuffled like the pixels.",
        "c": "It adds the same number to all ten logits of a picture, and softmax depends only on the "
        "differences between logits.",
        "d": "Rows are the true classes and columns the predictions, so the entry counts shirts that were "
        "predicted as T-shirts.",
        "e": "Accuracy is the share of predictions that are right, whatever probabilities the model gives them.",
    },
)
