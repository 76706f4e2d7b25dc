"""The cells of a notebook that nbgrader knows, as they were released, and how they are recognised in a submission."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nbformat.notebooknode import NotebookNode

from .bindings import NO_NAMES, find_bindings
from .python_source import parse_cell


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
    def is_solution(self) -> bool:
        """Whether it is for an answer."""
        return bool(self.metadata["solution"])

    @property
    def is_written(self) -> bool:
        """Whether it is for a written answer."""
        return self.cell_type == "markdown" and self.is_solution

    @property
    def asks_for(self) -> frozenset[str]:
        """The functions and variables that the student is asked to define in this cell."""
        is_code = self.cell_type == "code" and self.is_solution
        return find_bindings(self.source).asks_for if is_code else NO_NAMES


# A block of code, up to its end or that of the text, in which `#` begins a comment; in the group, a heading.
_FENCE_OR_HEADING = re.compile(r"^(?P<fence>```|~~~)(?s:.*?)(?:^(?P=fence)|\Z)|^(?P<heading>#{1,6} .*)", re.MULTILINE)


def grade_id_of(cell: NotebookNode) -> str | None:
    """The id by which nbgrader knows a cell. None if it does not know the cell."""
    grade_id: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id


def has_id(cell: NotebookNode, released: ReleasedCell) -> bool:
    """Whether a submitted cell has the grade id or the Jupyter id of a released one."""
    return grade_id_of(cell) == released.grade_id or bool(cell.get("id", "") == released.cell_id)


Definitions = tuple[NotebookNode, frozenset[str]]  # a cell, and the names that the student defines in it


def find_definitions(nb: NotebookNode, given: Collection[str]) -> list[Definitions]:
    """Find the names that the student defines in each cell: none in a given one, or in text, which does not run.

    This is done once for all released cells: a notebook may have more cells than `find_bindings` remembers.
    """
    own = [cell.source if cell.cell_type == "code" and cell.source.strip() not in given else "" for cell in nb.cells]
    return [(cell, find_bindings(source).defines) for cell, source in zip(nb.cells, own, strict=True)]


def find_answering(cells: Iterable[Definitions], released: ReleasedCell) -> list[NotebookNode]:
    """Find the cells that answer a released one: those that define a name it asks for, then those with its id."""
    found = [cell for cell, names in cells if released.asks_for & names or has_id(cell, released)]
    return sorted(found, key=lambda cell: has_id(cell, released))


def find_written_answer(nb: NotebookNode, released: ReleasedCell, given: Collection[str]) -> NotebookNode | None:
    """Find a cell of the student's own that holds a written answer: below the unchanged released cell, or in its place.

    `given` is `Release.given`. A cell with the heading of a given text may be one of an earlier release, so it is none.
    """
    unchanged, question = released.source.strip(), released.above.strip()  # any cell may be below an empty question
    same = [cell for cell in nb.cells if has_id(cell, released)]
    if any(cell.source.strip() != unchanged for cell in same):
        return None  # the answer is in the released cell
    places = same or [cell for cell in nb.cells if question and cell.source.strip() == question]
    headings = {last_heading(text, "") for text in given if text != unchanged} - {""}  # an answer may keep its own
    pairs: Iterator[tuple[NotebookNode, NotebookNode]] = pairwise(nb.cells)
    for above, cell in pairs:
        text, is_below = cell.source.strip(), any(above is each for each in places)
        is_text = cell.cell_type != "code" or parse_cell(text) is None  # words in a code cell, too
        is_given = text in given or last_heading(text, "") in headings
        if is_below and text and not is_given and is_text and not grade_id_of(cell):
            return cell
    return None


def last_heading(text: str, otherwise: str) -> str:
    """The last heading of a Markdown text. If it has none, the other text: such as the heading above it."""
    headings = [heading for found in _FENCE_OR_HEADING.finditer(text) if (heading := found["heading"])]
    return headings[-1] if headings else otherwise
