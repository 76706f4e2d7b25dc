"""The runner's interface: steps, their results, failures and limits.

The runner runs one notebook at a time. In this package, a submission is one notebook of a student. Elsewhere, it is all
notebooks of an assignment.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

KIB, MIB = 1 << 10, 1 << 20
TIME_LIMITS = ("cell_seconds", "exercise_seconds", "submission_seconds", "cpu_seconds")


@dataclass(frozen=True)
class Step:
    """One code cell of a submission.

    Attributes
    ----------
    source : str
        The source of the cell: Python, with IPython's magics.
    calls : dict, optional
        ``{"name": ..., "cases": [...], "forbids": [...]}``: the student's function, the cases with which the probe
        calls it before ``source`` runs, and the libraries that it must not use.
    further : callable, optional
        Takes the answers to ``calls`` in the grader's process, and returns further calls or None. They help to explain
        a wrong answer: they have little time, and their result decides nothing else.
    """

    source: str
    calls: dict[str, Any] | None = None
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
    """What went wrong with a step.

    Attributes
    ----------
    kind : FailureKind
    message : str
        One sentence for the instructor and the student.
    limit_hit : str or None
        The field of `Limits` that was exceeded. For a step that was not run, the limit that ended its process.
    ended_process : bool
        Whether the step ended the process.
    is_contained : bool
        Whether the other cells were then run again in a new process.
    """

    kind: FailureKind
    message: str
    limit_hit: str | None = None
    ended_process: bool = False
    is_contained: bool = False

    @property
    def is_timeout(self) -> bool:
        """Whether a limit on wall time or CPU time was exceeded."""
        return self.limit_hit in TIME_LIMITS


@dataclass
class StepResult:
    """The result of a step.

    Attributes
    ----------
    outputs : list of dict
        The cell's outputs in nbformat 4, as a kernel would write them into the notebook.
    answers : dict, optional
        The probe's answers. They come from the student's process, so they may be forged.
    further_answers : dict, optional
        Those to the further calls.
    failures : list of Failure
        What went wrong, in order. An exception of the student's code is an output, not a failure.
    """

    outputs: list[dict[str, Any]]
    answers: dict[str, Any] | None = None
    further_answers: dict[str, Any] | None = None
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Limits:
    """The resources that the student's code in one notebook may use.

    `autograder.supervisor.WorkLimits` limits the grader's own work.

    Attributes
    ----------
    cell_seconds, submission_seconds : float
        Wall time of a cell (and of the calls of a step), and of all cells. A cell that exceeds it is interrupted.
    exercise_seconds : float
        Wall time, within that of the notebook, that is kept for each exercise: see `TimeBudget`.
    grace_seconds : float
        Wall time between the interrupt of a cell and the kill of its process.
    cpu_seconds : int
        CPU time of the process, summed over its threads.
    memory : int
        Address space in bytes. The imported libraries take about 500 MiB of it.
    threads : int
        Threads at the same time. The fork server checks it a few times a second.
    open_files : int
        File descriptors at the same time.
    file_bytes, scratch_bytes, scratch_files : int
        Size of the largest file, total size of the scratch folder, and number of files in it.
    cell_output, submission_output : int
        Characters of output kept of a cell, and of all cells together.
    outputs : int
        Outputs kept of a cell, such as pictures and tables. Printed text is one output, unless others interrupt it.
    answer_bytes : int
        Size of the answers of a step as JSON. The answers of the references take less than a quarter of it.
    folder_bytes : int
        Total size of the files that are copied from the assignment's folder.
    """

    cell_seconds: float = 20
    submission_seconds: float = 75
    exercise_seconds: float = 5
    grace_seconds: float = 1
    cpu_seconds: int = 180
    memory: int = 3072 * MIB
    threads: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB
    scratch_files: int = 2000
    cell_output: int = 1 * MIB
    submission_output: int = 8 * MIB
    outputs: int = 1000
    answer_bytes: int = 1 * MIB
    folder_bytes: int = 64 * MIB
