"""How often a student handed in and got feedback, and which submissions a watch grades now.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: one that exceeds them is graded at the due date.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from ..course import Course, CourseError
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.times import format_time, parse_time
from .returned_list import Returned, read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs
MAX_SETTING = 1e9  # attempts, or seconds: about 30 years, and no later time need be a date


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

        Raise CourseError if one of them is neither a number nor numbers by assignment, or if attempts are not whole.
        """
        number = _setting(course, assignment, "max_attempts", is_whole=True)
        seconds = _setting(course, assignment, "seconds_between", is_whole=False)
        return cls(None if number is None else int(number), seconds or 0)

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self.max_attempts is not None or self.seconds_between > 0

    def count(self, returned: Sequence[Returned]) -> Attempts:
        """Count the attempts of a student whose feedback for these submissions was returned."""
        # A student may be able to set the times of the submissions, so the grader's clock counts. Times
        # sort as texts: a watch asks for each student twice a second, and to read one takes 0.1 ms.
        times = (entry.first_returned for entry in returned)
        latest = parse_time(max(times, default="")) if self.seconds_between else None
        next_at = latest + timedelta(seconds=self.seconds_between) if latest else None
        return Attempts(len(returned), self.max_attempts, next_at)


def _setting(course: Course, assignment: str, name: str, is_whole: bool) -> float | None:
    """Read a setting of ``c.Watch``: a number, or numbers by assignment, with "*" for all others."""
    value = course.config.Watch.get(name)
    if isinstance(value, Mapping):
        value = value.get(assignment, value.get("*"))
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SETTING
    if value is None:
        return None
    if is_number and not (is_whole and value % 1):
        return float(value)
    kind, example = "a whole number" if is_whole else "a number", f'{{"{assignment}": 20, "*": 10}}'
    raise CourseError(f"c.Watch.{name} in nbgrader_config.py: write {kind}, or numbers by assignment: {example}")


def attempts_of(course: Course, assignment: str, student: str) -> Attempts:
    """Count the attempts of a student. Raise CourseError as `AttemptLimits.read` does."""
    return AttemptLimits.read(course, assignment).count(read_returned(course, assignment, student))


class Candidate(NamedTuple):
    """A submission that a watch may grade."""

    time: datetime | None  # when it was submitted, in UTC; None if that is unknown
    files: str | None = None  # a hash of its files; None if they are not read yet, as in the exchange

    def is_new(self, returned: Sequence[Returned]) -> bool:
        """Whether it got no feedback yet. If its files are not read yet, its time decides."""
        text = format_time(self.time) if self.time else ""
        return not any(entry.is_of(text, self.files or "") for entry in returned)


@dataclass(frozen=True)
class Gradable:
    """The submissions of a student that may be graded now, by the times in UTC at which they were submitted."""

    times: list[datetime | None]  # also of those that got feedback: they may be graded again, and do not count again
    when_excess_is_graded: str = ""  # for a person, if the latest new one is beyond the limit


class Phase(NamedTuple):
    """What decides whether the next submission of a student is graded: if it changes, a watch looks again."""

    is_used_up: bool = False
    must_wait: bool = False
    is_past_due: bool = False  # looked up only if no attempt is left


class Pace:
    """Decides which submissions of a student a watch grades now."""

    def __init__(self, course: Course, assignment: str):
        self._course, self._assignment = course, assignment
        self._limits = AttemptLimits.read(course, assignment)
        self._due_dates, self._read_at = DueDates(), float("-inf")

    def phase(self, student: str) -> Phase:
        """Return the phase of a student now."""
        if not self._limits.is_limited:  # a watch asks twice a second: read no file for nothing
            return Phase()
        attempts = self._limits.count(read_returned(self._course, self._assignment, student))
        return Phase(attempts.is_used_up, attempts.must_wait, attempts.is_used_up and self._is_past_due(student))

    def find_gradable(self, student: str, submissions: Sequence[Candidate]) -> Gradable:
        """Find the submissions that may be graded now, of some with the oldest first.

        One whose feedback was returned before does not count again. While an attempt is left, all new ones may be
        graded: a turn grades one of them, and the next turn asks again. They wait until the pause after an attempt is
        over. If no attempt is left, the last one that was on time is graded after the due date.
        """
        returned = read_returned(self._course, self._assignment, student)
        attempts = self._limits.count(returned)
        new = [each for each in submissions if each.is_new(returned)]
        held_back, when = (new if attempts.must_wait else []), ""
        if new and attempts.is_used_up:
            last, is_past_due = _last_on_time(submissions, self._due(student), returned), self._is_past_due(student)
            held_back = [each for each in new if not (is_past_due and each == last)]
            when = _when_excess_is_graded(new[-1], last, is_past_due)
        return Gradable([each.time for each in submissions if each not in held_back], when)

    def _is_past_due(self, student: str) -> bool:
        due = self._due(student)
        return due is not None and now() >= due

    def _due(self, student: str) -> datetime | None:
        if time.monotonic() > self._read_at + DUE_DATES_SECONDS:
            self._read_at = time.monotonic()
            with self._course.gradebook() as gradebook:
                self._due_dates = read_due_dates(gradebook, self._assignment)
        return self._due_dates.of(student)


def _last_on_time(
    submissions: Sequence[Candidate], due: datetime | None, returned: Sequence[Returned]
) -> Candidate | None:
    """Find the submission that the due date allows although no attempt is left: the last one on time, if it is new."""
    on_time = [each for each in submissions if due and (each.time is None or each.time <= due)]
    if not on_time:
        return None
    # A student may give other files the time of a submission that got feedback, so its time decides whether it is new.
    # Without a time, as in a folder that a person has copied, only the files can.
    last = on_time[-1]
    known_by = last if last.time is None else Candidate(last.time)
    return last if known_by.is_new(returned) else None


def _when_excess_is_graded(latest: Candidate, last_on_time: Candidate | None, is_past_due: bool) -> str:
    """When the latest new submission is graded if no attempt is left; empty if that is now."""
    if latest != last_on_time:
        return "when you collect and grade it"
    return "" if is_past_due else "at the due date"
