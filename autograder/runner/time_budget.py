"""Divide the time of a notebook among its exercises."""

import math
import time

from .limits import Limits


class TimeBudget:
    """The time that is left for an exercise of a notebook, and for the notebook.

    The cells up to a step with calls belong to that step's exercise. Each exercise has some time of its own; the rest
    is common, and used up by the exercises that need more. So an answer that never returns costs no other exercise its
    time. One limit for the whole notebook would do that, and a limit per exercise alone would let a notebook of many
    slow cells hold its worker for long. Exercises are the steps with calls.
    """

    def __init__(self, exercises: int, limits: Limits):
        self._exercises_left = exercises
        self._own = min(limits.exercise_seconds + limits.grace_seconds, limits.submission_seconds / (exercises + 1))
        self._common = limits.submission_seconds - exercises * self._own
        self._grace = min(limits.grace_seconds, self._own / 2)
        # Interrupts and new processes take time, too: it must not be that of the last exercises.
        self._total = limits.submission_seconds + exercises * self._grace
        self._end = self._exercise_started = math.inf

    def start(self) -> None:
        """Start the clock. A second call changes nothing."""
        if self._end == math.inf:
            self._exercise_started = time.monotonic()
            self._end = self._exercise_started + self._total

    def end_exercise(self) -> None:
        """Charge what an exercise used beyond its own time to the common time. The next exercise begins."""
        now = time.monotonic()
        self._common = max(0.0, self._common - max(0.0, now - self._exercise_started - self._own))
        self._exercises_left -= 1
        self._exercise_started = now

    @property
    def is_used_up(self) -> bool:
        """Whether the notebook has no time left."""
        return time.monotonic() >= self._end

    def deadline(self, seconds: float) -> tuple[float, str]:
        """Return when a cell with a limit in seconds must have finished, and the field of `Limits` that decides it.

        A cell may take the grace time even if its exercise has no time left: it may be the short one that defines the
        function. The deadline is a time of `time.monotonic`.
        """
        now = time.monotonic()
        own = self._own - self._grace if self._exercises_left else 0.0
        candidates = {
            "cell_seconds": now + seconds,
            "exercise_seconds": max(self._exercise_started + own + self._common, now + self._grace),
            "submission_seconds": self._end,
        }
        limit = min(candidates, key=lambda name: candidates[name])
        return candidates[limit], limit
