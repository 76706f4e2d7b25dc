"""The feedback page: complete for students, harmless for every reader, and without answers."""

import contextlib
import html
import re
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import math_core
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from math_core import LatexError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.course import Course, CourseError
from autograder.grading import records, supervised_exporter
from autograder.grading.due_dates import now
from autograder.grading.notebook_notes import NotebookNotes, update_notes, write_verdict
from autograder.grading.preprocessors import ParentOfPreprocessors
from autograder.judging.quizzes import explained_letters
from autograder.judging.verdict import Finding, Status, Verdict
from autograder.reports import feedback_exporter, feedback_writer, markdown, mathml
from autograder.reports.feedback_page import render_page
from autograder.reports.feedback_release import FeedbackReleaser
from autograder.reports.graded_cells import find_graded_cells
from autograder.reports.grades import CellGrade, NotebookGrades, StudentInfo, read_notebook_grades
from autograder.reports.mathml import render_formula
from autograder.reports.right_letters import read_explained
from autograder.reports.timing import Timing
from autograder.supervisor import Supervisor, WorkFailed
from tests.conftest import SIGMOID_POINTS, exercises, make_course

from ..graded_class import ASSIGNMENT, run
from ..submissions.payloads import MARKUP, find_active_content


@pytest.fixture(scope="module")
def hostile(pages):
    return pages["hostile"].read_text(encoding="utf-8")


def graded_notebook(graded: Course, student: str = "one") -> nbformat.NotebookNode:
    return nbformat.read(graded.folder("autograded", student, ASSIGNMENT) / "sigmoid.ipynb", 4)


