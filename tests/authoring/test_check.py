"""``check(answer)`` in the kernel of an author, and its refusal in a student's process."""

import numpy as np
import pytest

from autograder import check


def test_a_right_answer_prints_its_points(capsys, monkeypatch):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(np.asarray(z) / 2))

    monkeypatch.setitem(globals(), "sigmoid", sigmoid)
    check(sigmoid)
    assert capsys.readouterr().out == "sigmoid: 4 of 4 points\n"


def test_a_wrong_answer_fails_with_a_line_per_broken_rule(monkeypatch):
    monkeypatch.setitem(globals(), "sigmoid", np.tanh)
    with pytest.raises(AssertionError, match=r"sigmoid: 0 of 4 points\nvalues"):
        check(np.tanh)


def test_an_answer_without_the_name_of_an_exercise_is_an_error():
    with pytest.raises(NameError, match="no exercise has the name"):
        check(np.cosh)


def test_check_is_refused_in_a_student_s_process(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match=r"nbgrader_config\.py"):
        check(np.tanh)


def test_an_answer_that_several_exercises_hold_is_an_error(monkeypatch):
    for name in ("trivia", "issues_quiz"):
        monkeypatch.setitem(globals(), name, 4)
    with pytest.raises(NameError, match="trivia and issues_quiz hold the same object"):
        check(4)
