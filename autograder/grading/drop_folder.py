"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import os
import re
import stat
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from ..course import Course, CourseError
from ..submissions.admission import (
    MAX_DEPTH,
    MAX_ENTRIES,
    NOTEBOOK,
    Admitted,
    Problem,
    admit,
    may_count,
    opened_folder,
    time_of_copy,
)
from .arrivals import TIMESTAMP_FILE, format_time, is_student_name
from .collector import collected_time
from .locks import locked
from .replacing import replaced_folder

SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long
MAX_FILES = 100_000  # files and folders that are looked at in all
MAX_LEFT_OUT = 1000  # of them that are reported


@dataclass
class Drop:
    """The notebooks of one student.

    Attributes
    ----------
    student : str
    folder : Path
        The shared folder.
    uid : int
        The id of the account that the student's own folder belongs to; without one, that of the first file.
    files : dict of str to PurePosixPath
        By the name that the copy gets, where each notebook, and each archive that may contain one, is in the folder.
    statuses : dict of str to os.stat_result
        The status of each of these files.
    is_complete : bool
        False while one of the student's files is still being written.
    """

    student: str
    folder: Path
    uid: int
    files: dict[str, PurePosixPath] = field(default_factory=dict)
    statuses: dict[str, os.stat_result] = field(default_factory=dict)
    is_complete: bool = True

    @property
    def version(self) -> frozenset[tuple[str, int, int, int]]:
        """It differs if a file was added, removed, exchanged or changed."""
        return frozenset((name, s.st_ino, s.st_ctime_ns, s.st_size) for name, s in self.statuses.items())


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder.

    A student's files are all notebooks and zip files in `STUDENT/ASSIGNMENT/`, those in `STUDENT/` whose names contain
    the name of a notebook, and those whose path in the folder fits ``c.FileNameCollectorPlugin.named_regexp``, which
    ``nbgrader zip_collect`` uses, too. Of several files with one name, the one that was written last counts.

    Parameters
    ----------
    course : Course
    assignment : str
    folder : Path

    Returns
    -------
    drops : list of Drop
        Sorted by student.
    left_out : dict of Path to str
        The files whose paths do not show a student and a notebook of the course, and the folders that cannot be
        read. The text says what to do.

    Raises
    ------
    CourseError
        If the folder does not exist, if the pattern has no groups `student_id` and `file_id`, or if its group
        `participant` shows that two participants have the same `student_id`.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder: give an existing folder with --from")
    pattern = _pattern(course)
    names = course.notebooks(assignment)
    other_names = {name for other in course.assignments() for name in course.notebooks(other)} - set(names)
    advice = "name it " + " or ".join(f"STUDENT/{name}.ipynb" for name in names)
    left_out = _LeftOut(folder)
    drops: dict[str, Drop] = {}
    participants: dict[str, str] = {}
    for path, status, uid in _Search(folder, assignment, pattern is not None, left_out).files():
        student, name, participant = _parse(path, assignment, names, pattern)
        if not is_student_name(student) or not name:
            if path.stem not in other_names and not _is_of_another_notebook(path, pattern, other_names):
                left_out.add(path, advice)
            continue
        if participants.setdefault(student, participant) != participant:
            raise CourseError(f"{folder}: two participants are called {student!r}: put their files into own folders")
        drop = drops.setdefault(student, Drop(student, folder.resolve(), uid))
        drop.is_complete &= not is_settling(status.st_mtime)
        if name not in drop.files or status.st_mtime > drop.statuses[name].st_mtime:
            drop.files[name], drop.statuses[name] = path, status
    return [drops[student] for student in sorted(drops)], left_out.reasons


def is_settling(changed: float) -> bool:
    """Whether a file was changed so recently that it may still be being copied. A time in the future does not count."""
    return time.time() - SETTLED_SECONDS < changed <= time.time()


def _pattern(course: Course) -> re.Pattern[str] | None:
    text = course.config.FileNameCollectorPlugin.get("named_regexp", "")
    if not text:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise CourseError(f"c.FileNameCollectorPlugin.named_regexp in nbgrader_config.py: {error}") from error
    if missing := {"student_id", "file_id"} - set(pattern.groupindex):
        raise CourseError(f"c.FileNameCollectorPlugin.named_regexp in nbgrader_config.py has no group {missing.pop()}")
    return pattern


@dataclass
class _LeftOut:
    folder: Path
    reasons: dict[Path, str] = field(default_factory=dict)

    def add(self, path: PurePosixPath, reason: str) -> None:
        """Remember why a file is left out, unless there are so many that nobody would read it."""
        if len(self.reasons) < MAX_LEFT_OUT:
            self.reasons[self.folder / path] = reason


