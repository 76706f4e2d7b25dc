"""Put back the cells that students get and need not change, such as the imports. nbgrader does not know them."""

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from .bindings import NO_NAMES, find_bindings, find_global_names
from .plain_text import list_names
from .released_cells import grade_id_of


def restore_given(nb: NotebookNode, source: NotebookNode) -> list[str]:
    """Put back the cells that are gone and needed, in place. Return the repairs, a sentence each.

    One is needed if a cell of the submission uses a name of it, and no plain statement gives this name a value. It is
    put back above all that use or bind a name of it, so that the student's values stay. So nothing is put back if a
    student has moved the cell, or rewritten it with the same names, nor for the unknown names of ``from m import *``.
    The instructor's demonstrations are left out: grading does not run them.
    """
    codes = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    bound = NO_NAMES.union(*(find_bindings(code).binds for code in codes))
    given = [(cell, find_bindings(cell.source).binds - {"*"}) for cell in source.cells if _is_given(cell)]
    if all(names <= bound for _, names in given):
        return []
    uses = [_used_names(cell) for cell in nb.cells]
    notes: list[str] = []
    last = len(uses)  # the place of the next given cell that was put back
    for cell, all_names in reversed(given):  # one that is put back may use another one
        names = all_names - bound
        if any(names & used for used in uses):
            last = min([last, *(i for i, used in enumerate(uses) if all_names & used)])
            nb.cells.insert(last, new_code_cell(cell.source))
            uses.insert(last, _used_names(cell))
            first_line = cell.source.strip().splitlines()[0]
            reason = f"no plain statement gives {list_names(f'`{name}`' for name in sorted(names))} a value"
            notes.append(f"{reason}, so the cell that begins with `{first_line}` was put back")
    return notes[::-1]


def _used_names(cell: NotebookNode) -> frozenset[str]:
    return find_global_names(cell.source, also_bound=True) if cell.cell_type == "code" else NO_NAMES


def _is_given(cell: NotebookNode) -> bool:
    is_demo = "demo" in cell.metadata.get("tags", [])
    return bool(cell.cell_type == "code") and not grade_id_of(cell) and not is_demo
