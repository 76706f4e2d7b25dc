"""The sources of the decks: what a slide takes from its notebook, and which slides are refused."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.class_report.predictions import count_predictions
from autograder.class_report.questions import Questions
from autograder.course import Course
from tests.class_report.test_class_page import CLASS, COURSE
from tests.conftest import REPOSITORY, SOURCES
from tests.test_release import solution_lines

sys.path.insert(0, str(REPOSITORY / "slides"))
import decks
import notebook_runs

DECKS = sorted((REPOSITORY / "slides").glob("*.md"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
QUIZ = {"nbgrader": {"grade": True, "solution": False, "grade_id": "quiz", "points": 1}}
ASK, NOTE = "## Title\n\nVote: sigmoid_predictions 1\n", "\nNote: 1 min. Say it.\n"


def source() -> decks.Source:
    """A notebook with one picture of two panels, a printed number, a sentence with a number, and a quiz."""
    drawing = {"png": PIXEL, "label": 33.3, "inside": [0, 0, 1, 1]}
    slide = {"alt": "A line.", "panels": 2, "drawings": {"0": drawing, "1": drawing, "2": drawing}}
    drawn = new_output("display_data", {"text/html": "<img>"}, metadata={"text/html": {"slide": slide}})
    cells = [
        new_code_cell("draw()", outputs=[drawn]),
        new_code_cell("print(loss)", outputs=[new_output("stream", name="stdout", text="loss 0.25\n")]),
        new_markdown_cell("* **a** Seven is **odd**.\n* **b** Eight is odd.\n\nIt takes 12 steps."),
        new_code_cell("check(quiz)", metadata=QUIZ),
    ]
    for cell, name in zip(cells, ("picture", "loss", "text", "quiz"), strict=True):
        cell.id = name
    return decks.Source(
        new_notebook(cells=cells), count_predictions(COURSE, Questions.read(COURSE, "01-sigmoid"), CLASS)
    )


def test_a_slide_takes_pictures_numbers_and_questions_from_the_notebook():
    text = f"""# A deck

![](picture)

Note: 1 min. Say *hello*.

---

## Loss {{{{loss: loss (.+)}}}} after {{{{text: takes (\\d+) steps}}}} steps

