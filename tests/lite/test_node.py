"""The notebooks run in Pyodide, the Python of a browser. Node runs it here; it needs no browser and no network."""

import shutil

import nbformat
import pytest

from tests.browser.test_student import NAIVE_SIGMOID
from tests.conftest import SOURCES

from .runs import Bench, solved

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("node"), reason="needs node")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def test_a_notebook_in_a_browser_accepts_right_answers_and_explains_a_wrong_one(bench):
    nb = solved(SOURCES["sigmoid"])
    check = next(cell.source for cell in nb.cells if cell.id == "sigmoid-check")
    for name, source in (("explorables", "import anywidget"), ("naive", NAIVE_SIGMOID), ("naive-check", check)):
        cell = nbformat.v4.new_code_cell(source)
        cell.id = name
        nb.cells.append(cell)
    run = bench.run_in_pyodide(bench.write(SOURCES["sigmoid"], nb), seconds=300)
    assert run.errors.keys() == {"naive-check"}, run.errors
    assert "sigmoid: no overflow at z = ±1000" in run.errors["naive-check"]
    texts = {cell["id"]: cell["text"] for cell in run.cells}
    assert "✓ sigmoid: 8 properties hold" in texts["sigmoid-check"]


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "sigmoid"])
def test_all_cells_of_a_solved_notebook_run_in_a_browser_and_none_takes_minutes(bench, name):
    run = bench.run_in_pyodide(bench.write(SOURCES[name], solved(SOURCES[name])), seconds=1500)
    assert run.errors == {}
    assert run.processor_seconds < 500  # at most 60 on our machine; one product of large matrices took 1100
