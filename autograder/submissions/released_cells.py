"""The cells of a notebook that nbgrader knows, as they were released, and how they are recognised in a submission."""

from collections.abc import Collection, Iterable, Mapping
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


def grade_id_of(cell: NotebookNode) -> str | None:
    """The id by which nbgrader knows a cell. None if it does not know the cell."""
    grade_id: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id


def has_id(cell: NotebookNode, released: ReleasedCell) -> bool:
    """Whether a submitted cell has the grade id or the Jupyter id of a released one."""
    return grade_id_of(cell) == released.grade_id or bool(cell.get("id", "") == released.cell_id)


CellWithNames = tuple[NotebookNode, frozenset[str]]  # a cell, and the names that the student defines in it


def find_definitions(nb: NotebookNode, given: Collection[str]) -> list[CellWithNames]:
    """Find the names that the student defines in each cell: none in a given one, or in text, which does not run.

    This is done once for all released cells: a notebook may have more cells than `find_bindings` remembers.
    """
    own = [cell.source if cell.cell_type == "code" and cell.source.strip() not in given else "" for cell in nb.cells]
    return [(cell, find_bindings(source).defines) for cell, source in zip(nb.cells, own, strict=True)]


def find_answering(cells: Iterable[CellWithNames], released: ReleasedCell) -> list[NotebookNode]:
    """Find the cells that answer a released one: those that define a name it asks for, then those with its id."""
    found = [cell for cell, names in cells if released.asks_for & names or has_id(cell, released)]
    return sorted(found, key=lambda cell: has_id(cell, released))
