"""Mend a submission's cells before nbgrader reads them: lost, copied and forged metadata, cells that are missing.

Every repair is said in words; nothing a student wrote is thrown away.
"""

import ast
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from .forbidden_calls import parse
from .hidden_tests import without_hidden_tests


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader knows, as the assignment was released."""

    grade_id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]
    cell_id: str | None = None

    @property
    def locked(self) -> bool:
        return bool(self.metadata["locked"])

    @property
    def defines(self) -> set[str]:
        return defined_in(self.source) if self.cell_type == "code" and self.metadata["solution"] else set()


def repair(nb: NotebookNode, released: list[SourceCell]) -> list[str]:
    """Give every released cell exactly one cell of the notebook, with the metadata it was released with.

    Parameters
    ----------
    nb : NotebookNode
        The submitted notebook; changed in place.
    released : list of SourceCell
        The cells that nbgrader knows, in order.

    Returns
    -------
    list of str
        What was mended, a sentence each.
    """
    known = {cell.grade_id: cell for cell in released}
    notes: list[str] = []
    for cell in nb.cells:
        _drop_unknown_metadata(cell, known)
    notes += _drop_copies(nb, known)
    notes += _find_lost(nb, known)
    for cell in nb.cells:
        if grade_id := _grade_id(cell):
            notes += _restore(cell, known[grade_id])
    notes += _add_missing(nb, known)
    return notes


@functools.lru_cache(maxsize=1000)
def defined_in(source: str) -> set[str]:
    """The functions and variables that a cell defines at its top level; none if it cannot be parsed."""
    tree = parse(source)
    body = tree.body if tree else []
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return functions | {target.id for target in targets if isinstance(target, ast.Name)}


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _drop_unknown_metadata(cell: NotebookNode, known: Mapping[str, SourceCell]) -> None:
    metadata = cell.metadata.get("nbgrader")
    if metadata is not None and not (isinstance(metadata, dict) and metadata.get("grade_id") in list(known)):
        del cell.metadata["nbgrader"]


def _drop_copies(nb: NotebookNode, known: Mapping[str, SourceCell]) -> list[str]:
    """Of several cells with one id, keep the last one; the last edited one if it is the student's to edit."""
    notes = []
    for grade_id, source in known.items():
        copies = [cell for cell in nb.cells if _grade_id(cell) == grade_id]
        edited = [cell for cell in copies if not source.locked and cell.source.strip() != source.source.strip()]
        for cell in copies:
            if cell is not (edited or copies)[-1]:
                del cell.metadata["nbgrader"]
        if len(copies) > 1:
            notes.append(f"cell {grade_id} was there {len(copies)} times: one of them counts")
    return notes


def _find_lost(nb: NotebookNode, known: Mapping[str, SourceCell]) -> list[str]:
    """Find cells that lost their metadata: by the id that Jupyter gave them, then by the function they define."""
    notes = []
    present = {_grade_id(cell) for cell in nb.cells}
    for source in (source for grade_id, source in known.items() if grade_id not in present):
        free = [cell for cell in nb.cells if not _grade_id(cell)]
        by_id = [cell for cell in free if source.cell_id and cell.get("id") == source.cell_id]
        by_name = [cell for cell in free if source.defines and source.defines & defined_in(cell.source)]
        for found, how in ((by_id, "its cell id"), (by_name, "what it defines")):
            if found:
                found[-1].metadata["nbgrader"] = from_dict(dict(source.metadata))
                notes.append(f"cell {source.grade_id} had lost its metadata: found by {how}")
                break
    return notes


def _restore(cell: NotebookNode, source: SourceCell) -> list[str]:
    notes = []
    if cell.cell_type != source.cell_type:
        notes.append(f"cell {source.grade_id} was a {cell.cell_type} cell: {source.cell_type} again")
        _change_type(cell, source.cell_type)
    if source.locked:
        if cell.source.strip() not in (source.source.strip(), without_hidden_tests(source.source).strip()):
            notes.append(f"cell {source.grade_id} is read-only and was edited: the released text is used")
        cell.source = source.source
    cell.metadata["nbgrader"] = from_dict(dict(source.metadata))
    return notes


def _change_type(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _add_missing(nb: NotebookNode, known: Mapping[str, SourceCell]) -> list[str]:
    """Append what earns points and is gone. At the end every definition comes before its test."""
    notes = []
    present = {_grade_id(cell) for cell in nb.cells}
    for source in known.values():
        if source.grade_id not in present and (source.metadata["grade"] or source.metadata["task"]):
            make = new_code_cell if source.cell_type == "code" else new_markdown_cell
            nb.cells.append(make(source.source, metadata={"nbgrader": dict(source.metadata)}))
            notes.append(f"cell {source.grade_id} was missing: added at the end")
    return notes
