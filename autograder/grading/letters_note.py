"""The note in a record that letters wait for the due date, after `nbgrader autograde` has graded the submission.

nbgrader itself would count them as 0 for good. With the note, exports are refused until they are judged.
"""

from dataclasses import replace
from pathlib import Path

from traitlets.log import get_logger

from . import records
from .records import Outcome, Record

_NOTE = "graded by nbgrader; "  # the beginning of the message that a record gets if it is made here


def update(folder: Path, assignment: str, student: str, letters_due: str) -> None:
    """Note in the record when the letters of a graded notebook are judged, and warn that they wait.

    An empty date says that none of this notebook wait: the note is removed, if those of no other wait.
    """
    record = records.read(folder, assignment, student)
    if letters_due:
        advice = f"quizzes are judged at the due date: grade again after {letters_due}"
        get_logger().warning("%s: %s", student, advice)
        record = record or Record(student, assignment, Outcome.GRADED, messages=[_NOTE + advice])
        if record.letters_due != letters_due:  # a new record has none yet, and an extension changes it
            messages = [_NOTE + advice if message.startswith(_NOTE) else message for message in record.messages]
            record = replace(record, key="", letters_due=letters_due, messages=messages)  # no key: `grade` grades again
            records.write(record, folder)
    elif record:
        _remove(record, folder)


def _remove(record: Record, folder: Path) -> None:
    """Remove the note. Before the due date it stays, because letters of another notebook may wait."""
    if record.is_overdue and not record.key:  # with a key, `grade` has graded it since the note
        messages = [message for message in record.messages if not message.startswith(_NOTE)]
        records.write(replace(record, letters_due="", messages=messages), folder)
