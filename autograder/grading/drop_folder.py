"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import filecmp
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from ..course import Course, CourseError
from ..submissions.admission import admit_files, time_of_copy
from ..submissions.file_names import is_copied
from ..submissions.times import format_time, utc_from_seconds
from .accounts import account_name, trusted_accounts
from .arrivals import TIMESTAMP_FILE, collected_time
from .assignment_names import AssignmentNames
from .file_owners import FileOwners
from .file_places import LeftOut, Place, find_place
from .folder_search import FoundEntry, Search
from .locks import locked
from .replacing import replaced_folder

OWNER_ADVICE = "if that is right, let your account own both (chown)"
SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long


@dataclass(frozen=True)
class Drop:
    """The notebooks of one student."""

    student: str
    folder: Path  # the shared folder
    # Notebooks, and archives that may contain one, by the names that their copies get. Their folders are closed again.
    files: dict[str, FoundEntry]

    @property
    def is_complete(self) -> bool:
        """False while one of the files is still being written."""
        return not any(is_settling(file.status.st_ctime) for file in self.files.values())

    @property
    def version(self) -> frozenset[tuple[str, int, int, int]]:
        """It differs if a file was added, removed, exchanged or changed."""
        statuses = ((name, file.status) for name, file in self.files.items())
        return frozenset((name, s.st_ino, s.st_ctime_ns, s.st_size) for name, s in statuses)


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder. `find_place` decides whose a file is.

    Return them sorted by student. Also return what is left out, each with a text that says what to do: the files whose
    paths do not show a student and a notebook of the course, those that belong to somebody else, one of each person
    where several hand in as one student, and the folders that cannot be read or are named nearly like the assignment.
    Other files deeper down are passed over. Raise `CourseError` if the folder does not exist, or if the pattern has no
    groups `student_id` and `file_id`.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder: give an existing folder with --from")
    owners = FileOwners(course)
    by_student, left_out = _find_places(course, assignment, folder, owners)
    drops = []
    how = f"move the files of each into a folder STUDENT/{assignment}/ with another name"
    for student, places in sorted(by_student.items()):
        if rivals := owners.find_rivals(places):
            left_out |= {folder / place.file.path: f"two people hand in as {student!r}: {how}" for place in rivals}
        else:  # of several with one name, the one that was written last counts
            places.sort(key=lambda place: place.file.status.st_mtime)
            drops.append(Drop(student, folder.resolve(), {place.name: place.file for place in places}))
    return drops, left_out


def _find_places(
    course: Course, assignment: str, folder: Path, owners: FileOwners
) -> tuple[dict[str, list[Place]], dict[Path, str]]:
    """Find the files that count, by student, and what is left out, with the reason."""
    names = AssignmentNames.of(course, assignment)
    search = Search(folder, assignment, searches_all=names.pattern is not None, fits=names.fit)
    by_student: dict[str, list[Place]] = {}
    left_out: dict[Path, str] = {}
    for file in search.files():
        match find_place(file, names):
            case LeftOut(reason):
                left_out[folder / file.path] = reason
            case Place() as place:
                if (stranger := owners.find_stranger(place)) is None:
                    by_student.setdefault(place.student, []).append(place)
                else:
                    whose = f"{account_name(stranger)} owns it or its folder"
                    reason = f"it is in the name of {place.student}, but {whose}: {OWNER_ADVICE}"
                    left_out[folder / file.path] = reason
    return by_student, search.left_out | left_out


def is_settling(changed: float) -> bool:
    """Whether a file was changed so recently (ctime) that it may still be being copied, but not in the future."""
    return time.time() - SETTLED_SECONDS < changed <= time.time()


def collect_drop(course: Course, assignment: str, drop: Drop) -> bool:
    """Copy the notebooks of a student to `submitted/`, if they are not there yet. Return whether something was copied.

    Raise `Refused` if the files are not admitted, and `OSError` if one cannot be copied.
    """
    target = course.submitted_folder(drop.student, assignment)
    if _files_in_copy(target) == {name: _size_and_time(file.status) for name, file in drop.files.items()}:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target), replaced_folder(target) as draft:
        owners = {file.status.st_uid for file in drop.files.values()}  # `read_drops` has checked these
        paths = {name: file.path for name, file in drop.files.items()}
        (draft / TIMESTAMP_FILE).touch()  # a folder with this name is refused
        copied = admit_files(drop.folder, paths, draft, course.max_submission_bytes, owners)
        before = collected_time(target)
        when = _time_that_counts(copied, before)
        if before and all(_is_same(draft / name, target / name) for name in drop.files):  # one was removed, or touched
            when = min(when, before)
        (draft / TIMESTAMP_FILE).write_text(format_time(when))
    return True


def _files_in_copy(target: Path) -> dict[str, tuple[int, int]]:
    """The sizes and times of the copied files in a folder of `submitted/`."""
    files = (path for path in target.rglob("*") if is_copied(PurePosixPath(path.name)) and path.is_file())
    return {path.relative_to(target).as_posix(): _size_and_time(path.lstat()) for path in files}


def _is_same(file: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(file, other, shallow=False)


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, time_of_copy(status)


def _time_that_counts(files: list[os.stat_result], replaced: datetime | None) -> datetime:
    """The time that counts: the stated one only of files of trusted accounts, as in the export of an LMS.

    Files that replace others cannot have been handed in before them, at the time `replaced`, whatever they state.
    """
    written = max(file.st_mtime for file in files)
    if {file.st_uid for file in files} <= trusted_accounts() and 0 < written <= time.time():
        stated = utc_from_seconds(written)
        if replaced is None or stated > replaced:
            return stated
    return utc_from_seconds(max(file.st_ctime for file in files))
