"""The table of limits on a student's code: value, unit and message of each, and who may report that it was exceeded.

A new limit is one line of `Limits`, and the code that notices that it was exceeded. The table is sent to the student's
process with each cell, so that code may be in `cells`, and names the limit in its reply. Calls are sent with
`answer_bytes` alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

Amount = TypeVar("Amount", int, float)
KIB, MIB = 1 << 10, 1 << 20


# The units, as a message writes a value with each.
def seconds(value: float) -> str:
    return f"{round(value, 2):g} s"


def count(value: float) -> str:
    return str(value)


def size(value: float) -> str:
    return f"{round(value / MIB, 4):g} MiB" if value >= MIB else f"{round(value / KIB, 4):g} KiB"


def limit(value: Amount, message: str, unit: Callable[[float], str], *, from_reply: bool = False) -> Amount:
    """A line of the table.

    Parameters
    ----------
    message : str
        What went wrong if the limit is exceeded, with ``{}`` in place of its value.
    unit : {seconds, count, size}
        How the message writes the value. With `seconds`, it is a limit of time: see `TIME_LIMITS`.
    from_reply : bool
        Whether a reply of the student's process may report it. The process may forge a reply, so no time limit is read
        from one.
    """
    return field(default=value, metadata={"message": message, "unit": unit, "from_reply": from_reply})


@dataclass(frozen=True)
class Limits:
    """The resources that the student's code in one notebook may use.

    `autograder.supervisor.WorkLimits` limits the grader's own work. A limit of "the cell" is also one of the calls of
    a step. A field without a message is never reported.
    """

    cell_seconds: float = limit(20, "the cell exceeded its time limit of {}", seconds)
    submission_seconds: float = limit(75, "the notebook exceeded its time limit of {}", seconds)
    # Kept for each exercise, within the time of the notebook: see `TimeBudget`, which reports the actual share.
    exercise_seconds: float = limit(
        5, "the cells so far used up the notebook's time: only {} are kept for each exercise", seconds
    )
    grace_seconds: float = 1  # between the interrupt of a cell and the kill of its process
    cpu_seconds: int = limit(180, "the notebook exceeded its limit of {} of CPU time", seconds)  # summed over threads
    # Address space. The imported libraries take about 500 MiB of it.
    memory: int = limit(3072 * MIB, "the cell exceeded the notebook's memory limit of {}", size, from_reply=True)
    # Threads at the same time. The fork server counts them, and the files of the scratch folder, a few times a second.
    threads: int = limit(64, "the notebook exceeded its limit of {} threads", count)
    open_files: int = limit(256, "the notebook exceeded its limit of {} open files", count, from_reply=True)
    file_bytes: int = limit(64 * MIB, "the notebook wrote a file larger than the limit of {}", size, from_reply=True)
    scratch_bytes: int = limit(
        256 * MIB, "the notebook's files exceeded their total limit of {}", size, from_reply=True
    )
    # Folders count, too, and so do 4 files and folders of the runner.
    scratch_files: int = limit(
        2000, "there are more than {} files beside the notebook, or a folder that cannot be searched", count
    )
    # Characters that are kept, of one cell and of all.
    cell_output: int = limit(1 * MIB, "the cell's output exceeded its limit of {}", size, from_reply=True)
    submission_output: int = limit(8 * MIB, "the notebook's output exceeded its limit of {}", size)
    # Pictures, tables and texts that are kept. Printed text is one output, unless others interrupt it.
    outputs: int = limit(1000, "the cell exceeded its limit of {} outputs", count, from_reply=True)
    # Of the answers of a step, as JSON. A right one may take a quarter of 1 MiB at most, however large this limit is:
    # `probe.MAX_ANSWERS_BYTES` bounds those of the references.
    answer_bytes: int = limit(1 * MIB, "the function's answers exceeded their limit of {}", size, from_reply=True)
    folder_bytes: int = 64 * MIB  # of the files that are copied from the assignment's folder

    @property
    def in_replies(self) -> set[str]:
        """The limits that the student's process may report."""
        return {line.name for line in fields(self) if line.metadata.get("from_reply")}

    def amount(self, name: str) -> str:
        """The value of a limit, with its unit."""
        return str(self._line(name)["unit"](getattr(self, name)))

    def message(self, name: str) -> str:
        """What went wrong if the limit with this name was exceeded."""
        return str(self._line(name)["message"].format(self.amount(name)))

    def _line(self, name: str) -> Mapping[str, Any]:
        return self.__dataclass_fields__[name].metadata


# Where one of these is exceeded, the outcome is "timed out".
TIME_LIMITS = {line.name for line in fields(Limits) if line.metadata.get("unit") is seconds}
