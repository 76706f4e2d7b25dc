"""A second set of wrong and right answers, written from the notebooks alone, before the exercises were read.

The answers of a notebook are in a text file, because they are written as students write: with globals, mutable defaults
and several statements in a line. A line such as ``## wrong mse_grad: the sum`` begins an answer: it says whether the
answer is right, which exercise it belongs to, and what is wrong or unusual. The code follows.
"""

import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HEADER = re.compile(r"^## (wrong|right) (\w+): (.*)$", re.MULTILINE)


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
    """Run the code of each answer in a file, in a namespace of its own that has the given names."""
    _, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    answers = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return [
        Answer(exercise, why, run(code, exercise, given), kind == "right", code)
        for kind, exercise, why, code in answers
    ]


def run(code: str, name: str, given: Mapping[str, Any]) -> Any:
    """The function or value that the code stores under the name. It cannot call the given function of that name."""
    namespace = {given_name: value for given_name, value in given.items() if given_name != name}
    exec(code, namespace)
    return namespace[name]


ANSWERS = [answer for path in sorted(Path(__file__).parent.glob("*.txt")) for answer in read_answers(path)]