def cell_of(nb: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


NO_GRADES = NotebookGrades()


def page_of(nb: nbformat.NotebookNode, grades: NotebookGrades = NO_GRADES, explained=MappingProxyType({})) -> str:
    return render_page(nb, grades, StudentInfo("one"), ASSIGNMENT, "sigmoid", explained)


def page_with(graded: Course, grades: NotebookGrades) -> str:
    """The page of a student with other grades."""
    return page_of(graded_notebook(graded), grades)


def table_of(page: str) -> str:
    """The table at the top of a page."""
    return page.split('id="questions"')[1].split("</table>")[0]


def test_everybody_who_handed_in_has_a_page(pages):
    assert set(pages) == {*(f"student-00{i}" for i in range(1, 7)), "hostile", "one", "other", "=cmd()", "broken"}


def test_the_page_of_an_unreadable_submission_tells_the_reason(pages):
    text = pages["broken"].read_text(encoding="utf-8")
    assert "Your submission could not be read." in text
    assert "sigmoid.ipynb cannot be read" in text
    assert f"0 of {SIGMOID_POINTS} points" in text
    assert "earlier submission" not in text


def test_the_page_of_a_missing_notebook_tells_the_reason_if_another_notebook_was_graded():
    reasons = {"sgd": ["sgd.ipynb is not a notebook: the file is empty"]}
    record = records.Record("ada", "04-sgd", records.Outcome.NEEDS_A_PERSON, 18, 54, unread=reasons)
    assert feedback_writer._why_not_graded(record, "sgd", NotebookGrades()) == reasons["sgd"]


def test_the_page_of_an_unreadable_submission_has_the_students_name(class_copy, supervisor):
    with class_copy.gradebook() as gradebook:
        gradebook.update_or_create_student("broken", first_name="Bro", last_name="Ken")
    (page,) = feedback_writer.write_student(class_copy, ASSIGNMENT, "broken", supervisor).paths
    assert "Feedback for Bro Ken (broken)" in page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    """The worker of all copies of the class."""
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def class_copy(graded, tmp_path, supervisor, monkeypatch) -> Course:
    """A copy of the class."""
    monkeypatch.setattr(feedback_writer, "Supervisor", lambda _: contextlib.nullcontext(supervisor))
    return Course.at(Path(shutil.copytree(graded.root, tmp_path / "course")))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nbgrader leaves a file open
def test_folders_that_are_named_like_notebooks_or_pages_stop_nobody(class_copy, tmp_path):
    for student in ("one", "hostile"):
        shutil.rmtree(class_copy.autograded_folder(student, ASSIGNMENT))
        (class_copy.autograded_folder(student, ASSIGNMENT) / "sigmoid.ipynb" / "x").mkdir(parents=True)
        (class_copy.feedback_folder(student, ASSIGNMENT) / "zz.html" / "x").mkdir(parents=True)
    written = feedback_writer.write_all(class_copy, ASSIGNMENT)
    lost = "sigmoid.ipynb is not in autograded/: run grade --force"  # the records say that it was graded
    assert written.failures == [("hostile", lost), ("one", lost)]
    assert len(written.paths) == 11
    text = (class_copy.feedback_folder("one", ASSIGNMENT) / "sigmoid.html").read_text(encoding="utf-8")
    assert "This notebook cannot be shown. The points are those in the gradebook." in text
    release(class_copy, tmp_path)
    assert len(list(tmp_path.glob("*.html"))) == 11
    with pytest.raises(IsADirectoryError):  # what stops nbgrader's own command
        release(class_copy, tmp_path, copy_files=ExchangeReleaseFeedback.copy_files)


def release(course: Course, target: Path, assignment: str = ASSIGNMENT, copy_files=FeedbackReleaser.copy_files) -> None:
    releaser = FeedbackReleaser(coursedir=CourseDirectory(root=str(course.root), assignment_id=assignment))
    releaser.src_path = releaser.coursedir.format_path("feedback", "*", assignment)
    releaser.dest_path = str(target)
    copy_files(releaser)


@pytest.mark.attack("pages")
def test_a_page_that_a_student_handed_in_is_neither_released_nor_linked(class_copy, tmp_path):
    evil = class_copy.feedback_folder("one", ASSIGNMENT) / "evil.html"
    evil.write_text("<script>alert(1)</script>")
    release(class_copy, tmp_path)
    released = list(tmp_path.glob("*.html"))
    assert len(released) == 11
    assert evil.read_bytes() not in [page.read_bytes() for page in released]
    report = class_report.write(ClassData.read(class_copy, ASSIGNMENT)).read_text(encoding="utf-8")
    assert f"../feedback/one/{ASSIGNMENT}/sigmoid.html" in report
    assert "evil.html" not in report


def test_thousands_of_names_do_not_multiply_a_page(class_copy, tmp_path):
    submitted = class_copy.submitted_folder("one", ASSIGNMENT)
    names = [f"sigmoid {i}" for i in range(500)]
    for name in names:
        (submitted / f"{name}.ipynb").touch()
    graded = class_copy.autograded_folder("one", ASSIGNMENT) / "sigmoid.ipynb"
    nb = nbformat.read(graded, 4)
    update_notes(nb, file=f"{names[-1]}.ipynb")
    graded.chmod(0o644)
    nbformat.write(nb, graded)
    release(class_copy, tmp_path)
    secret = (submitted / "submission_secret.txt").read_text()
    released = {page.stem for page in tmp_path.glob("*.html")}
    found = [name for name in ("sigmoid", *names) if notebook_hash(secret=secret, notebook_id=name) in released]
    assert {"sigmoid", names[-1]} < set(found)
    assert len(found) < 20


def test_a_card_shows_name_points_result_rule_slide_and_diagnosis(hostile):
    card = hostile.split('id="question-sigmoid"')[1].split("</section>")[0]
    assert "<code>sigmoid(z)</code>" in card
    assert "0 of 4 points" in card
    assert "✗ not yet" in card
    sigmoid = exercises["sigmoid"]
    assert sigmoid.rules[0].name in card
    assert "Slide: " in card
    assert "It looks like this:</strong> Every number is exactly twice as large as it should be." in card
    assert card.index("It looks like this") < card.index(sigmoid.rules[0].name)


def test_the_table_at_the_top_links_to_every_verdict_and_those_to_improve_link_back(hostile):
    table, notebook = hostile.split('id="questions"')[1].split("</table>", 1)
    links = re.findall(r'<a href="#(question-[\w-]+)">', table)
    assert sorted(links) == sorted(re.findall(r'<section class="card[^>]* id="(question-[\w-]+)"', notebook))
    assert len(links) == len(set(links)) >= 8
    num_passed = notebook.count('<section class="card is-passed"')
    assert notebook.count('<a class="back" href="#questions">') == len(links) - num_passed


def test_the_questions_with_most_points_to_gain_come_first(graded):
    scores = {"sigmoid_prime": CellGrade(0, False), "sigmoid": CellGrade(3, False), "sigmoid_quiz": CellGrade(2, False)}
    written = {"sigmoid-threshold": CellGrade(0, True)}
    text = page_with(graded, NotebookGrades(scores | written))
    order = re.findall(r'href="#question-([\w-]+)"', table_of(text))
    gains = ["sigmoid_prime", "sigmoid", "sigmoid-threshold", "sigmoid_quiz"]  # 3 and 1 points, none yet, none
    assert [name for name in order if name in gains] == gains
    assert order[-1] == "sigmoid_quiz"
    earned, pending = (f"width: {100 * points / SIGMOID_POINTS:.1f}%" for points in (5, 2))
    assert f'<span class="earned" style="{earned}"></span><span class="pending" style="{pending}">' in text


def visible(page: str) -> str:
    """The notebook on a page, without what is folded."""
    text, count = page.split("<h2>Your notebook</h2>")[1], 1
    while count:
        text, count = re.subn(r"<details(?:(?!<details).)*?</details>", "", text, flags=re.S)
    return text


def test_only_verdicts_and_answers_that_can_be_better_are_open(hostile, pages):
    for page in (hostile, pages["one"].read_text(encoding="utf-8")):
        shown = visible(page)
        assert "with checking(" not in html.unescape(re.sub("<[^>]+>", "", shown)), "the check is folded"
        assert "Where are we?" not in shown
        assert "Where are we?" in page
        for card in re.findall(r"<section.*?</section>", shown, flags=re.S):
            assert ("Your answer:" in card) == ("is-passed" not in card)
    assert "alert(1)&lt;/script&gt;" in visible(hostile).split('id="question-sigmoid"')[1].split("</section>")[0]


def test_the_table_shows_how_an_answer_fails_and_not_the_name_of_a_rule(hostile, graded):
    nb = graded_notebook(graded, "hostile")
    quiz, message = cell_of(nb, "sigmoid_quiz"), "these are not exactly the right letters"
    finding = Finding("all true ones, and only those", Status.FAILED, 2, message, "S")
    write_verdict(quiz, Verdict("sigmoid_quiz", (finding,)))
    quiz.outputs[0].data["text/plain"] = "0"
    table = table_of(page_of(nb, NotebookGrades({"sigmoid_quiz": CellGrade(0, False)})))
    assert message in table
    assert "all true ones" not in table


def test_the_first_step_after_a_forbidden_library_is_to_do_without_it(graded):
    nb, flag = graded_notebook(graded), "sigmoid uses scipy, which the exercise forbids"
    verdict = Verdict("sigmoid", (Finding("values", Status.PASSED, 4),), notes=(flag,), is_void=True)
    write_verdict(cell_of(nb, "sigmoid"), verdict)
    page = page_of(nb, NotebookGrades({"sigmoid": CellGrade(0, False, 0)}))
    (row,) = (row for row in table_of(page).split("<tr>") if flag in row)
    assert "0 of 4" in row
    assert "✗ not yet" in row
    assert "slide" not in row


def test_unchanged_experiments_are_folded_and_changed_ones_are_not(graded):
    nb = graded_notebook(graded)
    text = page_of(nb)
    demos = NotebookNotes.read(nb.metadata).unchanged_demos
    assert text.count("<summary>Experiment, unchanged</summary>") == len(demos) > 5


def test_a_score_that_a_person_set_is_shown_as_such(graded):
    nb = graded_notebook(graded, "hostile")
    grades = NotebookGrades({"sigmoid": CellGrade(4.0, False, auto_score=0.0, manual_score=4.0)})
    text = page_of(nb, grades)
    card = text.split('id="question-sigmoid"')[1].split("</section>")[0]
    assert "4 of 4 points" in card
    assert "A person gave these points. The grader had given 0" in card
    assert "to be graded" not in text


def test_the_score_is_the_gradebook_s_and_comments_come_first(graded, pages):
    text = pages["student-001"].read_text(encoding="utf-8")
    with graded.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "student-001")
        assert f'<p class="score">{submission.score:g} of {submission.max_score:g} points</p>' in text
    assert re.search("<p>Well argued: <math>.*</math>", text)
    assert "<script" not in text
    assert "Feedback for Ada King, of Lovelace (student-001)" in text
    assert text.index("<h2>Comments</h2>") < text.index('<h2 id="questions">') < text.index("<h2>Your notebook</h2>")
    assert "1.5 of 2 points" in text


