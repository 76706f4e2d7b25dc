"""Every exercise proves its own checks: mistakes are rejected, variants accepted, for whatever inputs are drawn."""

import json
import os
from functools import cache

import pytest

from autograder import exercises
from autograder.authoring.kill_matrix import rows
from autograder.runner import Limits

SEEDS = range(int(os.environ.get("LECTRAIN_SEEDS", 3)))  # more with LECTRAIN_SEEDS=50
FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]


@cache
def rows_of(exercise):
    return rows(exercise, SEEDS)


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_every_answer_is_judged_is_as_expected(exercise):
    wrong = [row for row in rows_of(exercise) if not row.is_as_expected]
    assert wrong == []


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_mistake_with_words_is_diagnosed_as_itself(exercise):
    for row in rows_of(exercise):
        if row.kind == "mistake" and exercise.mistakes[row.name].hint:
            assert row.diagnosed == (row.name,)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_every_function_has_mistakes_and_variants_enough(exercise):
    assert len(exercise.mistakes) >= 8
    assert len(exercise.variants) >= 3


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize(
    "empty", [lambda *_, **__: None, lambda *_, **__: 0.0, lambda *a, **__: a[0], lambda *a, **__: a[-1]]
)
def test_an_empty_answer_earns_nothing(exercise, empty):
    assert exercise.check(empty).score == 0


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_right_answers_are_far_from_too_long_for_the_runner(exercise):
    for answer in (exercise.reference, *exercise.variants.values()):
        assert 4 * len(json.dumps(exercise.draw(0).ask(answer))) < Limits().answer_bytes


def test_names_are_unique_and_slides_are_given():
    assert all(name == exercise.name for name, exercise in exercises.items())
    assert all(exercise.slide for exercise in exercises.values())
