"""What the searches of a diagnosis know of an exercise."""

import numpy as np

from autograder.judging.cases import case
from autograder.judging.diagnosis.profiles import ExerciseProfile
from autograder.judging.model import Exercise, Rule


def profile_for(argument, reference=len):
    rule = Rule("values", points=1, cases=lambda rng: [case(argument)])
    return ExerciseProfile(Exercise("f(x)", "", reference, (rule,)).draw(0))


def test_large_arrays_in_a_list_are_not_recomputed():
    assert profile_for([np.eye(9)]).can_be_recomputed
    assert not profile_for([np.eye(300)]).can_be_recomputed
