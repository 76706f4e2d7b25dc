"""The text of a simulated answer behaves like the known answer, and is what a person would write."""

import re

import numpy as np
import pytest

from autograder.authoring.simulate import answer_texts, known_answers
from tests.conftest import exercises

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_the_text_of_an_answer_gets_the_score_of_the_answer(exercise):
    unanswered, *answers = known_answers(exercise)
    assert unanswered.name == "unanswered"
    assert {answer.name for answer in answers} == {*exercise.variants, *exercise.mistakes}
    for answer in answers:
        namespace = {"np": np} | {e.name: e.reference for e in exercises.values() if e is not exercise}
        exec(answer.text, namespace)
        score = exercise.check(namespace[exercise.name], seed=3, explain=False).score
        assert score == pytest.approx(answer.score), answer.name


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_no_text_names_the_grader_or_imports_twice(exercise):
    for name, text in (*answer_texts(exercise, is_right=True), *answer_texts(exercise, is_right=False)):
        assert not re.search(r"\b(reference_|wrong_|on_output|on_argument|autograder)", text), name
        imports = re.findall(r"^(?:import|from) .*", text, re.MULTILINE)
        assert len(imports) == len(set(imports)), name
