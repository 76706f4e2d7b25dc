"""The optional cells with PyTorch print about the same numbers for PyTorch and for the solved exercises."""

import re
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "slides"))
import notebook_runs

pytestmark = pytest.mark.slow
SOURCES = [file for file in sorted((REPOSITORY / "solutions").glob("*/*.ipynb")) if "import torch" in file.read_text()]
NUMBER = re.compile(r"-?\d+\.\d+")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_cell_with_torch_prints_each_number_twice(source):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    nb = nbformat.read(source, 4)
    (cell,) = (cell for cell in nb.cells if cell.cell_type == "code" and "import torch" in cell.source)
    needed = [each for each in nb.cells[: nb.cells.index(cell) + 1] if not notebook_runs.is_check(each)]
    nb.cells = [new_code_cell(notebook_runs.USE_STORED_RESULTS), *needed]
    NotebookClient(nb, timeout=600, resources={"metadata": {"path": str(source.parent)}}).execute()
    numbers = list(map(float, NUMBER.findall("".join(output.text for output in cell.outputs))))
    half = len(numbers) // 2
    assert half > 0
    assert numbers[:half] == pytest.approx(numbers[half:], rel=5e-3)
