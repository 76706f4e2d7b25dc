"""The text of a known answer is that of the file of answers, and is what a person would write."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.authoring.answer_texts import all_answer_texts, answer_texts
from autograder.course import CourseError
from tests.conftest import exercises

VALUES = [exercise for exercise in exercises.values() if not exercise.known_answers]


def texts_of(exercise):
    return [(answer.name, answer.text) for answer in all_answer_texts(exercise)[1:]]


def test_the_text_of_an_answer_is_the_code_that_the_kill_matrix_judges():
    for exercise in exercises.values():
        if exercise.known_answers:
            assert sorted(texts_of(exercise)) == sorted((known.name, known.code) for known in exercise.known_answers)


@pytest.mark.parametrize("exercise", VALUES, ids=lambda exercise: exercise.name)
def test_the_text_of_a_value_gets_the_score_of_the_value(exercise):
    unanswered, *answers = all_answer_texts(exercise)
    assert (unanswered.name, unanswered.score) == ("unanswered", 0)
    assert {answer.name for answer in answers} == {*exercise.variants, *exercise.mistakes}
    for answer in answers:
        namespace = {"np": np}
        exec(answer.text, namespace)
        assert exercise.check(namespace[exercise.name], seed=3, explain=False).score == pytest.approx(answer.score)
        assert (answer.score == exercise.points) == answer.is_right, answer.name


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_no_text_names_the_grader_or_imports_twice(exercise):
    for name, text in texts_of(exercise):
        assert not re.search(r"\b(reference_|wrong_|on_output|on_argument|autograder)", text), name
        imports = re.findall(r"^(?:import|from) .*", text, re.MULTILINE)
        assert len(imports) == len(set(imports)), name


@pytest.mark.parametrize("value", [np.arange(3), lambda: 1])
def test_a_value_whose_text_is_no_python_is_refused(value):
    exercise = SimpleNamespace(name="w", known_answers=(), variants={"it": value})
    with pytest.raises(CourseError, match="w: the answer 'it' cannot be written as text"):
        next(answer_texts(exercise, is_right=True))
