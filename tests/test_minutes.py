"""The minutes that a notebook states are those that a student needs. CONTRIBUTING.md describes how they are counted."""

import ast
import re

import nbformat
import pytest

from tests.conftest import REPOSITORY

SOURCES = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
WORDS_PER_MINUTE = 160
PICTURE = 1 / 2  # minutes for a picture, a table or a slider
ITEM = 1  # minute for each blank, prediction or sentence of a quiz
ANSWER = 4  # minutes for a written answer or a counterexample
REPAIR = 2  # minutes for settings that repair a training, which a slider helps to find
LINES = re.compile(r"About (\d+) lines?")
TOLERANCE = 0.15
MAX_MINUTES = 90  # of a notebook
MAX_HOURS = 11  # of all notebooks together


def core_of(nb):
    """The cells before the optional part."""
    optional = next(i for i, cell in enumerate(nb.cells) if cell.source.startswith("## Going further (optional)"))
    return nb.cells[:optional]


def count_words(markdown):
    visible = re.sub(r"<[^>]*>|\]\([^)]*\)", " ", markdown)
    return len(re.findall(r"\w\S*", visible))


def minutes_of_answer(solution, check):
    """The minutes for one exercise: for a function 4 to 12, depending on its number of lines."""
    for node in ast.walk(ast.parse(check)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "expect_answered":
            form, options, *_ = (ast.literal_eval(keyword.value) for keyword in node.keywords)
            return ITEM * len(options if isinstance(form, set) else form)
    if "repaired(" in check:
        return REPAIR
    lines = LINES.search(solution)
    return min(max(3 + 1.5 * int(lines[1]), 4), 12) if lines else ANSWER


def is_output(cell):
    """Whether the cell shows a picture or prints a table, so that it is on the slides, too."""
    hidden = cell.metadata.get("slideshow", {}).get("slide_type") == "skip"
    return "demo" in cell.metadata.get("tags", []) and not hidden


def count_minutes(cells):
    minutes, solution = 0.0, ""
    for cell in cells:
        metadata = cell.metadata.get("nbgrader", {})
        if is_output(cell):
            minutes += PICTURE
        elif cell.cell_type == "markdown":
            minutes += ANSWER if metadata.get("grade") else count_words(cell.source) / WORDS_PER_MINUTE
        elif metadata.get("solution"):
            solution = cell.source
        elif metadata.get("grade") or ("with checking(" in cell.source and LINES.search(solution)):
            minutes += minutes_of_answer(solution, cell.source)  # of a function without points, too
            solution = ""
    return minutes


def stated_minutes(nb):
    return int(re.search(r"About (\d+) minutes", nb.cells[0].source)[1])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_notebook_states_its_minutes_within_15_percent(source):
    nb = nbformat.read(source, 4)
    counted = count_minutes(core_of(nb))
    places = f'in the first cell of {source.name}, README.md and docs/student.md (before "min" is a no-break space)'
    assert counted == pytest.approx(stated_minutes(nb), rel=TOLERANCE), (
        f"state {5 * round(counted / 5)} minutes {places}"
    )


def test_the_course_takes_at_most_eleven_hours():
    minutes = [stated_minutes(nbformat.read(source, 4)) for source in SOURCES]
    assert max(minutes) <= MAX_MINUTES
    assert sum(minutes) <= 60 * MAX_HOURS


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_optional_part_earns_no_points(source):
    nb = nbformat.read(source, 4)
    optional = nb.cells[len(core_of(nb)) :]
    assert not any(cell.metadata.get("nbgrader", {}).get("grade") for cell in optional)


def test_words_are_counted_without_links_and_tags():
    assert count_words("<b>Two words</b>") == 2
    assert count_words("[Deep Learning](https://example.org/a b) is a *book*.") == 5


@pytest.mark.parametrize(
    ("solution", "check", "minutes"),
    [
        ("", 'expect_answered(answer, form={"a"}, options="abcde")', 5),
        ("", 'expect_answered(answer, form=["a", "a"], options="abc")', 2),
        ("", 'expect_answered(answer, form={"blank": "a"}, options="abcd")', 1),
        ('def f():\n    """A function. About 1 line."""', "f", 4.5),
        ('def f():\n    """A function. About 3 lines."""', "f", 7.5),
        ('def f():\n    """A function. About 20 lines."""', "f", 12),
        ("answer = 3", "answer", 4),
        ("fix = {}", "repaired(fix)", 2),
    ],
)
def test_minutes_depend_on_the_kind_of_answer(solution, check, minutes):
    assert minutes_of_answer(solution, check) == minutes
