"""Run the steps of one submission in the student's process, and describe what goes wrong.

This module runs in the grader's process. It measures the time and writes every message; the student's process sends
only outputs, answers and the names of limits.
"""

import math
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from .api import Failure, FailureKind, Step, StepResult
from .limits import KIB, Limits
from .output_validation import MAX_OVERHEAD, MAX_VALUES, InvalidOutput, OutputSize, to_strict_json, validate_outputs
from .protocol import OUT_OF_MEMORY_STATUS, ProtocolError
from .time_budget import TimeBudget
from .zygote_client import Process

# The longest frames that are accepted. The student's process has the same limits, but may ignore them.
FRAME_OVERHEAD = 1 << 10  # bytes of a frame around the answers
FURTHER_SECONDS, FURTHER_BYTES = 0.5, 128 * KIB  # of the further calls of a step
MAX_CHARACTER_BYTES = 6  # of one character of output in JSON
PLACEHOLDER = "pass"  # in place of a cell that is left out, so that the numbers of the cells stay the same


class StepAborted(Exception):
    """A step did not finish, and no further step can be run. `failure` describes why."""

    def __init__(self, failure: Failure):
        super().__init__(failure.message)
        self.failure = failure


class ProcessLost(StepAborted):
    """The student's process has ended. In contrast to the base class, other steps may be run in another process."""


