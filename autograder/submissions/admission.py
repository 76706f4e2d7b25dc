"""Admit a submission: copy the notebooks out of a folder that its student may change at any moment.

Every way in passes through `admit`: nbgrader's exchange, a shared folder, Gradescope. It is not enough to check a path
and then to copy it, because the student can put a link in its place in between. So each folder is opened inside the
one above it, a file is checked after it was opened, and the copy is made from the same descriptor. Every name and every
byte is counted, and the time of a submission is read from the opened files when they have been copied.
"""

import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

NOTEBOOK, ARCHIVE = ".ipynb", ".zip"
NOTEBOOK_ENDINGS = (NOTEBOOK, f"{NOTEBOOK}.json", f"{NOTEBOOK}.txt")  # the others are made by browsers
MODULE = ".py"  # copied so that the feedback can report that only notebooks count: "Export" in JupyterLab writes one
MAX_ENTRIES = 2000  # files and folders of one submission: to list 50 000 takes 2 s, and a watch looks twice a second
MAX_SUBMISSIONS = 200  # of one account for an assignment, in the exchange
MAX_DEPTH = 20  # of folders within a submission
MAX_TEXT_BYTES = 200  # of a file with a time or a secret; nbgrader's have at most 128
MAX_PATH_BYTES = 1000  # so that the path of a copy is shorter than the kernel's limit
BLOCK = 1 << 20
LATEST_TIME_NS = 2_145_916_800 * 10**9  # 2038: file systems round later times down


class Problem(StrEnum):
    """Why a submission is not admitted. The values are shown to the instructor."""

    NAME = "its folder is not called STUDENT+ASSIGNMENT+TIME with a short STUDENT of letters, digits and . _ - @ +"
    OWNER = "it belongs to another account than the student whom it names"
    FOREIGN_FILE = "it contains a file of another account"
    NOT_A_FILE = "it contains a link, a pipe or a device"
    HARD_LINK = "one of its notebooks is a file with two names (a hard link)"
    ENTRIES = f"it contains more than {MAX_ENTRIES} files and folders"
    DEPTH = f"its folders are nested more than {MAX_DEPTH} deep, or have very long names"
    SIZE = "its notebooks are too large (the limit is c.CourseDirectory.max_dir_size)"
    HOLES = "one of its notebooks is a sparse file, which no notebook is"
    EMPTY = "it contains no notebook"
    UNREADABLE = "it cannot be read"
    MANY = f"its account has more than {MAX_SUBMISSIONS} submissions in the exchange: only the latest are read"
    MISDATED = "the time that it states is not the time of its files, and the student has another submission"


class Refused(Exception):
    """A submission that is not admitted."""

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


def is_notebook(path: PurePosixPath) -> bool:
    """Whether a path is named like a notebook, or like one to whose name a browser has appended an ending."""
    return path.name.lower().endswith(NOTEBOOK_ENDINGS)


def may_count(path: PurePosixPath) -> bool:
    """Whether a path is named like a notebook, or like an archive that may contain one."""
    return is_notebook(path) or path.suffix.lower() == ARCHIVE


@dataclass(frozen=True)
class Entry:
    """A file or folder of a submission."""

    path: PurePosixPath  # within the submission
    folder: int  # the descriptor of the folder that contains it
    status: os.stat_result  # of the entry itself, not of what a link leads to

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def may_count(self) -> bool:
        """Whether it is a file that is named like a notebook, or like an archive that may contain one."""
        return not self.is_folder and may_count(self.path)


@dataclass
class Admitted:
    """What was copied."""

    # The latest time at which a copied file, or a folder with one, was changed (ctime). No student can set it.
    changed: float = 0.0
    written: float = 0.0  # The latest time of writing that a copied file states (mtime). Its owner can set it.
    uids: set[int] = field(default_factory=set)  # the ids of the accounts that the copied files belong to
    paths: list[PurePosixPath] = field(default_factory=list)  # the copied files


