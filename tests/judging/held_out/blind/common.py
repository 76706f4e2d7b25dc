"""The list of answers, and helpers that they share."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Examined(NamedTuple):
    """An answer that was written for an examination of the judge.

    Attributes
    ----------
    exercise : str
    why : str
        Why the answer is wrong, or how it is right.
    answer : callable
    is_right : bool
    """

    exercise: str
    why: str
    answer: Callable[..., Any]
    is_right: bool


ANSWERS: list[Examined] = []


def wrong(exercise: str, why: str) -> Callable[..., Any]:
    return functools.partial(_add, exercise, why, is_right=False)


def right(exercise: str, why: str) -> Callable[..., Any]:
    return functools.partial(_add, exercise, why, is_right=True)


def _add(exercise: str, why: str, answer: Callable[..., Any], is_right: bool) -> Callable[..., Any]:
    ANSWERS.append(Examined(exercise, why, answer, is_right))
    return answer


def s(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def sm(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def ce_each(Z, labels):
    Z = np.asarray(Z, dtype=float)
    return np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(Z)), labels]
