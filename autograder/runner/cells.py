"""Run cells as an IPython kernel does.

This module runs in the student's process, where student code can change it. It therefore protects nothing, and the
grader must validate the outputs that it receives.
"""

import builtins
import errno
import getpass
import os
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .. import probe
from .cell_outputs import Displays, Outputs
from .lines_below import LineGuard
from .protocol import MAX_FRAME_BYTES, to_payload
from .shell import Shell, Stream, message_of, refuse_input

REPLY_OVERHEAD = 1 << 10  # bytes of a reply beside the outputs: its keys, and the note that output was dropped
NO_OUTPUT = defaultdict[str, int](int)  # each limit is 0, also one that is added to the table
LIMITS_BY_ERRNO = {errno.EFBIG: "file_bytes", errno.ENOSPC: "scratch_bytes", errno.EMFILE: "open_files"}


class Notebook:
    """A namespace, and the shell that runs cells in it. A process has only one."""

    def __init__(self) -> None:
        self._displays: Displays = {}
        self._cells: list[Outputs] = []
        self._bytes_read = {1: 0, 2: 0}  # by descriptor, of the files behind stdout and stderr
        self.outputs = Outputs(NO_OUTPUT, self._displays)  # of the running cell, or of the last one
        # Those that earlier cells started. As in a kernel, their text is not shown in the running cell.
        self.leftover_threads: set[threading.Thread] = set()  # not their ids, which Linux gives to new threads
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "neutral"
        Shell.notebook = self
        self._shell = Shell.instance(config=config)
        self._shell.ast_transformers.append(LineGuard())
        builtins.input = getpass.getpass = refuse_input
        sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")

    @property
    def namespace(self) -> dict[str, Any]:
        """The variables that the cells defined."""
        namespace: dict[str, Any] = self._shell.user_ns  # a cell may replace it
        return namespace

    def warm_up(self, source: str) -> None:
        """Run a cell so that Python imports modules and fills caches, and then reset the namespace."""
        self._shell.run_cell(source, store_history=False)
        InteractiveShell.reset(self._shell, new_session=False)

    def run(self, source: str, limits: Mapping[str, int], max_bytes: int = MAX_FRAME_BYTES) -> dict[str, Any]:
        """Run a cell. The result takes at most ``max_bytes`` as JSON: outputs of earlier cells beyond it are dropped.

        Return its ``outputs``; ``revised``, the outputs of earlier cells that it changed, by the number of the cell;
        and ``limit_hit``, the field of `Limits` that it exceeded, or None.
        """
        self.leftover_threads = set(threading.enumerate()) - {threading.current_thread()}
        self.outputs = Outputs(limits, self._displays)
        self._cells.append(self.outputs)
        error: BaseException | None = None
        try:
            with _interruptible():
                result = self._shell.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
        except KeyboardInterrupt as interrupt:  # SIGINT arrived while IPython's own code ran
            error = interrupt
        self._capture_descriptors()
        if error and not self.outputs.has_error():
            name, message = type(error).__name__, message_of(error)
            self.outputs.error(name, message, [f"{name}: {message}"])
        revised = self._pop_revised(max_bytes)
        return {"outputs": self.outputs.collect(), "revised": revised, "limit_hit": self._limit_hit(error)}

    def run_probe(
        self, name: str, cases: list[dict[str, Any]], max_bytes: int, forbids: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Call a function of the notebook on cases, and discard its output and figures.

        Return the answers of `probe.answer`, or ``{"timeout": True}``.
        """
        self.outputs = Outputs(NO_OUTPUT, {})
        figures = set(_figure_numbers())
        try:
            with _interruptible():
                return probe.answer(self.namespace, name, cases, max_bytes, forbids)
        except KeyboardInterrupt:
            return {"timeout": True}
        finally:
            self._capture_descriptors()
            for number in set(_figure_numbers()) - figures:
                sys.modules["matplotlib.pyplot"].close(number)

    def _pop_revised(self, max_bytes: int) -> dict[int, list[dict[str, Any]]]:
        """Take the outputs of the earlier cells that changed, if they fit into the reply beside those of this cell."""
        revised = {}
        left = max_bytes - REPLY_OVERHEAD - len(to_payload(self.outputs.collect()))
        for number, cell in enumerate(self._cells):
            if cell.revised:
                cell.revised = False
                outputs = cell.collect()
                size = len(to_payload({number: outputs}))
                if size <= left:
                    revised[number] = outputs
                    left -= size
                else:
                    self.outputs.note_limit("cell_output")
        return revised

    def _limit_hit(self, error: BaseException | None) -> str | None:
        if isinstance(error, MemoryError):
            return "memory"
        if isinstance(error, OSError) and error.errno in LIMITS_BY_ERRNO:
            return LIMITS_BY_ERRNO[error.errno]
        return self.outputs.limit_hit

    def _capture_descriptors(self) -> None:
        """Add text that C code, or `os.write`, wrote to the descriptors 1 and 2 without `sys.stdout`."""
        for descriptor, stream in ((1, sys.__stdout__), (2, sys.__stderr__)):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()  # type: ignore[union-attr]  # None raises AttributeError, which is suppressed
                start, end = self._bytes_read[descriptor], os.fstat(descriptor).st_size
                self._bytes_read[descriptor] = end
                content = os.pread(descriptor, end - start, start)
                if content:
                    self.outputs.stream("stdout" if descriptor == 1 else "stderr", content.decode(errors="replace"))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt at SIGINT while student code runs, even if an earlier cell changed the handler."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _figure_numbers() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return list(pyplot.get_fignums()) if pyplot else []
