"""The list of what a watch has returned to a student, so that the next watch continues there."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..course import Course
from ..grading.due_dates import is_saved_date_past, now
from ..grading.records import Record
from ..grading.replacing import write_atomically
from ..submissions.times import format_time


@dataclass(frozen=True)
class Returned:
    """A submission that has been graded and whose feedback has been returned."""

    time: str  # when it was submitted; empty if that is unknown
    key: str  # the key of its record
    score: float  # without the points that a person gave
    assignment_key: str  # the key of the assignment when it was graded
    files: str  # a hash of its files: a student can hand in other files with the same time
    letters_due: str  # as in its record
    first_returned: str = ""  # when its feedback was returned for the first time, by the grader's clock

    def is_of(self, time: str, files: str) -> bool:
        """Whether it is the submission with this time and these files. If these are unknown, only the time counts."""
        return self.time == time and files in (self.files, "")

    @property
    def is_overdue(self) -> bool:
        """Whether answers that were only received can be judged now."""
        return is_saved_date_past(self.letters_due)


def read_returned(course: Course, assignment: str, student: str) -> list[Returned]:
    """List the returned submissions of a student, each once. A damaged list is empty: attempts, too, start anew.

    Raise OSError if a list cannot be read now: it would be lost if `add_returned` took it for an empty one.
    """
    try:
        return [Returned(**entry) for entry in json.loads(_file(course, assignment, student).read_text("utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):  # there is none; it is no JSON; it has other fields
        return []


def add_returned(course: Course, assignment: str, student: str, entry: Returned) -> None:
    """Add a submission that was returned, or returned again. The caller has locked the submission's folder."""
    entries = read_returned(course, assignment, student)
    for i, known in enumerate(entries):
        if known.is_of(entry.time, entry.files):
            entries[i] = replace(entry, first_returned=known.first_returned)
            break
    else:
        entries.append(replace(entry, first_returned=format_time(now())))
    write_atomically(_file(course, assignment, student), json.dumps([*map(asdict, entries)], indent=1))


def is_returned(course: Course, assignment: str, record: Record) -> bool:
    """Whether the submission with this record has been returned."""
    return any(entry.key == record.key for entry in read_returned(course, assignment, record.student))


def _file(course: Course, assignment: str, student: str) -> Path:
    return course.records_folder / assignment / "returned" / f"{student}.json"
