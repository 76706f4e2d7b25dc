"""What the server for handing in allows: sizes, times, how often a student comes, and (`Connections`) connections."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream


@dataclass(frozen=True)
class HandInLimits:
    """What the server allows; ``c.HandIn`` sets it, and `HandInDesk` checks it: each limit is a number above 0."""

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
    """Lets each student do something a number of times at once, and then so many times per second."""

    def __init__(self, at_once: float, per_second: float):
        self._at_once, self._per_second = at_once, per_second
        self._used: dict[str, tuple[float, float]] = {}  # by student: how often, and when

    def take(self, student: str) -> float:
        """Count one time. Return 0; or, if it is too early, the seconds to wait, and count nothing."""
        used, when = self._used.get(student, (0.0, 0.0))
        present = time.monotonic()
        used = max(used - (present - when) * self._per_second, 0.0) + 1
        if used > self._at_once:
            return (used - self._at_once) / self._per_second
        self._used[student] = (used, present)
        return 0.0


class Connections(HTTPServer):
    """A server with a limited number of connections, each for a limited time.

    If there are too many, the oldest idle one is closed. `sending` maps each connection on which a notebook arrives to
    its student: a handler adds it, and `on_close` removes it.
    """

    def initialize(  # type: ignore[override]  # Tornado calls it with the arguments of the constructor
        self, *arguments: Any, limits: HandInLimits, sending: dict[IOStream, str], **settings: Any
    ) -> None:
        super().initialize(*arguments, **settings)
        self._limits, self._sending = limits, sending
        self._ends: dict[IOStream, asyncio.TimerHandle] = {}  # the oldest connection first

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection."""
        if len(self._ends) >= self._limits.max_connections:
            idle = (other for other in self._ends if other not in self._sending)
            oldest = next(idle, next(iter(self._ends)))  # one is idle if fewer bodies than connections may arrive
            self._ends.pop(oldest).cancel()
            oldest.close()
        self._ends[stream] = asyncio.get_running_loop().call_later(self._limits.connection_seconds, stream.close)
        super().handle_stream(stream, address)

    def on_close(self, server_conn: Any) -> None:
        """Forget a connection."""
        super().on_close(server_conn)
        self._sending.pop(server_conn.stream, None)
        if end := self._ends.pop(server_conn.stream, None):
            end.cancel()
