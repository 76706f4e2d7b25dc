"""Run untrusted notebooks: each in a fresh process, warm, sandboxed and bounded.

>>> with open_runner() as runner:
...     results = runner.run([Step("1 + 1")])
>>> results[0].outputs[0]["data"]
{'text/plain': '2'}
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from . import sandbox
from .api import Failure, FailureKind, Limits, Step, StepResult
from .sandbox import BUBBLEWRAP, LANDLOCK, UNSANDBOXED
from .session import Session
from .zygote_client import ZygoteClient, ZygoteLost

__all__ = [
    "Failure",
    "FailureKind",
    "Limits",
    "Runner",
    "RunnerError",
    "Step",
    "StepResult",
    "describe_modes",
    "open_runner",
]

log = logging.getLogger(__name__)

MODES = {
    BUBBLEWRAP: "bubblewrap + Landlock + seccomp",
    LANDLOCK: "Landlock + seccomp",
    UNSANDBOXED: "UNSANDBOXED",
}
ADVICE = "Use Linux 5.13 or later, with the package bubblewrap, or allow UNSANDBOXED: code then runs with your rights"
TRIES = 2  # for a submission during which the server itself is lost


class RunnerError(RuntimeError):
    """No runner can be had. The message says in one line why, and what to do."""


class Runner:
    """Runs submissions, one after the other; keeps a fork server warm. A context manager; get one from `open_runner`.

    Attributes
    ----------
    mode : str
        What protects the machine: "bubblewrap + Landlock + seccomp", "Landlock + seccomp" or "UNSANDBOXED".
    """

    def __init__(self, mode: str, limits: Limits):
        self.mode = MODES[mode]
        self._mode = mode
        self._limits = limits
        self._zygote: ZygoteClient | None = ZygoteClient(mode, limits)

    def run(
        self, steps: Sequence[Step], *, folder: Path | None = None, limits: Limits | None = None
    ) -> list[StepResult]:
        """Run the cells of one submission in a process of its own.

        Parameters
        ----------
        steps : sequence of Step
            The cells, in order.
        folder : Path, optional
            Files that lie beside the notebook; copied into the folder it runs in.
        limits : Limits, optional
            In place of the runner's own.

        Returns
        -------
        list of StepResult
            One per step, whatever the cells did.
        """
        for _ in range(TRIES):
            try:
                return self._run(steps, folder, limits or self._limits)
            except ZygoteLost as gone:
                log.error("the fork server is lost: %s", gone)
                reason = str(gone)
            self.close()
        return [StepResult([], failures=[Failure(FailureKind.NOT_RUN, f"not run: {reason}")]) for _ in steps]

    def _run(self, steps: Sequence[Step], folder: Path | None, limits: Limits) -> list[StepResult]:
        if self._zygote is None:
            log.warning("the fork server is started anew")
            self._zygote = ZygoteClient(self._mode, self._limits)
        with self._zygote.process(limits, folder) as process:
            session = Session(process, limits)
            for step in steps:
                session.run(step)
        return session.results

    def close(self) -> None:
        """End the fork server; a later `run` starts another."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def open_runner(*, limits: Limits | None = None, allow_unsandboxed: bool = False, mode: str | None = None) -> Runner:
    """Start a runner, in the best mode that this machine has.

    Parameters
    ----------
    limits : Limits, optional
        What a submission may use.
    allow_unsandboxed : bool
        Whether to run without a sandbox where there is none. Student code can then do whatever you can.
    mode : {"bubblewrap", "landlock", "unsandboxed"}, optional
        This mode and no other.

    Raises
    ------
    RunnerError
        If there is no mode that is allowed.
    """
    if mode not in (None, *MODES):
        raise RunnerError(f"there is no mode {mode!r}: choose among {', '.join(MODES)}")
    missed = []
    for candidate in [mode] if mode else MODES:
        if candidate == UNSANDBOXED and not allow_unsandboxed:
            continue
        try:
            if why := sandbox.missing(candidate):
                raise ZygoteLost(why)
            runner = Runner(candidate, limits or Limits())
        except ZygoteLost as gone:
            missed.append(f"{candidate}: {gone}")
        else:
            level = logging.WARNING if candidate == UNSANDBOXED else logging.INFO
            log.log(level, "runner: %s", "; ".join([runner.mode, *missed]))
            return runner
    raise RunnerError(f"no sandbox for students' code ({'; '.join(missed) or 'none was asked for'}). {ADVICE}")


def describe_modes() -> dict[str, str]:
    """Say of each mode whether this machine has it: "available", or what is missing."""
    return {name: sandbox.missing(mode) or "available" for mode, name in MODES.items()}
