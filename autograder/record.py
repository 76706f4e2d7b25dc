"""The terminal record of a submission: one JSON file, written last and whole, that says how its grading ended."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HUGE = 100_000_000  # bytes; nothing that large is graded
OUTCOMES = ("graded", "timed out", "crashed", "needs a person", "unreadable")


@dataclass(frozen=True)
class Record:
    """How the grading of one submission ended.

    Parameters
    ----------
    student, assignment : str
    outcome : str
        One of `OUTCOMES`. All but "graded" ask for a look.
    score, max_score : float
        As the gradebook has them.
    seconds : float
        Wall time of the grading.
    messages : list of str
        What was repaired, which limit struck, what is flagged: a sentence each.
    verdicts : list of dict
        Per exercise: its name, its findings, the mistake it looks like. What the class report counts.
    isolation : str
        How the student's code was kept apart.
    key : str
        A hash of all that the result depends on; a record with another key is out of date.
    """

    student: str
    assignment: str
    outcome: str
    score: float = 0.0
    max_score: float = 0.0
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    isolation: str = ""
    key: str = ""

    @property
    def needs_attention(self) -> bool:
        return self.outcome != "graded"


def write(record: Record, folder: Path) -> None:
    """Write a record as a whole or not at all."""
    file = folder / record.assignment / f"{record.student}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    try:
        draft.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(draft, file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read(folder: Path, assignment: str, student: str) -> Record | None:
    """Read a student's record; None where there is none that can be read."""
    try:
        return Record(**json.loads((folder / assignment / f"{student}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def read_all(folder: Path, assignment: str) -> list[Record]:
    students = sorted(file.stem for file in (folder / assignment).glob("*.json") if not file.name.startswith("."))
    return [record for student in students if (record := read(folder, assignment, student))]


def key_of(files: Iterable[Path], *more: str) -> str:
    """Hash names and contents of files, in a fixed order; of a huge one only its beginning."""
    digest = hashlib.sha256("\0".join(more).encode())
    for file in sorted(files):
        digest.update(os.fsencode(f"{file.name}\0{file.stat().st_size}\0"))
        with file.open("rb") as content:
            digest.update(content.read(HUGE))
    return digest.hexdigest()
