"""Ask a student's process to run code, and find out why it does not reply.

The process may reply late, with anything, or never.
"""

import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from .api import Failure, FailureKind
from .limits import Limits
from .output_validation import MAX_OVERHEAD, InvalidOutput, to_strict_json
from .protocol import OUT_OF_MEMORY_STATUS, ProtocolError
from .time_budget import TimeBudget
from .zygote_client import Process

# The longest frames that are accepted. The student's process has the same limits, but may ignore them.
FRAME_OVERHEAD = 1 << 10  # bytes of a frame around the answers
MAX_CHARACTER_BYTES = 6  # of one character of output in JSON


class StepAborted(Exception):
    """A step did not finish. Unless it is a `ProcessLost`, no further step can be run. `failure` describes why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class ProcessLost(StepAborted):
    """The student's process has ended. Other steps may be run in another process."""


@dataclass(frozen=True)
class Reply:
    data: dict[str, Any]  # may be forged
    timeout: Failure | None  # the limit of time after which the process was interrupted
    limit_hit: str | None  # the limit that the process reports; None after a timeout

    def read_answers(self) -> dict[str, Any] | None:
        """The answers of the function that was called; None if there are none, or if they are nested too deep."""
        if isinstance(answers := self.data.get("answers"), dict):
            with suppress(InvalidOutput):
                return dict(to_strict_json(answers))
        return None


class Dialogue:
    """The requests to one student's process, and its replies.

    A request that takes too long is interrupted. The process may then still reply, in the grace time. Without a reply,
    it is killed, and `ProcessLost` raised, as if it had ended. An invalid reply raises `StepAborted`.
    """

    def __init__(self, process: Process, limits: Limits, budget: TimeBudget, earlier_cpu_seconds: float):
        self.process = process
        self._limits = limits
        self._budget = budget
        self._earlier_cpu_seconds = earlier_cpu_seconds  # of the submission's processes before this one

    def ask_calls(self, calls: dict[str, Any], max_bytes: int, max_seconds: float) -> Reply:
        """Have the probe call the student's function: see `Step.calls`. Its answers may take ``max_bytes`` as JSON."""
        return self._ask({"calls": calls, "max_bytes": max_bytes}, max_bytes + FRAME_OVERHEAD, max_seconds)

    def ask_cell(self, source: str, max_output: int, max_seconds: float) -> Reply:
        """Run a cell, whose outputs may have ``max_output`` characters."""
        limits = vars(replace(self._limits, cell_output=max_output))
        max_bytes = MAX_CHARACTER_BYTES * (max_output + MAX_OVERHEAD)
        return self._ask({"source": source, "limits": limits}, max_bytes, max_seconds)

    def _ask(self, request: dict[str, Any], max_bytes: int, max_seconds: float) -> Reply:
        try:
            data, timeout = self._exchange(request, max_bytes, max_seconds)
        except (OSError, EOFError):
            raise ProcessLost(self._failure_of_ended_process()) from None
        except ProtocolError as error:
            raise StepAborted(_crash(f"the student's process sent an invalid reply: {error}")) from None
        if not isinstance(data, dict):
            raise StepAborted(_crash("the student's process sent an invalid reply: it is not a JSON object"))
        limit_hit = data.get("limit_hit")
        is_reported = not timeout and isinstance(limit_hit, str) and limit_hit in self._limits.in_replies
        return Reply(data, timeout, limit_hit if is_reported else None)

    def _exchange(self, request: dict[str, Any], max_bytes: int, max_seconds: float) -> tuple[Any, Failure | None]:
        """Send a request. Return what was received, and the limit of time that was exceeded before, if any."""
        deadline, limit = self._budget.deadline(max_seconds)
        try:
            self.process.channel.send(request, deadline=deadline)
            return self.process.channel.receive(max_bytes, deadline), None
        except TimeoutError:
            actual_limits = replace(
                self._limits, cell_seconds=max_seconds, exercise_seconds=self._budget.seconds_before_interrupt
            )
            timeout = Failure.of_limit(actual_limits, limit)
            return self._receive_after_interrupt(max_bytes, timeout), timeout

    def _receive_after_interrupt(self, max_bytes: int, timeout: Failure) -> Any:
        self.process.interrupt()
        try:
            return self.process.channel.receive(max_bytes, time.monotonic() + self._limits.grace_seconds)
        except TimeoutError:
            self.process.end(timeout=0)
            message = f"{timeout.message}; it did not stop when it was interrupted"
            raise ProcessLost(replace(timeout, message=message)) from None
        except (OSError, EOFError):  # the interrupt has ended it, unless it exceeded a further limit
            failure = self._failure_of_ended_process()
            raise ProcessLost(failure if failure.limit_hit else timeout) from None

    def _failure_of_ended_process(self) -> Failure:
        ending = self.process.end()
        if ending["limit_hit"]:
            return Failure.of_limit(self._limits, ending["limit_hit"])
        cpu_seconds = self._earlier_cpu_seconds + ending["cpu_seconds"]
        if ending["signal"] == signal.SIGXCPU or cpu_seconds >= self._limits.cpu_seconds:
            return Failure.of_limit(self._limits, "cpu_seconds")
        if ending["status"] == OUT_OF_MEMORY_STATUS:
            return Failure.of_limit(self._limits, "memory")
        if ending["killed"]:  # it was still running
            return _crash("the student's process closed its connection to the grader")
        if ending["signal"]:
            return _crash(f"the student's process crashed ({signal.strsignal(ending['signal'])})")
        return _crash(f"the student's process exited with status {ending['status']}")


def _crash(message: str) -> Failure:
    return Failure(FailureKind.CRASH, message)
