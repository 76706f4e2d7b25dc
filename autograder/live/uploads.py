"""What students hand in over HTTP: a folder that a watch reads like any shared folder, and a receipt for each notebook.

Only the server writes there, so owner and time of a file are its own: when a notebook arrived, by this machine's clock.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ..course import Course
from ..grading.replacing import write_atomically
from ..submissions.times import format_time, utc_from_seconds

UPLOADED = "uploaded"  # the folder in the course, and of the receipts in `records/<assignment>/`


@dataclass(frozen=True)
class Receipt:
    """A notebook that arrived."""

    time: str  # when it had arrived completely, in UTC, as nbgrader writes it
    notebook: str  # Its name in the course. The name that the student's file had is not kept.
    size: int  # in bytes
    sha256: str


def make_uploads_folder(course: Course) -> Path:
    """Make the folder that a watch reads, if it is missing: `uploaded/`, for STUDENT/ASSIGNMENT/NOTEBOOK.ipynb."""
    folder = course.root / UPLOADED
    folder.mkdir(exist_ok=True)
    return folder


def read_receipts(course: Course, assignment: str, student: str) -> list[Receipt]:
    """Read what arrived from a student, the oldest first. Raise `OSError` if it cannot be read: it must not be lost.

    A damaged file counts as empty: otherwise, the student could hand in nothing more.
    """
    try:
        return [Receipt(**entry) for entry in json.loads(_receipts_file(course, assignment, student).read_text())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def save(course: Course, assignment: str, student: str, notebooks: Mapping[str, bytes]) -> None:
    """Save notebooks in place of the student's earlier ones, and write the receipts.

    A notebook that is there already keeps its time and its receipt: a request that is sent twice makes nobody late. If
    it has no receipt, because that could not be written, it gets one with its time. The keys are names of notebooks of
    the assignment. Calls for one student must not overlap. Raise `OSError` if a file cannot be read or written.
    """
    folder = make_uploads_folder(course) / student / assignment
    receipts = read_receipts(course, assignment, student)
    known = {receipt.notebook: receipt.sha256 for receipt in receipts}
    for name, content in notebooks.items():
        file, sha256 = folder / f"{name}.ipynb", hashlib.sha256(content).hexdigest()
        if not (file.is_file() and file.read_bytes() == content):
            write_atomically(file, content)
        elif known.get(name) == sha256:
            continue
        arrived = utc_from_seconds(file.stat().st_mtime)  # the time that `collect_drop` reads
        receipts.append(Receipt(format_time(arrived), name, len(content), sha256))
        # now: if the next cannot be written, sending this one again must not give it a later time
        text = json.dumps([asdict(each) for each in receipts], indent=1)
        write_atomically(_receipts_file(course, assignment, student), text)


def _receipts_file(course: Course, assignment: str, student: str) -> Path:
    return course.records_folder / assignment / UPLOADED / f"{student}.json"
