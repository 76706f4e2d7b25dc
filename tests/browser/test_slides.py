"""The decks: every slide fits, every figure and formula is visible, and nothing is loaded from elsewhere."""

import nbformat
import pytest

from tests.conftest import REPOSITORY

from .conftest import DECKS

pytestmark = pytest.mark.slow
WITH_BLANKS = "01-sigmoid/sigmoid"  # a deck with a derivation that has blanks to fill in

SOURCES = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
MEASURE_SLIDE = """() => {
    const page = document.querySelector("section.present section.present .page");
    const box = element => element.getBoundingClientRect();
    return {
        text: page.innerText.slice(0, 60),
        overflow: [page.scrollHeight - page.clientHeight, page.scrollWidth - page.clientWidth],
        size: parseFloat(getComputedStyle(page).fontSize),
        figures: [...page.querySelectorAll("img")].map(i => [box(i).width, box(i).height, i.naturalWidth, i.alt.length]),
        outside: [...page.querySelectorAll("*")].filter(e => box(e).right > 1281 || box(e).bottom > 721).length,
        formulas: page.querySelectorAll("math").length,
        boxes: [...page.querySelectorAll("menclose")].map(e => getComputedStyle(e).borderTopWidth),
    };
}"""


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_and_every_figure_is_visible(name, visit, deck):
    page = visit.page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(deck(name).as_uri())
    page.wait_for_function("Reveal.isReady()")
    slides = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        slides.append(page.evaluate(MEASURE_SLIDE))
        visit.screenshot(f"slide-{name.split('/')[1]}-{number + 1:02}")
        page.keyboard.press("ArrowRight")
    for slide in slides:
        assert max(slide["overflow"]) <= 1, slide
        assert slide["outside"] == 0, slide
        assert "0px" not in slide["boxes"], slide  # the frame of a blank to fill in is visible
        assert slide["size"] >= 17, slide  # of 720, which is 25 px on a full HD projector
        for width, height, pixels, alt in slide["figures"]:
            assert pixels > 0, slide
            assert height > 180, slide
            assert width > 250, slide
            assert alt > 0, slide
    assert len({slide["text"] for slide in slides}) > 15  # each key press shows a new slide
    assert sum(len(slide["figures"]) for slide in slides) > 5
    assert sum(slide["formulas"] for slide in slides) > 50
    assert any(slide["boxes"] for slide in slides) or name != WITH_BLANKS


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_slides_of_a_notebook_leave_out_its_solutions(source):
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
