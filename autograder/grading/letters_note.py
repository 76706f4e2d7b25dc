"""The note in a record that letters wait for the due date, after `nbgrader autograde` has graded the submission.

nbgrader itself would count them as 0 for good. With the note, exports say that they wait, and are refused once the date
has passed. A changed note has no key, so that `grade` grades again: the rest of the record is older.
"""

from dataclasses import replace
from pathlib import Path

from traitlets.log import get_logger

from . import records
from .records import Outcome, Record


def update_letters_due(folder: Path, assignment: str, student: str, letters_due: str) -> None:
    """Note in the record when the letters of a graded notebook are judged, and warn that they wait.

    An empty date removes the note: those of no notebook wait now.
    """
    record = records.read(folder, assignment, student) or Record(student, assignment, Outcome.GRADED)
    if letters_due:
        advice = f"quizzes are judged at the due date: grade again after {letters_due}"
        get_logger().warning("%s: %s", student, advice)
        if record.letters_due != letters_due:  # an extension changes it
            records.write(replace(record, key="", letters_due=letters_due), folder)
    elif record.letters_due:
        records.write(replace(record, key="", letters_due=""), folder)
