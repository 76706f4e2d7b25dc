"""The kill matrix of every exercise: mistakes are rejected and variants accepted, for several draws of the inputs."""

import json
import os
from functools import cache

import pytest

from autograder import exercises
from autograder.authoring.kill_matrix import rows
from autograder.runner import Limits

SEEDS = range(int(os.environ.get("LECTRAIN_SEEDS", 3)))  # for a thorough test: LECTRAIN_SEEDS=50
FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]


@cache
def matrix_of(exercise):
    return rows(exercise, SEEDS)


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_every_known_answer_is_judged_as_expected(exercise):
    assert [row for row in matrix_of(exercise) if not row.is_as_expected] == []


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_mistake_with_a_hint_is_diagnosed_as_itself(exercise):
    for row in matrix_of(exercise):
        if row.kind == "mistake" and exercise.mistakes[row.name].hint:
            assert row.diagnosed == (row.name,)


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_every_function_has_at_least_8_mistakes_and_3_variants(exercise):
    assert len(exercise.mistakes) >= 8
    assert len(exercise.variants) >= 3


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize(
    "trivial", [lambda *_, **__: None, lambda *_, **__: 0.0, lambda *a, **__: a[0], lambda *a, **__: a[-1]]
)
def test_a_trivial_answer_gets_no_points(exercise, trivial):
    assert exercise.check(trivial).score == 0


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_right_answers_use_less_than_a_quarter_of_the_runner_s_limit(exercise):
    for answer in (exercise.reference, *exercise.variants.values()):
        assert 4 * len(json.dumps(exercise.draw(0).ask(answer))) < Limits().answer_bytes


def test_every_exercise_is_stored_under_its_name_and_has_a_slide():
    assert all(name == exercise.name for name, exercise in exercises.items())
    assert all(exercise.slide for exercise in exercises.values())
