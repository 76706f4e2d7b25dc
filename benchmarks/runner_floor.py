"""What the runner costs beside its floor: the same cells, `exec`ed in a bare warm fork that draws the same figures.

Run ``python benchmarks/runner_floor.py``, with ``--repeat N``, ``--mode MODE`` or ``--json``. Runner and floor take
turns, so that whatever else the machine does meets both. Counted is processor time: of the student's process alone,
and together with what the fork server spends on it.
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

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.runner import Limits, Step, open_runner, sandbox  # noqa: E402
from autograder.runner.conversation import Conversation  # noqa: E402

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


def floor() -> None:
    """Fork, `exec` the cells, draw the figures; once per line of stdin, whose answer is the processor time."""
    sys.path[:0] = sandbox.environment("/")["PYTHONPATH"].split(os.pathsep)
    import matplotlib.pyplot as plt
    import sklearn.linear_model  # noqa: F401 (as warm as the runner)

    run_bare(plt)
    gc.freeze()
    for _ in sys.stdin:
        if not (child := os.fork()):
            run_bare(plt)
            os._exit(0)
        usage = os.wait4(child, 0)[2]
        print(usage.ru_utime + usage.ru_stime, flush=True)


def run_bare(plt) -> None:
    """Run the cells as simply as can be."""
    namespace: dict = {"__name__": "__main__"}
    for cell in CELLS:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell, "cell", "exec"), namespace)
        for number in plt.get_fignums():
            plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")


def measure(repeat: int, mode: str | None) -> dict:
    """Return the medians, in milliseconds of processor time per submission.

    Parameters
    ----------
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
    steps, limits = [Step(cell) for cell in CELLS], Limits()
    with open_runner(mode=mode, allow_unsandboxed=True) as runner:
        server = runner._server
        assert server is not None
        time.sleep(1)
        for turn in range(-3, repeat):  # turns to warm up: the server uses its spare time
            bare.stdin.write("\n")
            bare.stdin.flush()
            cost = float(bare.stdout.readline())
            before = used_by(server._process.pid)
            with server.process(limits, None) as process:
                conversation = Conversation(process, limits)
                for step in steps:
                    conversation.take(step)
            assert not any(result.trouble for result in conversation.results)
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
    return {"mode": mode, "repeat": repeat, "ms": medians, "ratio": medians["runner"] / medians["floor"]}


def used_by(process: int) -> float:
    """Seconds of processor time of a process, of those it waited for, and of all beneath it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(used_by(int(child)) for child in children)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--mode", choices=[sandbox.BUBBLEWRAP, sandbox.LANDLOCK, sandbox.UNSANDBOXED])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        return floor()
    measured = measure(options.repeat, options.mode)
    if options.json:
        return print(json.dumps(measured, indent=2))
    print(f"{len(CELLS)} cells, {measured['repeat']} times each, {measured['mode']}")
    for name, milliseconds in measured["ms"].items():
        print(f"  {name:24} {milliseconds:7.1f} ms of processor time")
    print(f"  runner / floor           {measured['ratio']:7.2f}")


if __name__ == "__main__":
    main()
