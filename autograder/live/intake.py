"""Collect what arrives for a watch: submissions in nbgrader's exchange, or in a shared folder.

A refusal is a fact about files, and kept as long as they are the same. Only what cannot be read is tried again every
`RETRY_SECONDS`: the machine may be at fault.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from ..course import Course
from ..course_settings import reporting_course_errors
from ..grading import drop_folder
from ..grading.arrivals import Arrival, group_by_student, read_arrivals
from ..grading.boundary import Boundary
from ..grading.collector import Collector
from ..grading.refused_folder import report_refusal
from ..submissions.bounded_walk import walk
from ..submissions.refusals import Problem, Refused
from .turns import RETRY_SECONDS

Report = Callable[[str, str], None]  # called with a student, or a path in the folder or exchange, and a line about it
MAX_READ = 20  # submissions of a student in the exchange, at a look: one with 2000 files takes 20 ms


class FileState(NamedTuple):
    """What tells that a file was added, exchanged or changed.

    The inode tells files apart that have the same name in different folders.
    """

    name: str
    size: int  # in bytes
    stated_time: int  # in nanoseconds (mtime)
    inode: int


@dataclass(frozen=True)
class StudentState:
    """What a student's submissions look like from outside."""

    arrivals: list[Arrival]  # those in the exchange that can be collected, the oldest first
    files: frozenset[FileState]  # of `submitted/`


@dataclass(frozen=True)
class _RefusedDrop:
    """A student's files in a shared folder that were refused."""

    version: frozenset[tuple[str, int, int, int]]  # of the files (`Drop.version`)
    problem: Problem
    time: float  # of `time.monotonic`

    def still_holds_of(self, drop: drop_folder.Drop) -> bool:
        """Whether a drop need not be read again: it has the same files, and another try is not due."""
        is_retried = self.problem is Problem.UNREADABLE and time.monotonic() - self.time >= RETRY_SECONDS
        return drop.version == self.version and not is_retried


class _SharedFolder:
    """A folder that holds the submissions of the students (see `drop_folder.read_drops`)."""

    def __init__(self, course: Course, assignment: str, path: Path, report: Report):
        self._path = path
        self._course, self._assignment, self._report = course, assignment, report
        self._boundary = Boundary(report)
        self._refused: dict[str, _RefusedDrop] = {}  # by student
        self._left_out: dict[Path, str] = {}  # notebooks and folders that were reported, with the reason

    @property
    def has_failures(self) -> bool:
        """Whether something in the folder was not copied."""
        return bool(self._boundary.failures or self._refused or self._left_out)

    def copy(self, is_busy: Callable[[str], bool]) -> bool:
        """Copy what has arrived into `submitted/`. Return whether files are still being written."""
        drops, left_out = drop_folder.read_drops(self._course, self._assignment, self._path)
        for path, reason in sorted(left_out.items() - self._left_out.items()):
            self._report(str(path.relative_to(self._path)), f"left out: {reason}")
        self._left_out = left_out
        for student in (self._refused.keys() | self._boundary.failures.keys()) - {drop.student for drop in drops}:
            self._refused.pop(student, None)  # the files have been taken away
            self._boundary.forget(student)
        for drop in drops:
            if drop.is_complete and not is_busy(drop.student):  # a submission in work is locked
                with self._boundary.around(drop.student):
                    self._copy_drop(drop)
                    self._boundary.forget(drop.student)
        return not all(drop.is_complete for drop in drops)

    def _copy_drop(self, drop: drop_folder.Drop) -> None:
        refused = self._refused.get(drop.student)
        if refused and refused.still_holds_of(drop):  # else it would be read twice a second
            return
        try:
            drop_folder.collect_drop(self._course, self._assignment, drop)
            self._refused.pop(drop.student, None)
        except Refused as refusal:
            self._refused[drop.student] = _RefusedDrop(drop.version, refusal.problem, time.monotonic())
            self._report(drop.student, f"refused: {refusal.problem}")


