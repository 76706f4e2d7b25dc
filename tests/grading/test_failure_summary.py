"""The failures of a notebook are described once each, with the cells that they happened in."""

from types import SimpleNamespace

from autograder.grading.failure_summary import summarise_failures
from autograder.runner import Failure, FailureKind, Limits, StepResult


def test_each_failure_is_described_once_with_its_cells():
    limits = Limits()
    loud, late, lost = (Failure.of_limit(limits, name) for name in ("cell_output", "exercise_seconds", "memory"))
    lost = Failure(lost.kind, lost.message, lost.limit_hit, ended_process=True, is_contained=True)
    not_run = Failure(FailureKind.NOT_RUN, "not run: the notebook exceeded its time limit of 75 s")
    of_cells = {3: [loud, loud], 4: [late], 7: [loud, lost], 9: [loud], 10: [not_run], 11: [not_run]}
    results = {i: StepResult([], failures=failures) for i, failures in of_cells.items()}
    drawn = {4: SimpleNamespace(exercise=SimpleNamespace(name="sigmoid"))}
    described = summarise_failures(results, drawn)
    assert [failure.message for failure in described] == [
        f"cell [1] and 2 more: {loud.message}",
        f"cell [2] (sigmoid): {late.message}",
        f"cell [3]: {lost.message}. The other cells were run again",
        "2 cells were not run: the notebook exceeded its time limit of 75 s",
    ]
    assert [failure.is_timeout for failure in described] == [False, True, False, False]
