"""Submissions in the exchange: whose they are, when they arrived, and a safe copy of their files.

Every student can write to the exchange, under any name and with any time. Only the file system knows who wrote a file
and when: its owner, and the time of its last change (ctime), which no student can set.
"""

import fnmatch
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from nbgrader.utils import parse_utc

from ..submissions.reader import MAX_DEPTH
from .locks import locked
from .replacing import replaced_folder

TIMESTAMP_FILE = "timestamp.txt"
TIME_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"
MAX_FILES = 1000  # of one submission
MAX_NAME_BYTES = 200  # of a student: the names of records and drafts are longer, and a file system allows 255
MAX_PATH_BYTES = 1000  # so that the path of a copy is shorter than the kernel's limit
MAX_TIMESTAMP_BYTES = 200
TOLERANCE = timedelta(seconds=60)  # between the time that a submission states and the time of its files
UNFINISHED_SECONDS = 30  # after this time, a submission counts as complete even if its folder does not show it


class Problem(StrEnum):
    """Why a submission in the exchange is not collected. The values are shown to the instructor."""

    NAME = "its folder is not called STUDENT+ASSIGNMENT+TIME with a short, printable STUDENT that has no dot in front"
    OWNER = "it belongs to another account than the student whom it names"
    FILES = "it contains files of another account, links, too many files, or folders that are nested too deeply"
    EMPTY = "it contains no notebook"
    UNREADABLE = "it cannot be read"
    SIZE = "it is larger than c.CourseDirectory.max_dir_size"
    MISDATED = "the time that it states is not the time of its files, and the student has another submission"


@dataclass(frozen=True)
class Arrival:
    """A submission in the exchange.

    Attributes
    ----------
    folder : Path
    student : str
        The student whom the folder names.
    owner : str
        The account that the folder belongs to.
    time : datetime
        When it was submitted, in UTC and without a time zone, as nbgrader has it. If the student states another time
        than that of the files, it is the time of the files.
    is_misdated : bool
        Whether the stated time is not that of the files.
    is_complete : bool
        Whether ``nbgrader submit`` has finished.
    problem : Problem or None
    """

    folder: Path
    student: str
    owner: str
    time: datetime
    is_misdated: bool = False
    is_complete: bool = True
    problem: Problem | None = None


def read_arrivals(
    inbound: Path,
    assignment: str,
    student: str = "*",
    check_owner: bool = True,
    known: Mapping[str, Arrival] | None = None,
) -> list[Arrival]:
    """Read which submissions of an assignment the exchange has.

    Parameters
    ----------
    inbound : Path
        The folder of the exchange in which students put their submissions.
    assignment : str
    student : str
        A glob pattern that selects students.
    check_owner : bool
        Whether a submission must belong to the account with the student's name.
    known : mapping of str to Arrival, optional
        By the name of the folder, what an earlier call found. Complete ones are not read again.

    Returns
    -------
    list of Arrival
        The oldest first.
    """
    arrivals = []
    with os.scandir(inbound) as entries:  # STUDENT+ASSIGNMENT+TIME or STUDENT+ASSIGNMENT+TIME+RANDOM
        for entry in entries:
            name, plus, rest = entry.name.partition(f"+{assignment}+")
            if not plus or not fnmatch.fnmatchcase(name, student):
                continue
            arrival = known.get(entry.name) if known else None
            with suppress(FileNotFoundError):  # removed meanwhile
                if arrival is None or not arrival.is_complete:
                    arrival = _read_arrival(Path(entry.path), name, parse_time(rest.partition("+")[0]), check_owner)
                arrivals.append(arrival)
    return sorted(arrivals, key=lambda arrival: (arrival.time, arrival.folder.name))


def is_student_name(text: str) -> bool:
    """Whether a text can be the name of a folder in `submitted/`. A name that is not valid UTF-8 is not printable."""
    is_valid = bool(text) and text.isprintable() and "/" not in text and not text.startswith(".")
    return is_valid and len(text.encode()) <= MAX_NAME_BYTES


