"""The relations that this course adds to those of the engine."""

import numpy as np
import pytest

from autograder.judging.diagnosis.output_relations import find_exact, find_partial_or_fitted
from autograder.judging.exercise_set import load_exercises
from exercises.relations import RELATIONS
from tests.judging.diagnosis.test_output_relations import pairs

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as in `diagnose`


def test_the_course_s_relations_reach_its_exercises():
    assert all(exercise.relations is RELATIONS for exercise in load_exercises("exercises").values())


def test_a_logarithm_to_another_base_and_a_slope_are_found():
    for change, name in (
        (lambda v, X: v / np.log(2), "logarithm to base 2"),
        (lambda v, X: v / np.log(10), "logarithm to base 10"),
        (lambda v, X: v * (1 - v), "p (1 - p)"),
    ):
        assert find_exact(pairs(change), RELATIONS.exact)[0] == name
    zeros_for_labels = pairs(lambda v, X: 0 * v, value=lambda X: (X > 1).astype(float))
    assert find_exact(zeros_for_labels, RELATIONS.exact)[0] == "all zero"


def test_a_constant_added_before_the_sigmoid_is_found():
    def p(logits):
        return 1 / (1 + np.exp(-logits))

    def find(change):
        return find_partial_or_fitted(pairs(change, value=lambda X: p(X[:, 0])), fitted=RELATIONS.fitted)

    assert find(lambda v, X: p(X[:, 0] + 0.7))[0] == "a constant added to the logits"
    assert find(lambda v, X: p(X[:, 0] + X[:, 1])) is None


def test_labels_are_shifted_within_the_classes():
    for arguments in ({"X": np.zeros((2, 3)), "labels": np.array([0, 2])}, {"labels": np.array([0, 2]), "K": 3}):
        changes = [change for find_changes in RELATIONS.changes for change in find_changes([arguments])]
        shifted = [change.apply(arguments)["labels"].tolist() for change in changes if change.name == "labels one off"]
        assert shifted == [[1, 0], [2, 1]]
