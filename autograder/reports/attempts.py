"""How often a student handed in and got feedback, and how often a watch still gives it: ``c.Watch.max_attempts``.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: one that exceeds them is graded at the due date.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..course import Course, CourseError
from ..grading.arrivals import format_time
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.admission import parse_time
from .returns import read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs


@dataclass(frozen=True)
class Attempts:
    """The submissions of a student for which a watch returned feedback."""

    used: int
    allowed: int | None = None  # None without a limit
    next_at: datetime | None = None  # when the watch grades the next submission, in UTC; None: at once

    @property
    def left(self) -> int | None:
        """How many more submissions get feedback at once. None without a limit."""
        return None if self.allowed is None else max(self.allowed - self.used, 0)


def attempts_of(course: Course, assignment: str, student: str) -> Attempts:
    """Count the attempts of a student.

    Raise CourseError if ``c.Watch.max_attempts`` or ``c.Watch.seconds_between`` is not a number, nor numbers by
    assignment.
    """
    allowed = _setting(course, assignment, "max_attempts", None)
    seconds = _setting(course, assignment, "seconds_between", 0)
    returned = read_returned(course, assignment, student)
    # Not those of the submissions, which a student may be able to set. The times sort as texts: a watch asks for each
    # student twice a second, and to read one takes 0.1 ms.
    times = (entry.first_returned or entry.time for entry in returned)
    latest = parse_time(max(times, default="")) if seconds else None
    next_at = latest + timedelta(seconds=seconds) if latest else None
    return Attempts(len(returned), None if allowed is None else int(allowed), next_at)


def _setting(course: Course, assignment: str, name: str, default: float | None) -> Any:
    """Read a setting of ``c.Watch``: a number, or numbers by assignment, with "*" for all others."""
    value = course.config.Watch.get(name, default)
    if isinstance(value, Mapping):
        value = value.get(assignment, value.get("*", default))
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        example = f'{{"{assignment}": 20, "*": 10}}'
        raise CourseError(f"c.Watch.{name} in nbgrader_config.py: write a number, or numbers by assignment: {example}")
    return value


class Pace:
    """When a watch grades a new submission of a student."""

    def __init__(self, course: Course, assignment: str, report: Callable[[str, str], None]):
        self._course, self._assignment, self._report = course, assignment, report
        has_limit = _setting(course, assignment, "max_attempts", None) is not None
        self._is_limited = has_limit or _setting(course, assignment, "seconds_between", 0) > 0
        self._due_dates, self._read_at = DueDates(), float("-inf")
        self._reported: set[tuple[str, str]] = set()

    def phase(self, student: str) -> object:
        """What changes when the student's next submission may be graded. A watch then looks at it again."""
        if not self._is_limited:
            return None
        attempts, due, present = attempts_of(self._course, self._assignment, student), self._due(student), now()
        is_late = attempts.left == 0 and due is not None and present >= due
        return attempts.left == 0, bool(attempts.next_at and present < attempts.next_at), is_late

    def admitted(self, student: str, times: Sequence[datetime | None], files: str = "") -> list[datetime | None]:
        """Find the submissions that may be graded now. One whose feedback was returned before does not count again.

        They are named by the times in UTC at which they were submitted, the oldest first; None if that is unknown.
        After the due date, the last one that was on time is among them, whatever the limit. `files` is a hash of the
        files of the only one. It is empty if they are not read yet, as in the exchange, where no student can hand in
        twice at one time.
        """
        if not self._is_limited:
            return list(times)
        attempts = attempts_of(self._course, self._assignment, student)
        returned = read_returned(self._course, self._assignment, student)

        def is_new(submitted: datetime | None) -> bool:
            text = format_time(submitted) if submitted else ""
            return not any(entry.is_of(text, files) for entry in returned)

        new = [submitted for submitted in times if is_new(submitted)]
        known = [submitted for submitted in times if submitted not in new]
        if attempts.left == 0:
            due = self._due(student)
            on_time = [submitted for submitted in times if due and (submitted is None or submitted <= due)]
            if new:
                when = "at the due date" if new[-1] in on_time else "when you collect and grade it"
                self._report_limit(student, attempts, when)
            new = on_time[-1:] if due and now() >= due else []
        elif attempts.next_at and now() < attempts.next_at:
            new = []
        return [submitted for submitted in times if submitted in known or submitted in new]

    def _report_limit(self, student: str, attempts: Attempts, when: str) -> None:
        line = f"has used {attempts.used} of {attempts.allowed} attempts: the latest submission is graded {when}"
        if (student, when) not in self._reported:
            self._reported.add((student, when))
            self._report(student, line)

    def _due(self, student: str) -> datetime | None:
        if time.monotonic() > self._read_at + DUE_DATES_SECONDS:
            self._read_at = time.monotonic()
            with self._course.gradebook() as gradebook:
                self._due_dates = read_due_dates(gradebook, self._assignment)
        return self._due_dates.of(student)
