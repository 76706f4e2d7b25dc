"""Answers to quizzes are accepted in every form, and points are divided exactly."""

import pytest

from autograder.judging.counterexamples import Input, refute
from autograder.judging.judge import judge
from autograder.judging.quizzes import choose_all, fill_in, predict
from autograder.judging.verdict import Status
from autograder.judging.verdict_html import verdict_html
from tests.conftest import exercises

trivia = choose_all("trivia", "bc", "abcd", points=1, slide="A slide")
blanks = fill_in("blanks", {"one": "a", "two": "b"}, "abc", points=2, slide="A slide")
root = refute("root", {"x": Input(-9, 9)}, reference=abs, wrong=lambda x: x, answer=-1, points=1, slide="A slide")


def score_of(exercise, answer):
    drawn = exercise.draw(0)
    return judge(drawn, drawn.call(answer)).score


@pytest.mark.parametrize("answer", [{"b", "c"}, ["C", "B"], "bc", "b, c", "B C", " cb ", "\u0412\u0421"])
def test_the_right_letters_are_accepted_in_every_form(answer):
    assert score_of(trivia, answer) == 1


@pytest.mark.parametrize("answer", ["b", "abc", "", "b and c", {"bc"}, {"b", 3}, 3, {"z"}])
def test_other_answers_earn_nothing(answer):
    assert score_of(trivia, answer) == 0


@pytest.mark.parametrize("make", [
    lambda: choose_all("q", "e", "abcd", points=1, slide=""),
    lambda: choose_all("q", "B", "ABCD", points=1, slide=""),
    lambda: choose_all("q", "l", "l", points=1, slide=""),
    lambda: fill_in("q", {"one": "a"}, "aab", points=1, slide=""),
    lambda: fill_in("q", {}, "abc", points=1, slide=""),
    lambda: fill_in("q", {"one": "z"}, "abc", points=1, slide=""),
    lambda: fill_in("q", {"one": "a"}, "abc", points=1, slide="", hint={"two": "Why?"}),
    lambda: predict("q", "ABC", questions=1, points=1, slide=""),
])  # fmt: skip
def test_a_question_that_no_answer_would_fit_is_an_error(make):
    with pytest.raises(
        ValueError,
        match=r"q: (give different options in lower case|give a key with|the hint for 'two' belongs to no blank)",
    ):
        make()


@pytest.mark.parametrize("count", range(1, 12))
def test_the_shares_of_all_blanks_add_up_to_the_points(count):
    key = {f"line {i}": "a" for i in range(count)}
    exercise = fill_in("blanks", key, "ab", points=1, slide="A slide")
    assert exercise.points == score_of(exercise, key) == 1


def test_a_third_of_a_point_is_written_as_on_every_page():
    thirds = fill_in("blanks", dict.fromkeys(("one", "two", "three"), "a"), "ab", points=1, slide="A slide")
    assert "(0.33): <em>one</em>" in verdict_html(judge(thirds.draw(0), thirds.draw(0).call(None)))


@pytest.mark.parametrize(("exercise", "answers"), [
    (trivia, [{"b", "c"}, {"a"}, "abcd", []]),
    (blanks, [{"one": "a", "two": "b"}, {"one": "b", "two": "b"}, {"one": "C", "two": {"a"}}]),
    (root, [-1, 3, -0.5]),
])  # fmt: skip
def test_before_the_due_date_right_and_wrong_answers_get_the_same_verdict(exercise, answers):
    drawn = exercise.draw(0)
    verdicts = [judge(drawn, drawn.call(answer), is_before_due=True) for answer in answers]
    assert all(verdict == verdicts[0] for verdict in verdicts)
    assert {finding.status for finding in verdicts[0].findings} == {Status.RECEIVED}
    assert {finding.message for finding in verdicts[0].findings} == {"received; judged at the due date"}
    assert verdicts[0].score == 0
    assert verdicts[0].is_received


@pytest.mark.parametrize(("exercise", "answer", "message"), [
    (trivia, {"e"}, "answer with a set of letters from a, b, c, d"),
    (blanks, {"one": "a"}, 'answer with a dict that has one letter for "two"'),
    (blanks, {"one": "a", "two": "z"}, 'the letter for "two" must be one of a, b, c'),
    (root, 99, "x must be a number from -9 to 9"),
])  # fmt: skip
def test_before_the_due_date_the_form_of_an_answer_is_checked(exercise, answer, message):
    drawn = exercise.draw(0)
    (failed,) = (f for f in judge(drawn, drawn.call(answer), is_before_due=True).findings if f.status is Status.FAILED)
    assert failed.message.startswith(message)


@pytest.mark.parametrize("exercise", [trivia, blanks, root])
def test_before_the_due_date_a_missing_answer_is_reported(exercise):
    drawn = exercise.draw(0)
    verdict = judge(drawn, drawn.call(None), is_before_due=True)
    assert {finding.status for finding in verdict.findings} == {Status.NOT_ANSWERED}


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [(trivia, ...), (trivia, [..., ...]), (blanks, {"one": ..., "two": ...}), (blanks, {"one": set(), "two": ""})],
)
def test_dots_are_no_answer(exercise, answer):
    drawn = exercise.draw(0)
    assert judge(drawn, drawn.call(answer)).is_unanswered


def test_predictions_and_functions_are_judged_before_the_due_date():
    prediction = predict("p", "abc", questions=1, points=1, slide="A slide").draw(0)
    assert judge(prediction, prediction.call(["a"]), is_before_due=True).passed
    function = exercises["sigmoid"].draw(0)
    assert judge(function, function.call(exercises["sigmoid"].reference), is_before_due=True).passed


def test_every_question_whose_answer_can_be_guessed_waits_for_the_due_date():
    """All exercises with a variable wait but predictions, and settings that the notebook itself tries."""
    at_once = {
        exercise.name
        for exercise in exercises.values()
        if "(" not in exercise.signature and not all(rule.check_form for rule in exercise.rules)
    }
    assert {name for name in at_once if not name.endswith("_predictions")} == {*(f"fix_{x}" for x in "ABCDE")}
