"""The text of a simulated answer is that of the known answer, and is what a person would write."""

import re
from collections import Counter

import numpy as np
import pytest

from autograder.authoring.simulate import answer_texts, choose, known_answers
from tests.conftest import exercises

VALUES = [exercise for exercise in exercises.values() if not exercise.known_answers]


def texts_of(exercise):
    return [*answer_texts(exercise, is_right=True), *answer_texts(exercise, is_right=False)]


def test_the_text_of_an_answer_is_the_code_that_the_kill_matrix_judges():
    for exercise in exercises.values():
        if exercise.known_answers:
            assert sorted(texts_of(exercise)) == sorted((known.name, known.code) for known in exercise.known_answers)


@pytest.mark.parametrize("exercise", VALUES, ids=lambda exercise: exercise.name)
def test_the_text_of_a_value_gets_the_score_of_the_value(exercise):
    unanswered, *answers = known_answers(exercise)
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


@pytest.mark.parametrize(("is_typical", "share"), [(True, 10), (False, 2)])
def test_in_a_typical_class_the_first_mistakes_of_a_catalogue_are_frequent_and_the_last_are_rare(is_typical, share):
    answers, rng = list(known_answers(exercises["sigmoid"])), np.random.default_rng(0)
    chosen = Counter(choose(answers, 0.0, rng, is_typical).name for _ in range(4000))
    wrong = [answer.name for answer in answers if not answer.is_right]
    assert set(chosen) == set(wrong)
    first, last = (sum(chosen[name] for name in names) for names in (wrong[:3], wrong[-3:]))
    assert (first > share * last) == is_typical


def test_answers_of_a_diligent_student_are_right():
    answers, rng = list(known_answers(exercises["sigmoid"])), np.random.default_rng(0)
    assert all(choose(answers, 1.0, rng, is_typical).is_right for is_typical in (True, False) for _ in range(20))
