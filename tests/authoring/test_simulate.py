"""A simulated class makes the mistakes that a real one makes."""

from collections import Counter

import numpy as np
import pytest

from autograder.authoring.answer_texts import all_answer_texts
from autograder.authoring.simulate import choose
from tests.conftest import exercises


@pytest.mark.parametrize(("is_typical", "share"), [(True, 10), (False, 2)])
def test_in_a_typical_class_the_first_mistakes_of_a_catalogue_are_frequent_and_the_last_are_rare(is_typical, share):
    answers, rng = all_answer_texts(exercises["sigmoid"]), np.random.default_rng(0)
    chosen = Counter(choose(answers, 0.0, rng, is_typical).name for _ in range(4000))
    wrong = [answer.name for answer in answers if not answer.is_right]
    assert set(chosen) == set(wrong)
    first, last = (sum(chosen[name] for name in names) for names in (wrong[:3], wrong[-3:]))
    assert (first > share * last) == is_typical


def test_answers_of_a_diligent_student_are_right():
    answers, rng = all_answer_texts(exercises["sigmoid"]), np.random.default_rng(0)
    assert all(choose(answers, 1.0, rng, is_typical).is_right for is_typical in (True, False) for _ in range(20))
