"""Make the decks for class, ``build/slides/NOTEBOOK.html``. ``make slides`` runs this.

The text of a deck is ``slides/NOTEBOOK.md``. Its pictures, numbers and questions are taken from the notebook by the ids
of its cells, so they change with it.
"""

import argparse
import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode
from notebook_runs import read_with_charts, run
from PIL import Image

from autograder.class_report.options import find_options
from autograder.class_report.predictions import Prediction, count_predictions
from autograder.class_report.questions import Questions
from autograder.course import Course
from autograder.grading import records
from autograder.reports import markdown
from autograder.reports.graded_cells import find_graded_cells
from autograder.reports.templates import math_font

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MOST_WORDS = 40  # on a slide; aim at 25
WIDE = 1.6  # the width over the height from which on a picture fills a slide
# ![](cell-id), or ![](cell-id#2) for panel 2; ![cover](cell-id) for a background; - ![](cell-id): a card
PICTURE = re.compile(r"^!\[(cover)?\]\(([\w-]+)(?:#(\d+))?\)$", re.MULTILINE)
CARD = re.compile(r"^- !\[\]\(([\w-]+)(?:#(\d+))?\) (.+)$", re.MULTILINE)
# Bars: up to the largest number of the list, or Bars to 1:, up to this one
BARS = re.compile(r"^Bars(?: to ([\d.]+))?:\n\n((?:- .+\n)+)", re.MULTILINE)
BAR = re.compile(r"- (.+): \*\*([\d.]+)(.*)\*\*(.*)")
NUMBER = re.compile(r"\{\{([\w-]+): (.+?)\}\}")  # {{cell-id: a pattern with one group}}
QUESTION = re.compile(r"^(Vote|Reveal): (\w+) (\w+)$", re.MULTILINE)  # Vote: exercise, number or letter
NOTE = re.compile(r"^Note: (\d+) min\. ", re.MULTILINE)
EXPLORABLE = re.compile(r'data-explorable="([\w-]+)"')
HEADING = re.compile(r"\A##? (.+)\n")


class DeckError(ValueError):
    """A slide that cannot be made. The message says which, and what to change."""


@dataclass(frozen=True)
class Bar:
    """A number of a bar chart, and its share of the longest possible bar in percent."""

    name: Markup
    number: str
    share: float


@dataclass(frozen=True)
class Slide:
    """A slide. `kind` decides its layout: title, words, picture, vote, tally or reveal."""

    kind: str
    title: Markup
    text: str = ""
    pictures: Sequence[Markup] = ()
    cover: str = ""  # a picture behind everything else
    bars: Sequence[Bar] = ()
    cards: Sequence[tuple[Markup, Markup]] = ()  # pictures and their sentences
    is_narrow: bool = False  # a single picture that is hardly wider than high: the text is beside it
    question: Prediction | None = None
    notes: str = ""
    minutes: int = 0

    @property
    def words(self) -> int:
        """The number of words that the class sees. A formula counts as one."""
        shown = [self.title, self.text, *(bar.name for bar in self.bars), *(text for _, text in self.cards)]
        if self.question and self.kind == "vote":
            shown += [option.text for option in self.question.options]
        if self.question and self.kind == "reveal":
            shown += [option.text for option in self.question.options if option.is_right]
        visible = re.sub(r"<math.*?</math>", " formula ", " ".join(shown), flags=re.DOTALL)
        return len(re.findall(r"\w\S*", markdown.strip_tags(visible)))


