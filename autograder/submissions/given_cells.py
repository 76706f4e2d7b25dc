"""Put back the cells that students get and need not change, such as the imports. nbgrader does not know them."""

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from .bindings import NO_NAMES, Bindings, find_bindings, find_global_names
from .reading_remarks import list_names
from .released_cells import grade_id_of, has_id


def restore_given(nb: NotebookNode, source: NotebookNode) -> list[str]:
    """Put back the cells that are gone, in place. Return the repairs, a sentence each.

    One is put back if it gives a value to a name that no cell of the submission binds, or imports `*` from a module
    from which no cell does. So nothing is put back if a student has moved the cell, or rewritten it with the same
    names. The instructor's demonstrations are left out: grading does not run them. Its place is above the next released
    cell that is there, and above all cells that read such a name. Those that the release has above it do not count:
    only their functions read it.
    """
    submitted = [find_bindings(cell.source) for cell in nb.cells if cell.cell_type == "code"]
    bound = NO_NAMES.union(*(found.binds for found in submitted))
    star_imports = NO_NAMES.union(*(found.star_imports for found in submitted))
    notes: list[str] = []
    place = len(nb.cells)  # of the next released cell that is there
    for number in reversed(range(len(source.cells))):  # one that is put back may be a reader, too
        cell = source.cells[number]
        is_given = cell.cell_type == "code" and not grade_id_of(cell) and "demo" not in cell.metadata.get("tags", [])
        given = find_bindings(cell.source) if is_given else Bindings()
        lost, modules = given.binds - bound, given.star_imports - star_imports
        if lost or modules:
            above = {_find_submitted(nb, each, otherwise=-1) for each in source.cells[:number]}
            others = (i for i, each in enumerate(nb.cells) if each.cell_type == "code" and i not in above)
            place = min([place, *(i for i in others if lost & find_global_names(nb.cells[i].source))])
            nb.cells.insert(place, new_code_cell(cell.source))
            first_line = cell.source.strip().splitlines()[0]
            names = list_names(f"`{name}`" for name in sorted(lost or modules))
            reason = f"no plain statement gives {names} a value" if lost else f"no cell imports `*` from {names}"
            notes.append(f"{reason}, so the cell that begins with `{first_line}` was put back")
        else:
            place = _find_submitted(nb, cell, otherwise=place)
    return notes[::-1]


def _find_submitted(nb: NotebookNode, released: NotebookNode, otherwise: int) -> int:
    """Find a released cell in the submission: by its id or, since ids get lost, by a text that is there once."""
    cells = [(i, cell) for i, cell in enumerate(nb.cells) if cell.cell_type == released.cell_type]
    same_id = [i for i, cell in cells if has_id(cell, grade_id_of(released), released.get("id"))]
    same_text = [i for i, cell in cells if cell.source.strip() and cell.source == released.source]
    return same_id[0] if same_id else same_text[0] if len(same_text) == 1 else otherwise
