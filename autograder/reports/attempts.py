"""How often a student handed in and got feedback, and how often a watch still gives it: ``c.Watch.max_attempts``.

Feedback that arrives at once tells a student who guesses whether the guess was right. The limits make guessing slow,
and no submission is lost by them: one that exceeds them is graded at the due date.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..course import Course, CourseError
from ..grading.arrivals import parse_time
from .returns import RETURNED


@dataclass(frozen=True)
class Attempts:
    """The submissions of a student for which a watch returned feedback.

    Attributes
    ----------
    used : int
    allowed : int or None
        None without a limit.
    next_at : datetime or None
        When the watch grades the next submission, in UTC; None: at once.
    """

    used: int
    allowed: int | None = None
    next_at: datetime | None = None

    @property
    def left(self) -> int | None:
        """How many more submissions get feedback at once. None without a limit."""
        return None if self.allowed is None else max(self.allowed - self.used, 0)


def attempts_of(course: Course, assignment: str, student: str) -> Attempts:
    """Count the attempts of a student.

    Parameters
    ----------
    course : Course
    assignment, student : str

    Returns
    -------
    Attempts

    Raises
    ------
    CourseError
        If ``c.Watch.max_attempts`` or ``c.Watch.seconds_between`` is not a number, nor numbers by assignment.
    """
    allowed = _setting(course, assignment, "max_attempts", None)
    seconds = _setting(course, assignment, "seconds_between", 0)
    times = _times(course, assignment, student)
    latest = max(filter(None, times), default=None)
    next_at = latest + timedelta(seconds=seconds) if latest and seconds else None
    return Attempts(len(times), None if allowed is None else int(allowed), next_at)


def _setting(course: Course, assignment: str, name: str, default: float | None) -> Any:
    """Read a setting of ``c.Watch``: a number, or numbers by assignment, with "*" for all others."""
    value = course.config.Watch.get(name, default)
    if isinstance(value, Mapping):
        value = value.get(assignment, value.get("*", default))
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
        example = f'{{"{assignment}": 20, "*": 10}}'
        raise CourseError(f"c.Watch.{name} in nbgrader_config.py: write a number, or numbers by assignment: {example}")
    return value


def _times(course: Course, assignment: str, student: str) -> list[datetime | None]:
    """When the submissions were handed in whose feedback was returned; None if that is unknown."""
    try:
        file = course.records_folder / assignment / RETURNED / f"{student}.json"
        return [parse_time(entry["time"]) for entry in json.loads(file.read_text())]
    except (OSError, ValueError, TypeError, KeyError):
        return []
