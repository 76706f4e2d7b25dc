"""A simulated class makes the mistakes that a real one makes."""

from collections import Counter

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.authoring.answer_texts import UNANSWERED, AnswerText, all_answer_texts
from autograder.authoring.simulate import _standalone, choose_answer, make_submission
from autograder.course import CourseError
from tests.conftest import exercises


@pytest.mark.parametrize(("is_typical", "share"), [(True, 10), (False, 2)])
def test_in_a_typical_class_the_first_mistakes_of_a_catalogue_are_frequent_and_the_last_are_rare(is_typical, share):
    answers, rng = all_answer_texts(exercises["sigmoid"]), np.random.default_rng(0)
    chosen = Counter(choose_answer(answers, 0.0, rng, is_typical).name for _ in range(4000))
    wrong = [answer.name for answer in answers if not answer.is_right]
    assert set(chosen) == set(wrong)
    first, last = (sum(chosen[name] for name in names) for names in (wrong[:3], wrong[-3:]))
    assert (first > share * last) == is_typical


def test_answers_of_a_diligent_student_are_right():
    answers, rng = all_answer_texts(exercises["sigmoid"]), np.random.default_rng(0)
    assert all(choose_answer(answers, 1.0, rng, is_typical).is_right for is_typical in (True, False) for _ in range(20))


@pytest.mark.parametrize(("text", "expected"), [
    ("special.g(x) if g == 1 else g(x)", "right_g = abs\n\nspecial.g(x) if g == 1 else right_g(x)"),
    ("special.g(x)", "special.g(x)"),
])  # fmt: skip
def test_a_wrong_function_is_replaced_where_it_is_called(text, expected):
    texts = {text: True, "g = len": False, "g = abs": True}
    f, wrong, right = (AnswerText(exercises["sigmoid"], "", known, None, is_right) for known, is_right in texts.items())
    assert _standalone("f", {"f": f, "g": wrong}, {"f": [f], "g": [wrong, right]}) == expected


def test_a_called_function_without_a_variant_is_named():
    f, wrong = (AnswerText(exercises["sigmoid"], "", text, None, text == "g(x)") for text in ("g(x)", "g = len"))
    with pytest.raises(CourseError, match="f calls g, which has no variant"):
        _standalone("f", {"f": f, "g": wrong}, {"f": [f], "g": [wrong]})


HIDDEN_TEST = "### BEGIN HIDDEN TESTS\ncheck({})\n### END HIDDEN TESTS"


def test_the_answers_to_two_exercises_in_one_cell_follow_one_another():
    solution = new_code_cell("def f(): ...\ndef g(): ...", metadata={"nbgrader": {"solution": True}})
    checks = [new_code_cell(HIDDEN_TEST.format(name), metadata={"nbgrader": {"grade": True}}) for name in "fg"]
    texts = {"f": UNANSWERED, "g": "g = abs"}
    assert make_submission(new_notebook(cells=[solution, *checks]), texts).cells[0].source == f"g = abs\n\n{UNANSWERED}"
