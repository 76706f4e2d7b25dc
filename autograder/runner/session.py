"""Run the steps of one submission in a student's process, and in a new one if a step ends it.

Like `dialogue` and `output_validation`, this module runs in the grader's process. They measure the time and write every
message; the student's process sends only outputs, answers and the names of limits.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .api import Failure, FailureKind, Step, StepResult
from .dialogue import Dialogue, ProcessLost, Reply, StepAborted
from .limits import KIB, Limits
from .output_validation import InvalidOutput, OutputValidator
from .time_budget import TimeBudget
from .zygote_client import Process

FURTHER_SECONDS, FURTHER_BYTES = 0.5, 128 * KIB  # of the further calls of a step
PLACEHOLDER = "pass"  # in place of a cell that is left out, so that the numbers of the cells stay the same


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
        self._dialogue: Dialogue  # with the process that runs now
        num_exercises = sum(step.calls is not None for step in steps)
        self._processes_left = 1 + num_exercises
        self._left_out: set[int] = set()  # the indices of the steps that ended a process
        self._cpu_seconds = 0.0  # of the processes that have ended
        self._budget = TimeBudget(num_exercises, limits)
        self._validator = OutputValidator(limits)

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
        self._dialogue = Dialogue(process, self._limits, self._budget, self._cpu_seconds)
        self._processes_left -= 1
        for index in range(len(self._steps)):
            if self._budget.is_used_up:
                self._run_no_further_step(Failure.of_limit(self._limits, "submission_seconds"))
                return
            try:
                if index < len(self.results):
                    self._run_again(index)
                else:
                    self._run_step(index)
            except StepAborted as ended:
                self._handle_end(ended, index)
                return

    def _run_step(self, index: int) -> None:
        step, result = self._steps[index], StepResult([])
        self.results.append(result)
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
        """Run an earlier cell again, without its calls. Its outputs stay, and only a timeout is noted as a failure."""
        result = self.results[index]
        source = PLACEHOLDER if index in self._left_out else self._steps[index].source
        reply = self._dialogue.ask_cell(source, self._limits.cell_output, self._seconds_for(result))
        if reply.timeout and not result.timed_out:
            result.failures.append(reply.timeout)

    def _handle_end(self, ended: StepAborted, index: int) -> None:
        """Record why the process ended at a step. If no other process may continue, no further step is run."""
        self._left_out.add(index)
        self._cpu_seconds += self._dialogue.process.end()["cpu_seconds"]
        is_contained = (
            isinstance(ended, ProcessLost)
            and self._cpu_seconds < self._limits.cpu_seconds
            and self._processes_left > 0
            and not self._budget.is_used_up
            and not self.is_over
        )
        failure = replace(ended.failure, ended_process=True, is_contained=is_contained)
        self.results[index].failures.append(failure)
        if not is_contained:
            self._run_no_further_step(ended.failure)

    def _run_no_further_step(self, reason: Failure) -> None:
        failure = Failure(FailureKind.NOT_RUN, f"not run: {reason.message}", reason.limit_hit)
        self.results += [StepResult([], failures=[failure]) for _ in self._steps[len(self.results) :]]

    def _run_calls(self, calls: dict[str, Any], result: StepResult) -> None:
        reply = self._dialogue.ask_calls(calls, self._limits.answer_bytes, self._seconds_for(result))
        if reply.timeout and reply.timeout.limit_hit == "cell_seconds":
            message = f"{calls['name']} did not finish within {self._limits.amount('cell_seconds')}"
            reply = replace(reply, timeout=replace(reply.timeout, message=message))
        self._note_limit(reply, result)
        result.answers = reply.read_answers()
        if reply.timeout and not isinstance(reply.data.get("answers"), dict):  # `read_answers` drops invalid ones
            result.answers = {"timeout": True}

    def _run_further_calls(self, calls: dict[str, Any], result: StepResult) -> None:
        """Run calls on which only a message depends. An exceeded limit is a failure only if it ends the process."""
        max_bytes = min(FURTHER_BYTES, self._limits.answer_bytes)
        reply = self._dialogue.ask_calls(calls, max_bytes, min(FURTHER_SECONDS, self._limits.cell_seconds))
        result.further_answers = reply.read_answers()

    def _run_cell(self, source: str, result: StepResult) -> None:
        reply = self._dialogue.ask_cell(source, self._validator.cell_limit, self._seconds_for(result))
        self._note_limit(reply, result)
        try:
            result.outputs = self._validator.validate(reply.data.get("outputs"))
        except InvalidOutput as error:
            message = f"the student's process sent outputs that cannot be kept: {error}"
            result.failures.append(Failure(FailureKind.CRASH, message))

    def _seconds_for(self, result: StepResult) -> float:
        """How long the next request of a step may take before it is interrupted."""
        # A cell that was interrupted once will be again, and so will the check of a function that did not return.
        seconds = self._limits.cell_seconds
        return min(self._limits.grace_seconds, seconds) if result.timed_out else seconds

    def _note_limit(self, reply: Reply, result: StepResult) -> None:
        """Add the limit that was exceeded to the failures of a step. Of its timeouts, only the first is added."""
        if reply.timeout and not result.timed_out:
            result.failures.append(reply.timeout)
        elif limit := reply.limit_hit:
            is_shared = limit == "cell_output" and self._validator.cell_limit < self._limits.cell_output
            result.failures.append(Failure.of_limit(self._limits, "submission_output" if is_shared else limit))
