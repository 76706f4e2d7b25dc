"""Save automatic scores in nbgrader's gradebook: the same rows as nbgrader writes, in a few statements."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tornado.log import app_log

from ..course import CourseError
from ..submissions.released_cells import grade_id_of
from .boundary import DATA_ERRORS

NO_RESPONSE = "No response."  # the comment that nbgrader gives to an unchanged cell
NOT_SUBMITTED = NotebookNode(cells=[])  # in place of a notebook that is missing


@dataclass(frozen=True)
class Score:
    """The score of a submission in the gradebook."""

    score: float  # manual scores included, before any late penalty
    max_score: float
    # whether the late penalty must be computed again: the submission is late, or was late before the due date moved
    penalty_is_stale: bool


def save_scores(
    gradebook: Gradebook,
    assignment: str,
    student: str,
    notebooks: Mapping[str, NotebookNode],
    timestamp: str | None,
    previous: Mapping[str, NotebookNode] | None = None,
) -> Score:
    """Save the automatic scores of a submission in one transaction. Manual scores are kept.

    A cell with a manual score needs manual grading again only if the answer or the released cell changed: `previous`
    has the judged notebooks of the last time. A student who is not in the gradebook is added. A notebook that was not
    submitted gets 0 automatic points. Raise `CourseError` if the database cannot be written, for example because the
    disk is full or read-only.
    """
    with reporting_database_errors(), _transaction(gradebook) as view:
        view.update_or_create_student(student)
        columns = {"timestamp": timestamp} if timestamp else {}
        submission = view.update_or_create_submission(assignment, student, **columns)
        graded = _rows_of_cells(view, submission, Grade, Grade.manual_score, Grade.needs_manual_grade)
        # with an empty list, these would be no bulk updates
        if grades := [_updated_grade(row, notebooks, previous or {}) for row in graded]:
            view.db.execute(update(Grade), grades)
        commented = _rows_of_cells(view, submission, Comment)
        if comments := [_updated_comment(row, notebooks) for row in commented]:
            view.db.execute(update(Comment), comments)
        total = select(SubmittedAssignment.score, SubmittedAssignment.max_score)
        score, max_score = view.db.execute(total.where(SubmittedAssignment.id == submission.id)).one()
        penalty_is_stale = submission.total_seconds_late > 0 or bool(submission.late_submission_penalty)
        return Score(score, max_score, penalty_is_stale)


def is_graded(grade: Any) -> bool:
    """Whether this grade is of a submission that was graded. `extend` creates grades before there is a submission."""
    return grade.needs_manual_grade or grade.auto_score is not None or grade.manual_score is not None


@contextmanager
def _transaction(gradebook: Gradebook) -> Iterator[Gradebook]:
    """Yield a view of the gradebook in which the several commits of nbgrader join one transaction."""
    with gradebook.engine.begin() as connection, Session(connection) as session:
        view = copy.copy(gradebook)
        view.db = session
        yield view


@contextmanager
def reporting_database_errors() -> Iterator[None]:
    """Turn an error of the database into a `CourseError` of one line. nbgrader would also log its traceback."""
    was_disabled, app_log.disabled = app_log.disabled, True
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        cause = error.__context__ if isinstance(error, InvalidEntry) else error  # nbgrader raises it instead
        if not isinstance(cause, SQLAlchemyError) or isinstance(cause, DATA_ERRORS):
            raise
        reason = str(getattr(cause, "orig", cause)).strip().partition("\n")[0] or type(cause).__name__
        advice = "remove the cause, and run the command again"
        raise CourseError(f"the gradebook cannot be written: {reason}: {advice}") from error
    finally:
        app_log.disabled = was_disabled


def _updated_grade(
    row: Any, notebooks: Mapping[str, NotebookNode], previous: Mapping[str, NotebookNode]
) -> dict[str, Any]:
    """The new values of a grade. One that a person gave waits for a person again if its answer has changed."""
    cell = _find_cell(notebooks, row)
    score = utils.determine_grade(cell)[0] if cell is not None else 0.0
    if row.manual_score is None:
        needs_manual_grade = score is None
    else:
        has_changed = _what_was_graded(notebooks, row) != _what_was_graded(previous, row)
        # of a notebook that was not submitted, there is nothing to mark
        needs_manual_grade = row.notebook in notebooks and (row.needs_manual_grade or has_changed)
    return {"id": row.id, "auto_score": score, "needs_manual_grade": needs_manual_grade}


def _rows_of_cells(gradebook: Gradebook, submission: SubmittedAssignment, table: Any, *columns: Any) -> list[Any]:
    """Select the grades or the comments of a submission, with the names of their cells and notebooks."""
    return list(
        gradebook.db.execute(
            select(table.id, BaseCell.name.label("cell"), Notebook.name.label("notebook"), *columns)
            .join(BaseCell, table.cell_id == BaseCell.id)
            .join(SubmittedNotebook, table.notebook_id == SubmittedNotebook.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(SubmittedNotebook.assignment_id == submission.id)
        )
    )


def _find_cell(notebooks: Mapping[str, NotebookNode], row: Any) -> NotebookNode | None:
    cells = notebooks.get(row.notebook, NOT_SUBMITTED).cells
    return next((cell for cell in cells if grade_id_of(cell) == row.cell), None)


def _what_was_graded(notebooks: Mapping[str, NotebookNode], row: Any) -> tuple[Any, ...] | None:
    """What a person saw when grading a cell: the answer, and the released cell with its points.

    The answer is the text of a written answer, or the solution cell before a grade cell.
    """
    solution = ""
    for cell in notebooks.get(row.notebook, NOT_SUBMITTED).cells:
        if utils.is_solution(cell):
            solution = cell.source
        if grade_id_of(cell) == row.cell:
            return solution, cell.metadata.nbgrader.get("checksum"), cell.metadata.nbgrader.get("points"), cell.source
    return None


def _updated_comment(row: Any, notebooks: Mapping[str, NotebookNode]) -> dict[str, Any]:
    cell = _find_cell(notebooks, row)
    is_unchanged = cell is not None and cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return {"id": row.id, "auto_comment": NO_RESPONSE if is_unchanged else None}