class Session:
    """Runs the steps of one submission, in more than one process if a step ends its process.

    A new process first runs the earlier cells again, so that the variables are there. It leaves out the steps that
    ended a process. No function is called a second time, so a student gains nothing by ending the process. There are at
    most as many new processes as steps with calls, and all processes share the time limits of the submission.
    """

    def __init__(self, steps: Sequence[Step], limits: Limits):
        self.results: list[StepResult] = []  # one for each step so far
        self._steps = steps
        self._limits = limits
        self._process: Process
        self._processes_left = 1 + sum(step.calls is not None for step in steps)
        self._left_out: set[int] = set()  # the indices of the steps that ended a process
        self._cpu_seconds = 0.0  # of the processes that have ended
        self._budget = TimeBudget(sum(step.calls is not None for step in steps), limits)
        self._output_sizes: list[OutputSize] = []  # one entry per step

    @property
    def is_over(self) -> bool:
        """Whether every step has a result."""
        return len(self.results) == len(self._steps)

    @property
    def process_limits(self) -> Limits:
        """The limits of the next process."""
        return replace(self._limits, cpu_seconds=max(1, math.ceil(self._limits.cpu_seconds - self._cpu_seconds)))

    def run(self, process: Process) -> None:
        """Run the steps that have no result yet, until all have one or the process ends.

        The process is ready for requests, and has not run any cell.
        """
        self._process = process
        self._processes_left -= 1
        self._budget.start()
        earlier = len(self.results)
        for index in range(len(self._steps)):
            if self._budget.is_used_up:
                return self._run_no_further_step(self._limit_failure("submission_seconds"))
            try:
                if index < earlier:
                    self._run_again(index)
                else:
                    self._run_step(index)
            except StepAborted as ended:
                return self._handle_end(ended, index, "" if index >= earlier else " when the cell was run again")

    def _run_step(self, index: int) -> None:
        step, result = self._steps[index], StepResult([])
        self.results.append(result)
        self._output_sizes.append(OutputSize())
        try:
            if step.calls is not None:
                self._run_calls(step.calls, result)
                if step.further and not result.failures and (further := step.further(result.answers)):
                    self._run_further_calls(further, result)
            self._run_cell(step.source, result)
        except StepAborted as ended:
            message = ended.failure.message
            result.outputs = [{"output_type": "error", "ename": "Stopped", "evalue": message, "traceback": [message]}]
            raise
        finally:
            if step.calls is not None:
                self._budget.end_exercise()

    def _run_again(self, index: int) -> None:
        """Run an earlier cell in a new process, without its calls. Its outputs stay as they are."""
        source = PLACEHOLDER if index in self._left_out else self._steps[index].source
        again = StepResult([], failures=[failure for failure in self.results[index].failures if failure.is_timeout])
        self._exchange_cell(source, self._limits.cell_output, again)
        self.results[index].failures += [
            replace(failure, message=f"{failure.message} when the cell was run again")
            for failure in again.failures
            if failure.is_timeout and failure not in self.results[index].failures
        ]

    def _handle_end(self, ended: StepAborted, index: int, when: str) -> None:
        """Record why the process ended at a step. If no other process may continue, no further step is run."""
        self._left_out.add(index)
        self._cpu_seconds += self._process.end()["cpu_seconds"]
        is_contained = (
            isinstance(ended, ProcessLost)
            and not self._limits.is_of_all_processes(ended.failure.limit_hit)
            and self._processes_left > 0
            and not self._budget.is_used_up
            and not self.is_over
        )
        message = ended.failure.message + when
        failure = replace(ended.failure, message=message, ended_process=True, is_contained=is_contained)
        self.results[index].failures.append(failure)
        if not is_contained:
            self._run_no_further_step(ended.failure)

    def _run_no_further_step(self, reason: Failure) -> None:
        failure = Failure(FailureKind.NOT_RUN, f"not run: {reason.message}", reason.limit_hit)
        self.results += [StepResult([], failures=[failure]) for _ in self._steps[len(self.results) :]]

    def _run_calls(self, calls: dict[str, Any], result: StepResult) -> None:
        max_bytes = self._limits.answer_bytes
        request = {"calls": calls, "max_bytes": max_bytes}
        reply, timed_out = self._exchange(request, max_bytes + FRAME_OVERHEAD, result)
        if timed_out and result.failures[-1].limit_hit == "cell_seconds":
            message = f"{calls['name']} did not finish within {self._limits.amount('cell_seconds')}"
            result.failures[-1] = replace(result.failures[-1], message=message)
        answers = reply.get("answers")
        if isinstance(answers, dict):
            with suppress(InvalidOutput):
                result.answers = to_strict_json(answers)
        elif timed_out:
            result.answers = {"timeout": True}

    def _run_further_calls(self, calls: dict[str, Any], result: StepResult) -> None:
        """Run calls on which only a message depends, so a limit that they exceed is not a failure of the student."""
        max_bytes = min(FURTHER_BYTES, self._limits.answer_bytes)
        request = {"calls": calls, "max_bytes": max_bytes}
        reply, _ = self._exchange(request, max_bytes + FRAME_OVERHEAD, StepResult([]), FURTHER_SECONDS)
        if isinstance(answers := reply.get("answers"), dict):
            with suppress(InvalidOutput):
                result.further_answers = to_strict_json(answers)

    def _run_cell(self, source: str, result: StepResult) -> None:
        max_output = min(self._output_left, self._limits.cell_output)
        reply = self._exchange_cell(source, max_output, result)
        try:
            self._store_outputs(-1, reply.get("outputs"), max_output)
            for index, outputs in _revised_outputs(reply).items():
                self._store_outputs(index, outputs, self._limits.cell_output)
        except (InvalidOutput, IndexError) as error:
            raise StepAborted(_crash(f"the student's process sent invalid outputs: {error}")) from None

    def _store_outputs(self, index: int, outputs: Any, max_output: int) -> None:
        """Store the outputs of a step. Errors and revised outputs may exceed the limit, up to twice its value."""
        validated, self._output_sizes[index] = validate_outputs(outputs, max_output, self._limits.outputs)
        if sum(size.values for size in self._output_sizes) > MAX_VALUES:
            raise InvalidOutput(f"those of the notebook hold more than {MAX_VALUES} values")
        self.results[index].outputs = validated
        if self._output_length > 2 * self._limits.submission_output + MAX_OVERHEAD:
            raise StepAborted(self._limit_failure("submission_output"))

    @property
    def _output_left(self) -> int:
        return max(0, self._limits.submission_output - self._output_length)

    @property
    def _output_length(self) -> int:
        return sum(size.length for size in self._output_sizes)

    def _exchange_cell(self, source: str, max_output: int, result: StepResult) -> dict[str, Any]:
        max_bytes = MAX_CHARACTER_BYTES * (self._limits.cell_output + MAX_OVERHEAD)
        request = {"source": source, "limits": vars(replace(self._limits, cell_output=max_output))}
        return self._exchange(request, max_bytes, result)[0]

    def _exchange(
        self, request: dict[str, Any], max_bytes: int, result: StepResult, max_seconds: float = math.inf
    ) -> tuple[dict[str, Any], bool]:
        """Send a request. Return the reply, and whether it came only after a timeout and an interrupt.

        A limit that was exceeded is added to ``result``. A reply of more than ``max_bytes`` ends the session.
        """
        # A cell that was interrupted once will be again, and so will the check of a function that did not return.
        was_slow = any(failure.is_timeout for failure in result.failures)
        seconds = min(self._limits.grace_seconds, self._limits.cell_seconds) if was_slow else self._limits.cell_seconds
        deadline, limit = self._budget.deadline(min(seconds, max_seconds))
        timeout: Failure | None = None
        try:
            try:
                self._process.channel.send(request, deadline)
                reply = self._process.channel.receive(max_bytes, deadline)
            except TimeoutError:
                timeout = self._limit_failure(limit)
                self._process.interrupt()
                reply = self._process.channel.receive(max_bytes, time.monotonic() + self._limits.grace_seconds)
        except TimeoutError:
            self._process.end(timeout=0)
            assert timeout is not None
            message = f"{timeout.message}; it did not stop when it was interrupted"
            raise ProcessLost(Failure(timeout.kind, message, timeout.limit_hit)) from None
        except (OSError, EOFError):
            raise ProcessLost(self._failure_of_ended_process()) from None
        except ProtocolError as error:
            raise StepAborted(_crash(f"the student's process sent an invalid reply: {error}")) from None
        if not isinstance(reply, dict):
            raise StepAborted(_crash("the student's process sent an invalid reply: it is not a JSON object"))
        if timeout:
            result.failures += [] if was_slow else [timeout]
        elif isinstance(limit_hit := reply.get("limit_hit"), str) and limit_hit in self._limits.in_replies:
            is_shared_limit = limit_hit == "cell_output" and self._output_left < self._limits.cell_output
            result.failures.append(self._limit_failure("submission_output" if is_shared_limit else limit_hit))
        return reply, timeout is not None

    def _failure_of_ended_process(self) -> Failure:
        ending = self._process.end()
        if ending["limit_hit"]:
            return self._limit_failure(ending["limit_hit"])
        if ending["signal"] == signal.SIGXCPU or self._cpu_seconds + ending["cpu_seconds"] >= self._limits.cpu_seconds:
            return self._limit_failure("cpu_seconds")
        if ending["status"] == OUT_OF_MEMORY_STATUS:
            return self._limit_failure("memory")
        if ending["killed"]:
            return _crash("the student's process closed its connection to the grader")
        if ending["signal"]:
            return _crash(f"the student's process crashed ({signal.strsignal(ending['signal'])})")
        return _crash(f"the student's process exited with status {ending['status']}")

    def _limit_failure(self, limit: str) -> Failure:
        return Failure(FailureKind.LIMIT, self._limits.message(limit), limit)


def _crash(message: str) -> Failure:
    return Failure(FailureKind.CRASH, message)


def _revised_outputs(reply: dict[str, Any]) -> dict[int, Any]:
    """Return the outputs that a cell changed in earlier cells, by the index of the step."""
    revised = reply.get("revised")
    try:
        return {int(index): outputs for index, outputs in revised.items()} if isinstance(revised, dict) else {}
    except ValueError:
        raise InvalidOutput("a revised cell's index is not an integer") from None
