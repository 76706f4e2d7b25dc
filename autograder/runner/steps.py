"""The words the runner is spoken to in: steps go in, results come out, limits bound both."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Step:
    """One code cell of a submission.

    Parameters
    ----------
    source : str
        What to run, as in an IPython kernel.
    probe : dict, optional
        ``{"name": ..., "cases": [...]}``, what to ask of the student's function before ``source`` runs.
    """

    source: str
    probe: dict | None = None


@dataclass
class StepResult:
    """What became of a step.

    Parameters
    ----------
    outputs : list of dict
        Outputs in nbformat 4, as a kernel would leave them in the notebook.
    answers : dict, optional
        What the probe said. It comes from the student's process: believe nothing.
    trouble : str, optional
        One sentence: which limit struck, how the process ended, or why the step was not reached.
    seconds : float
        Wall time of probe and cell together, by the grader's clock.
    """

    outputs: list[dict]
    answers: dict | None = None
    trouble: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Parameters
    ----------
    cell_seconds, submission_seconds : float
        Wall time of a cell (and of a probe), and of all cells together. A cell that is late is interrupted.
    grace_seconds : float
        How long an interrupted cell may take to stop before its process is killed.
    cpu_seconds : int
        CPU time of the process, all threads together.
    memory : int
        Address space in bytes, of which the imported libraries take about 500 MiB.
    threads : int
        Threads at the same time; checked from outside a few times a second.
    open_files : int
        File descriptors at the same time.
    file_bytes, scratch_bytes, scratch_files : int
        The largest single file, and all that may lie in the scratch folder.
    cell_output, submission_output : int
        Characters of output kept of a cell, and of all cells together.
    answer_bytes : int
        Length of a probe's answers, as JSON. Those of right answers take less than a quarter of it.
    folder_bytes : int
        What may be copied from the assignment's folder.
    """

    cell_seconds: float = 30
    submission_seconds: float = 180
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
    answer_bytes: int = 1 * MIB
    folder_bytes: int = 64 * MIB