def admit(
    folder: Path,
    target: Path,
    max_bytes: int,
    owners: Collection[int] | None = None,
    ignored: Sequence[str] = (),
    paths: Mapping[str, PurePosixPath] | None = None,
) -> Admitted:
    """Copy the notebooks of a submission, and the archives that may contain some, into an empty folder.

    The submission must not be a link. The copied files have at most `max_bytes` in all. With `owners`, they must belong
    to one of these accounts. Hidden files are left out, and names that match a pattern in `ignored`, as in
    ``c.CourseDirectory.ignore``. With `paths`, the folder contains the submission, and exactly these files are copied.
    The keys are the names of the copies.

    Raises
    ------
    Refused
        If the submission is not admitted as it is now.
    OSError
        If a copy cannot be written.
    """
    admitted = Admitted()
    copying = _Copying(target, max_bytes, owners, admitted)
    with reading(), opened_folder(folder) as root:
        if paths is None:
            for entry in find_notebooks(root, admitted, owners, ignored):
                copying.copy(entry.folder, entry.path.name, entry.path)
        else:
            for name, path in paths.items():
                with opened_parent(root, path) as parent:
                    copying.copy(parent, path.name, PurePosixPath(name))
    if not admitted.paths:
        raise Refused(Problem.EMPTY)
    return admitted


def find_notebooks(
    root: int, admitted: Admitted, owners: Collection[int] | None = None, ignored: Sequence[str] = ()
) -> Iterator[Entry]:
    """List the files of an opened submission that are copied, and check everything else in it.

    `admitted` gets the time of the last change of a folder or file. Raise `Refused` as in `list_entries`, or if a file
    or folder does not belong into a submission.
    """
    status = os.fstat(root)
    _check(status, owners)
    admitted.changed = max(admitted.changed, status.st_ctime)
    for entry in list_entries(root, ignored):
        _check(entry.status, owners)
        is_copied = entry.may_count or (entry.path.suffix == MODULE and not entry.is_folder)
        if entry.is_folder or is_copied:
            admitted.changed = max(admitted.changed, entry.status.st_ctime)
        if is_copied:
            yield entry


class _WriteError(OSError):
    """A copy cannot be written."""


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:  # a file became a folder meanwhile
        raise Refused(Problem.UNREADABLE) from error
    except OSError as error:
        raise _WriteError(error.errno, error.strerror, error.filename) from error


@contextmanager
def reading() -> Iterator[None]:
    """Turn an error while a submission is read into a refusal. An error while a copy is written stays an `OSError`."""
    try:
        yield
    except _WriteError:
        raise
    except OSError as error:
        raise Refused(Problem.UNREADABLE) from error


