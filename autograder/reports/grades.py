"""Read scores and comments of a whole assignment from the gradebook, in a few statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
from sqlalchemy import Select, select

from ..grading.gradebook import NO_RESPONSE


@dataclass(frozen=True)
class CellGrade:
    """The grade of one cell.

    Attributes
    ----------
    score : float
        The manual score included.
    needs_manual_grade : bool
        Whether a person still has to grade the cell.
    """

    score: float
    needs_manual_grade: bool


@dataclass(frozen=True)
class NotebookGrades:
    """The grades of one notebook of one student.

    Attributes
    ----------
    cells : mapping of str to CellGrade
        By `grade_id`.
    comments : mapping of str to str
        By `grade_id`: the comment of a person, or else nbgrader's.
    late_penalty : float
        Points that are subtracted because the submission was late.
    student_name : str
        First and last name; empty if the gradebook does not have them.
    """

    cells: Mapping[str, CellGrade] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0
    student_name: str = ""


@dataclass(frozen=True)
class Total:
    """The total of a submission.

    Attributes
    ----------
    score : float
        Manual scores and late penalty included.
    max_score : float
    num_needs_manual_grade : int
        The number of cells that a person still has to grade.
    """

    score: float
    max_score: float
    num_needs_manual_grade: int = 0


@dataclass(frozen=True)
class StudentInfo:
    """A student in the gradebook. A field is empty if the gradebook does not have it."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""


def read_notebook_grades(
    gradebook: Gradebook, assignment: str, student: str | None = None
) -> dict[tuple[str, str], NotebookGrades]:
    """Read the grades of an assignment.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    assignment : str
    student : str, optional
        Read only the grades of this student.

    Returns
    -------
    dict of (str, str) to NotebookGrades
        By student and notebook.
    """
    grades: dict[tuple[str, str], NotebookGrades] = {}
    cells: dict[tuple[str, str], dict[str, CellGrade]] = {}
    comments: dict[tuple[str, str], dict[str, str]] = {}
    notebooks = _select_notebooks(
        assignment, student, SubmittedNotebook.late_submission_penalty, Student.first_name, Student.last_name
    ).join(Student, SubmittedAssignment.student_id == Student.id)
    for student_id, notebook, penalty, *names in gradebook.db.execute(notebooks):
        key = student_id, notebook
        cells[key], comments[key] = {}, {}
        grades[key] = NotebookGrades(cells[key], comments[key], penalty or 0.0, " ".join(filter(None, names)))
    cell_grades = (
        _select_notebooks(assignment, student, BaseCell.name, Grade.score, Grade.needs_manual_grade)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
    )
    for student_id, notebook, cell, score, needs_manual_grade in gradebook.db.execute(cell_grades):
        cells[student_id, notebook][cell] = CellGrade(score or 0.0, bool(needs_manual_grade))
    cell_comments = (
        _select_notebooks(assignment, student, BaseCell.name, Comment.manual_comment, Comment.auto_comment)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Comment.cell_id == BaseCell.id)
    )
    for student_id, notebook, cell, manual, automatic in gradebook.db.execute(cell_comments):
        if comment := manual or (automatic if automatic != NO_RESPONSE else None):
            comments[student_id, notebook][cell] = comment
    return grades


def _select_notebooks(assignment: str, student: str | None, *columns: Any) -> Select[Any]:
    """Select the student and name of every submitted notebook, and further columns."""
    rows = (
        select(SubmittedAssignment.student_id, Notebook.name, *columns)
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .where(Assignment.name == assignment)
    )
    return rows.where(SubmittedAssignment.student_id == student) if student else rows


def read_totals(gradebook: Gradebook, assignment: str) -> dict[str, Total]:
    """Read the total of every submission of an assignment.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    assignment : str

    Returns
    -------
    dict of str to Total
        By student.
    """
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
    num_manual: dict[str, int] = {}
    for (student, _), grades in read_notebook_grades(gradebook, assignment).items():
        count = sum(grade.needs_manual_grade for grade in grades.cells.values())
        num_manual[student] = num_manual.get(student, 0) + count
    return {
        student: Total(max(score - (penalty or 0.0), 0.0), max_score, num_manual.get(student, 0))
        for student, score, max_score, penalty in rows
    }


def read_students(gradebook: Gradebook) -> dict[str, StudentInfo]:
    """Read all students in the gradebook.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook

    Returns
    -------
    dict of str to StudentInfo
        By nbgrader's id of the student.
    """
    rows = gradebook.db.execute(
        select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    )
    return {student: StudentInfo(student, *(value or "" for value in values)) for student, *values in rows}
