"""Softmax regression on all of Fashion-MNIST: the notebook's NumPy code beside PyTorch eager and scikit-learn.

Run ``python benchmarks/softmax.py``, with ``--repeat N``, ``--json FILE`` or ``--quick``. The NumPy code is that of
``solutions/03-softmax/fashion_mnist.ipynb`` itself. One thread each, all data in memory; the contestants take turns,
so that whatever else the machine does meets all of them. PyTorch does what the notebook does, the same slices in the
same order: as its users write it, with a module and an optimizer, and with nothing but autograd, the step by hand.
"""

import argparse
import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, SGDClassifier
from threadpoolctl import threadpool_limits  # which scikit-learn brings

from lectrain import data

try:
    import torch
except ImportError:
    torch = None

NOTEBOOK = Path(__file__).resolve().parents[1] / "solutions" / "03-softmax" / "fashion_mnist.ipynb"
SLICES = (1, 8, 64, 512, 4096, 60_000)
LR, TARGET = 0.1, 0.84
MOST_EPOCHS = 40
ITERATIONS = (20, 40, 80, 160)  # of LogisticRegression's solver, which does not stop in between


def notebook_code() -> dict:
    """Run the solutions of the notebook, and the loop it gives; return what they define."""
    namespace: dict = {"np": np}
    for cell in nbformat.read(NOTEBOOK, 4).cells:
        if cell.id in ("softmax-solution", "prepare-solution", "in-slices"):
            exec(cell.source, namespace)
    return namespace


def torch_in_slices(W, X, labels, lr: float, batch_size: int, num_epochs: int):
    """The notebook's loop in PyTorch eager."""
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


def torch_by_hand(W, X, labels, lr: float, batch_size: int, num_epochs: int):
    """The same without a module and an optimizer."""
    W = W.clone().requires_grad_()
    for _ in range(num_epochs):
        for start in range(0, len(X), batch_size):
            rows = slice(start, start + batch_size)
            torch.nn.functional.cross_entropy(X[rows] @ W, labels[rows]).backward()
            with torch.no_grad():
                W -= lr * W.grad
            W.grad = None
    return W.detach()


