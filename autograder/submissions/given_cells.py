"""Put back the cells that students get and need not change, such as the imports. nbgrader does not know them."""

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from .bindings import NO_NAMES, find_bindings, find_global_names
from .plain_text import list_names
from .released_cells import grade_id_of


def restore_given(nb: NotebookNode, source: NotebookNode) -> list[str]:
    """Put back the cells that are gone and needed, in place. Return the repairs, a sentence each.

    One is put back above the first cell that reads a name of it to which no cell of the submission gives a value, and
    above those that bind its other names, whose values stay the student's. So nothing is put back if a student has
    moved the cell, or rewritten it with the same names, nor for the unknown names of ``from m import *``. The
    instructor's demonstrations are left out: grading does not run them.
    """
    codes = [cell.source if cell.cell_type == "code" else "" for cell in nb.cells]
    bound = [find_bindings(code).binds for code in codes]
    given = [(cell, find_bindings(cell.source).binds - {"*"}) for cell in source.cells if _is_given(cell)]
    lost = [(cell, names, names - NO_NAMES.union(*bound)) for cell, names in given]
    read = [find_global_names(code) for code in codes] if any(names for _, _, names in lost) else []
    notes: list[str] = []
    last = len(codes)  # the place of the next given cell that was put back
    for cell, all_names, names in reversed(lost):  # one that is put back may be a reader, too
        if any(names & others for others in read):
            uses = enumerate(zip(read, bound, strict=True))
            last = min([last, *(i for i, (reads, binds) in uses if names & reads or all_names & binds)])
            nb.cells.insert(last, new_code_cell(cell.source))
            read.insert(last, find_global_names(cell.source))
            bound.insert(last, NO_NAMES)
            first_line = cell.source.strip().splitlines()[0]
            reason = f"no plain statement gives {list_names(f'`{name}`' for name in sorted(names))} a value"
            notes.append(f"{reason}, so the cell that begins with `{first_line}` was put back")
    return notes[::-1]


def _is_given(cell: NotebookNode) -> bool:
    is_demo = "demo" in cell.metadata.get("tags", [])
    return bool(cell.cell_type == "code") and not grade_id_of(cell) and not is_demo
