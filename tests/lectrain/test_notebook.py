"""`lectrain` in a real kernel, and in the HTML page that nbconvert exports."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup  # a dependency of nbconvert
from nbclient import NotebookClient
from nbconvert import HTMLExporter

CELLS = {
    "setup": """
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from lectrain import plots, widgets
from lectrain.check import checking, expect_close
t = np.linspace(0, 1)
labels = np.arange(20) % 2
X = np.random.default_rng(541).normal(size=(20, 2)) + 3 * labels[:, np.newaxis]
""",
    "last line": 'plots.curves(t, {"y": t}, xlabel="t (s)", ylabel="y (m)", alt="A \\"rising\\" line & more.")',
    "assigned": 'figure = plots.scatter_classes(X, labels, alt="Two clouds.")',
    "two in a cell": """
plots.curves(t, {"y": t}, xlabel="t (s)", ylabel="y (m)", alt="First.")
plots.curves(t, {"y": t}, xlabel="t (s)", ylabel="y (m)", alt="Second.")
""",
    "pyplot figure": "_ = plt.plot(t, t)",
    "slider": """
widgets.slide(
    lambda ax, b: plots.scatter_classes(X, labels, lines={"line": [1, 1, b]}, ax=ax),
    alt="Clouds and a line.", stills=[{"b": 0}, {"b": 2}], b=(-3, 3, 0.1),
)
""",
    "failed check": 'expect_close([1.0, np.nan], [1.0, 2.0], "square: it grows")',
    "answer": "def square(x):\n    raise NotImplementedError",
    "syntax error": "def square(x):\n    return x *",
    "check": 'with checking("square", slide="Warm-up"):\n    expect_close(square(2), 4, "2 squared is 4")',
}


@pytest.fixture(scope="module")
def notebook():
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS.values()]
    book = nbformat.v4.new_notebook(cells=cells)
    return NotebookClient(book, kernel_name="python3", timeout=120, allow_errors=True).execute()


@pytest.fixture(scope="module")
def page(notebook):
    return HTMLExporter().from_notebook_node(notebook)[0]


def outputs(notebook, name):
    return notebook.cells[list(CELLS).index(name)].outputs


def pictures(notebook, name):
    return [o.data["text/html"] for o in outputs(notebook, name) if "<img" in o.get("data", {}).get("text/html", "")]


def test_importing_lectrain_writes_no_output(notebook):
    assert outputs(notebook, "setup") == []


@pytest.mark.parametrize(
    ("name", "alts"),
    [
        ("last line", ["A &quot;rising&quot; line &amp; more."]),
        ("assigned", ["Two clouds."]),
        ("two in a cell", ["First.", "Second."]),
    ],
)
def test_each_picture_is_shown_once_with_its_alt_text(notebook, name, alts):
    assert len(outputs(notebook, name)) == len(alts)
    assert [re.search('alt="([^"]*)"', html)[1] for html in pictures(notebook, name)] == alts


def test_a_pyplot_figure_is_shown_as_usual(notebook):
    (output,) = outputs(notebook, "pyplot figure")
    assert "image/png" in output.data


def test_sliders_are_saved_with_a_static_picture(notebook):
    sliders, _ = outputs(notebook, "slider")
    assert "application/vnd.jupyter.widget-view+json" in sliders.data
    (still,) = pictures(notebook, "slider")
    assert 'alt="Clouds and a line. Here b = 0; b = 2."' in still


def test_a_failed_check_is_shown_as_a_box_and_in_one_line(notebook):
    box, error = outputs(notebook, "failed check")
    assert box.data["text/plain"] == error.evalue
    assert '<div class="lectrain-check failed">' in box.data["text/html"]
    assert error.ename == "CheckFailed"
    assert error.traceback == [f"CheckFailed: {error.evalue}"]


def test_a_check_after_a_syntax_error_does_not_speak_of_the_function_of_an_earlier_run(notebook):
    assert outputs(notebook, "syntax error")[0].ename == "SyntaxError"
    assert outputs(notebook, "check")[-1].evalue.startswith(
        "square: the cell with `square` that you ran last has a Synt"
    )


def test_the_exported_page_contains_every_picture_with_its_alt_text(page):
    found = [image for image in BeautifulSoup(page, "html.parser").find_all("img") if "style" in image.attrs]
    assert all(len(image["src"]) > 1000 and image["src"].startswith("data:image/png;base64,") for image in found)
    assert [image["alt"] for image in found] == [
        'A "rising" line & more.',
        "Two clouds.",
        "First.",
        "Second.",
        "Clouds and a line. Here b = 0; b = 2.",
    ]