def _read_arrival(folder: Path, student: str, time_in_name: datetime | None, check_owner: bool) -> Arrival:
    status = folder.lstat()
    owner = _account(status.st_uid)
    files: list[_File] = []
    time_in_file: datetime | None = None
    problem: Problem | None
    if not is_student_name(student):
        problem = Problem.NAME
    elif check_owner and owner != student:
        problem = Problem.OWNER
    else:
        files, time_in_file, problem = _read_content(folder, status.st_uid)
    changed = max([status.st_ctime, *(file.changed for file in files)])
    when, is_misdated = _date([time_in_file, time_in_name], arrived=_utc(changed))
    # `nbgrader submit` lets everybody write to the folder as its last step, so that instructors can delete it.
    is_complete = bool(status.st_mode & stat.S_IWOTH) or time.time() > changed + UNFINISHED_SECONDS
    return Arrival(folder, student, owner, when, is_misdated, is_complete, problem)


def _date(stated: list[datetime | None], arrived: datetime) -> tuple[datetime, bool]:
    """Choose the time that counts. A stated one counts if all that are stated agree with the arrival."""
    claims = [claim for claim in stated if claim is not None]
    is_misdated = len(claims) < len(stated) or any(abs(claim - arrived) > TOLERANCE for claim in claims)
    return (arrived if is_misdated or not claims else claims[0]), is_misdated


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """Open a folder, which must not be a link."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _account(uid: int) -> str:
    import pwd  # not at the top of the module, because Windows does not have it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def parse_time(text: str) -> datetime | None:
    """Read a time of nbgrader, in UTC and without a time zone. None if the text is not a time."""
    try:
        parsed = parse_utc(text.strip())
    except (ValueError, OverflowError, TypeError):
        return None
    return parsed if isinstance(parsed, datetime) else None


@dataclass(frozen=True)
class _File:
    path: str  # within the submission
    size: int
    changed: float


def _read_content(folder: Path, owner: int) -> tuple[list[_File], datetime | None, Problem | None]:
    """List the files of a submission, and read its `timestamp.txt`. The time is None if it cannot be read."""
    try:
        with _opened(folder) as root:
            files, problem = _list_files(root, owner)
            stated = _read_timestamp(root)
    except OSError:
        return [], None, Problem.UNREADABLE
    if not problem and not any(file.path.endswith(".ipynb") for file in files):
        problem = Problem.EMPTY
    return files, stated, problem


def _list_files(root: int, uid: int) -> tuple[list[_File], Problem | None]:
    """List the regular files of an opened folder. Links are not followed."""
    files: list[_File] = []
    problem = None
    for parent, folders, names, descriptor in os.fwalk(".", dir_fd=root, follow_symlinks=False):
        if len(Path(parent).parts) > MAX_DEPTH:
            return files, Problem.FILES
        for name in [*folders, *names]:
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            is_folder = stat.S_ISDIR(status.st_mode)
            if status.st_uid != uid or not (is_folder or stat.S_ISREG(status.st_mode)):
                problem = Problem.FILES
            elif not is_folder:
                path = os.path.normpath(os.path.join(parent, name))
                if len(os.fsencode(path)) > MAX_PATH_BYTES:
                    return files, Problem.FILES
                files.append(_File(path, status.st_size, status.st_ctime))
            if len(files) > MAX_FILES:
                return files, Problem.FILES
    return files, problem


def _read_timestamp(root: int) -> datetime | None:
    try:
        descriptor = os.open(TIMESTAMP_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=root)
    except OSError:
        return None
    try:
        text = os.read(descriptor, MAX_TIMESTAMP_BYTES)
    finally:
        os.close(descriptor)
    return parse_time(text.decode(errors="replace"))


def choose_latest(
    arrivals: Sequence[Arrival], duedates: Mapping[str, datetime] | None = None
) -> tuple[list[Arrival], list[Arrival]]:
    """Choose the submission of each student that counts.

    Parameters
    ----------
    arrivals : sequence of Arrival
        The oldest first.
    duedates : mapping of str to datetime, optional
        The due date of a student. The last submission before it is preferred.

    Returns
    -------
    chosen : list of Arrival
        At most one per student: the latest that states its time honestly, else the latest.
    refused : list of Arrival
        Those with a problem.
    """
    own: dict[str, list[Arrival]] = {}
    refused = [arrival for arrival in arrivals if arrival.problem and arrival.is_complete]
    for arrival in arrivals:
        if not arrival.problem and arrival.is_complete:
            own.setdefault(arrival.student, []).append(arrival)
    chosen = []
    for student, student_arrivals in own.items():
        honest = [arrival for arrival in student_arrivals if not arrival.is_misdated]
        if honest:
            refused += [replace(a, problem=Problem.MISDATED) for a in student_arrivals if a.is_misdated]
        candidates = honest or student_arrivals
        duedate = (duedates or {}).get(student)
        in_time = [arrival for arrival in candidates if duedate is not None and arrival.time <= duedate]
        chosen.append((in_time or candidates)[-1])
    return chosen, refused


def copy_arrival(arrival: Arrival, target: Path, max_bytes: int, ignored: Sequence[str] = ()) -> None:
    """Copy the regular files of a submission, and write its time into `timestamp.txt`.

    The student can change the files meanwhile, so everything is checked on the opened file that is copied.

    Parameters
    ----------
    arrival : Arrival
    target : Path
        A folder that is empty or does not exist yet.
    max_bytes : int
        The limit on the total size.
    ignored : sequence of str
        Patterns of file names that are left out.

    Raises
    ------
    Refused
        If the submission has changed, and cannot be collected as it is now.
    """
    target.mkdir(parents=True, exist_ok=True)
    for path, content in _read_files(arrival.folder, max_bytes, ignored):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    (target / TIMESTAMP_FILE).write_text(format_time(arrival.time))


class Refused(Exception):
    """A submission that cannot be collected.

    Attributes
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem):
        super().__init__(str(problem))
        self.problem = problem


