"""The fork server: it imports the libraries once, then forks fresh processes for each submission, one at a time.

The server never sees a submission: each student's process exchanges frames with the grader on a socket of its own. The
server forks that process, checks what it uses, interrupts it, ends it, and deletes its files. In bubblewrap it is
process 1.

Requests and replies are JSON on the control socket, with one reply per request. Each is far shorter than the socket's
buffer, so it arrives whole. The commands are:

``file``
    Copy a file into the working folder of the next process. A descriptor of the file comes with the request.
``fork``
    Start a process. Its socket comes with the request, as a descriptor.
``interrupt``
    Send SIGINT to the process.
``end``
    Wait for the end of the process, kill it after a timeout, and delete its files.
"""

import contextlib
import fcntl
import gc
import json
import os
import pkgutil
import shutil
import signal
import site
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from . import confinement, landlock, scratch
from .cells import Notebook
from .protocol import MAX_MESSAGE_BYTES
from .student_process import RULESET_DESCRIPTOR, run_student_process

USAGE_CHECK_SECONDS = 0.2  # interval at which the limits of a running process are checked
NO_DESCRIPTOR = -1  # of a request that comes without one

# What most notebooks need
IMPORTS = ("numpy.testing", "PIL.PngImagePlugin", "ipywidgets", "asyncio")
WARM_UP_CELLS = (
    "import numpy as np\nimport matplotlib.pyplot as plt\nplt.plot(np.eye(2), label='$x$')\nplt.legend()\nplt.show()",
    "%time 1 / 0",
    "import numpy as np\nprint(1)\nnp.eye(2), [1]",
)


