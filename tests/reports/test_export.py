"""Grades for other systems, field by field."""

import csv

import pytest

from autograder.course import Course, CourseError
from autograder.reports import export, marks
from tests.conftest import course_in

from .conftest import ASSIGNMENT, python, run


def rows(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture(scope="module")
def totals(graded):
    with graded.gradebook() as gradebook:
        return marks.totals(gradebook, ASSIGNMENT)


@pytest.fixture(scope="module")
def exported(graded):
    return {kind: rows(export.write(graded, ASSIGNMENT, kind)) for kind in export.FORMATS}


def field(table, student, column, key):
    head = table[0]
    return next(row for row in table[1:] if row[head.index(key)] == student)[head.index(column)]


def test_everybody_has_a_row_in_every_format(exported, totals):
    assert {kind: len(table) for kind, table in exported.items()} == {
        "csv": len(totals) + 1,
        "canvas": len(totals) + 2,
        "moodle": len(totals) + 1,
    }
    assert all(len(row) == len(table[0]) for table in exported.values() for row in table)


def test_scores_hold_the_marks_of_a_person(exported, totals, graded):
    with graded.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "student-001")
        assert totals["student-001"].score == pytest.approx(submission.score)
        assert any(grade.manual_score == 1.5 for notebook in submission.notebooks for grade in notebook.grades)
    for kind, column, key in (
        ("csv", "score", "student"),
        ("canvas", ASSIGNMENT, "SIS Login ID"),
        ("moodle", ASSIGNMENT, "Username"),
    ):
        assert float(field(exported[kind], "student-001", column, key)) == pytest.approx(
            totals["student-001"].score, abs=0.005
        )


@pytest.mark.parametrize(("column", "value"), [
    ("student", "student-001"), ("last_name", "King, of Lovelace"), ("first_name", "Ada"), ("email", "ada@example.org"),
    ("assignment", ASSIGNMENT), ("max_score", "20"), ("waiting", "0"), ("outcome", "graded"),
])  # fmt: skip
def test_field_of_the_plain_table(exported, column, value):
    assert field(exported["csv"], "student-001", column, "student") == value


def test_the_head_of_canvas_is_what_its_importer_asks_for(exported):
    assert exported["canvas"][0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", ASSIGNMENT]
    assert exported["canvas"][1] == ["    Points Possible", "", "", "", "", "20"]


@pytest.mark.parametrize(("column", "value"), [
    ("Student", "King, of Lovelace, Ada"), ("ID", "4711"), ("SIS User ID", ""), ("SIS Login ID", "student-001"), ("Section", ""),
])  # fmt: skip
def test_field_of_canvas(exported, column, value):
    assert field(exported["canvas"], "student-001", column, "SIS Login ID") == value


def test_canvas_without_names_has_the_student_s_id_as_the_name(exported):
    assert field(exported["canvas"], "one", "Student", "SIS Login ID") == "one"


@pytest.mark.parametrize(("column", "value"), [
    ("First name", "Ada"), ("Last name", "King, of Lovelace"), ("Username", "student-001"), ("ID number", "4711"),
    ("Email address", "ada@example.org"),
])  # fmt: skip
def test_field_of_moodle(exported, column, value):
    assert field(exported["moodle"], "student-001", column, "Username") == value


def test_moodle_s_feedback_says_points_and_what_is_missing(exported, totals):
    assert (
        field(exported["moodle"], "student-001", "Feedback", "Username")
        == f"{totals['student-001'].score:g} of 20 points"
    )
    assert field(exported["moodle"], "student-002", "Feedback", "Username").endswith("; marks of a person missing: 1")


def test_a_column_may_be_called_as_the_other_system_calls_it(graded, tmp_path):
    for kind in ("canvas", "moodle"):
        table = rows(export.write(graded, ASSIGNMENT, kind, tmp_path / "x.csv", "Sigmoid (1234)"))
        assert "Sigmoid (1234)" in table[0]


def test_a_name_that_looks_like_a_formula_is_text(exported):
    assert "'=cmd()" in [row[0] for row in exported["csv"]]
    assert not any(cell.startswith(("=", "+", "@")) for table in exported.values() for row in table for cell in row)


def test_the_commands_write_and_say_where(graded):
    for kind in export.FORMATS:
        said = run(graded, python, "-m", "autograder", "export", kind, ASSIGNMENT)
        assert f"{ASSIGNMENT}-{kind}.csv" in said


def test_without_grades_there_is_nothing_to_export(tmp_path):
    course = Course.at(course_in(tmp_path, ASSIGNMENT))
    with pytest.raises(CourseError, match="nothing is graded yet"):
        export.write(course, ASSIGNMENT, "csv")
