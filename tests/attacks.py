"""How a test proves that an attack was tried.

An attack that fails for a trivial reason, such as a renamed function, looks like one that the grader withstood. So each
attack reports in the student's process that it has reached its target, and its test fails without that report.
"""

from nbformat.notebooknode import NotebookNode

REACHED = "the attack has reached its target"  # an attack prints it

# Finds all modules. The fork server freezes its objects, and frozen ones are missing from `gc.get_objects`.
UNFREEZE = (
    "import gc, types\ngc.unfreeze()\nmodules = [o for o in gc.get_objects() if isinstance(o, types.ModuleType)]\n"
)


def has_reached(nb: NotebookNode) -> bool:
    """Whether an attack in a graded notebook reported that it reached its target."""
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    return any(REACHED in output.get("text", "").splitlines() for output in outputs)
