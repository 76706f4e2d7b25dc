"""Every exercise of the course by name: one file per notebook, one `Exercise` per graded answer."""

from types import ModuleType

from ..exercise import Exercise
from . import bce, fashion_mnist, flat_minima, iris, momentum, sgd, sigmoid, training_issues

NOTEBOOKS: dict[str, ModuleType] = {
    "sigmoid": sigmoid,
    "bce": bce,
    "iris": iris,
    "fashion_mnist": fashion_mnist,
    "sgd": sgd,
    "training_issues": training_issues,
    "momentum": momentum,
    "flat_minima": flat_minima,
}


def of(notebook: ModuleType) -> list[Exercise]:
    """The exercises of one notebook, in the order in which its file defines them."""
    return [value for value in vars(notebook).values() if isinstance(value, Exercise)]


EXERCISES: dict[str, Exercise] = {e.name: e for notebook in NOTEBOOKS.values() for e in of(notebook)}
