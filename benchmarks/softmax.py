"""Softmax regression on all of Fashion-MNIST: the notebook's NumPy code, PyTorch eager and scikit-learn.

    python benchmarks/softmax.py [--repeat N] [--json FILE] [--quick]

The NumPy code is the solution in ``solutions/03-softmax/fashion_mnist.ipynb``, with the gradient of its optional part,
which stays in float32. Every implementation uses float32 and one thread, and all data is in memory. The
implementations take turns, so that other load on the machine affects all of them. PyTorch uses the same slices in the
same order: once with a module and an optimizer, and once with autograd only.
"""

import argparse
import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, SGDClassifier
from threadpoolctl import threadpool_limits  # installed with scikit-learn

from lectrain import data

try:
    import torch
except ImportError:
    torch = None

NOTEBOOK = Path(__file__).resolve().parents[1] / "solutions" / "03-softmax" / "fashion_mnist.ipynb"
BATCH_SIZES = (1, 8, 64, 512, 4096, 60_000)
LR, TARGET_ACCURACY = 0.1, 0.84
MAX_EPOCHS = 40
NUM_ITERATIONS = (20, 40, 80, 160)  # of LogisticRegression's solver, which cannot be tested between iterations
# Seconds of training so far, the test accuracy, and the amount of training, such as "3 epochs".
Progress = Iterator[tuple[float, float, str]]


def load_notebook_code() -> dict[str, Any]:
    """Run the notebook's solutions and its training loop. Return the namespace."""
    namespace: dict = {"np": np}
    for cell in nbformat.read(NOTEBOOK, 4).cells:
        if cell.id in ("softmax-solution", "prepare-solution", "in-slices-solution", "single-precision-solution"):
            exec(cell.source.split("\n\n\ntime_of_training(")[0], namespace)
    namespace["softmax_grad"] = namespace["softmax_grad_float32"]
    return namespace


def torch_in_slices(W, X, labels, lr: float, batch_size: int, num_epochs: int):
    """Train like the notebook's loop, in PyTorch eager."""
    model = torch.nn.Linear(*W.shape, bias=False)
    with torch.no_grad():
        model.weight.copy_(W.T)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(X[rows]), labels[rows]).backward()
            optimizer.step()
    return model.weight.detach().T


def torch_autograd_only(W, X, labels, lr: float, batch_size: int, num_epochs: int):
    """Train in the same way, without a module and an optimizer."""
    W = W.clone().requires_grad_()
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            torch.nn.functional.cross_entropy(X[rows] @ W, labels[rows]).backward()
            with torch.no_grad():
                W -= lr * W.grad
            W.grad = None
    return W.detach()


