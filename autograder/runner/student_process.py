"""The student's process, from the fork on: confine it, and handle the grader's requests in it."""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import numpy

from .. import factories
from . import confinement
from .cells import Notebook
from .protocol import OUT_OF_MEMORY_STATUS, Channel, ProtocolError

CHANNEL_DESCRIPTOR = 3  # of the socket to the grader
RULESET_DESCRIPTOR = CHANNEL_DESCRIPTOR + 1  # until the process is confined


def run_student_process(
    descriptor: int, notebook: Notebook, work: Path, home: Path, limits: Mapping[str, int], ruleset: int | None
) -> NoReturn:
    """Confine this process, which was just forked, and handle the requests on a socket in it until it ends.

    Before the first request, it receives the sources of the course's factories, and runs them.

    Parameters
    ----------
    descriptor : int
        Of the socket to the grader.
    work, home : Path
        The folders in which its cells run, and in which libraries write their own files.
    limits : dict
        The fields of `Limits` by name.
    ruleset : int or None
        The descriptor of the Landlock ruleset. None for no sandbox.
    """
    channel = Channel(socket.socket(fileno=os.dup2(descriptor, CHANNEL_DESCRIPTOR)))
    problem = "a process could not be confined"
    try:
        _prepare(work, home, limits, ruleset)
        problem = "the factories of the course cannot be used in the sandbox"
        for source in channel.receive():
            factories.run_source(source)
    except BaseException as error:
        channel.send({"failed": f"{problem}: {error!r}"})
        os._exit(1)
    try:
        channel.send({"ready": True})
        run_requests(channel, notebook)
    except MemoryError:
        os._exit(OUT_OF_MEMORY_STATUS)
    except EOFError:  # the grader has closed the channel
        os._exit(0)
    finally:  # After an error of our own code, too: the grader calls it a crash. It would not believe a description.
        os._exit(1)


def _prepare(work: Path, home: Path, limits: Mapping[str, int], ruleset: int | None) -> None:
    """Give this process its folder, its descriptors and its limits, and confine it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # if memory runs out, the kernel kills this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.setsid()
    os.chdir(work)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (1, 2):
        os.dup2(os.open(home / f".{number}", os.O_RDWR | os.O_CREAT | os.O_APPEND), number)
    if ruleset is not None:  # it moves beside the channel, so that all other descriptors can be closed
        os.dup2(ruleset, RULESET_DESCRIPTOR)
    os.closerange(RULESET_DESCRIPTOR + 1, os.sysconf("SC_OPEN_MAX"))
    confinement.apply_limits(limits)
    if ruleset is not None:
        confinement.confine(RULESET_DESCRIPTOR)
    os.closerange(RULESET_DESCRIPTOR, RULESET_DESCRIPTOR + 1)  # without a sandbox, whatever else is there
    sys.path.insert(0, "")  # only in the child, so that the server never imports from the scratch folder
    numpy.random.seed()  # otherwise all submissions would draw the same numbers


def run_requests(channel: Channel, notebook: Notebook) -> NoReturn:
    """Handle the grader's requests. Raise `EOFError` when the grader closes the channel."""
    while True:
        request = channel.receive()
        if "calls" not in request:
            channel.send(notebook.run(**request))
            continue
        answers = notebook.run_probe(**request["calls"], max_bytes=request["max_bytes"])
        try:
            channel.send({"answers": answers}, max_bytes=request["max_bytes"])
        except ProtocolError:
            channel.send({"answers": None, "limit_hit": "answer_bytes"})
