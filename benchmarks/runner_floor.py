"""What the runner costs beside its floor: the same cells, `exec`ed in a bare warm fork that draws the same figures.

Run ``python benchmarks/runner_floor.py``, with ``--repeat N``, ``--mode MODE`` or ``--json FILE``. The cells are those
that grading runs of a solved notebook, or of a small made one with figures. Runner and floor take turns, so that
whatever else the machine does meets both. Counted is processor time: of the student's process alone, and together with
what the fork server spends on it; and the most memory that was the student's process's own.
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

import nbformat

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.runner import Limits, Step, open_runner, sandbox  # noqa: E402
from autograder.runner.session import Session  # noqa: E402
from autograder.submissions.hidden_tests import without_hidden_tests  # noqa: E402

NOTEBOOKS = ("01-sigmoid/sigmoid.ipynb", "02-bce/bce.ipynb")

# A small submission: definitions, checks, a little training, two figures.
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
    """The cells of a solved notebook that grading runs, without hidden tests."""
    cells = nbformat.read(REPOSITORY / "solutions" / notebook, 4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", [])]
    return [without_hidden_tests(cell.source) for cell in code]


def floor() -> None:
    """Fork, `exec` cells, draw their figures; once per line of stdin, which holds them; answer the processor time."""
    sys.path[:0] = sandbox.environment("/")["PYTHONPATH"].split(os.pathsep)
    import matplotlib.pyplot as plt
    import sklearn.linear_model  # noqa: F401 (as warm as the runner)

    import lectrain.widgets  # noqa: F401

    run_bare(CELLS, plt)
    gc.freeze()
    for line in sys.stdin:
        if not (child := os.fork()):
            run_bare(json.loads(line), plt)
            os._exit(0)
        usage = os.wait4(child, 0)[2]
        print(usage.ru_utime + usage.ru_stime, flush=True)


def run_bare(cells: list[str], plt) -> None:
    """Run cells as simply as can be."""
    namespace: dict = {"__name__": "__main__"}
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell, "cell", "exec"), namespace)
        for number in plt.get_fignums():
            plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")


def measure(cells: list[str], repeat: int, mode: str | None) -> dict:
    """Return the medians, in milliseconds of processor time per submission.

    Parameters
    ----------
    cells : list of str
    repeat : int
        How often runner and floor take turns.
    mode : str, optional
        The runner's mode; the best one if omitted.
    """
    environment = {**os.environ, **sandbox.environment("/"), "HOME": os.environ.get("HOME", "/"), "MPLBACKEND": "agg"}
    del environment["MPLCONFIGDIR"]
    command = [sys.executable, __file__, "--floor"]
    bare = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert bare.stdin is not None
    assert bare.stdout is not None
    costs: dict[str, list[float]] = {"floor": [], "runner": [], "runner with its server": []}
    steps, limits, private = [Step(cell) for cell in cells], Limits(), 0
    with open_runner(mode=mode, allow_unsandboxed=True) as runner:
        server = runner._zygote
        assert server is not None
        time.sleep(1)
        for turn in range(-3, repeat):  # turns to warm up: the server uses its spare time
            bare.stdin.write(json.dumps(cells) + "\n")
            bare.stdin.flush()
            cost = float(bare.stdout.readline())
            before = used_by(server._process.pid)
            with server.process(limits, None) as process:
                session = Session(process, limits)
                for step in steps:
                    session.run(step)
                private = max(private, private_memory(youngest_of(server._process.pid)))
            assert not any(result.failures for result in session.results)
            if turn >= 0:
                costs["floor"].append(cost)
                costs["runner"].append(process.end()["cpu_seconds"])
                costs["runner with its server"].append(used_by(server._process.pid) - before)
        mode = runner.mode
    bare.stdin.close()
    bare.wait()
    medians = {name: 1000 * statistics.median(values) for name, values in costs.items()}
    # Ticks of the clock are too coarse for one submission; their mean is not.
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


def together(rows: list[dict]) -> dict:
    """One submission of each."""
    ms = {name: sum(row["ms"][name] for row in rows) for name in rows[0]["ms"]}
    return {
        "mode": rows[0]["mode"],
        "repeat": rows[0]["repeat"],
        "cells": sum(row["cells"] for row in rows),
        "ms": ms,
        "ratio": ms["runner"] / ms["floor"],
        "private_bytes": max(row["private_bytes"] for row in rows),
    }


def used_by(process: int) -> float:
    """Seconds of processor time of a process, of those it waited for, and of all beneath it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(used_by, children_of(process)))


def private_memory(process: int) -> int:
    """Bytes that a process shares with no other; 0 where this user may not look."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) << 10


def youngest_of(process: int) -> int:
    """The student's process: the last of the line that begins with the server."""
    while children := children_of(process):
        process = children[-1]
    return process


def children_of(process: int) -> list[int]:
    """The processes that a process has started and that still run."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--mode", choices=[sandbox.BUBBLEWRAP, sandbox.LANDLOCK, sandbox.UNSANDBOXED])
    parser.add_argument("--json", type=Path, help="write the numbers into this file too")
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        return floor()
    submissions = {"made, two figures": CELLS} | {name: cells_of(name) for name in NOTEBOOKS}
    measured = {name: measure(cells, options.repeat, options.mode) for name, cells in submissions.items()}
    measured["01-sigmoid and 02-bce"] = together([measured[name] for name in NOTEBOOKS])
    print("processor time in ms per submission, and MiB of memory of its own")
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