class Contest:
    """The data, and the two loops on it.

    Parameters
    ----------
    rows : int
        How many of the 60 000 pictures are trained on.
    """

    def __init__(self, rows: int):
        code = notebook_code()
        images, labels = data.load_fashion_mnist("train")
        test_images, self.test_labels = data.load_fashion_mnist("test")
        self.X, self.labels = code["prepare"](images[:rows]), labels[:rows]
        self.X_test = code["prepare"](test_images)
        start = np.zeros((self.X.shape[1], 10), dtype=np.float32)
        self.loops: dict[str, tuple[Callable, tuple]] = {"numpy": (code["in_slices"], (start, self.X, self.labels))}
        if torch:
            torch.set_num_threads(1)
            tensors = tuple(torch.from_numpy(array.copy()) for array in (start, self.X, self.labels))
            self.loops |= {"torch": (torch_in_slices, tensors), "torch by hand": (torch_by_hand, tensors)}

    def accuracy(self, W) -> float:
        return float(np.mean(np.argmax(self.X_test @ np.asarray(W), axis=1) == self.test_labels))

    def epoch(self, name: str, batch_size: int) -> tuple[float, np.ndarray]:
        """Train for one epoch; return the seconds and the weights."""
        loop, (W, X, labels) = self.loops[name]
        lr = LR * min(1, batch_size / 128)  # small enough for rounding errors to stay small
        started = time.perf_counter()
        W = loop(W, X, labels, lr, batch_size, 1)
        return time.perf_counter() - started, np.asarray(W)

    def epochs(self, repeat: int) -> list[dict]:
        """Seconds per epoch for each size of slice: medians over turns taken by the loops."""
        table = []
        for batch_size in SLICES:
            seconds: dict[str, list[float]] = {name: [] for name in self.loops}
            for turn in range(repeat + 1):  # the first warms up
                weights = {}
                for name in self.loops if turn % 2 else reversed(self.loops):
                    spent, weights[name] = self.epoch(name, batch_size)
                    if turn:
                        seconds[name].append(spent)
                for W in weights.values():  # rounding apart, they do the same
                    np.testing.assert_allclose(W, weights["numpy"], rtol=0, atol=1e-3)
            row = {"batch_size": batch_size, **{name: statistics.median(spent) for name, spent in seconds.items()}}
            row |= {f"{name} / numpy": row[name] / row["numpy"] for name in self.loops if name != "numpy"}
            table.append(row)
        return table

    def to_target(self, repeat: int) -> list[dict]:
        """Seconds of training until the test accuracy is reached, testing not counted: medians over turns."""
        runs: dict[str, list[dict]] = {}
        for _ in range(repeat):
            for name, steps in self.contestants().items():
                runs.setdefault(name, []).append(self.until_target(steps))
        return [
            {"name": name, **tries[0], "seconds": statistics.median(run["seconds"] for run in tries)}
            for name, tries in runs.items()
        ]

    def contestants(self) -> dict[str, Iterator[tuple[float, float, str]]]:
        by_loop = {f"{name}, B = 128": self.by_loop(name) for name in self.loops}
        return by_loop | {"sklearn SGDClassifier": self.by_sgd(), "sklearn LogisticRegression": self.by_newton()}

    def until_target(self, steps: Iterator[tuple[float, float, str]]) -> dict:
        """Go on until the target is reached or the contestant gives up."""
        for spent, share, what in steps:
            if share >= TARGET:
                return {"seconds": spent, "accuracy": share, "after": what, "reached": True}
        return {"seconds": spent, "accuracy": share, "after": what, "reached": False}

    def by_loop(self, name: str) -> Iterator[tuple[float, float, str]]:
        loop, (W, X, labels) = self.loops[name]
        spent = 0.0
        for epoch in range(1, MOST_EPOCHS + 1):
            started = time.perf_counter()
            W = loop(W, X, labels, LR, 128, 1)
            spent += time.perf_counter() - started
            yield spent, self.accuracy(W), f"{epoch} epochs"

    def by_sgd(self) -> Iterator[tuple[float, float, str]]:
        """One classifier against the rest for each class, one picture at a time.

        The defaults do not get there within 40 epochs; these settings are the best of those tried.
        """
        settings = {"learning_rate": "constant", "eta0": 0.01, "alpha": 1e-5, "average": True}
        model, spent = SGDClassifier(loss="log_loss", random_state=0, **settings), 0.0
        for epoch in range(1, MOST_EPOCHS + 1):
            started = time.perf_counter()
            model.partial_fit(self.X, self.labels, classes=np.arange(10))
            spent += time.perf_counter() - started
            yield spent, self.accuracy(model.coef_.T + np.eye(785)[:, 784:] * model.intercept_), f"{epoch} epochs"

    def by_newton(self) -> Iterator[tuple[float, float, str]]:
        """The solver is run anew for each number of iterations, and the time of that run alone is counted."""
        for most in ITERATIONS:
            model = LogisticRegression(C=np.inf, fit_intercept=False, max_iter=most)
            started = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(self.X, self.labels)
            yield time.perf_counter() - started, self.accuracy(model.coef_.T), f"{most} iterations"


def versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "numpy": np.__version__, "sklearn": sklearn.__version__}
    return found | ({"torch": torch.__version__} if torch else {}) | {"machine": platform.machine()}


def show(result: dict) -> None:
    """Print the two tables."""
    print(f"{result['rows']} pictures, one thread, {', '.join(f'{k} {v}' for k, v in result['versions'].items())}\n")
    columns = list(result["epoch"][0])[1:]
    print("seconds per epoch  " + "".join(f"{name:>{len(name) + 3}}" for name in columns))
    for row in result["epoch"]:
        numbers = (f"{row[name]:.1f}x" if "/" in name else f"{row[name]:.3f}" for name in columns)
        shown = "".join(f"{number:>{len(name) + 3}}" for name, number in zip(columns, numbers, strict=True))
        print(f"  B = {row['batch_size']:<13}{shown}")
    print(f"\nto a test accuracy of {TARGET}        seconds  accuracy  after")
    for row in result["to target"]:
        missed = "" if row["reached"] else "  (target not reached)"
        print(f"  {row['name']:30}{row['seconds']:10.2f}{row['accuracy']:10.4f}  {row['after']}{missed}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="how often the contestants take turns")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to this file as well")
    parser.add_argument("--quick", action="store_true", help="6000 pictures, epochs only: to see that it runs")
    options = parser.parse_args()
    with threadpool_limits(1):
        contest = Contest(6000 if options.quick else 60_000)
        result = {"rows": len(contest.X), "versions": versions(), "repeat": options.repeat}
        result |= {"epoch": contest.epochs(options.repeat), "to target": []}
        if not options.quick:
            result["to target"] = contest.to_target(options.repeat)
    show(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
