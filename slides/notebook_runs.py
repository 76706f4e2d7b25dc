"""Run a solved notebook for its pictures, and remember the result. The decks and the website use it.

The functions of the exercises are written, but no answer that is a value, such as the letters of a quiz: the process
that draws the pictures does not contain them.
"""

import ast
import hashlib
import os
import re
from pathlib import Path
from typing import IO

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
USE_STORED_RESULTS = "from lectrain import data\n\ndata.or_stored = lambda compute, name: data.load_stored(name)"
PICTURE = re.compile(r"!\[\w*\]\(([\w-]+)(?:#(\d+))?\)")  # in the text of a deck: a cell, and perhaps a panel
CHART = re.compile(r"^# %% ([\w-]+)\n", re.MULTILINE)  # the first line of a cell, with its id
FUNCTION_STATEMENTS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.DOTALL)


def read_with_charts(file: Path) -> NotebookNode:
    """Read a solved notebook, and add the charts that only its deck shows: the cells of ``slides/charts/NAME.py``.

    They are drawn from the variables that the notebook has at its end. The metadata say which pictures the deck shows.
    """
    nb = nbformat.read(file, 4)
    _, *parts = CHART.split((HERE / "charts" / file.name).with_suffix(".py").read_text(encoding="utf-8"))
    cells = zip(parts[::2], parts[1::2], strict=True)
    nb.cells += [nbformat.v4.new_code_cell(code, id=name) for name, code in cells]
    nb.metadata["shown"] = {}
    for name, panel in PICTURE.findall((HERE / file.name).with_suffix(".md").read_text(encoding="utf-8")):
        nb.metadata["shown"].setdefault(name, []).append(int(panel or 0))
    return nb


def without_values(solved: NotebookNode) -> NotebookNode:
    """The code of a solved notebook without its checks, and without answers that are values."""
    nb = nbformat.from_dict(solved)
    nb.cells = [cell for cell in nb.cells if cell.cell_type == "code" and not is_check(cell)]
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and not _defines_functions_only(cell.source):
            cell.source = SOLUTION.sub("", cell.source)
    return nb


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell checks an answer. Nothing depends on it."""
    metadata = cell.metadata.get("nbgrader", {})
    return bool(metadata.get("grade") and not metadata.get("solution"))


def _defines_functions_only(code: str) -> bool:
    return all(isinstance(statement, FUNCTION_STATEMENTS) for statement in ast.parse(code).body)


def run(solved: NotebookNode, folder: Path, cache: Path) -> NotebookNode:
    """Add outputs to a solved notebook. It runs again only if its code, `lectrain` or `large_pictures.py` have changed.

    If another process is running the same notebook, wait for its result. Errors do not stop the run.

    It runs in `folder`, and `cache` has earlier results. `metadata.shown` is what slides show of its pictures.
    """
    nb = without_values(solved)
    shown = solved.metadata.get("shown", {})
    for cell in nb.cells:
        cell.source = f"draw_for_slides.wanted = {sorted(set(shown.get(cell.id, [])))}\n{cell.source}"
    before = (HERE / "large_pictures.py").read_text(encoding="utf-8"), USE_STORED_RESULTS
    nb.cells = [*map(nbformat.v4.new_code_cell, before), *nb.cells]
    lectrain = HERE.parent / "lectrain"
    files = [file for pattern in ("*.*", "explorables/*.mjs") for file in sorted(lectrain.glob(pattern))]
    library = [file.read_text(encoding="utf-8") for file in files]
    key = hashlib.sha256(repr(([cell.source for cell in nb.cells], library)).encode()).hexdigest()
    file = cache / f"{key}.ipynb"
    cache.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        _take(lock)
        if not file.exists():
            options = {"allow_errors": True, "timeout": 600, "extra_arguments": ["--log-level=ERROR"]}
            NotebookClient(nb, resources={"metadata": {"path": str(folder)}}, **options).execute()
            draft = file.with_suffix(f".{os.getpid()}")
            nbformat.write(nb, draft)
            draft.replace(file)
    outputs = {cell.id: cell.outputs for cell in nbformat.read(file, 4).cells}
    executed = nbformat.from_dict(solved)
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.get(cell.id, [])
    return executed


def _take(lock: IO[str]) -> None:
    """Wait until no other process has a lock, and keep it until the file is closed."""
    try:
        import fcntl
    except ImportError:  # Windows does not have it: there, two processes may run the same notebook
        return
    fcntl.flock(lock, fcntl.LOCK_EX)
