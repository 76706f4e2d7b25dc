"""A simulated answer is the text of the catalogue's answer, no more and no less."""

import pytest

from autograder import exercises
from autograder.authoring.simulate import answers, parse_answers

BY_NAME = {e.name: (notebook, e) for notebook, known in exercises.by_notebook.items() for e in known}


@pytest.mark.parametrize(("notebook", "exercise"), BY_NAME.values(), ids=BY_NAME)
def test_the_text_of_an_answer_is_worth_what_the_answer_is_worth(notebook, exercise):
    known = list(answers(exercise, parse_answers(exercises, notebook)))
    assert {a.name for a in known} == {"unanswered", *exercise.variants, *exercise.mistakes}
    for answer in known[1:]:
        namespace: dict = {}
        exec(answer.text, namespace)
        assert exercise.check(namespace[exercise.name], seed=3).score == pytest.approx(answer.score), answer.name
