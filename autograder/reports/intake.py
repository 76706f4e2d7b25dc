"""What has arrived for a watch: submissions in nbgrader's exchange, or in a shared folder."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..course import Course, reporting_config_errors
from ..grading import drop_folder
from ..grading.arrivals import Arrival, Look, Refusal, choose_latest, read_arrivals
from ..grading.boundary import Boundary
from ..grading.collector import Collector
from ..submissions.copied_files import walk
from ..submissions.refusals import Refused

MAX_READ = 20  # submissions of a student in the exchange, at a look: one with 2000 files takes 20 ms


@dataclass(frozen=True)
class StudentState:
    """What a student's submissions look like from outside."""

    arrivals: list[Arrival]  # those in the exchange that can be collected, the oldest first
    files: frozenset[str]  # names, sizes and times of the files in `submitted/`


class _SharedFolder:
    """A folder that holds the submissions of the students (see `drop_folder.read_drops`)."""

    def __init__(self, course: Course, assignment: str, path: Path, report: Callable[[str, str], None]):
        self.path = path
        self._course, self._assignment, self._report = course, assignment, report
        self._boundary = Boundary(report)
        self._refused: dict[str, object] = {}  # by student: the version of the files
        self._left_out: set[Path] = set()  # notebooks and folders that were reported

    @property
    def has_failures(self) -> bool:
        """Whether something in the folder was not copied."""
        return bool(self._boundary.failures or self._refused or self._left_out)

    def copy(self, is_busy: Callable[[str], bool]) -> bool:
        """Copy what has arrived into `submitted/`. Return whether files are still being written."""
        drops, left_out = drop_folder.read_drops(self._course, self._assignment, self.path)
        for path in left_out.keys() - self._left_out:
            self._report(str(path.relative_to(self.path)), f"left out: {left_out[path]}")
        self._left_out = set(left_out)
        for drop in drops:
            if drop.is_complete and not is_busy(drop.student):  # a submission in work is locked
                with self._boundary.around(drop.student):
                    self._copy_drop(drop)
                    self._boundary.forget(drop.student)
        return not all(drop.is_complete for drop in drops)

    def _copy_drop(self, drop: drop_folder.Drop) -> None:
        if self._refused.get(drop.student) == drop.version:  # a hostile one is not read twice a second
            return
        try:
            drop_folder.collect_drop(self._course, self._assignment, drop)
            self._refused.pop(drop.student, None)
        except Refused as refusal:
            self._refused[drop.student] = drop.version
            self._report(drop.student, f"refused: {refusal.problem}")


