"""The notebook on its feedback page: answers below their verdicts, and all other cells folded."""

import html
import re
from collections.abc import Collection, Sequence

from markupsafe import Markup
from nbconvert.filters.ansi import strip_ansi
from nbformat.notebooknode import NotebookNode

from ..grading.notebook_notes import read_verdict
from ..submissions.hidden_tests import without_hidden_tests
from ..submissions.sanitise_html import PIXEL_PICTURES
from . import markdown
from .cell_on_page import CellOnPage
from .highlighting import highlight_python
from .templates import TEMPLATES

MAX_OUTPUT_CHARACTERS = 20_000  # of one output
MAX_OPEN_LINES = 40  # a longer output is folded
MAX_LABEL_CHARACTERS = 300
NO_DESCRIPTION = "picture without a description"

CellWithMarkup = tuple[NotebookNode, str]  # a cell, and the HTML that shows it
Cells = Sequence[CellWithMarkup]


def render_notebook(nb: NotebookNode, graded_cells: Sequence[CellOnPage], unchanged_demos: Collection[int]) -> str:
    """Render the answers of a sanitised notebook, each below its verdict, and fold what is between them."""
    by_answer = {id(graded.answer): graded for graded in graded_cells}
    checks = {id(graded.cell) for graded in graded_cells if graded.has_check}  # they are part of a verdict
    shown: list[CellOnPage] = []
    cells_between: list[list[CellWithMarkup]] = [[]]  # before the first answer, then after each
    for i, cell in enumerate(nb.cells):
        if id(cell) in by_answer:
            shown.append(by_answer[id(cell)])
            cells_between.append([])
        elif id(cell) not in checks:
            markup = _render_cell(cell)
            markup = _fold("Experiment, unchanged", markup) if i in unchanged_demos else markup
            cells_between[-1].append((cell, markup))
    uses, rests, tasks = zip(*map(_split_gap, cells_between), strict=True)
    pieces = [_fold_cells([*uses[0], *rests[0]])]  # nothing uses an answer yet
    for graded, task, use, rest in zip(shown, tasks[:-1], uses[1:], rests[1:], strict=True):
        pieces += [_render_graded_cell(graded, task, use), _fold_cells(rest)]
    return "".join([*pieces, _fold_cells(tasks[-1])])  # no answer follows for which it asks


def _split_gap(cells: Cells) -> tuple[Cells, Cells, Cells]:
    """Split the cells between two answers into those that use the answer above, the rest, and the task of the next.

    The first heading ends what uses an answer, and the last one begins a task.
    """
    headings = [i for i, (cell, _) in enumerate(cells) if _heading_html(cell)]
    if not headings:
        return [], [], cells
    return cells[: headings[0]], cells[headings[0] : headings[-1]], cells[headings[-1] :]


def _heading_html(cell: NotebookNode) -> str | None:
    return markdown.last_heading_html(cell.source) if cell.cell_type == "markdown" else None


def _fold(summary: str, markup: str) -> str:
    return f'<details class="output"><summary>{summary}</summary>{markup}</details>'


def _fold_cells(cells: Cells, title: str = "") -> str:
    """Fold cells under a title or their headings."""
    if not cells:
        return ""
    headings = filter(None, (_heading_html(cell) for cell, _ in cells))
    titles = [html.escape(markdown.strip_tags(heading)[:MAX_LABEL_CHARACTERS]) for heading in headings]
    has_error = any(output.output_type == "error" for cell, _ in cells for output in cell.get("outputs", ()))
    error = ' <span class="failed">with an error</span>' if has_error else ""
    return _fold(f"{title or ' · '.join(titles) or 'Text and code'}{error}", "".join(markup for _, markup in cells))


def _render_graded_cell(graded: CellOnPage, task: Cells, use: Cells) -> str:
    """Render a verdict with the student's answer and, folded, the cells that ask for it, check it and use it."""
    check = _fold("The check", _render_cell(graded.cell)) if graded.has_check else ""
    return TEMPLATES.get_template("graded_cell.html").render(
        cell=graded,
        # If several checks belong to one answer, the card of the first shows it. The other cards show no answer: for
        # them, `answer` is the check itself, which the instructor wrote.
        answer=Markup("" if graded.has_check and graded.answer is graded.cell else _render_cell(graded.answer)),
        folds=Markup(_fold_cells(task, "What was asked") + check + _fold_cells(use, "What follows")),
    )


def _render_cell(cell: NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return f'<div class="markdown">{_make_accessible(markdown.render(cell.source))}</div>'
    has_verdict = read_verdict(cell) is not None  # it is the first output, and the page has its own form of it
    source, number = without_hidden_tests(cell.source), cell.execution_count
    markup = f'<p class="quiet">[{number}]</p>' if number else ""
    if source.strip():
        markup += f'<pre tabindex="0"><code>{highlight_python(source)}</code></pre>'
    return markup + "".join(map(_render_output, cell.outputs[1 if has_verdict else 0 :]))


def _render_output(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return _render_text(output.text)
    if output.output_type == "error":
        name = html.escape(strip_ansi(f"{output.ename}: {output.evalue}".strip(": "))[:MAX_LABEL_CHARACTERS])
        traceback = strip_ansi("\n".join(output.traceback))
        if len(traceback) > MAX_OUTPUT_CHARACTERS:  # its end says most
            traceback = f"[The beginning is not shown.]\n{traceback[-MAX_OUTPUT_CHARACTERS:]}"
        block = f'<pre tabindex="0">{html.escape(traceback)}</pre>'
        return _fold(f'<span class="failed">{name}</span> (traceback)', block)
    data = output.data
    if "text/html" in data:
        return f'<div class="output">{_make_accessible(data["text/html"])}</div>'
    for mime in (f"image/{kind}" for kind in PIXEL_PICTURES):
        if mime in data:  # `sanitise` has made sure that it is base64
            alt = html.escape(str(data.get("text/plain", ""))[:MAX_LABEL_CHARACTERS] or NO_DESCRIPTION)
            return f'<div class="output"><img alt="{alt}" src="data:{mime};base64,{data[mime]}"></div>'
    return _render_text(str(data.get("text/plain", "")))


def _cut(text: str) -> str:
    """Cut a text that is too long, and say so."""
    is_long = len(text) > MAX_OUTPUT_CHARACTERS
    return f"{text[:MAX_OUTPUT_CHARACTERS]}\n[The rest is not shown.]" if is_long else text


def _render_text(text: str) -> str:
    """Render plain text; fold it if it has many lines."""
    text = html.escape(strip_ansi(_cut(text)).rstrip("\n"))
    block = f'<pre class="output" tabindex="0">{text}</pre>'
    if (lines := text.count("\n") + 1) > MAX_OPEN_LINES:
        return _fold(f"{lines} lines of output", block)
    return block if text.strip() else ""


def _make_accessible(markup: str) -> str:
    """Give pictures an alternative text, replace empty table headers, and let the keyboard reach what scrolls."""
    # in sanitised HTML, each tag is written in one form, and `<` and `>` in attributes are escaped
    markup = re.sub(r"<img(?=[ >])(?![^>]* alt=)", f'<img alt="{NO_DESCRIPTION}"', markup)
    markup = re.sub(r"<th\b([^>]*)>\s*</th>", r"<td\1></td>", markup)
    return markup.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')