class Benchmark:
    """The data and the training loops.

    Parameters
    ----------
    num_examples : int
        The number of training pictures, at most 60 000.
    """

    def __init__(self, num_examples: int):
        code = load_notebook_code()
        images, labels = data.load_fashion_mnist("train")
        test_images, self.test_labels = data.load_fashion_mnist("test")
        self.X, self.labels = code["prepare"](images[:num_examples]).astype(np.float32), labels[:num_examples]
        self.X_test = code["prepare"](test_images).astype(np.float32)
        start = np.zeros((self.X.shape[1], 10), dtype=np.float32, order="F")
        self.loops: dict[str, tuple[Callable, tuple]] = {"numpy": (code["in_slices"], (start, self.X, self.labels))}
        if torch:
            torch.set_num_threads(1)
            tensors = tuple(torch.from_numpy(array.copy()) for array in (start, self.X, self.labels))
            self.loops |= {"torch": (torch_in_slices, tensors), "torch autograd only": (torch_autograd_only, tensors)}

    def test_accuracy(self, W) -> float:
        return float(np.mean(np.argmax(self.X_test @ np.asarray(W), axis=1) == self.test_labels))

    def train_epoch(self, name: str, batch_size: int) -> tuple[float, np.ndarray]:
        """Train for one epoch. Return the seconds and the weights."""
        loop, (W, X, labels) = self.loops[name]
        lr = LR * min(1, batch_size / 128)  # so small that rounding errors stay small
        started = time.perf_counter()
        W = loop(W, X, labels, lr, batch_size, 1)
        return time.perf_counter() - started, np.asarray(W)

    def measure_epochs(self, repeat: int) -> list[dict[str, Any]]:
        """Measure the seconds per epoch for each batch size, as medians over turns."""
        table = []
        for batch_size in BATCH_SIZES:
            seconds: dict[str, list[float]] = {name: [] for name in self.loops}
            for turn in range(repeat + 1):  # the first turn warms up
                weights = {}
                for name in self.loops if turn % 2 else reversed(self.loops):
                    spent, weights[name] = self.train_epoch(name, batch_size)
                    if turn:
                        seconds[name].append(spent)
                for W in weights.values():  # all agree up to rounding
                    np.testing.assert_allclose(W, weights["numpy"], rtol=0, atol=1e-3)
            row = {"batch_size": batch_size, **{name: statistics.median(spent) for name, spent in seconds.items()}}
            row |= {f"{name} / numpy": row[name] / row["numpy"] for name in self.loops if name != "numpy"}
            table.append(row)
        return table

    def measure_time_to_target(self, repeat: int) -> list[dict[str, Any]]:
        """Measure the seconds of training until `TARGET_ACCURACY`, as medians over turns. Testing does not count."""
        runs: dict[str, list[dict]] = {}
        for _ in range(repeat):
            for name, progress in self.start_all().items():
                runs.setdefault(name, []).append(self.train_to_target(progress))
        return [
            {"name": name, **repeats[0], "seconds": statistics.median(run["seconds"] for run in repeats)}
            for name, repeats in runs.items()
        ]

    def start_all(self) -> dict[str, Progress]:
        loops = {f"{name}, B = 128": self.run_loop(name) for name in self.loops}
        return loops | {
            "sklearn SGDClassifier": self.run_sgd_classifier(),
            "sklearn LogisticRegression": self.run_logistic_regression(),
        }

    def train_to_target(self, progress: Progress) -> dict[str, Any]:
        """Train until the target accuracy is reached or the implementation stops."""
        for seconds, accuracy, amount in progress:
            reached = accuracy >= TARGET_ACCURACY
            result = {"seconds": seconds, "accuracy": accuracy, "after": amount, "reached": reached}
            if reached:
                break
        return result

    def run_loop(self, name: str) -> Progress:
        loop, (W, X, labels) = self.loops[name]
        spent = 0.0
        for epoch in range(1, MAX_EPOCHS + 1):
            started = time.perf_counter()
            W = loop(W, X, labels, LR, 128, 1)
            spent += time.perf_counter() - started
            yield spent, self.test_accuracy(W), f"{epoch} epochs"

    def run_sgd_classifier(self) -> Progress:
        """Train one binary classifier per class, one picture at a time.

        With scikit-learn's defaults it misses the target within 40 epochs. These settings are the best of those tried.
        """
        settings = {"learning_rate": "constant", "eta0": 0.01, "alpha": 1e-5, "average": True}
        model, spent = SGDClassifier(loss="log_loss", random_state=0, **settings), 0.0
        for epoch in range(1, MAX_EPOCHS + 1):
            started = time.perf_counter()
            model.partial_fit(self.X, self.labels, classes=np.arange(10))
            spent += time.perf_counter() - started
            yield spent, self.test_accuracy(model.coef_.T + np.eye(785)[:, 784:] * model.intercept_), f"{epoch} epochs"

    def run_logistic_regression(self) -> Progress:
        """Run the solver from the start for each number of iterations. The seconds are those of the last run only."""
        for num_iterations in NUM_ITERATIONS:
            model = LogisticRegression(C=np.inf, fit_intercept=False, max_iter=num_iterations)
            started = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(self.X, self.labels)
            yield time.perf_counter() - started, self.test_accuracy(model.coef_.T), f"{num_iterations} iterations"


def library_versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "numpy": np.__version__, "sklearn": sklearn.__version__}
    return versions | ({"torch": torch.__version__} if torch else {}) | {"machine": platform.machine()}


def print_tables(result: dict[str, Any]) -> None:
    """Print the seconds per epoch and to the target accuracy."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    print(f"{result['num_examples']} pictures, one thread, {versions}\n")
    columns = list(result["epoch"][0])[1:]
    print("seconds per epoch  " + "".join(f"{name:>{len(name) + 3}}" for name in columns))
    for row in result["epoch"]:
        numbers = (f"{row[name]:.1f}x" if "/" in name else f"{row[name]:.3f}" for name in columns)
        cells = "".join(f"{number:>{len(name) + 3}}" for name, number in zip(columns, numbers, strict=True))
        print(f"  B = {row['batch_size']:<13}{cells}")
    print(f"\nto a test accuracy of {TARGET_ACCURACY}        seconds  accuracy  after")
    for row in result["to target"]:
        note = "" if row["reached"] else "  (target not reached)"
        print(f"  {row['name']:30}{row['seconds']:10.2f}{row['accuracy']:10.4f}  {row['after']}{note}")


def main() -> None:
    """Measure all implementations, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="the number of turns")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to this file")
    parser.add_argument("--quick", action="store_true", help="6000 pictures and epochs only, to test this program")
    options = parser.parse_args()
    with threadpool_limits(1):
        benchmark = Benchmark(6000 if options.quick else 60_000)
        result = {"num_examples": len(benchmark.X), "versions": library_versions(), "repeat": options.repeat}
        result |= {"epoch": benchmark.measure_epochs(options.repeat), "to target": []}
        if not options.quick:
            result["to target"] = benchmark.measure_time_to_target(options.repeat)
    print_tables(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
