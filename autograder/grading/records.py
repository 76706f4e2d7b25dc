"""The record of a submission: one JSON file that says how its grading ended. It is written last and atomically."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from traitlets.log import get_logger

from ..judging.verdict import Verdict
from ..runner import MODES
from ..runner.sandbox import UNSANDBOXED
from .due_dates import is_saved_date_past
from .notebook_notes import VERSION, without_version
from .replacing import write_atomically


class Outcome(StrEnum):
    """How the grading of a submission ended. A person should look at all but `GRADED`."""

    GRADED = "graded"
    TIMED_OUT = "timed out"
    """The student's code exceeded a time limit of the runner."""
    CRASHED = "crashed"
    """The student's process ended early, or the grader's worker process ended twice."""
    NEEDS_A_PERSON = "needs a person"
    """The grader found something that a person must decide, had an internal error, or exceeded its own limits."""
    UNREADABLE = "unreadable"
    """No notebook could be read."""


@dataclass(frozen=True)
class Record:
    """How the grading of one submission ended."""

    student: str
    assignment: str
    outcome: Outcome
    score: float = 0.0  # in the gradebook
    max_score: float = 0.0
    seconds: float = 0.0  # wall time of the grading
    messages: list[str] = field(default_factory=list)  # a sentence each: a repair, an exceeded limit, …
    verdicts: list[Verdict] = field(default_factory=list)  # one per exercise
    modes: list[str] = field(default_factory=list)  # of the runner, usually one; empty if no code ran
    key: str = ""  # `record_key` of a hash of what the result depends on; with another one, it is out of date
    letters_due: str = ""  # when the answers that can be guessed are judged, such as a quiz; empty if all are judged
    unread: dict[str, list[str]] = field(default_factory=dict)  # of each notebook that is not readable, the reasons

    @property
    def is_finished(self) -> bool:
        """Whether the grader finished its work, and the record is not marked as out of date (`forget_keys`)."""
        return bool(self.key)

    @property
    def num_received_answers(self) -> int:
        """The number of answers that are judged at the due date."""
        return sum(verdict.is_received for verdict in self.verdicts)

    @property
    def is_overdue(self) -> bool:
        """Whether the answers that were only received can be judged now."""
        return is_saved_date_past(self.letters_due)

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look at the submission."""
        return self.outcome is not Outcome.GRADED

    @property
    def has_result(self) -> bool:
        """Whether the submission was graded. Otherwise, it was unreadable, or the grader failed."""
        return self.outcome is Outcome.GRADED or bool(self.max_score or self.verdicts)

    @property
    def is_unsandboxed(self) -> bool:
        """Whether the student's code ran without a sandbox."""
        return UNSANDBOXED in self.modes

    @property
    def isolation(self) -> str:
        """A description of the modes for a person."""
        return ", ".join(MODES[mode] for mode in self.modes)


def record_key(key: str, letters_due: str) -> str:
    """Make the key of a record. It changes when letters are judged, so that a watch returns the feedback once more."""
    return f"{key} until {letters_due}" if letters_due else key


def _file(folder: Path, assignment: str, student: str) -> Path:
    return folder / assignment / f"{student}.json"


def write(record: Record, folder: Path) -> None:
    """Write a record atomically."""
    file = _file(folder, record.assignment, record.student)
    write_atomically(file, json.dumps({"version": VERSION} | asdict(record), indent=1, ensure_ascii=False))


def read(folder: Path, assignment: str, student: str) -> Record | None:
    """Read the record of a submission.

    Return None if it is missing, damaged or of another version: the submission is then graded again.
    """
    try:
        data = without_version(json.loads(_file(folder, assignment, student).read_text(encoding="utf-8")))
        verdicts = [Verdict.from_json(verdict) for verdict in data["verdicts"]]
        return Record(**data | {"outcome": Outcome(data["outcome"]), "verdicts": verdicts})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def forget_failure(folder: Path, assignment: str, student: str) -> None:
    """Delete a record without scores, because another submission of the student is graded now."""
    record = read(folder, assignment, student)
    if record and not record.has_result:
        _file(folder, assignment, student).unlink(missing_ok=True)


def note_letters_due(folder: Path, assignment: str, student: str, letters_due: str) -> None:
    """Note when the letters of a notebook are judged that `nbgrader autograde` has graded, and warn that they wait.

    An empty date removes the note: no letters wait now. nbgrader itself would count them as 0 for good. With the note,
    exports say that they wait, and are refused once the date has passed. A changed note has no key, so that `grade`
    grades again: the rest of the record is older.
    """
    record = read(folder, assignment, student) or Record(student, assignment, Outcome.GRADED)
    if letters_due:
        get_logger().warning("%s: quizzes are judged at the due date: grade again after %s", student, letters_due)
    if record.letters_due != letters_due:  # an extension changes it
        write(replace(record, key="", letters_due=letters_due), folder)


def forget_keys(folder: Path, recorded: Iterable[Record]) -> None:
    """Mark records as out of date.

    A record without scores stays: the submission was unreadable, or the grader failed. So does one that has been
    replaced since it was read. If that happens at this moment, the older one may win: it is graded once more.
    """
    for record in recorded:
        if record.is_finished and record.has_result and read(folder, record.assignment, record.student) == record:
            write(replace(record, key=""), folder)


def read_all(folder: Path, assignment: str) -> list[Record]:
    """Read the valid records of an assignment, sorted by student."""
    students = sorted(file.stem for file in (folder / assignment).glob("*.json"))
    return [record for student in students if (record := read(folder, assignment, student))]