class Zygote:
    """The fork server.

    Parameters
    ----------
    settings : dict
        ``control`` : the descriptor of the control socket.
        ``readable`` : the paths that students' processes may read, or None for no sandbox.
        ``root`` : the folder of all the server's files, with the scratch folder of the students' processes. It is
        deleted at the end; empty in bubblewrap.
    """

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._control = socket.socket(fileno=settings["control"])
        self._scratch = Path(settings["root"] or "/", "scratch")
        self._work, self._home = self._scratch / "work", self._scratch / "home"
        self._reset_scratch()
        self._notebook = Notebook()
        self._warm_up()
        self._ruleset: int | None = None
        if settings["readable"] is not None:
            ruleset = landlock.create_ruleset(settings["readable"], [str(self._scratch), "/dev/null"])
            self._ruleset = fcntl.fcntl(ruleset, fcntl.F_DUPFD_CLOEXEC, RULESET_DESCRIPTOR + 1)  # not one of a child's
        self._child = 0  # process id, or 0 if there is none
        self._limits: dict[str, int] = {}
        self._limit_hit: str | None = None

    def _warm_up(self) -> None:
        """Import modules and fill caches, so that no student's process has to."""
        vars(import_module("threadpoolctl"))["_HAS_PROCFS"] = False  # otherwise it reads /proc, which Landlock denies
        modules = pkgutil.iter_modules([str(Path(self._settings["root"] or "/", "course/lectrain"))])
        for name in [*(f"lectrain.{module.name}" for module in modules), *IMPORTS]:
            with contextlib.suppress(Exception):  # a cell that needs the module will report the error
                import_module(name)
        for cell in WARM_UP_CELLS:
            self._notebook.warm_up(cell)
        self._reset_scratch()  # libraries have written into it

    def serve(self) -> None:
        """Handle requests until the grader closes the control socket."""
        if self._ruleset is not None:
            confinement.verify(self._ruleset)
        handlers: dict[str, Callable[..., dict[str, Any]]]
        handlers = {"file": self._copy_file, "fork": self._fork, "interrupt": self._interrupt, "end": self._end}
        self._send_reply({"ready": True})
        while received := self._receive_request():
            request, descriptor = received
            self._send_reply(handlers[request.pop("command")](descriptor, **request))
        if self._child:
            self._end(NO_DESCRIPTOR, timeout=0)

    # --- requests -------------------------------------------------------------------------------------------------

    def _copy_file(self, descriptor: int, name: str) -> dict[str, Any]:
        path = self._work / name
        with open(descriptor, "rb") as source:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "xb") as target:
                    shutil.copyfileobj(source, target)
            except OSError as error:
                return {"failed": error.strerror}
        return {}

    def _fork(self, descriptor: int, limits: dict[str, int]) -> dict[str, Any]:
        self._limits, self._limit_hit = limits, None
        gc.freeze()  # garbage collection in a child would write to the shared pages, and so copy them
        self._child = os.fork()
        if not self._child:
            try:
                run_student_process(descriptor, self._notebook, self._work, self._home, limits, self._ruleset)
            finally:  # whatever happened, the child must not go on as the server
                os._exit(1)
        os.close(descriptor)
        return {}

    def _interrupt(self, _: int) -> dict[str, Any]:
        os.kill(self._child, signal.SIGINT)
        return {}

    def _end(self, _: int, timeout: float) -> dict[str, Any]:
        """Wait for the process to end and kill it after the timeout. Delete its files and return how it ended."""
        killed, status, cpu_seconds = self._wait_or_kill(timeout)
        # Seccomp lets a confined process start no other one. In bubblewrap, the server makes sure all the same.
        if os.getpid() == 1:
            _kill_remaining_processes()
        elif self._ruleset is None:
            with contextlib.suppress(OSError):
                os.killpg(self._child, signal.SIGKILL)
        self._child = 0
        self._reset_scratch()
        return {
            "killed": killed,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "limit_hit": self._limit_hit,
            "cpu_seconds": cpu_seconds,
        }

    def _wait_or_kill(self, timeout: float) -> tuple[bool, int, float]:
        """Wait for the process to end. Return whether the timeout killed it, its status and its CPU seconds."""
        killed, deadline = False, time.monotonic() + timeout
        while True:
            pid, status, usage = os.wait4(self._child, os.WNOHANG)
            if pid:
                return killed, status, usage.ru_utime + usage.ru_stime
            if time.monotonic() >= deadline and not killed:
                os.kill(self._child, signal.SIGKILL)
                killed = True
            time.sleep(0.001)

    # --- scratch folder and limits ----------------------------------------------------------------------------------

    def _reset_scratch(self) -> None:
        """Empty the scratch folder, and make the next process's working folder and home folder in it."""
        scratch.delete_contents(self._scratch)
        self._work.mkdir()
        self._home.mkdir()

    def _enforce_usage_limits(self) -> None:
        """Kill the process if it exceeds a limit that the kernel cannot enforce."""
        self._limit_hit = self._limit_hit or scratch.exceeded_limit(self._child, self._scratch, self._limits)
        if self._limit_hit:
            os.kill(self._child, signal.SIGKILL)

    # --- the control socket ---------------------------------------------------------------------------------------

    def _receive_request(self) -> tuple[dict[str, Any], int] | None:
        """Return the next request and its descriptor, or None if the grader closed the socket.

        While it waits, it enforces limits of the process.
        """
        while True:
            self._control.settimeout(USAGE_CHECK_SECONDS if self._child else None)
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, MAX_MESSAGE_BYTES, 1)
            except TimeoutError:
                self._enforce_usage_limits()
                continue
            return (json.loads(message), descriptors[0] if descriptors else NO_DESCRIPTOR) if message else None

    def _send_reply(self, reply: dict[str, Any]) -> None:
        self._control.sendall(json.dumps(reply).encode())


def main() -> None:
    """Run a server with the settings on the command line, in JSON."""
    # Everything in this folder that is needed is imported. Students' processes cannot read it.
    sys.path[:] = [path for path in sys.path if not path.endswith("/grader")]
    site.sethelper()  # Python leaves out `help` without its site module, and a notebook may call it
    settings = json.loads(sys.argv.pop())
    try:
        Zygote(settings).serve()
    except Exception:  # sys.stderr writes into the notebook's outputs, so use the original stream
        traceback.print_exc(file=sys.__stderr__)
        sys.exit(1)
    finally:  # also if the grader was killed while the server started
        if root := settings["root"]:
            scratch.delete_contents(root)
            os.rmdir(root)


def _kill_remaining_processes() -> None:
    """Kill every other process of the namespace, as its process 1: the student's process may have started some."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
