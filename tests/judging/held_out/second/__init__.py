"""A second set of wrong and right answers, written from the notebooks alone, before the exercises were read.

They are text in percent cells, as in `answers.py` of the exercises (`autograder.judging.answers`).
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograder.judging import answers


class Answer(NamedTuple):
    """An answer: its exercise, what is wrong or unusual about it, its function or value, whether it is right, its code."""

    exercise: str
    why: str
    answer: Any
    is_right: bool
    code: str


# --- what the students' notebooks already contain ---------------------------------------------------------------


def sigmoid(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def p_after(z0):
    w = float(z0)
    for _ in range(1000):
        p = float(sigmoid(w))
        w -= p * p * (1 - p)
    return float(sigmoid(w))


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


def interpolate(theta0, thetaf, alpha):
    return [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]


def softmax_grad(W, X, labels):
    Z = X @ W
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(X)), labels] -= 1
    return X.T @ P / np.float32(len(X))


def in_slices(W, X, labels, lr, batch_size, num_epochs):
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            W = W - lr * softmax_grad(W, X[rows], labels[rows])
    return W


GIVEN = {f.__name__: f for f in (sigmoid, p_after, minibatches, interpolate, softmax_grad, in_slices)}
GIVEN |= {"np": np, "combinations": itertools.combinations}


# --- the answers ------------------------------------------------------------------------------------------------


def read_answers(path: Path, given: Mapping[str, Any] = GIVEN) -> list[Answer]:
    """Run each answer in a file, in a namespace of its own that has the given names but that of the exercise."""
    read = answers.read_answers(path, given)
    return [Answer(answer.exercise, answer.name, answer.value, answer.is_right, answer.code) for answer in read]


ANSWERS = [answer for path in sorted(Path(__file__).parent.glob("*.txt")) for answer in read_answers(path)]