@dataclass
class Source:
    """What a deck takes from a notebook, and what it has taken."""

    nb: NotebookNode  # with outputs
    predictions: Sequence[Prediction]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def cell(self, cell_id: str) -> NotebookNode:
        for cell in self.nb.cells:
            if cell.id == cell_id:
                return cell
        raise DeckError(f"the notebook has no cell {cell_id!r}")

    def picture(self, cell_id: str, panel: str) -> tuple[Markup, float]:
        """The picture that a cell has drawn, or one panel of it, as HTML, and its width over its height."""
        for output in self.cell(cell_id).get("outputs", []):
            markup = output.get("data", {}).get("text/html", "")
            name = EXPLORABLE.search(markup)
            if name and not panel:  # it moves, and its script is in it
                return Markup(f'<div class="explorable {name[1]}">{markup}</div>'), 1.0
        drawing, alt = self.drawing(cell_id, panel)
        image = image_of(drawing)
        element = Markup('<img alt="{}" data-label="{:.1f}" style="flex-grow: {}" src="data:image/png;base64,{}">')
        element = element.format(alt, drawing["label"], image.width, Markup(drawing["png"]))
        return element, image.width / image.height

    def cover(self, cell_id: str, panel: str) -> Markup:
        """A picture without the labels of its axes, as HTML: a background, or a reminder of a picture shown before."""
        file = io.BytesIO()
        self.inside(cell_id, panel).save(file, "png")
        data = base64.b64encode(file.getvalue()).decode()
        alt = self.drawing(cell_id, panel)[1]
        return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alt, Markup(data))

    def inside(self, cell_id: str, panel: str) -> Image.Image:
        """The pixels of a picture, or of one panel of it, without the labels of its axes."""
        drawing, _ = self.drawing(cell_id, panel)
        return image_of(drawing).crop(drawing["inside"])

    def drawing(self, cell_id: str, panel: str) -> tuple[dict[str, Any], str]:
        """What `large_pictures.py` has drawn of a picture, or of one panel, and the description."""
        outputs = self.cell(cell_id).get("outputs", [])
        slides = [output.get("metadata", {}).get("text/html", {}).get("slide") for output in outputs]
        slide = next(filter(None, slides), None)
        if slide is None:
            raise DeckError(f"the cell {cell_id!r} has drawn no picture")
        if panel and not 1 <= int(panel) <= slide["panels"]:
            raise DeckError(f"the picture of {cell_id!r} has panels 1 to {slide['panels']}, not {panel}")
        return slide["drawings"][panel or "0"], slide["alt"]

    def number(self, cell_id: str, pattern: str) -> str:
        """What the pattern's group matches in the text that a cell prints, or in its own text."""
        cell = self.cell(cell_id)
        printed = "".join(
            output.get("text", "") for output in cell.get("outputs", []) if output.get("name") == "stdout"
        )
        found = re.search(pattern, cell.source if cell.cell_type == "markdown" else printed)
        if not found:
            raise DeckError(f"the text of the cell {cell_id!r} does not match {pattern!r}")
        return found[1]

    def question(self, verb: str, exercise: str, which: str) -> Prediction:
        """A prediction by its number, or a sentence of a quiz by its letter. Only predictions can be answered."""
        for prediction in self.predictions:
            if (prediction.exercise, str(prediction.number)) == (exercise, which):
                if verb == "Reveal" and (exercise, which) not in self.asked:
                    raise DeckError(f"question {which} of {exercise} is answered before it is asked")
                self.asked.append((exercise, which))
                return prediction
        for graded in find_graded_cells(self.nb):
            sentences = find_options(graded.text)
            if graded.grade_id == exercise and which in sentences:
                if verb == "Reveal":
                    raise DeckError(f"{exercise} earns points for right letters: it can be asked, but not answered")
                return Prediction(exercise, 0, sentences[which], (), 0)
        raise DeckError(f"the notebook has no question {which!r} of {exercise!r}")


def image_of(drawing: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(drawing["png"])))


def read_slides(text: str, source: Source) -> list[Slide]:
    """Read the slides of a deck. Raise DeckError, with the number of the slide, if one is not valid."""
    slides: list[Slide] = []
    for number, part in enumerate(re.split(r"^---\n", text, flags=re.MULTILINE), start=1):
        try:
            slide = _read_slide(part.strip() + "\n", source, is_first=number == 1)
            if slide.words > MOST_WORDS:
                raise DeckError(f"{slide.words} words are too many for a slide: at most {MOST_WORDS}")
        except DeckError as error:
            raise DeckError(f"slide {number}: {error}") from None
        slides.append(slide)
        if slide.kind == "vote" and slide.question and slide.question.num_answers:
            slides.append(Slide("tally", Markup("What you predicted"), question=slide.question))
    return slides


