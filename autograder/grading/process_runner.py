"""The runner of this process.

This module imports neither nbgrader nor nbformat, so that the fork server of a worker starts before they are loaded.
"""

import atexit
import functools
from concurrent.futures import Future, ThreadPoolExecutor

from ..runner import Runner, RunnerError, open_runner

_THREAD = ThreadPoolExecutor(1)  # it stays, because bubblewrap ends a sandbox together with the thread that started it


def prepare() -> None:
    """Start the runner, and import the grader meanwhile."""
    _start(allow_unsandboxed=False)
    from . import one_submission  # noqa: F401


def get_runner(allow_unsandboxed: bool) -> Runner:
    """Return the warm runner of this process. It is closed when the process exits.

    Raise `RunnerError` if the machine has no sandbox and `allow_unsandboxed` is false, and `OSError` if no process can
    be started.
    """
    try:
        try:
            return _start(allow_unsandboxed=False).result()
        except RunnerError:
            if not allow_unsandboxed:
                raise
            return _start(allow_unsandboxed=True).result()
    except Exception:
        _start.cache_clear()  # the next call tries again
        raise


@functools.cache
def _start(*, allow_unsandboxed: bool) -> Future[Runner]:
    return _THREAD.submit(_open, allow_unsandboxed)


def _open(allow_unsandboxed: bool) -> Runner:
    runner = open_runner(allow_unsandboxed=allow_unsandboxed)
    atexit.register(runner.close)
    return runner