def _read_files(submission: Path, max_bytes: int, ignored: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each file. An error while reading is the submission's fault."""
    try:
        with _opened(submission) as root:
            uid = os.fstat(root).st_uid
            files, problem = _list_files(root, uid)
            if problem:
                raise Refused(problem)
            for file in files:
                if not any(fnmatch.fnmatch(part, pattern) for part in Path(file.path).parts for pattern in ignored):
                    content = _read_file(root, file.path, uid, max_bytes)
                    max_bytes -= len(content)
                    yield file.path, content
    except OSError as error:
        raise Refused(Problem.UNREADABLE) from error


def _read_file(root: int, path: str, uid: int, max_bytes: int) -> bytes:
    """Read one file of an opened folder. No part of its path may be a link."""
    folder = os.dup(root)
    try:
        *parents, name = Path(path).parts
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != uid or not stat.S_ISREG(status.st_mode):
            raise Refused(Problem.FILES)
        if status.st_size > max_bytes:
            raise Refused(Problem.SIZE)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(status.st_size)
    finally:
        os.close(descriptor)


def format_time(when: datetime) -> str:
    """Write a time as nbgrader does."""
    return when.strftime(TIME_FORMAT)


def replace_submission(arrival: Arrival, target: Path, max_bytes: int, ignored: Sequence[str] = ()) -> None:
    """Put a submission into the place of the student's last one, completely or not at all.

    Parameters
    ----------
    arrival : Arrival
    target : Path
        The folder in `submitted/`. It is locked, so that nobody else reads or replaces it meanwhile.
    max_bytes, ignored
        As in `copy_arrival`.

    Raises
    ------
    Refused
        As in `copy_arrival`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target), replaced_folder(target) as draft:
        copy_arrival(arrival, draft, max_bytes, ignored)
