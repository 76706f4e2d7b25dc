"""The note in a record that letters wait for the due date, after `nbgrader autograde` has graded the submission.

nbgrader itself would count them as 0 for good. With the note, exports are refused until they are judged. It is a date
without a key: `grade` then grades again, and adds the key.
"""

from dataclasses import replace
from pathlib import Path

from traitlets.log import get_logger

from . import records
from .records import Outcome, Record


def update_letters_due(folder: Path, assignment: str, student: str, letters_due: str) -> None:
    """Note in the record when the letters of a graded notebook are judged, and warn that they wait.

    An empty date says that none of this notebook wait: the note is removed, if those of no other wait.
    """
    record = records.read(folder, assignment, student) or Record(student, assignment, Outcome.GRADED)
    if letters_due:
        advice = f"quizzes are judged at the due date: grade again after {letters_due}"
        get_logger().warning("%s: %s", student, advice)
        if record.letters_due != letters_due:  # an extension changes it
            records.write(replace(record, key="", letters_due=letters_due), folder)
    elif record.is_overdue and not record.key:  # before the due date, letters of another notebook may wait
        records.write(replace(record, letters_due=""), folder)
