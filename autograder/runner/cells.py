"""Run cells as an IPython kernel would, and keep what they put out in nbformat's words.

This runs in the student's process, which may do to it what it likes: nothing here is a defence, and whoever reads the
outputs believes none of it.
"""

import ast
import base64
import builtins
import errno
import getpass
import io
import json
import os
import signal
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Instance, Type
from traitlets.config import Config

CUT_OFF = "[The cell wrote more than is kept; the rest is not shown.]\n"
FRAMES_AT_EITHER_END = 10
AROUND = 100  # characters of JSON around an output's content
ROOM_FOR_AN_ERROR = 20_000
FAILURES = {errno.EFBIG: "file_bytes", errno.ENOSPC: "scratch_bytes", errno.EMFILE: "open_files"}


@dataclass
class _Kept:
    output: dict
    size: int
    owner: "Outputs"


class Outputs:
    """What one cell has put out so far.

    Parameters
    ----------
    max_output : int
        How many characters are kept. What comes after is dropped, and a note says so.
    displays : dict
        The displays of the whole notebook that may still be updated, by display id.
    """

    def __init__(self, max_output: int, displays: dict[str, list[_Kept]]):
        self.full = False
        self.revised = False  # by a cell that ran later
        self._max_output = self._left = max_output
        self._displays = displays
        self._kept: list[_Kept] = []
        self._clear_at_next = False

    def stream(self, name: str, text: str) -> None:
        """Write to ``stdout`` or ``stderr``; what follows on the same stream goes into the same output."""
        self._begin()
        last = self._kept[-1] if self._kept else None
        if last is None or last.output.get("name") != name:
            last = self._keep({"output_type": "stream", "name": name, "text": []}, 0)
        fitting = text[: self._left]
        if last and fitting:
            last.output["text"].append(fitting)
            self._left -= len(fitting)
        self.full |= len(fitting) < len(text)

    def show(self, kind: str, data: dict, metadata: dict | None = None, display_id: str | None = None, **more) -> None:
        """Add a ``display_data`` or an ``execute_result``."""
        content, size = _plain({"data": data, "metadata": metadata or {}})
        self._begin()
        kept = self._keep({"output_type": kind, **content, **more}, size)
        if kept and display_id is not None:
            self._displays.setdefault(display_id, []).append(kept)

    def update(self, display_id: str, data: dict, metadata: dict | None = None) -> None:
        """Replace what a display shows, in whichever cell it is."""
        content, size = _plain({"data": data, "metadata": metadata or {}})
        for kept in self._displays.get(display_id, []):
            if kept.owner._takes(size - kept.size):
                kept.output.update(content)
                kept.size = size
                kept.owner.revised = kept.owner is not self

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error. The first one is kept even if there is no room, though perhaps not all of it."""
        self._begin()
        if not self.failed():
            self._left = max(self._left, ROOM_FOR_AN_ERROR)
        error = {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
        size = sum(map(len, (name, value, *traceback)))
        if size + AROUND > self._left:
            most = (self._left - AROUND) // 3
            error |= {"ename": name[:most], "evalue": value[:most], "traceback": ["\n".join(traceback)[:most]]}
            self.full, size = True, min(size, 3 * most)
        self._keep(error, size)

    def clear(self, wait: bool) -> None:
        """Forget what is there, now or when the next output comes."""
        self._clear_at_next = wait
        if not wait:
            self._kept.clear()
            self._left, self.full = self._max_output, False

    def failed(self) -> bool:
        """Whether there is an error among the outputs."""
        return any(kept.output["output_type"] == "error" for kept in self._kept)

    def collect(self) -> list[dict]:
        """Return the outputs."""
        outputs = [dict(kept.output) for kept in self._kept]
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return [*outputs, {"output_type": "stream", "name": "stderr", "text": CUT_OFF}] if self.full else outputs

    def _begin(self) -> None:
        if self._clear_at_next:
            self.clear(wait=False)

    def _keep(self, output: dict, size: int) -> _Kept | None:
        if not self._takes(size + AROUND):
            return None
        self._kept.append(_Kept(output, size, self))
        return self._kept[-1]

    def _takes(self, size: int) -> bool:
        if size > self._left:
            self.full = True
            return False
        self._left -= size
        return True


def _plain(content: dict[str, dict]) -> tuple[dict, int]:
    """Write content as JSON can: bytes (pictures) in base 64, what is no JSON as text. Return it and its length."""
    written = json.dumps(content, default=_as_text, skipkeys=True)
    return json.loads(written), len(written)


def _as_text(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


class _Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``, written straight into the outputs of the cell that runs."""

    def __init__(self, notebook: "Notebook", name: str):
        self._notebook = notebook
        self.name = name

    encoding = "utf-8"  # type: ignore[assignment]
    errors = "strict"  # type: ignore[assignment]

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text and threading.get_ident() not in self._notebook.late_threads:
            self._notebook.outputs.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2


