"""Frames on a socket between the grader and a student's process: four bytes of length, then JSON.

Neither side trusts the other. A frame that is longer than agreed, or that is not JSON, ends the session.
"""

import json
import select
import socket
import time
from typing import Any

HEADER_BYTES = 4
MAX_FRAME_BYTES = (1 << 8 * HEADER_BYTES) - 1
CHUNK_BYTES = 1 << 20  # received at once
MAX_MESSAGE_BYTES = 1 << 16  # on the control socket of the fork server
OUT_OF_MEMORY_STATUS = 77  # exit status of a process that has too little memory left to send a reply


class ProtocolError(Exception):
    """A frame is too long or is not JSON."""


class Channel:
    """One end of a socket pair that carries JSON values. The channel owns the socket, and closes it."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._buffer = bytearray()  # the part of the next frame that has arrived
        sock.setblocking(False)

    def send(self, value: Any, max_bytes: int = MAX_FRAME_BYTES, deadline: float | None = None) -> None:
        """Send a value. The deadline is a time of `time.monotonic`, in seconds.

        Raises
        ------
        ProtocolError
            If the frame would be longer. Nothing is sent.
        TimeoutError
            If the peer has not read the value by the deadline. A part may be sent, so the channel is of no use then.
        OSError
            If the peer has closed its end.
        """
        # A character takes at most 6 bytes. As ASCII, it would take up to 12.
        payload = json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")
        if len(payload) > max_bytes:
            raise ProtocolError(f"the frame has {len(payload)} bytes, more than the {max_bytes} allowed")
        unsent = memoryview(len(payload).to_bytes(HEADER_BYTES, "big") + payload)
        while unsent:
            self._wait(select.POLLOUT, deadline)
            unsent = unsent[self._sock.send(unsent) :]

    def receive(self, max_bytes: int = MAX_FRAME_BYTES, deadline: float | None = None) -> Any:
        """Receive the next value. A frame that is longer than ``max_bytes`` is not read.

        The deadline is a time of `time.monotonic`. Without one, it waits as long as it takes.

        Raises
        ------
        TimeoutError
            If the frame is incomplete at the deadline. The next call continues with the part that has arrived.
        EOFError
            If the peer has closed its end.
        ProtocolError
            If the frame is too long or is not JSON.
        """
        while (missing := self._bytes_missing(max_bytes)) > 0:
            self._wait(select.POLLIN, deadline)
            try:
                received = self._sock.recv(min(missing, CHUNK_BYTES))
            except ConnectionError:
                received = b""
            if not received:
                raise EOFError("the peer closed the connection")
            self._buffer += received
        payload = bytes(self._buffer[HEADER_BYTES:])
        self._buffer.clear()
        try:
            return json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("the frame is not JSON") from error

    def close(self) -> None:
        self._sock.close()

    def _bytes_missing(self, max_bytes: int) -> int:
        """Return how many more bytes the frame in the buffer needs, as far as that is known."""
        if len(self._buffer) < HEADER_BYTES:
            return HEADER_BYTES - len(self._buffer)
        size = int.from_bytes(self._buffer[:HEADER_BYTES], "big")
        if size > max_bytes:
            raise ProtocolError(f"the frame has {size} bytes, more than the {max_bytes} allowed")
        return HEADER_BYTES + size - len(self._buffer)

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._sock, event)
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000  # in milliseconds
        if not poll.poll(timeout):
            raise TimeoutError("timed out waiting for the peer")