![](picture#2)
{NOTE}
---

{ASK}{NOTE}
---

## True or false?

Vote: quiz a
{NOTE}
---

## A finding

Reveal: sigmoid_predictions 1
{NOTE}"""
    title, numbers, vote, tally, sentence, reveal = decks.read_slides(text, source())
    assert [slide.kind for slide in (title, numbers, vote, tally, sentence, reveal)] == [
        *("title", "picture", "vote", "tally", "vote", "reveal")
    ]
    assert 'alt="A line."' in title.pictures[0]
    assert 'data-label="33.3"' in numbers.pictures[0]
    assert "<em>hello</em>" in title.notes
    assert numbers.title == "Loss 0.25 after 12 steps"
    assert "Seven is <strong>odd</strong>" in sentence.text
    page = decks.render("A deck", [title, numbers, vote, tally, sentence, reveal])
    assert "until minute 2 of 5" in page
    assert page.count('class="answer"') == 1
    before, after = page.split('class="answer"')
    assert "about a fourteenth" in before  # an option that can be chosen
    assert "about a fourteenth" in after.split("</p>")[0]


def test_a_cover_is_behind_the_words():
    _, slide = decks.read_slides(f"# A deck\n{NOTE}\n---\n\n## Title\n\n![cover](picture#2)\n{NOTE}", source())
    assert slide.kind == "words"
    assert 'alt="A line."' in slide.cover
    page = decks.render("A deck", [slide])
    assert (
        page.index('class="cover"') < page.index("<h2>Title</h2>") < page.index("</div>", page.index("<h2>Title</h2>"))
    )


def test_bars_are_as_long_as_the_numbers_that_a_cell_prints():
    text = "{name}:\n\n- half: **{{{{loss: loss (.+)}}}}** points\n- all: **0.5**\n"
    for name, shares in (("Bars", [50, 100]), ("Bars to 1", [25, 50])):
        slide = f"## Title\n\n{text.format(name=name)}{NOTE}"
        _, shown = decks.read_slides(f"# A deck\n{NOTE}\n---\n\n{slide}", source())
        assert [bar.share for bar in shown.bars] == shares
        assert [bar.number for bar in shown.bars] == ["0.25 points", "0.5"]
        assert shown.kind == "picture"
        assert shown.words == 3
    assert "--share: 25.0" in decks.render("A deck", [shown])


def test_a_sentence_can_have_a_picture_that_it_reminds_of():
    text = "## Take home\n\n- ![](picture#1) Loss is *a line*.\n- ![](picture) It falls.\n"
    _, slide = decks.read_slides(f"# A deck\n{NOTE}\n---\n\n{text}{NOTE}", source())
    assert [sentence for _, sentence in slide.cards] == ["Loss is <em>a line</em>.", "It falls."]
    assert slide.words == 8
    assert decks.render("A deck", [slide]).count('alt="A line."') == 2


@pytest.mark.parametrize(
    ("slide", "message"),
    [
        (f"## Title\n\n![](missing)\n{NOTE}", "the notebook has no cell 'missing'"),
        (f"## Title\n\n![](loss)\n{NOTE}", "the cell 'loss' has drawn no picture"),
        (f"## Title\n\n![](picture#3)\n{NOTE}", "has panels 1 to 2, not 3"),
        (f"## Title\n\n![cover](loss)\n{NOTE}", "the cell 'loss' has drawn no picture"),
        (f"## Title\n\n- ![](loss) A card.\n{NOTE}", "the cell 'loss' has drawn no picture"),
        (f"## Title\n\nBars:\n\n- no number\n{NOTE}", "each bar must have a name and a number"),
        (f"## Title\n\nBars to 1:\n\n- two: **2**\n{NOTE}", "a number is larger than 1, the longest bar"),
        (f"## {{{{missing: (.)}}}}\n{NOTE}", "the notebook has no cell 'missing'"),
        (f"## {{{{loss: gain (.)}}}}\n{NOTE}", "the text of the cell 'loss' does not match 'gain (.)'"),
        (f"## Title\n\nVote: sigmoid_predictions 9\n{NOTE}", "no question '9' of 'sigmoid_predictions'"),
        (f"## Title\n\nVote: quiz z\n{NOTE}", "no question 'z' of 'quiz'"),
        (f"## Title\n\nReveal: sigmoid_predictions 1\n{NOTE}", "is answered before it is asked"),
        (f"## Title\n\nReveal: quiz a\n{NOTE}", "quiz earns points for right letters"),
        ("## Title\n\nNo note.\n", "it needs a note for the speaker"),
        (f"# Title\n{NOTE}", "it must begin with a title"),
        (f"Words\n{NOTE}", "it must begin with a title"),
        (f"## Title\n\n{40 * 'word '}\n{NOTE}", "41 words are too many for a slide"),
    ],
)
def test_a_slide_that_is_not_valid_is_refused_with_its_number(slide, message):
    with pytest.raises(decks.DeckError, match=f"^slide 2: .*{re.escape(message)}"):
        decks.read_slides(f"# A deck\n{NOTE}\n---\n\n{slide}", source())


def test_an_invalid_slide_is_reported_on_one_line(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(decks, "run", lambda solved, folder, cache: solved)  # it has no outputs, so no pictures
    monkeypatch.setattr(sys, "argv", ["decks.py", "sigmoid", f"--to={tmp_path}"])
    with pytest.raises(SystemExit) as stopped:
        decks.main()
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "error: slides/sigmoid.md, slide 1: the cell 'map' has drawn no picture\n"
    assert not list(tmp_path.iterdir())


def test_an_explorable_moves_on_a_slide():
    own = source()
    markup = '<div data-explorable="race"></div><script type="module">1</script>'
    own.nb.cells[0].outputs = [new_output("display_data", {"text/html": markup})]
    _, slide = decks.read_slides(f"# A deck\n{NOTE}\n---\n\n## Title\n\n![](picture)\n{NOTE}", own)
    assert markup in decks.render("A deck", [slide])
    assert slide.is_narrow


def test_forty_words_are_accepted():
    decks.read_slides(f"# A deck\n\n{38 * 'word '}\n{NOTE}", source())
    decks.read_slides(f"# A deck\n\n{37 * 'word '} $x + y = z$\n{NOTE}", source())


def test_without_a_class_there_is_no_tally():
    without = decks.Source(source().nb, count_predictions(COURSE, Questions.read(COURSE, "01-sigmoid"), []))
    assert len(decks.read_slides(f"# A deck\n{NOTE}\n---\n\n{ASK}{NOTE}", without)) == 2


def test_each_notebook_has_a_deck():
    assert [file.stem for file in DECKS] == sorted(SOURCES)


@pytest.mark.parametrize("file", DECKS, ids=lambda file: file.stem)
def test_a_deck_asks_before_it_answers_and_has_about_25_slides(file):
    """Without a run. Whether cells draw and print what a deck takes is tested in a browser."""
    text = file.read_text(encoding="utf-8")
    parts = re.split(r"^---\n", text, flags=re.MULTILINE)
    assert 20 <= len(parts) <= 32
    nb = notebook_runs.read_with_charts(SOURCES[file.stem])
    pictures = [
        *(picture[1] for picture in decks.PICTURE.findall(text)),
        *(card[0] for card in decks.CARD.findall(text)),
    ]
    named = {*pictures, *(number[0] for number in decks.NUMBER.findall(text))}
    cells = {cell.id: cell for cell in nb.cells}
    assert named - set(cells) == set()
    for name, pattern in decks.NUMBER.findall(text):
        assert cells[name].cell_type == "code" or re.search(pattern, cells[name].source), (name, pattern)
    charts = {cell.id for cell in nb.cells[len(nbformat.read(SOURCES[file.stem], 4).cells) :]}
    assert charts
    assert charts - set(pictures) == set()  # each is shown
    # Apart from questions, nearly every slide has a picture or a chart. The others make one large statement.
    seen = [bool(re.search(r"!\[|^(Bars|Vote)", part, re.MULTILINE)) for part in parts]
    assert seen.count(False) <= 4
    assert (False, False) not in pairwise(seen)
    predictions = count_predictions(COURSE, Questions.read(COURSE, SOURCES[file.stem].parent.name), [])
    own = {(p.exercise, str(p.number)) for p in predictions if any(p.exercise in c.source for c in nb.cells)}
    questions = [question.groups() for question in decks.QUESTION.finditer(text)]
    assert {(exercise, number) for verb, exercise, number in questions if verb == "Reveal"} == own
    # What answers a question is not shown before: neither its picture nor its numbers, except on the first slide.
    for index, part in enumerate(parts):
        if "\nReveal:" in part:
            shown = {match[0] for pattern in (decks.PICTURE, decks.NUMBER) for match in pattern.finditer(part)}
            assert not [(index, item) for item in shown for earlier in parts[1:index] if item in earlier]


@pytest.mark.parametrize("file", DECKS, ids=lambda file: file.stem)
def test_no_source_of_a_deck_holds_a_solution(file):
    text = file.read_text(encoding="utf-8") + (file.parent / "charts" / f"{file.stem}.py").read_text(encoding="utf-8")
    assert [line for line in solution_lines(REPOSITORY) if line in text] == []
    assert "```" not in text


# --- the run that draws the pictures --------------------------------------------------------------------------------


def solution(source: str) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"nbgrader": {"solution": True}})


def test_functions_are_written_and_values_are_not():
    function = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    value = 'quiz = None\n### BEGIN SOLUTION\nquiz = {"a", "b"}\n### END SOLUTION\n'
    check = new_code_cell("check(f)", metadata={"nbgrader": {"grade": True, "solution": False}})
    solved = new_notebook(cells=[solution(function), check, solution(value), new_code_cell("x = 1")])
    run = notebook_runs.without_values(solved)
    assert [cell.source for cell in run.cells] == [function, "quiz = None\n", "x = 1"]
    assert solved.cells[2].source == value


@pytest.mark.parametrize("file", SOURCES.values(), ids=lambda file: file.stem)
def test_the_process_that_draws_pictures_contains_no_value_that_is_an_answer(file):
    solved = nbformat.read(file, 4)
    run = {cell.id: cell.source for cell in notebook_runs.without_values(solved).cells}
    exercises = Course.at(REPOSITORY).exercises.by_notebook[file.stem]
    values = {exercise.name for exercise in exercises if "(" not in exercise.signature}
    assert values
    for cell in solved.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            assigned = {line.split(" = ")[0] for line in cell.source.splitlines() if " = " in line}
            if assigned & values:
                values -= assigned
                assert "BEGIN SOLUTION" not in run[cell.id]
                assert re.fullmatch(r"(\w+ = None.*\n)*", run[cell.id]), run[cell.id]
    assert not values  # each was found


def test_a_notebook_is_run_again_only_if_its_code_has_changed(tmp_path):
    nb = new_notebook(cells=[new_code_cell("import time\nprint(time.perf_counter_ns())")])

    def printed() -> list:
        return notebook_runs.run(nb, tmp_path, tmp_path / "cache").cells[0].outputs

    first = printed()
    assert printed() == first
    nb.cells[0].source += "\n"
    assert printed() != first


def test_a_picture_is_drawn_again_for_a_slide(tmp_path: Path):
    nb = new_notebook(
        cells=[
            new_code_cell(
                "from lectrain import plots\n"
                "one = lambda ax: plots.curves([0, 1], {'y': [0, 1]}, xlabel='t', ylabel='y', ax=ax)\n"
                "plots.side_by_side({'left': one, 'right': one}, alt='Two lines.')"
            )
        ]
    )
    nb.cells[0].id = "lines"
    nb.metadata["shown"] = {"lines": [0, 1]}

    shown = decks.Source(notebook_runs.run(nb, tmp_path, tmp_path), [])
    (whole, wide), (left, narrow) = (shown.picture("lines", panel) for panel in ("", "1"))
    assert whole != left
    assert wide > narrow
    assert shown.inside("lines", "1").width < decks.image_of(shown.drawing("lines", "1")[0]).width
