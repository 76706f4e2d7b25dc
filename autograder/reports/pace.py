"""Which submissions of a student a watch grades now, if the attempts are limited."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..course import Course
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.times import format_time
from .attempts import AttemptLimits, Attempts
from .returns import Returned, read_returned

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

    def phase(self, student: str) -> tuple[bool, bool, bool]:
        """What changes when the student's next submission may be graded. A watch then looks at it again."""
        if not self._limits.is_limited:
            return False, False, False
        attempts = self._limits.count(read_returned(self._course, self._assignment, student))
        return attempts.is_used_up, _must_wait(attempts), attempts.is_used_up and self._is_past_due(student)

    def find_gradable(self, student: str, times: Sequence[datetime | None], files: str = "") -> Gradable:
        """Find the submissions that may be graded now. One whose feedback was returned before does not count again.

        They are named by the times in UTC at which they were submitted, the oldest first; None if that is unknown.
        After the due date, the last one that was on time is among them, whatever the limit. `files` is a hash of the
        files of the only one. It is empty if they are not read yet, as in the exchange.
        """
        returned = read_returned(self._course, self._assignment, student)
        attempts = self._limits.count(returned)
        new = [submitted for submitted in times if _is_new(submitted, files, returned)]
        if not new or not (attempts.is_used_up or _must_wait(attempts)):
            return Gradable(list(times))
        allowed, excess_until = [], ""
        if attempts.is_used_up:
            due = self._due(student)
            on_time = [submitted for submitted in times if due and (submitted is None or submitted <= due)]
            excess_until = "at the due date" if new[-1] in on_time else "when you collect and grade it"
            if self._is_past_due(student):
                # Of submissions that state the same time, the due date allows one.
                allowed = [last for last in on_time[-1:] if last is None or _is_new(last, "", returned)]
        return Gradable([each for each in times if each not in new or each in allowed], excess_until)

    def _is_past_due(self, student: str) -> bool:
        due = self._due(student)
        return due is not None and now() >= due

    def _due(self, student: str) -> datetime | None:
        if time.monotonic() > self._read_at + DUE_DATES_SECONDS:
            self._read_at = time.monotonic()
            with self._course.gradebook() as gradebook:
                self._due_dates = read_due_dates(gradebook, self._assignment)
        return self._due_dates.of(student)


def _is_new(submitted: datetime | None, files: str, returned: Sequence[Returned]) -> bool:
    text = format_time(submitted) if submitted else ""
    return not any(entry.is_of(text, files) for entry in returned)


def _must_wait(attempts: Attempts) -> bool:
    return attempts.next_at is not None and now() < attempts.next_at
