"""Submissions in the exchange: whose they are, when they arrived, which of them counts, and a safe copy of their files.

Every student can write to the exchange, under any name and with any time. Only the file system knows who wrote a file
and when: its owner, and the time of its last change (ctime), which no student can set.
"""

import fnmatch
import os
import re
import stat
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from ..submissions.admission import admit, check_entries, read_text, refusing_read_errors
from ..submissions.file_names import may_count
from ..submissions.opened_files import opened_folder
from ..submissions.refusals import MAX_SUBMISSIONS, Problem, Refused
from ..submissions.times import format_time, parse_time, utc_from_seconds
from .accounts import account_name
from .student_ids import is_student_id

TIMESTAMP_FILE = "timestamp.txt"
SECRET_FILE = "submission_secret.txt"  # nbgrader finds the recipient of feedback with it
TOLERANCE = timedelta(seconds=60)  # between the time that a submission states and the time of its files
UNKNOWN_UID = -1  # of a folder whose status cannot be read now; no account has it
UNFINISHED_SECONDS = 30  # so long after the last change of its folder, a submission counts as finished in any case


@dataclass(frozen=True)
class Arrival:
    """A submission in the exchange: a folder STUDENT+ASSIGNMENT+TIME or STUDENT+ASSIGNMENT+TIME+RANDOM."""

    folder: Path
    student: str  # the student whom the folder names
    uid: int  # of the account that owns the folder
    # When it was submitted, in UTC and without a time zone, as nbgrader has it. If the student states another time
    # than that of the files, it is the time of the files.
    time: datetime
    time_in_name: str = ""  # of the folder
    time_in_file: datetime | None = None  # in `timestamp.txt`
    is_misdated: bool = False  # whether a stated time is not that of the files; without meaning if it was not read
    problem: Problem | None = None
    # Whether it needs no second look. Unreadable content needs none: students can make it so for ever.
    is_final: bool = False

    @property
    def owner(self) -> str:
        """The name of the account that owns the folder."""
        return "unknown" if self.uid == UNKNOWN_UID else account_name(self.uid)

    @property
    def is_left(self) -> bool:
        """Whether its content is left to the next look."""
        return not self.is_final and self.problem is None

    def dated(self, changed: datetime) -> "Arrival":
        """The arrival with the time that counts: a stated one, if both agree with the last change of the files."""
        stated = (self.time_in_file, parse_time(self.time_in_name))
        claims = [claim for claim in stated if claim is not None and abs(claim - changed) <= TOLERANCE]
        is_misdated = len(claims) < len(stated)
        return replace(self, time=changed if is_misdated else claims[0], is_misdated=is_misdated)


def read_arrivals(
    inbound: Path,
    assignment: str,
    students: str = "*",
    check_owner: bool = True,
    known: Mapping[str, Arrival] = MappingProxyType({}),
    max_read: int = MAX_SUBMISSIONS,
) -> list[Arrival]:
    """Read which submissions of an assignment the exchange has, the oldest first.

    `students` is a pattern of `fnmatch`. If an account has more than `MAX_SUBMISSIONS`, its oldest stands for all that
    are left out, with `Problem.MANY`. With `check_owner`, a submission must belong to the account with the student's
    name. Those that are known by the name of their folder, and final, are not read again: a watch looks twice a second.
    Of a student, who can rename all of them between two looks, at most `max_read` are read.
    """
    left_to_read: defaultdict[str, int] = defaultdict(lambda: max_read)  # by student
    arrivals = []
    for arrival in _limit(_find(inbound, assignment, students, known), check_owner):
        if arrival.is_left and (problem := _find_problem_of_name(arrival, check_owner)):
            arrival = replace(arrival, problem=problem, is_final=True)
        elif arrival.is_left and left_to_read[arrival.student]:
            left_to_read[arrival.student] -= 1
            arrival = _read_content(arrival)
        arrivals.append(arrival)
    return sorted(arrivals, key=by_time)


def by_time(arrival: Arrival) -> tuple[datetime, str]:
    """The key of a sort that lets the oldest come first."""
    return arrival.time, arrival.folder.name


def _find(inbound: Path, assignment: str, students: str, known: Mapping[str, Arrival]) -> Iterator[Arrival]:
    """Find the submissions that are finished: those known, and of others what their folders show from outside."""
    for folder in inbound.iterdir():
        student, plus, rest = folder.name.partition(f"+{assignment}+")
        if plus and fnmatch.fnmatchcase(student, students):
            before = known.get(folder.name)
            arrival = before if before and before.is_final else _look_at(folder, student, rest.partition("+")[0])
            if arrival:
                yield arrival


