"""A third set of wrong and right answers, in the format of the second, by others who knew the students' zip alone.

Left out: answers about which the text of the exercise does not decide, and those whose judgement takes minutes.
"""

from pathlib import Path

import numpy as np

from ..second import GIVEN, read_answers, sigmoid

# --- what the students' notebooks already contain ---------------------------------------------------------------


def fragile_sigmoid(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


def sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-z)


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


GIVEN_TOO = (fragile_sigmoid, sigmoid_prime, mse, bce_from_probs, softmax, one_hot, accuracy)
ALL_GIVEN = GIVEN | {f.__name__: f for f in GIVEN_TOO}
ANSWERS = [answer for path in sorted(Path(__file__).parent.glob("*.txt")) for answer in read_answers(path, ALL_GIVEN)]
