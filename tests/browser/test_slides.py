"""The decks for class: nothing runs over the edge, everything shows, nobody is asked for anything."""

import nbformat
import pytest

from tests.conftest import REPOSITORY

from .conftest import DECKS

SOURCES = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
LOOK = """() => {
    const page = document.querySelector("section.present section.present .page");
    const box = element => element.getBoundingClientRect();
    return {
        says: page.innerText.slice(0, 60),
        over: [page.scrollHeight - page.clientHeight, page.scrollWidth - page.clientWidth],
        size: parseFloat(getComputedStyle(page).fontSize),
        figures: [...page.querySelectorAll("img")].map(i => [box(i).width, box(i).height, i.naturalWidth, i.alt.length]),
        outside: [...page.querySelectorAll("*")].filter(e => box(e).right > 1281 || box(e).bottom > 721).length,
        formulas: page.querySelectorAll("math").length,
        boxes: [...page.querySelectorAll("menclose")].map(e => getComputedStyle(e).borderTopWidth),
    };
}"""


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_and_every_figure_shows(name, visit, deck):
    page = visit.page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(deck(name).as_uri())
    seen = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        seen.append(page.evaluate(LOOK))
        visit.shot(f"slide-{name.split('/')[1]}-{number + 1:02}")
        page.keyboard.press("ArrowRight")
    for slide in seen:
        assert max(slide["over"]) <= 1, slide
        assert slide["outside"] == 0, slide
        assert "0px" not in slide["boxes"], slide  # a blank to fill in is seen
        assert slide["size"] >= 17, slide  # of 720: as large as 25 px on a full HD beamer
        for width, height, pixels, alt in slide["figures"]:
            assert pixels > 0, slide
            assert height > 180, slide
            assert width > 250, slide
            assert alt > 0, slide
    assert len({slide["says"] for slide in seen}) > 15  # each key press shows another slide
    assert sum(len(slide["figures"]) for slide in seen) > 5
    assert sum(slide["formulas"] for slide in seen) > 50
    assert sum(len(slide["boxes"]) for slide in seen) > 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_every_notebook_is_cut_into_slides_without_its_solutions(source):
    nb = nbformat.read(source, 4)
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in nb.cells]
    assert kinds[0] == "slide"
    assert set(kinds) == {"slide", "subslide", "-", "skip"}
    for cell, kind in zip(nb.cells, kinds, strict=True):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            assert kind == "skip", cell.id
    predict = next(i for i, cell in enumerate(nb.cells) if cell.id == "predict")
    first = next(i for i, cell in enumerate(nb.cells) if "demo" in cell.metadata.get("tags", []))
    assert kinds[predict] == "slide"
    assert predict < first  # predictions come before experiments
