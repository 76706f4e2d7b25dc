"""How often a student handed in and got feedback, and which submissions a watch grades now.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: one that exceeds them is graded at the due date.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..course import Course, CourseError
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.times import format_time, parse_time
from .returned_feedback import Returned, read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs


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
        return self.next_at is not None and now() < self.next_at


@dataclass(frozen=True)
class AttemptLimits:
    """How many submissions of a student get feedback at once, and how soon after each other."""

    max_attempts: int | None  # None without a limit
    seconds_between: float

    @classmethod
    def read(cls, course: Course, assignment: str) -> "AttemptLimits":
        """Read ``c.Watch.max_attempts`` and ``c.Watch.seconds_between``.

        Raise CourseError if one of them is not a number, nor numbers by assignment.
        """
        number = _setting(course, assignment, "max_attempts")
        seconds = _setting(course, assignment, "seconds_between")
        return cls(None if number is None else int(number), seconds or 0)

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self.max_attempts is not None or self.seconds_between > 0

    def count(self, returned: Sequence[Returned]) -> Attempts:
        """Count the attempts of a student whose feedback for these submissions was returned."""
        # A student may be able to set the times of the submissions, so the grader's clock counts, if known. Times
        # sort as texts: a watch asks for each student twice a second, and to read one takes 0.1 ms.
        times = (entry.first_returned or entry.time for entry in returned)
        latest = parse_time(max(times, default="")) if self.seconds_between else None
        next_at = latest + timedelta(seconds=self.seconds_between) if latest else None
        return Attempts(len(returned), self.max_attempts, next_at)


def _setting(course: Course, assignment: str, name: str) -> float | None:
    """Read a setting of ``c.Watch``: a number, or numbers by assignment, with "*" for all others."""
    value = course.config.Watch.get(name)
    if isinstance(value, Mapping):
        value = value.get(assignment, value.get("*"))
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value >= 0):
        return value
    example = f'{{"{assignment}": 20, "*": 10}}'
    raise CourseError(f"c.Watch.{name} in nbgrader_config.py: write a number, or numbers by assignment: {example}")


def attempts_of(course: Course, assignment: str, student: str) -> Attempts:
    """Count the attempts of a student. Raise CourseError as `AttemptLimits.read` does."""
    return AttemptLimits.read(course, assignment).count(read_returned(course, assignment, student))


@dataclass(frozen=True)
class Gradable:
    """The submissions of a student that may be graded now, by the times in UTC at which they were submitted."""

    times: list[datetime | None]  # also of those that got feedback: they may be graded again, and do not count again
    when_excess_is_graded: str = ""  # for a person, if the latest new one is beyond the limit


class Pace:
    """Decides which submissions of a student a watch grades now."""

    def __init__(self, course: Course, assignment: str):
        self._course, self._assignment = course, assignment
        self._limits = AttemptLimits.read(course, assignment)
        self._due_dates, self._read_at = DueDates(), float("-inf")

    def phase(self, student: str) -> object:
        """What changes when the next submission of a student may be graded: a watch then looks at it again."""
        if not self._limits.is_limited:  # a watch asks twice a second: read no file for nothing
            return None
        attempts = self._limits.count(read_returned(self._course, self._assignment, student))
        return attempts.is_used_up, attempts.must_wait, attempts.is_used_up and self._is_past_due(student)

    def find_gradable(self, student: str, times: Sequence[datetime | None], files: str = "") -> Gradable:
        """Find the submissions that may be graded now. One whose feedback was returned before does not count again.

        While an attempt is left, all new ones may be graded: a turn grades one of them, and the next turn asks again.
        They wait until the pause after an attempt is over. If no attempt is left, the last one that was on time is
        graded after the due date. `times`: when they were submitted, in UTC, the oldest first; None if that is unknown.
        `files`: a hash of the files of the only one; empty if they are not read yet, as in the exchange.
        """
        returned = read_returned(self._course, self._assignment, student)
        attempts = self._limits.count(returned)
        new = [submitted for submitted in times if _is_new(submitted, files, returned)]
        if not (new and attempts.is_used_up):
            held_back = new if attempts.must_wait else []
            return Gradable([submitted for submitted in times if submitted not in held_back])
        due, is_past_due = self._due(student), self._is_past_due(student)
        on_time = [submitted for submitted in times if submitted is None or submitted <= due] if due else []
        # Other files with the time of one that got feedback are no other submission: a student may have set the time.
        # Without a time, as in a folder that a person has copied, they are: if not new, they are not held back.
        allowed = [last for last in on_time[-1:] if is_past_due and (last is None or _is_new(last, "", returned))]
        held_back = [submitted for submitted in new if submitted not in allowed]
        if new[-1] not in held_back:
            when = ""
        elif new[-1] in on_time and not is_past_due:
            when = "at the due date"
        else:
            when = "when you collect and grade it"
        return Gradable([submitted for submitted in times if submitted not in held_back], when)

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
    """Whether it got no feedback yet. If there may be several, `files` is empty, which fits all."""
    text = format_time(submitted) if submitted else ""
    return not any(entry.is_of(text, files) for entry in returned)
