"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import os
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath

from ..course import Course, CourseError
from ..submissions.admission import Admitted, admit_files, time_of_copy
from ..submissions.file_names import is_copied, may_count
from ..submissions.times import format_time, utc_from_seconds
from .accounts import account_name, accounts_of, trusted_accounts
from .arrivals import TIMESTAMP_FILE, collected_time
from .file_places import Names, Place, find_place, is_of_another_notebook
from .folder_search import FoundEntry, Search
from .locks import locked
from .replacing import replaced_folder
from .student_ids import is_student_id

CLAIM_ADVICE = "only your own files may name a student; a student's files belong into a folder with the student's name"
SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long


@dataclass
class Drop:
    """The notebooks of one student."""

    student: str
    folder: Path  # the shared folder
    top_uid: int  # of the account that the student's folder at the top, or the first file there, belongs to
    # Notebooks, and archives that may contain one, by the names that their copies get. Their folders are closed again.
    files: dict[str, FoundEntry] = field(default_factory=dict)
    is_complete: bool = True  # False while one of the student's files is still being written
    # of the files that name the student, one for each number that an LMS gives: `Place.participant`, or empty
    claims: dict[str, PurePosixPath] = field(default_factory=dict)
    others: list[FoundEntry] = field(default_factory=list)  # in the student's folder

    @property
    def version(self) -> frozenset[tuple[str, int, int, int]]:
        """It differs if a file was added, removed, exchanged or changed."""
        statuses = {name: file.status for name, file in self.files.items()}
        return frozenset((name, s.st_ino, s.st_ctime_ns, s.st_size) for name, s in statuses.items())

    def add(self, place: Place, file: FoundEntry) -> None:
        """Add a file. Of several with one name, the one that was written last counts."""
        name = place.name
        if place.is_claimed:
            self.claims[place.participant] = file.path
        else:
            self.others.append(file)
        self.is_complete &= not is_settling(file.status.st_mtime)
        if name not in self.files or file.status.st_mtime > self.files[name].status.st_mtime:
            self.files[name] = file


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder. `find_place` decides whose a file is.

    Return them sorted by student. Also return the files whose paths do not show a student and a notebook of the course,
    those of two people who hand in as one student, and the folders that cannot be read, each with a text that says what
    to do. Raise `CourseError` if the folder does not exist, or if the pattern has no groups `student_id` and
    `file_id`.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder: give an existing folder with --from")
    pattern = _pattern(course)
    names = Names.of(course, assignment)
    advice = "name it " + " or ".join(f"STUDENT/{name}.ipynb" for name in names.notebooks)
    search = Search(folder, assignment, searches_all=pattern is not None)
    shared_folder = folder.resolve()
    drops: dict[str, Drop] = {}
    not_usable: dict[Path, str] = {}
    for file in search.files():
        place = find_place(file, names, pattern)
        if place is None or not is_student_id(place.student):
            if may_count(file.path) and not is_of_another_notebook(file, names, pattern):
                not_usable[folder / file.path] = advice
            continue
        stranger = _find_stranger(course, file, place.student) if place.is_claimed else None
        if stranger is not None:  # in one's own folder, one can place a file of another
            owner = account_name(stranger)
            not_usable[folder / file.path] = f"it names {place.student}, but belongs to {owner}: {CLAIM_ADVICE}"
            continue
        drops.setdefault(place.student, Drop(place.student, shared_folder, file.top_uid)).add(place, file)
    how = f"move the files of each into a folder STUDENT/{assignment}/ with another name"
    for drop in [*drops.values()]:
        if len(paths := _one_file_of_each(course, drop)) > 1:
            del drops[drop.student]
            not_usable |= {folder / path: f"two people hand in as {drop.student!r}: {how}" for path in paths}
    return [drops[student] for student in sorted(drops)], search.left_out | not_usable


def is_settling(changed: float) -> bool:
    """Whether a file was changed so recently that it may still be being copied. A time in the future does not count."""
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
        owners = _possible_owners(course, drop.student, drop.top_uid)
        paths = {name: file.path for name, file in drop.files.items()}
        admitted = admit_files(drop.folder, paths, draft, course.max_submission_bytes, owners)
        when = _time_that_counts(admitted, collected_time(target))
        (draft / TIMESTAMP_FILE).write_text(format_time(when))
    return True


def _pattern(course: Course) -> re.Pattern[str] | None:
    if not (text := course.config.FileNameCollectorPlugin.get("named_regexp", "")):
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise CourseError(f"c.FileNameCollectorPlugin.named_regexp in nbgrader_config.py: {error}") from error
    if missing := {"student_id", "file_id"} - set(pattern.groupindex):
        raise CourseError(
            f"c.FileNameCollectorPlugin.named_regexp in nbgrader_config.py has no group {' and '.join(sorted(missing))}"
        )
    return pattern


def _possible_owners(course: Course, student: str, top_uid: int) -> Collection[int] | None:
    """The accounts that a student's files may belong to. None if that cannot be known, or is not to be checked."""
    if not _checks_owners(course):
        return None
    trusted = trusted_accounts()
    if own := accounts_of(student):
        return trusted | own
    # Ids are not names of accounts, so the folder's owner is the student; if we are, as in an export, nobody can tell.
    return None if top_uid in trusted else trusted | {top_uid}


def _one_file_of_each(course: Course, drop: Drop) -> list[PurePosixPath]:
    """One file of each person who seems to hand in as the student.

    Beside a file of an export, which names the student, a folder of an account that may be anybody's is of another.
    """
    people = [path for number, path in drop.claims.items() if number] or [*drop.claims.values()]
    strange = (file.path for file in drop.others if _find_stranger(course, file, drop.student) is not None)
    return [*people, *islice(strange, 1)] if people else []


def _find_stranger(course: Course, file: FoundEntry, student: str) -> int | None:
    """The account of a file or its folder at the top, if owners matter and it is neither trusted nor the student's."""
    uids = (file.status.st_uid, file.top_uid) if _checks_owners(course) else ()
    return next((uid for uid in uids if uid not in trusted_accounts() and uid not in accounts_of(student)), None)


def _checks_owners(course: Course) -> bool:
    return bool(course.config.ExchangeCollect.get("check_owner", True))


def _files_in_copy(target: Path) -> dict[str, tuple[int, int]]:
    """The sizes and times of the copied files in a folder of `submitted/`."""
    files = (path for path in target.rglob("*") if is_copied(PurePosixPath(path.name)) and path.is_file())
    return {path.relative_to(target).as_posix(): _size_and_time(path.lstat()) for path in files}


def _size_and_time(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, time_of_copy(status)


def _time_that_counts(admitted: Admitted, replaced: datetime | None) -> datetime:
    """The time that counts: the stated one only of files of trusted accounts, as in the export of an LMS.

    Files that replace others cannot have been handed in before them, at the time `replaced`, whatever they state.
    """
    if admitted.uids <= trusted_accounts() and 0 < admitted.written <= time.time():
        stated = utc_from_seconds(admitted.written)
        if replaced is None or stated > replaced:
            return stated
    return utc_from_seconds(admitted.changed)
