"""Whose turn it is in a watch: one job at a time for each student, and no student gets two turns before the others."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..grading.boundary import concerns_everybody, describe

MAX_TRIES = 3  # in a row; then each new state of the student gets one more
RETRY_SECONDS = 600.0  # so often, the state of a student whose job failed counts as new: the machine may be at fault


class Turns:
    """Runs jobs in threads, in the order in which they were offered.

    The thread of the watch calls all methods; that of the hand-in server calls `is_busy`, too. Jobs and reports run in
    threads of the pool. Until a student's job is done, its thread writes the student's entries. Then, only `offer`
    does.
    """

    def __init__(self, workers: int, report: Callable[[str, str], None]):
        self.fatal: Exception | None = None  # an error that concerns everybody
        self._report = report
        self._threads = ThreadPoolExecutor(workers)
        self._jobs: dict[str, Future[None]] = {}
        self._states: dict[str, object] = {}  # of each student, when the last job was started
        self._failures: Counter[str] = Counter()  # errors in a row, by student

    @property
    def num_unfinished(self) -> int:
        """The number of jobs that are not done."""
        return sum(not job.done() for job in list(self._jobs.values()))

    @property
    def has_failures(self) -> bool:
        """Whether a student's job fails again and again."""
        return any(count >= MAX_TRIES for count in list(self._failures.values()))

    def is_busy(self, student: str) -> bool:
        """Whether a student's job is waiting or running."""
        return student in self._jobs and not self._jobs[student].done()

    def offer(self, student: str, state: object, job: Callable[[], bool]) -> bool:
        """Start a job if the student's state has changed since the last one, or if that one failed or has more to do.

        Nothing happens while a job of the student waits or runs. The job returns whether there is more to do: then the
        student gets another turn, after those who wait now. Return whether the job was started: it may be done already.
        """
        if self.is_busy(student):
            return False
        if self._failures[student]:
            state = (state, time.monotonic() // RETRY_SECONDS)
        if self._states.get(student) == state:
            return False
        self._states[student] = state
        self._jobs[student] = self._threads.submit(self._run, student, job)
        return True

    def close(self) -> None:
        """Wait for the jobs that are running. Those that wait are not started."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, student: str, job: Callable[[], bool]) -> None:
        try:
            is_unfinished = job()
            self._failures.pop(student, None)
        except Exception as error:
            if concerns_everybody(error):
                self.fatal = error
                return
            self._failures[student] += 1
            is_unfinished = self._failures[student] < MAX_TRIES  # try again
            self._report(student, f"no feedback returned: {describe(error)}")
        if is_unfinished:
            self._states.pop(student, None)  # so that `offer` gives another turn
