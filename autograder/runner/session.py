"""Run the steps of one submission in the student's process, and describe what goes wrong.

This module runs in the grader's process. It measures the time and writes every message; the student's process sends
only outputs, answers and the names of limits.
"""

import signal
import time
from contextlib import suppress
from typing import Any

from .api import KIB, MIB, Failure, FailureKind, Limits, Step, StepResult
from .output_validation import MAX_OVERHEAD, MAX_VALUES, InvalidOutput, OutputSize, to_strict_json, validate_outputs
from .protocol import OUT_OF_MEMORY_STATUS, ProtocolError
from .zygote_client import Process

LIMIT_MESSAGES = {
    "cell_seconds": "the cell exceeded its time limit of {}",
    "submission_seconds": "the notebook exceeded its time limit of {}",
    "cpu_seconds": "the notebook exceeded its limit of {} of CPU time",
    "memory": "the cell exceeded the notebook's memory limit of {}",
    "threads": "the notebook exceeded its limit of {} threads",
    "open_files": "the notebook exceeded its limit of {} open files",
    "file_bytes": "the notebook wrote a file larger than the limit of {}",
    "scratch_bytes": "the notebook's files exceeded their total limit of {}",
    "scratch_files": "the notebook exceeded its limit of {} files",
    "cell_output": "the cell's output exceeded its limit of {}",
    "outputs": "the cell exceeded its limit of {} outputs",
    "submission_output": "the notebook's output exceeded its limit of {}",
    "answer_bytes": "the function's answers exceeded their limit of {}",
}
# The student's process may forge a reply, so only these limits are read from one. None of them is a time limit.
LIMITS_IN_REPLIES = ("memory", "open_files", "file_bytes", "scratch_bytes", "cell_output", "outputs", "answer_bytes")
COUNTED_LIMITS = ("threads", "open_files", "scratch_files", "outputs")
# The longest frames that are accepted. The student's process has the same limits, but may ignore them.
FRAME_OVERHEAD = 1 << 10  # bytes of a frame around the answers
MAX_CHARACTER_BYTES = 6  # of one character of output in JSON


