"""Runs of a notebook outside a browser: in Pyodide, which Node runs, and in this Python."""

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

import lectrain
from autograder.authoring.simulate import make_submission
from tests.conftest import REPOSITORY

from .pyodide import lite, local_copy

HERE = Path(__file__).parent
WITHOUT_PICTURES = """\
from lectrain import plots

plots.Picture.image = lambda picture: plots.report.Box("", picture.alt)"""


@dataclass(frozen=True)
class Run:
    """What a run of all code cells was like."""

    cells: list[dict[str, Any]]  # as `run_cells` returns them
    processor_seconds: float  # because other work on the machine changes them least

    @property
    def errors(self) -> dict[str, str]:
        return {cell["id"]: cell["error"] for cell in self.cells if cell["error"]}


class Bench:
    """A folder with the data, and the packages that a site adds to Pyodide. Notebooks run in it."""

    def __init__(self, folder: Path):
        self.course, self.packages = folder / "course", folder / "packages"
        shutil.copytree(REPOSITORY / "data", self.course / "data")
        for name in lite.PACKED:
            with zipfile.ZipFile(lite.pack_wheel(name, folder)) as wheel:
                wheel.extractall(self.packages)
        shutil.copytree(Path(lectrain.__file__).parent, self.packages / "lectrain")
        shutil.copy(lite.HERE / "browser.py", self.packages / "lectrain")

    def write(self, source: Path, nb: nbformat.NotebookNode) -> Path:
        """Write a notebook where a student has it."""
        notebook = self.course / "notebooks" / source.parent.name / source.name
        notebook.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, notebook)
        return notebook

    def run_in_pyodide(self, notebooks: Sequence[Path], seconds: float) -> list[Run]:
        """Run notebooks one after the other in one process, which takes long to start."""
        places = HERE / "run.mjs", local_copy(), self.course, self.packages
        return _runs(["node", *map(str, (*places, *notebooks))], seconds)

    def run_natively(self, notebook: Path, seconds: float) -> Run:
        (run,) = _runs([sys.executable, str(HERE / "run_cells.py"), str(notebook), str(notebook.parent)], seconds)
        return run


def solved(source: Path) -> nbformat.NotebookNode:
    """The notebook with its right answers."""
    return make_submission(nbformat.read(source, 4), {})


def packages_of(nb: nbformat.NotebookNode) -> frozenset[str]:
    """The packages of Pyodide that the cells of a notebook import."""
    packages = json.loads((local_copy() / "pyodide-lock.json").read_text())["packages"]
    package_of = {module: name for name, package in packages.items() for module in package["imports"]}
    cells = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    statements = [node for node in ast.walk(ast.parse(cells)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [
        name
        for it in statements
        for name in ([it.module] if isinstance(it, ast.ImportFrom) else [n.name for n in it.names])
    ]
    return frozenset(package_of[name] for module in modules if module and (name := module.split(".")[0]) in package_of)


def _runs(command: list[str], seconds: float) -> list[Run]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stderr
    return [Run(**json.loads(line)) for line in done.stdout.splitlines()]