class _Exchange:
    """nbgrader's exchange. The thread of the watch calls `read`, those of the students' turns call `collect`."""

    def __init__(self, course: Course, assignment: str, report: Report):
        with reporting_course_errors():
            directory = course.directory_with(assignment_id=assignment)
            self._collector = Collector(coursedir=directory, config=course.config)
        self.is_readable = self._collector.has_inbound
        self._root, self._assignment, self._report = course.root, assignment, report
        self._known: dict[str, Arrival] = {}  # by folder: those that were read last
        # Those that had another time or problem when they were collected. A deque, because several threads append.
        self._changed: deque[Arrival] = deque()
        self._last_retry = time.monotonic()  # when the unreadable ones were last forgotten
        # By folder. No error is forgotten: where the reason could not be written, the refusal remains a failure.
        self._boundary = Boundary(report)
        self._has_refused = False  # whether one was refused for the first time since this watch began

    @property
    def has_failures(self) -> bool:
        """Whether something was refused for the first time, or the reason could not be written."""
        return self._has_refused or bool(self._boundary.failures)

    def read(self) -> tuple[dict[str, list[Arrival]], set[str]]:
        """Read the submissions that can be collected, by student, the oldest first. Those refused are reported.

        Return also the students of whom not all are read yet.
        """
        self._update_known()
        inbound, check_owner = self._collector.inbound, self._collector.check_owner
        found = read_arrivals(inbound, self._assignment, check_owner=check_owner, known=self._known, max_read=MAX_READ)
        self._known = {arrival.folder.name: arrival for arrival in found}
        usable, refused = group_by_student(found)
        for arrival in refused:
            with self._boundary.around(arrival.folder.name):
                if report_refusal(self._root, arrival):
                    self._has_refused = True
                    line = f"refused, handed in by the account {arrival.owner}: {arrival.problem}"
                    self._report(arrival.student, line)
        return usable, {arrival.student for arrival in found if arrival.is_left}

    def _update_known(self) -> None:
        """Take over what `collect` has found out, and forget the unreadable ones when they are to be read again."""
        while self._changed:
            arrival = self._changed.popleft()
            self._known[arrival.folder.name] = arrival
        if (now := time.monotonic()) - self._last_retry >= RETRY_SECONDS:
            self._last_retry = now
            self._known = {name: each for name, each in self._known.items() if each.problem is not Problem.UNREADABLE}

    def collect(self, arrival: Arrival) -> Problem | None:
        """Put a submission into `submitted/`. Return the problem if it is refused."""
        try:
            copied = self._collector.put_into_submitted(arrival)
        except Refused as refusal:
            refused = replace(arrival, problem=refusal.problem)
            if refusal.problem is Problem.UNREADABLE:
                self._changed.append(refused)  # the next look reports it
            else:
                if report_refusal(self._root, refused):  # no `|=`: it would undo what another thread sets meanwhile
                    self._has_refused = True
                self._report(arrival.student, f"refused: {refusal.problem}")  # also if not new: this was a new try
            return refusal.problem
        if copied.time != arrival.time:
            self._changed.append(copied)
        return None


class Intake:
    """Finds what has arrived, and collects it into `submitted/`.

    Submissions come from a shared folder, or from the exchange, if the course has one that can be read.
    """

    def __init__(self, course: Course, assignment: str, folder: Path | None, report: Report):
        self.is_settling = False  # whether files were still being written, or not all read, when it last looked
        self._course, self._assignment = course, assignment
        self._shared = _SharedFolder(course, assignment, folder, report) if folder else None
        exchange = None if folder else _Exchange(course, assignment, report)
        self._exchange = exchange if exchange and exchange.is_readable else None
        self.has_exchange = self._exchange is not None
        self.source = str(folder or ("the exchange" if self.has_exchange else "submitted/"))  # for a person
        self._boundary = Boundary(report)  # around each student's files in `submitted/`

    @property
    def has_failures(self) -> bool:
        """Whether something that arrived was not collected."""
        sources = (self._shared, self._exchange)
        return bool(self._boundary.failures) or any(source.has_failures for source in sources if source)

    def look(self, is_busy: Callable[[str], bool]) -> dict[str, StudentState]:
        """Look once. The files of a shared folder are copied.

        The submission of a student who `is_busy` is being graded, and must not be replaced now. Return the states by
        student. `is_settling` is set if some are left out: files are still being written, or not all are read yet.
        """
        is_being_written = self._shared is not None and self._shared.copy(is_busy)
        arrivals, unread = self._exchange.read() if self._exchange else ({}, set())
        described: dict[str, StudentState | None] = {}
        for student in sorted({*arrivals, *self._course.students(self._assignment)} - unread):
            if not is_busy(student):
                with self._boundary.around(student):
                    described[student] = self._describe(student, arrivals.get(student, []))
                    self._boundary.forget(student)
        self.is_settling = is_being_written or bool(unread) or None in described.values()
        return {student: state for student, state in described.items() if state is not None}

    def collect(self, arrival: Arrival) -> Problem | None:
        """Put a submission from the exchange into `submitted/`. Return the problem if it is refused."""
        assert self._exchange is not None
        return self._exchange.collect(arrival)

    def _describe(self, student: str, arrivals: list[Arrival]) -> StudentState | None:
        """Describe the submissions of a student. None while files may still be being copied into `submitted/`."""
        files = _read_files(self._course.submitted_folder(student, self._assignment))
        # A person may be copying new files. A drop that this look has copied waits, too. With arrivals, new files are
        # those that `collect` has put there as a whole.
        if drop_folder.is_settling(max(files.values(), default=0.0)) and not arrivals:
            return None
        return StudentState(arrivals, frozenset(files))


def _read_files(submission: Path) -> dict[FileState, float]:
    """The files of a submission, each with the time of its last change (ctime, in seconds)."""
    files = {}
    for folder, _, names in walk(submission):
        for name in names:
            with contextlib.suppress(OSError):  # it was removed meanwhile
                status = (folder / name).lstat()
                state = FileState(name, status.st_size, status.st_mtime_ns, status.st_ino)
                files[state] = status.st_ctime
    return files
