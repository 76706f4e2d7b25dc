"""Run the steps of one submission in its process, and describe what goes wrong.

The grader keeps the time and writes every sentence. The student's process sends only outputs and answers.
"""

import signal
import time
from contextlib import suppress
from typing import Any

from .api import MIB, Failure, FailureKind, Limits, Step, StepResult
from .output_validation import SLACK, InvalidOutput, plain, validated
from .protocol import OUT_OF_MEMORY, ProtocolError
from .zygote_client import Process

# For each limit the sentence that reports it.
LIMIT_MESSAGES = {
    "cell_seconds": "the cell ran longer than the {} that a cell may take",
    "submission_seconds": "the notebook ran longer than the {} that it may take",
    "cpu_seconds": "the notebook used more than the {} of processor time that it may use",
    "memory": "the cell asked for more memory than the {} that a notebook may have",
    "threads": "the notebook ran more than the {} threads that it may have",
    "open_files": "the notebook opened more than the {} files that it may have open",
    "file_bytes": "the notebook wrote a file larger than the {} that one may have",
    "scratch_bytes": "the notebook's files took more than the {} that they may take",
    "scratch_files": "the notebook made more than the {} files that it may make",
    "cell_output": "the cell's output is longer than the {} that are kept of it",
    "submission_output": "the notebook's output is longer than the {} that are kept of it",
    "answer_bytes": "the function's answers are longer than the {} that they may be",
}
REPORTED_BY_THE_PROCESS = ("memory", "open_files", "file_bytes", "scratch_bytes", "cell_output", "answer_bytes")
COUNTS = ("threads", "open_files", "scratch_files")


class SessionEnded(Exception):
    """The process will not answer any more. `failure` says why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class Session:
    """The steps of one submission, one after the other.

    Attributes
    ----------
    results : list of StepResult
        One for each step so far.
    """

    def __init__(self, process: Process, limits: Limits):
        self.results: list[StepResult] = []
        self._process = process
        self._limits = limits
        self._deadline = time.monotonic() + limits.submission_seconds
        self._output_sizes: list[int] = []  # characters of output, by step
        self._end: Failure | None = None

    def run(self, step: Step) -> None:
        """Run a step, or record why it is not run."""
        result = StepResult([])
        self.results.append(result)
        self._output_sizes.append(0)
        started = time.monotonic()
        if self._end is None and started >= self._deadline:
            self._end = self._limit_failure("submission_seconds")
        if self._end is not None:
            message = f"not run: {self._end.message}"
            result.failures.append(Failure(FailureKind.NOT_RUN, message, self._end.limit_hit))
            return
        try:
            if step.probe is not None:
                self._ask(step.probe)
            self._run_cell(step.source)
        except SessionEnded as ended:
            self._end = ended.failure
            result.failures.append(ended.failure)
            message = ended.failure.message
            result.outputs = [{"output_type": "error", "ename": "Stopped", "evalue": message, "traceback": [message]}]
        result.seconds = time.monotonic() - started

    def _ask(self, probe: dict) -> None:
        reply, was_late = self._exchange({"probe": probe, "max_bytes": self._limits.answer_bytes})
        answers = reply.get("answers")
        if isinstance(answers, dict):
            with suppress(InvalidOutput):
                self.results[-1].answers = plain(answers)
        elif was_late:
            self.results[-1].answers = {"timeout": True}

    def _run_cell(self, source: str) -> None:
        max_output = min(self._output_left, self._limits.cell_output)
        reply, _ = self._exchange({"source": source, "max_output": max_output})
        try:
            self._keep_outputs(-1, reply.get("outputs"), max_output)
            for number, outputs in _revised_outputs(reply).items():
                self._keep_outputs(number, outputs, self._limits.cell_output)
        except (InvalidOutput, IndexError) as error:
            raise SessionEnded(_crash(f"its process sent no valid result of a cell ({error})")) from None

    def _keep_outputs(self, number: int, outputs: Any, max_output: int) -> None:
        """Keep the outputs of a step. Errors and revised outputs may exceed the limit for all cells, but not twice."""
        self.results[number].outputs, self._output_sizes[number] = validated(outputs, max_output)
        if sum(self._output_sizes) > 2 * self._limits.submission_output + SLACK:
            raise SessionEnded(self._limit_failure("submission_output"))

    @property
    def _output_left(self) -> int:
        return max(0, self._limits.submission_output - sum(self._output_sizes))

    def _exchange(self, request: dict) -> tuple[dict, bool]:
        """Send a request. Return the reply, and whether the process had to be interrupted to get one."""
        deadline = min(time.monotonic() + self._limits.cell_seconds, self._deadline)
        timeout: Failure | None = None
        try:
            try:
                self._process.channel.send(request, deadline)
                reply = self._process.channel.receive(deadline)
            except TimeoutError:
                timeout = self._limit_failure("cell_seconds" if deadline < self._deadline else "submission_seconds")
                self._process.interrupt()
                reply = self._process.channel.receive(time.monotonic() + self._limits.grace_seconds)
        except TimeoutError:
            self._process.end(patience=0)
            assert timeout is not None
            message = f"{timeout.message}, and did not stop when it was interrupted"
            raise SessionEnded(Failure(timeout.kind, message, timeout.limit_hit)) from None
        except (OSError, EOFError):
            raise SessionEnded(self._failure_of_ended_process()) from None
        except ProtocolError as error:
            raise SessionEnded(_crash(f"its process sent no result ({error})")) from None
        if not isinstance(reply, dict):
            raise SessionEnded(_crash("its process sent no result"))
        if timeout:
            self.results[-1].failures.append(timeout)
        elif (limit := reply.get("limit_hit")) in REPORTED_BY_THE_PROCESS:
            by_all_cells = limit == "cell_output" and self._output_left < self._limits.cell_output
            self.results[-1].failures.append(self._limit_failure("submission_output" if by_all_cells else limit))
        return reply, timeout is not None

    def _failure_of_ended_process(self) -> Failure:
        ending = self._process.end()
        if ending["limit_hit"]:
            return self._limit_failure(ending["limit_hit"])
        if ending["signal"] == signal.SIGXCPU or ending["cpu_seconds"] >= self._limits.cpu_seconds:
            return self._limit_failure("cpu_seconds")
        if ending["status"] == OUT_OF_MEMORY:
            return self._limit_failure("memory")
        if ending["killed"]:
            return _crash("its process closed its connection to the grader")
        if ending["signal"]:
            return _crash(f"its process crashed ({signal.strsignal(ending['signal'])})")
        return _crash(f"its process ended itself (exit status {ending['status']})")

    def _limit_failure(self, limit: str) -> Failure:
        value = getattr(self._limits, limit)
        if limit.endswith("seconds"):
            amount = f"{value:g} s"
        else:
            amount = str(value) if limit in COUNTS else f"{value / MIB:.4g} MiB"
        return Failure(FailureKind.LIMIT, LIMIT_MESSAGES[limit].format(amount), limit)


def _crash(message: str) -> Failure:
    return Failure(FailureKind.CRASH, message)


def _revised_outputs(reply: dict) -> dict[int, Any]:
    """The outputs of earlier cells that a cell has changed, by the number of the cell."""
    revised = reply.get("revised")
    try:
        return {int(number): outputs for number, outputs in revised.items()} if isinstance(revised, dict) else {}
    except ValueError:
        raise InvalidOutput("a key that is not the number of a cell") from None
