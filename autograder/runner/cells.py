"""Run cells as an IPython kernel does.

This module runs in the student's process, where student code can change it. It therefore protects nothing, and the
grader must validate the outputs that it receives.
"""

import builtins
import getpass
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .. import probe
from .cell_outputs import Outputs
from .lines_below import LineGuard
from .shell import Shell, Stream, limit_of, message_of, refuse_input

NO_OUTPUT = defaultdict[str, int](int)  # each limit is 0, also one that is added to the table


class Notebook:
    """A namespace, and the shell that runs cells in it. A process has only one."""

    def __init__(self) -> None:
        self._probed: dict[str, Any] = {}  # the functions that the probe called, by name
        self.outputs = Outputs(NO_OUTPUT)  # of the running cell, or of the last one
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "neutral"
        Shell.notebook = self
        self._shell = Shell.instance(config=config)
        self.line_guard = LineGuard()
        self._shell.ast_transformers.append(self.line_guard)
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

    def run(self, source: str, limits: Mapping[str, int]) -> dict[str, Any]:
        """Run a cell. Return its ``outputs``, and ``limit_hit``: the field of `Limits` that it exceeded, or None."""
        self.outputs = Outputs(limits)
        error: BaseException | None = None
        try:
            with _interruptible():
                result = self._shell.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
        except (KeyboardInterrupt, Exception) as own:  # of IPython's own code: SIGINT, or a cell has changed a part
            error = own
        if error and not self.outputs.has_error():
            name, message = type(error).__name__, message_of(error)
            self.outputs.error(name, message, [f"{name}: {message}"])
        return {"outputs": self.outputs.collect(), "limit_hit": limit_of(error) or self.outputs.limit_hit}

    def run_probe(
        self, name: str, cases: list[dict[str, Any]], max_bytes: int, forbids: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Call a function of the notebook on cases: see `probe.answer`. Its output and figures are discarded."""
        self.outputs = Outputs(NO_OUTPUT)
        from matplotlib import pyplot  # not before the server has made the folder for its settings

        figures = set(pyplot.get_fignums())
        # The function may call one that was probed before, and that a scratch cell has deleted or replaced by a value.
        hidden = {key: f for key, f in self._probed.items() if not callable(self.namespace.get(key))}
        replaced = {key: self.namespace[key] for key in hidden if key in self.namespace}
        self.namespace.update(hidden)
        try:
            with _interruptible():
                answers: dict[str, Any] = probe.answer(self.namespace, name, cases, max_bytes, forbids)
            if callable(self.namespace.get(name)):
                self._probed[name] = self.namespace[name]
            return answers
        finally:
            for key in hidden:
                self.namespace.pop(key, None)
            self.namespace.update(replaced)
            for number in set(pyplot.get_fignums()) - figures:
                pyplot.close(number)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt at SIGINT while student code runs, even if an earlier cell changed the handler."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
