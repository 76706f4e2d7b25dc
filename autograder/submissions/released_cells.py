"""The cells of a notebook that nbgrader knows, as they were released, with what identifies them in a submission."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode

from .bindings import NO_NAMES, find_bindings


@dataclass(frozen=True)
class ReleasedCell:
    """A cell as nbgrader's gradebook has it: without the solution, but with the hidden tests."""

    grade_id: str
    cell_type: str  # "code", "markdown" or "raw"
    source: str  # its text, hidden tests included
    metadata: Mapping[str, Any]  # the cell's nbgrader metadata
    cell_id: str | None = None  # the id that Jupyter gave the cell
    heading: str = ""  # the last heading above it, as a line of Markdown
    above: str = ""  # the text of the cell above it

    @property
    def locked(self) -> bool:
        """Whether the cell is read-only."""
        return bool(self.metadata["locked"])

    @property
    def is_written(self) -> bool:
        """Whether it is for a written answer."""
        return self.cell_type == "markdown" and bool(self.metadata["solution"])

    @property
    def defines(self) -> frozenset[str]:
        """The functions and variables that the student is asked to define in this cell."""
        is_answer = self.cell_type == "code" and self.metadata["solution"]
        return find_bindings(self.source).defines if is_answer else NO_NAMES


# A block of code, up to its end or that of the text, in which `#` begins a comment; in the group, a heading.
_FENCE_OR_HEADING = re.compile(r"^(?P<fence>```|~~~)(?s:.*?)(?:^(?P=fence)|\Z)|^(?P<heading>#{1,6} .*)", re.MULTILINE)


def grade_id_of(cell: NotebookNode) -> str | None:
    """The id by which nbgrader knows a cell. None if it does not know the cell."""
    grade_id: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id


def last_heading(text: str, otherwise: str) -> str:
    """The last heading of a Markdown text. If it has none, the other text: such as the heading above it."""
    headings = [heading for found in _FENCE_OR_HEADING.finditer(text) if (heading := found["heading"])]
    return headings[-1] if headings else otherwise
