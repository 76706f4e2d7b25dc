"""A student in JupyterLab: runs a notebook, moves its sliders, answers exercises, and validates."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.simulate import make_submission
from tests.conftest import REPOSITORY, SOURCES

from .conftest import Visit
from .notebook import Notebook

pytestmark = pytest.mark.slow

# The longest experiments of these notebooks train for up to half a minute. Here they show stored results.
SLOW_NOTEBOOKS = {"sgd", "momentum", "flat_minima"}
USE_STORED_RESULTS = "\n\nfrom lectrain import data\n\ndata.or_stored = lambda compute, name: data.load_stored(name)"

NAIVE_SIGMOID = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"
RIGHT_SIGMOID = """\
def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1, small) / (1 + small)"""


def write_solved(source: Path, folder: Path) -> Path:
    """Write a solved notebook into the folder of a student."""
    nb = make_submission(nbformat.read(source, 4), {})
    if source.stem in SLOW_NOTEBOOKS:
        next(cell for cell in nb.cells if cell.id == "setup").source += USE_STORED_RESULTS
    file = folder / "home" / "solved" / source.name
    file.parent.mkdir(exist_ok=True)
    nbformat.write(nb, file)
    return file


@pytest.fixture(scope="module")
def window(open_window) -> Iterator[Visit]:
    """A window with JupyterLab, in which all solved notebooks are opened, one after the other."""
    visit = open_window()
    yield visit
    visit.close()


@pytest.fixture
def solved(source, window, classroom) -> Iterator[Notebook]:
    """The solved notebook of a test. It is running."""
    notebook = Notebook(window, write_solved(source, classroom), classroom)
    notebook.start()
    yield notebook
    notebook.close()
    assert window.failures == []


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_solved_notebook_runs_and_its_sliders_work(source, solved):
    solved.finish()
    page = solved.page
    assert solved.errors() == []

    assert page.locator(".jp-MarkdownOutput mjx-container").count() > 2  # formulas are rendered
    assert page.locator("mjx-merror").count() == 0

    pictures = page.locator(".jp-OutputArea img")
    assert pictures.count() > 0
    assert pictures.evaluate_all("images => images.filter(i => !i.alt || !i.complete || !i.naturalWidth).length") == 0

    sliders = page.locator(".jp-CodeCell", has=page.locator(".lectrain"))
    settings = sliders.locator("img").evaluate_all("images => images.map(i => i.alt.split(' Here ')[1])")
    assert len(settings) == sliders.count()
    assert all("; " in values for values in settings)  # several pictures are shown until a slider moves

    for handle in page.locator(".jp-OutputArea .lectrain .noUi-handle").all():
        cell = handle.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
        before = cell.locator("img").first.get_attribute("alt")
        handle.focus()
        handle.press("ArrowRight")
        page.wait_for_function(
            "([cell, before]) => cell.querySelector('img')?.alt !== before", arg=[cell.element_handle(), before]
        )
        assert "Error" not in cell.locator(".jp-OutputArea").first.inner_text()

    if source.stem == "sigmoid":
        assert "Success" in solved.validate()


def test_a_student_sees_why_an_answer_is_wrong_and_that_a_corrected_one_passes(visit, classroom):
    folder = classroom / "home" / "01-sigmoid"
    shutil.copytree(REPOSITORY / "notebooks" / "01-sigmoid", folder)
    notebook = Notebook(visit, folder / "sigmoid.ipynb", classroom)
    notebook.start()
    notebook.finish()
    assert "Not answered yet." in notebook.error_below("sigmoid-predictions-solution")  # the first unanswered cell

    assert notebook.is_collapsed("sigmoid-check")
    assert not notebook.is_collapsed("sigmoid-solution")
    notebook.answer("sigmoid", NAIVE_SIGMOID)
    message = notebook.error_below("sigmoid-check")
    assert "sigmoid: no overflow at z = ±1000" in message
    assert "(slide: Logistic sigmoid)" in message
    assert "Traceback" not in message
    notebook.cell("sigmoid-check").locator(".lectrain-check").scroll_into_view_if_needed()
    visit.screenshot("wrong-answer")
    validation = notebook.validate()
    assert "no overflow at z = ±1000" in validation
    assert "You did not provide a response" in validation  # to the written question

    notebook.answer("sigmoid", RIGHT_SIGMOID)
    assert notebook.error_below("sigmoid-check") is None
    assert "✓ sigmoid: 8 properties hold" in notebook.cell("sigmoid-check").locator(".jp-OutputArea").inner_text()
    assert "no overflow at z = ±1000" not in notebook.validate()
