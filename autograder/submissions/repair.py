"""Repair a submission's cells before nbgrader reads them: lost, copied and forged metadata, and missing cells.

A repair of a cell's type, text or place is reported in a sentence; forged metadata is overwritten silently. Cells that
a student may edit keep their text.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell

from .hidden_tests import without_hidden_tests
from .released_cells import ReleasedCell, find_answering, find_definitions, grade_id_of, has_id
from .written_answers import find_written_answer


def repair(nb: NotebookNode, released: Iterable[ReleasedCell], given: Collection[str] = ()) -> list[str]:
    """Find the cell of each released one, and give it the released metadata. All other cells have none afterwards.

    A cell that is worth points is added if it is missing. The notebook is changed in place. Return the repairs, a
    sentence each. ``given`` is `Release.given`.
    """
    known = {cell.grade_id: cell for cell in released}
    notes: list[str] = []
    for cell in nb.cells:
        if grade_id_of(cell) not in known:
            cell.metadata.pop("nbgrader", None)
    notes += _drop_copies(nb, known)  # first: the steps below look for one cell per grade id
    # These three mark cells of the student's. Each leaves alone what an earlier one has marked. Written answers come
    # last: they are searched for beside the released cell, or in its place.
    notes += _drop_stubs(nb, known, given)
    notes += _mark_lost(nb, known, given)
    notes += _mark_written(nb, known, given)
    for cell in nb.cells:  # when every cell is marked
        if grade_id := grade_id_of(cell):
            notes += _restore(cell, known[grade_id])  # unknown ids were dropped
    notes += _add_missing(nb, known)
    return notes


def _drop_copies(nb: NotebookNode, known: Mapping[str, ReleasedCell]) -> list[str]:
    """Of several cells with the same grade id, let only the last keep it; if students may edit it, the last edited one.

    Beside edited ones, untouched copies are removed: they would replace the answer above them. The others stay, as
    cells of the student's own.
    """
    notes = []
    for grade_id, released in known.items():
        copies = [cell for cell in nb.cells if grade_id_of(cell) == grade_id]
        if len(copies) < 2:
            continue
        edited = [cell for cell in copies if not released.locked and not _is_unchanged(cell, released)]
        kept = (edited or copies)[-1]
        for cell in copies:
            if cell is not kept:
                del cell.metadata["nbgrader"]
        untouched = {id(cell) for cell in copies if edited and _is_unchanged(cell, released)}
        nb.cells = [cell for cell in nb.cells if id(cell) not in untouched]
        which = "the last that was edited" if edited else "the last"
        notes.append(f"cell {grade_id} occurred {len(copies)} times: {which} counts")
    return notes


def _drop_stubs(nb: NotebookNode, known: Mapping[str, ReleasedCell], given: Collection[str]) -> list[str]:
    """Mark the answer that a student wrote above the unchanged cell for it, which is removed: it would replace it."""
    notes = []
    cells = find_definitions(nb, given)
    for released in (each for each in known.values() if each.is_solution):
        place = next((i for i, cell in enumerate(nb.cells) if grade_id_of(cell) == released.grade_id), None)
        if place is None or not _is_unchanged(nb.cells[place], released):
            continue
        above = [pair for pair in cells[:place] if not grade_id_of(pair[0]) and not _is_unchanged(pair[0], released)]
        if answers := find_answering(above, released):
            _mark(answers[-1], released)
            del nb.cells[place], cells[place]
            notes.append(f"cell {released.grade_id} was unchanged: your answer above it is graded")
    return notes


def _mark_lost(nb: NotebookNode, known: Mapping[str, ReleasedCell], given: Collection[str]) -> list[str]:
    """Mark cells that lost their metadata. Each is recognised by its Jupyter id, or else by a name it defines."""
    notes = []
    cells = find_definitions(nb, given)
    for released in _find_lost(nb, known):
        if found := find_answering((pair for pair in cells if not grade_id_of(pair[0])), released):
            clue = "its cell id" if has_id(found[-1], released) else "the name it defines"
            _mark(found[-1], released)
            notes.append(f"cell {released.grade_id} had lost its metadata: recognised by {clue}")
    return notes


def _mark_written(nb: NotebookNode, known: Mapping[str, ReleasedCell], given: Collection[str]) -> list[str]:
    """Mark the student's own cells that hold written answers."""
    notes = []
    for released in known.values():
        if released.is_written and (answer := find_written_answer(nb, released, given)):
            for unchanged in (cell for cell in nb.cells if grade_id_of(cell) == released.grade_id):
                del unchanged.metadata["nbgrader"]
            _mark(answer, released)
            notes.append(f"the answer to {released.grade_id} is in a cell of your own: that cell is graded")
    return notes


def _restore(cell: NotebookNode, released: ReleasedCell) -> list[str]:
    """Give a cell its released type and metadata and, if it is read-only, its released text."""
    notes = []
    if cell.cell_type != released.cell_type:
        notes.append(f"cell {released.grade_id} was a {cell.cell_type} cell: changed back to {released.cell_type}")
        cell.cell_type = released.cell_type
        for field in ("attachments", "outputs", "execution_count"):
            cell.pop(field, None)
        if released.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    if released.locked:
        if cell.source.strip() not in (released.source.strip(), without_hidden_tests(released.source).strip()):
            notes.append(f"cell {released.grade_id} is read-only but was edited: the released text is used")
        cell.source = released.source
    _mark(cell, released)
    return notes


def _add_missing(nb: NotebookNode, known: Mapping[str, ReleasedCell]) -> list[str]:
    """Append missing cells that are worth points. At the end, a test cell runs after every definition."""
    notes = []
    for released in _find_lost(nb, known):
        if released.metadata["grade"]:  # points that its test gives, or a person
            new_cell: Callable[..., NotebookNode] = new_code_cell if released.cell_type == "code" else new_markdown_cell
            if released.heading:  # the pages show it as the title of the question
                nb.cells.append(new_markdown_cell(released.heading))
            nb.cells.append(new_cell(released.source, metadata={"nbgrader": dict(released.metadata)}))
            notes.append(f"cell {released.grade_id} was missing: added at the end")
    return notes


def _mark(cell: NotebookNode, released: ReleasedCell) -> None:
    cell.metadata["nbgrader"] = from_dict(dict(released.metadata))


def _is_unchanged(cell: NotebookNode, released: ReleasedCell) -> bool:
    return bool(cell.source.strip() == released.source.strip())


def _find_lost(nb: NotebookNode, known: Mapping[str, ReleasedCell]) -> list[ReleasedCell]:
    """The released cells whose grade id no submitted cell has."""
    present = {grade_id_of(cell) for cell in nb.cells}
    return [released for grade_id, released in known.items() if grade_id not in present]
