"""IPython as in ipykernel, for a notebook that is graded: what it shows becomes outputs of the running cell.

Like `cells`, this module runs in the student's process and protects nothing.
"""

import errno
import io
import sys
import zlib
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core import page
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Type

if TYPE_CHECKING:
    from .cells import Notebook

LIMITS_BY_ERRNO = {errno.EFBIG: "file_bytes", errno.ENOSPC: "scratch_bytes", errno.EMFILE: "open_files"}
MAX_FRAMES_PER_END = 10  # of a long traceback: at its beginning and at its end


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``: adds text to the outputs of the running cell."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, notebook: "Notebook", name: str):
        self._notebook = notebook
        self.name = name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._notebook.outputs.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self.name == "stdout" else 2


class _ResultHook(DisplayHook):
    """Adds the value of a cell's last expression as an ``execute_result``."""

    shell: "Shell"

    def write_output_prompt(self) -> None:
        pass  # a notebook shows no `Out[1]: `

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        outputs = self.shell.notebook.outputs
        outputs.show("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        self._is_active = False  # IPython would also write a separator to stdout


class _Publisher(DisplayPublisher):
    """Adds the arguments of `display` as ``display_data``."""

    shell: "Shell"

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


class Shell(InteractiveShell):
    """IPython without a terminal, as in ipykernel. It calls the two private methods for each error that it shows."""

    compiler_class = Type(_Compiler)
    displayhook_class = Type(_ResultHook)
    display_pub_class = Type(_Publisher)
    notebook: "Notebook"

    def enable_gui(self, gui: str | None = None) -> None:
        pass  # there is no screen

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        return super().enable_matplotlib("inline")  # `%matplotlib qt` would stop the cell, often that of the imports

    def system(self, command: str) -> None:
        """Skip `!command` and `%pip`: no program can be started, and the lines below it should run."""
        print(f"[Not run during grading: {command.replace(sys.executable, 'python')}]", file=sys.stderr)

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList:
        self.system(cmd)
        return SList()

    def init_magics(self) -> None:
        super().init_magics()
        # With options such as -s, the magic deletes variables itself, without `reset`.
        self.magics_manager.register_function(lambda _: self.reset(), magic_name="reset")

    def reset(self, new_session: bool = True, aggressive: bool = False) -> None:
        """Skip `%reset`: answers that were right before it are graded, too."""
        print("[Not run during grading: %reset]", file=sys.stderr)

    def init_hooks(self) -> None:
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *_, **__: None), 99)  # a notebook's file has no pager

    def ask_exit(self) -> None:
        pass  # the cells after `exit()` are graded, too

    def _get_exc_info(self, exc_tuple: Any = None) -> tuple[Any, Any, Any]:
        kind, value, traceback = super()._get_exc_info(exc_tuple)
        errors, seen = [value], set()  # of ids: an error may be unhashable
        while errors:  # those that led to it are shown, too
            if (error := errors.pop()) is not None and id(error) not in seen:
                seen.add(id(error))
                _shorten(error.__traceback__)
                errors += [error.__cause__, error.__context__]
        return kind, value, traceback

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.notebook.outputs.error(etype.__name__, message_of(evalue), stb)


def refuse_input(*_: Any, **__: Any) -> NoReturn:
    raise StdinNotImplementedError("input() is not available during grading: assign a value instead")


def _shorten(traceback: TracebackType | None) -> None:
    frames = []
    while traceback:
        frames.append(traceback)
        traceback = traceback.tb_next
    if len(frames) > 2 * MAX_FRAMES_PER_END:  # formatting 1000 frames takes seconds
        frames[MAX_FRAMES_PER_END - 1].tb_next = frames[-MAX_FRAMES_PER_END]


def message_of(error: BaseException) -> str:
    """Return the text of an error, or nothing if the student's exception cannot write it."""
    try:
        return str(error)
    except Exception:
        return ""


def limit_of(error: BaseException | None) -> str | None:
    """The field of `Limits` that was exceeded when an error was raised, if any."""
    if isinstance(error, MemoryError):
        return "memory"
    return LIMITS_BY_ERRNO.get(error.errno or 0) if isinstance(error, OSError) else None
