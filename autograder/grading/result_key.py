"""The key of a record: a hash of what the result depends on. It tells whether the record is up to date.

The files of `data/`, the installed libraries and the settings of nbgrader outside the course, those of the user and the
machine, are not hashed, because they rarely change. If one does, grade with `--force`.
"""

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ..course import Course
from ..course_settings import CONFIG
from ..packed_files import files_in
from ..submissions.bounded_walk import walk
from . import records
from .records import Record

AUTOGRADER = Path(__file__).parents[1]
LECTRAIN = AUTOGRADER.parent / "lectrain"  # which the student's process imports
MAX_HASHED_BYTES = 100_000_000  # of one file: they take 0.1 s at each look of a watch; larger files are not graded


def read_current(course: Course, assignment: str, student: str, assignment_key: str) -> Record | None:
    """Read the record of a submission if it is up to date. Return None also if the submission changes meanwhile."""
    record = records.read(course.records_folder, assignment, student)
    if record is None or record.is_overdue:
        return None
    try:
        key = hash_submission(course.submitted_folder(student, assignment), assignment_key)
    except OSError:
        return None
    return record if record.key == records.record_key(key, record.letters_due) else None


def hash_submission(folder: Path, *strings: str) -> str:
    """Hash the files of a submission, and further strings."""
    paths = (parent / name for parent, _, names in walk(folder) for name in names)
    return hash_files(folder, filter(_is_readable_file, paths), *strings)


def _is_readable_file(path: Path) -> bool:
    """Whether a path is a regular file that can be opened. A link is not, nor a path that is too long."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def hash_assignment(course: Course, assignment: str) -> str:
    """Hash an assignment's sources, and the code and configuration that grade it."""
    source = course.source_folder(assignment)
    return hash_files(source, files_in(source), hash_code(course))


def hash_code(course: Course) -> str:
    """Hash the exercises, the autograder, `lectrain` and the course's `nbgrader_config.py`, but no other settings.

    Of the autograder and `lectrain`, only code is hashed: no score depends on their templates. Exercises may have data.
    """
    keys = [hash_files(folder, filter(Path.is_file, folder.rglob("*.py"))) for folder in (AUTOGRADER, LECTRAIN)]
    keys += [hash_files(folder, files_in(folder)) for folder in course.exercises.folders()]
    return hash_files(course.root, [course.root / CONFIG], *keys)


def hash_files(folder: Path, files: Iterable[Path], *strings: str) -> str:
    """Hash the paths and contents of files, in a fixed order, and further strings.

    The paths are those within the folder, so that a course can be moved. Of each file, at most `MAX_HASHED_BYTES` bytes
    are read.
    """
    digest = hashlib.sha256("\0".join([*strings, ""]).encode())  # the last one ends before the first path
    for file in sorted(files):
        digest.update(os.fsencode(f"{file.relative_to(folder)}\0{file.stat().st_size}\0"))
        with file.open("rb") as content:
            digest.update(content.read(MAX_HASHED_BYTES))
    return digest.hexdigest()
