"""Write what was found into nbgrader's gradebook: the rows that nbgrader writes, in a few statements."""

from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from ..course import CourseError

NO_RESPONSE = "No response."  # nbgrader's words


@dataclass(frozen=True)
class Score:
    """A submission's score as the gradebook has it, marks of a person included.

    `late` says that its penalty has to be made anew: it is late, or was so before the due date was moved.
    """

    score: float
    max_score: float
    late: bool


def save(
    gradebook: Gradebook, assignment: str, student: str, notebooks: dict[str, NotebookNode], timestamp: str | None
) -> Score:
    """Save the automatic scores of a submission; marks that a person gave stay.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    assignment, student : str
        The student is added where nbgrader does not know them.
    notebooks : dict
        The judged notebooks by name. A notebook that was not handed in earns nothing.
    timestamp : str or None
        When it was handed in.

    Returns
    -------
    Score
        What the gradebook says now.

    Raises
    ------
    CourseError
        If the database refuses, for want of room or of rights.
    """
    try:
        return _save(gradebook, assignment, student, notebooks, timestamp)
    except SQLAlchemyError as error:
        gradebook.db.rollback()
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CourseError(f"the gradebook cannot be written: {reason}") from error
    finally:
        gradebook.db.commit()  # leave no transaction open until the next submission


def _save(
    gradebook: Gradebook, assignment: str, student: str, notebooks: dict[str, NotebookNode], timestamp: str | None
) -> Score:
    gradebook.update_or_create_student(student)
    given = {"timestamp": timestamp} if timestamp else {}
    submission = gradebook.update_or_create_submission(assignment, student, **given)
    marks, comments = [], []
    for row in _rows(gradebook, Grade, submission):
        cell = _cell(notebooks, row)
        score = utils.determine_grade(cell)[0] if cell is not None else 0.0
        by_hand = row.notebook in notebooks and (score is None or row.manual_score is not None)
        marks.append({"id": row.id, "auto_score": score, "needs_manual_grade": by_hand})
    for row in _rows(gradebook, Comment, submission):
        comments.append({"id": row.id, "auto_comment": _comment(_cell(notebooks, row))})
    if marks:
        gradebook.db.execute(update(Grade), marks)
    if comments:
        gradebook.db.execute(update(Comment), comments)
    gradebook.db.commit()
    score, max_score = gradebook.db.execute(
        select(SubmittedAssignment.score, SubmittedAssignment.max_score).where(SubmittedAssignment.id == submission.id)
    ).one()
    late = submission.total_seconds_late > 0 or bool(submission.late_submission_penalty)
    return Score(score, max_score, late)


def _rows(gradebook: Gradebook, kind: Any, submission: SubmittedAssignment) -> list[Any]:
    """The grades or the comments of a submission, with the names of their cells and notebooks."""
    by_hand = [Grade.manual_score] if kind is Grade else []
    return list(
        gradebook.db.execute(
            select(kind.id, BaseCell.name.label("cell"), Notebook.name.label("notebook"), *by_hand)
            .join(BaseCell, kind.cell_id == BaseCell.id)
            .join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .where(SubmittedNotebook.assignment_id == submission.id)
        )
    )


def _cell(notebooks: dict[str, NotebookNode], row: Any) -> NotebookNode | None:
    cells = notebooks[row.notebook].cells if row.notebook in notebooks else []
    return next((cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == row.cell), None)


def _comment(cell: NotebookNode | None) -> str | None:
    untouched = cell is not None and cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return NO_RESPONSE if untouched and not utils.is_task(cell) else None
