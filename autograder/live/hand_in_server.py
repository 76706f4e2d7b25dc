"""Hand in over HTTP: the server, which is a thread of a watch, and the watch grades what the server saves.

Tornado comes with Jupyter. A reverse proxy adds HTTPS.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from ..course import CourseError
from .hand_in_handlers import HandInDesk, make_application
from .hand_in_limits import HandInLimits

ADDRESS = "127.0.0.1"


@contextlib.contextmanager
def serve(desk: HandInDesk, place: str) -> Iterator[str]:
    """Serve the pages of a desk in a thread, until the end of the block. Yield the address at which it listens.

    The place is a port, or an address and a port, such as ``0.0.0.0:8080``. Raise CourseError if it cannot be used, and
    the error of a server that fails: at once if it cannot start, else at the end.
    """
    started, stop = threading.Event(), threading.Event()
    with _bind(place) as listening, ThreadPoolExecutor(1, "hand-in") as threads:
        host, port = listening.getsockname()
        server = threads.submit(lambda: asyncio.run(_serve(desk, listening, started, stop)))
        server.add_done_callback(lambda _: started.set())
        try:
            started.wait()
            if not server.done():
                yield f"http://{host}:{port}"
        finally:
            stop.set()
        server.result()


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


async def _serve(desk: HandInDesk, listening: socket.socket, started: threading.Event, stop: threading.Event) -> None:
    connections = Connections(
        make_application(desk),
        limits=desk.limits,
        sending=desk.sending,
        no_keep_alive=True,
        max_header_size=16_384,  # bytes: a link and the headers of a browser have a few thousand
        max_buffer_size=2**20,  # bytes of a connection in memory: bodies are read in pieces
        max_body_size=desk.limits.max_refused_bytes,
        idle_connection_timeout=desk.limits.header_seconds,
    )
    connections.add_socket(listening)
    started.set()
    await asyncio.to_thread(stop.wait)
    connections.stop()
    await connections.close_all_connections()


def _bind(place: str) -> socket.socket:
    address, _, port = place.rpartition(":")
    try:
        listening = socket.create_server((socket.gethostbyname(address or ADDRESS), int(port)))
    except (OSError, ValueError, OverflowError) as error:  # ValueError also of an address that can be no name of a host
        advice = "give another port, or an IPv4 address of this machine and a port, such as 0.0.0.0:8080"
        raise CourseError(f"--http {place}: {error}: {advice}") from error
    listening.setblocking(False)
    return listening
