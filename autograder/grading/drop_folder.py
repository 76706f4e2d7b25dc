"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import os
import re
import stat
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..course import Course, CourseError
from ..submissions.admission import (
    ARCHIVE,
    MAX_DEPTH,
    MAX_ENTRIES,
    MODULE,
    NOTEBOOK,
    Admitted,
    Problem,
    Refused,
    admit,
    check_file,
    may_count,
    opened_file,
    opened_folder,
    time_of_copy,
)
from ..submissions.archives import NotAnArchive, list_notebooks
from .arrivals import TIMESTAMP_FILE, format_time, is_student_name, name_account, utc
from .collector import collected_time
from .locks import locked
from .replacing import replaced_folder

SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long
MAX_FILES = 100_000  # files and folders that are looked at in all
MAX_LEFT_OUT = 1000  # of them that are reported
CLAIM_ADVICE = "only your own files may name a student; a student's files belong into a folder with the student's name"


@dataclass
class Drop:
    """The notebooks of one student."""

    student: str
    folder: Path  # the shared folder
    # the id of the account that the student's own folder belongs to; without one, that of the first file
    uid: int
    # by the name that the copy gets, where each notebook, and each archive that may contain one, is in the folder
    files: dict[str, PurePosixPath] = field(default_factory=dict)
    statuses: dict[str, os.stat_result] = field(default_factory=dict)
    is_complete: bool = True  # False while one of the student's files is still being written

    @property
    def version(self) -> frozenset[tuple[str, int, int, int]]:
        """It differs if a file was added, removed, exchanged or changed."""
        return frozenset((name, s.st_ino, s.st_ctime_ns, s.st_size) for name, s in self.statuses.items())


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder.

    A student's files are all notebooks and zip files in `STUDENT/ASSIGNMENT/`, those in `STUDENT/` whose names contain
    the name of a notebook, and those whose path in the folder fits ``c.FileNameCollectorPlugin.named_regexp``, which
    ``nbgrader zip_collect`` uses, too. A zip file with another name, such as `STUDENT.zip`, counts if the name of a
    notebook in it does. A Python module with such a name is copied, so that the feedback can ask for the notebook. Of
    several files with one name, the one that was written last counts.

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
    for file in _Search(folder, assignment, pattern is not None, left_out).files():
        path, status = file.path, file.status
        place = _parse(file, assignment, names, pattern)
        if place is None or not is_student_name(place.student):
            is_other = path.stem in other_names or _is_of_another_notebook(path, pattern, other_names)
            if may_count(path) and not is_other and not _num_meant(file, other_names):
                left_out.add(path, advice)
            continue
        student, name = place.student, place.name
        if place.is_claimed and not _may_claim(course, student, {status.st_uid, file.uid}):
            left_out.add(path, f"it names {student}, but belongs to {name_account(status.st_uid)}: {CLAIM_ADVICE}")
            continue
        if participants.setdefault(student, place.participant) != place.participant:
            raise CourseError(f"{folder}: two participants are called {student!r}: put their files into own folders")
        drop = drops.setdefault(student, Drop(student, folder.resolve(), file.uid))
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


@dataclass(frozen=True)
class _File:
    """A file in the shared folder."""

    path: PurePosixPath
    status: os.stat_result
    parent: int  # the descriptor of the folder that contains it, which is open until the next file is asked for
    uid: int  # the id of the account that the folder or file at the top belongs to


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

    def files(self) -> Iterator[_File]:
        """Yield each file."""
        with opened_folder(self.folder.resolve()) as root:
            for name, status in self._entries(root, PurePosixPath(), MAX_FILES):
                top = _File(PurePosixPath(name), status, root, status.st_uid)
                yield from self._files_in(top, self.count + MAX_ENTRIES)

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

    def _files_in(self, entry: _File, last: int) -> Iterator[_File]:
        """Yield a file, or the files in a folder that is to be searched."""
        path, mode = entry.path, entry.status.st_mode
        if stat.S_ISDIR(mode):
            # An export may have all of its files in one folder. A student's own folder has the same limit as always.
            limit = MAX_FILES if self.searches_all and entry.uid in _trusted() else last
            if len(path.parts) > MAX_DEPTH or not (self.searches_all or path.parts[1:2] in ((), (self.assignment,))):
                return
            try:
                with opened_folder(path.name, inside=entry.parent) as inner:
                    for name, status in self._entries(inner, path, limit):
                        yield from self._files_in(_File(path / name, status, inner, entry.uid), limit)
            except PermissionError:
                self.left_out.add(path, "allow your account to read this folder")
            except OSError:  # removed, or exchanged with a link, meanwhile
                return
        elif may_count(path) or path.suffix == MODULE:
            if stat.S_ISREG(mode):
                yield entry
            elif may_count(path):
                self.left_out.add(path, Problem.NOT_A_FILE)


@dataclass(frozen=True)
class _Place:
    """What the path of a file says."""

    student: str
    name: str  # that of the copy
    participant: str = ""  # A number that an LMS gives to the student. Empty if there is none.
    # Whether the name of the file names the student. Its author chose it, and could have chosen another.
    is_claimed: bool = False


