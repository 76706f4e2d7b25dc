"""The runner's interface: steps, their results, and what may go wrong with them.

The runner runs one notebook at a time. In this package, a submission is one notebook of a student. Elsewhere, it is all
notebooks of an assignment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from .limits import TIME_LIMITS, Limits


@dataclass(frozen=True)
class Step:
    """One code cell of a submission."""

    source: str  # the source of the cell: Python, with IPython's magics
    # ``{"name": ..., "cases": [...], "forbids": [...]}``: the student's function, the cases with which the probe
    # calls it before ``source`` runs, and the libraries that it must not use, if there are any
    calls: dict[str, Any] | None = None
    # Takes the answers to ``calls`` in the grader's process, and returns further calls or None. They help to explain
    # a wrong answer: they have little time, and their result decides nothing else.
    further: Callable[[Any], dict[str, Any] | None] | None = None


class FailureKind(Enum):
    """What went wrong with a step. Outcomes depend on this, never on the message."""

    LIMIT = auto()
    """A limit was exceeded."""
    CRASH = auto()
    """The student's process ended, or stopped following the protocol."""
    NOT_RUN = auto()
    """No process was left for this step, or none could be started."""


@dataclass(frozen=True)
class Failure:
    """What went wrong with a step. `Session` sets the last two fields."""

    kind: FailureKind
    message: str  # one sentence for the instructor and the student
    # The field of `Limits` that was exceeded. For a step that was not run, the limit that ended its process.
    limit_hit: str | None = None
    ended_process: bool = False  # whether the step ended the process
    is_contained: bool = False  # whether the other cells were then run again in a new process

    @classmethod
    def of_limit(cls, limits: Limits, name: str) -> "Failure":
        """The failure of a step that exceeded the limit with this name."""
        return cls(FailureKind.LIMIT, limits.message(name), name)

    @property
    def is_timeout(self) -> bool:
        """Whether a limit on wall or CPU time was exceeded: by the step, or by the one that ended its process."""
        return self.limit_hit in TIME_LIMITS


@dataclass
class StepResult:
    # the cell's outputs in nbformat 4, as a kernel would write them into the notebook
    outputs: list[dict[str, Any]]
    # What `probe.answer` returns, or ``{"timeout": True}``. It comes from the student's process, so it may be forged.
    answers: dict[str, Any] | None = None
    further_answers: dict[str, Any] | None = None  # those to the further calls
    # What went wrong, in order. An exception of the student's code is an output, not a failure.
    failures: list[Failure] = field(default_factory=list)

    @property
    def timed_out(self) -> bool:
        """Whether a limit on wall time or CPU time was exceeded."""
        return any(failure.is_timeout for failure in self.failures)
