"""Which protection a runner has, as whom it runs, and what becomes of it when its server or its grader dies."""

import json
import logging
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path

import pytest
from conftest import MODES, failure_of, family_of, folders, is_alive, need, processes_of, text_of

from autograder.runner import Limits, RunnerError, Step, describe_modes, open_runner, sandbox

REPOSITORY = Path(__file__).resolve().parents[2]
ORDINARY = 61234  # a user who owns nothing


@pytest.fixture
def without_bubblewrap(monkeypatch):
    which = shutil.which
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None if name == "bwrap" else which(name))


@pytest.fixture
def without_landlock(monkeypatch):
    monkeypatch.setattr(sandbox.landlock, "version", lambda: 0)


@contextmanager
def opened(**how):
    """Open a runner; see that it runs something, and that closing it leaves no process and no folder."""
    before = folders()
    with open_runner(**how) as runner:
        assert text_of(runner.run([Step("print(6 * 7)")])[0]) == "42\n"
        family = family_of(runner._zygote._process.pid)
        yield runner
    assert folders() == before
    assert not list(filter(is_alive, family))


# --- choosing ------------------------------------------------------------------------------------------------------------


def test_the_best_mode_is_chosen_and_named(caplog):
    need("bubblewrap")
    with caplog.at_level(logging.INFO), opened() as runner:
        assert runner.mode == "bubblewrap + Landlock + seccomp"
    assert "bubblewrap + Landlock + seccomp" in caplog.text


def test_without_bubblewrap_the_kernel_alone_protects(without_bubblewrap):
    need("landlock")
    assert "not installed" in describe_modes()["bubblewrap + Landlock + seccomp"]
    with opened() as runner:
        assert runner.mode == "Landlock + seccomp"


def test_with_neither_it_is_refused_in_one_line_that_says_what_to_do(without_bubblewrap, without_landlock):
    with pytest.raises(RunnerError) as refused:
        open_runner()
    assert "\n" not in str(refused.value)
    assert "no Landlock" in str(refused.value)
    assert "bubblewrap" in str(refused.value)


def test_with_neither_it_may_be_allowed_and_says_so_loudly(without_bubblewrap, without_landlock, caplog):
    with caplog.at_level(logging.WARNING), opened(allow_unsandboxed=True) as runner:
        assert runner.mode == "UNSANDBOXED"
    assert "UNSANDBOXED" in caplog.text


def test_unsandboxed_must_be_allowed_by_name_as_well():
    with pytest.raises(RunnerError, match="allow"):
        open_runner(mode="unsandboxed")


def test_an_unknown_mode_is_refused():
    with pytest.raises(RunnerError, match="choose among bubblewrap, landlock, unsandboxed"):
        open_runner(mode="prayer")


@pytest.mark.parametrize("mode", MODES)
def test_a_sandbox_that_does_not_hold_is_not_used(mode, monkeypatch):
    need(mode)
    monkeypatch.setattr(sandbox, "readable", lambda mode: ["/"])
    with pytest.raises(RunnerError, match="does not hold"):
        open_runner(mode=mode)


# --- as whom ---------------------------------------------------------------------------------------------------------------

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
told = [[o.get("text") or o.get("ename") or sorted(o["data"]) for o in r.outputs] for r in results]
print(json.dumps([os.getuid(), told, os.stat(secret).st_mode & 0o777]))
"""


def told_as(user: int, mode: str, home: Path) -> list:
    """Grade as a user, in a mount namespace where that user can reach this Python."""
    environment = [f"HOME={home}", f"PATH={os.environ['PATH']}", f"PYTHONPATH={REPOSITORY}"]
    python = shlex.join(["env", "-i", *environment, sys.executable, "-c", GRADE, mode])
    if user == os.getuid():
        command = python
    else:
        command = f"{reach(Path(sys.base_prefix))} exec setpriv --reuid={user} --regid={user} --clear-groups {python}"
        os.chown(home, user, user)
        for folder in takewhile(lambda folder: not folder.stat().st_mode & 0o001, home.parents):
            folder.chmod(0o755)  # the user must get through to it
    wrapped = ["unshare", "--mount", "sh", "-ec", command] if os.getuid() == 0 else ["sh", "-ec", command]
    ran = subprocess.run(wrapped, capture_output=True, text=True, cwd="/", check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def reach(prefix: Path) -> str:
    """Shell commands that lay the way to a folder open, in the present mount namespace, if parents of it are closed."""
    closed = [folder for folder in prefix.parents if not folder.stat().st_mode & 0o001]
    if not closed:
        return ""
    return (
        f"aside=$(mktemp -d); mount --bind {prefix} $aside; mount -t tmpfs -o mode=755 none {closed[-1]};"
        f"mkdir -p {prefix}; mount --bind $aside {prefix};"
    )


@pytest.mark.parametrize("mode", MODES)
def test_it_works_and_holds_for_an_ordinary_user(mode, tmp_path):
    """All other tests run as whoever runs them: as root too, where root does."""
    need(mode)
    user = os.getuid() or ORDINARY
    if user != os.getuid() and not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("needs unshare and setpriv to become an ordinary user")
    home = tmp_path / "home"
    home.mkdir()
    unread = "FileNotFoundError" if mode == "bubblewrap" else "PermissionError"
    refused = [["PermissionError"], [unread], ["PermissionError"]]
    told = [["42\n"], *refused, ["thread\n"], [["text/plain"], ["image/png", "text/plain"]], ["10000\n"]]
    assert told_as(user, mode, home) == [user, told, 0o600]


# --- ends ------------------------------------------------------------------------------------------------------------------


def test_a_server_that_dies_under_a_submission_is_replaced_and_the_submission_run_again(sandboxed):
    server = sandboxed.runner._zygote._process
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {server.pid}"])
    first, last = sandboxed.run("print(1)", "import time\ntime.sleep(0.6)\nprint(2)")
    killer.wait()
    assert (text_of(first), text_of(last), failure_of(last)) == ("1\n", "2\n", None)


def test_ctrl_c_leaves_a_runner_that_works(sandboxed):
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            sandboxed.run("import time\ntime.sleep(20)")
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert sandboxed.printed("print('on')") == "on\n"
    assert len(processes_of(sandboxed)) <= 2


@pytest.mark.parametrize("mode", [*MODES, "unsandboxed"])
def test_when_the_grader_is_killed_nothing_runs_on_and_nothing_is_left(mode):
    if mode in MODES:
        need(mode)
    grade = (
        "from autograder.runner import *\n"
        f"runner = open_runner(mode={mode!r}, allow_unsandboxed=True)\n"
        "print('open', flush=True)\n"
        "runner.run([Step('while True: pass')])"
    )
    before = folders()
    grader = subprocess.Popen([sys.executable, "-c", grade], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert grader.stdout is not None
    assert grader.stdout.readline() == "open\n"
    started = time.monotonic() + 10
    while len(family := family_of(grader.pid) - {grader.pid}) < 2 and time.monotonic() < started:
        time.sleep(0.05)
    assert len(family) >= 2  # the server, and the student's process
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 10
    while (folders() > before or any(map(is_alive, family))) and (time.monotonic() < deadline):
        time.sleep(0.05)
    assert folders() == before
    assert not list(filter(is_alive, family))


def test_a_process_that_the_grader_forgot_is_ended(sandboxed):
    server = sandboxed.runner._zygote
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server.ask("fork", theirs.fileno(), limits=asdict(Limits()))
        forgotten = processes_of(sandboxed)
        assert sandboxed.printed("print('on')") == "on\n"
    assert len(processes_of(sandboxed)) == len(forgotten) - 1
