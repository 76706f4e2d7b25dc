"""The folder `refused/` of a course: a file for each refused submission in the exchange says why.

The submission stays in the exchange, because a copy could fill the disk. `root` is the folder of the course.
"""

from pathlib import Path

from ..submissions.plain_text import printable
from .arrivals import Arrival
from .replacing import write_atomically

REFUSED = "refused"
REASON_FILE = "reason.txt"


def report_refusal(root: Path, arrival: Arrival) -> bool:
    """Write why a submission is refused.

    Return whether it is refused for the first time, or for another reason than before. If only its time is another,
    nothing is written: a student can change that again and again.
    """
    file = _reason_file(root, arrival)
    reason = str(arrival.problem)
    if file.exists() and reason in file.read_text(encoding="utf-8", errors="replace").splitlines():
        return False
    lines = [
        f"account: {arrival.owner}",
        f"named student: {printable(arrival.student)}",
        f"time: {arrival.time}",
        reason,
    ]
    write_atomically(file, "\n".join([*lines, ""]))
    return True


def forget_refusal(root: Path, arrival: Arrival) -> None:
    """Remove what `report_refusal` wrote, if it did: the submission has been collected now."""
    _reason_file(root, arrival).unlink(missing_ok=True)


def read_refused(root: Path, assignment: str) -> list[tuple[str, str]]:
    """Read which submissions of an assignment were refused: each folder, and what its file says, in one line."""
    reasons = []
    for file in sorted((root / REFUSED).glob(f"*/{REASON_FILE}")):
        if f"+{assignment}+" in file.parent.name:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            reasons.append((printable(file.parent.name), "; ".join(lines)))
    return reasons


def _reason_file(root: Path, arrival: Arrival) -> Path:
    return root / REFUSED / arrival.folder.name / REASON_FILE
