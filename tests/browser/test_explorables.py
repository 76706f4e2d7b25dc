"""Explorables: dragged in JupyterLab, and on a page without a kernel, on a phone, in the dark, without motion or script."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from lectrain import widgets
from tests.lectrain.explorables.node import NAMES, evaluate

from .conftest import Visit, violations
from .notebook import Notebook

pytestmark = pytest.mark.slow
PAGE = '<!DOCTYPE html><html lang="en"><title>A page</title><style>:root {{ color-scheme: light }} body {{ {style} }}</style><main>{page}</main>'
DARK, LIGHT = "margin: 0; background: #121212; color: #eee", "margin: 0; background: #fff; color: #111"


@pytest.fixture
def window(browser):
    """A function that opens a page of an explorable. It is a file, without a kernel and a server."""
    visits = []

    def open_page(file: Path, style: str, **options) -> Page:
        context = browser.new_context(**options)
        visits.append(Visit(context.new_page(), "file://"))
        visits[-1].page.goto(file.as_uri())
        return visits[-1].page

    yield open_page
    for visit in visits:
        visit.close()


@pytest.fixture
def write_page(tmp_path, monkeypatch):
    """A function that writes a page with an explorable, as a website has it."""

    def write(name: str, style: str) -> Path:
        shown = []
        monkeypatch.setattr(widgets, "display", lambda bundle, raw: shown.append(bundle["text/html"]))
        widgets.explore(name, alt="A still picture.")
        file = tmp_path / f"{name}-{len(style)}.html"
        file.write_text(PAGE.format(style=style, page=shown[0]), encoding="utf-8")
        return file

    return write


RECTANGLES = """handle => [handle, handle.ownerSVGElement.querySelector("path.axis")].map(node => {
    const {x, y, width, height} = node.getBoundingClientRect();
    return {x, y, width, height};
})"""  # of the handle and of its plot, at the same moment: an animation draws the plot anew


def drag(page: Page, name: str, to: tuple[float, float]) -> None:
    """Drag a handle to a place in its plot: shares of the width, and of the height from below."""
    handle = page.get_by_role("slider", name=name, exact=True)
    handle.scroll_into_view_if_needed()
    box, plot = handle.evaluate(RECTANGLES)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(plot["x"] + to[0] * plot["width"], plot["y"] + (1 - to[1]) * plot["height"], steps=8)
    page.mouse.up()


def test_in_jupyterlab_the_target_is_reached_by_dragging(visit, classroom):
    file = classroom / "home" / "explorable.ipynb"
    source = 'from lectrain import widgets\n\nwidgets.explore("momentum", alt="A race.")'
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[new_code_cell(source)], metadata=kernel), file)
    notebook, page = Notebook(visit, file, classroom), visit.page
    notebook.start()
    status = page.locator(".jp-OutputArea .lectrain-explorable").get_by_role("status")
    expect(status).to_have_text("Not yet: it does not stay there within 100 steps.")
    assert notebook.errors() == []

    drag(page, "Learning rate and α, across the valley", (2 / 4, 0.55))  # ε = 2 / 20
    start = page.get_by_role("slider", name="Start", exact=True)
    alpha = float(page.get_by_role("slider", name="momentum α", exact=True).input_value())
    steps = evaluate("momentum", f"own.arrival(own.path(own.FIRST.start, 0.1, {alpha}))")
    assert alpha == pytest.approx(0.55, abs=0.03)
    expect(status).to_have_text(f"✓ reached in {steps} steps.")
    expect(page.get_by_text(f"momentum: needs {steps} steps")).to_be_visible()

    drag(page, "Start", (0.5, 0.6))
    expect(status).to_have_text("Drag the start to the right of the dashed line.")
    before = start.get_attribute("aria-valuetext")
    cell = page.locator(".jp-Notebook-cell.jp-mod-selected")
    selected = cell.first.element_handle()
    start.press("ArrowDown")  # JupyterLab would select the next cell
    assert start.get_attribute("aria-valuetext") != before
    assert selected.evaluate("cell => cell.classList.contains('jp-mod-selected')")
    page.get_by_role("button", name="Reset").click()
    expect(status).to_have_text("Not yet: it does not stay there within 100 steps.")
    page.get_by_role("button", name="Pause").wait_for()  # after a moment, the race begins

    assert violations(page, ".lectrain-explorable") == {}
    visit.screenshot("explorable-lab")
    notebook.close()


def test_the_race_of_momentum_is_won_when_the_ball_arrives(window, write_page):
    page = window(write_page("momentum", LIGHT), LIGHT, reduced_motion="reduce")
    page.get_by_role("slider", name="learning rate ε").fill("0.1")
    page.get_by_role("slider", name="momentum α", exact=True).fill("0.5")
    status = page.locator(".lectrain-explorable").get_by_role("status")
    steps = evaluate("momentum", "own.arrival(own.path(own.FIRST.start, 0.1, 0.5))")
    reached = f"✓ reached in {steps} steps."
    expect(status).to_have_text(reached)  # the end is shown
    step = page.get_by_role("button", name="Step")
    for _ in range(steps):  # the first goes to step 0
        step.click()
        expect(status).to_have_text("The ball is on its way.")
        expect(status).not_to_have_class(re.compile("good"))
    step.click()
    expect(status).to_have_text(reached)
    expect(status).to_have_class(re.compile("good"))


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_in_the_dark_it_fits_and_works_with_the_keyboard(name, window, write_page):
    page = window(write_page(name, DARK), DARK, viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    explorable = page.locator(".lectrain-explorable")
    explorable.locator(".page.dark").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("img[alt='A still picture.']").count() == 0
    assert page.get_by_role("button", name="Play").count() == 1  # with reduced motion, nothing moves by itself
    assert violations(page, ".lectrain-explorable") == {}
    names = explorable.get_by_role("slider").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    assert all(names)
    assert len(set(names)) == len(names) > 1
    for slider in explorable.get_by_role("slider").all():
        value = "e => e.getAttribute('aria-valuetext') ?? e.value"
        before = slider.evaluate(value)
        slider.press(
            "ArrowRight" if slider.evaluate("e => e.value !== undefined && e.value === e.min") else "ArrowLeft"
        )
        assert slider.evaluate(value) != before
    page.get_by_role("button", name="Reset").click()
    for text in explorable.locator("text").all():
        assert float(text.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_finished_and_can_be_played_and_paused(name, window, write_page):
    page = window(write_page(name, LIGHT), LIGHT, viewport={"width": 1000, "height": 900})
    status = page.locator(".lectrain-explorable").get_by_role("status")
    expect(status).not_to_be_empty()
    finished = status.inner_text()
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(status).to_have_text(finished)
    assert page.locator(".lectrain-explorable .page:not(.dark)").count() == 1
    assert violations(page, ".lectrain-explorable") == {}


def test_without_javascript_it_is_a_picture_with_a_description(window, write_page):
    page = window(write_page(NAMES[0], LIGHT), LIGHT, java_script_enabled=False)
    expect(page.get_by_role("img", name="A still picture.")).to_be_visible()
    assert re.search("data-explorable", page.content())
