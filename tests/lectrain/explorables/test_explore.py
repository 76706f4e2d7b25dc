"""What all explorables have in common: they are small, self-contained, hold no answer, and have a still picture."""

import base64
import re
from io import BytesIO

import nbformat
import pytest
from PIL import Image

from lectrain import plots, widgets
from tests.conftest import REPOSITORY

from .node import NAMES, evaluate, load_bundle

# Functions with which an answer could be written. Numbers that need them are stored in a table instead.
FORBIDDEN = re.compile(r"Math\.(exp|expm1|log|log1p|log2|pow|sinh|cosh|tanh|E|LN2|LN10)\b|(?<!/)\*\* *([^2 ]|2\d)")
READ_ONLY = re.compile(
    r"fetch\(|XMLHttpRequest|WebSocket|import\(|eval\(|innerHTML|localStorage|cookie|https?://(?!www\.w3\.org/)"
)


@pytest.fixture
def shown(monkeypatch):
    """What a cell has displayed."""
    found = []
    monkeypatch.setattr(widgets, "display", lambda bundle, raw: found.append(bundle))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_gets_one_module_that_imports_nothing(name):
    code = widgets.module_of(name)
    assert not re.search(r"^import ", code, re.MULTILINE)
    assert "</" not in code  # it would end the script of a page
    assert load_bundle(name) == "function"


@pytest.mark.parametrize("name", NAMES)
def test_an_explorable_is_read_in_a_few_minutes(name):
    assert len((widgets.EXPLORABLES / f"{name}.mjs").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("name", ["kit", *NAMES])
def test_a_module_reaches_nothing_and_holds_no_answer(name):
    code = (widgets.EXPLORABLES / f"{name}.mjs").read_text(encoding="utf-8")
    assert READ_ONLY.findall(code) == []
    assert FORBIDDEN.findall(code) == []


@pytest.mark.parametrize(
    "line", ["1 / (1 + Math.exp(-z))", "Math.tanh(z / 2)", "z.map((v) => Math.E ** v)", "Math.log(p)", "2 ** v"]
)
def test_a_planted_answer_is_found(line):
    assert FORBIDDEN.search(line)


def test_colours_are_those_of_the_pictures():
    assert evaluate("kit", "own.COLORS") == list(plots.COLORS[:5])


@pytest.mark.parametrize("name", NAMES)
def test_without_a_kernel_it_is_a_page_with_a_still_picture_and_a_text(name, shown):
    widgets.explore(name, alt='A "race" & more.')
    (bundle,) = shown
    assert bundle.keys() == {"text/html", "text/plain"}
    assert bundle["text/plain"] == 'A "race" & more.'
    assert 'alt="A &quot;race&quot; &amp; more."' in bundle["text/html"]
    still = base64.b64decode(re.search(r"base64,([\w+/=]+)", bundle["text/html"])[1])
    assert still.startswith(b"\x89PNG")
    assert 10_000 < len(still) < 200_000
    assert widgets.module_of(name) in bundle["text/html"]


@pytest.mark.parametrize("name", NAMES)
def test_in_a_notebook_it_is_a_widget_as_well(name, shown, monkeypatch):
    monkeypatch.setattr(widgets, "in_notebook", lambda: True)
    widgets.explore(name, alt="A race.")
    (bundle,) = shown
    assert bundle.keys() == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}


@pytest.mark.parametrize("notebook", sorted((REPOSITORY / "notebooks").glob("*/*.ipynb")), ids=lambda file: file.stem)
def test_a_notebook_opens_with_a_picture_of_its_explorable(notebook):
    nb = nbformat.read(notebook, 4)
    opening = nb.cells[0].source.split("\n\n")
    alt, file = re.fullmatch(r"!\[([^]]+)\]\(attachment:(.+)\)", opening[2]).groups()  # after the title and a sentence
    assert 60 < len(alt) < 300
    picture = base64.b64decode(nb.cells[0].attachments[file]["image/png"])
    assert Image.open(BytesIO(picture)).width == 900
    assert len(picture) < 170_000  # students and the grader load it with each copy
    assert opening[3].startswith("At the end you ")
    assert any("widgets.explore(" in cell.source for cell in nb.cells)


def test_a_description_is_required():
    with pytest.raises(TypeError, match="alt"):
        widgets.explore(NAMES[0])
