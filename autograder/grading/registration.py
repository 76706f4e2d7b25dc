"""Add an assignment to the gradebook before its submissions are graded, and mark records that are out of date."""

import tempfile
from pathlib import Path

from ..course import Course, CourseError
from ..generated_notebooks import generate_assignment
from . import records
from .due_dates import format_due_date, read_due_dates
from .grade_cells import require_cells_fit
from .result_key import hash_files


def register(course: Course, assignment: str) -> None:
    """Prepare a course for grading an assignment, also after its source notebooks have changed.

    Mark the records that are out of date. Then add the assignment to the gradebook, as ``nbgrader
    generate_assignment`` does, if it is new or has changed. Raise `CourseError` if nbgrader rejects the source
    notebooks, or if their grade cells do not fit the exercises.
    """
    require_cells_fit(course, assignment)
    mark_outdated(course, assignment)
    stamp = course.records_folder / assignment / ".registered"
    source = course.source_folder(assignment)
    current = hash_files(source, source.glob("[!.]*.ipynb"))
    with course.gradebook() as gradebook:
        found = [registered for registered in gradebook.assignments if registered.name == assignment]
        notebooks = {notebook.name for registered in found for notebook in registered.notebooks}
        has_submissions = any(registered.submissions for registered in found)
    if notebooks == set(course.notebooks(assignment)) and stamp.exists() and stamp.read_text() == current:
        return
    if has_submissions and not notebooks:
        redo = f"nbgrader db assignment remove {assignment} --force, set due date and extensions again, and grade again"
        raise CourseError(f"the gradebook has submissions of {assignment}, but not its notebooks: run {redo}")
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate_assignment(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)


def mark_outdated(course: Course, assignment: str) -> None:
    """Mark records as out of date: their scores are not in the gradebook, or their letters have another due date."""
    # before the scores, which are saved first: otherwise, those of a student who is graded meanwhile would seem lost
    recorded = records.read_all(course.records_folder, assignment)
    with course.gradebook() as gradebook:
        saved = {submission.student_id for submission in gradebook.assignment_submissions(assignment)}
        due_dates = read_due_dates(gradebook, assignment)
    due = {record.student: format_due_date(due_dates.of(record.student)) for record in recorded}
    stale = [each for each in recorded if each.student not in saved or each.letters_due not in ("", due[each.student])]
    records.forget_keys(course.records_folder, stale)
