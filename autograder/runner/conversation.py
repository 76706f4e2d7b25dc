"""Have one student's process run the steps of one submission, and put into words what goes wrong.

The clock is the grader's, and so is every sentence: from the student's process come only outputs and answers.
"""

import signal
import time
from contextlib import suppress
from typing import Any

from .outputs import SLACK, Unfit, clean, plain
from .protocol import OUT_OF_MEMORY, ProtocolError
from .server import Process
from .steps import MIB, Limits, Step, StepResult

# A limit, and the sentence for when it strikes.
WORDS = {
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
STRUCK_INSIDE = ("memory", "open_files", "file_bytes", "scratch_bytes", "cell_output", "answer_bytes")
COUNTS = ("threads", "open_files", "scratch_files")


class Over(Exception):
    """The process will say no more. The message says why."""


class Conversation:
    """One submission, step by step.

    Attributes
    ----------
    results : list of StepResult
        One for each step taken, whatever happened.
    """

    def __init__(self, process: Process, limits: Limits):
        self.results: list[StepResult] = []
        self._process = process
        self._limits = limits
        self._deadline = time.monotonic() + limits.submission_seconds
        self._taken: list[int] = []  # characters of output, by step
        self._over: str | None = None

    def take(self, step: Step) -> None:
        """Run a step, or say why it is not run."""
        self.results.append(StepResult([]))
        self._taken.append(0)
        started = time.monotonic()
        if self._over is None and started >= self._deadline:
            self._over = self._words("submission_seconds")
        if self._over is not None:
            self._note(f"not run: {self._over}")
            return
        try:
            if step.probe is not None:
                self._ask(step.probe)
            self._run(step.source)
        except Over as over:
            self._over = str(over)
            self._note(self._over)
            error = {"output_type": "error", "ename": "Stopped", "evalue": self._over, "traceback": [self._over]}
            self.results[-1].outputs = [error]
        self.results[-1].seconds = time.monotonic() - started

    def _ask(self, probe: dict) -> None:
        reply, late = self._exchange({"probe": probe, "room": self._limits.answer_bytes})
        answers = reply.get("answers")
        if isinstance(answers, dict):
            with suppress(Unfit):
                self.results[-1].answers = plain(answers)
        elif late:
            self.results[-1].answers = {"timeout": True}

    def _run(self, source: str) -> None:
        room = min(self._room, self._limits.cell_output)
        reply, _ = self._exchange({"source": source, "room": room})
        try:
            self._keep(-1, reply.get("outputs"), room)
            for number, said in _revised(reply).items():
                self._keep(number, said, self._limits.cell_output)
        except (Unfit, IndexError) as error:
            raise Over(f"its process sent no result of a cell ({error})") from None

    def _keep(self, number: int, said: Any, room: int) -> None:
        """Take the outputs of a step. Errors and revisions may go beyond what all may take together, but not far."""
        self.results[number].outputs, self._taken[number] = clean(said, room)
        if sum(self._taken) > 2 * self._limits.submission_output + SLACK:
            raise Over(self._words("submission_output"))

    @property
    def _room(self) -> int:
        return max(0, self._limits.submission_output - sum(self._taken))

    def _exchange(self, request: dict) -> tuple[dict, bool]:
        """Send a request; return the reply, and whether it had to be interrupted to get one."""
        deadline = min(time.monotonic() + self._limits.cell_seconds, self._deadline)
        late = ""
        try:
            try:
                self._process.channel.send(request, deadline)
                reply = self._process.channel.receive(deadline)
            except TimeoutError:
                late = self._words("cell_seconds" if deadline < self._deadline else "submission_seconds")
                self._process.interrupt()
                reply = self._process.channel.receive(time.monotonic() + self._limits.grace_seconds)
        except TimeoutError:
            self._process.end(patience=0)
            raise Over(f"{late}, and did not stop when it was interrupted") from None
        except (OSError, EOFError):
            raise Over(self._how_it_ended()) from None
        except ProtocolError as error:
            raise Over(f"its process sent no result ({error})") from None
        if not isinstance(reply, dict):
            raise Over("its process sent no result")
        if late:
            self._note(late)
        elif (struck := reply.get("struck")) in STRUCK_INSIDE:
            by_all = struck == "cell_output" and self._room < self._limits.cell_output
            self._note(self._words("submission_output" if by_all else struck))
        return reply, bool(late)

    def _how_it_ended(self) -> str:
        ending = self._process.end()
        if ending["struck"]:
            return self._words(ending["struck"])
        if ending["signal"] == signal.SIGXCPU or ending["cpu_seconds"] >= self._limits.cpu_seconds:
            return self._words("cpu_seconds")
        if ending["status"] == OUT_OF_MEMORY:
            return self._words("memory")
        if ending["killed"]:
            return "its process hung up on the grader"
        if ending["signal"]:
            return f"its process crashed ({signal.strsignal(ending['signal'])})"
        return f"its process ended itself (exit status {ending['status']})"

    def _words(self, limit: str) -> str:
        value = getattr(self._limits, limit)
        if limit.endswith("seconds"):
            return WORDS[limit].format(f"{value:g} s")
        return WORDS[limit].format(value if limit in COUNTS else f"{value / MIB:.4g} MiB")

    def _note(self, sentence: str) -> None:
        result = self.results[-1]
        result.trouble = f"{result.trouble}; {sentence}" if result.trouble else sentence


def _revised(reply: dict) -> dict[int, Any]:
    """Return the outputs of earlier cells that a cell has changed."""
    revised = reply.get("revised")
    try:
        return {int(number): said for number, said in revised.items()} if isinstance(revised, dict) else {}
    except ValueError:
        raise Unfit("no number of a cell") from None