def test_answers_that_need_manual_grading_are_marked(pages):
    ungraded, graded = (pages[name].read_text(encoding="utf-8") for name in ("student-002", "student-001"))
    assert '<td class="number brief">– of 2</td>' in ungraded
    assert "… to be graded" in ungraded
    assert re.search(
        r'A person has yet to grade <a href="#question-sigmoid-threshold">In your words</a> \(2 points\)', ungraded
    )
    assert "points so far</p>" in ungraded
    assert "to be graded" not in graded
    assert "points so far" not in graded


def test_every_formula_is_converted_to_mathml(pages, repository):
    assert "<math" in pages["student-001"].read_text(encoding="utf-8")
    for path in sorted((repository / "solutions").glob("*/*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"<code>\\|\$\$|\\begin", markdown.render(cell.source)), cell.source


@pytest.mark.parametrize(("markup", "is_shown"), [
    ('<mi style="width: 50%">x</mi>', True), ("<mphantom>x</mphantom>", True),
    ('<mi href="javascript:x">x</mi>', False), ('<mi onclick="x">x</mi>', False), ('<mi src="x">x</mi>', False),
    ("<marquee>x</marquee>", False), ("<meta>x</meta>", False), ("<map>x</map>", False),
])  # fmt: skip
def test_a_formula_has_tags_of_mathml_alone_and_no_attribute_that_acts_whatever_the_converter_writes(
    monkeypatch, markup, is_shown
):
    converter = SimpleNamespace(convert_with_local_state=lambda *_, **__: f"<math>{markup}</math>")
    monkeypatch.setattr(mathml, "_TEX", converter)
    assert ("<math" in render_formula("x")) is is_shown


@pytest.mark.attack("pages")
def test_a_page_of_a_hostile_notebook_holds_no_active_content(hostile):
    body = hostile.split("<h2>Your notebook</h2>")[1].split("</main>")[0]
    assert "&lt;img src=x onerror=alert(1)&gt;" in body, "the hostile cell has run, and its error is shown"
    assert body.count("alert(1)") > len(MARKUP)
    ours = re.compile(
        r'<section class="card[^>]*>|</section>| (?:class|id|aria-\w+|tabindex)="[\w .-]*"| style="white-space: pre-wrap"'
    )
    without_formulas = re.sub(r"<math.*?</math>", "", body, flags=re.S)
    assert set(find_active_content(ours.sub("", without_formulas))) <= {
        "\\href"
    }  # plain text here, because no MathJax runs on this page
    assert "<script" not in hostile
    assert "\x1b" not in hostile


class _Tags(HTMLParser):
    """Collects the attributes of all tags."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append(dict(attributes))


def test_a_page_has_a_content_security_policy_and_loads_nothing(pages):
    for path in pages.values():
        text, tags = path.read_text(encoding="utf-8"), _Tags()
        tags.feed(text)
        (policy,) = (tag["content"] for tag in tags.found if tag.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline';")
        loading = ("src", "srcset", "data", "poster", "action", "background")
        assert all(tag[name].startswith("data:image/") for tag in tags.found for name in loading if name in tag)
        addresses = ("#", "http://", "https://", "mailto:")
        assert all(tag["href"].startswith(addresses) for tag in tags.found if "href" in tag)
        stylesheet = text.split("</style>")[0]
        assert stylesheet.count("url(") == stylesheet.count("url(data:font/") == 1


def test_hidden_tests_that_are_still_in_a_notebook_are_removed(graded):
    nb = nbformat.read(graded.source_folder(ASSIGNMENT) / "sigmoid.ipynb", 4)
    text = page_of(nb)
    assert "HIDDEN TESTS" not in text
    assert "from autograder import check" not in text


@pytest.mark.slow
def test_nbgrader_writes_the_same_pages(graded, pages, tmp_path):
    written = {student: path.read_bytes() for student, path in pages.items()}
    run(graded, "nbgrader", "generate_feedback", ASSIGNMENT, "--force", "--student=student-001")
    assert {student: path.read_bytes() for student, path in pages.items()} == written
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    output = run(graded, "nbgrader", "release_feedback", ASSIGNMENT, f"--Exchange.root={exchange}")
    released = list(exchange.glob("lectrain/feedback/*.html"))
    assert len(released) == len(written), output
    assert {path.read_bytes() for path in released} == set(written.values())


def test_pages_are_released_although_a_submission_of_another_student_came_by_mail(tmp_path):
    root = tmp_path / "nn[2025]"  # brackets are no pattern
    root.mkdir()
    make_course(root, ASSIGNMENT)
    for student in ("Lovelace, Ada", "bob"):
        folder = root / "feedback" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "sigmoid.html").write_text(student)
    for name in feedback_writer.EXCHANGE_FILES:
        (folder / name).write_text("of bob")
    release(Course.at(root), tmp_path)
    assert [page.read_text() for page in tmp_path.glob("*.html")] == ["bob"]


def test_a_page_is_released_for_the_file_that_was_graded_whatever_its_name(tmp_path):
    make_course(tmp_path, "03-softmax")
    for step in ("feedback", "autograded", "submitted"):
        (tmp_path / step / "ada" / "03-softmax").mkdir(parents=True)
    for name, file in (("iris", "Untitled"), ("fashion_mnist", "fashion_mnist")):
        (tmp_path / "feedback" / "ada" / "03-softmax" / f"{name}.html").write_text(name)
        nb = nbformat.v4.new_notebook()
        update_notes(nb, file=f"{file}.ipynb")
        nbformat.write(nb, tmp_path / "autograded" / "ada" / "03-softmax" / f"{name}.ipynb")
        (tmp_path / "submitted" / "ada" / "03-softmax" / f"{file}.ipynb").touch()
    for name in feedback_writer.EXCHANGE_FILES:
        (tmp_path / "feedback" / "ada" / "03-softmax" / name).write_text("secret")
    release(Course.at(tmp_path), tmp_path, "03-softmax")
    page = tmp_path / f"{notebook_hash(secret='secret', notebook_id='Untitled')}.html"
    assert page.read_text() == "iris"


def test_a_page_of_nbgrader_takes_the_grades_of_its_student_and_reads_no_others(graded, monkeypatch):
    grades = {}

    def remember(*arguments):
        grades.update(read_notebook_grades(*arguments))
        return grades

    monkeypatch.setattr(feedback_exporter, "read_notebook_grades", remember)
    parent = ParentOfPreprocessors(config=graded.config, coursedir=graded.directory)
    student = {"student": "student-001", "assignment": ASSIGNMENT, "notebook": "sigmoid"}
    resources = {"nbgrader": student | {"db_url": graded.directory.db_url}}
    (reader,) = parent.create([feedback_exporter.ReadGrades])
    page = feedback_exporter.FeedbackExporter.render(*reader.preprocess(graded_notebook(graded), resources))
    assert list(grades) == [("student-001", "sigmoid")]
    assert "Well argued" in page


def test_a_page_that_cannot_be_rendered_does_not_replace_the_record_of_the_grading(graded, monkeypatch):
    class TooSlow:
        def run(self, *_):
            raise WorkFailed("rendering the feedback page: too slow")

    monkeypatch.setattr(supervised_exporter, "get_supervisor", lambda *_: TooSlow())
    before = records.read(graded.records_folder, ASSIGNMENT, "one")
    parent = ParentOfPreprocessors(config=graded.config, coursedir=graded.directory)
    names = {"nbgrader": {"student": "one", "assignment": ASSIGNMENT, "notebook": "sigmoid"}}
    with pytest.raises(WorkFailed):
        feedback_exporter.FeedbackExporter(parent=parent).from_filename("sigmoid.ipynb", names)
    assert records.read(graded.records_folder, ASSIGNMENT, "one") == before


def test_a_failure_is_forgotten_when_nbgrader_grades_a_later_submission(class_copy, monkeypatch):
    supervisor = SimpleNamespace(run=lambda *_: ("", {}, None))
    monkeypatch.setattr(supervised_exporter, "get_supervisor", lambda *_: supervisor)
    parent = ParentOfPreprocessors(config=class_copy.config, coursedir=class_copy.directory)
    for student in ("unreadable", "one"):
        names = {"nbgrader": {"student": student, "assignment": ASSIGNMENT, "notebook": "sigmoid"}}
        supervised_exporter.SupervisedExporter(parent=parent).from_filename("sigmoid.ipynb", names)
    assert records.read(class_copy.records_folder, ASSIGNMENT, "unreadable") is None
    assert records.read(class_copy.records_folder, ASSIGNMENT, "one").has_result


@pytest.mark.parametrize(("timing", "text"), [
    (Timing(timedelta(hours=26)), "The submission was 26 hours late. No points were subtracted."),
    (Timing(timedelta(hours=1), timedelta(days=2)), "1 hour late, counted from the end of your extension of 2 days."),
    (Timing(extension=timedelta(days=2)), "You had an extension of 2 days."),
])  # fmt: skip
def test_lateness_and_extensions_are_shown(graded, timing, text):
    assert text in page_with(graded, NotebookGrades(timing=timing))


def test_only_a_page_of_an_earlier_submission_is_removed(tmp_path, monkeypatch):
    course = Course.at(make_course(tmp_path, "03-softmax"))
    folder = course.autograded_folder("ada", "03-softmax")
    folder.mkdir(parents=True)
    (folder / "iris.ipynb").touch()
    pages = course.feedback_folder("ada", "03-softmax")
    pages.mkdir(parents=True)
    old, new, other = (pages / f"{name}.html" for name in ("fashion_mnist", "iris", "my own remarks"))
    for page in (old, new, other):
        page.touch()
    monkeypatch.setattr(feedback_writer, "read_notebook_grades", lambda *_: {("ada", "iris"): NotebookGrades()})
    monkeypatch.setattr(feedback_writer._Writer, "_write_graded", lambda *_: None)
    assert feedback_writer.write_student(course, "03-softmax", "ada", Supervisor()).paths == [new]
    assert set(pages.iterdir()) == {new, other}


def test_a_page_has_no_secret_of_an_earlier_submission(class_copy):
    folder = class_copy.feedback_folder("one", ASSIGNMENT)
    (class_copy.autograded_folder("one", ASSIGNMENT) / "submission_secret.txt").unlink()  # as after a drop
    feedback_writer.write_all(class_copy, ASSIGNMENT, "one")
    assert {path.name for path in folder.iterdir()} == {"sigmoid.html", "timestamp.txt"}


def test_the_name_of_an_assignment_is_no_pattern(class_copy):
    class_copy.autograded_folder("one", ASSIGNMENT).rename(class_copy.autograded_folder("one", "hw[1]"))
    class_copy.source_folder(ASSIGNMENT).rename(class_copy.root / "solutions" / "hw[1]")
    written = feedback_writer.write_all(class_copy, "hw[1]")
    assert written.failures == [("one", "sigmoid.ipynb has no grades in the gradebook: grade it again")]


@pytest.mark.parametrize("pattern", ["", "nobody*", "/"])
def test_a_pattern_that_selects_nobody_is_an_error(graded, pattern):
    with pytest.raises(CourseError, match=f"nothing is graded yet for '{re.escape(pattern)}'"):
        feedback_writer.write_all(graded, ASSIGNMENT, pattern)


def test_a_late_penalty_is_subtracted_and_explained_and_no_score_is_negative(graded):
    cells = (cell.metadata.get("nbgrader", {}) for cell in graded_notebook(graded).cells)
    grades = {cell["grade_id"]: CellGrade(1.0, False) for cell in cells if cell.get("grade")}
    text = page_with(graded, NotebookGrades(grades, {}, 2.5))
    assert f'<p class="score">{len(grades) - 2.5:g} of {SIGMOID_POINTS} points</p>' in text
    assert "2.5 points were subtracted because the submission was late." in text
    assert '<p class="score">0 of' in page_with(graded, NotebookGrades({}, {}, 8))


@pytest.mark.parametrize(("markup", "levels"), [
    ("<h1>a</h1><h1>b</h1><h2>c</h2>", "334"),
    ("<h5>a</h5><h6>b</h6><h1>c</h1><h3>d</h3>", "3434"),
    ("<h1></h1><h2><code></code></h2><h6>x</h6>", "3"),
    ('<h2><img alt="plot" src="data:"></h2>', "3"),
])  # fmt: skip
def test_headings_never_skip_a_level(markup, levels):
    assert "".join(re.findall(r"<h(\d)>", markdown.renumber_headings(markup, parent_level=2))) == levels


@pytest.mark.parametrize(("tex", "is_converted"), [
    (r"\begin{array}{c}a\\def b\end{array}", True), (r"\def\a{b}\a\a", False), (r"\\\[x]def\a{b}\a\a", False),
    ("\ud800", False), ("(a)" * 16, True), ("(" * 11 + "x" * 1900, True), ("(" * 12 + "x" * 1900, False),
    (r"\\left(" * 20, False), (r"\left(x\right)" * 40, True),
])  # fmt: skip
def test_a_formula_that_defines_a_command_or_takes_long_is_shown_as_code(tex, is_converted):
    assert ("<math" in render_formula(tex)) == is_converted


@pytest.mark.slow
def test_each_bracket_that_doubles_the_time_is_counted():
    """Tries all characters, and all words of the converter's binary, in which the names follow each other."""

    def seconds(tex: str) -> float:
        """How long it takes to convert a text; 0 if it cannot be converted."""
        started = time.process_time()
        with contextlib.suppress(LatexError):
            mathml._TEX.convert_with_local_state(tex, displaystyle=False)
            return time.process_time() - started
        return 0.0

    def is_slow(sign: str) -> bool:
        return seconds(sign) > 0 and seconds(sign * 14) > 1e-4 and min(seconds(sign * 18) for _ in range(3)) > 1e-3

    (binary,) = Path(math_core.__file__).parent.glob("*.so")
    runs = re.findall("[A-Za-z]+", binary.read_bytes().decode("latin-1"))
    names = {run[i:j] for run in runs for i in range(len(run)) for j in range(i + 1, min(i + 15, len(run) + 1))}
    signs = [chr(number) for number in (*range(0x21, 0xD800), *range(0xE000, 0x10000))]
    slow = {sign for sign in [*signs, *(f"\\{name} " for name in names), r"\{"] if is_slow(sign)}
    assert slow >= {"(", "⟨", r"\langle "}
    assert [sign for sign in sorted(slow) if not any(mathml._OPENING.findall(sign))] == []


@pytest.mark.parametrize("tex", [r"\href{javascript:alert(1)}{x}", r"\text{<img src=x onerror=alert(1)>}", r"\style{position:fixed}{x}",
                                 r"\class{card}{x}", "<script>alert(1)</script>", "x" * 5000, r"\begin{nothing}", "{" * 300, r"\color{red;position:fixed}{x}"])  # fmt: skip
@pytest.mark.attack("pages")
def test_a_hostile_formula_is_harmless(tex):
    markup = render_formula(tex)
    assert set(find_active_content(re.sub(r"</?(math|m[a-z]+)[^<>]*>", "", markup))) <= {"\\href"}
    assert "javascript:" not in re.sub(r"<code>.*?</code>", "", markup)
    assert not re.search(r"<[^>]*(href|onerror|position|class=\"card)", markup)


def test_a_page_takes_a_fraction_of_a_second(graded):
    """Processor time with a generous bound; benchmarks/reports.py measures it."""
    files = sorted(graded.root.glob(f"autograded/s*/{ASSIGNMENT}/sigmoid.ipynb"))
    started = time.process_time()
    for file in files:
        page_of(nbformat.read(file, 4))
    assert (time.process_time() - started) / len(files) < 0.5


@given(st.lists(st.sampled_from(["<h1>", "</h1>", "<th", "<th>", "</th>", "<img", ' alt="', ' title="', ' scope="', '"', "'", ">", "<", "x", "<pre>", "</pre>",
                                 "<script>", "<table><tr>", "\n\n", "`", "$", "\\", "<a href=#>", "onerror=alert(1) ", "<math>", "\ue0000\ue001"]), max_size=25))  # fmt: skip
def test_any_cell_is_rendered_without_active_content(pieces):
    for cell in (
        new_markdown_cell("".join(pieces)),
        new_code_cell("", outputs=[new_output("display_data", {"text/html": "".join(pieces)})]),
    ):
        body = page_of(new_notebook(cells=[cell])).split("<h2>Your notebook</h2>")[1].split("</main>")[0]
        without_formulas = re.sub(r"<math.*?</math>", "", body, flags=re.S)
        ours = re.sub(r' (?:class="(?:markdown|output|quiet|formula)[\w -]*"|tabindex="0")', "", without_formulas)
        assert set(find_active_content(ours)) <= {"\\href"}


# --- the right letters ------------------------------------------------------------------------------------------


def test_a_page_explains_the_letters_of_each_question(pages):
    page = html.unescape(pages["one"].read_text(encoding="utf-8"))
    for name in ("sigmoid_quiz", "sigmoid_prime_step"):
        card = page.split(f'id="question-{name}"')[1].split("</section>")[0]
        for label, reason in exercises[name].explanations.items():
            key = exercises[name].reference
            claim = f"{label}: <strong>{key[label]}</strong> is right" if isinstance(key, dict) else ""
            claim = claim or f"<strong>{label}</strong> is {'right' if label in key else 'not right'}"
            assert f"<li>{claim}: {reason}</li>" in card


@pytest.mark.parametrize(
    ("days", "extension", "is_explained"), [(-1, 0, True), (1, 0, False), (-1, 2, False), (1, -2, False)]
)
def test_letters_are_explained_after_the_last_due_date(class_copy, days, extension, is_explained):
    with class_copy.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=now() + timedelta(days=days))
        gradebook.update_or_create_submission(ASSIGNMENT, "other", extension=timedelta(days=extension))
        for is_automatic in (False, True):
            assert bool(read_explained(exercises, gradebook, ASSIGNMENT, is_automatic)) == is_explained


def test_without_a_due_date_the_page_that_is_returned_at_once_explains_no_letter(class_copy, supervisor):
    (page,) = feedback_writer.write_all(class_copy, ASSIGNMENT, "one").paths
    assert "The right letters, and why" in page.read_text(encoding="utf-8")
    feedback_writer.write_student(class_copy, ASSIGNMENT, "one", supervisor)
    assert "The right letters, and why" not in page.read_text(encoding="utf-8")


def test_letters_that_are_received_are_not_explained(graded):
    nb = graded_notebook(graded)
    quiz = cell_of(nb, "sigmoid_quiz")
    explained = {"sigmoid_quiz": explained_letters(exercises["sigmoid_quiz"])}
    for status in (Status.FAILED, Status.RECEIVED):
        write_verdict(quiz, Verdict("sigmoid_quiz", (Finding("all true ones", status, 2, "a message", "S"),)))
        page = page_of(nbformat.from_dict(nb), explained=explained)
        assert ("The right letters, and why" in page) == (status is Status.FAILED)


def test_a_heading_within_a_written_answer_does_not_rename_its_question(graded):
    nb = graded_notebook(graded)
    written = cell_of(nb, "sigmoid-threshold")
    written.source = "## My answer\n\n* **a** It moves."
    (question,) = (found for found in find_graded_cells(nb) if found.cell is written)
    assert question.title == "In your words"
    assert "It moves" not in question.text


def test_a_text_that_is_cut_within_a_formula_stays_closed():
    renderer = markdown._Renderer()
    placeholder = renderer.inline_math("x").removesuffix(";")
    assert renderer.insert_formulas(f"<pre>a {placeholder}\n[cut]</pre>") == "<pre>a \n[cut]</pre>"


@pytest.mark.parametrize(("output", "shown"), [
    (new_output("stream", text="x" * 30_000), "[The rest is not shown.]"),
    (new_output("display_data", {"text/html": '<table><th colspan="2"></th></table>'}), '<td colspan="2"></td>'),
], ids=["cut", "an empty header of a table"])  # fmt: skip
def test_an_output_is_shown_as(output, shown):
    assert shown in page_of(new_notebook(cells=[new_code_cell("", outputs=[output])]))


def test_the_second_check_of_a_cell_is_not_shown_as_an_answer():
    solution, *checks = (
        new_code_cell(
            source, metadata={"nbgrader": {"grade_id": source, "solution": i == 0, "grade": i > 0, "points": i}}
        )
        for i, source in enumerate(("f = g = abs", "check(f)", "check(g)"))
    )
    nb = new_notebook(cells=[solution, *checks])
    assert [graded.answer for graded in find_graded_cells(nb)] == [solution, checks[1]]
    page = page_of(nb)
    assert page.count("Your answer:") == 1
    assert page.count("<summary>The check</summary>") == 2
