"""Run tasks in a worker process that is watched from outside: a task that exceeds a limit is ended, the others go on.

The sandbox limits the student's code. This module limits the grader's own work on a submission: reading, repairing,
judging, sanitising, writing. Student data could make any of these take forever or use all memory.

>>> with Supervisor() as supervisor:
...     supervisor.run(abs, -3)
3
"""

import atexit
import contextlib
import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

log = logging.getLogger(__name__)

START_SECONDS = 120  # to start Python and import the grader, on a busy machine with a cold disk
TRIES = 2  # of a task whose process ends; a kill for lack of memory may hit the wrong process
POLL_SECONDS = 0.1  # between two looks at the time and memory that a worker has used
MIB = 1 << 20


@dataclass(frozen=True)
class WorkLimits:
    """The resources that the grader's own work on one submission may use, outside the sandbox.

    `autograder.runner.Limits` limits the student's code.
    """

    stage_seconds: float = 30  # wall time; the stage that runs the student's code has the runner's limits instead
    memory: int = 1024 * MIB  # bytes of the worker's own memory, imported libraries included


class WorkFailed(Exception):
    """A task did not finish. The message says why, and the last stage that it entered."""


class LimitExceeded(WorkFailed):
    """A task used more time or memory than it may use."""


class WorkerDied(WorkFailed):
    """The worker process ended during the task."""


# --- in the worker ----------------------------------------------------------------------------------------------

_replies: IO[bytes] | None = None  # set in a worker process only
_OUT_OF_MEMORY = pickle.dumps(("out of memory",))  # written without another allocation


def enter_stage(name: str, seconds: float | None = None) -> None:
    """Report the stage that a task enters. Outside a worker this does nothing.

    A stage may have a time limit of its own, in seconds.
    """
    if _replies is not None:
        _send(_replies, ("stage", name, seconds))


def serve() -> None:
    """Run tasks from standard input until it is closed; send stages and results to the original standard output.

    The input is pickled: first a function that prepares the process, or None, and then tasks, each with the limit of
    memory. Function and tasks are pickled before, to bytes: an import that fails for one does not end the process.
    """
    global _replies
    _replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # printed text must not get between the replies
    received: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(received,), daemon=True).start()
    with contextlib.suppress(Exception):  # the first task raises the same error, and reports it
        if prepare := pickle.loads(received.get()):
            prepare()
    _send(_replies, ("ready",))
    while True:
        task, memory = received.get()
        _limit_memory(memory)
        try:
            enter_stage("importing the task", START_SECONDS)
            function, args = pickle.loads(task)
            enter_stage("starting the task")
            reply = ("result", function(*args))
            pickled = pickle.dumps(reply)
        except MemoryError:
            pickled = _OUT_OF_MEMORY
        except BaseException as error:
            pickled = _pickled_error(error)
        _replies.write(pickled)
        _replies.flush()


def _receive(received: "queue.SimpleQueue[Any]") -> None:
    try:
        while True:
            received.put(pickle.load(sys.stdin.buffer))
    finally:  # the supervisor has closed the pipe, or was killed, perhaps within a message: nobody waits for the task
        os._exit(0)


def _pickled_error(error: BaseException) -> bytes:
    """The error as a message: as a RuntimeError if it cannot be pickled, or would end the supervising process."""
    if isinstance(error, Exception):  # unlike SystemExit
        with contextlib.suppress(Exception):
            pickled = pickle.dumps(("error", error))
            pickle.loads(pickled)
            return pickled
    return pickle.dumps(("error", RuntimeError(f"{type(error).__name__}: {error}")))