class _Results(DisplayHook):
    """The value of a cell's last expression becomes an ``execute_result``."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        outputs = self.shell.notebook.outputs
        outputs.show("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self):
        self._is_active = False


class _Displays(DisplayPublisher):
    """What `display` is given becomes ``display_data``."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        self._validate_data(data, metadata)
        display_id = (transient or {}).get("display_id")
        if update:
            self.shell.notebook.outputs.update(display_id, data, metadata)
        else:
            self.shell.notebook.outputs.show("display_data", data, metadata, display_id)

    def clear_output(self, wait=False):
        self.shell.notebook.outputs.clear(wait)


class _Compiler(CachingCompiler):
    """Cells are compiled under a file's name, as in ipykernel; tracebacks and warnings show it."""

    def get_code_name(self, raw_code, transformed_code, number):
        return f"/tmp/cells/{zlib.crc32(raw_code.encode(errors='replace'))}.py"


class _Transformers(TransformerManager):
    """IPython's, but for Python they are not looked for: its tokens take longer than most cells."""

    def do_token_transforms(self, lines):
        try:
            ast.parse("".join(lines))
        except Exception:
            return super().do_token_transforms(lines)
        return lines


class _Shell(InteractiveShell):
    """IPython without a terminal, as inside ipykernel."""

    input_transformer_manager = Instance(_Transformers, ())
    compiler_class = Type(_Compiler)
    displayhook_class = Type(_Results)
    display_pub_class = Type(_Displays)
    notebook: "Notebook"

    def enable_gui(self, gui=None):
        if gui:
            raise NotImplementedError(f"there is no screen for {gui} while a notebook is graded")

    def init_hooks(self):
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *_, **__: None), 99)  # a notebook keeps no pager

    def init_virtualenv(self):
        pass

    def ask_exit(self):
        self.exit_now = True

    def _get_exc_info(self, exc_tuple=None):
        kind, value, traceback = super()._get_exc_info(exc_tuple)
        _cut(traceback)
        _cut_those_behind(value)
        return kind, value, traceback

    def _showtraceback(self, etype, evalue, stb):
        self.notebook.outputs.error(etype.__name__, _text(evalue), stb)


