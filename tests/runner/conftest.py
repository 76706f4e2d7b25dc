"""Runners for the tests: one per mode and session, since starting one takes a second."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.runner import Limits, Runner, Step, StepResult, describe_modes, open_runner

MODES = {"bubblewrap": "bubblewrap + Landlock + seccomp", "landlock": "Landlock + seccomp"}

os.environ["A_SECRET"] = "in the grader's environment"  # before any server starts


class Bench:
    """A runner, and short ways to ask it."""

    def __init__(self, runner: Runner):
        self.runner = runner

    def run(self, *sources: str, **limits) -> list[StepResult]:
        """Run cells under limits that differ from the default."""
        return self.runner.run([Step(source) for source in sources], limits=Limits(**limits))

    def printed(self, *sources: str, **limits) -> str:
        """Return what the last cell printed; fail if any cell came to grief."""
        results = self.run(*sources, **limits)
        for result in results:
            assert not result.failures, result
            assert not [output for output in result.outputs if output["output_type"] == "error"], result.outputs
        return text_of(results[-1])


def text_of(result: StepResult) -> str:
    """Return what a step wrote to stdout."""
    return "".join(output["text"] for output in result.outputs if output.get("name") == "stdout")


def failure_of(result: StepResult) -> str | None:
    """Return the sentences about what went wrong with a step, or None."""
    return "; ".join(failure.message for failure in result.failures) or None


def error_of(result: StepResult) -> str:
    """Return the name of the exception that a step ended with, or nothing."""
    return "".join(output["ename"] for output in result.outputs if output["output_type"] == "error")


def processes_of(bench: Bench) -> set[int]:
    """Return a bench's server and all processes beneath it, as seen from outside."""
    return family_of(bench.runner._zygote._process.pid)


def family_of(process: int) -> set[int]:
    """Return a process and all those beneath it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    family = {process}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def is_alive(process: int) -> bool:
    """Whether a process runs: not if it only waits for a negligent parent to take note of its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def folders() -> set[str]:
    """Return the folders that running servers have."""
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("lectrain-")}


def need(mode: str) -> None:
    """Skip the test where the machine lacks a mode."""
    if (state := describe_modes()[MODES[mode]]) != "available":
        pytest.skip(f"{MODES[mode]}: {state}")


@pytest.fixture(scope="session", autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let servers make their folders where no other run of the tests does."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("servers"))
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session", params=MODES)
def sandboxed(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each sandboxed mode in turn."""
    need(request.param)
    with open_runner(mode=request.param) as runner:
        yield Bench(runner)


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """Whatever mode this machine has; for tests of what is the same in all."""
    with open_runner(allow_unsandboxed=True) as runner:
        yield Bench(runner)
