"""The time of a notebook is divided so that no exercise can use up that of the others."""

import pytest

from autograder.runner.limits import Limits
from autograder.runner.time_budget import TimeBudget


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def run_cells(budget, clock, number):
    """Run endless cells, each of which is stopped at once at its deadline. Return the time that the first one had."""
    start, (first, _) = clock.now, budget.deadline(20)
    for _ in range(number):
        clock.now = max(clock.now, budget.deadline(20)[0])
    return first - start


@pytest.mark.parametrize(("num_exercises", "cells", "share"), [(10, 1, 5), (10, 30, 5), (20, 2, 75 / 21 - 1)])
@pytest.mark.parametrize("endless", [1, 20])
def test_every_exercise_has_its_share_however_many_cells_of_others_are_endless(num_exercises, cells, share, endless):
    clock = Clock()
    budget = TimeBudget(num_exercises, Limits(), clock)
    for exercise in range(num_exercises):
        assert run_cells(budget, clock, cells if exercise < endless else 1) >= min(20, share) - 1e-6
        budget.end_exercise()
    assert clock.now <= 100 + 75 + num_exercises
    assert budget.seconds_before_interrupt == pytest.approx(share)


def test_without_exercises_the_limit_of_the_notebook_decides():
    clock = Clock()
    budget = TimeBudget(0, Limits(), clock)
    clock.now += 60
    assert budget.deadline(20) == (175, "submission_seconds")
