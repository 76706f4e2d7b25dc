"""What is not an answer earns nothing. The kill matrix tries functions that return an argument."""

import math

import numpy as np
import pytest

from tests.conftest import exercises

# As many letters as the questions of a notebook have. All of them together are never right.
LETTERS = {
    "sigmoid": "abcde", "bce": "abcd", "iris": "abcdef", "fashion_mnist": "abcde",
    "sgd": "abcd", "training_issues": "abcd", "momentum": "abcdef", "flat_minima": "abcdef",
}  # fmt: skip
QUESTIONS = [
    (exercise.name, letters)
    for notebook, letters in LETTERS.items()
    for exercise in exercises.by_notebook[notebook]
    if not callable(exercise.reference)
]
FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]
CONSTANTS = [
    None, True, 0.0, 1.0, math.log(2), 9.0, 500.0, 1000.0, math.nan, math.inf, "", "0", [], [1.0], (), {}, object(),
    np.array([]), np.zeros(3), np.zeros((3, 3)), np.zeros((3, 785), np.float32), (0.0, np.zeros((3, 3))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "letters"), QUESTIONS)
def test_an_empty_or_malformed_answer_to_a_question_earns_nothing(name, letters):
    worthless = [None, ..., {}, [], set(), "", 1, letters, list(letters), set(letters)]
    assert [answer for answer in worthless if exercises[name].check(answer).score] == []


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize("error", [ValueError, IndexError, NotImplementedError, SystemExit, RecursionError])
def test_a_function_that_only_raises_earns_nothing(exercise, error):
    def raising(*_, **__):
        raise error("no")

    assert exercise.check(raising, explain=False).score == 0


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_constant_earns_nothing(exercise):
    scores = [exercise.check(lambda *_, value=value, **__: value, explain=False).score for value in CONSTANTS]
    assert scores == [0] * len(CONSTANTS)
