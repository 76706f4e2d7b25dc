"""The record of a submission: one JSON file that says how its grading ended. It is written last and atomically."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..judging.model import Status

MAX_HASHED_BYTES = 100_000_000  # of one file; nothing larger is graded


class Outcome(StrEnum):
    """How the grading of a submission ended. All but `GRADED` need a person's attention."""

    GRADED = "graded"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    NEEDS_A_PERSON = "needs a person"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Record:
    """How the grading of one submission ended.

    Parameters
    ----------
    student, assignment : str
    outcome : Outcome
    score, max_score : float
        As the gradebook has them.
    seconds : float
        Wall time of the grading.
    messages : list of str
        A sentence each: what was repaired, which limit was exceeded, what is flagged.
    verdicts : list of dict
        Per exercise its name, its findings and the mistake that the answer looks like. The class report counts them.
    isolation : str
        How the student's code was isolated.
    key : str
        A hash of everything that the result depends on. A record with another key is out of date.
    """

    student: str
    assignment: str
    outcome: Outcome
    score: float = 0.0
    max_score: float = 0.0
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    isolation: str = ""
    key: str = ""

    @property
    def needs_attention(self) -> bool:
        return self.outcome is not Outcome.GRADED


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
    """Read a student's record, or return None if there is none that can be read."""
    try:
        data = json.loads((folder / assignment / f"{student}.json").read_text(encoding="utf-8"))
        verdicts = [upgraded(verdict) for verdict in data.get("verdicts", [])]
        return Record(**data | {"outcome": Outcome(data["outcome"]), "verdicts": verdicts})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def upgraded(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict whose findings have a status. Version 0.1 wrote only whether each was passed."""
    return verdict | {"findings": [_with_status(finding) for finding in verdict.get("findings", [])]}


def _with_status(finding: dict[str, Any]) -> dict[str, Any]:
    if "status" in finding:
        return finding
    return finding | {"status": Status.PASSED if finding["passed"] else Status.FAILED}


def read_all(folder: Path, assignment: str) -> list[Record]:
    students = sorted(file.stem for file in (folder / assignment).glob("*.json") if not file.name.startswith("."))
    return [record for student in students if (record := read(folder, assignment, student))]


def key_of(files: Iterable[Path], *more: str) -> str:
    """Hash the names and contents of files in a fixed order. Of a huge file only the beginning is hashed."""
    digest = hashlib.sha256("\0".join(more).encode())
    for file in sorted(files):
        digest.update(os.fsencode(f"{file.name}\0{file.stat().st_size}\0"))
        with file.open("rb") as content:
            digest.update(content.read(MAX_HASHED_BYTES))
    return digest.hexdigest()