def _look_at(folder: Path, student: str, time_in_name: str) -> Arrival | None:
    """Look at a folder. None if it has been removed meanwhile, or if ``nbgrader submit`` has not finished with it."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return None
    except OSError:  # of a mount, for example, and perhaps only now
        return Arrival(folder, student, UNKNOWN_UID, utc_from_seconds(time.time()), problem=Problem.UNREADABLE)
    # As its last steps, it writes the secret, and lets everybody write to the folder, so that instructors can delete
    # it. If everybody can write to the student's own folder, the copy has this mode from the start.
    has_secret = not stat.S_ISDIR(status.st_mode) or os.path.lexists(folder / SECRET_FILE)
    is_open = status.st_mode & stat.S_IWOTH and has_secret
    is_finished = is_open or time.time() > status.st_ctime + UNFINISHED_SECONDS
    changed = utc_from_seconds(status.st_ctime)
    return Arrival(folder, student, status.st_uid, changed, time_in_name) if is_finished else None


def _limit(arrivals: Iterable[Arrival], check_owner: bool) -> list[Arrival]:
    """Keep the latest submissions of an account that has too many, and the oldest one, with the problem.

    Otherwise, each of thousands would be read, and each one with a problem reported. Without `check_owner`, all may
    belong to one account, so they are counted by the student they name.
    """
    kept = []
    by_account: defaultdict[object, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        by_account[arrival.uid if check_owner else arrival.student].append(arrival)
    for own in by_account.values():
        own.sort(key=by_time)
        kept += own[-MAX_SUBMISSIONS:]
        if len(own) > MAX_SUBMISSIONS:
            kept.append(replace(own[0], problem=Problem.MANY, is_final=False))
    return kept


def _find_problem_of_name(arrival: Arrival, check_owner: bool) -> Problem | None:
    if not is_student_id(arrival.student):
        return Problem.NAME
    return Problem.OWNER if check_owner and arrival.owner != arrival.student else None


def _read_content(arrival: Arrival) -> Arrival:
    """Check the files of a submission, and read its time and that of the last change."""
    owners = {arrival.uid}
    try:
        with refusing_read_errors(), opened_folder(arrival.folder) as root:
            stated = parse_time(read_text(root, TIMESTAMP_FILE, owners))
            entries = list(check_entries(root, owners))  # all of them, because each is checked
    except Refused as refusal:
        return replace(arrival, problem=refusal.problem, is_final=True)
    has_notebook = any(may_count(entry.path) for entry in entries if not entry.is_folder)
    problem = None if has_notebook else Problem.EMPTY
    changed = max([arrival.time, *(utc_from_seconds(entry.status.st_ctime) for entry in entries)])
    return replace(arrival, time_in_file=stated, problem=problem, is_final=True).dated(changed)


def group_by_student(arrivals: Sequence[Arrival]) -> tuple[dict[str, list[Arrival]], list[Arrival]]:
    """Group the submissions that can be collected by student. They are given with the oldest first, and stay so.

    Return also the others that were read, each with its problem. One that states another time than that of its files
    is one of these if the student has an honest one. One without a notebook can be collected if the student has no
    other, so that the feedback can say what to hand in.
    """
    by_student: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        if not arrival.is_left:
            by_student[arrival.student].append(arrival)
    usable: dict[str, list[Arrival]] = {}
    refused: list[Arrival] = []
    for student, own in by_student.items():
        empty = [arrival for arrival in own if arrival.problem is Problem.EMPTY]
        candidates = [arrival for arrival in own if not arrival.problem] or empty[-1:]
        refused += [arrival for arrival in own if arrival.problem and arrival not in candidates]
        honest = [arrival for arrival in candidates if not arrival.is_misdated]
        if honest:
            refused += [replace(arrival, problem=Problem.MISDATED) for arrival in candidates if arrival.is_misdated]
        if candidates:
            usable[student] = honest or candidates
    return usable, refused


def copy_arrival(arrival: Arrival, target: Path, max_bytes: int) -> Arrival:
    """Copy the notebooks of a submission, and write its time and the secret of its feedback beside them.

    The target exists and is empty. Return the arrival with the time of what was copied: the student may have changed
    the files since they were seen. Raise `Refused` if the submission has changed, and cannot be collected as it is now.
    """
    owners = {arrival.uid}
    (target / TIMESTAMP_FILE).touch()  # a folder with this name is refused
    changed = admit(arrival.folder, target, max_bytes, owners)
    with refusing_read_errors(), opened_folder(arrival.folder) as root:
        secret = read_text(root, SECRET_FILE, owners)
    arrival = arrival.dated(utc_from_seconds(changed))
    (target / TIMESTAMP_FILE).write_text(format_time(arrival.time))
    if re.fullmatch(r"[ -~]+", secret):
        (target / SECRET_FILE).write_text(secret)
    return arrival


def collected_time(folder: Path) -> datetime | None:
    """The time of submission in a folder of `submitted/`; None if it has none."""
    try:
        return parse_time((folder / TIMESTAMP_FILE).read_text())
    except (OSError, UnicodeDecodeError):
        return None