@contextmanager
def _opened(path: Path | str, inside: int | None, flag: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | flag, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def opened_folder(path: Path | str, inside: int | None = None) -> AbstractContextManager[int]:
    """Open a folder, which must not be a link. A relative path starts at the folder whose descriptor is `inside`."""
    return _opened(path, inside, os.O_DIRECTORY)


def opened_file(folder: int, name: str) -> AbstractContextManager[int]:
    """Open a file of an opened folder. It must not be a link, and a pipe does not block."""
    return _opened(name, folder, os.O_NONBLOCK)


@contextmanager
def opened_parent(root: int, path: PurePosixPath) -> Iterator[int]:
    """Open the folder that contains a path, one folder after the other. None of them may be a link."""
    with ExitStack() as folders:
        for part in path.parts[:-1]:
            root = folders.enter_context(opened_folder(part, inside=root))
        yield root


def list_entries(root: int, ignored: Sequence[str] = ()) -> Iterator[Entry]:
    """List what an opened folder and its folders contain, at most `MAX_ENTRIES`. Links are not followed.

    The folder of an entry is open until the next one is asked for. Raise `Refused` if there are too many, or if they
    are nested too deeply.
    """
    count = 0

    def entries_in(folder: int, parent: PurePosixPath) -> Iterator[Entry]:
        nonlocal count
        inner_folders = []
        with os.scandir(folder) as names:
            for name in (entry.name for entry in names):
                count += 1
                if count > MAX_ENTRIES:
                    raise Refused(Problem.ENTRIES)
                if name.startswith(".") or any(fnmatch(name, pattern) for pattern in ignored):
                    continue
                entry = Entry(parent / name, folder, os.stat(name, dir_fd=folder, follow_symlinks=False))
                if len(entry.path.parts) > MAX_DEPTH or len(os.fsencode(entry.path)) > MAX_PATH_BYTES:
                    raise Refused(Problem.DEPTH)
                yield entry
                if entry.is_folder:
                    inner_folders.append(entry.path)
        for path in inner_folders:  # after the files, so that a folder that is refused hides none of them
            with opened_folder(path.name, inside=folder) as inner:
                yield from entries_in(inner, path)

    return entries_in(root, PurePosixPath())


def _check(status: os.stat_result, owners: Collection[int] | None) -> None:
    """Refuse what is neither a regular file nor a folder, and what belongs to another account."""
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise Refused(Problem.NOT_A_FILE)
    if owners is not None and status.st_uid not in owners:
        raise Refused(Problem.FOREIGN_FILE)


@dataclass
class _Copying:
    target: Path
    bytes_left: int
    owners: Collection[int] | None
    admitted: Admitted

    def copy(self, folder: int, name: str, path: PurePosixPath) -> None:
        """Copy one file of an opened folder. The copy has its time of writing."""
        with opened_file(folder, name) as descriptor:
            status = self._check_opened(descriptor)
            file = self.target / path
            with _writing():
                file.parent.mkdir(parents=True, exist_ok=True)
                with open(file, "wb") as copy:
                    for block in _read_blocks(descriptor, status.st_size):
                        copy.write(block)
                os.utime(file, ns=(time_of_copy(status), time_of_copy(status)))
            after = os.fstat(descriptor)  # the content may be newer than the first status
        self.admitted.changed = max(self.admitted.changed, after.st_ctime)
        self.admitted.written = max(self.admitted.written, after.st_mtime)
        self.admitted.uids.add(after.st_uid)
        self.admitted.paths.append(path)

    def _check_opened(self, descriptor: int) -> os.stat_result:
        status = check_file(descriptor, self.owners)
        self.bytes_left -= status.st_size
        if self.bytes_left < 0:
            raise Refused(Problem.SIZE)
        if status.st_size and os.lseek(descriptor, 0, os.SEEK_HOLE) < status.st_size:
            raise Refused(Problem.HOLES)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return status


def check_file(descriptor: int, owners: Collection[int] | None) -> os.stat_result:
    """Check an opened file, and return its status.

    Raise `Refused` if it is not a regular file with one name, or belongs to another account.
    """
    status = os.fstat(descriptor)
    _check(status, owners)
    if not stat.S_ISREG(status.st_mode):
        raise Refused(Problem.NOT_A_FILE)
    if status.st_nlink > 1:
        raise Refused(Problem.HARD_LINK)
    return status


def read_text(root: int, name: str, owners: Collection[int] | None = None) -> str | None:
    """Read a short file of an opened folder.

    None if it does not exist, is not a file like that of a submission, or is longer.
    """
    try:
        with opened_file(root, name) as descriptor:
            if check_file(descriptor, owners).st_size > MAX_TEXT_BYTES:
                return None
            return os.read(descriptor, MAX_TEXT_BYTES).decode()
    except (OSError, Refused, UnicodeDecodeError):
        return None


def parse_time(text: str) -> datetime | None:
    """Read a time of nbgrader, in UTC and without a time zone. None if the text is not a time."""
    try:
        parsed = parse_utc(text.strip())
    except Exception:  # a student wrote the text, and the parser raises many kinds of exceptions
        return None
    return parsed if isinstance(parsed, datetime) else None


def _read_blocks(descriptor: int, size: int) -> Iterator[bytes]:
    """Read a file as far as it was when it was checked."""
    with reading():
        while size > 0 and (block := os.read(descriptor, min(size, BLOCK))):
            size -= len(block)
            yield block


def time_of_copy(status: os.stat_result) -> int:
    """The time of writing that a copy gets, in nanoseconds. An equal time shows that the file was copied before."""
    return min(max(status.st_mtime_ns, 0), LATEST_TIME_NS)
