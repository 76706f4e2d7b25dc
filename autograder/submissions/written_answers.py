"""Find written answers that students have put into cells of their own."""

from collections.abc import Collection, Iterator
from itertools import pairwise

from nbformat.notebooknode import NotebookNode

from .headings import last_heading
from .python_source import parse_cell
from .released_cells import ReleasedCell, grade_id_of, has_id


def find_written_answer(nb: NotebookNode, released: ReleasedCell, given: Collection[str]) -> NotebookNode | None:
    """Find a cell of the student's own that holds a written answer: below the unchanged released cell, or in its place.

    `given` is `Release.given`. None if there is none, or if the answer is in the released cell.
    """
    same = [cell for cell in nb.cells if has_id(cell, released)]
    if any(cell.source.strip() != released.source.strip() for cell in same):
        return None
    question = released.above.strip()  # any cell may be below an empty one
    places = same or [cell for cell in nb.cells if question and cell.source.strip() == question]
    headings = _headings_in(given, released)
    pairs: Iterator[tuple[NotebookNode, NotebookNode]] = pairwise(nb.cells)
    for above, cell in pairs:
        is_below = any(above is place for place in places)
        if is_below and _is_own_text(cell) and not _is_given(cell.source.strip(), given, headings):
            return cell
    return None


def _is_own_text(cell: NotebookNode) -> bool:
    """Whether a cell holds words of the student, and not a cell that nbgrader knows.

    Students also write words into code cells. They are recognised by the fact that Python cannot parse them.
    """
    is_text = cell.cell_type != "code" or parse_cell(cell.source) is None
    return bool(cell.source.strip()) and is_text and not grade_id_of(cell)


def _is_given(text: str, given: Collection[str], headings: Collection[str]) -> bool:
    """Whether a text was released, now or earlier: a given text may have had its heading then."""
    return text in given or last_heading(text, "") in headings


def _headings_in(given: Collection[str], released: ReleasedCell) -> set[str]:
    """The headings of the given texts, without that of the released cell, which an answer may keep."""
    others = (text for text in given if text != released.source.strip() and not _is_code(text))
    return {last_heading(text, "") for text in others} - {""}


def _is_code(text: str) -> bool:
    """Whether a text is Python code. Its comments begin with `#` as headings do, and must not be taken for some.

    A text with nothing but comments may be a heading alone, so it does not count as code.
    """
    tree = parse_cell(text)
    return tree is not None and bool(tree.body)
