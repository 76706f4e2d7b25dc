"""Call functions that the grader trusts in its own process: references and known answers.

`probe.answer` would take Ctrl-C for a time limit, and a lack of memory for an exception of the function. Here both end
the call: they are limits of this process, and say nothing about an answer.
"""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .. import probe
from .decode import CallResult, decode_results


def call_trusted(answer: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request to the probe in this process, with any function in place of the student's."""
    return {"answers": list(_answer_one_by_one(answer, request))}


def call_on(answer: Any, case: Mapping[str, Any]) -> CallResult:
    """Call a function on one case of a request."""
    return decode_results(call_trusted(answer, {"name": "answer", "cases": [case]}), 1)[0]


class LazyResults(Sequence[CallResult]):
    """The results of a trusted function for all cases. Each is computed when it is first read, in this process."""

    def __init__(self, answer: Any, request: Mapping[str, Any]):
        self._answer, self._request = answer, request
        self._begin()

    def _begin(self) -> None:
        self._remaining = _answer_one_by_one(self._answer, self._request)
        self._computed: list[CallResult] = []

    def __len__(self) -> int:
        return len(self._request["cases"])

    def __getitem__(self, i: int) -> CallResult:  # type: ignore[override]  # no slices
        place = range(len(self))[i]  # counted from the first, also if `i` is negative
        while len(self._computed) <= place:
            try:
                self._computed += decode_results({"answers": [next(self._remaining)]}, 1)
            except BaseException:  # such as Ctrl-C. It has ended the iterator, and these results may be read again
                self._begin()
                raise
        return self._computed[place]


def _answer_one_by_one(answer: Any, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for record in probe.answer_one_by_one({request["name"]: answer}, request["name"], request["cases"]):
        if "MemoryError" in (*record.get("error", ())[:1], *record.get("bases", ())):  # NumPy raises a class below it
            raise MemoryError(record["error"][1])
        yield record


class _OutOfTime(KeyboardInterrupt):
    """The only kind of exception that `probe` does not take for one of the reference."""


@contextmanager
def limited_cpu_time(seconds: float) -> Iterator[None]:
    """Raise TimeoutError when a block has used this much CPU time.

    The limit is a signal. Windows has none, and Python delivers signals to the main thread only: elsewhere, the block
    runs without a limit.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds)
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _OutOfTime:  # also one that arrives after the block, before the timer is stopped
        raise TimeoutError("a trusted function takes too long") from None
    finally:
        signal.signal(signal.SIGPROF, before)
