"""The failures of a notebook are described once each, and those of time with the cell that caused them."""

import pytest

from autograder.grading.failure_summary import summarise_failures
from autograder.runner import Failure, FailureKind, Limits, StepResult


def test_a_cell_that_used_up_the_time_of_the_notebook_is_named():
    limits = Limits()
    failure = Failure(FailureKind.LIMIT, limits.message("exercise_seconds"), "exercise_seconds")
    results = {3: StepResult([]), 7: StepResult([], failures=[failure])}
    (described,) = summarise_failures(results, {})
    assert described.message == f"cell [2] was stopped: {limits.message('exercise_seconds')}"
    assert described.is_timeout


@pytest.mark.parametrize(
    ("message", "described"),
    [
        (Limits().message("cell_seconds"), "cell [1] exceeded its time limit of 20 s"),
        ("f did not finish within 20 s", "f did not finish within 20 s"),
    ],
)
def test_a_cell_that_took_too_long_is_named_unless_a_function_is(message, described):
    results = {3: StepResult([], failures=[Failure(FailureKind.LIMIT, message, "cell_seconds")])}
    assert [failure.message for failure in summarise_failures(results, {})] == [described]


def test_a_limit_of_output_that_several_cells_exceeded_is_one_remark():
    failure = Failure.of_limit(Limits(), "cell_output")
    results = {i: StepResult([], failures=[failure]) for i in (3, 7)}
    assert summarise_failures(results, {}) == [failure]
