"""Right answers in unusual forms earn all points, and wrong ones get true messages."""

import sys
from enum import StrEnum

import numpy as np
import pytest

from tests.conftest import exercises

names, sigmoid, diagnose = exercises["encode_labels"], exercises["sigmoid"], exercises["diagnose"]


class Issue(StrEnum):
    DIVERGED = "diverged"
    DIFFERENT = "different every time"
    OVERFITTING = "overfitting"
    JITTERY = "jittery"
    STOPPED_EARLY = "stopped early"
    HEALTHY = "healthy"


def classes_as_objects(labels):
    codes, _ = names.reference(labels)
    return codes, np.array(sorted(set(labels)), dtype=object)


def classes_in_a_wide_array(labels):
    codes, classes = names.reference(labels)
    wide = np.empty(len(classes), "U256")
    wide[:] = classes
    return codes, wide


def classes_of_string_dtype(labels):
    codes, classes = names.reference(labels)
    return codes, classes.astype(np.dtypes.StringDType())


def sigmoid_that_raises_if_it_overflows(z):
    np.seterr(over="raise")
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_that_writes_lines(z):
    sys.stdout.writelines(["called\n"])
    return sigmoid.reference(z)


@pytest.mark.parametrize(("name", "answer"), [
    ("encode_labels", classes_as_objects), ("encode_labels", classes_in_a_wide_array),
    ("encode_labels", classes_of_string_dtype), ("sigmoid", sigmoid_that_raises_if_it_overflows),
    ("sigmoid", sigmoid_that_writes_lines),
    ("diagnose", lambda *args, **kwargs: Issue(diagnose.reference(*args, **kwargs))),
])  # fmt: skip
def test_a_right_answer_in_an_unusual_form_earns_all_points(name, answer):
    assert exercises[name].check(answer).passed


def test_values_that_are_masked_are_not_an_answer():
    assert sigmoid.check(lambda z: np.ma.array(sigmoid.reference(z), mask=True)).score == 0


def test_a_text_that_cannot_be_sent_costs_its_own_rule_only():
    def half_a_surrogate_pair(labels):
        return (np.array([0]), np.array(["\ud800"])) if len(set(labels)) == 1 else names.reference(labels)

    assert names.check(half_a_surrogate_pair).score == 2


@pytest.mark.parametrize(("name", "answer", "message"), [
    ("condition_number", lambda H: 10**4000, "it returns an integer of more than 4096 bits"),
    ("encode_labels", lambda labels: (names.reference(labels)[0], np.arange(len(set(labels)))), "integers instead of text"),
    ("momentum_step", lambda W, V, grad, lr, alpha: (W - lr * grad - alpha * V, None), "V_new is None"),
])  # fmt: skip
def test_a_message_about_a_strange_value_is_true(name, answer, message):
    assert any(message in finding.message for finding in exercises[name].check(answer).findings)


@pytest.mark.parametrize("answer", [
    lambda v, tol: False, lambda v, tol: True,
    lambda v, tol: not exercises["is_monotone_decreasing"].reference(v, tol),
])  # fmt: skip
def test_a_truth_value_is_not_described_as_a_number(answer):
    findings = exercises["is_monotone_decreasing"].check(answer).findings
    assert not any("number" in finding.diagnosis for finding in findings if finding.diagnosis)


def test_a_list_that_cannot_be_read_is_an_error_of_the_answer():
    class Broken(list):
        def __len__(self):
            raise ValueError("broken")

    (finding,) = exercises["trivia"].check(Broken("bc")).findings
    assert finding.message == "it raises ValueError: broken"
