"""Every field of the tables for other systems."""

import csv

import pytest

from autograder.course import Course, CourseError
from autograder.exports import export, semester
from autograder.grading import records, tables
from autograder.grading.tables import read_rows as read_table
from autograder.reports import grades
from tests.conftest import SIGMOID_POINTS, make_course

from ..graded_class import ASSIGNMENT, run_autograder

COMMENT = "Well argued: $p^2$ <script>alert(1)</script> & more"  # as a person wrote it, in one line


def read_rows(path):
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture(scope="module")
def totals(graded):
    with graded.gradebook() as gradebook:
        return grades.read_totals(gradebook, ASSIGNMENT)


@pytest.fixture(scope="module")
def exported(graded):
    return {
        kind: read_rows(export.write(graded, ASSIGNMENT, kind, export.read_results(graded, ASSIGNMENT)))
        for kind in export.ROWS
    }


def row_of(table, student, key="Username") -> dict[str, str]:
    """The row of a student, who is identified by the column `key`."""
    return next(row for row in (dict(zip(table[0], line, strict=True)) for line in table[1:]) if row[key] == student)


def test_every_student_has_a_row_in_every_format(exported, totals):
    lengths = {"csv": len(totals) + 1, "canvas": len(totals) + 2, "moodle": len(totals) + 1}
    assert {kind: len(table) for kind, table in exported.items()} == lengths
    assert exported["canvas"][1] == ["    Points Possible", "", "", "", "", str(SIGMOID_POINTS)]


def test_every_field_of_a_row_and_the_manual_score(exported, totals, graded):
    with graded.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "student-001")
        assert totals["student-001"].score == pytest.approx(submission.score)
        assert any(grade.manual_score == 1.5 for notebook in submission.notebooks for grade in notebook.grades)
    score = f"{totals['student-001'].score:g}"
    assert row_of(exported["csv"], "student-001", "student") == {
        "student": "student-001", "last_name": "King, of Lovelace", "first_name": "Ada", "email": "ada@example.org",
        "assignment": ASSIGNMENT, "score": score, "max_score": str(SIGMOID_POINTS), "waiting": "0",
        "outcome": "graded", "late": "", "comments": COMMENT,
    }  # fmt: skip
    assert row_of(exported["canvas"], "student-001", "SIS Login ID") == {
        "Student": "King, of Lovelace, Ada", "ID": "4711", "SIS User ID": "", "SIS Login ID": "student-001",
        "Section": "", ASSIGNMENT: score,
    }  # fmt: skip
    assert row_of(exported["moodle"], "student-001") == {
        "First name": "Ada", "Last name": "King, of Lovelace", "Username": "student-001", "ID number": "4711",
        "Email address": "ada@example.org", ASSIGNMENT: score,
        "Feedback": f"{score} of {SIGMOID_POINTS} points; {COMMENT}",
    }  # fmt: skip


def test_a_student_without_a_name_appears_by_id_in_canvas(exported):
    assert row_of(exported["canvas"], "one", "SIS Login ID")["Student"] == "one"


def test_feedback_for_moodle_names_the_answers_that_need_manual_grading(exported, totals):
    points = f"{totals['student-002'].score:g} of {SIGMOID_POINTS} points"
    assert row_of(exported["moodle"], "student-002")["Feedback"] == f"{points}; 1 answer needs manual grading"


def test_a_table_opens_in_excel_with_umlauts_and_can_be_read_again(graded, tmp_path):
    file = tmp_path / "table.csv"
    tables.write_rows(file, [["student", "name"], ["s034", "Jürgen Horák"]])
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")  # otherwise, Excel takes UTF-8 for its own code page
    columns, rows = read_table(file, ())
    assert (columns, [row for _, row in rows]) == (["student", "name"], [{"student": "s034", "name": "Jürgen Horák"}])


def test_the_column_can_have_the_name_of_the_other_system(graded, tmp_path):
    results = export.read_results(graded, ASSIGNMENT)
    for kind in ("canvas", "moodle"):
        table = read_rows(export.write(graded, ASSIGNMENT, kind, results, tmp_path / "x.csv", "Sigmoid (1234)"))
        assert "Sigmoid (1234)" in table[0]


@pytest.mark.attack("tables and terminals")
def test_a_name_that_looks_like_a_formula_is_escaped(exported):
    assert "'=cmd()" in [row[0] for row in exported["csv"]]
    assert not any(cell.startswith(("=", "+", "@")) for table in exported.values() for row in table for cell in row)


def test_the_commands_print_the_file(graded):
    for kind in export.ROWS:
        printed = run_autograder(graded, "export", kind, ASSIGNMENT)
        assert f"{ASSIGNMENT}-{kind}.csv" in printed
        assert "9 answers need manual grading, so these scores are not final: export again after grading" in printed
        assert "left out, because nothing of theirs is graded: broken\n" in printed


def test_the_record_of_a_removed_student_blocks_no_export_and_is_not_in_the_table_of_the_term(graded):
    record = records.Record("gone", ASSIGNMENT, records.Outcome.GRADED, letters_due="2020-01-01 00:00:00 UTC")
    records.write(record, graded.records_folder)
    try:
        exported, rows = export.read_results(graded, ASSIGNMENT), semester.read_table(graded, [ASSIGNMENT])
    finally:
        (graded.records_folder / ASSIGNMENT / "gone.json").unlink()
    assert "gone" not in [each.student.id for each in (*exported, *rows)]


def test_exporting_without_grades_is_an_error(tmp_path):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    with pytest.raises(CourseError, match="nothing is graded yet"):
        export.read_results(course, ASSIGNMENT)