class Notebook:
    """The namespace, and the shell that runs cells in it. There is one per process.

    Attributes
    ----------
    outputs : Outputs
        Of the cell that runs, or ran last.
    late_threads : set of int
        Threads that outlived the cell which started them. As in a kernel, what they write is no longer shown.
    """

    def __init__(self) -> None:
        self._displays: dict[str, list[_Kept]] = {}
        self._cells: list[Outputs] = []
        self._written = {1: 0, 2: 0}
        self.outputs = Outputs(0, self._displays)
        self.late_threads: set[int] = set()
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "neutral"
        _Shell.notebook = self
        self._shell = _Shell.instance(config=config)
        builtins.input = getpass.getpass = _refuse_input
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")

    @property
    def namespace(self) -> dict[str, Any]:
        """The variables that the cells have made."""
        return self._shell.user_ns

    @property
    def ended(self) -> bool:
        """Whether the notebook called ``exit()``."""
        return self._shell.exit_now

    def rehearse(self, source: str) -> None:
        """Run a cell for what it makes Python import and cache, and forget it."""
        self.outputs = Outputs(1 << 20, {})
        self._shell.run_cell(source, store_history=False)
        self._shell.reset(new_session=False)

    def run(self, source: str, max_output: int) -> dict:
        """Run a cell; return its ``outputs``, the outputs of earlier cells that it ``revised``, and the ``limit_hit``.

        Parameters
        ----------
        source : str
            The cell.
        max_output : int
            How many characters of output are kept.
        """
        self.late_threads = set(sys._current_frames()) - {threading.get_ident()}
        self.outputs = Outputs(max_output, self._displays)
        self._cells.append(self.outputs)
        error: BaseException | None = None
        try:
            with _interruptible():
                result = self._shell.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
        except KeyboardInterrupt as late:  # it hit IPython rather than the cell
            error = late
        self._take_written()
        if error and not self.outputs.failed():
            self.outputs.error(type(error).__name__, _text(error), [f"{type(error).__name__}: {_text(error)}"])
        return {"outputs": self.outputs.collect(), "revised": self._take_revised(), "limit_hit": self._limit_hit(error)}

    def ask(self, probe: Any, name: str, cases: list) -> dict:
        """Let the probe question a function of the notebook; leave no output and no figure behind."""
        self.outputs = Outputs(0, {})
        figures = set(_figures())
        try:
            with _interruptible():
                return probe.answer(self.namespace, name, cases)
        except KeyboardInterrupt:
            return {"timeout": True}
        finally:
            self._take_written()
            for number in set(_figures()) - figures:
                sys.modules["matplotlib.pyplot"].close(number)

    def _take_revised(self) -> dict[int, list[dict]]:
        revised = {number: cell.collect() for number, cell in enumerate(self._cells) if cell.revised}
        for number in revised:
            self._cells[number].revised = False
        return revised

    def _limit_hit(self, error: BaseException | None) -> str | None:
        if isinstance(error, MemoryError):
            return "memory"
        if isinstance(error, OSError) and error.errno in FAILURES:
            return FAILURES[error.errno]
        return "cell_output" if self.outputs.full else None

    def _take_written(self) -> None:
        """Take up what was written to the descriptors 1 and 2 themselves: by C code, or past `sys.stdout`."""
        for descriptor, stream in ((1, sys.__stdout__), (2, sys.__stderr__)):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()  # type: ignore[union-attr]
                since, self._written[descriptor] = self._written[descriptor], os.fstat(descriptor).st_size
                written = os.pread(descriptor, self._written[descriptor] - since, since)
                if written:
                    self.outputs.stream("stdout" if descriptor == 1 else "stderr", written.decode(errors="replace"))


@contextmanager
def _interruptible():
    """Let SIGINT through while a student's code runs, whatever an earlier cell made of it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _figures() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot.get_fignums() if pyplot else []


def _refuse_input(*_, **__):
    raise StdinNotImplementedError("input() has nobody to answer it while a notebook is graded")


def _cut(traceback: TracebackType | None) -> None:
    """Leave out the middle of a deep recursion: to describe a million frames takes longer than a cell may."""
    frames = list(_frames(traceback))
    if len(frames) > 2 * FRAMES_AT_EITHER_END:
        frames[FRAMES_AT_EITHER_END - 1].tb_next = frames[-FRAMES_AT_EITHER_END]


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback:
        yield traceback
        traceback = traceback.tb_next


def _cut_those_behind(error: BaseException | None) -> None:
    """Do the same for the errors that led to this one."""
    seen = {id(error)}
    while error and (error := error.__cause__ or error.__context__) and id(error) not in seen:
        seen.add(id(error))
        _cut(error.__traceback__)


def _text(error: Any) -> str:
    try:
        return str(error)
    except Exception:
        return ""
