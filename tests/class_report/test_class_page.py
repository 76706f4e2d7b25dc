"""The class page for the projector, and the tally of predictions."""

import html
import re

import pytest
from markupsafe import Markup
from nbformat.v4 import new_code_cell

from autograder.class_report import class_page
from autograder.class_report.options import find_options
from autograder.class_report.predictions import _read_predictions, count_predictions
from autograder.class_report.questions import Questions
from autograder.course import Course, CourseError
from autograder.grading.records import Outcome, Record
from autograder.judging.quizzes import predict
from autograder.judging.verdict import Finding, Status, Verdict
from autograder.reports.graded_cells import GradedCell
from tests.conftest import REPOSITORY

COURSE = Course.at(REPOSITORY)
RIGHT = {
    "sigmoid_predictions": ["b", "b"],
    "bce_predictions": ["c", "b"],
    "fashion_predictions": ["a", "b"],
}


def make_record(student: str, letters: list[str], passes: bool = True) -> Record:
    status = Status.PASSED if passes else Status.FAILED
    finding = Finding("values", status, 4.0)
    verdicts = [
        Verdict("sigmoid_predictions", (finding,), letters=tuple(letters)),
        Verdict("sigmoid", (finding,), None if passes else "naive exp"),
    ]
    return Record(student, "01-sigmoid", Outcome.GRADED, 5, 20, verdicts=verdicts)


CLASS = [
    make_record("ada-lovelace", ["a", "b"]),
    make_record("bob-the-student", ["b", "b"]),
    make_record("eve-the-student", ["b", "c"], passes=False),
    make_record("who-said-nothing", [], passes=False),
]


def test_predictions_are_counted_letter_by_letter():
    first, second = count_predictions(COURSE, Questions.read(COURSE, "01-sigmoid"), CLASS)
    assert {option.letter: option.count for option in first.options} == {"a": 1, "b": 2, "c": 0}
    assert {option.letter: option.count for option in second.options} == {"a": 0, "b": 2, "c": 1}
    assert first.num_answers == 3


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_every_prediction_has_its_text_its_letters_and_a_right_one(assignment):
    predictions = count_predictions(COURSE, Questions.read(COURSE, assignment), [])
    assert predictions
    for prediction in predictions:
        assert [option.letter for option in prediction.options] == ["a", "b", "c"], prediction
        assert sum(option.is_right for option in prediction.options) == 1, prediction
        assert all(option.text for option in prediction.options)
        assert len(prediction.text) > 20
        assert "**" not in prediction.text
    for exercise, letters in RIGHT.items():
        own = [p for p in predictions if p.exercise == exercise]
        assert [o.letter for p in own for o in p.options if o.is_right] == (letters if own else [])


def read_predictions(text: str, solution: str):
    question = GradedCell("p", Markup("Predict first"), 1.0, new_code_cell(), new_code_cell(solution), text)
    return _read_predictions(question, predict("p", "ab", questions=2, points=1, slide="s"), [])


@pytest.mark.parametrize("solution", [
    'p = ["B", "a"]',
    'p = ("b", "a")',
    'p: tuple[str, str] = ("b", "a")',
    'p = ["b", "a"]\nplot(p, labels=["a", "b"])',
])  # fmt: skip
def test_a_key_is_read_as_the_judge_reads_an_answer(solution):
    first, second = read_predictions(
        "1. Who?\n   * **a** I\n   * **b** you\n2. When?\n   - **a** now\n   - **b** then", solution
    )
    assert [option.letter for option in first.options if option.is_right] == ["b"]
    assert (second.text, second.options[0].is_right) == ("When?", True)


@pytest.mark.parametrize(("solution", "message"), [
    ('p = ["a"', "and 0 letters"),
    ('p = ["a"]', "p has 2 numbered questions, and 0 letters in its solution"),
    ('p = ["a", f()]', "and 0 letters"),
])  # fmt: skip
def test_a_key_that_does_not_fit_the_questions_is_reported(solution, message):
    with pytest.raises(CourseError, match=message):
        read_predictions("1. Who? **a** I\n2. When? **a** now", solution)


