"""Hand in over HTTP: the server, which is a thread of a watch, and the watch grades what the server saves.

Tornado comes with Jupyter. A reverse proxy adds HTTPS.
"""

import asyncio
import errno
import socket
import threading

from ..course import CourseError
from .hand_in_handlers import HandInDesk, make_application
from .hand_in_limits import Connections

ADDRESS = "127.0.0.1"


class HandInServer:
    """Serves the pages of a desk in a thread. A context manager.

    The place is a port, or an address and a port, such as ``0.0.0.0:8080``. Raise CourseError if it cannot be used.
    """

    def __init__(self, desk: HandInDesk, place: str):
        self.desk = desk
        self._socket = _bind(place)
        self._loop: asyncio.AbstractEventLoop  # `_serve` sets it and `_stop`, and then `_ready`
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="hand-in", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._socket.getsockname()
        return f"http://{host}:{port}"

    def __enter__(self) -> "HandInServer":
        self._thread.start()
        while not self._ready.wait(timeout=1):
            if not self._thread.is_alive():
                self._socket.close()
                raise CourseError("the server for hand-ins has ended while it started")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        connections = Connections(
            make_application(self.desk),
            limits=self.desk.limits,
            sending=self.desk.sending,
            no_keep_alive=True,
            max_header_size=16_384,  # bytes: a link and the headers of a browser have a few thousand
            max_buffer_size=2**20,  # bytes of a connection in memory: bodies are read in pieces
            max_body_size=self.desk.limits.max_refused_bytes,
            idle_connection_timeout=self.desk.limits.header_seconds,
        )
        connections.add_socket(self._socket)
        self._ready.set()
        await self._stop.wait()
        connections.stop()
        await connections.close_all_connections()


def _bind(place: str) -> socket.socket:
    address, _, port = place.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise CourseError(f"--http {place}: give a port, such as 8080, or an address and a port, such as 0.0.0.0:8080")
    try:
        listening = socket.create_server((socket.gethostbyname(address or ADDRESS), int(port)))
    except (OSError, UnicodeError) as error:  # UnicodeError: it can be no name of a host
        reason, code = (error.strerror, error.errno) if isinstance(error, OSError) else (error, None)
        is_port_wrong = code in (errno.EADDRINUSE, errno.EACCES)
        advice = "another port" if is_port_wrong else "an IPv4 address of this machine, such as 0.0.0.0:8080"
        raise CourseError(f"--http {place}: {reason}: choose {advice}") from error
    listening.setblocking(False)
    return listening
