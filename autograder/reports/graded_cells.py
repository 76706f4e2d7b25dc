"""The graded cells of a notebook, with the titles under which all pages show them."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from .markdown import last_heading_html


@dataclass(frozen=True)
class GradedCell:
    """A cell that earns points, with its text and its answer."""

    grade_id: str
    title: Markup  # the heading above it
    points: float
    cell: NotebookNode
    # the cell with the student's answer; `cell` itself if that is written, was lost, or belongs to an earlier check
    answer: NotebookNode
    text: str  # the Markdown of the last cell of text before it

    @property
    def has_check(self) -> bool:
        """Whether `cell` checks an answer in another cell, which may be lost."""
        return not utils.is_solution(self.cell)


def find_graded_cells(nb: NotebookNode) -> Iterator[GradedCell]:
    """Find the cells that earn points."""
    heading, solution, text = None, None, ""
    names: Counter[str] = Counter()
    for cell in nb.cells:
        if cell.cell_type == "markdown" and not utils.is_solution(cell):  # a written answer may have its own headings
            heading = last_heading_html(cell.source) or heading
            text = cell.source
        if utils.is_solution(cell):
            solution = cell
        if not utils.is_grade(cell):
            continue
        metadata = cell.metadata.nbgrader
        grade_id = str(metadata["grade_id"])
        name = _shorten_heading(heading) if heading else html.escape(grade_id)  # both are HTML
        names[name] += 1
        title = Markup(f"{name} ({names[name]})" if names[name] > 1 else name)
        yield GradedCell(grade_id, title, float(metadata["points"]), cell, solution or cell, text)
        solution = None


def _shorten_heading(heading: str) -> str:
    """Remove what the page shows elsewhere: that the heading belongs to an exercise, and its points."""
    without_kind = re.sub(r"^Exercise:? ", "", heading)
    return re.sub(r"\([\d.½]+ points?\)$", "", without_kind.rstrip()).strip() or heading
