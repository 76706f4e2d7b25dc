"""Whose turn it is in a watch: one job at a time for each student, and no student gets two turns before the others."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..grading.boundary import concerns_everybody, describe

MAX_TRIES = 3  # in a row; then each new state of the student gets one more
RETRY_SECONDS = 600.0  # after so long, a job that failed is tried again in the same state: the machine may be at fault


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
        self._failed_at: dict[str, float] = {}  # when the last job of a student failed, if it did, by `time.monotonic`

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
        is_same_state = student in self._states and self._states[student] == state
        if is_same_state and not self._is_retry_due(student):
            return False
        self._states[student] = state
        self._jobs[student] = self._threads.submit(self._run, student, job)
        return True

    def close(self) -> None:
        """Wait for the jobs that are running. Those that wait are not started."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _is_retry_due(self, student: str) -> bool:
        failed_at = self._failed_at.get(student)
        return failed_at is not None and time.monotonic() - failed_at >= RETRY_SECONDS

    def _run(self, student: str, job: Callable[[], bool]) -> None:
        try:
            is_unfinished = job()
            self._failures.pop(student, None)
            self._failed_at.pop(student, None)
        except Exception as error:
            if concerns_everybody(error):
                self.fatal = error
                return
            self._failures[student] += 1
            self._failed_at[student] = time.monotonic()
            is_unfinished = self._failures[student] < MAX_TRIES  # try again
            self._report(student, f"no feedback returned: {describe(error)}")
        if is_unfinished:
            self._states.pop(student, None)  # so that `offer` gives another turn
