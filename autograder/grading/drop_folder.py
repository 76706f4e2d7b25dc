"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..course import Course, CourseError
from ..submissions.admission import Admitted, admit_files, check_file, time_of_copy
from ..submissions.archives import NotAnArchive, list_notebooks
from ..submissions.file_names import ARCHIVE, NOTEBOOK, is_copied, may_count
from ..submissions.opened_files import opened_file
from ..submissions.refusals import Refused
from ..submissions.times import format_time, utc
from .arrivals import TIMESTAMP_FILE
from .collector import collected_time
from .folder_search import MAX_FILES, FoundEntry, Search, trusted_accounts
from .locks import locked
from .replacing import replaced_folder
from .student_ids import accounts_of, is_student_id, name_account

SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long
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

    def add(self, name: str, path: PurePosixPath, status: os.stat_result) -> None:
        """Add a file. Of several with one name, the one that was written last counts."""
        self.is_complete &= not is_settling(status.st_mtime)
        if name not in self.files or status.st_mtime > self.statuses[name].st_mtime:
            self.files[name], self.statuses[name] = path, status


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder.

    A student's files are all notebooks and zip files in `STUDENT/ASSIGNMENT/`, those in `STUDENT/` whose names contain
    the name of a notebook, and those whose path in the folder fits ``c.FileNameCollectorPlugin.named_regexp``, which
    ``nbgrader zip_collect`` uses, too. A zip file with another name, such as `STUDENT.zip`, counts if the name of a
    notebook in it does: of the first `MAX_ZIPS` in a folder of a student. A Python module with such a name is copied,
    so that the feedback can ask for the notebook. With a pattern, however, what does not fit it must be called as a
    notebook in `STUDENT/`, or be in `STUDENT/ASSIGNMENT/`. Of several files with one name, the last written one counts.

    Return them sorted by student. Also return the files whose paths do not show a student and a notebook of the course,
    and the folders that cannot be read, each with a text that says what to do. Raise `CourseError` if the folder does
    not exist, if the pattern has no groups `student_id` and `file_id`, or if its group `participant` shows that two
    participants have the same `student_id`.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder: give an existing folder with --from")
    pattern = _pattern(course)
    names = course.notebooks(assignment)
    other_names = {name for other in course.assignments() for name in course.notebooks(other)} - set(names)
    advice = "name it " + " or ".join(f"STUDENT/{name}.ipynb" for name in names)
    search = Search(folder, assignment, pattern is not None)
    drops: dict[str, Drop] = {}
    participants: dict[str, str] = {}
    for file in search.files():
        path, status = file.path, file.status
        place = _find_place(file, assignment, names, pattern)
        if place is None or not is_student_id(place.student):
            if may_count(path) and not _is_of_another_notebook(file, pattern, other_names):
                search.left_out[folder / path] = advice
            continue
        student = place.student
        if place.is_claimed and not _may_claim(course, student, {status.st_uid, file.uid}):
            owner = name_account(status.st_uid)
            search.left_out[folder / path] = f"it names {student}, but belongs to {owner}: {CLAIM_ADVICE}"
            continue
        if participants.setdefault(student, place.participant) != place.participant:
            raise CourseError(f"{folder}: two participants are called {student!r}: put their files into own folders")
        drops.setdefault(student, Drop(student, folder.resolve(), file.uid)).add(place.name, path, status)
    return [drops[student] for student in sorted(drops)], search.left_out


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
class _Place:
    """What the path of a file says."""

    student: str
    name: str  # that of the copy
    participant: str = ""  # A number that an LMS gives to the student. Empty if there is none.
    # Whether the name of the file names the student. Its author chose it, and could have chosen another.
    is_claimed: bool = False


def _find_place(file: FoundEntry, assignment: str, names: list[str], pattern: re.Pattern[str] | None) -> _Place | None:
    """Find out whose file it is. None if its path fits nothing."""
    path, wanted = file.path, [*names, assignment]
    found, stem = _match(path, pattern)
    if found and found["file_id"] and is_student_id(found["student_id"] or ""):
        participant = found.groupdict().get("participant") or ""
        place = _Place(found["student_id"], f"{stem}{path.suffix}", participant, is_claimed=True)
        return place if _resembles(stem, wanted) or _count_matching_in_zip(file, wanted) else None
    match path.parts:
        case student, folder, *inner if inner and folder == assignment:
            place = _Place(student, str(PurePosixPath(*inner)))
            is_meant = may_count(path) or _resembles(path.stem, wanted)
        case student, _ if pattern:  # it may be an export: a name that only resembles a notebook's says nothing
            place, is_meant = _Place(student, path.name), path.stem in names
        case student, _:
            place = _Place(student, path.name)
            is_meant = _resembles(path.stem, wanted) or _count_matching_in_zip(file, wanted) > 0
        case (_,) if not pattern:
            place = _Place(path.stem, path.name, is_claimed=True)
            is_meant = 0 < _count_matching_in_zip(file, wanted) <= len(names)  # with more, it may be a class's export
        case _:
            return None
    return place if is_meant else None


