"""The note in a record that letters wait for the due date, after `nbgrader autograde` has graded the submission.

nbgrader itself would count them as 0 for good. With the note, exports are refused until they are judged. It is a date
without a key: `grade` then grades again, and adds the key. Only a record that is made here gets a message, too.
"""

from dataclasses import replace
from pathlib import Path

from traitlets.log import get_logger

from . import records
from .records import Outcome, Record

_MESSAGE = "graded by nbgrader; "  # the beginning of the message in a record that is made here


def update(folder: Path, assignment: str, student: str, letters_due: str) -> None:
    """Note in the record when the letters of a graded notebook are judged, and warn that they wait.

    An empty date says that none of this notebook wait: the note is removed, if those of no other wait.
    """
    record = records.read(folder, assignment, student)
    if letters_due:
        advice = f"quizzes are judged at the due date: grade again after {letters_due}"
        get_logger().warning("%s: %s", student, advice)
        message = _MESSAGE + advice
        if record is None:
            made = Record(student, assignment, Outcome.GRADED, letters_due=letters_due, messages=[message])
            records.write(made, folder)
        elif record.letters_due != letters_due:  # an extension changes it
            messages = [message if each.startswith(_MESSAGE) else each for each in record.messages]
            records.write(replace(record, key="", letters_due=letters_due, messages=messages), folder)
    elif record and record.is_overdue and not record.key:  # before the due date, letters of another notebook may wait
        messages = [each for each in record.messages if not each.startswith(_MESSAGE)]
        records.write(replace(record, letters_due="", messages=messages), folder)
