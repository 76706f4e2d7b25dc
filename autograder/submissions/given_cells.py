"""Put back the cells that students get and need not change, such as the imports. nbgrader does not know them."""

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from .bindings import NO_NAMES, Bindings, find_bindings
from .reading_remarks import list_names
from .released_cells import grade_id_of, has_id


def restore_given(nb: NotebookNode, source: NotebookNode) -> list[str]:
    """Put back the cells that are gone, in place. Return the repairs, a sentence each.

    One is put back if it gives a value to a name that no cell of the submission binds, or imports `*` from a module
    from which no cell does. So nothing is put back if a student has moved the cell, or rewritten it with the same
    names. The instructor's demonstrations are left out: grading does not run them.
    """
    submitted = [find_bindings(cell.source) for cell in nb.cells if cell.cell_type == "code"]
    bound = NO_NAMES.union(*(found.binds for found in submitted))
    star_imports = NO_NAMES.union(*(found.star_imports for found in submitted))
    notes: list[str] = []
    position = 0
    for cell in source.cells:
        is_given = cell.cell_type == "code" and not grade_id_of(cell) and "demo" not in cell.metadata.get("tags", [])
        given = find_bindings(cell.source) if is_given else Bindings()
        lost, modules = given.binds - bound, given.star_imports - star_imports
        if lost or modules:
            nb.cells.insert(position, new_code_cell(cell.source))
            first_line = cell.source.strip().splitlines()[0]
            names = list_names(f"`{name}`" for name in sorted(lost or modules))
            reason = f"no cell gives {names} a value" if lost else f"no cell imports `*` from {names}"
            notes.append(f"{reason}, so the cell that begins with `{first_line}` was put back")
            position += 1
        else:
            position = _position_after(nb, cell, position)
    return notes


def _position_after(nb: NotebookNode, released: NotebookNode, position: int) -> int:
    """The position after the submitted cell that corresponds to a released one, if there is one. It never goes back."""
    for i, cell in enumerate(nb.cells[position:], start=position):
        if has_id(cell, grade_id_of(released), released.get("id")) or cell.source == released.source:
            return i + 1
    return position
