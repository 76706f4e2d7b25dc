"""What the searches of a diagnosis know of an exercise."""

import signal

import numpy as np

from autograder.judging.cases import case
from autograder.judging.decode import CallResult
from autograder.judging.diagnosis.argument_changes import find_changed_argument
from autograder.judging.diagnosis.profiles import Attempt, ExerciseProfile
from autograder.judging.model import Exercise, Rule


def profile_for(argument, reference=len):
    rule = Rule("values", points=1, cases=lambda rng: [case(argument)])
    return ExerciseProfile(Exercise("f(x)", "", reference, (rule,)).draw(0))


def test_large_arrays_in_a_list_are_not_recomputed():
    assert profile_for([np.eye(9)]).can_be_recomputed
    assert not profile_for([np.eye(300)]).can_be_recomputed


def count_steps(x):
    t = steps = 0
    while t < 1:
        t, steps = t + x, steps + 1
    return steps


def test_a_reference_that_does_not_end_for_other_arguments_ends_only_the_search():
    attempt = Attempt(profile_for(0.25, count_steps), [CallResult(7)])
    assert find_changed_argument(attempt) is None  # it does not end for x = 0
    assert signal.getsignal(signal.SIGPROF) is signal.SIG_DFL


def test_lists_of_which_one_is_empty_are_not_changed():
    attempt = Attempt(profile_for([[], [1.0]]), [CallResult(7)])
    assert find_changed_argument(attempt) is None
