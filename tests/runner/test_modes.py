"""The choice of a sandbox, runs as an ordinary user, and the death of the fork server or of the grader."""

import json
import logging
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from autograder.runner import Limits, RunnerError, Step, open_runner, sandbox, visible_files
from autograder.runner.zygote_client import ZygoteClient, ZygoteLost
from tests.conftest import REPOSITORY
from tests.runner.conftest import (
    MODE_PARAMETERS,
    MODES,
    failure_message,
    is_alive,
    process_tree,
    require_mode,
    server_folders,
    server_processes,
    stdout_of,
)

ORDINARY_USER = 61234  # owns no files


@pytest.fixture
def without_bubblewrap(monkeypatch):
    replace_bwrap(monkeypatch, None)


def replace_bwrap(monkeypatch, program):
    which = shutil.which
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: program if name == "bwrap" else which(name))


@pytest.fixture
def without_landlock(monkeypatch):
    monkeypatch.setattr(sandbox.landlock, "abi_version", lambda: 0)


@contextmanager
def open_working_runner(**options):
    """Open a runner. Check that it runs a cell, and that no process and no folder is left after it is closed."""
    before = server_folders()
    with open_runner(**options) as runner:
        assert stdout_of(runner.run([Step("print(6 * 7)")])[0]) == "42\n"
        processes = process_tree(runner._zygote._process.pid)
        yield runner
    assert server_folders() == before
    assert not list(filter(is_alive, processes))


# --- the choice of a mode ------------------------------------------------------------------------------------------------


def test_the_safest_mode_is_chosen_and_logged(caplog):
    require_mode("bubblewrap")
    with caplog.at_level(logging.INFO), open_working_runner() as runner:
        assert runner.isolation == "bubblewrap + Landlock + seccomp"
    assert "bubblewrap + Landlock + seccomp" in caplog.text


@pytest.mark.parametrize(
    ("bwrap", "reason"), [(None, "not installed"), ("false", "server did not start: it has ended")]
)
def test_without_bubblewrap_landlock_and_seccomp_are_used(monkeypatch, caplog, bwrap, reason):
    require_mode("landlock")
    replace_bwrap(monkeypatch, bwrap)
    with caplog.at_level(logging.INFO), open_working_runner() as runner:
        assert runner.isolation == "Landlock + seccomp"
    assert reason in caplog.text


def test_a_kernel_whose_landlock_does_not_prevent_truncation_needs_bubblewrap(monkeypatch):
    require_mode("bubblewrap")
    monkeypatch.setattr(sandbox.landlock, "abi_version", lambda: 2)
    assert sandbox.reason_unavailable("bubblewrap") is None
    assert "emptying files" in str(sandbox.reason_unavailable("landlock"))


@pytest.mark.parametrize("mode", MODE_PARAMETERS)
def test_a_notebook_may_get_more_space_than_the_runner_has(mode):
    require_mode(mode)
    fill = Step("for k in range(6): open(str(k), 'wb').write(bytes(50 << 20))\nprint('fits')")
    with open_runner(mode=mode) as runner:
        (result,) = runner.run([fill], limits=Limits(scratch_bytes=400 << 20))
    assert stdout_of(result) == "fits\n"


def test_a_file_that_does_not_fit_into_the_scratch_folder_is_named_with_the_limit(tmp_path):
    require_mode("bubblewrap")
    (tmp_path / "large.csv").write_bytes(bytes(3 << 20))
    limits = Limits(scratch_bytes=1 << 20)
    message = re.escape("large.csv cannot be copied (scratch_bytes is 1 MiB): No space left on device")
    with (
        closing(ZygoteClient("bubblewrap", limits.scratch_bytes)) as server,
        pytest.raises(ZygoteLost, match=message),
        server.process(limits, tmp_path),
    ):
        pass


def test_without_a_sandbox_the_error_names_reason_and_remedy_on_one_line(without_bubblewrap, without_landlock):
    with pytest.raises(RunnerError) as refusal:
        open_runner()
    assert "\n" not in str(refusal.value)
    assert "does not support Landlock" in str(refusal.value)
    assert "install the package bubblewrap" in str(refusal.value)


def test_without_a_sandbox_an_allowed_run_warns_that_it_is_unsandboxed(without_bubblewrap, without_landlock, caplog):
    with caplog.at_level(logging.WARNING), open_working_runner(allow_unsandboxed=True) as runner:
        assert runner.isolation == "UNSANDBOXED"
    assert "UNSANDBOXED" in caplog.text


def test_unsandboxed_mode_must_be_allowed_even_if_it_is_chosen():
    with pytest.raises(RunnerError, match="unsandboxed mode is not allowed"):
        open_runner(mode="unsandboxed")


