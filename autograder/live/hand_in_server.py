"""Hand in over HTTP: the server, which is a thread of a watch, and the watch grades what the server saves.

Tornado comes with Jupyter. A reverse proxy adds HTTPS.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ..course import CourseError
from .hand_in_handlers import HandInDesk, make_application
from .hand_in_limits import Connections

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
