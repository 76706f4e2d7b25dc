"""One step of training an MLP: `lectrain.MLP` with the notebook's loss head beside PyTorch eager.

Run ``python benchmarks/mlp.py``, with ``--repeat N``, ``--steps N`` or ``--json FILE``. The loss head is that of
``solutions/06-flat-minima/flat_minima.ipynb`` itself. One thread each, all data in memory, 784-128-10 in float32; the
contestants take turns, so that whatever else the machine does meets all of them. Both take the same mini-batches,
compute the gradient and take a plain step, PyTorch once with its optimizer and once written out.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
from threadpoolctl import threadpool_limits  # which scikit-learn brings

from lectrain import MLP, data

try:
    import torch
except ImportError:
    torch = None

NOTEBOOK = Path(__file__).resolve().parents[1] / "solutions" / "06-flat-minima" / "flat_minima.ipynb"
SIZES, BATCHES, LR = [784, 128, 10], (1, 8, 64, 512), 0.05


def notebook_head() -> Callable:
    """The solution of the notebook's first exercise."""
    namespace: dict = {"np": np}
    for cell in nbformat.read(NOTEBOOK, 4).cells:
        if cell.id == "loss-head-solution":
            exec(cell.source, namespace)
    return namespace["loss_head"]


Run = Callable[[list, np.ndarray, np.ndarray, list[slice]], tuple[float, list]]


def by_numpy(theta: list, X, labels, batches: list[slice]) -> tuple[float, list]:
    """Plain steps with `lectrain.MLP`: the seconds they take, and where they lead."""
    net = MLP(SIZES, notebook_head())
    started = time.perf_counter()
    for rows in batches:
        _, grad = net.gradient(theta, X[rows], labels[rows])
        theta = [A - LR * dA for A, dA in zip(theta, grad, strict=True)]
    return time.perf_counter() - started, theta


def by_torch(steps: Callable) -> Run:
    """The same in PyTorch eager; the making of the network is not counted."""

    def run(theta, X, labels, batches):
        net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
        parameters = list(net.parameters())
        with torch.no_grad():
            for parameter, A in zip(parameters, theta, strict=True):
                parameter.copy_(torch.from_numpy(A.T.copy()))
        X, labels = torch.from_numpy(X), torch.from_numpy(labels)
        started = time.perf_counter()
        steps(net, parameters, X, labels, batches)
        return time.perf_counter() - started, [parameter.detach().numpy().T for parameter in parameters]

    return run


def with_optimizer(net, parameters, X, labels, batches) -> None:
    """Steps as every tutorial writes them."""
    optimizer = torch.optim.SGD(parameters, lr=LR)
    for rows in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(X[rows]), labels[rows]).backward()
        optimizer.step()


def by_hand(net, parameters, X, labels, batches) -> None:
    """Steps with as little around them as there can be."""
    for rows in batches:
        loss = torch.nn.functional.cross_entropy(net(X[rows]), labels[rows])
        grads = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, grad in zip(parameters, grads, strict=True):
                parameter.sub_(grad, alpha=LR)


def measure(batch_size: int, num_steps: int, repeat: int) -> dict:
    """Microseconds per step, medians over turns; the parameters in the end are compared."""
    images, labels = data.load_fashion_mnist("train")
    X, labels = images[:8192].reshape(8192, 784).astype(np.float32) / 255, labels[:8192]
    theta = MLP(SIZES, notebook_head()).init(np.random.default_rng(541))
    starts = (step * batch_size % len(X) for step in range(num_steps))
    batches = [slice(start, start + batch_size) for start in starts]
    contestants: dict[str, Run] = {"numpy": by_numpy}
    if torch:
        torch.set_num_threads(1)
        contestants |= {"torch": by_torch(with_optimizer), "torch by hand": by_torch(by_hand)}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeat + 1):  # the first warms up
        ends = {}
        for name in contestants if turn % 2 else reversed(contestants):
            spent, ends[name] = contestants[name](theta, X, labels, batches)
            if turn:
                seconds[name].append(spent)
        for end in ends.values():  # rounding apart, they do the same
            for A, B in zip(end, ends["numpy"], strict=True):
                np.testing.assert_allclose(A, B, rtol=0, atol=1e-3)
    row: dict = {"batch_size": batch_size}
    row |= {name: 1e6 * statistics.median(spent) / num_steps for name, spent in seconds.items()}
    return row | {f"{name} / numpy": row[name] / row["numpy"] for name in contestants if name != "numpy"}


def run(num_steps: int = 300, repeat: int = 7) -> dict:
    """Measure every batch size; return the table and the versions."""
    with threadpool_limits(1):
        table = [measure(batch_size, num_steps, repeat) for batch_size in BATCHES]
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    versions |= ({"torch": torch.__version__} if torch else {}) | {"machine": platform.machine()}
    return {"sizes": SIZES, "steps": num_steps, "repeat": repeat, "versions": versions, "step": table}


def show(result: dict) -> None:
    """Print the table."""
    print(f"784-128-10, one thread, {', '.join(f'{k} {v}' for k, v in result['versions'].items())}\n")
    names = [name for name in result["step"][0] if name != "batch_size"]
    print("microseconds per step" + "".join(f"{name:>22}" for name in names))
    for row in result["step"]:
        times = [f"{row[name]:21.1f}x" if "/" in name else f"{row[name]:22.0f}" for name in names]
        print(f"  B = {row['batch_size']:<15}{''.join(times)}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7, help="how often the contestants take turns")
    parser.add_argument("--steps", type=int, default=300, help="steps in each turn")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to this file as well")
    options = parser.parse_args()
    result = run(options.steps, options.repeat)
    show(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
