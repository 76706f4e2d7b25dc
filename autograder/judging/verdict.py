"""The result of judging an answer: a `Finding` for each rule, and the `Verdict` for all of them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Whether an answer satisfies a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ANSWERED = "not answered"
    RECEIVED = "received"  # it is judged at the due date


@dataclass(frozen=True)
class Finding:
    """The result of one rule."""

    rule: str  # its name
    status: Status
    points: float  # of the rule, whether or not they were earned; `score` has those that were
    message: str = ""  # what is wrong, and the hint of the rule
    slide: str = ""  # the title of the slide that explains the property
    # The sentence of `diagnose` for the student: the hint of a known mistake, or a relation to the right values. It is
    # about the whole answer, so all failed rules have the same one.
    diagnosis: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the answer satisfies the rule."""
        return self.status is Status.PASSED

    @property
    def score(self) -> float:
        """All points of the rule, or none."""
        return self.points if self.passed else 0.0


@dataclass(frozen=True)
class Verdict:
    """The result of judging one answer."""

    exercise: str
    findings: tuple[Finding, ...]  # one per rule
    mistake: str | None = None  # the name of what `diagnose` found, such as "twice as large": reports count it
    letters: tuple[str, ...] = ()  # of a prediction: reports count them
    cause: str | None = None  # a sentence on what in the notebook is to blame, if it is not the answer itself
    notes: tuple[str, ...] = ()  # further remarks, a sentence each: a limit that was exceeded, a forbidden library
    is_void: bool = False  # whether it earns no points, even if all passed: see ``c.JudgeAnswers.on_forbidden``

    @property
    def score(self) -> float:
        """The points that the answer earns."""
        return 0.0 if self.is_void else math.fsum(finding.score for finding in self.findings)

    @property
    def points(self) -> float:
        """The points that a right answer earns."""
        return math.fsum(finding.points for finding in self.findings)

    @property
    def passed(self) -> bool:
        """Whether the answer satisfies every rule. So does a written answer, which has no findings."""
        return all(finding.passed for finding in self.findings)

    @property
    def is_received(self) -> bool:
        """Whether a part of it is judged at the due date."""
        return bool(self.with_status(Status.RECEIVED))

    @property
    def is_unanswered(self) -> bool:
        """Whether no rule found an answer. A written answer has no findings."""
        return bool(self.findings) and all(finding.status is Status.NOT_ANSWERED for finding in self.findings)

    @property
    def failed_findings(self) -> list[Finding]:
        """The findings of rules that the answer does not satisfy. A void verdict earns nothing even without one."""
        return self.with_status(Status.FAILED, Status.NOT_ANSWERED)

    @property
    def diagnosis(self) -> str | None:
        """The sentence of `diagnose`, which a recognised mistake without a hint does not have."""
        return next((finding.diagnosis for finding in self.findings if finding.diagnosis), None)

    def with_status(self, *statuses: Status) -> list[Finding]:
        """The findings with one of these statuses."""
        return [finding for finding in self.findings if finding.status in statuses]

    def to_json(self) -> dict[str, Any]:
        """The fields as they are stored in a record and in a graded notebook."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Read what `to_json` made. Other fields or statuses raise `TypeError`, `ValueError` or `KeyError`.

        The types of other values are not checked: only the grader writes them.
        """
        findings = tuple(Finding(**finding | {"status": Status(finding["status"])}) for finding in data["findings"])
        tuples = {name: tuple(data[name]) for name in ("letters", "notes")}
        return cls(**{**data, **tuples, "findings": findings})
