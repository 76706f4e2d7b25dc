"""The graded cells of a notebook, with the titles under which all pages show them, and the letters to choose from."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from .markdown import last_heading_html, render_line

# `**b** lists`, up to the end of the line, the next `· **c**` or the next cell of a table. A formula may have `|`.
_OPTION = re.compile(r"\*\*([a-z])\*\*\s+((?:\$[^$\n]+\$|`[^`\n]+`|.)+?)\s*(?=$|\s·\s\*\*|\s\|)", re.MULTILINE)
# Before an indented line that goes on with the text above: it begins no item, option or row of a table.
_LINE_BREAK = re.compile(r"\n[ \t]+(?!\s|[*+-]\s|\d+\.\s|\*\*[a-z]\*\*\s|\|)")
_INDENT = re.compile(r"^\$(?:\\q?quad|\\[,;: ]|\s)+")  # space between a letter and its formula


@dataclass(frozen=True)
class GradedCell:
    """A cell that earns points, with its text and its answer."""

    grade_id: str
    title: Markup  # the heading above it
    points: float
    cell: NotebookNode
    answer: NotebookNode  # the cell with the student's answer: `cell` itself if it is written, or was lost
    text: str  # the Markdown of the last cell of text before it

    @property
    def has_check(self) -> bool:
        """Whether the answer is in another cell, which `cell` checks."""
        return self.answer is not self.cell


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


def find_options(text: str) -> dict[str, Markup]:
    """Find the text of each letter that a question offers. A letter with several texts is left out.

    Examples
    --------
    >>> find_options("* **a** sets\\n* **b** lists")["b"]
    Markup('lists')
    """
    texts: dict[str, set[str]] = {}
    for letter, option in _OPTION.findall(_LINE_BREAK.sub(" ", text)):
        texts.setdefault(letter, set()).add(_INDENT.sub("$", option))
    return {letter: render_line(options.pop()) for letter, options in texts.items() if len(options) == 1}