def _limit_memory(memory: int) -> None:
    """Let an allocation beyond the limit raise MemoryError. The supervisor also checks from outside."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):  # not on Windows, not on macOS
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))


# --- in the supervisor's process --------------------------------------------------------------------------------


class Worker:
    """A worker process, and the thread that receives its messages.

    A command starts it before its own imports, so that both processes import the grader at the same time. A context
    manager: leaving it ends the process. The process first calls `prepare`, a function of a module; errors of that
    function are ignored.
    """

    def __init__(self, prepare: Callable[[], Any] | None = None):
        command = [sys.executable, "-c", "from autograder.supervisor import serve; serve()"]
        path = os.pathsep.join(dict.fromkeys(entry for entry in sys.path if entry))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            process_group=0,  # Ctrl+C in a terminal interrupts the supervisor alone, which then ends the worker
        )
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._is_ready = False
        threading.Thread(target=self._receive, daemon=True).start()
        self._send_to_worker(pickle.dumps(prepare))

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], limits: WorkLimits) -> Any:
        """Run a task once, as `Supervisor.run` says. It is sent when the worker has started: that has its own limit."""
        if not self._is_ready:
            self._await_message("starting the worker", START_SECONDS, limits.memory)  # "ready": the first message
            self._is_ready = True
        self._send_to_worker((pickle.dumps((function, args)), limits.memory))  # in bytes: its import has its own limit
        stage, seconds = "starting the task", limits.stage_seconds  # until it reports a stage
        while True:
            match self._await_message(stage, seconds, limits.memory):
                case ("stage", str(name), own_seconds):
                    stage, seconds = name, own_seconds or limits.stage_seconds
                case ("result", value):
                    return value
                case ("error", error):
                    raise error
                case ("out of memory",):
                    raise _too_much_memory(stage, limits.memory)
                case unknown:
                    raise WorkerDied(f"{stage}: the process sent an unknown message: {unknown!r:.80}")

    def _await_message(self, stage: str, seconds: float, memory: int) -> Any:
        """Return the next message of a stage that may take some seconds from now.

        Raise `LimitExceeded` if the stage exceeds a limit, `WorkerDied` if the process ends.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self._messages.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if time.monotonic() > deadline:
                    self.kill()
                    raise LimitExceeded(f"{stage}: it takes longer than the {seconds:g} s of this stage") from None
                if _memory_of(self._process.pid) > memory:
                    self.kill()
                    raise _too_much_memory(stage, memory) from None
                continue
            if isinstance(message, Exception):  # the last one, see `_receive`
                if not isinstance(message, EOFError):
                    log.error("%s: a message of the worker process cannot be read: %r", stage, message)
                raise WorkerDied(f"{stage}: the process ended with status {self._process.wait()}")
            return message

    def kill(self) -> None:
        """End the process. It may have ended before."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _send_to_worker(self, message: Any) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended: the receiving thread reports that
            _send(self._process.stdin, message)

    def _receive(self) -> None:
        """Pass the messages on. The last one is the exception that ended this: EOFError, if the process has ended."""
        assert self._process.stdout is not None
        try:
            while True:
                self._messages.put(pickle.load(self._process.stdout))
        except Exception as error:  # any, if a result cannot be read
            if not isinstance(error, EOFError):
                self._process.kill()  # `run` waits for the end of the process
            self._messages.put(error)


class Supervisor:
    """Runs tasks one at a time in a worker process, which is replaced after a failure. A context manager."""

    def __init__(self, limits: WorkLimits | None = None, worker: Worker | None = None):
        self.limits = limits or WorkLimits()
        self._worker = worker

    def start(self) -> Worker:
        """Start the worker process, if there is none, without waiting for it."""
        self._worker = self._worker or Worker()
        return self._worker

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call ``function(*args)`` in the worker process and return its result.

        If the process ends during the task, the task is run once more in a new one. The function is one of a module. It
        and its arguments are pickled.

        Raises
        ------
        LimitExceeded
            If the task exceeds a limit. Its process has been killed.
        WorkerDied
            If the process ends during the task both times.
        Exception
            Any exception that the function raises. SystemExit and the like become a RuntimeError.
        """
        for number in range(1, TRIES + 1):
            worker = self.start()
            try:
                return worker.run(function, args, self.limits)
            except WorkerDied:
                self.close()
                if number == TRIES:
                    raise
            except (LimitExceeded, KeyboardInterrupt):
                self.close()
                raise

    def close(self) -> None:
        """End the worker process. A later task starts another."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SupervisorPool:
    """Supervisors that several threads share. A context manager."""

    def __init__(self, number: int, limits: WorkLimits | None = None, worker: Worker | None = None):
        self.supervisors = [Supervisor(limits, worker if i == 0 else None) for i in range(number)]
        self._idle: queue.SimpleQueue[Supervisor] = queue.SimpleQueue()
        for supervisor in self.supervisors:
            self._idle.put(supervisor)

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Supervisor]:
        """Wait for an idle supervisor, and keep it until the end of the block."""
        supervisor = self._idle.get()
        try:
            yield supervisor
        finally:
            self._idle.put(supervisor)

    def __enter__(self) -> "SupervisorPool":
        return self

    def __exit__(self, *_: object) -> None:
        for supervisor in self.supervisors:
            supervisor.close()


_shared: tuple[WorkLimits, str, Supervisor] | None = None


def get_supervisor(limits: WorkLimits, version: str) -> Supervisor:
    """Return the supervisor of this process, which is closed when the process exits.

    The version identifies what a worker imports and keeps, such as the exercises. If it or the limits have changed
    since the last call, the supervisor is replaced.
    """
    global _shared
    if _shared is None or _shared[:2] != (limits, version):
        if _shared is not None:
            _shared[2].close()
        _shared = (limits, version, Supervisor(limits))
        atexit.register(_shared[2].close)
    return _shared[2]


def _send(stream: IO[bytes], message: Any) -> None:
    stream.write(pickle.dumps(message))
    stream.flush()


def _too_much_memory(stage: str, memory: int) -> LimitExceeded:
    return LimitExceeded(f"{stage}: it needs more than {memory // MIB} MiB of memory")


def _memory_of(pid: int) -> int:
    """The resident memory of a process in bytes; 0 if it has ended."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
