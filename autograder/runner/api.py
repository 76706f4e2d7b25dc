"""The runner's interface: steps and their results.

The runner runs one notebook at a time. In this package, a submission is one notebook of a student. Elsewhere, it is all
notebooks of an assignment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .failures import Failure


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


@dataclass
class StepResult:
    """The result of a step."""

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