def _read_slide(part: str, source: Source, is_first: bool) -> Slide:
    part = NUMBER.sub(lambda number: source.number(number[1], number[2]), part)
    heading, note, asked = HEADING.search(part), NOTE.search(part), QUESTION.search(part)
    if not heading or part.startswith("# ") != is_first:
        raise DeckError("it must begin with a title: '# ' for the first slide, '## ' for the others")
    if not note:
        raise DeckError("it needs a note for the speaker, such as 'Note: 2 min. Ask first.'")
    body = part[heading.end() : note.start()]
    found = PICTURE.findall(body)
    pictures = [source.picture(cell_id, panel) for layout, cell_id, panel in found if not layout]
    covers = [source.cover(cell_id, panel) for layout, cell_id, panel in found if layout]
    cards = [(source.cover(cell_id, panel), markdown.render_line(text)) for cell_id, panel, text in CARD.findall(body)]
    bars = [bar for longest, items in BARS.findall(body) for bar in _read_bars(items, longest)]
    question = source.question(*asked.groups()) if asked else None
    is_narrow = len(pictures) == 1 and pictures[0][1] < WIDE
    kind = "title" if is_first else asked[1].lower() if asked else "picture" if pictures or cards or bars else "words"
    for pattern in (QUESTION, PICTURE, CARD, BARS):
        body = pattern.sub("", body)
    text = Markup(markdown.render(body.strip()))
    if kind == "vote" and question and not question.options:
        text += Markup("<blockquote>{}</blockquote>").format(question.text)
    notes = Markup(markdown.render(part[note.end() :]))
    return Slide(
        kind,
        markdown.render_line(heading[1]),
        text,
        [image for image, _ in pictures],
        Markup().join(covers),
        bars,
        cards,
        is_narrow,
        question,
        notes,
        int(note[1]),
    )


def _read_bars(items: str, longest: str) -> list[Bar]:
    found = [BAR.fullmatch(item) for item in items.splitlines()]
    if not all(found):
        raise DeckError("each bar must have a name and a number, such as '- shuffled: **0.82**'")
    rows = [match.groups() for match in found if match]
    top = float(longest) if longest else max(float(number) for _, number, _, _ in rows)
    if any(float(number) > top for _, number, _, _ in rows):
        raise DeckError(f"a number is larger than {longest}, the longest bar")
    return [
        Bar(markdown.render_line(name), number + unit + rest, 100 * float(number) / top)
        for name, number, unit, rest in rows
    ]


def render(title: str, slides: Sequence[Slide]) -> str:
    """Return the page of a deck: one file that needs no network."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    files = {name: Markup((HERE / file).read_text(encoding="utf-8")) for name, file in FILES.items()}
    return environment.get_template("deck.html.j2").render(title=title, slides=slides, font=math_font(), **files)


FILES = {
    "reveal_js": "reveal/reveal.js",
    "notes_js": "reveal/notes.js",
    "reveal_css": "reveal/reveal.css",
    "deck_css": "deck.css",
}


def make_deck(name: str, executed: NotebookNode, predictions: Sequence[Prediction]) -> str:
    """Return the page of the deck ``slides/NAME.md``. Raise DeckError if one of its slides is not valid."""
    file = HERE / f"{name}.md"
    try:
        slides = read_slides(file.read_text(encoding="utf-8"), Source(executed, predictions))
    except DeckError as error:
        raise DeckError(f"{file.relative_to(ROOT)}, {error}") from None
    return render(markdown.strip_tags(slides[0].title), slides)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*", help="names without .ipynb; by default all")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "slides")
    arguments = parser.parse_args()
    sources = {file.stem: file for file in sorted((ROOT / "solutions").glob("*/*.ipynb"))}
    if unknown := set(arguments.notebooks) - set(sources):
        parser.error(f"there is no notebook {unknown.pop()}; there are {', '.join(sources)}")
    course = Course.at(ROOT)
    for name in arguments.notebooks or sources:
        source = sources[name]
        executed = run(read_with_charts(source), source.parent, arguments.to / "run")
        assignment = source.parent.name
        predictions = count_predictions(
            course, Questions.read(course, assignment), records.read_all(course.records_folder, assignment)
        )
        page = arguments.to / f"{name}.html"
        try:
            page.write_text(make_deck(name, executed, predictions), encoding="utf-8")
        except DeckError as error:
            parser.exit(1, f"error: {error}\n")
        print(page)


if __name__ == "__main__":
    main()
