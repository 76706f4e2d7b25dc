"""What grading writes into a notebook for reports: `NotebookNotes` about all of it, and a `Verdict` per grade cell.

No other module reads or writes this metadata. The notes have a version, also of the verdicts, because a graded
notebook may be older than the code that reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict

from ..judging.verdict import Verdict
from ..runner import Failure, FailureKind
from ..submissions.sanitise import OWN_METADATA

VERSION = 2  # of the stored form of notes and records, and of the verdicts beside them


class OtherVersion(ValueError):
    """Results are stored in the form of another version of the grader."""


@dataclass(frozen=True)
class NotebookNotes:
    """What grading found out about a notebook, apart from its verdicts. Each text is a sentence."""

    file: str = ""  # the path of the notebook in the submission
    submission: tuple[str, ...] = ()  # how the submission was read
    repairs: tuple[str, ...] = ()  # what was repaired
    modes: tuple[str, ...] = ()  # the mode of the runner; empty if no code ran
    failures: tuple[Failure, ...] = ()  # of the runner
    errors: tuple[str, ...] = ()  # which cells fail, or spoil those below
    flags: tuple[str, ...] = ()  # which exercises use what they forbid
    # The indices of the demonstrations that were not run. The feedback page folds them.
    unchanged_demos: tuple[int, ...] = ()

    @classmethod
    def read(cls, metadata: Mapping[str, Any]) -> "NotebookNotes":
        """Read the notes from a notebook's metadata: empty ones if it has none. Raise `OtherVersion` for old ones."""
        if OWN_METADATA not in metadata:
            return cls()
        data = without_version(metadata[OWN_METADATA])
        failures = [Failure(**failure | {"kind": FailureKind[failure["kind"]]}) for failure in data.pop("failures")]
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        return cls(**data | lists, failures=tuple(failures))


def update_notes(nb: NotebookNode, **changes: Any) -> None:
    """Change some of the notes in a notebook."""
    notes = replace(NotebookNotes.read(nb.metadata), **changes)
    failures = [asdict(failure) | {"kind": failure.kind.name} for failure in notes.failures]
    nb.metadata[OWN_METADATA] = from_dict(asdict(notes) | {"failures": failures, "version": VERSION})


def without_version(data: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the data of notes or a record without their version. If it is not the current one, raise `OtherVersion`."""
    fields = dict(data)
    if fields.pop("version", None) != VERSION:
        raise OtherVersion("it was graded by another version of the autograder: grade it again")
    return fields


def read_verdict(cell: NotebookNode) -> Verdict | None:
    """Read the verdict of a grade cell. Other cells have none. `NotebookNotes.read` checks its version."""
    return Verdict.from_json(cell.metadata[OWN_METADATA]) if OWN_METADATA in cell.metadata else None


def read_verdicts(nb: NotebookNode) -> Iterator[Verdict]:
    """Read the verdicts of a notebook, in the order of its cells."""
    return filter(None, map(read_verdict, nb.cells))


def write_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """Write a verdict into its grade cell."""
    cell.metadata[OWN_METADATA] = from_dict(verdict.to_json())
