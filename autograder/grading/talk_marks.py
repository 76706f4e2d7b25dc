"""Marks for the questions about a student's own code. In the gradebook they are an assignment of their own.

The assignment `1-first` has the talk `1-first-talk`. A student without marks was not asked, and loses nothing.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbgrader.api import Gradebook

from ..course import Course, CourseError
from .formulas import show_formulas
from .gradebook import reporting_database_errors
from .tables import read_rows

SUFFIX = "-talk"
NOTEBOOK = "talk"
QUESTIONS = ("question 1", "question 2", "question 3")  # also the columns of the table
MAX_MARK = 1.0
MARK = re.compile(r"\d+([.,]\d*)?|[.,]\d+")


def talk_of(assignment: str) -> str:
    """Return the name under which the marks are saved."""
    return assignment + SUFFIX


def find_talks(course: Course) -> list[str]:
    """List the talks in the gradebook whose assignment is in the course."""
    with course.gradebook() as gradebook:
        saved = {assignment.name for assignment in gradebook.assignments}
    return [talk_of(assignment) for assignment in course.assignments() if talk_of(assignment) in saved]


def require_assignment_or_talk(course: Course, assignment: str) -> None:
    """Check that a name is an assignment of the course, or one of its talks.

    Raise `CourseError` if it is neither.
    """
    if not (assignment.endswith(SUFFIX) and assignment in find_talks(course)):
        course.source_folder(assignment)  # raises the error, if there is none


def read_marks(file: Path) -> dict[str, tuple[float, ...]]:
    """Read a table with marks. Rows without marks are left out.

    The columns are "student" and those of `QUESTIONS`. A mark may have a decimal comma. Return the marks by student.
    Raise `CourseError` if the table cannot be read, lacks a column or has no marks. The message names the line if a row
    has too many cells, lacks its student or a mark, or has one that is not from 0 to `MAX_MARK`, or if a student occurs
    twice.
    """
    wanted = ("student", *QUESTIONS)
    columns, rows = read_rows(file, wanted)
    if missing := [name for name in wanted if name not in columns]:
        raise CourseError(f"{file} has no column {', '.join(missing)}")
    marks: dict[str, tuple[float, ...]] = {}
    for number, row in rows:
        where = f"{file}, line {number}"
        cells = [row[name].strip() for name in QUESTIONS]
        if not any(cells):
            continue
        student = show_formulas(row["student"].strip())
        if not student:
            raise CourseError(f"{where} has marks, but no student: fill in the column student")
        if student in marks:
            raise CourseError(f"{where}: {student!r} occurs twice: delete one of the lines")
        marks[student] = tuple(_read_mark(cell, where) for cell in cells)
    if not marks:
        raise CourseError(f"{file} has no marks: fill in the columns {', '.join(QUESTIONS)}")
    return marks


def _read_mark(cell: str, where: str) -> float:
    if MARK.fullmatch(cell) and (mark := float(cell.replace(",", "."))) <= MAX_MARK:
        return mark
    raise CourseError(f"{where}: {cell!r} is not a mark from 0 to {MAX_MARK:g}; an unanswered question has 0")


def save_marks(course: Course, assignment: str, marks: Mapping[str, Sequence[float]]) -> None:
    """Save marks in the gradebook. Earlier marks of the same students are replaced.

    Each student has one mark per question. Raise `CourseError` if a student is in neither the gradebook nor the
    submissions, or if the gradebook cannot be written.
    """
    talk = talk_of(assignment)
    with course.gradebook() as gradebook:
        known = {student.id for student in gradebook.students} | set(course.students(assignment))
        if unknown := sorted(set(marks) - known):
            names = ", ".join(map(repr, unknown))
            raise CourseError(f"no mark was saved: the course does not know {names}; correct the column student")
        with reporting_database_errors():
            _add_assignment(gradebook, talk)
            for student, own in marks.items():
                _save_student(gradebook, talk, student, own)
            gradebook.db.commit()


def _add_assignment(gradebook: Gradebook, talk: str) -> None:
    gradebook.update_or_create_assignment(talk)
    gradebook.update_or_create_notebook(NOTEBOOK, talk)
    for question in QUESTIONS:
        gradebook.update_or_create_grade_cell(question, NOTEBOOK, talk, max_score=MAX_MARK, cell_type="markdown")


def _save_student(gradebook: Gradebook, talk: str, student: str, marks: Sequence[float]) -> None:
    gradebook.update_or_create_student(student)
    gradebook.update_or_create_submission(talk, student)
    for question, mark in zip(QUESTIONS, marks, strict=True):
        grade = gradebook.find_grade(question, NOTEBOOK, talk, student)
        grade.manual_score, grade.needs_manual_grade = float(mark), False
