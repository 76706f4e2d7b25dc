"""Marks and comments of a whole assignment, asked of the gradebook in three statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from ..grading.gradebook import NO_RESPONSE


@dataclass(frozen=True)
class Mark:
    """The points that a question earned, a person's included; `waiting` while a person has yet to look."""

    score: float
    waiting: bool


@dataclass(frozen=True)
class Sheet:
    """What the gradebook says of one notebook of one student: by `grade_id` of the cell; and how they are called."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0
    name: str = ""


def read(gradebook: Gradebook, assignment: str, student: str | None = None) -> dict[tuple[str, str], Sheet]:
    """Read the sheets of an assignment, by student and notebook; of one student, or of all."""
    sheets: dict[tuple[str, str], Sheet] = {}
    names = Student.first_name, Student.last_name
    notebooks = _rows(assignment, student, SubmittedNotebook.late_submission_penalty, *names)
    for who, notebook, penalty, *called in gradebook.db.execute(
        notebooks.join(Student, SubmittedAssignment.student_id == Student.id)
    ):
        sheets[who, notebook] = Sheet({}, {}, penalty or 0.0, " ".join(filter(None, called)))
    grades = _rows(assignment, student, BaseCell.name, Grade.score, Grade.needs_manual_grade)
    for who, notebook, cell, score, waiting in gradebook.db.execute(
        grades.join(Grade, Grade.notebook_id == SubmittedNotebook.id).join(BaseCell, Grade.cell_id == BaseCell.id)
    ):
        sheets[who, notebook].marks[cell] = Mark(score or 0.0, bool(waiting))  # type: ignore[index]
    said = _rows(assignment, student, BaseCell.name, Comment.manual_comment, Comment.auto_comment)
    for who, notebook, cell, manual, automatic in gradebook.db.execute(
        said.join(Comment, Comment.notebook_id == SubmittedNotebook.id).join(BaseCell, Comment.cell_id == BaseCell.id)
    ):
        if comment := manual or (automatic if automatic != NO_RESPONSE else None):
            sheets[who, notebook].comments[cell] = comment  # type: ignore[index]
    return sheets


def _rows(assignment: str, student: str | None, *columns):
    rows = (
        select(SubmittedAssignment.student_id, Notebook.name, *columns)
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .where(Assignment.name == assignment)
    )
    return rows.where(SubmittedAssignment.student_id == student) if student else rows


@dataclass(frozen=True)
class Total:
    """What a submission is worth now, marks of a person and lateness included, and how many marks are missing."""

    score: float
    max_score: float
    waiting: int = 0


@dataclass(frozen=True)
class Person:
    """What the gradebook knows of a student."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""


def totals(gradebook: Gradebook, assignment: str) -> dict[str, Total]:
    """The total of every submission of an assignment."""
    rows = gradebook.db.execute(
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.score,
            SubmittedAssignment.max_score,
            SubmittedAssignment.late_submission_penalty,
        )
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    ).all()
    waiting: dict[str, int] = {}
    for (student, _), sheet in read(gradebook, assignment).items():
        waiting[student] = waiting.get(student, 0) + sum(mark.waiting for mark in sheet.marks.values())
    return {
        student: Total(max(score - (late or 0.0), 0.0), most, waiting.get(student, 0))
        for student, score, most, late in rows
    }


def people(gradebook: Gradebook) -> dict[str, Person]:
    """Everybody in the gradebook."""
    rows = gradebook.db.execute(
        select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    )
    return {student: Person(student, *(word or "" for word in words)) for student, *words in rows}
