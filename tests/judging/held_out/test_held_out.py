"""Held-out answers: most wrong ones are explained as a tutor would, and none wrongly. The kill matrix judges all of them."""

import re
from collections import Counter

import numpy as np
import pytest

from benchmarks.diagnosis import Outcome, judge_answer
from tests.conftest import exercises

from . import HELD_OUT, SETS

TUTORED = (SETS["tutored"], SETS["tutored_unseen"])
EXPLAINED = sorted(  # by exercise: the results of its known mistakes are computed once
    (a for answers in SETS.values() if answers not in TUTORED for a in answers if "words" in a.fields),
    key=lambda answer: answer.exercise,
)


@pytest.fixture(scope="module")
def results():
    return [judge_answer(held) for held in SETS["tutored"]]


@pytest.mark.parametrize("answer", EXPLAINED, ids=lambda answer: f"{answer.exercise}: {answer.name}")
def test_the_explanation_mentions_the_cause_and_claims_nothing_false(answer):
    with np.errstate(all="ignore"):
        findings = exercises[answer.exercise].check(answer.value, 0, source=answer.code).findings
    text = " ".join(f"{finding.diagnosis or ''} {finding.message}" for finding in findings if not finding.passed)
    assert re.search(answer.field("words"), text, re.IGNORECASE)
    assert not re.search(answer.field("never") or "$^", text, re.IGNORECASE)


def test_the_sets_are_large():
    assert sum(answer.is_right for answer in HELD_OUT) >= 570
    assert sum(not answer.is_right for answer in HELD_OUT) >= 2200
    assert len(EXPLAINED) >= 100


@pytest.mark.parametrize("name", ["first", "second", "third", "fourth"])
def test_each_answer_of_a_set_has_its_own_description(name):
    keys = [(answer.exercise, answer.name) for answer in SETS[name]]
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_four_of_five_failures_are_diagnosed_and_none_wrongly(results):
    count = Counter(result.outcome for result in results)
    failures = len(results) - count[Outcome.PASSED]
    assert failures >= 200
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / failures >= 0.8
    assert [result for result in results if result.outcome is Outcome.WRONG] == []


def test_four_of_five_are_diagnosed_among_answers_never_used_in_development():
    answers = SETS["tutored_unseen"]
    count = Counter(judge_answer(held).outcome for held in answers)
    assert count[Outcome.PASSED] == 0
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / len(answers) >= 0.8


def test_a_diagnosis_rarely_matches_the_tutors_pattern_for_another_mistake(results):
    """Otherwise the patterns would match anything, and the share of right diagnoses would mean nothing."""
    named = [result for result in results if result.outcome is Outcome.NAMED]
    patterns = [result.held.field("words") for result in named]
    matches = [
        bool(re.search(pattern, result.diagnosis))
        for result in named
        for pattern in patterns
        if pattern != result.held.field("words")
    ]
    assert sum(matches) < 0.15 * len(matches)


def test_a_diagnosis_has_at_most_two_sentences(results):
    assert all(len(result.diagnosis) < 200 for result in results)


def test_no_diagnosis_or_message_contains_a_right_value(results):
    for result in results[::5]:
        drawn = exercises[result.held.exercise].draw(0)
        numbers = {str(float(v))[:8] for answer in drawn.expected for v in _floats(answer.value)}
        text = " ".join([result.diagnosis, *result.messages])
        assert not any(number in text for number in numbers if len(number) == 8)


def _floats(value):
    return np.ravel(value).tolist() if isinstance(value, np.ndarray | float) else []
