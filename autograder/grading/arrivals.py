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
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..submissions.admission import Admitted, admit, find_files_to_copy, read_text, refusing_read_errors
from ..submissions.file_names import may_count
from ..submissions.opened_files import opened_folder
from ..submissions.refusals import MAX_SUBMISSIONS, Problem, Refused
from ..submissions.times import format_time, parse_time, utc_from_seconds
from .accounts import account_name
from .due_dates import DueDates
from .student_ids import is_student_id

TIMESTAMP_FILE = "timestamp.txt"
SECRET_FILE = "submission_secret.txt"  # nbgrader finds the recipient of feedback with it
TOLERANCE = timedelta(seconds=60)  # between the time that a submission states and the time of its files
NEVER_DUE = DueDates()
UNKNOWN_UID = -1  # of a folder whose status cannot be read now; no account has it
UNFINISHED_SECONDS = 30  # so long after the last change of its folder, a submission counts as finished in any case


class Look(Enum):
    """How far a submission has been looked at."""

    DONE = "done"
    UNFINISHED = "unfinished"  # ``nbgrader submit`` has not finished
    LEFT = "left"  # ``nbgrader submit`` has finished, but it is left to the next look


@dataclass(frozen=True)
class Arrival:
    """A submission in the exchange."""

    folder: Path
    student: str  # the student whom the folder names
    owner: str
    # When it was submitted, in UTC and without a time zone, as nbgrader has it. If the student states another time
    # than that of the files, it is the time of the files.
    time: datetime
    uid: int  # of the owner
    is_misdated: bool = False  # whether the stated time is not that of the files; without meaning if it was not read
    look: Look = Look.DONE
    problem: Problem | None = None
    stated: tuple[datetime | None, ...] = ()  # the times in `timestamp.txt` and in the name of the folder

    @property
    def is_final(self) -> bool:
        """Whether it needs no second look. Unreadable content needs none: students can make it so for ever."""
        return self.look is Look.DONE and self.uid != UNKNOWN_UID


Refusal = tuple[Arrival, Problem]


class _Found(NamedTuple):
    """A folder in the exchange: STUDENT+ASSIGNMENT+TIME or STUDENT+ASSIGNMENT+TIME+RANDOM."""

    entry: os.DirEntry[str]
    student: str
    time: str


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
    found = []
    with os.scandir(inbound) as entries:
        for entry in entries:
            name, plus, rest = entry.name.partition(f"+{assignment}+")
            if plus and fnmatch.fnmatchcase(name, students):
                found.append(_Found(entry, name, rest.partition("+")[0]))
    kept, arrivals = _limit(found, check_owner)
    for each in kept:
        arrival = known.get(each.entry.name)
        if arrival is None or not arrival.is_final:
            arrival = _read_arrival(each, check_owner, left_to_read)
        if arrival is not None:
            arrivals.append(arrival)
    return sorted(arrivals, key=lambda arrival: (arrival.time, arrival.folder.name))


def _limit(found: Sequence[_Found], check_owner: bool) -> tuple[list[_Found], list[Arrival]]:
    """Keep the latest submissions of an account that has too many. Return also the oldest of each, with the problem.

    Otherwise, each of thousands would be read, and each one with a problem reported. To look at the owners of 10 000
    takes 35 ms. Without `check_owner`, all may belong to one account, so they are counted by the student they name.
    """
    if len(found) <= MAX_SUBMISSIONS:
        return list(found), []
    kept, excess = [], []
    by_account: dict[object, list[tuple[os.stat_result, _Found]]] = {}
    for each in found:
        try:
            status = each.entry.stat(follow_symlinks=False)
        except OSError:  # removed meanwhile, or a mount that answers nobody else: `_read_arrival` reports it
            kept.append(each)
            continue
        by_account.setdefault(status.st_uid if check_owner else each.student, []).append((status, each))
    for own in by_account.values():
        own.sort(key=lambda pair: (pair[0].st_ctime, pair[1].entry.name))
        kept += [each for _, each in own[-MAX_SUBMISSIONS:]]
        if len(own) > MAX_SUBMISSIONS:
            status, oldest = own[0]
            place, owner, when = Path(oldest.entry.path), account_name(status.st_uid), utc_from_seconds(status.st_ctime)
            excess.append(Arrival(place, oldest.student, owner, when, status.st_uid, problem=Problem.MANY))
    return kept, excess


