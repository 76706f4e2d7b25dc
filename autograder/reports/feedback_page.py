"""The feedback page of a notebook: what was found comes first, then the notebook with the verdicts in their places.

`FeedbackExporter` is nbconvert's and so nbgrader's way to it (``nbgrader generate_feedback``); `write_all` writes the
same pages for a whole class with one question to the gradebook.
"""

import html
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters.exporter import Exporter, ResourcesDict
from nbconvert.filters.ansi import strip_ansi
from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from ..course import Course, CourseError
from ..grading.records import upgraded
from ..judging.model import Status
from ..submissions.hidden_tests import without_hidden_tests
from ..submissions.sanitise import sanitise
from . import markdown, marks
from .marks import Mark, Sheet
from .templates import PAGES

BESIDE = ("timestamp.txt", "submission_secret.txt")  # by these nbgrader finds whom to release a page to
LONGEST_OUTPUT = 20_000  # characters of one output
RESULTS = {"passed": "✓ passed", "partly": "◐ partly", "failed": "✗ not yet", "waiting": "… waits for a person"}


@dataclass(frozen=True)
class GradedCell:
    """A graded cell as the page speaks of it."""

    anchor: str
    name: Markup
    score: float
    points: float
    waiting: bool
    verdict: dict[str, Any]
    comment: Markup | None

    @property
    def result(self) -> str:
        if self.waiting:
            return "waiting"
        if self.score >= self.points:
            return "passed"
        return "partly" if self.score > 0 else "failed"

    @property
    def result_in_words(self) -> str:
        return RESULTS[self.result]

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [finding for finding in self.verdict.get("findings", []) if finding["status"] != Status.PASSED]

    @property
    def passed(self) -> list[dict[str, Any]]:
        return [finding for finding in self.verdict.get("findings", []) if finding["status"] == Status.PASSED]

    @property
    def diagnosis(self) -> str | None:
        return next((finding["diagnosis"] for finding in self.failed if finding.get("diagnosis")), None)


def page(nb: NotebookNode, sheet: Sheet, student: str, assignment: str, notebook: str) -> str:
    """Write the page of a graded notebook. The notebook is cleaned in place."""
    sanitise(nb)
    questions = {id(cell): question for cell, question in _questions(nb, sheet)}
    told = list(questions.values())
    said = nb.metadata.get("lectrain", {})
    body = "".join(_cell(cell, questions.get(id(cell)), sheet) for cell in nb.cells)
    title = next(
        (name for cell in nb.cells if cell.cell_type == "markdown" if (name := markdown.heading(cell.source))), None
    )
    return PAGES.get_template("feedback.html").render(
        title=markdown.plain(title or notebook),
        student=f"{sheet.name} ({student})" if sheet.name else student,
        assignment=assignment,
        notebook=notebook,
        questions=told,
        comments=[question for question in told if question.comment],
        score=sum(question.score for question in told) - sheet.late_penalty,
        points_in_all=sum(question.points for question in told),
        waiting=sum(question.points for question in told if question.waiting),
        late_penalty=sheet.late_penalty,
        happened=[
            *(failure["message"] for failure in said.get("failures", [])),
            *said.get("flags", []),
            *said.get("repairs", []),
        ],
        unsandboxed=any("UNSANDBOXED" in word for word in said.get("isolation", [])),
        body=Markup(markdown.in_order(body, deepest=2)),
    )


def _questions(nb: NotebookNode, sheet: Sheet) -> Iterator[tuple[NotebookNode, GradedCell]]:
    """Every graded cell, with the heading that stands above it as its name."""
    above, solution = None, None
    names: Counter[str] = Counter()
    for cell in nb.cells:
        if cell.cell_type == "markdown" and (found := markdown.heading(cell.source)):
            above = found
        if utils.is_solution(cell):
            solution = cell
        if not (utils.is_grade(cell) or utils.is_task(cell)):
            continue
        given = cell.metadata.nbgrader
        grade_id = str(given["grade_id"])
        mark = sheet.marks.get(grade_id, Mark(float(given.get("score") or 0), False))
        commented = [grade_id, *([str(solution.metadata.nbgrader["grade_id"])] if solution is not None else [])]
        comments = [sheet.comments[name] for name in dict.fromkeys(commented) if name in sheet.comments]
        anchor = re.sub(r"[^\w-]", "-", f"question-{grade_id}")
        name = _short(above) if above else html.escape(grade_id)
        names[name] += 1
        if names[name] > 1:
            name = f"{name} ({names[name]})"
        verdict = upgraded(cell.metadata.get("lectrain", {}))
        yield (
            cell,
            GradedCell(
                anchor,
                Markup(name),
                mark.score,
                float(given["points"]),
                mark.waiting,
                verdict,
                Markup(markdown.in_order(markdown.render("\n\n".join(comments)), deepest=2)) if comments else None,
            ),
        )
        solution = None


def _short(heading: str) -> str:
    """A heading without what the page says itself: that it is an exercise, and its points."""
    return re.sub(r"^Exercise:?\s+|\s*\([\d.½]+ points?\)\s*$", "", heading).strip() or heading


