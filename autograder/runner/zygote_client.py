"""The grader's hold on a fork server: start it, ask it for a process, end that, start it anew when it is gone."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from . import sandbox, scratch
from .api import Limits
from .protocol import Channel
from .support_files import files_of

START_SECONDS = 60  # on a cold disk, imports take a while
REPLY_SECONDS = 20
FRAME_ROOM = 1 << 16  # around outputs and answers
WORST_ESCAPE = 6  # characters of JSON that one character of output may take


class ZygoteLost(Exception):
    """The fork server has ended, does not answer, or never started."""


class ZygoteClient:
    """A running fork server. Only for the process that started it.

    Parameters
    ----------
    mode : {"bubblewrap", "landlock", "unsandboxed"}
        What is put around it.
    limits : Limits
        Of these, the size of the scratch folder holds for all its processes.
    """

    def __init__(self, mode: str, limits: Limits):
        self._mode = mode
        self._home = None if mode == sandbox.BUBBLEWRAP else Path(tempfile.mkdtemp(prefix="lectrain-"))
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the server)
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = self._start(theirs, limits)
        try:
            self._control.settimeout(START_SECONDS)
            self._hear()
        except ZygoteLost as gone:
            self._stop()
            last_words = self._last_words()
            self.close()
            raise ZygoteLost(last_words) from gone
        self._control.settimeout(REPLY_SECONDS)

    def _start(self, theirs: socket.socket, limits: Limits) -> subprocess.Popen:
        root = str(self._home or "")
        settings = {
            "control": theirs.fileno(),
            "home": root or None,
            "scratch": f"{root}/scratch",
            "probe": f"{root}/grader/probe.py",
            "readable": None if self._mode == sandbox.UNSANDBOXED else sandbox.readable(self._mode),
        }
        command = sandbox.program(settings)
        if self._home:
            sandbox.lay_out(self._home)
        else:
            command = sandbox.bubblewrap(shutil.which("bwrap") or "bwrap", command, limits.scratch_bytes)
        return subprocess.Popen(
            command,
            env=sandbox.environment(root),
            cwd=root or "/",
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,
        )

    @contextmanager
    def process(self, limits: Limits, folder: Path | None) -> Iterator["Process"]:
        """Fork a process for one submission, in a scratch folder with the files of ``folder``, and end it after."""
        for name, file in files_of(folder, limits.folder_bytes) if folder else ():
            self.ask("file", file.fileno(), name=name)
        ours, theirs = socket.socketpair()
        with theirs:
            self.ask("fork", theirs.fileno(), limits=asdict(limits))
        longest = max(WORST_ESCAPE * limits.cell_output, limits.answer_bytes) + FRAME_ROOM
        process = Process(self, Channel(ours, longest))
        try:
            process.expect_ready()
            yield process
        except BaseException:
            with suppress(ZygoteLost):  # of two troubles the first is told
                process.end()
            raise
        process.end()

    def ask(self, what: str, descriptor: int | None = None, **details) -> dict:
        """Have the server do something and return its reply."""
        try:
            message = json.dumps({"do": what, **details}).encode() + b"\n"
            socket.send_fds(self._control, [message], [] if descriptor is None else [descriptor])
            return self._hear()
        except BaseException as error:  # Ctrl-C too: the reply that nobody heard would answer the next request
            self._control.close()
            if isinstance(error, OSError):
                raise ZygoteLost("the fork server has ended") from error
            raise

    def close(self) -> None:
        """End the server and everything of it."""
        self._stop()
        self._said.close()
        for _ in range(10):
            if not self._home or not self._home.exists():  # the server itself deletes it, if it can
                return
            with suppress(OSError):  # a process that was just killed may still be at it
                scratch.empty(self._home)
                self._home.rmdir()
            time.sleep(0.1)

    def _stop(self) -> None:
        self._control.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        self._process.kill()
        self._process.wait()

    def _hear(self) -> dict:
        line = b""
        try:
            while not line.endswith(b"\n"):
                heard = self._control.recv(1 << 16)
                if not heard:
                    raise ZygoteLost("the fork server has ended")
                line += heard
        except OSError as error:
            raise ZygoteLost("the fork server does not answer") from error
        return json.loads(line)

    def _last_words(self) -> str:
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()
        return said.splitlines()[-1] if said else "the fork server did not start"


class Process:
    """One student's process: a channel to it, and how it ended.

    Attributes
    ----------
    channel : Channel
        What it is spoken to on.
    ending : dict or None
        Once it has ended: ``signal``, ``status``, ``killed``, ``limit_hit``, ``cpu_seconds``.
    """

    def __init__(self, server: ZygoteClient, channel: Channel):
        self._zygote = server
        self.channel = channel
        self.ending: dict | None = None

    def expect_ready(self) -> None:
        """Hear that it is confined; it has run nothing yet."""
        try:
            first = self.channel.receive(time.monotonic() + REPLY_SECONDS)
        except (OSError, EOFError) as error:
            raise ZygoteLost("a process could not be confined") from error
        if "failed" in first:
            raise ZygoteLost(f"a process could not be confined: {first['failed']}")

    def interrupt(self) -> None:
        """Send it SIGINT."""
        self._zygote.ask("interrupt")

    def end(self, patience: float = 1.0) -> dict:
        """Hang up, wait for its end, kill it after some patience; a second call does nothing."""
        if self.ending is None:
            self.channel.close()
            self.ending = self._zygote.ask("end", patience=patience)
        return self.ending