class Intake:
    """Finds what has arrived, and collects it into `submitted/`.

    Submissions come from a shared folder, or from the exchange, if the course has one that can be read. `report` is
    called with a student, or a path in the folder, and one line about it.
    """

    def __init__(self, course: Course, assignment: str, folder: Path | None, report: Callable[[str, str], None]):
        self.is_settling = False  # whether files were still being written when it last looked
        self._course, self._assignment, self._report = course, assignment, report
        self._shared = _SharedFolder(course, assignment, folder, report) if folder else None
        self._collector = None if folder else self._make_collector()
        self._last_arrivals: list[Arrival] = []  # in the exchange, at the last look
        self._unread: set[str] = set()  # students of whom not all are read yet
        # By the name of the folder: those that were changed before they were copied. They are kept apart, because
        # `look` replaces the last arrivals while threads collect and add to these.
        self._redated: dict[str, Arrival] = {}
        self._refusal_boundary = Boundary(report)  # by folder; no error is forgotten: a refusal is a failure, too
        self._has_refused_arrival = False  # whether one was refused for the first time since this watch began
        self._state_boundary = Boundary(report)  # around each student's files in `submitted/`

    @property
    def has_exchange(self) -> bool:
        """Whether submissions come from an exchange."""
        return self._collector is not None

    @property
    def has_failures(self) -> bool:
        """Whether something that arrived was not collected."""
        has_refused = self._has_refused_arrival or bool(self._refusal_boundary.failures)
        return has_refused or bool(self._state_boundary.failures) or bool(self._shared and self._shared.has_failures)

    @property
    def source(self) -> str:
        """Where submissions come from, for a person."""
        if self._shared:
            return str(self._shared.path)
        return "the exchange" if self.has_exchange else "submitted/"

    def _make_collector(self) -> Collector | None:
        directory = self._course.directory_of_assignment(self._assignment)
        with reporting_config_errors():
            collector = Collector(coursedir=directory, config=self._course.config)
        collector.inbound_path = os.path.join(collector.root, directory.course_id, "inbound")
        return collector if os.access(collector.inbound_path, os.R_OK | os.X_OK) else None

    def look(self, is_busy: Callable[[str], bool]) -> dict[str, StudentState]:
        """Look once. The files of a shared folder are copied.

        The submission of a student who `is_busy` is being graded, and must not be replaced now. Return the states by
        student, without those whose files are still being written, or whose submissions are not all read yet.
        """
        self.is_settling = self._shared is not None and self._shared.copy(is_busy)
        arrivals = self._read_arrivals()
        self.is_settling |= bool(self._unread)
        states = {}
        for student in sorted({*arrivals, *self._course.students(self._assignment)}):
            if student not in self._unread and not is_busy(student):
                with self._state_boundary.around(student):
                    state = self._describe(student, arrivals.get(student, []))
                    self._state_boundary.forget(student)
                    self.is_settling |= state is None
                    if state is not None:
                        states[student] = state
        return states

    def _describe(self, student: str, arrivals: list[Arrival]) -> StudentState | None:
        """Describe the submissions of a student. None while a person is copying files into `submitted/`."""
        files = set()
        newest = 0.0
        for folder, _, names in walk(self._course.submitted_folder(student, self._assignment)):
            for name in names:
                with contextlib.suppress(OSError):
                    status = (folder / name).lstat()
                    newest = max(newest, status.st_ctime)
                    files.add(f"{name} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
        is_being_copied = drop_folder.is_settling(newest) and not arrivals  # this watch copies arrivals, while busy
        return None if is_being_copied else StudentState(arrivals, frozenset(files))

    def _read_arrivals(self) -> dict[str, list[Arrival]]:
        """Read the submissions in the exchange that can be collected, by student, the oldest first."""
        if self._collector is None:
            return {}
        known = {arrival.folder.name: arrival for arrival in self._last_arrivals}
        known |= self._redated
        self._last_arrivals = found = read_arrivals(
            Path(self._collector.inbound_path),
            self._assignment,
            check_owner=self._collector.check_owner,
            known=known,
            max_read=MAX_READ,
        )
        self._unread = {arrival.student for arrival in found if arrival.look is Look.LEFT}
        _, refused = choose_latest(found)
        self._report_refused(self._collector, refused)
        names = {arrival.folder.name for arrival, _ in refused}
        own: dict[str, list[Arrival]] = {}
        for arrival in found:
            if arrival.look is Look.DONE and arrival.folder.name not in names:
                own.setdefault(arrival.student, []).append(arrival)
        return own

    def _report_refused(self, collector: Collector, refused: Sequence[Refusal]) -> None:
        for arrival, problem in refused:
            with self._refusal_boundary.around(arrival.folder.name):
                if collector.report_refusal(arrival, problem):
                    self._has_refused_arrival = True
                    self._report(arrival.student, f"refused, handed in by the account {arrival.owner}: {problem}")

    def collect(self, arrival: Arrival) -> bool:
        """Put a submission from the exchange into `submitted/`. Return False if it is refused."""
        assert self._collector is not None
        try:
            copied = self._collector.put_into_submitted(arrival)
            if copied.time != arrival.time:
                self._redated[arrival.folder.name] = copied
        except Refused as refusal:
            if self._collector.report_refusal(arrival, refusal.problem):
                self._has_refused_arrival = True  # not `|=`, which could undo what another thread has noted meanwhile
            self._report(arrival.student, f"refused: {refusal.problem}")
            return False
        return True
