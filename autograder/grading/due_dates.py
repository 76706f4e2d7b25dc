"""When an assignment is due for a student, extension included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import select

from ..judging.verdict import Verdict


@dataclass(frozen=True)
class DueDates:
    """The due dates of an assignment, in UTC and without a time zone, as nbgrader saves them."""

    general: datetime | None = None  # None if the assignment has no due date
    extensions: Mapping[str, timedelta] = field(default_factory=dict)  # by student

    def of(self, student: str) -> datetime | None:
        """Return when the assignment is due for a student. None if it has no due date."""
        return self.general and self.general + self.extensions.get(student, timedelta())

    @property
    def last(self) -> datetime | None:
        """When the assignment is due for the student with the longest extension. One may also be negative."""
        return self.general and self.general + max([timedelta(), *self.extensions.values()])


def read_due_dates(gradebook: Gradebook, assignment: str) -> DueDates:
    """Read the due dates of an assignment, in a transaction of its own: they may change while a watch runs."""
    extensions = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == assignment, SubmittedAssignment.extension.is_not(None))
    )
    with gradebook.engine.connect() as connection:
        general = connection.execute(select(Assignment.duedate).where(Assignment.name == assignment)).scalar()
        return DueDates(general, dict(connection.execute(extensions).all()))


def now() -> datetime:
    """Return the time in the form of nbgrader's due dates."""
    return datetime.now(UTC).replace(tzinfo=None)


def is_to_come(due: datetime | None) -> bool:
    """Whether a due date has not passed yet."""
    return due is not None and now() < due


def is_saved_date_past(due: str) -> bool:
    """Whether a due date has passed that `format_due_date` wrote. An empty one never does."""
    return bool(due) and due < format_due_date(now())


def format_due_date(due: datetime | None) -> str:
    """Write a due date as a record saves it; empty if there is none."""
    return f"{due:%Y-%m-%d %H:%M:%S} UTC" if due else ""


def letters_due(verdicts: Iterable[Verdict], due: datetime | None) -> str:
    """When letters that wait are judged, as a record saves it. Empty if none wait."""
    return format_due_date(due) if any(verdict.is_received for verdict in verdicts) else ""
