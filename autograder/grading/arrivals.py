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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

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
    """A submission in the exchange."""

    folder: Path
    student: str  # the student whom the folder names
    uid: int  # of the account that owns the folder
    # When it was submitted, in UTC and without a time zone, as nbgrader has it. If the student states another time
    # than that of the files, it is the time of the files.
    time: datetime
    is_misdated: bool = False  # whether the stated time is not that of the files; without meaning if it was not read
    problem: Problem | None = None
    stated: tuple[datetime | None, ...] = ()  # the times in `timestamp.txt` and in the name of the folder
    # Whether it needs no second look. Unreadable content needs none: students can make it so for ever.
    is_final: bool = True

    @property
    def owner(self) -> str:
        """The name of the account that owns the folder."""
        return account_name(self.uid)

    @property
    def is_left(self) -> bool:
        """Whether its content is left to the next look."""
        return not self.is_final and self.problem is None


class _Found(NamedTuple):
    """A folder in the exchange: STUDENT+ASSIGNMENT+TIME or STUDENT+ASSIGNMENT+TIME+RANDOM."""

    folder: Path
    student: str
    time: str
    status: os.stat_result


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
    found: list[_Found] = []
    arrivals: list[Arrival] = []
    for folder in inbound.iterdir():
        student, plus, rest = folder.name.partition(f"+{assignment}+")
        if plus and fnmatch.fnmatchcase(student, students):
            try:
                found.append(_Found(folder, student, rest.partition("+")[0], folder.lstat()))
            except FileNotFoundError:  # removed meanwhile
                continue
            except OSError:  # of a mount, for example, and perhaps only now
                now = utc_from_seconds(time.time())
                arrivals.append(Arrival(folder, student, UNKNOWN_UID, now, problem=Problem.UNREADABLE, is_final=False))
    kept, excess = _limit(found, check_owner)
    left_to_read: defaultdict[str, int] = defaultdict(lambda: max_read)  # by student
    for each in kept:
        arrival = known.get(each.folder.name)
        if arrival and arrival.is_final:
            arrivals.append(arrival)
        elif _is_finished(each.status):
            arrivals.append(_read_arrival(each, check_owner, left_to_read))
    return sorted(arrivals + excess, key=lambda arrival: (arrival.time, arrival.folder.name))


def _limit(found: Sequence[_Found], check_owner: bool) -> tuple[list[_Found], list[Arrival]]:
    """Keep the latest submissions of an account that has too many. Return also the oldest of each, with the problem.

    Otherwise, each of thousands would be read, and each one with a problem reported. Without `check_owner`, all may
    belong to one account, so they are counted by the student they name.
    """
    kept: list[_Found] = []
    excess: list[Arrival] = []
    by_account: defaultdict[object, list[_Found]] = defaultdict(list)
    for each in found:
        by_account[each.status.st_uid if check_owner else each.student].append(each)
    for own in by_account.values():
        own.sort(key=lambda each: (each.status.st_ctime, each.folder.name))
        kept += own[-MAX_SUBMISSIONS:]
        if len(own) > MAX_SUBMISSIONS:
            folder, student, _, status = own[0]
            when = utc_from_seconds(status.st_ctime)
            excess.append(Arrival(folder, student, status.st_uid, when, problem=Problem.MANY))
    return kept, excess


def _read_arrival(found: _Found, check_owner: bool, left_to_read: defaultdict[str, int]) -> Arrival:
    """Read a submission in the exchange.

    If its content is read, `left_to_read` of its student decreases; at 0, the content is left to the next look.
    """
    folder, student, stated_time, status = found
    time_in_file, changed, is_final = None, status.st_ctime, True
    problem = None if is_student_id(student) else Problem.NAME
    if check_owner and not problem and account_name(status.st_uid) != student:
        problem = Problem.OWNER
    if not problem and not left_to_read[student]:
        is_final = False
    elif not problem:
        left_to_read[student] -= 1
        time_in_file, changed, problem = _read_content(folder, status)
    stated = (time_in_file, parse_time(stated_time))
    when, is_misdated = _date(stated, arrived=utc_from_seconds(changed))
    return Arrival(folder, student, status.st_uid, when, is_misdated, problem, stated, is_final)


def _is_finished(status: os.stat_result) -> bool:
    """Whether ``nbgrader submit`` has finished with a folder. Before, a watch would read its content twice a second."""
    # as its last step, it lets everybody write to the folder, so that instructors can delete it
    return bool(status.st_mode & stat.S_IWOTH) or time.time() > status.st_ctime + UNFINISHED_SECONDS


def _date(stated: Sequence[datetime | None], arrived: datetime) -> tuple[datetime, bool]:
    """Choose the time that counts: the first stated one, if all are stated and agree with the arrival."""
    claims = [claim for claim in stated if claim is not None]
    is_misdated = len(claims) < len(stated) or any(abs(claim - arrived) > TOLERANCE for claim in claims)
    return (arrived if is_misdated else claims[0]), is_misdated


def _read_content(folder: Path, status: os.stat_result) -> tuple[datetime | None, float, Problem | None]:
    """Check the files of a submission whose folder has this status, and read its `timestamp.txt`.

    Return the time that it states, or None if it cannot be read, the time of the last change, and a problem.
    """
    owners = {status.st_uid}
    try:
        with refusing_read_errors(), opened_folder(folder) as root:
            stated = parse_time(read_text(root, TIMESTAMP_FILE, owners) or "")
            entries = list(check_entries(root, owners))  # all of them, because each is checked
    except Refused as refusal:
        return None, status.st_ctime, refusal.problem
    changed = max(status.st_ctime, *(entry.status.st_ctime for entry in entries))
    has_notebook = any(may_count(entry.path) for entry in entries if not entry.is_folder)
    return stated, changed, None if has_notebook else Problem.EMPTY


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


def copy_arrival(arrival: Arrival, target: Path, max_bytes: int, ignored: Sequence[str] = ()) -> Arrival:
    """Copy the notebooks of a submission, and write its time and the secret of its feedback beside them.

    The target exists and is empty. Return the arrival with the time of what was copied: the student may have changed
    the files since they were seen. Raise `Refused` if the submission has changed, and cannot be collected as it is now.
    """
    owners = {arrival.uid}
    changed = admit(arrival.folder, target, max_bytes, owners, ignored)
    with refusing_read_errors(), opened_folder(arrival.folder) as root:
        secret = read_text(root, SECRET_FILE, owners) or ""
    when, is_misdated = _date(arrival.stated, arrived=utc_from_seconds(changed))
    (target / TIMESTAMP_FILE).write_text(format_time(when))
    if re.fullmatch(r"[ -~]+", secret):
        (target / SECRET_FILE).write_text(secret)
    return replace(arrival, time=when, is_misdated=is_misdated)


def collected_time(folder: Path) -> datetime | None:
    """The time of submission in a folder of `submitted/`; None if it has none."""
    try:
        return parse_time((folder / TIMESTAMP_FILE).read_text())
    except (OSError, UnicodeDecodeError):
        return None
