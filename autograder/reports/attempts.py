"""How often a student handed in and got feedback, and how often a watch still gives it.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: one that exceeds them is graded at the due date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..course import Course, CourseError
from ..grading.due_dates import now
from ..submissions.times import parse_time
from .returned_feedback import Returned, read_returned


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
