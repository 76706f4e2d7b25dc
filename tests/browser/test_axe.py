"""axe-core on our decks and on the notebooks' HTML export: no violation but those that nbconvert's template brings."""

import re

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbconvert import HTMLExporter

from tests.conftest import REPOSITORY

from .conftest import DECKS

SOURCES = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
# What nbconvert's template brings: pale prompts (In [1]:), and colours of code that are too close to its grey.
OF_THE_TEMPLATE = re.compile(
    r'^<div class="jp-InputPrompt |^<div class="jp-OutputPrompt |^<span class="[a-z0-9]{1,2}">'
)


def violations(page) -> dict[str, list[str]]:
    found = Axe().run(page).response["violations"]
    return {one["id"]: [node["html"][:200] for node in one["nodes"]] for one in found}


def test_a_deck_has_none(visit, deck):
    visit.page.goto(deck(DECKS[0]).as_uri())
    assert violations(visit.page) == {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_export_of_a_notebook_has_none_of_its_own(source, visit, tmp_path):
    file = tmp_path / "notebook.html"
    file.write_text(HTMLExporter().from_notebook_node(nbformat.read(source, 4))[0], encoding="utf-8")
    visit.allowed.append("asked for")
    visit.page.goto(file.as_uri())
    found = violations(visit.page)
    contrast = [place for place in found.pop("color-contrast", []) if not OF_THE_TEMPLATE.match(place)]
    assert (found, contrast) == ({}, [])
