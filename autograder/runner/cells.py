"""Run cells as an IPython kernel does.

This module runs in the student's process, where student code can change it. It therefore protects nothing, and the
grader must validate the outputs that it receives.
"""

import builtins
import errno
import getpass
import io
import os
import signal
import sys
import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, NoReturn

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from .. import probe
from .cell_outputs import Displays, Outputs
from .lines_below import LinesBelow
from .protocol import MAX_FRAME_BYTES, to_payload

MAX_FRAMES_PER_END = 10  # of a long traceback: at its beginning and at its end
REPLY_OVERHEAD = 1 << 10  # bytes of a reply beside the outputs: its keys, and the note that output was dropped
NO_OUTPUT = defaultdict[str, int](int)  # each limit is 0, also one that is added to the table
LIMITS_BY_ERRNO = {errno.EFBIG: "file_bytes", errno.ENOSPC: "scratch_bytes", errno.EMFILE: "open_files"}


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``: adds text to the outputs of the running cell."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, notebook: "Notebook", name: str):
        self._notebook = notebook
        self.name = name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text and threading.get_ident() not in self._notebook.leftover_threads:
            self._notebook.outputs.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2


class _ResultHook(DisplayHook):
    """Adds the value of a cell's last expression as an ``execute_result``."""

    shell: "_Shell"

    def write_output_prompt(self) -> None:
        pass  # a notebook shows no `Out[1]: `

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        outputs = self.shell.notebook.outputs
        outputs.show("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False  # IPython would also write a separator to stdout


class _Publisher(DisplayPublisher):
    """Adds the arguments of `display` as ``display_data``."""

    shell: "_Shell"

    def publish(  # type: ignore[override]  # the deprecated parameter `source` is among the others
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **others: Any,
    ) -> None:
        self._validate_data(data, metadata)
        display_id = (transient or {}).get("display_id")
        if update:
            self.shell.notebook.outputs.update(display_id, data, metadata)  # type: ignore[arg-type]  # an update has an id
        else:
            self.shell.notebook.outputs.show("display_data", data, metadata, display_id)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.notebook.outputs.clear(wait)


class _Compiler(CachingCompiler):
    """Compiles each cell under a file name, as ipykernel does. Tracebacks and warnings show the name."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"/tmp/cells/{zlib.crc32(raw_code.encode(errors='replace'))}.py"


class _Shell(InteractiveShell):
    """IPython without a terminal, as in ipykernel."""

    compiler_class = Type(_Compiler)
    displayhook_class = Type(_ResultHook)
    display_pub_class = Type(_Publisher)
    notebook: "Notebook"

    def enable_gui(self, gui: str | None = None) -> None:
        if gui:
            raise NotImplementedError(f"the GUI {gui} is not available during grading: there is no screen")

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        return super().enable_matplotlib("inline")  # `%matplotlib qt` would stop the cell, often that of the imports

    def system(self, command: str) -> None:
        """Skip `!command` and `%pip`: no program can be started, and the lines below it should run."""
        print(f"[Not run during grading: {command.replace(sys.executable, 'python')}]", file=sys.stderr)

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> list[str]:
        self.system(cmd)
        return []

    def reset(self, new_session: bool = True, aggressive: bool = False) -> None:
        """Skip `%reset`: answers that were right before it are graded, too."""
        print("[Not run during grading: %reset]", file=sys.stderr)

    def init_hooks(self) -> None:
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *_, **__: None), 99)  # a notebook's file has no pager

    def init_virtualenv(self) -> None:
        pass  # the path of the fork server is complete

    def ask_exit(self) -> None:
        pass  # the cells after `exit()` are graded, too

    def _get_exc_info(self, exc_tuple: Any = None) -> tuple[Any, Any, Any]:
        kind, value, traceback = super()._get_exc_info(exc_tuple)
        _shorten_tracebacks(value)
        return kind, value, traceback

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.notebook.outputs.error(etype.__name__, _message(evalue), stb)


class Notebook:
    """A namespace, and the shell that runs cells in it. A process has only one."""

    def __init__(self) -> None:
        self._displays: Displays = {}
        self._cells: list[Outputs] = []
        self._bytes_read = {1: 0, 2: 0}  # by descriptor, of the files behind stdout and stderr
        self._lines_below = LinesBelow()
        self._probed: dict[str, Any] = {}  # functions that the probe called
        self.outputs = Outputs(NO_OUTPUT, self._displays)  # of the running cell, or of the last one
        # Those that earlier cells started. As in a kernel, their text is not shown in the running cell.
        self.leftover_threads: set[int] = set()
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "neutral"
        _Shell.notebook = self
        self._shell = _Shell.instance(config=config)
        builtins.input = getpass.getpass = _refuse_input
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")

    @property
    def namespace(self) -> dict[str, Any]:
        """The variables that the cells defined."""
        namespace: dict[str, Any] = self._shell.user_ns
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
        self.leftover_threads = set(sys._current_frames()) - {threading.get_ident()}
        self.outputs = Outputs(limits, self._displays)
        self._cells.append(self.outputs)
        error: BaseException | None = None
        try:
            with _interruptible():
                error = self._run_cell(source)
        except KeyboardInterrupt as interrupt:  # SIGINT arrived while IPython's own code ran
            error = interrupt
        self._capture_descriptors()
        if error and not self.outputs.has_error():
            name, message = type(error).__name__, _message(error)
            self.outputs.error(name, message, [f"{name}: {message}"])
        revised = self._pop_revised(max_bytes)
        return {"outputs": self.outputs.collect(), "revised": revised, "limit_hit": self._limit_hit(error)}

    def _run_cell(self, source: str) -> BaseException | None:
        """Run a cell and return its first error. Lines that fail only here do not stop the lines below them."""
        first_error = None
        while source:
            result = self._shell.run_cell(source, store_history=True)
            error: BaseException | None = result.error_before_exec or result.error_in_exec
            first_error = first_error or error
            source = self._remaining_lines(source, error) if error else ""
            if source:
                self._shell.execution_count -= 1  # it is still the same cell
        return first_error

    def _remaining_lines(self, source: str, error: BaseException) -> str:
        """The lines to run below the one that failed. Its frame is the first whose globals are the notebook's."""
        lines_in_cell = [tb.tb_lineno for tb in _frames(error.__traceback__) if tb.tb_frame.f_globals is self.namespace]
        if not lines_in_cell:  # a SyntaxError: nothing ran
            return ""
        try:
            return self._lines_below.find(self._shell.transform_cell(source), lines_in_cell[0], error)
        except Exception:  # students raise what they like, such as a NameError whose name is a list
            return ""

    def run_probe(
        self, name: str, cases: list[dict[str, Any]], max_bytes: int, forbids: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Call a function of the notebook on cases, and discard its output and figures.

        Return the answers of `probe.answer`, or ``{"timeout": True}``.
        """
        self.outputs = Outputs(NO_OUTPUT, {})
        figures = set(_figure_numbers())
        try:
            with _interruptible(), self._restored_functions():
                answers: dict[str, Any] = probe.answer(self.namespace, name, cases, max_bytes, forbids)
                if callable(self.namespace.get(name)):
                    self._probed[name] = self.namespace[name]
                return answers
        except KeyboardInterrupt:
            return {"timeout": True}
        finally:
            self._capture_descriptors()
            for number in set(_figure_numbers()) - figures:
                sys.modules["matplotlib.pyplot"].close(number)

    @contextmanager
    def _restored_functions(self) -> Iterator[None]:
        """Give functions back their names while the probe runs, if a scratch cell has stored other values there.

        All functions that were probed before count: the one that is probed now may call them.
        """
        names = self._probed.keys() & self.namespace.keys()
        others = {name: self.namespace[name] for name in names if not callable(self.namespace[name])}
        self.namespace.update({name: self._probed[name] for name in others})
        try:
            yield
        finally:
            self.namespace.update(others)

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


def _refuse_input(*_: Any, **__: Any) -> NoReturn:
    raise StdinNotImplementedError("input() is not available during grading: assign a value instead")


def _shorten_tracebacks(error: BaseException | None) -> None:
    """Remove the middle of the long tracebacks of an error and of its causes: formatting 1000 frames takes seconds."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        frames = list(_frames(error.__traceback__))
        if len(frames) > 2 * MAX_FRAMES_PER_END:
            frames[MAX_FRAMES_PER_END - 1].tb_next = frames[-MAX_FRAMES_PER_END]
        error = error.__cause__ or error.__context__


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback:
        yield traceback
        traceback = traceback.tb_next


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""
