"""A simulated answer is the text of the catalogue's answer, no more and no less."""

import pytest

from autograder.exercises import NOTEBOOKS, of
from autograder.simulate import answers, tree_of

EXERCISES = {e.name: (notebook, e) for notebook, module in NOTEBOOKS.items() for e in of(module)}


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES.values(), ids=EXERCISES)
def test_the_text_of_an_answer_is_worth_what_the_answer_is_worth(notebook, exercise):
    known = list(answers(exercise, tree_of(notebook)))
    assert {a.name for a in known} == {"unanswered", *exercise.variants, *exercise.mistakes}
    for answer in known[1:]:
        namespace: dict = {}
        exec(answer.text, namespace)
        assert exercise.check(namespace[exercise.name], seed=3).score == pytest.approx(answer.score), answer.name
