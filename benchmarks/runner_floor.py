"""Compare the cost of the runner with its floor: the same cells, executed in a plain fork of a warm process.

    python benchmarks/runner_floor.py [--repeat N] [--mode MODE] [--json FILE]

The cells are those that grading runs: of a solved notebook, or of a small example with figures. Runner and floor take
turns, so that other load on the machine affects both. Measured are the CPU time of the student's process, that time
plus what the fork server spends on it, and the maximum private memory of the student's process.
"""

import argparse
import contextlib
import gc
import io
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nbformat

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.runner import Limits, Step, open_runner, sandbox  # noqa: E402
from autograder.runner.session import Session  # noqa: E402
from autograder.submissions.hidden_tests import without_hidden_tests  # noqa: E402

MODES = (sandbox.BUBBLEWRAP, sandbox.LANDLOCK, sandbox.UNSANDBOXED)
NOTEBOOKS = ("01-sigmoid/sigmoid.ipynb", "02-bce/bce.ipynb")

# A small submission with definitions, checks, a little training and two figures.
CELLS = [
    "import numpy as np\nimport matplotlib.pyplot as plt",
    "z = np.linspace(-8, 8, 200)",
    "def sigmoid(z):\n    return 0.5 * (1 + np.tanh(z / 2))",
    "sigmoid(0.0)",
    "plt.plot(z, sigmoid(z))\nplt.title(r'$\\sigma(z)$')\nplt.show()",
    "assert np.isclose(sigmoid(0), 0.5)\nassert np.allclose(sigmoid(z) + sigmoid(-z), 1)",
    "print(sigmoid(z)[:5])",
    "def bce(w, X, y):\n    z = X @ w\n    return np.mean(np.logaddexp(0, z) - y * z)",
    "rng = np.random.default_rng(1)\nX = rng.normal(size=(500, 3))\ny = (X[:, 0] > 0) * 1.0\nw = np.zeros(3)",
    "bce(w, X, y)",
    "for step in range(200):\n    w -= 0.5 * X.T @ (sigmoid(X @ w) - y) / len(y)",
    "plt.scatter(X[:, 0], X[:, 1], c=y)\nplt.xlabel('first')\nplt.show()",
    "bce(w, X, y)",
]


def cells_of(notebook: str) -> list[str]:
    """Return the cells of a solved notebook that grading runs, without hidden tests."""
    cells = nbformat.read(REPOSITORY / "solutions" / notebook, 4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", [])]
    return [without_hidden_tests(cell.source) for cell in code]


def serve_floor() -> None:
    """For each line of stdin, a JSON list of cells, execute the cells in a fork, and print the CPU seconds."""
    sys.path[:0] = sandbox.environment("/")["PYTHONPATH"].split(os.pathsep)
    import matplotlib.pyplot as plt

    import lectrain.widgets  # noqa: F401 (the runner imports it, too)

    run_bare(CELLS, plt)
    gc.freeze()
    for line in sys.stdin:
        if not (child := os.fork()):
            run_bare(json.loads(line), plt)
            os._exit(0)
        usage = os.wait4(child, 0)[2]
        print(usage.ru_utime + usage.ru_stime, flush=True)


def run_bare(cells: list[str], plt) -> None:
    """Execute cells with as little overhead as possible, and draw their figures."""
    namespace: dict = {"__name__": "__main__"}
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell, "cell", "exec"), namespace)
        for number in plt.get_fignums():
            plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")


def measure(cells: list[str], repeat: int, mode: str | None) -> dict[str, Any]:
    """Measure a submission. Times are medians, in milliseconds of CPU time.

    Parameters
    ----------
    cells : list of str
    repeat : int
        The number of turns.
    mode : str, optional
        The runner's mode; by default the best that is available.
    """
    environment = {**os.environ, **sandbox.environment("/"), "HOME": os.environ.get("HOME", "/"), "MPLBACKEND": "agg"}
    command = [sys.executable, __file__, "--floor"]
    floor = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert floor.stdin is not None
    assert floor.stdout is not None
    costs: dict[str, list[float]] = {"floor": [], "runner": [], "runner with its server": []}
    steps, limits, private = [Step(cell) for cell in cells], Limits(), 0
    with open_runner(mode=mode, allow_unsandboxed=True) as runner:
        server = runner._zygote
        assert server is not None
        time.sleep(1)
        for turn in range(-3, repeat):  # the first three turns warm up
            floor.stdin.write(json.dumps(cells) + "\n")
            floor.stdin.flush()
            cost = float(floor.stdout.readline())
            before = cpu_seconds_of(server._process.pid)
            with server.process(limits, None) as process:
                session = Session(steps, limits)
                session.run(process)
                private = max(private, private_memory(last_descendant(server._process.pid)))
            assert not any(result.failures for result in session.results)
            if turn >= 0:
                costs["floor"].append(cost)
                costs["runner"].append(process.end()["cpu_seconds"])
                costs["runner with its server"].append(cpu_seconds_of(server._process.pid) - before)
        mode = runner.isolation
    floor.communicate()
    medians = {name: 1000 * statistics.median(values) for name, values in costs.items()}
    # The clock ticks of /proc are too coarse for one submission, but precise enough for the mean.
    medians["runner with its server"] = 1000 * statistics.mean(costs["runner with its server"])
    ratio = medians["runner"] / medians["floor"]
    return {
        "mode": mode,
        "repeat": repeat,
        "cells": len(cells),
        "ms": medians,
        "ratio": ratio,
        "private_bytes": private,
    }


def add_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Add up the costs of one submission of each notebook."""
    ms = {name: sum(row["ms"][name] for row in rows) for name in rows[0]["ms"]}
    return {
        "mode": rows[0]["mode"],
        "repeat": rows[0]["repeat"],
        "cells": sum(row["cells"] for row in rows),
        "ms": ms,
        "ratio": ms["runner"] / ms["floor"],
        "private_bytes": max(row["private_bytes"] for row in rows),
    }


def cpu_seconds_of(process: int) -> float:
    """Return the CPU seconds of a process, its children, and their descendants that still run."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(cpu_seconds_of, children_of(process)))


def private_memory(process: int) -> int:
    """Return the private memory of a process in bytes. 0 if this user may not read it."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) << 10


def last_descendant(process: int) -> int:
    """Return the student's process: the last in the chain of children that starts with the fork server."""
    while children := children_of(process):
        process = children[-1]
    return process


def children_of(process: int) -> list[int]:
    """Return the children of a process that still run."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def main() -> None:
    """Measure all submissions, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=40, help="the number of turns")
    parser.add_argument("--mode", choices=MODES, help="the runner's mode")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        return serve_floor()
    submissions = {"example with figures": CELLS} | {name: cells_of(name) for name in NOTEBOOKS}
    measured = {name: measure(cells, options.repeat, options.mode) for name, cells in submissions.items()}
    measured["01-sigmoid and 02-bce"] = add_up([measured[name] for name in NOTEBOOKS])
    print("CPU time in ms per submission, and private memory in MiB")
    print(f"{'':24}{'cells':>6}{'floor':>8}{'runner':>8}{'ratio':>7}{'with server':>13}{'memory':>8}")
    for name, row in measured.items():
        floor_ms, runner_ms, with_server = row["ms"].values()
        print(
            f"{name:24}{row['cells']:6}{floor_ms:8.1f}{runner_ms:8.1f}{row['ratio']:7.2f}{with_server:13.1f}"
            f"{row['private_bytes'] / 2**20:8.1f}"
        )
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
