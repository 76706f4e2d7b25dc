"""Read the errors of a cell that was run, and describe them to the student: where, which, and what to do."""

import re
from dataclasses import dataclass

from nbconvert.filters.ansi import strip_ansi
from nbformat.notebooknode import NotebookNode

from ..submissions.plain_text import printable

SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")
IMPORT_ERRORS = ("ModuleNotFoundError", "ImportError")
IMPORT_ADVICE = (
    "The grader does not have it. Answer without it; if it is a file of yours, copy its code into the notebook."
)
MAX_QUOTED, MAX_MESSAGE, MAX_NAME, MAX_TRACEBACK = 80, 200, 60, 20_000  # characters
# the place at the end of a SyntaxError's message, if it is in the cell, as the runner and IPython name it
_PLACE_IN_CELL = re.compile(r"(?: \(detected at line \d{1,9}\))? \((?:\d+\.py|<tokenize>), line (\d{1,9})\)$")
# From Python 3.12 on, a wrong indentation is in "<string>", like a text that the cell runs. A traceback has a frame of
# the cell only for such a text: the one that runs it.
_PLACE_WITHOUT_FRAME = re.compile(r" \(<string>, line (\d{1,9})\)$")
# A traceback may be forged. If another error caused this one, that of the other comes first, and may begin in a
# library. The last one begins in the cell that was run.
_TRACEBACK = "Traceback (most recent call last)"
_FRAME_OF_CELL = re.compile(r"^ *Cell In\[\d+\], line (\d{1,9})\b", re.MULTILINE)
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_PATH = re.compile(r" \(\S*/[^()]*\)$")  # of a module, in the message of an ImportError; in others, it may be (a/b)


@dataclass(frozen=True)
class CellError:
    """An error output of a cell, with the number and the text of the line if they are known."""

    name: str
    message: str
    line: int | None
    text: str
    is_invalid_cell: bool = False  # whether the cell is not valid Python, and not only a text or a module that it runs

    @property
    def undefined_name(self) -> str | None:
        """The name that has no value, if this is the error."""
        found = _UNDEFINED.match(self.message) if self.name == "NameError" else None
        return found and found[1]

    def clause(self, place: str) -> str:
        """A clause about the error in the cell at this place."""
        text = printable(self.text.strip()[:MAX_QUOTED])
        line = f"line {self.line} of " if self.line else ""
        quoted = f", `{text}`," if text and "`" not in text else ""
        return f"{line}{place}{quoted} {self._what_happens()}"

    def sentence(self, place: str) -> str:
        """A sentence about the error. Only it has advice about a missing module, so that causes do not repeat it."""
        advice = f" {IMPORT_ADVICE}" if self.name == "ModuleNotFoundError" else ""
        return f"{as_sentence(self.clause(place))}{advice}"

    def _what_happens(self) -> str:
        if self.is_invalid_cell:
            return f"is not valid Python: {self.message}".rstrip(": ")
        if self.name == "SystemExit":
            return "ends with SystemExit: the lines below it in this cell were not run"
        if self.name in IMPORT_ERRORS and self.message:
            return f"fails: {self.message}"
        return f"fails: {self.name}: {self.message}".rstrip(": ")


def read_error(output: NotebookNode, source: str) -> CellError:
    """Read an error output of a cell with this text."""
    message = str(output.evalue)[: 10 * MAX_MESSAGE]  # with the place and the path, which are removed
    traceback = strip_ansi("\n".join(output.traceback)[:MAX_TRACEBACK])
    frame = _FRAME_OF_CELL.search(traceback.rpartition(_TRACEBACK)[2])
    in_message = None
    if output.ename in SYNTAX_ERRORS:  # a student's own message may end like one with a place
        in_message = _PLACE_IN_CELL.search(message) or (None if frame else _PLACE_WITHOUT_FRAME.search(message))
    line, text = _find_line(source, in_message or frame)
    return CellError(
        name=printable(str(output.ename)[:MAX_NAME]),
        message=_shorten(message[: in_message.start()] if in_message else message, output.ename),
        line=line,
        text=text,
        is_invalid_cell=bool(in_message),
    )


def _find_line(source: str, place: re.Match[str] | None) -> tuple[int | None, str]:
    """The number and the text of the line that a place gives, if the cell has it."""
    lines = re.split(r"\r\n?|\n", source)  # as Python does: splitlines would also split at others, such as \u2028
    num_blank = next((i for i, line in enumerate(lines) if line.strip()), 0)  # at the top, where IPython removes them
    number = num_blank + int(place[1]) if place else 0
    return (number, lines[number - 1]) if num_blank < number <= len(lines) else (None, "")


def as_sentence(clause: str) -> str:
    """The clause with a capital and a full stop, unless a message at its end has another mark."""
    return f"{clause[:1].upper()}{clause[1:]}{'' if clause.endswith(('?', '!')) else '.'}"


def _shorten(message: str, name: str) -> str:
    """The first line of the message of an error with this name, without the path of a module."""
    lines = (_PATH.sub("", message) if name in IMPORT_ERRORS else message).strip().splitlines()
    return printable(lines[0].rstrip(".")[:MAX_MESSAGE]) if lines else ""
