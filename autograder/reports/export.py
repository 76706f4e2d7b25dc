"""Grades for other systems: a plain table, and the formats that Canvas and Moodle import."""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..course import Course, CourseError
from ..grading import records
from ..grading.boundary import Boundary
from ..grading.formulas import hide_formulas
from ..grading.replacing import write_atomically
from . import grades
from .grades import NotebookGrades, StudentInfo, Total
from .templates import format_points

FORMATS = ("csv", "canvas", "moodle")
StudentTotals = Sequence[tuple[StudentInfo, Total]]


def write(
    course: Course,
    assignment: str,
    kind: str,
    file: Path | None = None,
    column: str = "",
    boundary: Boundary | None = None,
) -> Path:
    """Write the grades of an assignment.

    The column is the name of the assignment in the other system; by default, the same name.
    """
    totals, comments = read_student_totals(course, assignment)
    boundary = boundary or Boundary()
    if kind == "csv":
        rows = plain_rows(boundary, column or assignment, totals, _outcomes(course, assignment), comments)
    elif kind == "canvas":
        rows = canvas_rows(boundary, column or assignment, totals)
    else:
        rows = moodle_rows(boundary, column or assignment, totals, comments, find_received(course, assignment))
    file = file or course.root / "reports" / f"{assignment}-{kind}.csv"
    write_rows(file, rows)
    return file


def read_student_totals(course: Course, assignment: str) -> tuple[StudentTotals, dict[str, str]]:
    """Read the grades of an assignment, and the comments of a person by student, in one line.

    The students who have a grade are sorted by id. Raise CourseError if no submission has been graded yet, or if
    questions are not judged although they are due.
    """
    overdue = [r for r in records.read_all(course.records_folder, assignment) if r.is_overdue]
    if overdue:
        raise CourseError(
            f"the quizzes of {len(overdue)} submissions are due and not judged yet, such as that of "
            f"{overdue[0].student}: run python -m autograder grade {assignment}"
        )
    with course.gradebook() as gradebook:
        notebooks = grades.read_notebook_grades(gradebook, assignment)
        by_student, students = grades.read_totals(gradebook, assignment, notebooks), grades.read_students(gradebook)
    totals = [(students[student], total) for student, total in sorted(by_student.items()) if student in students]
    if not totals:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    return totals, _comments(notebooks)


def find_received(course: Course, assignment: str) -> list[str]:
    """List the students who have answers that are judged at the due date, and count as 0 until then."""
    return [record.student for record in records.read_all(course.records_folder, assignment) if record.letters_due]


def find_left_out(course: Course, assignment: str) -> list[str]:
    """List the students of the roster, and those who submitted, who have no grade and so no row in an export."""
    with course.gradebook() as gradebook:
        graded, known = grades.read_totals(gradebook, assignment), grades.read_students(gradebook)
    return sorted({*known, *course.students(assignment)} - set(graded))


def _comments(notebooks: Mapping[tuple[str, str], NotebookGrades]) -> dict[str, str]:
    """Join the comments on each student's answers, in one line."""
    comments: dict[str, list[str]] = {}
    for (student, _), own in notebooks.items():
        comments.setdefault(student, []).extend(" ".join(comment.split()) for comment in own.comments.values())
    return {student: " / ".join(own) for student, own in comments.items()}


def plain_rows(
    boundary: Boundary, column: str, totals: StudentTotals, outcomes: Mapping[str, str], comments: Mapping[str, str]
) -> list[list[Any]]:
    """Build a table for spreadsheets."""
    header = ["student", "last_name", "first_name", "email", "assignment", "score", "max_score", "waiting", "outcome"]
    header += ["late", "comments"]

    def row(student: StudentInfo, total: Total) -> list[Any]:
        return [
            *(student.id, student.last_name, student.first_name, student.email, column),
            format_points(total.score),
            format_points(total.max_score),
            total.num_needs_manual_grade,
            outcomes.get(student.id, ""),
            total.timing.describe(),
            comments.get(student.id, ""),
        ]

    return [header, *_rows(boundary, totals, row)]


def canvas_rows(boundary: Boundary, column: str, totals: StudentTotals) -> list[list[Any]]:
    """Build the table that the gradebook of Canvas imports.

    Canvas identifies a student by ID (`lms_user_id` in nbgrader), or else by SIS login (nbgrader's id of the student).
    If the column ends with the number of an assignment in parentheses, Canvas fills that one; otherwise it creates a
    new one.
    """
    max_score = max(total.max_score for _, total in totals)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    possible = ["    Points Possible", "", "", "", "", format_points(max_score)]

    def row(student: StudentInfo, total: Total) -> list[Any]:
        return [_full_name(student), student.lms_id, "", student.id, "", format_points(total.score)]

    return [header, possible, *_rows(boundary, totals, row)]


def moodle_rows(
    boundary: Boundary, column: str, totals: StudentTotals, comments: Mapping[str, str], received: Collection[str] = ()
) -> list[list[Any]]:
    """Build the table that the gradebook of Moodle imports (Grades, Import, CSV file).

    In Moodle, map "ID number", "Email address" or "Username" to the same field of the user. Map the last two columns to
    the grade item and to its feedback; if only one is mapped, Moodle clears the other. The answers of some students are
    only received: they are judged at the due date.
    """
    header = ["First name", "Last name", "Username", "ID number", "Email address", column, "Feedback"]

    def row(student: StudentInfo, total: Total) -> list[Any]:
        return [
            *(student.first_name, student.last_name, student.id, student.lms_id or student.id, student.email),
            format_points(total.score),
            _moodle_feedback(total, student.id in received, comments.get(student.id, "")),
        ]

    return [header, *_rows(boundary, totals, row)]


def _rows(
    boundary: Boundary, totals: StudentTotals, row: Callable[[StudentInfo, Total], list[Any]]
) -> Iterable[list[Any]]:
    """Build the row of each student, without those for whom it fails."""
    by_id = {student.id: (student, total) for student, total in totals}
    return boundary.results(lambda student: row(*by_id[student]), by_id).values()


def _full_name(student: StudentInfo) -> str:
    return ", ".join(name for name in (student.last_name, student.first_name) if name) or student.id


def _moodle_feedback(total: Total, is_received: bool, comments: str) -> str:
    parts = [f"{format_points(total.score)} of {format_points(total.max_score)} points"]
    if total.num_needs_manual_grade:
        need = "answer needs" if total.num_needs_manual_grade == 1 else "answers need"
        parts.append(f"{total.num_needs_manual_grade} {need} manual grading")
    if is_received:
        parts.append("without the answers that are judged at the due date")
    return "; ".join(filter(None, (*parts, total.timing.describe(), comments)))


def _outcomes(course: Course, assignment: str) -> dict[str, str]:
    return {record.student: record.outcome for record in records.read_all(course.records_folder, assignment)}


def write_rows(file: Path, rows: Sequence[Sequence[Any]], mode: int | None = None) -> None:
    """Write a CSV file atomically. Text that a spreadsheet could evaluate as a formula gets an apostrophe in front.

    The file begins with a byte order mark: without it, Excel reads UTF-8 in the code page of the machine, and shows
    umlauts as two other letters. Canvas and Moodle ignore the mark, and so does `tables.read_rows`.
    """
    stream = io.StringIO(newline="")
    hidden = [[hide_formulas(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    csv.writer(stream).writerows(hidden)
    write_atomically(file, f"\ufeff{stream.getvalue()}", mode)
