"""The notebooks run in Pyodide, the Python of a browser. Node runs it here; it needs no browser and no network."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

import lectrain
from autograder.authoring.simulate import make_submission
from tests.browser.test_student import NAIVE_SIGMOID
from tests.conftest import REPOSITORY

from .pyodide import local_copy

sys.path.insert(0, str(REPOSITORY / "docs" / "lite"))
import lite

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("node"), reason="needs node")]


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """The packages that a site adds to Pyodide, unpacked."""
    folder = tmp_path_factory.mktemp("packages")
    for name in lite.PACKED:
        with zipfile.ZipFile(lite.pack_wheel(name, folder)) as wheel:
            wheel.extractall(folder)
    shutil.copytree(Path(lectrain.__file__).parent, folder / "lectrain")
    return folder


def test_a_notebook_in_a_browser_accepts_right_answers_and_explains_a_wrong_one(packages, tmp_path):
    copy = local_copy()
    nb = make_submission(nbformat.read(REPOSITORY / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4), {})
    check = next(cell.source for cell in nb.cells if cell.id == "sigmoid-check")
    for name, source in (("explorables", "import anywidget"), ("naive", NAIVE_SIGMOID), ("naive-check", check)):
        cell = nbformat.v4.new_code_cell(source)
        cell.id = name
        nb.cells.append(cell)
    course = tmp_path / "course"
    notebook = course / "notebooks" / "01-sigmoid" / "sigmoid.ipynb"
    notebook.parent.mkdir(parents=True)
    nbformat.write(nb, notebook)
    shutil.copytree(REPOSITORY / "data", course / "data")
    command = ["node", str(Path(__file__).with_name("run.mjs")), str(copy), str(course), str(packages), str(notebook)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    cells = {cell["id"]: cell for cell in json.loads(done.stdout.splitlines()[-1])}
    failed = {name: cell["error"] for name, cell in cells.items() if cell["error"]}
    assert failed.keys() == {"naive-check"}, failed
    assert "sigmoid: no overflow at z = ±1000" in failed["naive-check"]
    assert "✓ sigmoid: 8 properties hold" in cells["sigmoid-check"]["text"]
