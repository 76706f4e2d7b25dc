"""Runners for the tests. Starting one takes a second, so tests share one per mode."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.runner import Limits, Runner, Step, StepResult, open_runner, sandbox

MODES = {"bubblewrap": "bubblewrap + Landlock + seccomp", "landlock": "Landlock + seccomp"}
# Where bubblewrap works, `make test` does not repeat the tests in the other mode. Continuous integration does.
OTHER_MODE = pytest.param("landlock", marks=pytest.mark.slow if shutil.which("bwrap") else ())
MODE_PARAMETERS = ["bubblewrap", OTHER_MODE]

os.environ["A_SECRET"] = "in the grader's environment"  # set before any fork server starts


class Harness:
    """A runner with short ways to run cells."""

    def __init__(self, runner: Runner):
        self.runner = runner

    def run(self, *sources: str, **limits) -> list[StepResult]:
        """Run cells. Keyword arguments replace the default limits."""
        return self.runner.run([Step(source) for source in sources], limits=Limits(**limits))

    def read_stdout(self, *sources: str, **limits) -> str:
        """Run cells and return what the last one wrote to stdout. Fail if any cell fails."""
        results = self.run(*sources, **limits)
        for result in results:
            assert not result.failures, result
            assert not error_name(result), result.outputs
        return stdout_of(results[-1])


def stdout_of(result: StepResult) -> str:
    """Return the text that a step wrote to stdout."""
    return "".join(output["text"] for output in result.outputs if output.get("name") == "stdout")


def failure_message(result: StepResult) -> str | None:
    """Return the messages of a step's failures on one line, or None if there are none."""
    return "; ".join(failure.message for failure in result.failures) or None


def error_name(result: StepResult) -> str:
    """Return the name of the exception that a step raised, or an empty string."""
    return "".join(output["ename"] for output in result.outputs if output["output_type"] == "error")


def server_processes(harness: Harness) -> set[int]:
    """Return the process ids of the fork server and its descendants, outside the sandbox."""
    return process_tree(harness.runner._zygote._process.pid)


def process_tree(pid: int) -> set[int]:
    """Return the ids of a process and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    tree = {pid}
    while children := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= children
    return tree


def is_alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def server_folders() -> set[str]:
    """Return the names of the temporary folders of running fork servers."""
    return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("lectrain-")}


def numbers_in_headers(machine: str) -> dict[str, str]:
    """The system calls in the kernel's headers. Without the headers, the dict is empty."""
    names = {"x86_64": ("asm/unistd_64.h", "x86_64-linux-gnu/asm/unistd_64.h"), "aarch64": ("asm-generic/unistd.h",)}
    header = next((path for name in names.get(machine, ()) if (path := Path("/usr/include", name)).exists()), None)
    defined = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())) if header else {}
    if "fstatat" in defined:
        defined.setdefault("newfstatat", defined["fstatat"])  # its name in the generic header for 64 bits
    return defined


def require_mode(mode: str) -> None:
    """Skip the test if a mode is unavailable on this machine."""
    reason = sandbox.reason_unavailable(mode)
    if not reason and mode == sandbox.BUBBLEWRAP:  # some machines forbid it
        trial = subprocess.run(
            ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, check=False
        )
        reason = trial.stderr.decode()
    if reason:
        pytest.skip(f"{MODES[mode]}: {reason}")


@pytest.fixture(scope="session", autouse=True)
def separate_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the fork servers' folders apart from those of other test runs."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("servers"))
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session", params=MODE_PARAMETERS)
def sandboxed(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A harness for each sandboxed mode in turn."""
    require_mode(request.param)
    with open_runner(mode=request.param) as runner:
        yield Harness(runner)


@pytest.fixture(scope="session")
def unsandboxed() -> Iterator[Harness]:
    """A harness without a sandbox, in which an attack shows that its target exists."""
    with open_runner(allow_unsandboxed=True, mode=sandbox.UNSANDBOXED) as runner:
        yield Harness(runner)


@pytest.fixture(scope="session")
def harness() -> Iterator[Harness]:
    """A harness in the best mode of this machine, for properties that are the same in all modes."""
    with open_runner(allow_unsandboxed=True) as runner:
        yield Harness(runner)


@pytest.fixture(scope="session")
def best_sandbox(harness: Harness) -> Harness:
    """The same harness, for attacks that concern what the sandboxed modes have in common. It is never unsandboxed."""
    if harness.runner.isolation not in MODES.values():
        pytest.skip("this machine has no sandbox")
    return harness