# --- cells ------------------------------------------------------------------------------------------------------


def _cell(cell: NotebookNode, question: GradedCell | None, sheet: Sheet) -> str:
    if cell.cell_type == "markdown":
        shown = f'<div class="markdown">{_for_everybody(markdown.render(cell.source))}</div>'
        if utils.is_solution(cell):
            shown = f'<div class="answer">{shown}</div>'
    elif cell.cell_type == "code":
        verdict_first = "lectrain" in cell.metadata
        source = without_hidden_tests(cell.source)
        code = f'<pre tabindex="0"><code>{markdown.python(source)}</code></pre>' if source.strip() else ""
        answer = f'<div class="answer">{code}</div>' if utils.is_solution(cell) else code
        shown = answer + "".join(map(_output, cell.outputs[1 if verdict_first else 0 :]))
    else:
        shown = f'<pre tabindex="0">{html.escape(html.unescape(cell.source))}</pre>'
    if question:
        shown += PAGES.get_template("question.html").render(question=question)
    return shown


def _output(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return _folded_if_long(output.text)
    if output.output_type == "error":
        name = html.escape(strip_ansi(f"{output.ename}: {output.evalue}".strip(": "))[:300])
        traceback = html.escape(strip_ansi("\n".join(output.traceback))[-LONGEST_OUTPUT:])
        return (
            f'<details class="output"><summary><span class="failed">{name}</span> (traceback)</summary>'
            f'<pre tabindex="0">{traceback}</pre></details>'
        )
    data = output.data
    for mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        if mime in data and "text/html" not in data:
            alt = html.escape(str(data.get("text/plain", ""))[:300] or "picture without a description")
            return f'<div class="output"><img alt="{alt}" src="data:{mime};base64,{data[mime]}"></div>'
    if "text/html" in data:
        return f'<div class="output">{_for_everybody(data["text/html"])}</div>'
    return _folded_if_long(str(data.get("text/plain", "")))


def _folded_if_long(text: str) -> str:
    text = html.escape(strip_ansi(text[:LONGEST_OUTPUT]).rstrip("\n"))
    block = f'<pre class="output" tabindex="0">{text}</pre>'
    lines = text.count("\n") + 1
    if lines <= 40:
        return block if text.strip() else ""
    return f'<details class="output"><summary>{lines} lines of output</summary>{block}</details>'


def _for_everybody(markup: str) -> str:
    """Pictures have a text, headers of a table are not empty, and what scrolls can be reached by keys."""
    markup = re.sub(r"<img(?=[ >])(?![^>]* alt=)", '<img alt="picture without a description"', markup)
    markup = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", markup)
    return markup.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')


# --- nbgrader's way ---------------------------------------------------------------------------------------------


class ReadSheet(NbGraderPreprocessor):
    """Ask the gradebook for marks and comments, as nbgrader's `GetGrades` does, once for each assignment."""

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self._of: tuple[str, str] | None = None
        self._sheets: dict[tuple[str, str], Sheet] = {}

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        wanted = (names["db_url"], names["assignment"])
        if self._of != wanted:
            with Gradebook(names["db_url"]) as gradebook:
                self._sheets = marks.read(gradebook, names["assignment"])
            self._of = wanted
        resources["lectrain"] = {"sheet": self._sheets.get((names["student"], names["notebook"]), Sheet())}
        return nb, resources


class FeedbackExporter(Exporter):
    """Export a graded notebook as its feedback page."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> tuple[str, dict]:  # type: ignore[override]
        nb, resources = super().from_notebook_node(nb, resources, **options)
        names = resources["nbgrader"]
        sheet = resources.get("lectrain", {}).get("sheet", Sheet())
        return page(nb, sheet, names["student"], names["assignment"], names["notebook"]), resources


# --- for a whole class ------------------------------------------------------------------------------------------


def write_all(course: Course, assignment: str, pattern: str = "*") -> list[Path]:
    """Write the pages of all graded submissions into `feedback/`, where nbgrader releases them from.

    Raises
    ------
    CourseError
        If nothing has been graded yet.
    """
    step = course.directory.autograded_directory
    top = course.folder(step, ".", ".").resolve()
    graded = sorted(top.glob(f"{pattern}/{assignment}/*.ipynb"))
    if not graded:
        whose = "" if pattern == "*" else f" of {pattern!r}"
        raise CourseError(f"nothing is graded yet{whose}: run python -m autograder grade {assignment}")
    with course.gradebook() as gradebook:
        sheets = marks.read(gradebook, assignment)
    return [_write(course, assignment, file, sheets) for file in graded]


def _write(course: Course, assignment: str, file: Path, sheets: dict[tuple[str, str], Sheet]) -> Path:
    student, notebook = file.parent.parent.name, file.stem
    nb = nbformat.reads(file.read_text(encoding="utf-8"), as_version=4)
    text = page(nb, sheets.get((student, notebook), Sheet()), student, assignment, notebook)
    target = course.folder(course.directory.feedback_directory, student, assignment) / f"{notebook}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, target)
    for name in BESIDE:
        if (beside := file.with_name(name)).is_file():
            (target.parent / name).write_bytes(beside.read_bytes())
    return target
