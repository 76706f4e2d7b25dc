"""The text of the solution cells of notebooks, for comparisons. Unlike `graded_cells`, it renders nothing."""

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path


def read_solutions(notebooks: Iterable[Path]) -> str:
    """Read the text of all solution cells. A notebook that is damaged, in whatever way, is skipped."""
    solutions = []
    for path in notebooks:
        with contextlib.suppress(Exception):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            own = [cell for cell in cells if cell.get("metadata", {}).get("nbgrader", {}).get("solution")]
            solutions += ["".join(cell["source"]) for cell in own]
    return "\n".join(solutions)


def read_solution(notebook: Path, grade_id: str) -> str:
    """Read the text of the solution cell of a grade cell, which `find_graded_cells` finds, too. Empty without one."""
    solution = ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        metadata = cell["metadata"].get("nbgrader", {})
        if metadata.get("solution"):
            solution = "".join(cell["source"])
        if metadata.get("grade") or metadata.get("task"):
            if metadata["grade_id"] == grade_id:
                return solution
            solution = ""  # it belongs to this cell alone
    return ""
