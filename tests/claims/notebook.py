"""The solved cells of a notebook as a namespace, so that claims are tested with the notebook's own functions."""

from typing import Any

import nbformat
import numpy as np
from threadpoolctl import threadpool_limits

from autograder.submissions.hidden_tests import without_hidden_tests
from lectrain import data, mlp, plots
from lectrain.check import numerical_gradient

from .prose import notebook_of

threadpool_limits(1)  # products as small as these are slower on several processor cores, and round otherwise


def solved(name: str, *cells: str, replace: tuple[str, str] = ("", "")) -> dict[str, Any]:
    """Run the cells with these ids, which must only define functions and small data, and return their names.

    A text in them can be replaced, for example to return more than the notebook needs.
    """
    sources = {cell.id: cell.source for cell in nbformat.read(notebook_of(name), 4).cells}
    namespace = {"np": np, "data": data, "mlp": mlp, "plots": plots, "numerical_gradient": numerical_gradient}
    namespace["rng"] = np.random.default_rng(541)
    for cell in cells:
        exec(sources[cell].replace(*replace), namespace)
    return namespace


def all_but_demonstrations(name: str) -> dict[str, Any]:
    """Run the code cells of a notebook that are neither demonstrations nor hidden tests, and return their names."""
    namespace: dict[str, Any] = {}
    for cell in nbformat.read(notebook_of(name), 4).cells:
        if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", []):
            exec(without_hidden_tests(cell.source), namespace)
    return namespace
