"""What the gradebook knows of an assignment: it is registered before submissions are graded, and read while they are.

Its grade cells are compared with the exercises, and records are found that are out of date.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook

from ..course import Course, CourseError
from ..release import generate_assignment
from ..submissions.hidden_tests import exercise_named_in
from ..submissions.released_cells import ReleasedCell, grade_id_of, last_heading
from . import records
from .due_dates import DueDates, format_due_date, read_due_dates
from .records import Record
from .result_key import hash_files


def register(course: Course, assignment: str) -> None:
    """Add an assignment to the gradebook, as ``nbgrader generate_assignment`` does. Skip it if nothing has changed.

    Mark the record of a student as out of date if the gradebook has lost the student's scores, for example because it
    is new, or if answers are to be judged at a due date that has changed. Raise `CourseError` if nbgrader rejects the
    source notebooks, or if their grade cells do not fit the exercises.
    """
    require_cells_fit(course, assignment)
    stamp = course.records_folder / assignment / ".registered"
    source = course.source_folder(assignment)
    current = hash_files(source, source.glob("*.ipynb"))
    # before the scores, which are saved first: otherwise, those of a student who is graded meanwhile would seem lost
    recorded = records.read_all(course.records_folder, assignment)
    with course.gradebook() as gradebook:
        found = [registered for registered in gradebook.assignments if registered.name == assignment]
        notebooks = {notebook.name for registered in found for notebook in registered.notebooks}
        saved = {submission.student_id for registered in found for submission in registered.submissions}
        due_dates = read_due_dates(gradebook, assignment)
    _forget_keys(course, recorded, saved, due_dates)
    if notebooks == set(course.notebooks(assignment)) and stamp.exists() and stamp.read_text() == current:
        return
    if saved and not notebooks:
        redo = f"nbgrader db assignment remove {assignment} --force, set due date and extensions again, and grade again"
        raise CourseError(f"the gradebook has submissions of {assignment}, but not its notebooks: run {redo}")
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate_assignment(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)


def _forget_keys(course: Course, recorded: Sequence[Record], saved: set[str], due_dates: DueDates) -> None:
    """Let the records of students be out of date whose scores are not saved, or whose due date has changed."""
    due = {record.student: format_due_date(due_dates.of(record.student)) for record in recorded}
    stale = [each for each in recorded if each.student not in saved or each.letters_due not in ("", due[each.student])]
    records.forget_keys(course.records_folder, stale)


def require_cells_fit(course: Course, assignment: str) -> None:
    """Compare the id and the points of each grade cell of an assignment with those of its exercise.

    Raise `CourseError` if some differ. Reports find the exercise of a cell by its id.
    """
    if differences := list(_find_differences(course, assignment)):
        raise CourseError("; ".join(differences))


def _find_differences(course: Course, assignment: str) -> Iterator[str]:
    for notebook in course.notebooks(assignment):
        for cell in course.source_notebook(assignment, notebook).cells:
            exercise = course.exercises.get(exercise_named_in(cell.source) or "")
            if not (exercise and utils.is_grade(cell)):
                continue
            place, points = f"{assignment}/{notebook}.ipynb", float(cell.metadata.nbgrader["points"])
            if grade_id_of(cell) != exercise.name:
                yield f"{place}: the cell {grade_id_of(cell)} checks {exercise.name}: let this be its id, too"
            if abs(exercise.points - points) > 1e-9:
                difference = f"{exercise.points:g} points in its rules, {points:g} in its cell"
                yield f"{place}: {exercise.name} has {difference}: make the points equal"


def query_released_cells(db_url: str, assignment: str, notebook: str, source: NotebookNode) -> Iterator[ReleasedCell]:
    """Yield the cells of a notebook that nbgrader knows."""
    with Gradebook(db_url) as gradebook:
        saved = {row.name: row for row in gradebook.find_notebook(notebook, assignment).source_cells}
        heading = above = ""
        for cell in source.cells:
            if cell.cell_type == "markdown":
                heading = last_heading(cell.source, heading)
            if row := saved.get(grade_id_of(cell)):
                # nbgrader computes these two at the release: `source` does not have them
                metadata = {**cell.metadata.nbgrader, "cell_type": row.cell_type, "checksum": row.checksum}
                yield ReleasedCell(row.name, row.cell_type, row.source, metadata, cell.get("id"), heading, above)
            above = cell.source
