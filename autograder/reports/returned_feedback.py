"""What a watch has returned: the feedback of each submission, and a list, so that the next watch continues there."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeFactory

from ..course import Course
from ..grading.arrivals import SECRET_FILE
from ..grading.due_dates import is_saved_date_past, now
from ..grading.records import Record
from ..grading.replacing import write_atomically
from ..submissions.times import format_time
from ..supervisor import Supervisor
from . import feedback_writer
from .feedback_release import INVISIBLE_MESSAGE, is_invisible

RETURNED = "returned"  # the folder in a course's `records/<assignment>/`


@dataclass(frozen=True)
class Returned:
    """A submission that has been graded and whose feedback has been returned."""

    time: str  # when it was submitted; empty if that is unknown
    key: str  # the key of its record
    score: float  # without the points that a person gave
    assignment_key: str = ""  # the key of the assignment when it was graded
    files: str = ""  # a hash of its files: a student can hand in other files with the same time
    first_returned: str = ""  # when its feedback was returned for the first time, by the grader's clock
    letters_due: str = ""  # as in its record

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Returned":
        """Read an entry. Keys of another version are left out. Without a time, key or score, an error is raised."""
        texts = {name: str(entry[name]) for name in cls.__match_args__ if name != "score" and name in entry}
        return cls(score=float(entry["score"]), **texts)

    def is_of(self, time: str, files: str) -> bool:
        """Whether it is the submission with this time and these files. Unknown files, an empty text, fit all files."""
        return self.time == time and (self.files == files or "" in (self.files, files))

    @property
    def is_overdue(self) -> bool:
        """Whether answers that were only received can be judged now."""
        return is_saved_date_past(self.letters_due)


class FeedbackReturner:
    """Returns feedback, and remembers it."""

    def __init__(self, course: Course, assignment: str, has_exchange: bool, report: Callable[[str, str], None]):
        self._course, self._assignment = course, assignment
        self._has_exchange, self._report = has_exchange, report
        self.failures: dict[str, list[str]] = {}  # by student: what is wrong with the latest pages

    def publish(self, student: str, supervisor: Supervisor) -> None:
        """Write the feedback pages, and release them if the submission came through the exchange."""
        pages = feedback_writer.write_student(self._course, self._assignment, student, supervisor)
        self.failures[student] = pages.failures
        for failure in pages.failures:
            self._report(student, failure)
        folder = self._course.feedback_folder(student, self._assignment)
        if pages.paths and self._has_exchange and (folder / SECRET_FILE).exists():
            self._release(student, folder)

    def _release(self, student: str, folder: Path) -> None:
        """Copy the pages in a folder into the exchange, as ``nbgrader release_feedback`` does."""
        directory = self._course.directory_of_assignment(self._assignment, student)
        factory = ExchangeFactory(config=self._course.config)
        authenticator = Authenticator(config=self._course.config)
        factory.ReleaseFeedback(coursedir=directory, authenticator=authenticator, parent=factory).start()
        if is_invisible(self._course.submitted_folder(student, self._assignment)):
            self._report(student, INVISIBLE_MESSAGE.format(folder=folder))

    def add(self, student: str, entry: Returned) -> None:
        """Remember that a submission was returned, or returned again. The caller has locked the submission's folder."""
        file = _file(self._course, self._assignment, student)
        entries = read_returned(self._course, self._assignment, student)
        if not entries and file.exists():
            self._report(student, f"{file} was damaged, so attempts start anew")
        known = next((own for own in entries if own.is_of(entry.time, entry.files)), None)
        # an older list does not say when it was first returned
        added = replace(entry, first_returned=(known.first_returned or known.time) if known else format_time(now()))
        entries = [added if own is known else own for own in entries] if known else [*entries, added]
        write_atomically(file, json.dumps([*map(asdict, entries)], indent=1))

    def has(self, record: Record) -> bool:
        """Whether the submission with this record has been returned."""
        returned = read_returned(self._course, self._assignment, record.student)
        return any(entry.key == record.key for entry in returned)


def read_returned(course: Course, assignment: str, student: str) -> list[Returned]:
    """List the returned submissions of a student, each once. A damaged list is empty: attempts, too, start anew."""
    try:
        saved = json.loads(_file(course, assignment, student).read_text("utf-8"))
        return [Returned.from_json(entry) for entry in saved]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _file(course: Course, assignment: str, student: str) -> Path:
    return course.records_folder / assignment / RETURNED / f"{student}.json"
