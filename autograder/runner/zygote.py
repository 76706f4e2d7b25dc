"""The fork server: imports everything once, then forks a fresh process for each submission, one at a time.

It never sees a submission. The student's process talks to the grader on a socket of its own, which passed through here
as a descriptor; here only forks, interrupts, watches, ends and sweeps up. In bubblewrap it is process 1.

Requests and replies are lines of JSON on the control socket, one reply per request: ``file`` (with a descriptor, copied
into the folder the next process starts in), ``fork`` (with a descriptor, the socket), ``interrupt`` and ``end``.
"""

import contextlib
import fcntl
import gc
import importlib.util
import json
import os
import pkgutil
import select
import shutil
import signal
import site
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import numpy

from . import landlock, sandbox, scratch
from .cells import Notebook
from .protocol import OUT_OF_MEMORY, Channel

GLANCE = 0.2  # seconds between two looks at what a running process uses
LONGEST_REQUEST = 1 << 30
CHANNEL = 3

# What every submission needs is made ready at the start, the rest in the server's spare time. Nearly a second goes into
# scikit-learn: only once a submission has used it.
FIRST = ("matplotlib.pyplot", "matplotlib_inline.backend_inline")
LATER = ("numpy.testing", "PIL.PngImagePlugin", "ipywidgets", "lectrain.widgets", "asyncio")
IF_USED = ("sklearn.datasets", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection", "scipy.stats")
USED = 64  # exit status of a process that has
REHEARSED = (
    "import numpy as np\nimport matplotlib.pyplot as plt\nplt.plot(np.eye(2), label='$x$')\nplt.legend()\nplt.show()",
    "%time 1 / 0",
    "import numpy as np\nprint(1)\nnp.eye(2), [1]",
)


class Zygote:
    """The server.

    Parameters
    ----------
    settings : dict
        ``control`` (descriptor), ``scratch`` (folder), ``probe`` (file), ``readable`` (paths, or None for no sandbox),
        ``home`` (the folder around it all, to be deleted at the end, or None).
    """

    def __init__(self, settings: dict):
        self._settings = settings
        self._control = socket.socket(fileno=settings["control"])
        self._scratch = Path(settings["scratch"])
        self._work, self._home = self._scratch / "work", self._scratch / "home"
        self._tidy()
        self._probe = _load("probe", settings["probe"])
        self._notebook = Notebook()
        for name in FIRST:
            import_module(name)
        vars(import_module("threadpoolctl"))["_HAS_PROCFS"] = False  # or it looks into /proc, which is out of view
        self._spare_time: list[Callable] = [partial(self._notebook.rehearse, cell) for cell in REHEARSED]
        self._spare_time += [partial(import_module, name) for name in (*_modules_of("lectrain"), *LATER)]
        self._rules = None
        if settings["readable"] is not None:
            rules = landlock.ruleset(settings["readable"], [settings["scratch"], "/dev/null"])
            self._rules = fcntl.fcntl(rules, fcntl.F_DUPFD_CLOEXEC, CHANNEL + 2)  # out of the channel's way
        self._child = 0
        self._limits: dict = {}
        self._limit_hit: str | None = None

    def serve(self) -> None:
        """Do what is asked until the grader hangs up."""
        self._check()
        answers: dict[str, Callable[..., dict]]
        answers = {"file": self._take_file, "fork": self._fork, "interrupt": self._interrupt, "end": self._end}
        self._reply({"ready": True})
        while request := self._hear():
            message, descriptor = request
            if self._child and message["do"] in ("file", "fork"):  # the grader has forgotten it, at a Ctrl-C
                self._end(-1, patience=0)
            self._reply(answers[message.pop("do")](descriptor, **message))
        if self._child:
            self._end(-1, patience=0)
        if home := self._settings["home"]:
            scratch.empty(home)
            os.rmdir(home)

    # --- requests -------------------------------------------------------------------------------------------------

    def _take_file(self, descriptor: int, name: str) -> dict:
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(descriptor, "rb") as source, open(path, "xb") as target:
            shutil.copyfileobj(source, target)
        return {}

    def _fork(self, descriptor: int, limits: dict) -> dict:
        self._limits, self._limit_hit = limits, None
        gc.freeze()  # so that no collection in a child touches, and thereby copies, what is shared
        self._child = os.fork()
        if not self._child:
            self._be_a_child(descriptor)
        os.close(descriptor)
        return {}

    def _interrupt(self, _: int) -> dict:
        os.kill(self._child, signal.SIGINT)
        return {}

    def _end(self, _: int, patience: float) -> dict:
        """Wait for the process to end, kill it after some patience; say how it ended, and leave nothing of it."""
        killed, deadline = False, time.monotonic() + patience
        while not (waited := os.wait4(self._child, os.WNOHANG))[0]:
            if time.monotonic() >= deadline and not killed:
                os.kill(self._child, signal.SIGKILL)
                killed = True
            time.sleep(0.001)
        if os.getpid() == 1:
            _kill_the_rest()
        elif self._rules is None:
            with contextlib.suppress(OSError):
                os.killpg(self._child, signal.SIGKILL)
        self._child = 0
        self._tidy()
        _, status, usage = waited
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == USED and IF_USED[0] not in sys.modules:
            self._spare_time += [partial(import_module, name) for name in IF_USED]
        return {
            "killed": killed,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
            "limit_hit": self._limit_hit,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
        }

    # --- the student's process --------------------------------------------------------------------------------------

    def _be_a_child(self, descriptor: int) -> None:
        """Confine this process and run cells in it; never return."""
        channel = Channel(socket.socket(fileno=os.dup2(descriptor, CHANNEL)), LONGEST_REQUEST)
        try:
            self._confine()
        except BaseException as error:
            channel.send({"failed": repr(error)})
            os._exit(1)
        try:
            channel.send({"ready": True})
            converse(channel, self._notebook, self._probe)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except EOFError:  # the grader has hung up
            os._exit(USED if IF_USED[0] in sys.modules else 0)
        finally:
            os._exit(1)

    def _confine(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this process goes first
        os.setsid()
        os.chdir(self._work)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number in (1, 2):
            os.dup2(os.open(self._home / f".{number}", os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
        rules = self._rules
        if rules is not None:
            rules = os.dup2(rules, CHANNEL + 1)
        os.closerange(CHANNEL + 2, os.sysconf("SC_OPEN_MAX"))
        sandbox.limit(self._limits)
        if rules is not None:
            sandbox.confine(rules)
        os.closerange(CHANNEL + 1, CHANNEL + 2)
        sys.path.insert(0, "")  # not earlier: the server imports nothing from the scratch folder
        numpy.random.seed()  # otherwise all submissions would draw the same numbers

    def _check(self) -> None:
        """Make sure, in a process of its own, that the sandbox holds on this machine."""
        if self._rules is None:
            return
        if not (child := os.fork()):
            code = 1
            with contextlib.suppress(BaseException):
                sandbox.confine(self._rules)
                code = 0 if all(map(_refused, ATTEMPTS)) else 2
            os._exit(code)
        if status := os.waitpid(child, 0)[1]:
            raise RuntimeError(f"the sandbox does not hold on this machine (status {status})")

    def _use_spare_time(self) -> None:
        """Make more things ready for later processes, as long as nothing is asked and no process runs."""
        while self._spare_time and not self._child and not select.select([self._control], [], [], 0)[0]:
            with contextlib.suppress(Exception):  # whoever needs it will see what is wrong with it
                self._spare_time.pop(0)()

    # --- what a process leaves and uses -------------------------------------------------------------------------------

    def _tidy(self) -> None:
        """Empty the scratch folder and lay out what the next process starts in."""
        scratch.empty(self._scratch)
        self._work.mkdir()
        self._home.mkdir()

    def _glance(self) -> None:
        """Kill the process if it uses more than the kernel can be asked to limit."""
        self._limit_hit = self._limit_hit or scratch.excess(self._child, self._scratch, self._limits)
        if self._limit_hit:
            os.kill(self._child, signal.SIGKILL)

    # --- the control socket ---------------------------------------------------------------------------------------

    def _hear(self) -> tuple[dict, int] | None:
        """Return the next request and its descriptor, or None if the grader has hung up; glance around meanwhile."""
        self._use_spare_time()
        line, descriptors = b"", []
        while not line.endswith(b"\n"):
            self._control.settimeout(GLANCE if self._child else None)
            try:
                heard, came, _, _ = socket.recv_fds(self._control, 1 << 16, 1)
            except TimeoutError:
                self._glance()
                continue
            if not heard:
                return None
            line += heard
            descriptors += came
        return json.loads(line), descriptors[0] if descriptors else -1

    def _reply(self, message: dict) -> None:
        self._control.sendall(json.dumps(message).encode() + b"\n")


def main() -> None:
    """Run the server that the settings on the command line describe."""
    sys.path[:] = [path for path in sys.path if not path.endswith("/grader")]
    site.sethelper()
    try:
        Zygote(json.loads(sys.argv.pop())).serve()
    except Exception as error:  # not by way of sys.stderr, which is the notebook's
        print(f"{type(error).__name__}: {error}", file=sys.__stderr__)
        sys.exit(1)


def converse(channel: Channel, notebook: Notebook, probe) -> None:
    """In the student's process: run what the grader sends, until it hangs up or the notebook calls ``exit()``."""
    while not notebook.ended:
        request = channel.receive()
        if "probe" not in request:
            channel.send(notebook.run(**request))
            continue
        answers = notebook.ask(probe, **request["probe"])
        fits = len(json.dumps(answers)) <= request["max_bytes"]
        channel.send({"answers": answers} if fits else {"answers": None, "limit_hit": "answer_bytes"})
    os._exit(0)


def _kill_the_rest() -> None:
    """As process 1: let nothing live on that the student's process may have started."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


ATTEMPTS = (
    lambda: socket.socket(socket.AF_INET),
    lambda: os.fork() or os._exit(3),
    lambda: os.kill(os.getppid(), 0),
    lambda: os.open("/proc/self/status", os.O_RDONLY),
    lambda: os.open("/course/x", os.O_WRONLY | os.O_CREAT),
    lambda: os.listdir("/"),
)


def _refused(attempt) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _load(name: str, path: str) -> ModuleType:
    loader = SourceFileLoader(name, path)
    module = ModuleType(name)
    loader.exec_module(module)
    return module


def _modules_of(package: str) -> list[str]:
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found else None
    return [f"{package}.{module.name}" for module in pkgutil.iter_modules(places)] if places else []
