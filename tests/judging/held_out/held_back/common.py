"""The list of answers, and helpers that they share."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import exp


class HeldBack(NamedTuple):
    """A wrong answer, the tutor's diagnosis in words, and the words by which it is recognised."""

    exercise: str
    answer: Callable[..., Any]
    tutor: str
    words: str | None


ANSWERS: list[HeldBack] = []


def wrong(exercise: str, tutor: str, words: str | None):
    def note(answer):
        ANSWERS.append(HeldBack(exercise, answer, tutor, words))
        return answer

    return note


def say(exercise: str, tutor: str, words: str | None, answer: Callable[..., Any]) -> None:
    ANSWERS.append(HeldBack(exercise, answer, tutor, words))


def s(z):
    return exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def sm(Z):
    E = exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def hot(labels, K):
    return np.eye(K)[labels]
