"""Make the decks for class, ``build/slides/NOTEBOOK.html``. ``make slides`` runs this.

A deck is an executed notebook of `solutions/`. The slideshow metadata of its cells divides it into slides. Hints,
sentences about cells and the code of figures are left out, and sliders are replaced by static pictures. If submissions
have been graded, a slide shows what the class predicted.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert import SlidesExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.course import Course
from autograder.grading import records
from autograder.reports import highlighting, markdown
from autograder.reports.predictions import Prediction, count_predictions
from autograder.reports.templates import math_font

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HINTS = re.compile(r"<details>.*</details>", re.DOTALL)
SENTENCE_END = re.compile(r"(?<=[.!?]) |(?<=[.!?]\*\*) ")
CELLS = re.compile(r"\b[Cc]ells?\b")


class ForClass(Preprocessor):
    """Remove hints, sentences about cells, widgets and the code of demonstrations."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "markdown":
            cell.source = without_cells(HINTS.sub("", cell.source)).strip()
        else:
            cell.outputs = [without_file(output) for output in without_widgets(cell.outputs)]
            cell.metadata["transient"] = {"remove_source": "demo" in cell.metadata.get("tags", [])}
        return cell, resources


class DeckExporter(SlidesExporter):
    """nbconvert's slides with our own template, which needs no network."""

    template_name = "deck"
    extra_template_basedirs = [str(HERE)]  # noqa: RUF012 (a trait)
    preprocessors = [ForClass]  # noqa: RUF012 (a trait)

    def default_filters(self) -> Any:
        yield from super().default_filters()
        yield "markdown2html", lambda source: Markup(markdown.render(source))
        yield "python", lambda source: Markup(highlighting.highlight_python(source))

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[str, dict]:
        resources = dict(resources or {})
        resources["deck"] = {
            "title": markdown.strip_tags(markdown.last_heading(nb.cells[0].source)),
            "reveal_js": (HERE / "reveal" / "reveal.js").read_text(encoding="utf-8"),
            "reveal_css": (HERE / "reveal" / "reveal.css").read_text(encoding="utf-8"),
            "css": math_font() + Markup((HERE / "deck.css").read_text(encoding="utf-8")),
        }
        return super().from_notebook_node(nb, resources, **kw)


def without_cells(text: str) -> str:
    """Remove sentences about cells, such as "run the next cell": a slide has none."""
    lines = [[part for part in SENTENCE_END.split(line) if not CELLS.search(part)] for line in text.split("\n")]
    return "\n".join(" ".join(line) for line in lines)


def without_widgets(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Leave out sliders, which need a kernel. Of an explorable, the page stays that needs none."""
    kept = []
    for output in outputs:
        is_widget = output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None) is not None
        if not is_widget or "text/html" in output.data:
            kept.append(output)
    return kept


def without_file(output: NotebookNode) -> NotebookNode:
    """Remove the name of a temporary file, with which a warning begins."""
    if output.get("name") == "stderr":
        output.text = re.sub(r"^\S*ipykernel_\S+:\d+: ", "", output.text, flags=re.MULTILINE)
    return output


def deck(executed: NotebookNode) -> str:
    """Return the HTML page of an executed notebook."""
    page, _ = DeckExporter().from_notebook_node(executed)
    return page


def insert_predictions(nb: NotebookNode, predictions: Sequence[Prediction]) -> None:
    """Insert a slide after each exercise of predictions: how many students of the class chose each letter.

    The slide does not show which letter is right: the notebook answers that later.
    """
    for index in reversed(range(len(nb.cells))):
        grade_id = nb.cells[index].metadata.get("nbgrader", {}).get("grade_id")
        own = [prediction for prediction in predictions if prediction.exercise == grade_id and prediction.num_answers]
        if own:
            cell = nbformat.v4.new_markdown_cell("\n\n".join(["## What the class predicted", *map(_tally, own)]))
            cell.metadata["slideshow"] = {"slide_type": "subslide"}
            nb.cells.insert(index + 1, cell)


def _tally(prediction: Prediction) -> str:
    """A Markdown table with a bar for each letter."""
    rows = []
    for option in prediction.options:
        bar = "▇" * round(prediction.percent_of(option) / 5)
        rows.append(f"| **{option.letter}** {option.source.replace('|', '&#124;')} | {bar} {option.count} |")
    head = f"| question {prediction.number} | {prediction.num_answers} answers |"
    return "\n".join([head, "|---|---|", *rows])


def run(source: Path, folder: Path) -> NotebookNode:
    """Run a notebook of `solutions/`, or read the result of an earlier run if it is newer than the notebook."""
    file = folder / source.name
    if not file.exists() or file.stat().st_mtime < source.stat().st_mtime:
        words = [
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--log-level=ERROR",
            f"--output-dir={folder}",
            str(source),
        ]
        subprocess.run([sys.executable, "-m", "jupyter", *words], check=True)
    return nbformat.read(file, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", help="names without .ipynb; by default all")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "slides")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    sources = sorted((ROOT / "solutions").glob("*/*.ipynb"))
    if unknown := set(arguments.notebooks) - {source.stem for source in sources}:
        parser.error(f"there is no notebook {unknown.pop()}; there are {', '.join(source.stem for source in sources)}")
    course = Course.at(ROOT)
    for source in sources:
        if not arguments.notebooks or source.stem in arguments.notebooks:
            file = arguments.to / f"{source.stem}.html"
            executed = run(source, arguments.to / "run")
            assignment = source.parent.name
            graded = records.read_all(course.records_folder, assignment)
            insert_predictions(executed, count_predictions(course, assignment, graded))
            file.write_text(deck(executed), encoding="utf-8")
            print(file)


if __name__ == "__main__":
    main()
