"""Run the solved notebooks in Pyodide, the Python of a browser, and natively: minutes of each, and cells that fail.

    python -m tests.lite.minutes [NOTEBOOK ...] [--json FILE]

Node runs Pyodide here. Both use one thread. In Pyodide, experiments of minutes show stored results, as in a browser; natively, all are
computed. The time is the processor's, without that of starting Python. The exit status is 1 if a cell fails.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.conftest import SOURCES

from .pyodide import VERSION
from .runs import Bench, solved

LIMIT = 3600  # seconds, against a notebook that never ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", choices=[[], *SOURCES], help="default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers into a file")
    arguments = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    rows, failed = {}, False
    print(f"Pyodide {VERSION}\n{'notebook':16} {'browser':>9} {'native':>9} {'ratio':>6}  cells that fail")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for name in arguments.notebooks or SOURCES:
            notebook = bench.write(SOURCES[name], solved(SOURCES[name]))
            (browser,), native = bench.run_in_pyodide([notebook], LIMIT), bench.run_natively(notebook, LIMIT)
            minutes = [run.processor_seconds / 60 for run in (browser, native)]
            ratio = minutes[0] / minutes[1]
            errors = browser.errors | native.errors
            print(f"{name:16} {minutes[0]:5.2f} min {minutes[1]:5.2f} min {ratio:6.1f}  {errors or 'none'}", flush=True)
            slowest = sorted(browser.cells, key=lambda cell: -cell["seconds"])[:5]
            rows[name] = {
                "browser_minutes": minutes[0],
                "native_minutes": minutes[1],
                "errors": errors,
                "slowest_in_browser": {cell["id"]: cell["seconds"] for cell in slowest},
            }
            failed = failed or bool(errors)
    if arguments.json:
        arguments.json.write_text(json.dumps({"pyodide": VERSION, "notebooks": rows}, indent=1))
    sys.exit(failed)


if __name__ == "__main__":
    main()
