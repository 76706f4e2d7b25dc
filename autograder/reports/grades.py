"""Read scores and comments of a whole assignment from the gradebook, in a few statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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

from ..grading.gradebook import is_graded
from ..judging.verdict import Verdict
from .timing import Timing

SCORE_TOLERANCE = 1e-9  # a sum of points may be rounded
NotebookKey = tuple[str, str]  # a student and the name of a notebook


@dataclass(frozen=True)
class CellGrade:
    """The grade of one cell."""

    score: float  # the manual score included
    needs_manual_grade: bool  # whether a person still has to grade the cell
    auto_score: float | None = None  # that of the grader
    manual_score: float | None = None  # that of a person

    @property
    def is_override(self) -> bool:
        """Whether a person replaced the score of the grader."""
        return self.auto_score is not None and self.manual_score is not None


def is_unanswered(verdict: Verdict | None, grade: CellGrade | None) -> bool:
    """Whether the student wrote no answer. Points of a person say more than a verdict.

    Without findings, the question must be a written answer: nbgrader gives 0 points to one that is unchanged. All
    others need a person.
    """
    if grade is not None and grade.score:  # extra credit, too
        return False
    if verdict is not None and verdict.findings:
        return verdict.is_unanswered and not (grade is not None and grade.is_override)
    return grade is not None and not grade.needs_manual_grade and grade.manual_score is None


@dataclass(frozen=True)
class NotebookGrades:
    """The grades of one notebook of one student."""

    cells: Mapping[str, CellGrade] = field(default_factory=dict)  # by `grade_id`
    comments: Mapping[str, str] = field(default_factory=dict)  # by `grade_id`: those of a person
    notebook_penalty: float = 0.0  # points that are subtracted from the notebook because the submission was late
    timing: Timing = field(default_factory=Timing)  # of the whole submission

    @property
    def is_graded(self) -> bool:
        """Whether a submission of the notebook was graded."""
        return any(map(is_graded, self.cells.values()))

    def subtract_penalty(self, points: float) -> float:
        """Subtract the late penalty from the points of the notebook. No score is negative."""
        return max(points - self.notebook_penalty, 0.0)


@dataclass(frozen=True)
class Total:
    """The total of a submission."""

    score: float  # manual scores and late penalty included
    max_score: float
    num_needs_manual_grade: int = 0  # the number of cells that a person still has to grade
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True)
class StudentInfo:
    """A student in the gradebook. A field is empty if the gradebook does not have it."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name; empty if the gradebook does not have them."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


def read_notebook_grades(
    gradebook: Gradebook, assignment: str, student: str | None = None
) -> dict[NotebookKey, NotebookGrades]:
    """Read the grades of an assignment by student and notebook."""
    timings = read_timings(gradebook, assignment, student)
    rows = gradebook.db.execute(_select_notebooks(assignment, student, SubmittedNotebook.late_submission_penalty)).all()
    cells, comments = _read_cells(gradebook, assignment, student), _read_comments(gradebook, assignment, student)
    return {
        (student_id, notebook): NotebookGrades(
            cells=cells.get((student_id, notebook), {}),
            comments=comments.get((student_id, notebook), {}),
            notebook_penalty=penalty or 0.0,
            timing=timings.get(student_id, Timing()),
        )
        for student_id, notebook, penalty in rows
    }


def _read_cells(gradebook: Gradebook, assignment: str, student: str | None) -> dict[NotebookKey, dict[str, CellGrade]]:
    columns = (Grade.score, Grade.needs_manual_grade, Grade.auto_score, Grade.manual_score)
    cells: dict[NotebookKey, dict[str, CellGrade]] = defaultdict(dict)
    rows = gradebook.db.execute(_select_cells(Grade, assignment, student, *columns))
    for student_id, notebook, cell, score, is_waiting, auto_score, manual_score in rows:
        cells[student_id, notebook][cell] = CellGrade(score or 0.0, bool(is_waiting), auto_score, manual_score)
    return cells


