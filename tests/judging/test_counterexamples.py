"""Questions that a counterexample answers: inputs are checked before anything runs, and only a real one earns points."""

import numpy as np
import pytest

from autograder.judging.counterexamples import Input, InvalidInput, read_inputs, refute
from autograder.judging.judge import judge

NUMBER = {"x": Input(-9, 9)}
PAIR = {"labels": Input(0, 2, ("n",), whole=True), "predicted": Input(0, 2, ("n",), whole=True)}
MATRIX = {"Z": Input(-1000, 1000, (2, 2))}


def verdict_of(exercise, answer):
    drawn = exercise.draw(0)
    return judge(drawn, drawn.call(answer))


def message_about(exercise, answer):
    return verdict_of(exercise, answer).findings[0].message


def identity(x):
    return x


def question(inputs=NUMBER, **options):
    """A question about a version of `abs` that returns negative numbers unchanged, but for the options."""
    defaults = {"reference": abs, "wrong": identity, "answer": -1, "points": 1, "slide": "A slide"}
    return refute("answer", inputs, **defaults | options)


absolute = question(points=2, hint="Why?")


@pytest.mark.parametrize("answer", [-3, -0.5, np.float32(-2), [-4], np.array([[-4]])])
def test_any_counterexample_is_accepted(answer):
    assert verdict_of(absolute, answer).passed


def test_an_input_on_which_both_versions_agree_earns_nothing_and_the_message_contains_it_and_the_hint():
    assert verdict_of(absolute, 3).score == 0
    assert message_about(absolute, 3) == "x = 3.0: both versions give the same value. Why?"


@pytest.mark.parametrize("answer", [
    *(10, -9.1, np.nan, np.inf, "3", True, 1j, [1, 2], [[1], [2, 3]], {"x": 3}, {1}, len, 10**400),
    *([[[[-3]], [[-3]]]], np.array(["3"]), np.array(None), np.zeros((0, 3))),
])  # fmt: skip
def test_an_input_outside_the_limits_is_rejected_before_anything_runs(answer):
    def never(x):
        pytest.fail("it was called")

    message, _, shape = message_about(question(reference=never, wrong=never), answer).partition("; its shape is ")
    assert message == "x must be a number from -9 to 9"
    assert shape == (str(np.shape(answer)) if shape else "")


@pytest.mark.parametrize(("inputs", "answer", "message"), [
    (MATRIX, [1, 2], "Z must be an array of numbers from -1000 to 1000, of shape (2, 2)"),
    (MATRIX, np.zeros((2, 3)), "Z must be an array of numbers from -1000 to 1000, of shape (2, 2)"),
    (PAIR, [[0], [1]], "answer with a dict with the keys 'labels', 'predicted'"),
    (PAIR, {"labels": [0]}, "answer with a dict with the keys 'labels', 'predicted'"),
    (PAIR, {"labels": [0, 1], "predicted": [0.5, 1]}, "predicted must be an array of whole numbers from 0 to 2"),
    (PAIR, {"labels": [0, 1], "predicted": [0]}, "predicted must be an array of whole numbers from 0 to 2"),
    (PAIR, {"labels": [0, 3], "predicted": [0, 1]}, "labels must be an array of whole numbers from 0 to 2"),
    (PAIR, {"labels": [0] * 101, "predicted": [0] * 101}, "labels must be an array of whole numbers from 0 to 2"),
    (PAIR, {"labels": [], "predicted": []}, "labels must be an array of whole numbers from 0 to 2"),
])  # fmt: skip
def test_the_message_states_the_limits(inputs, answer, message):
    with pytest.raises(InvalidInput) as error:
        read_inputs(answer, inputs)
    assert str(error.value).startswith(message)


def test_a_fixed_length_has_no_limit():
    assert read_inputs(np.zeros(200), {"x": Input(-9, 9, (200,))})["x"].shape == (200,)


def test_whole_floats_become_integers():
    values = read_inputs({"labels": [0.0, 2.0], "predicted": np.array([1, 1], np.uint8)}, PAIR)
    assert [array.dtype for array in values.values()] == [np.int64, np.int64]


def test_a_version_that_modifies_its_argument_does_not_change_the_input_of_the_other():
    def in_place(Z):
        Z += 1
        return Z

    exercise = question(MATRIX, reference=in_place, wrong=in_place, answer=[[0, 0], [0, 0]])
    assert verdict_of(exercise, [[1, 2], [3, 4]]).score == 0


def test_nan_equals_nan():
    exercise = question(reference=lambda x: np.nan, wrong=lambda x: np.nan)
    assert "both versions give the same value" in message_about(exercise, 0)


def test_a_further_demand_is_reported():
    exercise = question(demand=lambda x: "too far from 0" if x < -5 else None)
    assert verdict_of(exercise, -2).passed
    assert message_about(exercise, -8) == "x = -8.0: too far from 0"


def test_how_much_a_wrong_version_must_fail_can_be_chosen():
    exercise = question(
        fails=lambda other, right: right - other >= 10, otherwise="the result is not 10 too small", answer=-6
    )
    assert verdict_of(exercise, -5).passed
    assert message_about(exercise, -4) == "x = -4.0: the result is not 10 too small"


def test_a_wrong_version_that_raises_is_refuted():
    exercise = question(wrong=lambda x: [0, 1, None][int(x)])
    assert verdict_of(exercise, 2).passed
    assert verdict_of(exercise, 9).passed
    assert not verdict_of(exercise, 0).passed


def test_an_input_on_which_the_reference_raises_is_no_counterexample():
    assert verdict_of(question(reference=lambda x: abs(x) if x < 9 else 1 // 0), 9).score == 0
