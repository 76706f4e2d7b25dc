"""The grader's side of the fork server: start it, send it requests, and end it."""

import json
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict, cast

from ..factories import read_sources
from . import sandbox, scratch, visible_files
from .limits import Limits
from .protocol import MAX_MESSAGE_BYTES, Channel, ProtocolError
from .support_files import open_support_files

log = logging.getLogger(__name__)

START_SECONDS = 60  # timeout of the start: imports from a cold disk are slow
REPLY_SECONDS = 20  # timeout of every other reply
MAX_LOG_BYTES = 1 << 20  # of what the server wrote: far more than a traceback, and students' processes write elsewhere
MAX_READY_BYTES = 1 << 16  # of a process's first frame, which may hold an exception


class ZygoteLost(Exception):
    """The fork server or a process that it forked cannot be used. The message is one line.

    It ended, did not start, or timed out; or a process could not get its files or the course's factories.
    """


class Ending(TypedDict):
    """How a student's process ended."""

    signal: int  # that killed it, or 0
    status: int  # with which it exited; 0 after a signal
    killed: bool  # by the server, after the timeout
    limit_hit: str | None  # the name of a limit for which the server killed it
    cpu_seconds: float


class ZygoteClient:
    """A fork server, which has one student's process at a time. A new one has already imported the libraries.

    If the grader forks, only one of the two processes may use it: otherwise, one would get the reply to the other.

    Parameters
    ----------
    mode : str
        The sandbox of the students' processes: "bubblewrap", "landlock" or "unsandboxed".
    scratch_bytes : int
        The size of bubblewrap's scratch folder, in bytes. It is fixed at the start, and all limits are
        given for each process.

    Raises
    ------
    ZygoteLost
        If it does not start. Its files are deleted.
    """

    def __init__(self, mode: str, scratch_bytes: int):
        self.mode = mode
        self.scratch_bytes = scratch_bytes
        self._root = None if mode == sandbox.BUBBLEWRAP else Path(tempfile.mkdtemp(prefix="lectrain-"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open as long as the server runs)
        self._control, server_end = socket.socketpair()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            with server_end:
                self._process = self._start(server_end)
            self._control.settimeout(START_SECONDS)
            self._receive_reply()
        except OSError as error:
            reason = self._reason(error)
            self.close()
            raise ZygoteLost(f"the fork server did not start: {reason}") from error
        except BaseException:  # Ctrl-C while it starts
            self.close()
            raise
        self._control.settimeout(REPLY_SECONDS)

    def _start(self, server_end: socket.socket) -> subprocess.Popen[bytes]:
        root = str(self._root or "")  # within bubblewrap, the paths begin at "/"
        settings = {
            "control": server_end.fileno(),
            "root": root,
            "readable": None
            if self.mode == sandbox.UNSANDBOXED
            else visible_files.readable_paths(are_mounted=not root),
        }
        command = sandbox.server_command(settings)
        if self._root:
            visible_files.link_files(self._root)
        else:
            command = sandbox.bubblewrap_command(shutil.which("bwrap") or "bwrap", command, self.scratch_bytes)
        return subprocess.Popen(
            command,
            env=sandbox.environment(root),
            cwd=self._root or "/",
            pass_fds=[server_end.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @contextmanager
    def process(self, limits: Limits, folder: Path | None) -> Iterator["Process"]:
        """Fork a process for one submission. It ends with the context.

        The files of the folder are copied for it. Raise `ZygoteLost` if that fails, if the server ended or timed out,
        or if the process could not be prepared.
        """
        for name, file in open_support_files(folder, limits.folder_bytes) if folder else ():
            reply = self.request("file", file.fileno(), name=name)
            if "failed" in reply:
                room = limits.amount("scratch_bytes")
                raise ZygoteLost(f"{name} cannot be copied (scratch_bytes is {room}): {reply['failed']}")
        grader_end, child_end = socket.socketpair()
        with grader_end:
            with child_end:
                self.request("fork", child_end.fileno(), limits=asdict(limits))
            process = Process(self, Channel(grader_end))
            try:
                process.prepare()
                yield process
            except BaseException:
                with suppress(ZygoteLost):  # it would hide the first exception
                    process.end()
                raise
            process.end()

    def request(self, command: str, descriptor: int | None = None, **arguments: Any) -> dict[str, Any]:
        """Send a request to the server.

        Raise `ZygoteLost` if the server ended or timed out. It then handles no further request.
        """
        try:
            message = json.dumps({"command": command, **arguments}).encode()
            socket.send_fds(self._control, [message], [] if descriptor is None else [descriptor])
            return self._receive_reply()
        except BaseException as error:  # after Ctrl-C too: the next request would receive this reply
            self._control.close()
            if isinstance(error, OSError):
                raise ZygoteLost(f"the fork server does not answer: {self._reason(error)}") from error
            raise

    def close(self) -> None:
        """End the server, and delete its files."""
        self._control.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self._process.kill()
            self._process.wait()
        self._log.close()
        if self._root and self._root.exists():  # the server deletes it, unless it was killed
            with suppress(OSError):  # a process that is being killed may still create files: then they stay
                scratch.delete_contents(self._root)
                self._root.rmdir()

    def _receive_reply(self) -> dict[str, Any]:
        if not (message := self._control.recv(MAX_MESSAGE_BYTES)):
            raise ConnectionError("it has ended")
        return cast(dict[str, Any], json.loads(message))

    def _reason(self, error: OSError) -> str:
        """Why no reply came: the error, and the last line that the server wrote, such as that of a traceback."""
        written = os.pread(self._log.fileno(), MAX_LOG_BYTES, 0).decode(errors="replace").strip()
        log.debug("the fork server wrote: %s", written)
        return ": ".join([str(error), *written.splitlines()[-1:]])


class Process:
    """One student's process, as the grader sees it: the server that forked it, and the connection to it."""

    def __init__(self, zygote: ZygoteClient, channel: Channel):
        self._zygote = zygote
        self.channel = channel
        self._ending: Ending | None = None

    def prepare(self) -> None:
        """Send the course's factories, and wait until the process has run them and is confined.

        Before, it runs no student code. Raise `ZygoteLost` if either fails.
        """
        deadline = time.monotonic() + REPLY_SECONDS
        try:
            self.channel.send(read_sources(), deadline=deadline)
            reply = self.channel.receive(MAX_READY_BYTES, deadline)
        except (OSError, EOFError, ProtocolError) as error:
            reason = f"a process ended or took {REPLY_SECONDS} s before it was confined and had the course's factories"
            raise ZygoteLost(reason) from error
        if "failed" in reply:
            raise ZygoteLost(reply["failed"])

    def interrupt(self) -> None:
        """Send SIGINT to the process, which ends the cell or call that is running."""
        self._zygote.request("interrupt")

    def end(self, timeout: float = 1.0) -> Ending:
        """Close the channel and wait for the end of the process. A second call returns the same value.

        After the timeout, in seconds, the process is killed.
        """
        if self._ending is None:
            self.channel.close()
            self._ending = cast(Ending, self._zygote.request("end", timeout=timeout))
        return self._ending
