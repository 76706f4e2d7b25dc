"""A student in JupyterLab: opens a notebook, runs it, moves its sliders, answers, presses Validate."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.simulate import submission
from tests.conftest import REPOSITORY

from .notebook import Notebook

SOURCES = sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))
# Their longest experiments train for half a minute and more. In the browser they show the stored numbers, as they do for
# a student who has not solved the exercises before them: one line is added to the setup cell.
LONG = {"sgd", "flat_minima"}
STORED = "\nor_stored = data.or_stored\ndata.or_stored = lambda compute, name: or_stored(unsolved, name)"
UNSOLVED = "\n\n\ndef unsolved():\n    raise NotImplementedError()\n\n"

NAIVE = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"
RIGHT = """\
def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, small) / (1 + small)"""


def solved(source: Path, folder: Path) -> Path:
    """Put a notebook with every answer into a student's folder."""
    nb = submission(nbformat.read(source, 4), {})
    if source.stem in LONG:
        next(cell for cell in nb.cells if cell.id == "setup").source += UNSOLVED + STORED
    file = folder / "home" / "solved" / source.name
    file.parent.mkdir(exist_ok=True)
    nbformat.write(nb, file)
    return file


@pytest.fixture(scope="session")
def opened(enter, classroom) -> Callable[[Path], Notebook]:
    """Opens a solved notebook, once."""

    @cache
    def open_it(source: Path) -> Notebook:
        server = SOURCES.index(source) // 2 % 2  # not that of the next notebook but one
        return Notebook(enter(server), solved(source, classroom), classroom)

    return open_it


@pytest.fixture
def notebooks(opened, request) -> Iterator[list[Notebook]]:
    """The notebook of a test and those of the next two. It runs, and the next one beside it; the third is opening."""
    tests = [item for item in request.session.items if item.originalname == request.node.originalname]
    near = tests[tests.index(request.node) :][:3]
    found = [opened(item.callspec.params["source"]) for item in near]
    for notebook in found[:2]:
        notebook.start()
    yield found
    found[0].visit.leave()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_notebook_runs_its_sliders_move_and_it_validates(source, notebooks):
    notebook, *others = notebooks
    notebook.finish()
    page = notebook.page
    assert notebook.troubles() == []

    assert page.locator(".jp-MarkdownOutput mjx-container").count() > 5  # the formulas are set
    assert page.locator("mjx-merror").count() == 0

    pictures = page.locator(".jp-OutputArea img")
    assert pictures.count() > 0
    assert pictures.evaluate_all("images => images.filter(i => !i.alt || !i.complete || !i.naturalWidth).length") == 0

    sliders = page.locator(".jp-CodeCell", has=page.locator(".lectrain"))
    twins = sliders.locator("img").evaluate_all("images => images.map(i => i.alt.split(' Here ')[1])")
    assert len(twins) == sliders.count()
    assert all("; " in values for values in twins)  # more than one picture, until a slider moves

    for handle in page.locator(".jp-OutputArea .lectrain .noUi-handle").all():
        cell = handle.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
        before = cell.locator("img").first.get_attribute("alt")
        handle.focus()
        handle.press("ArrowRight")
        page.wait_for_function(
            "([cell, before]) => cell.querySelector('img')?.alt !== before", arg=[cell.element_handle(), before]
        )
        assert "Error" not in cell.locator(".jp-OutputArea").first.inner_text()

    notebook.press_validate()
    for other in others[1:]:
        other.start()  # on the other server, meanwhile
    assert "Success" in notebook.verdict()


def test_a_student_is_told_what_is_wrong_and_what_is_right(visit, classroom):
    folder = classroom / "home" / "01-sigmoid"
    shutil.copytree(REPOSITORY / "notebooks" / "01-sigmoid", folder)
    notebook = Notebook(visit, folder / "sigmoid.ipynb", classroom)
    notebook.start()
    notebook.finish()
    assert "NotImplementedError" in notebook.error("sigmoid-predictions-solution")  # where a run stops for a start

    notebook.write("sigmoid-solution", NAIVE)
    notebook.run("sigmoid-solution")
    notebook.run("sigmoid-check")
    told = notebook.error("sigmoid-check")
    assert "sigmoid: quiet at z = ±1000" in told
    assert "(slide: Logistic sigmoid)" in told
    assert "Traceback" not in told
    notebook.cell("sigmoid-check").locator("[data-mime-type$=stderr]").scroll_into_view_if_needed()
    visit.shot("wrong-answer")
    said = notebook.validate()
    assert "quiet at z = ±1000" in said
    assert "You did not provide a response" in said  # to the written question

    notebook.write("sigmoid-solution", RIGHT)
    notebook.run("sigmoid-solution")
    notebook.run("sigmoid-check")
    assert notebook.error("sigmoid-check") is None
    assert "quiet at z = ±1000" not in notebook.validate()
