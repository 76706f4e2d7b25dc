"""Collect submissions from nbgrader's exchange: only those that belong to the student whom they name.

``nbgrader collect`` and Formgrader's button use `Collector`, because `nbgrader_config.py` names it.
"""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeCollect
from traitlets import Bool

from ..submissions.plain_text import printable
from ..submissions.refusals import Refused
from .arrivals import Arrival, by_time, collected_time, copy_arrival, group_by_student, read_arrivals
from .boundary import Boundary
from .due_dates import DueDates, read_due_dates
from .locks import locked
from .refused_folder import forget_refusal, report_refusal
from .replacing import replaced_folder


class Collector(ExchangeCollect):
    """Collects the latest submission of each student. What is refused is reported."""

    update = Bool(
        True, help="Replace submissions that were collected before with later ones: a later submission counts."
    ).tag(config=True)

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.usable: dict[str, list[Arrival]] = {}  # by student, the one that counts first
        self.refused: list[Arrival] = []

    def init_src(self) -> None:
        """Find which submissions in the exchange count, and which are refused."""
        if not self.coursedir.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        if not self.has_inbound:
            self.fail(f"{self.inbound} does not exist or cannot be read: release an assignment first")
        assignment, students = self.coursedir.assignment_id, self.coursedir.student_id or "*"
        arrivals = read_arrivals(self.inbound, assignment, students, check_owner=self.check_owner)
        usable, self.refused = group_by_student(arrivals)
        due_dates = DueDates()
        if self.before_duedate:
            with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
                due_dates = read_due_dates(gradebook, assignment)
        self.usable = {student: _order(own, due_dates.of(student)) for student, own in usable.items()}

    @property
    def inbound(self) -> Path:
        """The folder that the students of the course hand in to."""
        return Path(self.root, self.coursedir.course_id, "inbound")

    @property
    def has_inbound(self) -> bool:
        """Whether that folder can be read."""
        return os.access(self.inbound, os.R_OK | os.X_OK)

    def copy_files(self) -> None:
        """Copy what counts and is new, and report what is refused."""
        num_collected = 0
        boundary = Boundary(lambda student, line: self.log.error("%s is not collected: %s", printable(student), line))
        for student, own in self.usable.items():
            with boundary.around(student):
                num_collected += self._collect_first(own)
        for arrival in self.refused:  # also those that `_collect_first` has added
            name = arrival.folder.name
            with boundary.around(name):
                self.log.warning("Refused: %s of the account %s: %s", printable(name), arrival.owner, arrival.problem)
                report_refusal(Path(self.coursedir.root), arrival)
        counts = f"students: {len(self.usable)}, collected now: {num_collected}, refused: {len(self.refused)}"
        self.log.info("%s: submissions of %s", self.coursedir.assignment_id, counts)
        if boundary.failures:
            self.fail(f"Not collected, for the reasons above: {printable(', '.join(boundary.failures))}")

    def put_into_submitted(self, arrival: Arrival) -> Arrival:
        """Put a submission into `submitted/`, in place of the student's last one.

        Return the arrival with the time of what was copied. Raise `Refused` if the submission has changed, and cannot
        be collected as it is now.
        """
        target = self._target(arrival.student)
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target), replaced_folder(target) as draft:  # completely or not at all
            copied = copy_arrival(arrival, draft, max_bytes=1000 * self.coursedir.max_dir_size)
            if self.coursedir.groupshared:
                for path in [draft, *draft.rglob("*")]:
                    path.chmod(0o770 if path.is_dir() else 0o660)
        forget_refusal(Path(self.coursedir.root), arrival)  # an earlier one, under other settings
        return copied

    def _collect_first(self, arrivals: list[Arrival]) -> bool:
        """Collect the first of a student's submissions that is not refused, unless it has been collected before.

        Return whether something was copied.
        """
        for arrival in arrivals:
            if not self._replaces_collected(arrival):
                return False
            try:
                copied = self.put_into_submitted(arrival)
            except Refused as refusal:
                self.refused.append(replace(arrival, problem=refusal.problem))
                continue
            if copied.is_misdated:
                name = printable(copied.folder.name)
                self.log.warning("%s states another time than that of its files: %s counts", name, copied.time)
            self.log.info("Collected the submission of %s", copied.student)
            return True
        return False

    def _replaces_collected(self, arrival: Arrival) -> bool:
        target = self._target(arrival.student)
        known = collected_time(target)
        is_later = self.update and (known is None or arrival.time > known)
        is_other = self.before_duedate and known != arrival.time  # as in nbgrader: an earlier one may count
        return is_later or is_other or not target.is_dir()

    def _target(self, student: str) -> Path:
        directory = self.coursedir
        return Path(directory.format_path(directory.submitted_directory, student, directory.assignment_id))


def _order(arrivals: list[Arrival], due_date: datetime | None) -> list[Arrival]:
    """Order a student's submissions: the latest first, but before it any in time."""
    return sorted(arrivals, key=lambda each: (due_date is None or each.time <= due_date, by_time(each)), reverse=True)