def _read_arrival(found: _Found, check_owner: bool, left_to_read: defaultdict[str, int]) -> Arrival | None:
    """Read a submission in the exchange. None if it has been removed meanwhile.

    If its content is read, `left_to_read` of its student decreases; at 0, the content is left to the next look.
    """
    folder, student = Path(found.entry.path), found.student
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return None
    except OSError:  # of a mount, for example, and perhaps only now
        return Arrival(
            folder, student, "unknown", utc_from_seconds(time.time()), UNKNOWN_UID, problem=Problem.UNREADABLE
        )
    owner = account_name(status.st_uid)
    time_in_file, changed, look = None, status.st_ctime, Look.DONE
    problem = None if is_student_id(student) else Problem.NAME
    if check_owner and not problem and owner != student:
        problem = Problem.OWNER
    if not _is_finished(status):
        look = Look.UNFINISHED
    elif not problem and not left_to_read[student]:
        look = Look.LEFT
    elif not problem:
        left_to_read[student] -= 1
        time_in_file, changed, problem = _read_content(folder, status)
    stated = (time_in_file, parse_time(found.time))
    when, is_misdated = _date(stated, arrived=utc_from_seconds(changed))
    return Arrival(folder, student, owner, when, status.st_uid, is_misdated, look=look, problem=problem, stated=stated)


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
    stated, problem = None, None
    owners, admitted = {status.st_uid}, Admitted(changed=status.st_ctime)  # `find_files_to_copy` increases `changed`
    try:
        with refusing_read_errors(), opened_folder(folder) as root:
            stated = parse_time(read_text(root, TIMESTAMP_FILE, owners) or "")
            files = list(find_files_to_copy(root, admitted, owners))  # all of them, because each is checked
            if not any(may_count(entry.path) for entry in files):
                problem = Problem.EMPTY
    except Refused as refusal:
        problem = refusal.problem
    return stated, admitted.changed, problem


def choose_latest(arrivals: Sequence[Arrival], due_dates: DueDates = NEVER_DUE) -> tuple[list[Arrival], list[Refusal]]:
    """Choose the submission of each student that counts. The arrivals are given with the oldest first.

    Return at most one per student, and those with a problem. The latest that states its time honestly counts, else the
    latest. One in time is preferred to any later one, but an honest late one to a misdated one in time. One without a
    notebook is chosen if the student has no other, so that the feedback can say what to hand in.
    """
    by_student: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        if arrival.look is Look.DONE:
            by_student.setdefault(arrival.student, []).append(arrival)
    chosen, refused = [], []
    for student, own in by_student.items():
        empty = [arrival for arrival in own if arrival.problem is Problem.EMPTY]
        candidates = [arrival for arrival in own if not arrival.problem] or empty[-1:]
        refused += [(arrival, arrival.problem) for arrival in own if arrival.problem and arrival not in candidates]
        honest = [arrival for arrival in candidates if not arrival.is_misdated]
        if honest:
            refused += [(arrival, Problem.MISDATED) for arrival in candidates if arrival.is_misdated]
        if candidates:
            chosen.append(_latest(honest or candidates, due_dates.of(student)))
    return chosen, refused


def _latest(arrivals: Sequence[Arrival], due_date: datetime | None) -> Arrival:
    """The latest that is in time, or else the latest."""
    in_time = [arrival for arrival in arrivals if due_date is not None and arrival.time <= due_date]
    return (in_time or arrivals)[-1]


def copy_arrival(arrival: Arrival, target: Path, max_bytes: int, ignored: Sequence[str] = ()) -> Arrival:
    """Copy the notebooks of a submission, and write its time and the secret of its feedback beside them.

    The target exists and is empty. Return the arrival with the time of what was copied: the student may have changed
    the files since they were seen. Raise `Refused` if the submission has changed, and cannot be collected as it is now.
    """
    owners = {arrival.uid}
    admitted = admit(arrival.folder, target, max_bytes, owners, ignored)
    with refusing_read_errors(), opened_folder(arrival.folder) as root:
        secret = read_text(root, SECRET_FILE, owners) or ""
    when, is_misdated = _date(arrival.stated, arrived=utc_from_seconds(admitted.changed))
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
