"""Which submissions of a student a watch grades now, if the attempts are limited."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..course import Course
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.times import format_time
from .attempts import AttemptLimits
from .returns import read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs


@dataclass(frozen=True)
class Gradable:
    """The submissions of a student that may be graded now, by the times in UTC at which they were submitted."""

    times: list[datetime | None]
    excess_until: str = ""  # when the latest new one beyond the limit is graded, for a person; empty if there is none


class Pace:
    """When a watch grades a new submission of a student."""

    def __init__(self, course: Course, assignment: str):
        self._course, self._assignment = course, assignment
        self._limits = AttemptLimits.read(course, assignment)
        self._due_dates, self._read_at = DueDates(), float("-inf")

    def phase(self, student: str) -> object:
        """What changes when the student's next submission may be graded. A watch then looks at it again."""
        if not self._limits.is_limited:
            return None
        attempts = self._limits.count(read_returned(self._course, self._assignment, student))
        due, present = self._due(student), now()
        is_late = attempts.left == 0 and due is not None and present >= due
        return attempts.left == 0, bool(attempts.next_at and present < attempts.next_at), is_late

    def gradable(self, student: str, times: Sequence[datetime | None], files: str = "") -> Gradable:
        """Find the submissions that may be graded now. One whose feedback was returned before does not count again.

        They are named by the times in UTC at which they were submitted, the oldest first; None if that is unknown.
        After the due date, the last one that was on time is among them, whatever the limit. `files` is a hash of the
        files of the only one. It is empty if they are not read yet, as in the exchange.
        """
        if not self._limits.is_limited:
            return Gradable(list(times))
        returned = read_returned(self._course, self._assignment, student)
        attempts = self._limits.count(returned)

        def is_new(submitted: datetime | None, files: str = files) -> bool:
            text = format_time(submitted) if submitted else ""
            return not any(entry.is_of(text, files) for entry in returned)

        new = [submitted for submitted in times if is_new(submitted)]
        allowed, excess_until = new, ""
        if attempts.left == 0:
            due = self._due(student)
            on_time = [submitted for submitted in times if due and (submitted is None or submitted <= due)]
            # Of submissions that state the same time, the due date allows one.
            last = [submitted for submitted in on_time[-1:] if submitted is None or is_new(submitted, "")]
            allowed = last if due and now() >= due else []
            if new:
                excess_until = "at the due date" if new[-1] in on_time else "when you collect and grade it"
        elif attempts.next_at and now() < attempts.next_at:
            allowed = []
        gradable = [submitted for submitted in times if submitted not in new or submitted in allowed]
        return Gradable(gradable, excess_until)

    def _due(self, student: str) -> datetime | None:
        if time.monotonic() > self._read_at + DUE_DATES_SECONDS:
            self._read_at = time.monotonic()
            with self._course.gradebook() as gradebook:
                self._due_dates = read_due_dates(gradebook, self._assignment)
        return self._due_dates.of(student)
