"""Wrong answers that are not in the catalogue: most are diagnosed as a tutor would, and none wrongly."""

import re
from collections import Counter

import numpy as np
import pytest

from benchmarks.diagnosis import Outcome, judge_answer
from tests.conftest import exercises

from . import exam
from .held_back import ANSWERS


@pytest.fixture(scope="module")
def results():
    return [judge_answer(held) for held in ANSWERS]


def test_four_of_five_failures_are_diagnosed_and_none_wrongly(results):
    count = Counter(result.outcome for result in results)
    failures = len(results) - count[Outcome.PASSED]
    assert failures >= 200
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / failures >= 0.8
    assert [result for result in results if result.outcome is Outcome.WRONG] == []


def test_four_of_five_are_diagnosed_among_answers_never_used_in_development():
    count = Counter(judge_answer(held).outcome for held in exam.ANSWERS)
    assert count[Outcome.PASSED] == 0
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / len(exam.ANSWERS) >= 0.8


def test_a_diagnosis_rarely_matches_the_tutors_pattern_for_another_mistake(results):
    """Otherwise the patterns would match anything, and the share of right diagnoses would mean nothing."""
    named = [result for result in results if result.outcome is Outcome.NAMED]
    patterns = [result.held.words for result in named]
    matches = [
        bool(re.search(pattern, result.diagnosis))
        for result in named
        for pattern in patterns
        if pattern != result.held.words
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
