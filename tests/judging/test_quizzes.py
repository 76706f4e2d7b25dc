"""Answers to quizzes are accepted in every form, and points are divided exactly."""

import pytest

from autograder.judging.judge import judge
from autograder.judging.quizzes import choose_all, fill_in

trivia = choose_all("trivia", "bc", "abcd", points=1, slide="A slide")


def score_of(exercise, answer):
    drawn = exercise.draw(0)
    return judge(drawn, drawn.call(answer)).score


@pytest.mark.parametrize("answer", [{"b", "c"}, ["C", "B"], "bc", "b, c", "B C", " cb "])
def test_the_right_letters_are_accepted_in_every_form(answer):
    assert score_of(trivia, answer) == 1


@pytest.mark.parametrize("answer", ["b", "abc", "", "b and c", {"bc"}, {"b", 3}, 3, {"z"}])
def test_other_answers_earn_nothing(answer):
    assert score_of(trivia, answer) == 0


@pytest.mark.parametrize("count", range(1, 12))
def test_the_shares_of_all_blanks_add_up_to_the_points(count):
    key = {f"line {i}": "a" for i in range(count)}
    exercise = fill_in("blanks", key, "ab", points=1, slide="A slide")
    assert exercise.points == score_of(exercise, key) == 1