@dataclass
class _Search:
    """Looks for the files of all students. Links are not followed, and no student can make the search take long.

    Without a pattern, only `STUDENT/` and `STUDENT/ASSIGNMENT/` are searched: other folders may hold anything.
    """

    folder: Path
    assignment: str
    searches_all: bool
    left_out: _LeftOut
    count: int = 0

    def files(self) -> Iterator[tuple[PurePosixPath, os.stat_result, int]]:
        """Yield the path of each file, its status, and the owner of the folder or file at the top."""
        with opened_folder(self.folder.resolve()) as root:
            for name, status in self._entries(root, PurePosixPath(), MAX_FILES):
                for path, own in self._files_in(root, PurePosixPath(name), status, self.count + MAX_ENTRIES):
                    yield path, own, status.st_uid

    def _entries(self, folder: int, path: PurePosixPath, last: int) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the sorted names in a folder, and their statuses, while fewer than `last` have been counted."""
        with os.scandir(folder) as entries:
            names = []
            for entry in entries:
                self.count += 1
                if self.count > last:
                    self.left_out.add(path, "it contains too many files and folders: only some of them are read")
                    break
                names.append(entry.name)
        for name in sorted(name for name in names if not name.startswith(".")):
            try:
                yield name, os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:  # removed meanwhile
                continue
            except OSError as error:  # a student can mount a file system there that answers nobody else
                self.left_out.add(path / name, f"it cannot be read: {error.strerror}")

    def _files_in(
        self, folder: int, path: PurePosixPath, status: os.stat_result, last: int
    ) -> Iterator[tuple[PurePosixPath, os.stat_result]]:
        """Yield a file, or the files in a folder that is to be searched."""
        if stat.S_ISDIR(status.st_mode):
            limit = MAX_FILES if self.searches_all else last
            if len(path.parts) > MAX_DEPTH or not (self.searches_all or path.parts[1:2] in ((), (self.assignment,))):
                return
            try:
                with opened_folder(path.name, inside=folder) as inner:
                    for name, inner_status in self._entries(inner, path, limit):
                        yield from self._files_in(inner, path / name, inner_status, limit)
            except PermissionError:
                self.left_out.add(path, "allow your account to read this folder")
            except OSError:  # removed, or exchanged with a link, meanwhile
                return
        elif may_count(path):
            if stat.S_ISREG(status.st_mode):
                yield path, status
            else:
                self.left_out.add(path, Problem.NOT_A_FILE)


def _parse(
    path: PurePosixPath, assignment: str, names: list[str], pattern: re.Pattern[str] | None
) -> tuple[str, str, str]:
    """Find the student, the name of the copy and the participant of a path. All are empty if the path fits nothing."""
    parts = path.parts
    match = pattern.match(path.as_posix()) if pattern else None
    if match and match["file_id"] and is_student_name(match["student_id"] or ""):
        stem = PurePosixPath(match["file_id"]).name.removesuffix(NOTEBOOK)
        name = f"{stem}{path.suffix}" if _resembles(stem, [*names, assignment]) else ""
        return match["student_id"], name, match.groupdict().get("participant") or ""
    if len(parts) > 2 and parts[1] == assignment:
        return parts[0], str(PurePosixPath(*parts[2:])), ""
    if len(parts) == 2 and (path.stem in names or (not pattern and _resembles(path.stem, [*names, assignment]))):
        return parts[0], path.name, ""
    return "", "", ""


def _resembles(stem: str, names: list[str]) -> bool:
    """Whether the name of a file contains that of a notebook: "sigmoid (1)", "Sigmoid-Copy1"."""
    return any(name.casefold() in stem.casefold() for name in names)


def _is_of_another_notebook(path: PurePosixPath, pattern: re.Pattern[str] | None, others: Collection[str]) -> bool:
    match = pattern.match(path.as_posix()) if pattern else None
    return bool(match and PurePosixPath(match["file_id"] or "").name.removesuffix(NOTEBOOK) in others)


def collect_drop(course: Course, assignment: str, drop: Drop) -> bool:
    """Copy the notebooks of a student to `submitted/`, if they are not there yet.

    Parameters
    ----------
    course : Course
    assignment : str
    drop : Drop

    Returns
    -------
    bool
        Whether something was copied.

    Raises
    ------
    Refused
        If the files are not admitted.
    OSError
        If a file cannot be copied.
    """
    target = course.submitted_folder(drop.student, assignment)
    if _files_in_copy(target) == {name: _size_and_time(status) for name, status in drop.statuses.items()}:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target), replaced_folder(target) as draft:
        max_bytes = 1000 * course.directory.max_dir_size
        admitted = admit(drop.folder, draft, max_bytes, _owners(course, drop), paths=drop.files)
        when = _utc(_time(admitted))
        if (replaced := collected_time(target)) and when <= replaced:
            when = _utc(admitted.changed)  # files that are newer than others cannot have been handed in before them
        (draft / TIMESTAMP_FILE).write_text(format_time(when))
    return True


def _files_in_copy(target: Path) -> dict[str, tuple[int, int]]:
    """The sizes and times of the notebooks and archives in a folder of `submitted/`."""
    files = (path for path in target.rglob("*") if may_count(PurePosixPath(path.name)) and path.is_file())
    return {path.relative_to(target).as_posix(): _size_and_time(path.lstat()) for path in files}


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, time_of_copy(status)


def _owners(course: Course, drop: Drop) -> Collection[int] | None:
    """The accounts that a student's files may belong to. None if that cannot be known, or is not to be checked."""
    import pwd  # not at the top of the module, because Windows does not have it

    trusted = {0, os.geteuid()}
    if not course.config.ExchangeCollect.get("check_owner", True):
        return None
    try:
        return trusted | {pwd.getpwnam(drop.student).pw_uid}
    except KeyError:  # the ids of students are not names of accounts
        return None if drop.uid in trusted else trusted | {drop.uid}


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _time(admitted: Admitted) -> float:
    """The time that counts: the stated one only of files of the grader's own account, as in the export of an LMS."""
    is_trusted = admitted.uids <= {0, os.geteuid()} and 0 < admitted.written <= time.time()
    return admitted.written if is_trusted else admitted.changed
