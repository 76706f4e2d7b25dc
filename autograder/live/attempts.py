"""How often a student handed in and got feedback, and which submissions a watch grades now.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: of those that exceed them, the last one on time is graded at the due date.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ..course import Course, CourseError
from ..course_errors import describe_unknown
from ..grading.due_dates import DueDates, is_to_come, read_due_dates
from ..submissions.times import format_time, parse_time
from .returned_list import Returned, read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs
SETTINGS = ("max_attempts", "seconds_between")  # of ``c.Watch``
MAX_SETTING = 10**9  # attempts, or seconds: about 30 years, and no later time need be a date


@dataclass(frozen=True)
class Attempts:
    """The submissions of a student for which a watch returned feedback."""

    used: int
    allowed: int | None = None  # None without a limit
    next_at: datetime | None = None  # when the watch grades the next submission, in UTC; None: at once

    @property
    def is_used_up(self) -> bool:
        """Whether no further submission gets feedback at once."""
        return self.allowed is not None and self.used >= self.allowed

    @property
    def must_wait(self) -> bool:
        """Whether the next submission is not graded yet."""
        return is_to_come(self.next_at)


def attempts_of(course: Course, assignment: str, student: str) -> Attempts:
    """Count the attempts of a student. Raise CourseError as `Pace` does."""
    return Pace(course, assignment).count(read_returned(course, assignment, student))


class Candidate(NamedTuple):
    """A submission that a watch may grade."""

    time: datetime | None  # when it was submitted, in UTC; None if that is unknown
    files: str | None = None  # a hash of its files; None if they are not read yet, as in the exchange

    def is_new(self, returned: Sequence[Returned]) -> bool:
        """Whether it got no feedback yet. If its files are not read yet, its time decides."""
        text = format_time(self.time) if self.time else ""
        return not any(entry.is_of(text, self.files or "") for entry in returned)


class Pace:
    """Decides which submissions of a student a watch grades now. Any thread may ask.

    `report` is called with a student who has used all attempts and hands in again, and a line about it. Raise
    CourseError if a setting of ``c.Watch`` is unknown, or neither a whole number nor one by assignment of the course.
    """

    def __init__(
        self, course: Course, assignment: str, report: Callable[[str, str], None] = lambda student, line: None
    ):
        self._course, self._assignment, self._report = course, assignment, report
        self._max_attempts = _read_setting(course, assignment, "max_attempts")  # None without a limit
        self._seconds_between = _read_setting(course, assignment, "seconds_between") or 0
        self._due_dates, self._read_at = DueDates(), float("-inf")
        self._reported: set[str] = set()  # the students who exceeded the limit

    def count(self, returned: Sequence[Returned]) -> Attempts:
        """Count the attempts of a student whose feedback for these submissions was returned."""
        # A student may be able to set the times of the submissions, so the grader's clock counts. Times
        # sort as texts: a watch asks for each student twice a second, and to read one takes 0.1 ms.
        times = (entry.first_returned for entry in returned)
        latest = parse_time(max(times, default="")) if self._seconds_between else None
        next_at = latest + timedelta(seconds=self._seconds_between) if latest else None
        return Attempts(len(returned), self._max_attempts, next_at)

    def phase(self, student: str) -> object:
        """What decides whether the next submission of a student is graded: if it changes, a watch looks again."""
        if self._max_attempts is None and not self._seconds_between:  # a watch asks often: read no file for nothing
            return None
        attempts = self.count(read_returned(self._course, self._assignment, student))
        return attempts.must_wait, attempts.is_used_up and is_to_come(self._due(student))

    def find_gradable(self, student: str, submissions: Sequence[Candidate]) -> list[Candidate]:
        """Find the submissions that may be graded now, of some with the oldest first.

        One whose feedback was returned before does not count again. While an attempt is left, all new ones may be
        graded: a turn grades one of them, and the next turn asks again. They wait until the pause after an attempt is
        over. If no attempt is left, the last one that was on time is graded after the due date. Report once that the
        latest submission exceeds the limit.
        """
        returned = read_returned(self._course, self._assignment, student)
        attempts = self.count(returned)
        new = [each for each in submissions if each.is_new(returned)]
        held_back = new if attempts.must_wait else []
        if attempts.is_used_up:
            allowed = self._excess_to_grade(student, submissions, returned)
            held_back = [each for each in new if each != allowed]
            if held_back and held_back[-1] == new[-1]:
                self._report_excess(student)
        return [each for each in submissions if each not in held_back]

    def _report_excess(self, student: str) -> None:
        if student not in self._reported:
            self._reported.add(student)
            at_due = ", the last one on time at the due date" if is_to_come(self._due(student)) else ""
            rest = f"further submissions are graded when you collect and grade them{at_due}"
            self._report(student, f"has no attempt left of {self._max_attempts}: {rest}")

    def _excess_to_grade(
        self, student: str, submissions: Sequence[Candidate], returned: Sequence[Returned]
    ) -> Candidate | None:
        """Find the submission to grade although no attempt is left: after the due date, the last one on time if new."""
        due = self._due(student)
        on_time = [each for each in submissions if due and (each.time is None or each.time <= due)]
        if not on_time or is_to_come(due):
            return None
        # A student may give other files the time of a submission that got feedback, so its time decides whether it is
        # new. Without a time, as in a folder that a person has copied, only the files can.
        last = on_time[-1]
        known_by = last if last.time is None else Candidate(last.time)
        return last if known_by.is_new(returned) else None

    def _due(self, student: str) -> datetime | None:
        if time.monotonic() > self._read_at + DUE_DATES_SECONDS:
            with self._course.gradebook() as gradebook:
                self._due_dates = read_due_dates(gradebook, self._assignment)
            self._read_at = time.monotonic()  # only now: several threads may call this
        return self._due_dates.of(student)


def _read_setting(course: Course, assignment: str, name: str) -> int | None:
    """Read a setting of ``c.Watch``: a whole number, or one by assignment, with "*" for all others."""
    value = course.config.Watch.get(name)
    _require_known("setting", course.config.Watch, SETTINGS)
    if isinstance(value, Mapping):
        _require_known("assignment", value, ("*", *course.assignments()))
        value = value.get(assignment, value.get("*"))
    if value is None:
        return None
    if type(value) is int and 0 <= value <= MAX_SETTING:  # `isinstance` would accept True and False
        return value
    example = f'{{"{assignment}": 20, "*": 10}}'
    raise CourseError(f"c.Watch.{name} in nbgrader_config.py: write a whole number, or one by assignment: {example}")


def _require_known(kind: str, names: Mapping[str, object], known: Sequence[str]) -> None:
    """Raise CourseError for a misspelt name, which would be no limit."""
    for name in names:
        if name not in known:
            raise CourseError(f"c.Watch in nbgrader_config.py: {describe_unknown(kind, str(name), known)}")
