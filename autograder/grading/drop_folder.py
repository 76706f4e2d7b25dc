"""Submissions without nbgrader's exchange: a shared folder, or a folder with the unpacked export of an LMS."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..course import Course, CourseError
from ..submissions.reader import walk
from .arrivals import TIMESTAMP_FILE, format_time, is_student_name
from .locks import locked
from .replacing import replaced_folder

SETTLED_SECONDS = 1.0  # a file is complete if it has not changed for this long
MAX_FILES = 100_000


@dataclass
class Drop:
    """The notebooks of one student.

    Attributes
    ----------
    student : str
    files : dict of str to Path
        By the name of the notebook, without `.ipynb`.
    is_complete : bool
        False while one of the student's files is still being written.
    """

    student: str
    files: dict[str, Path] = field(default_factory=dict)
    is_complete: bool = True


def read_drops(course: Course, assignment: str, folder: Path) -> tuple[list[Drop], dict[Path, str]]:
    """Find the notebooks of an assignment in a folder.

    A notebook is found as `STUDENT/ASSIGNMENT/NAME.ipynb`, as `STUDENT/NAME.ipynb`, or if its path in the folder fits
    the pattern ``c.FileNameCollectorPlugin.named_regexp``, which ``nbgrader zip_collect`` uses, too. Of several files,
    the one that was written last counts.

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
        The notebooks whose paths do not show a student and a notebook of the course, and the folders that cannot be
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
    left_out: dict[Path, str] = {}
    drops: dict[str, Drop] = {}
    participants: dict[str, str] = {}
    times: dict[Path, float] = {}
    for path in _notebooks_in(folder, left_out):
        student, name, participant = _parse(path.relative_to(folder), assignment, names, pattern)
        if not is_student_name(student) or name not in names:
            if (name or path.stem) not in other_names:
                left_out[path] = advice
            continue
        if participants.setdefault(student, participant) != participant:
            raise CourseError(f"{folder}: two participants are called {student!r}: put their files into own folders")
        try:
            changed = path.lstat().st_mtime
        except FileNotFoundError:  # removed meanwhile
            continue
        drop = drops.setdefault(student, Drop(student))
        drop.is_complete &= not is_settling(changed)
        times[path] = changed
        if name not in drop.files or changed > times[drop.files[name]]:
            drop.files[name] = path
    return [drops[student] for student in sorted(drops)], left_out


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


def _notebooks_in(folder: Path, left_out: dict[Path, str]) -> Iterator[Path]:
    """All notebooks below a folder that are regular files. Links are not followed."""
    count = 0
    for parent, folders, names in walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [name for name in folders if not os.access(parent / name, os.R_OK | os.X_OK)]:
            left_out[parent / name] = "allow your account to read this folder"
            folders.remove(name)
        for path in (parent / name for name in sorted(names) if name.endswith(".ipynb")):
            count += 1
            if count > MAX_FILES:
                raise CourseError(f"{folder} has more than {MAX_FILES} notebooks: give a folder with one assignment")
            if path.is_file() and not path.is_symlink():
                yield path


def _parse(path: Path, assignment: str, names: list[str], pattern: re.Pattern[str] | None) -> tuple[str, str, str]:
    """Find the student, the notebook and the participant of a path. All are empty if the path fits nothing."""
    parts = path.parts
    if path.stem in names and (len(parts) == 3 and parts[1] == assignment):
        return parts[0], path.stem, ""
    match = pattern.match(path.as_posix()) if pattern else None
    if match and match["file_id"] and is_student_name(match["student_id"] or ""):
        name = Path(match["file_id"]).name.removesuffix(".ipynb")
        return match["student_id"], name, match.groupdict().get("participant") or ""
    if path.stem in names and len(parts) == 2:
        return parts[0], path.stem, ""
    return "", "", ""


def collect_drop(course: Course, assignment: str, drop: Drop) -> bool:
    """Copy the notebooks of a student to `submitted/`, if they are not there yet.

    The time of the submission is that of the file that was written last.

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
    OSError
        If a file cannot be copied.
    """
    target = course.submitted_folder(drop.student, assignment)
    if all(_is_same(path, target / f"{name}.ipynb") for name, path in drop.files.items()):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target), replaced_folder(target) as draft:
        for name, path in drop.files.items():
            shutil.copy2(path, draft / f"{name}.ipynb", follow_symlinks=False)
        written = max(path.stat().st_mtime for path in drop.files.values())
        (draft / TIMESTAMP_FILE).write_text(format_time(datetime.fromtimestamp(written, UTC)))
    return True


def _is_same(path: Path, copy: Path) -> bool:
    """Whether a file was copied before: `copy2` keeps its time."""
    try:
        one, other = path.stat(), copy.stat()
    except OSError:
        return False
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
