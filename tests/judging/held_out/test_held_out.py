"""Wrong answers that the catalogue does not know: most of them are named, none wrongly."""

import re
from collections import Counter

import numpy as np
import pytest

from autograder import exercises
from benchmarks.diagnosis import Outcome, judge_answer

from . import exam
from .held_back import ANSWERS


@pytest.fixture(scope="module")
def found():
    return [judge_answer(held) for held in ANSWERS]


def test_four_of_five_failures_carry_the_right_diagnosis_and_none_a_wrong_one(found):
    count = Counter(one.outcome for one in found)
    failures = len(found) - count[Outcome.PASSED]
    assert failures >= 200
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / failures >= 0.8
    assert [one for one in found if one.outcome is Outcome.WRONG] == []


def test_so_it_is_with_answers_that_nobody_looked_at_while_the_judge_was_made():
    count = Counter(judge_answer(held).outcome for held in exam.ANSWERS)
    assert count[Outcome.PASSED] == 0
    assert (count[Outcome.NAMED] + count[Outcome.DESCRIBED]) / len(exam.ANSWERS) >= 0.8


def test_the_outcome_hangs_on_the_tutor_s_words(found):
    """Else the share above would be made of patterns that fit anything."""
    named = [one for one in found if one.outcome is Outcome.NAMED]
    words = [one.held.words for one in named]
    chance = [
        bool(re.search(pattern, one.diagnosis)) for one in named for pattern in words if pattern != one.held.words
    ]
    assert sum(chance) < 0.15 * len(chance)


def test_no_diagnosis_is_longer_than_two_sentences(found):
    assert all(len(one.diagnosis) < 200 for one in found)


def test_nothing_that_is_said_holds_a_right_value(found):
    for one in found[::5]:
        drawn = exercises[one.held.exercise].draw(0)
        numbers = {str(float(v))[:8] for answer in drawn.expected for v in _floats(answer.value)}
        said = " ".join([one.diagnosis, *one.messages])
        assert not any(number in said for number in numbers if len(number) == 8)


def _floats(value):
    return np.ravel(value).tolist() if isinstance(value, np.ndarray | float) else []