def _match(path: PurePosixPath, pattern: re.Pattern[str] | None) -> tuple[re.Match[str] | None, str]:
    """What a pattern finds in a path, and the name of the file that its student handed in, without its ending."""
    found = pattern.match(path.as_posix()) if pattern else None
    return found, PurePosixPath(found["file_id"] or "").name.removesuffix(NOTEBOOK) if found else ""


_COUNTS: dict[tuple[Any, ...], int] = {}  # by version of the file: a watch asks twice a second


def _count_matching_in_zip(file: FoundEntry, names: Collection[str]) -> int:
    """How many notebooks of a zip file have a name that contains one of these. 0 if it must not be opened."""
    if file.path.suffix.lower() != ARCHIVE or not file.may_be_opened:
        return 0
    status = file.status
    version = (status.st_dev, status.st_ino, status.st_ctime_ns, status.st_size, frozenset(names))
    if version not in _COUNTS:
        if len(_COUNTS) > MAX_FILES:
            _COUNTS.clear()
        _COUNTS[version] = sum(_resembles(path.stem, names) for path in _notebooks_in_zip(file))
    return _COUNTS[version]


def _notebooks_in_zip(file: FoundEntry) -> list[PurePosixPath]:
    """The notebooks in a zip file. Empty if it cannot be read."""
    try:
        with opened_file(file.parent, file.path.name) as descriptor, open(descriptor, "rb", closefd=False) as zipped:
            check_file(descriptor, None)
            return list_notebooks(zipped)
    except (OSError, Refused, NotAnArchive):
        return []


def _resembles(stem: str, names: Collection[str]) -> bool:
    """Whether the name of a file contains that of a notebook: "first (1)", "First-Copy1"."""
    return any(name.casefold() in stem.casefold() for name in names)


def _is_of_another_notebook(file: FoundEntry, pattern: re.Pattern[str] | None, others: Collection[str]) -> bool:
    """Whether a file belongs to a notebook of another assignment, so that nobody need be told about it."""
    stems = {file.path.stem, _match(file.path, pattern)[1]}
    return not stems.isdisjoint(others) or _count_matching_in_zip(file, others) > 0


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
        admitted = admit_files(drop.folder, drop.files, draft, max_bytes, _owners(course, drop))
        when = utc(_time_that_counts(admitted))
        if (replaced := collected_time(target)) and when <= replaced:
            when = utc(admitted.changed)  # files that are newer than others cannot have been handed in before them
        (draft / TIMESTAMP_FILE).write_text(format_time(when))
    return True


def _files_in_copy(target: Path) -> dict[str, tuple[int, int]]:
    """The sizes and times of the copied files in a folder of `submitted/`."""
    files = (path for path in target.rglob("*") if is_copied(PurePosixPath(path.name)) and path.is_file())
    return {path.relative_to(target).as_posix(): _size_and_time(path.lstat()) for path in files}


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, time_of_copy(status)


def _owners(course: Course, drop: Drop) -> Collection[int] | None:
    """The accounts that a student's files may belong to. None if that cannot be known, or is not to be checked."""
    if not _checks_owners(course):
        return None
    trusted = trusted_accounts()
    if own := accounts_of(drop.student):
        return trusted | own
    return None if drop.uid in trusted else trusted | {drop.uid}


def _may_claim(course: Course, student: str, uids: set[int]) -> bool:
    """Whether files of these accounts may name a student. Otherwise, everybody could hand in for another student."""
    foreign = uids - trusted_accounts()
    return not foreign or not _checks_owners(course) or foreign <= accounts_of(student)


def _checks_owners(course: Course) -> bool:
    return bool(course.config.ExchangeCollect.get("check_owner", True))


def _time_that_counts(admitted: Admitted) -> float:
    """The time that counts: the stated one only of files of the grader's own account, as in the export of an LMS."""
    is_trusted = admitted.uids <= trusted_accounts() and 0 < admitted.written <= time.time()
    return admitted.written if is_trusted else admitted.changed