def _read_comments(gradebook: Gradebook, assignment: str, student: str | None) -> dict[NotebookKey, dict[str, str]]:
    comments: dict[NotebookKey, dict[str, str]] = defaultdict(dict)
    rows = gradebook.db.execute(_select_cells(Comment, assignment, student, Comment.manual_comment))
    for student_id, notebook, cell, comment in rows:
        if comment:
            comments[student_id, notebook][cell] = comment
    return comments


def _select_cells(table: Any, assignment: str, student: str | None, *columns: Any) -> Select[Any]:
    """Select the student, notebook and cell of every row of a table, which is Grade or Comment, and further columns."""
    rows = _select_notebooks(assignment, student, BaseCell.name, *columns)
    return rows.join(table, table.notebook_id == SubmittedNotebook.id).join(BaseCell, table.cell_id == BaseCell.id)


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


def read_timings(gradebook: Gradebook, assignment: str, student: str | None = None) -> dict[str, Timing]:
    """Read each student's lateness, penalty and extension. An extension needs no submission."""
    own = SubmittedAssignment
    columns = (own.timestamp, own.extension, Assignment.duedate, own.late_submission_penalty)
    rows = gradebook.db.execute(_select_submissions(assignment, student, *columns))
    return {
        student_id: Timing(_lateness(time, duedate, extension), extension or timedelta(), penalty or 0.0)
        for student_id, time, extension, duedate, penalty in rows
    }


def _select_submissions(assignment: str, student: str | None, *columns: Any) -> Select[Any]:
    """Select the student of every submission, and further columns."""
    rows = select(SubmittedAssignment.student_id, *columns)
    rows = rows.join(SubmittedAssignment.assignment).where(Assignment.name == assignment)
    return rows.where(SubmittedAssignment.student_id == student) if student else rows


def _lateness(time: datetime | None, duedate: datetime | None, extension: timedelta | None) -> timedelta:
    if time is None or duedate is None:
        return timedelta()
    return max(time - duedate - (extension or timedelta()), timedelta())


def read_totals(
    gradebook: Gradebook, assignment: str, known: Mapping[NotebookKey, NotebookGrades] | None = None
) -> dict[str, Total]:
    """Read the total of every graded submission of an assignment. `known` has its grades, if they were read before."""
    if known is None:
        known = read_notebook_grades(gradebook, assignment)
    by_student: dict[str, list[NotebookGrades]] = defaultdict(list)
    for (student, _), grades in known.items():
        by_student[student].append(grades)
    rows = _select_submissions(assignment, None, SubmittedAssignment.score, SubmittedAssignment.max_score)
    return {
        student: _total(score, max_score, by_student[student])
        for student, score, max_score in gradebook.db.execute(rows)
        if any(notebook.is_graded for notebook in by_student[student])
    }


def _total(score: float, max_score: float, notebooks: Sequence[NotebookGrades]) -> Total:
    """Subtract the penalty from the sum, as `nbgrader export` does.

    It is less than the sum of the notebooks' scores if a notebook has fewer points than its own penalty, because a
    person lowered them: grading with ``--force`` computes the penalties again.
    """
    timing = notebooks[0].timing  # each notebook has that of the submission
    waiting = sum(cell.needs_manual_grade for notebook in notebooks for cell in notebook.cells.values())
    return Total(max(score - timing.penalty, 0.0), max_score, num_needs_manual_grade=waiting, timing=timing)


def read_max_scores(gradebook: Gradebook, assignment: str) -> dict[str, float]:
    """Read how many points each notebook of an assignment has, by its name."""
    rows = (
        select(Notebook.name, Notebook.max_score)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    return dict(gradebook.db.execute(rows).all())


def read_students(gradebook: Gradebook) -> dict[str, StudentInfo]:
    """Read all students in the gradebook."""
    rows = gradebook.db.execute(
        select(Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    )
    return {student: StudentInfo(student, *(value or "" for value in values)) for student, *values in rows}
