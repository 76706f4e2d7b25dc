"""The runner of this process. This module imports nothing large, so that the fork server of a worker starts at once."""

import atexit
import functools
from concurrent.futures import Future, ThreadPoolExecutor

from ..runner import Runner, RunnerError, open_runner

_THREAD = ThreadPoolExecutor(1)  # it stays, because bubblewrap ends a sandbox together with the thread that started it


def prepare() -> None:
    """Start the runner, and import the grader meanwhile."""
    _start(allow_unsandboxed=False)
    from . import one_submission  # noqa: F401


def get_runner(allow_unsandboxed: bool = False) -> Runner:
    """Return the warm runner of this process. It is closed when the process exits.

    Raise `RunnerError` if the machine has no sandbox and `allow_unsandboxed` is false.
    """
    try:
        return _start(allow_unsandboxed=allow_unsandboxed).result()
    except RunnerError:
        _start.cache_clear()  # of both values: the next call tries again
        raise


@functools.cache
def _start(*, allow_unsandboxed: bool) -> Future[Runner]:  # always by name: to the cache, that is another key
    """Start a runner in the thread, one per value. If the other value is asked for, the first stays open, idle."""
    return _THREAD.submit(_open, allow_unsandboxed)


def _open(allow_unsandboxed: bool) -> Runner:
    runner = open_runner(allow_unsandboxed=allow_unsandboxed)
    atexit.register(runner.close)
    return runner