def _parse(file: _File, assignment: str, names: list[str], pattern: re.Pattern[str] | None) -> _Place | None:
    """Find out whose file it is. None if its path fits nothing."""
    path, parts, wanted = file.path, file.path.parts, [*names, assignment]
    match = pattern.match(path.as_posix()) if pattern else None
    if match and match["file_id"] and is_student_name(match["student_id"] or ""):
        stem = PurePosixPath(match["file_id"]).name.removesuffix(NOTEBOOK)
        participant = match.groupdict().get("participant") or ""
        is_meant = _resembles(stem, wanted) or _num_meant(file, wanted)
        return _Place(match["student_id"], f"{stem}{path.suffix}", participant, True) if is_meant else None
    if len(parts) > 2 and parts[1] == assignment:
        is_meant = may_count(path) or _resembles(path.stem, wanted)
        return _Place(parts[0], str(PurePosixPath(*parts[2:]))) if is_meant else None
    if len(parts) == 2 and path.stem in names:
        return _Place(parts[0], path.name)
    if pattern:
        return None
    if len(parts) == 2 and (_resembles(path.stem, wanted) or _num_meant(file, wanted)):
        return _Place(parts[0], path.name)
    if len(parts) == 1 and 0 < _num_meant(file, wanted) <= len(names):  # with more, it may be the export of a class
        return _Place(path.stem, path.name, is_claimed=True)
    return None


_NUM_MEANT: dict[tuple[Any, ...], int] = {}  # by version of the file: a watch asks twice a second


def _num_meant(file: _File, wanted: Collection[str]) -> int:
    """How many notebooks of a zip file have a name that contains one of those that are wanted."""
    if file.path.suffix.lower() != ARCHIVE:
        return 0
    status = file.status
    version = (status.st_dev, status.st_ino, status.st_ctime_ns, status.st_size, frozenset(wanted))
    if version not in _NUM_MEANT:
        if len(_NUM_MEANT) > MAX_FILES:
            _NUM_MEANT.clear()
        try:
            with (
                opened_file(file.parent, file.path.name) as descriptor,
                open(descriptor, "rb", closefd=False) as zipped,
            ):
                check_file(descriptor, None)
                _NUM_MEANT[version] = sum(_resembles(path.stem, wanted) for path in list_notebooks(zipped))
        except (OSError, Refused, NotAnArchive):
            _NUM_MEANT[version] = 0
    return _NUM_MEANT[version]


def _resembles(stem: str, names: Collection[str]) -> bool:
    """Whether the name of a file contains that of a notebook: "first (1)", "First-Copy1"."""
    return any(name.casefold() in stem.casefold() for name in names)


def _is_of_another_notebook(path: PurePosixPath, pattern: re.Pattern[str] | None, others: Collection[str]) -> bool:
    match = pattern.match(path.as_posix()) if pattern else None
    return bool(match and PurePosixPath(match["file_id"] or "").name.removesuffix(NOTEBOOK) in others)


def collect_drop(course: Course, assignment: str, drop: Drop) -> bool:
    """Copy the notebooks of a student to `submitted/`, if they are not there yet. Return whether something was copied.

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
        when = utc(_time(admitted))
        if (replaced := collected_time(target)) and when <= replaced:
            when = utc(admitted.changed)  # files that are newer than others cannot have been handed in before them
        (draft / TIMESTAMP_FILE).write_text(format_time(when))
    return True


def _files_in_copy(target: Path) -> dict[str, tuple[int, int]]:
    """The sizes and times of the copied files in a folder of `submitted/`."""
    found = (path for path in target.rglob("*") if may_count(PurePosixPath(path.name)) or path.suffix == MODULE)
    files = (path for path in found if path.is_file())
    return {path.relative_to(target).as_posix(): _size_and_time(path.lstat()) for path in files}


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, time_of_copy(status)


def _owners(course: Course, drop: Drop) -> Collection[int] | None:
    """The accounts that a student's files may belong to. None if that cannot be known, or is not to be checked."""
    if not _checks_owners(course):
        return None
    trusted = _trusted()
    if own := _account_of(drop.student):
        return trusted | own
    return None if drop.uid in trusted else trusted | {drop.uid}


def _may_claim(course: Course, student: str, uids: set[int]) -> bool:
    """Whether files of these accounts may name a student. Otherwise, everybody could hand in for another student."""
    foreign = uids - _trusted()
    return not foreign or not _checks_owners(course) or foreign <= _account_of(student)


def _checks_owners(course: Course) -> bool:
    return bool(course.config.ExchangeCollect.get("check_owner", True))


def _trusted() -> set[int]:
    return {0, os.geteuid()}


def _account_of(student: str) -> set[int]:
    """The id of the account with the student's name. Empty if the ids of students are not names of accounts."""
    import pwd  # not at the top of the module, because Windows does not have it

    try:
        return {pwd.getpwnam(student).pw_uid}
    except KeyError:
        return set()


def _time(admitted: Admitted) -> float:
    """The time that counts: the stated one only of files of the grader's own account, as in the export of an LMS."""
    is_trusted = admitted.uids <= _trusted() and 0 < admitted.written <= time.time()
    return admitted.written if is_trusted else admitted.changed
