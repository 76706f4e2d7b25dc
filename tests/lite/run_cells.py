"""Run the cells of a notebook one after the other, in this Python or in Pyodide, and describe each run.

    python run_cells.py NOTEBOOK FOLDER

It imports nothing of the repository, because Pyodide has none of it.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def run_cells(notebook: str, folder: str) -> list[dict[str, Any]]:
    """Run the code cells of a notebook, given as JSON, in a folder.

    Return for each its `id`, the `seconds` it took, its printed `text`, and its `error` or "".
    """
    import matplotlib

    matplotlib.use("agg")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    os.chdir(folder)
    for name in [name for name in sys.modules if name.split(".")[0] == "lectrain"]:
        del sys.modules[name]  # of an earlier notebook
    shell = InteractiveShell.instance()
    shell.reset(new_session=False)
    results = []
    for cell in json.loads(notebook)["cells"]:
        if cell["cell_type"] == "code":
            started = time.perf_counter()
            with capture_output() as captured:
                done = shell.run_cell("".join(cell["source"]))
            error = done.error_before_exec or done.error_in_exec
            results.append(
                {
                    "id": cell["id"],
                    "seconds": round(time.perf_counter() - started, 3),
                    "text": captured.stdout,
                    "error": f"{type(error).__name__}: {error}" if error else "",
                }
            )
    return results


if __name__ == "__main__":
    started = time.process_time()
    cells = run_cells(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2])
    print(json.dumps({"cells": cells, "processor_seconds": time.process_time() - started}))
