"""The text of the solution cells of notebooks, for comparisons. Unlike `graded_cells`, it renders nothing."""

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path

DAMAGED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # what its content may raise


def read_solutions(notebooks: Iterable[Path]) -> str:
    """Read the text of all solution cells. A notebook that is missing or damaged, in whatever way, is skipped."""
    solutions = []
    for path in notebooks:
        with contextlib.suppress(FileNotFoundError, *DAMAGED):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            own = [cell for cell in cells if cell.get("metadata", {}).get("nbgrader", {}).get("solution")]
            solutions += ["".join(cell["source"]) for cell in own]
    return "\n".join(solutions)
