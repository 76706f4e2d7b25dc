"""The smallest input on which an answer is wrong: it is allowed, it is shown as a call, and no point depends on it."""

import json
from copy import deepcopy

import numpy as np
import pytest

from autograder import values
from autograder.judging.cases import case
from autograder.judging.decode import CallResult
from autograder.judging.judge import judge, small_calls
from autograder.judging.model import Exercise, Rule
from autograder.judging.small_inputs import describe_first_failure, small_inputs_of
from autograder.judging.trusted_calls import call_trusted
from autograder.judging.values_as_text import MAX_SHOWN, show_argument, show_call, show_value
from tests.conftest import exercises
from tests.judging.held_out import HELD_OUT

FUNCTIONS = [exercise for exercise in exercises.values() if "(" in exercise.signature]
RIGHT_HELD_OUT = {name: [held for held in HELD_OUT if held.is_right and held.exercise == name] for name in exercises}


def results_of(exercise, answer):
    """The results for the small inputs: without the probe, which takes most of the time."""
    return [CallResult(answer(*deepcopy(c.args), **deepcopy(c.kwargs))) for c in small_inputs_of(exercise).cases]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_no_right_answer_is_wrong_on_a_small_input(exercise):
    """Otherwise an input would not be allowed, and a message about it could be false."""
    small = small_inputs_of(exercise)
    right = {**exercise.variants, **{held.name: held.value for held in RIGHT_HELD_OUT[exercise.name]}}
    for name, answer in {"reference": exercise.reference, **right}.items():
        with np.errstate(all="ignore"):
            results = results_of(exercise, answer)
        failures = [describe_first_failure(small, rule, results) for rule in exercise.rules]
        remedy = "right answers may differ here? Then leave such inputs out, with `allows` of the Exercise"
        assert not any(failures), f"{name}: {', '.join(filter(None, failures))} ({remedy})"


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_shown_call_is_the_call_that_was_made(exercise):
    received = []

    def record(*args, **kwargs):
        received.append((args, kwargs))

    for small in small_inputs_of(exercise).cases:
        eval(show_call(exercise.name, small), {exercise.name: record, "np": np})
        assert values.encode(list(received[-1][0])) == values.encode(list(small.args))
        assert values.encode(received[-1][1]) == values.encode(dict(small.kwargs))
        assert all(np.size(value) <= MAX_SHOWN for value in [*small.args, *small.kwargs.values()])


def test_every_rule_that_compares_values_states_a_property():
    """Otherwise a student would see a wrong number, and nothing to compare it with."""
    rules = [rule for exercise in FUNCTIONS for rule in exercise.rules if not (rule.check or rule.check_trace)]
    assert len(rules) > 60
    assert [rule.name for rule in rules if not rule.property.endswith(".")] == []


def test_most_exercises_that_compare_values_have_small_inputs():
    with_inputs = {exercise.name for exercise in FUNCTIONS if small_inputs_of(exercise).cases}
    assert len(with_inputs) >= 22
    assert {"sigmoid", "softmax", "mse_grad", "predict_label", "interpolate", "standardize"} <= with_inputs


def scale_exercise(**options):
    rule = Rule(
        "the double", 1, lambda rng: [case(rng.normal(size=(4, 3))), case(np.ones((1, 1)))], rtol=1e-9, **options
    )
    return Exercise("double(x)", "Numbers", lambda x: 2 * x, (rule,))


def verdict_of(exercise, answer, small=None):
    drawn = exercise.draw(0)
    answers = drawn.call(answer)
    small = call_trusted(answer, small_calls(drawn, answers)) if small is None else small
    return judge(drawn, answers, small_answers=small)


def test_a_rule_may_state_a_property_beside_the_input():
    (finding,) = verdict_of(scale_exercise(property="Every number is twice as large."), lambda x: x + 3).findings
    assert finding.message == "double(np.array([[0.0]])) gave [[3.0]], which is wrong. Every number is twice as large."
    (finding,) = verdict_of(scale_exercise(), lambda x: x + 3).findings
    assert finding.message == "double(np.array([[0.0]])) gave [[3.0]], which is wrong"


def test_a_value_that_looks_right_is_not_shown():
    (finding,) = verdict_of(scale_exercise(property="It is twice as large."), lambda x: 2 * x * (1 + 1e-7)).findings
    assert "gave" not in finding.message
    assert finding.message.endswith(". It is twice as large.")


def test_a_right_answer_and_an_unusable_one_are_not_called_again():
    drawn = exercises["sigmoid"].draw(0)
    assert small_calls(drawn, drawn.call(exercises["sigmoid"].reference)) is None
    assert [small_calls(drawn, answers) for answers in (None, {"missing": True}, {"answers": [1]})] == [None] * 3
    assert small_calls(drawn, drawn.call(lambda z: [1.0])) is None  # its type is wrong, which the message says


