"""The text of a simulated answer behaves like the answer in the catalogue."""

import pytest

from autograder.authoring.simulate import known_answers, parse_answers
from tests.conftest import exercises

pytestmark = pytest.mark.slow

BY_NAME = {e.name: (notebook, e) for notebook, known in exercises.by_notebook.items() for e in known}


@pytest.mark.parametrize(("notebook", "exercise"), BY_NAME.values(), ids=BY_NAME)
def test_the_text_of_an_answer_gets_the_score_of_the_answer(notebook, exercise):
    unanswered, *answers = known_answers(exercise, parse_answers(exercises, notebook))
    assert unanswered.name == "unanswered"
    assert {answer.name for answer in answers} == {*exercise.variants, *exercise.mistakes}
    for answer in answers:
        namespace: dict = {}
        exec(answer.text, namespace)
        score = exercise.check(namespace[exercise.name], seed=3, explain=False).score
        assert score == pytest.approx(answer.score), answer.name
