"""The command: pages, key and table of a class; marks; and what a student's text can do to a page."""

import csv
import re

import nbformat
import pytest

from autograder.authoring import simulate
from autograder.authoring.answer_texts import UNANSWERED
from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.course import Course, CourseError
from autograder.exports import export, semester
from autograder.grading import batch, talk_marks
from autograder.sheets import class_sheets, student_sheet
from autograder.supervisor import Supervisor
from tests.conftest import make_course

from ..graded_class import run_autograder
from ..submissions.payloads import MARKUP

pytestmark = pytest.mark.slow

ASSIGNMENT = "01-sigmoid"
PAYLOADS = [p for p in MARKUP if "'" not in p and "\n" not in p and "\\" not in p and p.isprintable() and len(p) < 60][
    :5
]
HOSTILE = "import numpy as np\ndef predict_label(p, threshold=0.5):\n    unused = '{}'\n    return (p >= threshold).astype(int)"
EVAL = "def sigmoid(z):\n    return eval('1 / (1 + np.exp(-np.clip(z, -700, None)))')"


@pytest.fixture(scope="module")
def course(tmp_path_factory, sandbox) -> Course:
    """Four simulated students, one whose code holds markup, one with eval, one with nothing right, one not graded."""
    course = Course.at(make_course(tmp_path_factory.mktemp("sheets"), ASSIGNMENT))
    simulate.simulate(course, ASSIGNMENT, 4, seed=4)
    source = nbformat.read(course.source_folder(ASSIGNMENT) / "sigmoid.ipynb", 4)
    names = {exercise.name for exercise in course.exercises.by_notebook["sigmoid"]}
    unanswered = dict.fromkeys(names, UNANSWERED)
    submissions = {
        "markup": unanswered | {"predict_label": HOSTILE.format("".join(PAYLOADS))},
        "eval": unanswered | {"sigmoid": EVAL},
        "nothing": unanswered,
    }
    for student, answers in submissions.items():
        folder = course.folder("submitted", student, ASSIGNMENT)
        folder.mkdir(parents=True)
        nbformat.write(simulate.make_submission(source, answers), folder / "sigmoid.ipynb")
    list(batch.grade(course, ASSIGNMENT, workers=2))
    (course.folder("submitted", "late", ASSIGNMENT)).mkdir(parents=True)
    return course


@pytest.fixture(scope="module")
def written(course):
    return class_sheets.write_sheets(course, ASSIGNMENT)


@pytest.fixture(scope="module")
def page(written) -> str:
    return written.page.read_text(encoding="utf-8")


def test_every_student_has_three_questions_or_a_reason(course, written):
    sheets = {sheet.student: sheet for sheet in written.sheets}
    reasons = {left_out.student: left_out.reasons for left_out in written.without}
    assert sheets.keys() | reasons.keys() == set(course.students(ASSIGNMENT))
    assert not sheets.keys() & reasons.keys()
    assert all(len(sheet.questions) == 3 for sheet in sheets.values())
    assert reasons["eval"] == ("sigmoid: it uses eval",)
    assert reasons["nothing"] == ("no function that can be asked about is right",)
    assert reasons["late"] == (f"not graded: run python -m autograder grade {ASSIGNMENT}",)


def test_the_same_seed_gives_the_same_sheets_and_another_seed_others(course, written):
    first, second, *_ = written.sheets
    for sheet in (first, second):
        assert student_sheet.make_sheet(course.root, ASSIGNMENT, sheet.student, None, seed=0) == sheet
    assert student_sheet.make_sheet(course.root, ASSIGNMENT, first.student, None, seed=1) != first


def test_one_function_can_be_selected(course, written):
    for sheet in written.sheets[:2]:
        made = student_sheet.make_sheet(course.root, ASSIGNMENT, sheet.student, "predict_proba", seed=0)
        assert isinstance(made, student_sheet.NoSheet) or made.exercise == "predict_proba"


@pytest.mark.parametrize("exercise", ["sigmoid_quiz", "bce_grad", "nonsense"])
def test_a_function_that_cannot_be_asked_about_is_one_line(course, exercise):
    with pytest.raises(CourseError, match="no questions can be made about"):
        class_sheets.write_sheets(course, ASSIGNMENT, exercise)


def test_markup_in_code_is_text_on_the_page(written, page):
    for payload in PAYLOADS:
        assert payload not in page
    assert "script-src" not in page
    assert not re.search(r"<(script|img|iframe|svg|object|a)\b", page)


