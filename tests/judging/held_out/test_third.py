"""The third and the fourth set of held-out answers: their sizes, and explanations that were false or unhelpful when it was first judged."""

import re

import pytest

from . import fourth, third
from .test_second import judge

# For some wrong answers: a pattern for what an explanation has to mention, and one for what it must not claim.
EXPLANATIONS = {
    ("sharpness", "return inside the loop, only one direction"): ("one direction only", "the same direction"),
    ("interpolate", "the biases stay those of theta0"): ("numbers are those of theta0", "theta0 unchanged"),
    ("miscounted", "the lists have different lengths"): ("equal in all arrays", "same counts"),
    ("predict_label", "a p slightly below the threshold (0.4999999999) gets label 1"): (
        r"0\.4999.* gave \[1\]",
        "off by",
    ),
}


@pytest.mark.parametrize("key", EXPLANATIONS, ids=lambda key: f"{key[0]}: {key[1]}")
def test_the_explanation_mentions_the_cause_and_claims_nothing_false(key):
    answer = next(answer for answer in third.ANSWERS if (answer.exercise, answer.why) == key)
    failed = [finding for finding in judge(answer).findings if not finding.passed]
    text = " ".join(f"{finding.diagnosis or ''} {finding.message}" for finding in failed)
    words, never = EXPLANATIONS[key]
    assert re.search(words, text, re.IGNORECASE), text
    assert not re.search(never, text, re.IGNORECASE), text


@pytest.mark.parametrize(("answers", "right", "wrong"), [(third.ANSWERS, 200, 600), (fourth.ANSWERS, 90, 240)])
def test_the_set_is_large_and_each_answer_has_its_own_description(answers, right, wrong):
    keys = {(answer.exercise, answer.why) for answer in answers}
    assert len(keys) == len(answers)
    assert sum(answer.is_right for answer in answers) >= right
    assert sum(not answer.is_right for answer in answers) >= wrong
