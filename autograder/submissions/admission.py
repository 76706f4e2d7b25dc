"""Admit a submission: copy the notebooks out of a folder that its student may change at any moment.

Every way in passes through `admit` or `admit_files`: nbgrader's exchange, a shared folder, Gradescope. It is not enough
to check a path and then to copy it, because the student can put a link in its place in between. So each folder is
opened inside the one above it, a file is checked after it was opened, and the copy is made from the same descriptor.
Every name and byte is counted, and the time of a submission is read from the opened files when they have been copied.
"""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .file_names import is_copied
from .opened_files import Entry, list_entries, opened_file, opened_folder, opened_parent, raise_if_shortage
from .refusals import Problem, Refused

MAX_TEXT_BYTES = 200  # of a file with a time or a secret; nbgrader's have at most 128
BLOCK = 1 << 20
LATEST_TIME_NS = 2_145_916_800 * 10**9  # 2038: file systems round later times down

Opened = tuple[PurePosixPath, int]  # the path that the copy of a file gets, and the descriptor of the file


def admit(folder: Path, target: Path, max_bytes: int, owners: Collection[int] | None = None) -> float:
    """Copy the notebooks, archives and modules of a submission into an empty folder.

    The submission must not be a link. The copied files have at most `max_bytes` in all. With `owners`, they must belong
    to one of these accounts. Hidden files are left out. Return the latest time at which one of its folders or of these
    files was changed (ctime), in seconds. No student can set it.

    Raises
    ------
    Refused
        If the submission is not admitted as it is now. The files that were copied before stay in `target`.
    OSError
        If a copy cannot be written, or if too many files are open.
    """
    changed = 0.0

    def open_each() -> Iterator[Opened]:
        nonlocal changed
        with opened_folder(folder) as root:
            changed = os.fstat(root).st_ctime
            for entry in check_entries(root, owners):
                changed = max(changed, entry.status.st_ctime)
                if not entry.is_folder:
                    with opened_file(entry.path.name, inside=entry.folder) as descriptor:
                        yield entry.path, descriptor

    copied = _copy(open_each(), target, max_bytes, owners)
    return max(changed, *(status.st_ctime for status in copied))


def admit_files(
    folder: Path, files: Mapping[str, PurePosixPath], target: Path, max_bytes: int, owners: Collection[int] | None
) -> list[os.stat_result]:
    """Copy exactly these files of a folder, and check each as `admit` does. The keys are the names of the copies.

    Students may share the folders, whose owners and depth are not checked. Return the status of each file, and raise
    errors as `admit` does.
    """

    def open_each() -> Iterator[Opened]:
        with opened_folder(folder) as root:
            for name, path in files.items():
                with opened_parent(path, inside=root) as parent, opened_file(path.name, inside=parent) as descriptor:
                    yield PurePosixPath(name), descriptor

    return _copy(open_each(), target, max_bytes, owners)


def check_entries(root: int, owners: Collection[int] | None) -> Iterator[Entry]:
    """Check everything in an opened submission, and list its folders, notebooks, archives and modules.

    What follows an entry is checked only when the next one is asked for: a caller that stops early has checked a part.
    Raise `Refused` as in `list_entries`, or if a file or folder does not belong into a submission.
    """
    _check_kind_and_owner(os.fstat(root), owners)
    for entry in list_entries(root):
        _check_kind_and_owner(entry.status, owners)
        if entry.is_folder or is_copied(entry.path):
            yield entry


def read_text(root: int, name: str, owners: Collection[int] | None = None) -> str:
    """Read a short file of an opened folder. Empty if there is none, or none like those of a submission."""
    try:
        with opened_file(name, inside=root) as descriptor:
            is_short = check_file(descriptor, owners).st_size <= MAX_TEXT_BYTES
            return os.read(descriptor, MAX_TEXT_BYTES).decode() if is_short else ""
    except OSError as error:
        raise_if_shortage(error)
        return ""
    except (Refused, UnicodeDecodeError):
        return ""


def check_file(descriptor: int, owners: Collection[int] | None) -> os.stat_result:
    """Check an opened file, and return its status.

    Raise `Refused` if it is not a regular file with one name, or belongs to another account.
    """
    status = os.fstat(descriptor)
    _check_kind_and_owner(status, owners)
    if not stat.S_ISREG(status.st_mode):  # but a folder
        raise Refused(Problem.NOT_A_FILE)
    if status.st_nlink > 1:
        raise Refused(Problem.HARD_LINK)
    return status


def _check_kind_and_owner(status: os.stat_result, owners: Collection[int] | None) -> None:
    """Refuse what is neither a regular file nor a folder, and what belongs to another account."""
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise Refused(Problem.NOT_A_FILE)
    if owners is not None and status.st_uid not in owners:
        raise Refused(Problem.FOREIGN_FILE)


def time_of_copy(status: os.stat_result) -> int:
    """The time of writing that a copy gets, in nanoseconds. An equal time shows that the file was copied before."""
    return min(max(status.st_mtime_ns, 0), LATEST_TIME_NS)


@contextmanager
def refusing_read_errors() -> Iterator[None]:
    """Turn an error of reading into a refusal, but for a shortage of the machine.

    The block writes nothing; a caller's error enters no generator.
    """
    try:
        yield
    except OSError as error:
        raise_if_shortage(error)
        raise Refused(Problem.UNREADABLE) from error


def _copy(
    opened: Iterator[Opened], target: Path, max_bytes: int, owners: Collection[int] | None
) -> list[os.stat_result]:
    """Copy opened files, each with its time of writing. Return the status that each has when it has been copied."""
    copied: list[os.stat_result] = []
    for path, descriptor, status in _checked(opened, max_bytes, owners):
        file = target / path
        with _created(file) as copy:
            copy.writelines(_read_blocks(descriptor, status.st_size))
        time = time_of_copy(status)
        os.utime(file, ns=(time, time))
        with refusing_read_errors():
            copied.append(os.fstat(descriptor))
    if not copied:
        raise Refused(Problem.EMPTY)
    return copied


def _created(file: Path) -> BinaryIO:
    """Create a copy. Refuse a submission in which a folder has the file's name, or had it a moment ago."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("wb")
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise Refused(Problem.UNREADABLE) from error


def _checked(
    opened: Iterator[Opened], max_bytes: int, owners: Collection[int] | None
) -> Iterator[tuple[PurePosixPath, int, os.stat_result]]:
    """Check each opened file, and yield it with its status."""
    with refusing_read_errors():
        for path, descriptor in opened:
            status = check_file(descriptor, owners)
            max_bytes -= status.st_size
            if max_bytes < 0:
                raise Refused(Problem.SIZE)
            if status.st_size and os.lseek(descriptor, 0, os.SEEK_HOLE) < status.st_size:  # at its end is always one
                raise Refused(Problem.HOLES)
            os.lseek(descriptor, 0, os.SEEK_SET)  # the search for a hole moved it
            yield path, descriptor, status


def _read_blocks(descriptor: int, size: int) -> Iterator[bytes]:
    """Read a file as far as it was when it was checked."""
    with refusing_read_errors():
        while size > 0 and (block := os.read(descriptor, min(size, BLOCK))):
            size -= len(block)
            yield block
