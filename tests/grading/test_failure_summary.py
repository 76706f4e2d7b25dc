"""The failures of a notebook are described once each, with the cell that caused them."""

from autograder.grading.failure_summary import summarise_failures
from autograder.runner import Failure, FailureKind, Limits, StepResult


def test_a_cell_that_used_up_the_time_of_the_notebook_is_named():
    limits = Limits()
    failure = Failure(FailureKind.LIMIT, limits.message("exercise_seconds"), "exercise_seconds")
    results = {3: StepResult([]), 7: StepResult([], failures=[failure])}
    (described,) = summarise_failures(results, {})
    assert described.message == f"cell [2] was stopped: {limits.message('exercise_seconds')}"
    assert described.is_timeout
