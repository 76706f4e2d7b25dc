"""Run tasks in a worker process that is watched from outside: a task that exceeds a limit is ended, the others go on.

The sandbox limits the student's code. This module limits the grader's own work on a submission: reading, repairing,
judging, sanitising, writing. Student data could make any of these take forever or use all memory.

>>> with Supervisor() as supervisor:
...     supervisor.run(abs, -3)
3
"""

import contextlib
import functools
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

START_SECONDS = 120.0  # to start Python and import the grader, on a busy machine with a cold disk
POLL_SECONDS = 0.1  # between two looks at the time and memory that a worker has used
MIB = 1 << 20
# Of the linear algebra: OpenBLAS maps 41 MB for each, and mapped memory counts as used.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


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


class SupervisorClosed(BaseException):
    """The command ends, and nobody waits for the task. No `Exception`, which would be reported as the task's."""


# --- in the worker ----------------------------------------------------------------------------------------------

_connection: Connection | None = None  # to the supervisor, in a worker process only
_OUT_OF_MEMORY = pickle.dumps(("out of memory",))  # while there is memory


def enter_stage(name: str, seconds: float | None = None) -> None:
    """Report the stage that a task enters. Outside a worker this does nothing.

    A stage may have a time limit of its own, in seconds.
    """
    if _connection is not None:
        _connection.send(("stage", name, seconds))


def serve(descriptor: int) -> None:
    """Run the tasks that come through a connection until it is closed, and send stages and results through it.

    First comes a function that prepares the process, or None, and then tasks, each with the limit of memory. Function
    and tasks are pickled twice: an import that fails for one does not end the process.
    """
    global _connection
    _connection = Connection(descriptor)
    received: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(_connection, received), daemon=True).start()
    with contextlib.suppress(Exception):  # the first task raises the same error, and reports it
        if prepare := pickle.loads(received.get()):
            prepare()
    while True:
        task, memory = received.get()
        _limit_memory(memory)
        try:
            enter_stage("importing the task", START_SECONDS)
            function, args = pickle.loads(task)
            enter_stage("starting the task")
            pickled = pickle.dumps(("result", function(*args)))
        except MemoryError:
            pickled = _OUT_OF_MEMORY
        except BaseException as error:
            pickled = _pickled_error(error)
        _connection.send_bytes(pickled)


def _receive(connection: Connection, received: "queue.SimpleQueue[Any]") -> None:
    try:
        while True:
            received.put(connection.recv())
    finally:  # the supervisor has closed it, or was killed, perhaps within a message: nobody waits for the task
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
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):  # not every system has this limit
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))


# --- in the supervisor's process --------------------------------------------------------------------------------


class Worker:
    """A worker process. It ends with this object.

    A command starts it before its own imports, so that both processes import the grader at the same time. The process
    first calls `prepare`, a function of a module; errors of that function are ignored.
    """

    def __init__(self, prepare: Callable[[], Any] | None = None):
        self._connection, other_end = Pipe()
        self._messages: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        program = f"from autograder.supervisor import serve; serve({other_end.fileno()})"
        path = os.pathsep.join(dict.fromkeys(entry for entry in sys.path if entry))
        with other_end:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a task prints is no output of the command
                pass_fds=[other_end.fileno()],
                env={**os.environ, "PYTHONPATH": path, **ONE_THREAD},
                process_group=0,  # Ctrl+C in a terminal interrupts the supervisor alone, which then ends the worker
            )
        self._finalizer = weakref.finalize(self, _end, self._process)  # also of this program
        threading.Thread(target=_collect, args=(self._connection, self._messages), daemon=True).start()
        self._send(pickle.dumps(prepare))

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], limits: WorkLimits) -> Any:
        """Run a task once, and return its last message: ``("result", value)`` or ``("error", error)``.

        After an exception, the caller must kill the worker, which may still send a message.
        """
        self._send((pickle.dumps((function, args)), limits.memory))
        stage, seconds = "starting the worker", START_SECONDS  # until it reports a stage
        while True:
            match self._await_message(stage, seconds, limits.memory):
                case ("stage", name, own_seconds):
                    stage, seconds = name, own_seconds or limits.stage_seconds
                case ("out of memory",):
                    raise _too_much_memory(stage, limits.memory)
                case answer:
                    return answer

    def _await_message(self, stage: str, seconds: float, memory: int) -> Any:
        """Return the next message of a stage that may take some seconds from now.

        Raise `LimitExceeded` if the stage exceeds a limit, `WorkerDied` if the process ends.
        """
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(queue.Empty):
                if message := self._messages.get(timeout=POLL_SECONDS):
                    return pickle.loads(message)
                self.kill()
                raise WorkerDied(f"{stage}: the process ended with status {self._process.wait()}")
            if time.monotonic() > deadline:
                raise LimitExceeded(f"{stage}: it takes longer than the {seconds:g} s of this stage")
            if _memory_of(self._process.pid) > memory:
                raise _too_much_memory(stage, memory)

    def kill(self) -> None:
        """End the process. It may have ended before."""
        self._finalizer()

    def _send(self, message: Any) -> None:
        with contextlib.suppress(OSError):  # it has ended: `_await_message` notices that
            self._connection.send(message)


class Supervisor:
    """Runs tasks one at a time in a worker process, which is replaced after a failure. A context manager."""

    def __init__(self, limits: WorkLimits | None = None, worker: Worker | None = None):
        self.limits = limits or WorkLimits()
        self._worker = worker
        self._is_closed = False

    def start(self) -> Worker:
        """Start the worker process, if there is none, without waiting for it."""
        if not self._is_closed:
            worker = self._worker = self._worker or Worker()
            if not self._is_closed:  # another thread may have closed it while the worker started
                return worker
        self._end_worker()
        raise SupervisorClosed

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call ``function(*args)`` in the worker process and return its result.

        The function is one of a module. It and its arguments are pickled. If the process ends during the task, the task
        is run once more in a new one: a kill for lack of memory may hit the wrong process. Raise `LimitExceeded` if the
        task exceeds a limit, `WorkerDied` if the process ends both times, `SupervisorClosed` after `close`, and what
        the function raises, but a RuntimeError in place of SystemExit and the like.
        """
        try:
            kind, value = self._run_once(function, args)
        except WorkerDied:
            kind, value = self._run_once(function, args)
        if kind == "error":
            raise value
        return value

    def _run_once(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        try:
            return self.start().run(function, args, self.limits)
        except BaseException:  # the next task must not receive the message of this one
            self._end_worker()
            raise

    def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()

    def close(self) -> None:
        """End the worker process. No task can be run any more."""
        self._is_closed = True
        self._end_worker()

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


@functools.lru_cache(maxsize=1)
def get_supervisor(limits: WorkLimits, version: str) -> Supervisor:
    """Return the supervisor of this process.

    The version identifies what a worker imports and keeps, such as the exercises. If it or the limits have changed
    since the last call, the supervisor is replaced.
    """
    return Supervisor(limits)


def _collect(connection: Connection, messages: "queue.SimpleQueue[bytes | None]") -> None:
    """Collect the messages of a worker, and None at its end. In a thread: a worker may stop in the middle of one."""
    try:
        while True:
            messages.put(connection.recv_bytes())
    except (EOFError, OSError):
        messages.put(None)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _too_much_memory(stage: str, memory: int) -> LimitExceeded:
    return LimitExceeded(f"{stage}: it needs more than {memory // MIB} MiB of memory")


def _memory_of(pid: int) -> int:
    """The resident memory of a process in bytes; 0 if it has ended."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
