"""Which submissions of a student a watch grades now, if the attempts are limited."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ..course import Course
from ..grading.due_dates import DueDates, now, read_due_dates
from ..submissions.times import format_time
from .attempts import AttemptLimits, Attempts
from .returned_feedback import Returned, read_returned

DUE_DATES_SECONDS = 5.0  # between two looks at the due dates, which may change while a watch runs


@dataclass(frozen=True)
class Gradable:
    """The submissions of a student that may be graded now, by the times in UTC at which they were submitted."""

    times: list[datetime | None]  # also of those that got feedback: they may be graded again, and do not count again
    when_excess_is_graded: str = ""  # for a person, if the latest new one is beyond the limit


class Phase(NamedTuple):
    """What changes when the student's next submission may be graded. A watch then looks at it again."""

    is_used_up: bool = False  # no attempt is left
    must_wait: bool = False  # the next attempt is not open yet
    is_over: bool = False  # no attempt is left, and the due date has passed


class Pace:
    """Decides which submissions of a student a watch grades now."""

    def __init__(self, course: Course, assignment: str):
        self._course, self._assignment = course, assignment
        self._limits = AttemptLimits.read(course, assignment)
        self._due_dates, self._read_at = DueDates(), float("-inf")

    def phase(self, student: str) -> Phase:
        """The phase of a student. It is always the same if the attempts are not limited."""
        if not self._limits.is_limited:  # a watch asks twice a second: read no file for nothing
            return Phase()
        attempts = self._limits.count(read_returned(self._course, self._assignment, student))
        return Phase(attempts.is_used_up, _must_wait(attempts), attempts.is_used_up and self._is_past_due(student))

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
            held_back = new if _must_wait(attempts) else []
            return Gradable([submitted for submitted in times if submitted not in held_back])
        at_due_date, is_past_due = self._gradable_at_due_date(student, times), self._is_past_due(student)
        allowed = _last_if_new(at_due_date, returned) if is_past_due else []
        held_back = [submitted for submitted in new if submitted not in allowed]
        when = _when_excess_is_graded(new[-1], at_due_date, is_past_due) if new[-1] in held_back else ""
        return Gradable([submitted for submitted in times if submitted not in held_back], when)

    def _gradable_at_due_date(self, student: str, times: Sequence[datetime | None]) -> list[datetime | None]:
        """The submissions that were on time; an unknown time counts as on time. Empty without a due date."""
        due = self._due(student)
        return [submitted for submitted in times if submitted is None or submitted <= due] if due else []

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


def _last_if_new(at_due_date: list[datetime | None], returned: Sequence[Returned]) -> list[datetime | None]:
    """The last submission that was on time, unless it got feedback. It may exceed the limit after the due date.

    Other files of its time do not make it another one, because a student may have set the time. Without a time, as in a
    folder that a person has copied, they do. Then it is always returned: if its files are not new, it is not held back.
    """
    return [last for last in at_due_date[-1:] if last is None or _is_new(last, "", returned)]


def _when_excess_is_graded(submitted: datetime | None, at_due_date: list[datetime | None], is_past_due: bool) -> str:
    """When a submission beyond the limit is graded, for a person."""
    return "at the due date" if submitted in at_due_date and not is_past_due else "when you collect and grade it"


def _must_wait(attempts: Attempts) -> bool:
    return attempts.next_at is not None and now() < attempts.next_at