class SessionEnded(Exception):
    """The student's process will not reply any more. `failure` describes why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class Session:
    """Runs the steps of one submission, one after the other.

    Parameters
    ----------
    process : Process
        A student's process that is ready for requests.
    limits : Limits
        The limits of this submission.

    Attributes
    ----------
    results : list of StepResult
        One result for each step so far.
    """

    def __init__(self, process: Process, limits: Limits):
        self.results: list[StepResult] = []
        self._process = process
        self._limits = limits
        self._deadline = time.monotonic() + limits.submission_seconds
        self._output_sizes: list[OutputSize] = []  # one entry per step
        self._end: Failure | None = None

    def run(self, step: Step) -> None:
        """Run a step and append its result to `results`. Once the process has ended, record that no step was run."""
        result = StepResult([])
        self.results.append(result)
        self._output_sizes.append(OutputSize())
        started = time.monotonic()
        if self._end is None and started >= self._deadline:
            self._end = self._limit_failure("submission_seconds")
        if self._end is not None:
            message = f"not run: {self._end.message}"
            result.failures.append(Failure(FailureKind.NOT_RUN, message, self._end.limit_hit))
            return
        try:
            if step.probe is not None:
                self._run_probe(step.probe)
            self._run_cell(step.source)
        except SessionEnded as ended:
            self._end = ended.failure
            result.failures.append(ended.failure)
            message = ended.failure.message
            result.outputs = [{"output_type": "error", "ename": "Stopped", "evalue": message, "traceback": [message]}]
        result.seconds = time.monotonic() - started

    def _run_probe(self, probe: dict[str, Any]) -> None:
        max_bytes = self._limits.answer_bytes
        reply, timed_out = self._exchange({"probe": probe, "max_bytes": max_bytes}, max_bytes + FRAME_OVERHEAD)
        answers = reply.get("answers")
        if isinstance(answers, dict):
            with suppress(InvalidOutput):
                self.results[-1].answers = to_strict_json(answers)
        elif timed_out:
            self.results[-1].answers = {"timeout": True}

    def _run_cell(self, source: str) -> None:
        max_output = min(self._output_left, self._limits.cell_output)
        max_bytes = MAX_CHARACTER_BYTES * (self._limits.cell_output + MAX_OVERHEAD)
        request = {"source": source, "max_output": max_output, "max_outputs": self._limits.outputs}
        reply, _ = self._exchange(request, max_bytes)
        try:
            self._store_outputs(-1, reply.get("outputs"), max_output)
            for index, outputs in _revised_outputs(reply).items():
                self._store_outputs(index, outputs, self._limits.cell_output)
        except (InvalidOutput, IndexError) as error:
            raise SessionEnded(_crash(f"the student's process sent invalid outputs: {error}")) from None

    def _store_outputs(self, index: int, outputs: Any, max_output: int) -> None:
        """Store the outputs of a step. Errors and revised outputs may exceed the limit, up to twice its value."""
        validated, self._output_sizes[index] = validate_outputs(outputs, max_output, self._limits.outputs)
        if sum(size.values for size in self._output_sizes) > MAX_VALUES:
            raise InvalidOutput(f"those of the notebook hold more than {MAX_VALUES} values")
        self.results[index].outputs = validated
        if self._output_length > 2 * self._limits.submission_output + MAX_OVERHEAD:
            raise SessionEnded(self._limit_failure("submission_output"))

    @property
    def _output_left(self) -> int:
        return max(0, self._limits.submission_output - self._output_length)

    @property
    def _output_length(self) -> int:
        return sum(size.length for size in self._output_sizes)

    def _exchange(self, request: dict[str, Any], max_bytes: int) -> tuple[dict[str, Any], bool]:
        """Send a request. Return the reply, and whether it came only after a timeout and an interrupt.

        A reply of more than ``max_bytes`` ends the session.
        """
        deadline = min(time.monotonic() + self._limits.cell_seconds, self._deadline)
        timeout: Failure | None = None
        try:
            try:
                self._process.channel.send(request, deadline)
                reply = self._process.channel.receive(max_bytes, deadline)
            except TimeoutError:
                timeout = self._limit_failure("cell_seconds" if deadline < self._deadline else "submission_seconds")
                self._process.interrupt()
                reply = self._process.channel.receive(max_bytes, time.monotonic() + self._limits.grace_seconds)
        except TimeoutError:
            self._process.end(timeout=0)
            assert timeout is not None
            message = f"{timeout.message} and did not stop when it was interrupted"
            raise SessionEnded(Failure(timeout.kind, message, timeout.limit_hit)) from None
        except (OSError, EOFError):
            raise SessionEnded(self._failure_of_ended_process()) from None
        except ProtocolError as error:
            raise SessionEnded(_crash(f"the student's process sent an invalid reply: {error}")) from None
        if not isinstance(reply, dict):
            raise SessionEnded(_crash("the student's process sent an invalid reply: it is not a JSON object"))
        if timeout:
            self.results[-1].failures.append(timeout)
        elif (limit := reply.get("limit_hit")) in LIMITS_IN_REPLIES:
            is_shared_limit = limit == "cell_output" and self._output_left < self._limits.cell_output
            self.results[-1].failures.append(self._limit_failure("submission_output" if is_shared_limit else limit))
        return reply, timeout is not None

    def _failure_of_ended_process(self) -> Failure:
        ending = self._process.end()
        if ending["limit_hit"]:
            return self._limit_failure(ending["limit_hit"])
        if ending["signal"] == signal.SIGXCPU or ending["cpu_seconds"] >= self._limits.cpu_seconds:
            return self._limit_failure("cpu_seconds")
        if ending["status"] == OUT_OF_MEMORY_STATUS:
            return self._limit_failure("memory")
        if ending["killed"]:
            return _crash("the student's process closed its connection to the grader")
        if ending["signal"]:
            return _crash(f"the student's process crashed ({signal.strsignal(ending['signal'])})")
        return _crash(f"the student's process exited with status {ending['status']}")

    def _limit_failure(self, limit: str) -> Failure:
        value = getattr(self._limits, limit)
        return Failure(FailureKind.LIMIT, LIMIT_MESSAGES[limit].format(_amount(limit, value)), limit)


def _amount(limit: str, value: float) -> str:
    if limit.endswith("seconds"):
        return f"{value:g} s"
    if limit in COUNTED_LIMITS:
        return str(value)
    return f"{value / MIB:.4g} MiB" if value >= MIB else f"{value / KIB:.4g} KiB"


def _crash(message: str) -> Failure:
    return Failure(FailureKind.CRASH, message)


def _revised_outputs(reply: dict[str, Any]) -> dict[int, Any]:
    """Return the outputs that a cell changed in earlier cells, by the index of the step."""
    revised = reply.get("revised")
    try:
        return {int(index): outputs for index, outputs in revised.items()} if isinstance(revised, dict) else {}
    except ValueError:
        raise InvalidOutput("a revised cell's index is not an integer") from None
