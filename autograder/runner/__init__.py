"""Run untrusted notebooks, each in a fresh, sandboxed process with limited resources.

>>> with open_runner() as runner:
...     results = runner.run([Step("1 + 1")])
>>> results[0].outputs[0]["data"]
{'text/plain': '2'}
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from .api import Failure, FailureKind, Step, StepResult
from .limits import Limits
from .sandbox import BUBBLEWRAP, LANDLOCK, UNSANDBOXED, reason_unavailable
from .session import Session
from .zygote_client import ZygoteClient, ZygoteLost

__all__ = [
    "MODES",
    "Failure",
    "FailureKind",
    "Limits",
    "Runner",
    "RunnerError",
    "Step",
    "StepResult",
    "open_runner",
]

log = logging.getLogger(__name__)

MODES = {  # the safest first
    BUBBLEWRAP: "bubblewrap + Landlock + seccomp",
    LANDLOCK: "Landlock + seccomp",
    UNSANDBOXED: "UNSANDBOXED",
}
ADVICE = (
    "Use Linux 5.13 or later and install the package bubblewrap. "
    "Or allow UNSANDBOXED: student code then runs with your user's rights"
)
MAX_ATTEMPTS = 2  # for a submission during which the fork server itself ends


class RunnerError(RuntimeError):
    """No runner is available. The message gives the reason and the remedy on one line."""


class Runner:
    """Runs submissions one after the other in processes of a fork server. Use `open_runner` to make one.

    A runner is a context manager. Leaving the context ends the fork server.
    """

    def __init__(self, mode: str):
        self.mode = mode
        self.isolation = MODES[mode]  # a description for a person
        self._zygote: ZygoteClient | None = ZygoteClient(mode, Limits().scratch_bytes)

    def run(
        self, steps: Sequence[Step], *, folder: Path | None = None, limits: Limits | None = None
    ) -> list[StepResult]:
        """Run the cells of one submission in a process of its own.

        If a step ends the process, the other cells are run in a new one: see `Session`. The files in the folder are
        copied into the working folder of the process. There is one result per step, also if the process ended early or
        could not be started.
        """
        limits = limits or Limits()
        if self._zygote and self._zygote.scratch_bytes < limits.scratch_bytes:
            self.close()
        for _ in range(MAX_ATTEMPTS):
            try:
                return self._run(steps, folder, limits)
            except ZygoteLost as error:
                log.error("the fork server failed: %s", error)
                reason = str(error)
            self.close()
        return [StepResult([], failures=[Failure(FailureKind.NOT_RUN, f"not run: {reason}")]) for _ in steps]

    def _run(self, steps: Sequence[Step], folder: Path | None, limits: Limits) -> list[StepResult]:
        self._zygote = self._zygote or ZygoteClient(self.mode, limits.scratch_bytes)
        session = Session(steps, limits)
        while not session.is_over:
            with self._zygote.process(session.process_limits, folder) as process:
                session.run(process)
        return session.results

    def close(self) -> None:
        """End the fork server. A later `run` starts a new one."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_runner(*, allow_unsandboxed: bool = False, mode: str | None = None) -> Runner:
    """Start a runner in the safest mode that is available on this machine, or in the given one of `MODES`.

    The mode "unsandboxed" needs `allow_unsandboxed`, too: student code then has your user's rights. Raise `RunnerError`
    if no allowed mode is available.
    """
    rejected = []
    for candidate in [mode] if mode else MODES:
        if candidate == UNSANDBOXED and not allow_unsandboxed:
            continue
        if reason := reason_unavailable(candidate):
            rejected.append(f"{candidate}: {reason}")
            continue
        try:
            runner = Runner(candidate)
        except ZygoteLost as error:
            rejected.append(f"{candidate}: {error}")
        else:
            level = logging.WARNING if candidate == UNSANDBOXED else logging.INFO
            log.log(level, "runner: %s", "; ".join([runner.isolation, *rejected]))
            return runner
    reasons = "; ".join(rejected) or "unsandboxed mode is not allowed"
    raise RunnerError(f"no sandbox for student code ({reasons}). {ADVICE}")
