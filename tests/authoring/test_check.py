"""``check(answer)`` for the author at work, and its refusal everywhere else."""

import numpy as np
import pytest

from autograder import check


def test_a_right_answer_is_told_its_points(capsys):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(np.asarray(z) / 2))

    globals()["sigmoid"] = sigmoid
    try:
        check(sigmoid)
    finally:
        del globals()["sigmoid"]
    assert capsys.readouterr().out == "sigmoid: 4 of 4 points\n"


def test_a_wrong_answer_fails_with_a_line_per_broken_rule():
    globals()["sigmoid"] = np.tanh
    try:
        with pytest.raises(AssertionError, match=r"sigmoid: 0 of 4 points\nvalues"):
            check(np.tanh)
    finally:
        del globals()["sigmoid"]


def test_an_answer_without_the_name_of_an_exercise_is_refused():
    with pytest.raises(NameError, match="no exercise has the name"):
        check(np.cosh)


def test_a_submission_is_never_judged_in_its_own_process(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match=r"nbgrader_config\.py"):
        check(np.tanh)
