"""The notebooks run in Pyodide, the Python of a browser. Node runs it here; it needs no browser and no network."""

import shutil
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest

from tests.browser.test_student import NAIVE_SIGMOID
from tests.conftest import SOURCES

from .runs import WITHOUT_PICTURES, Bench, Run, packages_of, solved

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("node"), reason="needs node")]

OTHERS = [name for name in SOURCES if name != "sigmoid"]
WITH_PICTURES = "iris"  # with panels, maps and a slider


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
    (run,) = bench.run_in_pyodide([bench.write(SOURCES["sigmoid"], nb)], seconds=300)
    assert run.errors.keys() == {"naive-check"}, run.errors
    assert "sigmoid: no overflow at z = ±1000" in run.errors["naive-check"]
    texts = {cell["id"]: cell["text"] for cell in run.cells}
    assert "✓ sigmoid: 8 properties hold" in texts["sigmoid-check"]


@pytest.fixture(scope="module")
def runs(bench) -> dict[str, Run]:
    """All other notebooks. Those that import the same packages share a process, so that a missing one is still found.

    Only one of them draws its pictures, which take half of the time. `make release-check` draws all.
    """
    runs: dict[str, Run] = {}
    groups: dict[frozenset[str], dict[str, Path]] = defaultdict(dict)
    for name in OTHERS:
        nb = solved(SOURCES[name])
        if name != WITH_PICTURES:
            nb.cells.insert(0, nbformat.v4.new_code_cell(WITHOUT_PICTURES))
        groups[packages_of(nb)][name] = bench.write(SOURCES[name], nb)
    for files in groups.values():
        runs |= zip(files, bench.run_in_pyodide(list(files.values()), seconds=1500), strict=True)
    return runs


@pytest.mark.timeout(1500)  # the first waits for all
@pytest.mark.parametrize("name", OTHERS)
def test_all_cells_of_a_solved_notebook_run_in_a_browser_and_none_takes_minutes(runs, name):
    assert runs[name].errors == {}
    assert runs[name].processor_seconds < 500  # at most 60 on our machine; one product of large matrices took 1100