@pytest.mark.parametrize("mode", [*MODE_PARAMETERS, "unsandboxed"])
def test_a_fork_server_that_cannot_be_started_leaves_no_folder_and_no_descriptor(mode, monkeypatch):
    require_mode(mode)
    monkeypatch.setattr(sandbox, "server_command", lambda settings: ["/nowhere/python"])
    monkeypatch.setattr(sandbox, "bubblewrap_command", lambda bwrap, command, scratch_bytes: command)
    before = server_folders(), os.listdir("/proc/self/fd")
    with pytest.raises(RunnerError, match=r"the fork server did not start: .*No such file"):
        open_runner(mode=mode, allow_unsandboxed=True)
    assert before == (server_folders(), os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("mode", MODE_PARAMETERS)
def test_a_sandbox_that_fails_its_self_test_is_not_used(mode, monkeypatch):
    require_mode(mode)
    monkeypatch.setattr(visible_files, "readable_paths", lambda are_mounted: ["/"])
    with pytest.raises(
        RunnerError, match="the sandbox does not work on this machine: a confined process can read /proc"
    ):
        open_runner(mode=mode)


# --- as an ordinary user -----------------------------------------------------------------------------------------------------

GRADE = """
import json, os, sys
from autograder.runner import Step, open_runner
secret = os.path.join(os.environ["HOME"], "secret")
open(secret, "w").write("mine")
os.chmod(secret, 0o600)
cells = [
    "print(6 * 7)",
    "import os; os.fork()",
    f"open({secret!r}).read()",
    f"os.chmod({secret!r}, 0o777)",
    "import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
    "import matplotlib.pyplot as plt; plt.plot([1, 2]); open('x', 'w').write('y')",
    "import lectrain.data; print(len(lectrain.data.load_fashion_mnist('test')[1]))",
]
with open_runner(mode=sys.argv[1]) as runner:
    results = runner.run([Step(cell) for cell in cells])
outputs = [[o.get("text") or o.get("ename") or sorted(o["data"]) for o in r.outputs] for r in results]
print(json.dumps([os.getuid(), outputs, os.stat(secret).st_mode & 0o777]))
"""


def grade_as(user: int, mode: str, home: Path) -> list:
    """Run `GRADE` as a user, in a mount namespace in which that user can read this Python. Return what it printed."""
    environment = [f"HOME={home}", f"PATH={os.environ['PATH']}", f"PYTHONPATH={REPOSITORY}"]
    python = shlex.join(["env", "-i", *environment, sys.executable, "-c", GRADE, mode])
    if user == os.getuid():
        command = python
    else:
        command = f"{commands_to_open(Path(sys.base_prefix))} exec setpriv --reuid={user} --regid={user} --clear-groups {python}"
        os.chown(home, user, user)
        for folder in takewhile(lambda folder: not folder.stat().st_mode & 0o001, home.parents):
            folder.chmod(0o755)  # the user needs to enter it
    shell = ["unshare", "--mount", "sh", "-ec", command] if os.getuid() == 0 else ["sh", "-ec", command]
    completed = subprocess.run(shell, capture_output=True, text=True, cwd="/", check=False)
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def commands_to_open(prefix: Path) -> str:
    """Return shell commands that make a folder accessible in this mount namespace, if one of its parents is not."""
    closed = [folder for folder in prefix.parents if not folder.stat().st_mode & 0o001]
    if not closed:
        return ""
    return (
        f"aside=$(mktemp -d); mount --bind {prefix} $aside; mount -t tmpfs -o mode=755 none {closed[-1]};"
        f"mkdir -p {prefix}; mount --bind $aside {prefix};"
    )


@pytest.mark.parametrize("mode", MODE_PARAMETERS)
def test_the_sandbox_works_for_an_ordinary_user(mode, tmp_path):
    """The other tests run as the user who runs pytest, which may be root."""
    require_mode(mode)
    user = os.getuid() or ORDINARY_USER
    if user != os.getuid() and not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("needs unshare and setpriv to become an ordinary user")
    home = tmp_path / "home"
    home.mkdir()
    read_error = "FileNotFoundError" if mode == "bubblewrap" else "PermissionError"
    refused = [["PermissionError"], [read_error], ["PermissionError"]]
    outputs = [["42\n"], *refused, ["thread\n"], [["text/plain"], ["image/png", "text/plain"]], ["10000\n"]]
    assert grade_as(user, mode, home) == [user, outputs, 0o600]


# --- the death of a process --------------------------------------------------------------------------------------------------


def test_after_the_fork_server_dies_a_new_one_runs_the_submission_again(sandboxed):
    server = sandboxed.runner._zygote._process
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {server.pid}"])
    first, last = sandboxed.run("print(1)", "import time\ntime.sleep(0.6)\nprint(2)")
    killer.wait()
    assert (stdout_of(first), stdout_of(last), failure_message(last)) == ("1\n", "2\n", None)


def test_a_runner_works_after_ctrl_c(sandboxed):
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            sandboxed.run("import time\ntime.sleep(20)")
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert sandboxed.read_stdout("print('on')") == "on\n"
    assert len(server_processes(sandboxed)) <= 2


@pytest.mark.parametrize("moment", ["start", "run"])
@pytest.mark.parametrize("mode", [*MODE_PARAMETERS, "unsandboxed"])
def test_after_the_grader_is_killed_no_process_and_no_folder_is_left(mode, moment):
    if mode in MODES:
        require_mode(mode)
    lines = [f"runner = open_runner(mode={mode!r}, allow_unsandboxed=True)", "runner.run([Step('while True: pass')])"]
    lines.insert(moment == "run", "print('open', flush=True)")
    grade = "\n".join(["from autograder.runner import *", *lines])
    number = 1 if moment == "start" else 2  # the fork server and the student's process
    before = server_folders()
    command = [sys.executable, "-c", grade]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as grader:
        assert grader.stdout is not None
        assert grader.stdout.readline() == "open\n"
        deadline = time.monotonic() + 10
        while len(processes := process_tree(grader.pid) - {grader.pid}) < number and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(processes) >= number
        grader.kill()
    deadline = time.monotonic() + 10
    while (server_folders() > before or any(map(is_alive, processes))) and (time.monotonic() < deadline):
        time.sleep(0.05)
    assert server_folders() == before
    assert not list(filter(is_alive, processes))


def test_the_error_of_a_fork_server_that_ends_is_named(sandboxed):
    with pytest.raises(ZygoteLost, match="it has ended: KeyError: 'unknown'"):
        sandboxed.runner._zygote.request("unknown")
    assert sandboxed.read_stdout("print('on')") == "on\n"