def test_a_sheet_holds_no_other_student_s_code(written, page):
    sections = page.split('<section class="sheet')[1:]
    assert len(sections) == len(written.sheets)
    for section, sheet in zip(sections, written.sheets, strict=True):
        assert sheet.student in section
        assert ("unused = " in section) == (sheet.student == "markup")


def test_the_key_and_the_table_have_one_line_per_student(written, page):
    key = written.key.read_text(encoding="utf-8")
    assert key.count('<tr><th scope="row">') == len(written.sheets)
    assert "the key" not in page
    with written.table.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["student"] for row in rows] == [sheet.student for sheet in written.sheets]
    assert all(row[question] == "" for row in rows for question in talk_marks.QUESTIONS)


def test_marks_become_an_assignment_and_are_seen_everywhere(course, written, tmp_path):
    students = [sheet.student for sheet in written.sheets]
    table = tmp_path / "marks.csv"
    lines = [
        "student,question 1,question 2,question 3",
        f"{students[0]},1,0.5,0",
        f"{students[1]},1,1,1",
        f"{students[2]},,,",
    ]
    table.write_text("\n".join(lines))
    assert "marks of 2 students" in run_autograder(course, "sheets-marks", ASSIGNMENT, str(table))
    talk = f"{ASSIGNMENT}-talk"
    assert semester.list_assignments(course) == [ASSIGNMENT, talk]
    rows = {row.student.id: row for row in semester.read_table(course, [ASSIGNMENT, talk], num_dropped=1)}
    assert (rows[students[0]].entries[1].score, rows[students[0]].entries[1].max_score) == (1.5, 3)
    assert rows[students[2]].entries[1].score is None
    assert rows[students[0]].max_score == rows[students[2]].max_score + 3
    for kind in export.ROWS:
        assert "1.5" in export.write(course, talk, kind, export.read_results(course, talk)).read_text()
    report = class_report.write(ClassData.read(course, ASSIGNMENT))
    page = report.read_text(encoding="utf-8")
    assert "2 of 7 students answered questions" in page
    assert "suspicious" not in page
    with report.with_suffix(".csv").open(encoding="utf-8-sig") as stream:
        asked = {row["student"]: row["questions about own code"] for row in csv.DictReader(stream)}
    assert (asked[students[0]], asked[students[1]], asked[students[2]]) == ("1.5", "3", "not asked")
    table.write_text("\n".join([lines[0], f"{students[0]},1,1,1"]))
    talk_marks.save_marks(course, ASSIGNMENT, talk_marks.read_marks(table))
    assert "3" in export.write(course, talk, "csv", export.read_results(course, talk)).read_text().splitlines()[1]


def test_new_sheets_do_not_overwrite_marks(course, written):
    text = written.table.read_text(encoding="utf-8")
    marked = text.replace(",,,\n", ",1,1,1\n").replace(",,,\r\n", ",1,1,1\r\n")
    try:
        for saved in (marked, marked.replace(",", ";")):  # some spreadsheets write semicolons
            written.table.write_text(saved, encoding="utf-8")
            with pytest.raises(CourseError, match="has marks"):
                class_sheets.write_sheets(course, ASSIGNMENT)
    finally:
        written.table.write_text(text, encoding="utf-8")


def test_sheets_for_one_student_do_not_replace_those_of_the_class(course, written):
    before = written.page.read_bytes()
    with pytest.raises(CourseError, match=rf"would be lost: move .*/{ASSIGNMENT}\* before you make sheets for others"):
        class_sheets.write_sheets(course, ASSIGNMENT, pattern=written.sheets[0].student)
    assert written.page.read_bytes() == before


def test_without_a_sheet_no_file_is_written(course, tmp_path, monkeypatch):
    monkeypatch.setattr(class_sheets, "FOLDER", tmp_path)
    written = class_sheets.write_sheets(course, ASSIGNMENT, pattern="nothing")
    assert (written.sheets, len(written.without), [*tmp_path.iterdir()]) == ([], 1, [])


def test_a_failure_of_the_grader_costs_one_student_the_sheet(course, monkeypatch):
    def fail(*task):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Supervisor, "run", fail)
    (result,) = class_sheets._make_all(course, ASSIGNMENT, ["ada"], exercise=None, seed=0, workers=1)
    assert result.student == "ada"
    assert result.reasons[0].endswith("ZeroDivisionError: a bug")
