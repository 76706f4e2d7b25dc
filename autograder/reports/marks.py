"""Marks and comments of a whole assignment, asked of the gradebook in three statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.api import Assignment, BaseCell, Comment, Grade, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select

from ..gradebook import NO_RESPONSE


@dataclass(frozen=True)
class Mark:
    """The points that a question earned, a person's included; `waiting` while a person has yet to look."""

    score: float
    waiting: bool


@dataclass(frozen=True)
class Sheet:
    """What the gradebook says of one notebook of one student: by `grade_id` of the cell."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0


def read(gradebook: Gradebook, assignment: str, student: str | None = None) -> dict[tuple[str, str], Sheet]:
    """Read the sheets of an assignment, by student and notebook; of one student, or of all."""
    sheets: dict[tuple[str, str], Sheet] = {}
    for who, notebook, penalty in gradebook.db.execute(_rows(assignment, student, SubmittedNotebook.late_submission_penalty)):
        sheets[who, notebook] = Sheet({}, {}, penalty or 0.0)
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
