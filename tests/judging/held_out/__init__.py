"""Answers that are in no catalogue, so that neither rules nor hints are made for them.

Each folder is a set of files in percent cells, as `answers.py` of the exercises (`autograder.judging.answers`):

- `first` to `fourth`: right and wrong answers of four authors who knew the students' notebooks alone. Left out are a
  few wrong ones that were accepted, those about which the text of an exercise does not decide, and those whose
  judgement takes minutes.
- `once_misjudged`: answers whose score, draw or explanation was once wrong.
- `tutored`, `tutored_unseen`: wrong answers, each named by what a tutor would say of it. `words` is a pattern for a
  diagnosis that says the same. The patterns of `tutored` were widened where a diagnosis used other words. Those of
  `tutored_unseen`, and its answers, were never touched after the judge had seen them. `benchmarks/diagnosis.py`
  measures both.

In the other sets, `words` is what an explanation has to mention, and `never` what it must not claim.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.judging.answers import HELD_OUT_FIELDS, KnownAnswer, read_answers

# --- what the students' notebooks already contain ---------------------------------------------------------------


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def fragile_sigmoid(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


def sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-z)


def p_after(z0):
    w = float(z0)
    for _ in range(1000):
        p = float(sigmoid(w))
        w -= p * p * (1 - p)
    return float(sigmoid(w))


def mse(w, X, y):
    return np.mean((sigmoid(X @ w) - y) ** 2) / 2


def bce_from_probs(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def one_hot(labels, K):
    return np.eye(K)[labels]


def accuracy(W, X, labels):
    return np.mean(np.argmax(X @ W, axis=1) == labels)


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


def interpolate(theta0, thetaf, alpha):
    return [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]


def softmax_grad(W, X, labels):
    P = softmax(X @ W)
    P[np.arange(len(X)), labels] -= 1
    return X.T @ P / np.float32(len(X))


def in_slices(W, X, labels, lr, batch_size, num_epochs):
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            W = W - lr * softmax_grad(W, X[rows], labels[rows])
    return W


FUNCTIONS = (
    *(sigmoid, fragile_sigmoid, sigmoid_prime, p_after, mse, bce_from_probs, softmax, one_hot, accuracy),
    *(minibatches, interpolate, softmax_grad, in_slices),
)
GIVEN: Mapping[str, Any] = {
    **{function.__name__: function for function in FUNCTIONS},
    **{"np": np, "combinations": itertools.combinations},
}

# --- the answers ------------------------------------------------------------------------------------------------

SETS: dict[str, list[KnownAnswer]] = {
    folder: [
        answer
        for path in sorted(Path(__file__).parent.glob(f"{folder}/*.txt"))
        for answer in read_answers(path, GIVEN, HELD_OUT_FIELDS)
    ]
    for folder in ("first", "second", "third", "fourth", "once_misjudged", "tutored_unseen", "tutored")
}
HELD_OUT = [answer for answers in SETS.values() for answer in answers]  # the kill matrix judges them, too
