"""Frames on a socket between the grader and a student's process: four bytes of length, then JSON.

Neither side trusts the other. A frame longer than was agreed, or one that is not JSON, ends the conversation.
"""

import json
import select
import socket
import time
from typing import Any

HEADER = 4
OUT_OF_MEMORY = 77  # exit status of a process that has none left to say so


class ProtocolError(Exception):
    """The other side said something that is no frame, or too much."""


class Channel:
    """One end of a socket pair that carries JSON values.

    Parameters
    ----------
    sock : socket.socket
        The end to speak on; owned and closed by the channel.
    longest : int
        The longest frame in bytes that is accepted from the other side.
    """

    def __init__(self, sock: socket.socket, longest: int):
        self._sock = sock
        self._longest = longest
        self._heard = bytearray()
        sock.setblocking(False)

    def send(self, value: Any, deadline: float | None = None) -> None:
        """Say something; raise `TimeoutError` past the deadline (of `time.monotonic`), `OSError` if nobody listens."""
        payload = json.dumps(value).encode()
        left = memoryview(len(payload).to_bytes(HEADER, "big") + payload)
        while left:
            self._wait(select.POLLOUT, deadline)
            left = left[self._sock.send(left) :]

    def receive(self, deadline: float | None = None) -> Any:
        """Hear the next value; raise `TimeoutError` past the deadline, `EOFError` at the end, else `ProtocolError`.

        A frame of which only a part has come by the deadline is not lost: the next call goes on with it.
        """
        while (missing := self._missing()) > 0:
            self._wait(select.POLLIN, deadline)
            try:
                heard = self._sock.recv(min(missing, 1 << 20))
            except ConnectionError:
                heard = b""
            if not heard:
                raise EOFError("the other side has ended")
            self._heard += heard
        payload = bytes(self._heard[HEADER:])
        self._heard.clear()
        try:
            return json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("a frame that is not JSON") from error

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _missing(self) -> int:
        """How many more bytes the frame that is being heard needs."""
        if len(self._heard) < HEADER:
            return HEADER - len(self._heard)
        size = int.from_bytes(self._heard[:HEADER], "big")
        if size > self._longest:
            raise ProtocolError(f"a frame of {size} bytes where {self._longest} are allowed")
        return HEADER + size - len(self._heard)

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self._sock, event)
        patience = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        if not poll.poll(patience):
            raise TimeoutError("no word by the deadline")
