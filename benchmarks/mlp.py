"""Time one training step of an MLP: `lectrain.MLP` with the notebook's loss head, and PyTorch eager.

    python benchmarks/mlp.py [--repeat N] [--steps N] [--json FILE]

The loss head is the solution in ``solutions/06-flat-minima/flat_minima.ipynb``. The network is 784-128-10 in float32.
Every implementation uses one thread, the same mini-batches in memory, and plain gradient steps; PyTorch runs once with
its optimizer and once without. The implementations take turns, so that other load on the machine affects all of them.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from threadpoolctl import threadpool_limits  # installed with scikit-learn

from lectrain import MLP, data

try:
    import torch
except ImportError:
    torch = None

NOTEBOOK = Path(__file__).resolve().parents[1] / "solutions" / "06-flat-minima" / "flat_minima.ipynb"
SIZES, BATCH_SIZES, LR = [784, 128, 10], (1, 8, 64, 512), 0.05
NUM_EXAMPLES = 8192


def load_loss_head() -> Callable[..., Any]:
    """Run the solution of the notebook's first exercise."""
    namespace: dict = {"np": np}
    for cell in nbformat.read(NOTEBOOK, 4).cells:
        if cell.id == "loss-head-solution":
            exec(cell.source, namespace)
    return namespace["loss_head"]


# Trains from given parameters on given mini-batches. Returns the seconds, and the final parameters.
Train = Callable[[list, np.ndarray, np.ndarray, list[slice]], tuple[float, list]]


def train_with_numpy(theta: list, X, labels, batches: list[slice]) -> tuple[float, list]:
    """Take plain gradient steps with `lectrain.MLP`."""
    net = MLP(SIZES, load_loss_head())
    started = time.perf_counter()
    for rows in batches:
        _, grad = net.gradient(theta, X[rows], labels[rows])
        theta = [A - LR * dA for A, dA in zip(theta, grad, strict=True)]
    return time.perf_counter() - started, theta


def with_torch(take_steps: Callable) -> Train:
    """Make a training function for PyTorch eager. The creation of the network is not timed."""

    def train(theta, X, labels, batches):
        net = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
        parameters = list(net.parameters())
        with torch.no_grad():
            for parameter, A in zip(parameters, theta, strict=True):
                parameter.copy_(torch.from_numpy(A.T.copy()))
        X, labels = torch.from_numpy(X), torch.from_numpy(labels)
        started = time.perf_counter()
        take_steps(net, parameters, X, labels, batches)
        return time.perf_counter() - started, [parameter.detach().numpy().T for parameter in parameters]

    return train


def steps_with_optimizer(net, parameters, X, labels, batches) -> None:
    """Take steps as PyTorch's tutorials do."""
    optimizer = torch.optim.SGD(parameters, lr=LR)
    for rows in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(X[rows]), labels[rows]).backward()
        optimizer.step()


def steps_without_optimizer(net, parameters, X, labels, batches) -> None:
    """Take steps with as little overhead as possible."""
    for rows in batches:
        loss = torch.nn.functional.cross_entropy(net(X[rows]), labels[rows])
        grads = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, grad in zip(parameters, grads, strict=True):
                parameter.sub_(grad, alpha=LR)


def measure(batch_size: int, num_steps: int, repeat: int) -> dict:
    """Measure the microseconds per step, as medians over turns. The final parameters must agree."""
    images, labels = data.load_fashion_mnist("train")
    X = images[:NUM_EXAMPLES].reshape(NUM_EXAMPLES, 784).astype(np.float32) / 255
    labels = labels[:NUM_EXAMPLES]
    theta = MLP(SIZES, load_loss_head()).init(np.random.default_rng(541))
    starts = (step * batch_size % len(X) for step in range(num_steps))
    batches = [slice(start, start + batch_size) for start in starts]
    implementations: dict[str, Train] = {"numpy": train_with_numpy}
    if torch:
        torch.set_num_threads(1)
        implementations["torch"] = with_torch(steps_with_optimizer)
        implementations["torch without optimizer"] = with_torch(steps_without_optimizer)
    seconds: dict[str, list[float]] = {name: [] for name in implementations}
    for turn in range(repeat + 1):  # the first turn warms up
        ends = {}
        for name in implementations if turn % 2 else reversed(implementations):
            spent, ends[name] = implementations[name](theta, X, labels, batches)
            if turn:
                seconds[name].append(spent)
        for end in ends.values():  # all agree up to rounding
            for A, B in zip(end, ends["numpy"], strict=True):
                np.testing.assert_allclose(A, B, rtol=0, atol=1e-3)
    row: dict = {"batch_size": batch_size}
    row |= {name: 1e6 * statistics.median(spent) / num_steps for name, spent in seconds.items()}
    return row | {f"{name} / numpy": row[name] / row["numpy"] for name in implementations if name != "numpy"}


def run(num_steps: int = 300, repeat: int = 7) -> dict:
    """Measure every batch size. Return the table, and the versions of all libraries."""
    with threadpool_limits(1):
        table = [measure(batch_size, num_steps, repeat) for batch_size in BATCH_SIZES]
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    versions |= ({"torch": torch.__version__} if torch else {}) | {"machine": platform.machine()}
    return {"sizes": SIZES, "steps": num_steps, "repeat": repeat, "versions": versions, "step": table}


def print_table(result: dict) -> None:
    """Print the times."""
    print(f"784-128-10, one thread, {', '.join(f'{k} {v}' for k, v in result['versions'].items())}\n")
    names = [name for name in result["step"][0] if name != "batch_size"]
    print("microseconds per step" + "".join(f"{name:>26}" for name in names))
    for row in result["step"]:
        times = [f"{row[name]:25.1f}x" if "/" in name else f"{row[name]:26.0f}" for name in names]
        print(f"  B = {row['batch_size']:<15}{''.join(times)}")


def main() -> None:
    """Measure all batch sizes, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=7, help="the number of turns")
    parser.add_argument("--steps", type=int, default=300, help="the number of steps in each turn")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    result = run(options.steps, options.repeat)
    print_table(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