@pytest.mark.parametrize("second", ["When? **a** now", "Is **b** or **a** first?\n   * **a** this\n   * **b** that"])
def test_a_question_that_does_not_offer_the_letters_of_its_exercise_is_reported(second):
    with pytest.raises(CourseError, match="question 2 of p offers a: offer a, b, with no letter in bold elsewhere"):
        read_predictions(f"1. Who?\n   * **a** I\n   * **b** you\n2. {second}", 'p = ["b", "b"]')


def test_an_option_may_have_a_bar_in_a_formula_and_a_second_line():
    found = find_options("* **a** $p(y | x)$\n* **b** lists\n  and tuples\n* **c** sets\n\n  Choose one.")
    assert "x" in found.pop("a")
    assert found == {"b": "lists and tuples", "c": "sets"}


def test_the_page_shows_no_name_and_loads_nothing():
    page = class_page.render_page(COURSE, "01-sigmoid", CLASS)
    assert not [record.student for record in CLASS if record.student in page]
    assert "2 of 4" in page
    overflow = COURSE.exercises["sigmoid"].mistakes["naive exp"]
    assert overflow.hint in html.unescape(page), "the hint, not the name"
    assert overflow.hint not in html.unescape(class_page.render_page(COURSE, "01-sigmoid", CLASS[:3])), "one student's"
    assert re.search(r"<pre class=\"revealed\"><code>.*np\.exp\(-z\).*</code></pre>", page), (
        "a line of the known mistake"
    )
    assert not re.search(r"(src|href)=", page)


def test_an_exercise_that_no_notebook_has_any_more_is_not_on_the_page():
    old = Verdict("of last year", (Finding("values", Status.PASSED, 4.0),))
    record = Record("ada", "01-sigmoid", Outcome.GRADED, verdicts=[*CLASS[0].verdicts, old])
    page = class_page.render_page(COURSE, "01-sigmoid", [record])
    assert "<h2>Exercises</h2>" in page
    assert "of last year" not in page


def test_the_page_is_there_before_the_first_submission():
    assert "No submission has been graded yet." in class_page.render_page(COURSE, "04-sgd", [])


def test_predictions_are_hidden_until_a_key_is_pressed(browser, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    file = tmp_path / "page.html"
    file.write_text(class_page.render_page(COURSE, "01-sigmoid", CLASS), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    # The page reloads itself after two seconds: not while it is tested.
    page.add_init_script(
        "const own = setTimeout; window.setTimeout = (f, ms, ...a) => ms === 2000 ? 0 : own(f, ms, ...a)"
    )
    page.goto(file.as_uri())
    shown = page.locator("section.shown")
    right = shown.locator("tr", has_text="fourteenth")
    assert right.locator(".bar").is_hidden()
    assert "✓" not in right.inner_text()
    page.click("#back")  # at the first view; the space bar shows answers after a click, too
    page.keyboard.press(" ")
    assert right.locator(".bar").is_visible()
    assert "✓" in right.inner_text()
    page.reload()
    assert right.locator(".bar").is_visible(), "a reload changes nothing"
    for number in range(page.locator("section").count()):
        assert axe.run(page).violations_count == 0
        main = page.locator("main")
        assert main.evaluate("main => main.scrollHeight <= main.clientHeight"), f"view {number + 1} is too long"
        page.keyboard.press("ArrowRight")
    assert right.count() == 0
    page.keyboard.press(" ")
    assert "Frequent mistakes" in shown.inner_text()
    assert shown.locator("pre").is_visible()
    page.keyboard.press(" ")
    assert shown.locator("pre").is_hidden(), "a wrong line may be close to the answer"
    assert failures == []
    context.close()


def test_the_page_reloads_itself(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(class_page.render_page(COURSE, "01-sigmoid", []), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert "0 submissions" in page.locator("header").inner_text()
    file.write_text(class_page.render_page(COURSE, "01-sigmoid", CLASS), encoding="utf-8")
    page.locator("header", has_text="4 submissions").wait_for(timeout=20_000)
    context.close()
