"""Divide the time of a notebook among its exercises."""

import time
from collections.abc import Callable

from .limits import Limits


class TimeBudget:
    """The time that is left for an exercise of a notebook, and for the notebook. The clock starts at once.

    Exercises are the steps with calls. The cells up to such a step belong to its exercise. Each exercise has some time
    of its own; the rest is common, and used up by the exercises that need more. With one limit for the whole notebook,
    an answer that never returns would cost the other exercises their time. With a limit per exercise alone, a notebook
    of many slow cells would hold its worker for long.

    With the default limits and 10 exercises, each has 6 s of its own: 5 s, and 1 s of grace. 75 s - 60 s = 15 s are
    common. The first exercise is interrupted after 6 s - 1 s + 15 s = 20 s at the latest, and then has left the others
    only their own time. The notebook ends after 75 s + 10 * 1 s = 85 s. So each exercise may take 1 s more than its own
    time, for interrupts, new processes and further cells, and leaves the others their own time all the same. What is
    run again after a process has ended is charged to the next exercise.
    """

    def __init__(self, num_exercises: int, limits: Limits, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._exercises_left = num_exercises
        # The time of each exercise; its grace time is what is left after its deadline. `+ 1`: one share is common.
        own = limits.exercise_seconds + limits.grace_seconds
        self._own_with_grace = min(own, limits.submission_seconds / (num_exercises + 1))
        # `Dialogue` may wait longer than this. That is charged like all time beyond an exercise's own.
        self._grace = min(limits.grace_seconds, self._own_with_grace / 2)  # at least half is before an interrupt
        # what is kept for an exercise until it is interrupted: of many exercises, less than the limit
        self.seconds_before_interrupt = self._own_with_grace - self._grace
        self._common = limits.submission_seconds - num_exercises * self._own_with_grace
        self._exercise_started = clock()
        self._end = self._exercise_started + limits.submission_seconds + num_exercises * self._grace

    def end_exercise(self) -> None:
        """Charge what an exercise used beyond its own time to the common time. The next exercise begins."""
        now = self._clock()
        self._common = max(0.0, self._common - max(0.0, now - self._exercise_started - self._own_with_grace))
        self._exercises_left -= 1
        self._exercise_started = now

    @property
    def is_used_up(self) -> bool:
        """Whether the notebook has no time left."""
        return self._clock() >= self._end

    def deadline(self, seconds: float) -> tuple[float, str]:
        """Return when a cell with a limit in seconds must have finished, and the field of `Limits` that decides it.

        A cell may take the grace time even if its exercise has no time left, as long as the later ones keep theirs: it
        may be the short one that defines the function. The deadline is a time of the clock.
        """
        now = self._clock()
        # The cells below the last exercise have only the common time.
        until_interrupt = (
            self._exercise_started + (self.seconds_before_interrupt if self._exercises_left else 0.0) + self._common
        )
        kept_for_later = max(0, self._exercises_left - 1) * (self._own_with_grace + self._grace)
        candidates = {  # of equal ones, the first decides
            "cell_seconds": now + seconds,
            "submission_seconds": self._end,
            "exercise_seconds": max(until_interrupt, min(now + self._grace, self._end - kept_for_later)),
        }
        limit = min(candidates, key=candidates.__getitem__)
        return candidates[limit], limit