def test_the_reference_is_called_only_on_small_inputs_that_are_allowed():
    called = []
    rule = Rule("steps", points=1, cases=lambda rng: [case(0.5), case(2.0)])
    exercise = Exercise("steps(rate)", "", called.append, (rule,), allows=lambda rate: rate == 2)
    small_inputs_of(exercise)
    assert called == [2.0]


def test_an_input_for_which_the_reference_returns_a_dict_with_nan_is_not_shown():
    rule = Rule("mean", points=1, cases=lambda rng: [case(1.0)])
    assert not small_inputs_of(Exercise("mean(x)", "", lambda x: {"mean": np.nan}, (rule,))).cases


def test_the_answer_to_a_quiz_is_not_called():
    quizzes = [exercise for exercise in exercises.values() if exercise not in FUNCTIONS]
    assert len(quizzes) > 10
    assert not any(small_inputs_of(exercise).cases for exercise in quizzes)


def test_the_message_of_a_check_stays_before_the_input():
    (finding, *_) = exercises["loss_head"].check(lambda Z, labels: (float(np.sum(Z)) + 7, 0.0 * np.asarray(Z))).findings
    assert finding.message.startswith("loss: wrong value")
    assert "loss_head(np.array([[0.0]]), np.array([0])) gave (7.0, [[0.0]]), which is wrong" in finding.message


def test_the_request_holds_only_inputs():
    drawn = exercises["sigmoid_prime"].draw(0)
    request = small_calls(drawn, drawn.call(lambda z: np.asarray(z) + 1.0))
    assert request.keys() == drawn.request.keys() <= {"name", "cases", "forbids"}
    assert all(call.keys() == {"args", "kwargs", "watch", "alone"} for call in request["cases"])
    assert json.loads(json.dumps(request)) == request


@pytest.mark.parametrize(
    "forged", [{"answers": []}, {"timeout": True}, 3, {"answers": [{"value": {"object": "\x1b"}}]}]
)
@pytest.mark.attack("points")
def test_forged_answers_change_neither_points_nor_the_rest_of_the_message(forged):
    exercise = scale_exercise()
    drawn = exercise.draw(0)
    answers = drawn.call(lambda x: x + 3)
    assert judge(drawn, answers, small_answers=forged) == judge(drawn, answers)


def test_right_small_answers_earn_no_points_and_wrong_ones_cost_none():
    exercise = scale_exercise()
    drawn, small = exercise.draw(0), small_inputs_of(exercise)
    right, wrong = drawn.call(exercise.reference), drawn.call(lambda x: x)
    assert judge(drawn, wrong, small_answers=call_trusted(exercise.reference, small.request)).score == 0
    assert judge(drawn, right, small_answers=call_trusted(abs, small.request)).score == 1


@pytest.mark.parametrize(("value", "text"), [
    (0.5, "0.5"),
    (np.float32(1 / 3), "0.3333"),
    (np.array([0, 1]), "[0, 1]"),
    (np.array([[1.0, -np.inf]]), "[[1.0, -inf]]"),
    ((1, "\x1b[2J"), "(1, '\\x1b[2J')"),
    (values.Unknown("\x1b\u202e"), "<\\x1b\\u202e>"),
    ([1, [2, 3]], "[1, [2, 3]]"),
    ((3,), "(3,)"),
    (np.zeros(MAX_SHOWN + 1), ""),
    ("x" * 500, ""),
    ({"a": np.nan, "b": np.eye(2)}, "{'a': nan, 'b': [[1.0, 0.0], [0.0, 1.0]]}"),
    (None, "None"),
])  # fmt: skip
def test_a_value_is_shown_as_short_text_without_control_characters(value, text):
    assert show_value(value) == text


@pytest.mark.parametrize("value", [
    "long " * 40, ["long " * 40], (3,), (), (np.array([0.5]), [np.nan]), np.array([1 / 3, -np.inf]), 1e300, [(1, "a")], {"a": np.array([1 / 3])}
])  # fmt: skip
def test_an_argument_is_code_that_gives_the_same_value(value):
    assert values.encode(eval(show_argument(value), {"np": np})) == values.encode(value)


def test_a_call_shows_a_list_of_arrays_of_several_shapes():
    assert show_call("f", case([np.ones(1), np.ones(2)])) == "f([np.array([1.0]), np.array([1.0, 1.0])])"
    assert show_call("f", case([np.ones(5), np.ones(6)])) == ""
