"""What the server for handing in allows, and the count of how often each student comes."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class HandInLimits:
    """What the server allows. ``c.HandIn`` sets it; `read_limits` checks that each limit is a number above 0."""

    max_bytes: int = 10_000_000  # of the notebooks that arrive at once
    max_files: int = 300  # from one student for one assignment, in all
    # how many pages a student can see at once, and how many more each second
    views: int = 60
    views_per_second: float = 2
    # the same for what a student sends
    uploads: int = 3
    uploads_per_second: float = 0.2
    # how long a request may take to arrive
    body_seconds: float = 120
    header_seconds: float = 10
    # of all students, at one time
    max_connections: int = 256
    max_bodies: int = 16

    @property
    def max_refused_bytes(self) -> int:
        """How much is read of a body that is refused: a browser shows the answer only when it has sent its request."""
        return 10 * self.max_bytes

    @property
    def connection_seconds(self) -> float:
        """How long a connection lasts: long enough to answer a slow body, and to read a page slowly."""
        return self.header_seconds + self.body_seconds + 30


class Rate:
    """Lets each student do something a number of times at once, and then so many times per second.

    It keeps an entry for each student who has come. Only the holders of a valid token are counted, so they are few.
    """

    def __init__(self, at_once: float, per_second: float):
        self._at_once, self._per_second = at_once, per_second
        self._used: dict[str, tuple[float, float]] = {}  # by student: how many times are used up, and when

    def take(self, student: str) -> float:
        """Count one time, and return 0. If it is too early, count nothing, and return the seconds to wait."""
        used, when = self._used.get(student, (0.0, 0.0))
        present = time.monotonic()
        used = max(used - (present - when) * self._per_second, 0.0) + 1
        if used > self._at_once:
            return (used - self._at_once) / self._per_second
        self._used[student] = (used, present)
        return 0.0
