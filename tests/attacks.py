"""How a test proves that an attack was tried.

An attack that fails for a trivial reason, such as a renamed function, looks like one that the grader withstood. So each
attack reports in the student's process that it has reached its target, and its test fails without that report. Where no
code of the student runs, the test shows that the same attack works on something unprotected, or what refused it.

``@pytest.mark.attack(kind, attacks)`` marks an attack, or a test of several attacks. SECURITY.md describes each kind, and
``LECTRAIN_SLOW=1 python -m pytest -m attack`` counts the attacks that were held.
"""

import re
from collections.abc import Iterable

import pytest
from nbformat.notebooknode import NotebookNode

NAMED_LIKE_ATTACKS = re.compile("attack|hostile|forged|takeover")
REACHED = "the attack has reached its target"  # an attack prints it

# Finds all modules. The fork server freezes its objects, and frozen ones are missing from `gc.get_objects`.
UNFREEZE = (
    "import gc, types\ngc.unfreeze()\nmodules = [o for o in gc.get_objects() if isinstance(o, types.ModuleType)]\n"
)


def has_reached(nb: NotebookNode) -> bool:
    """Whether an attack in a graded notebook reported that it reached its target."""
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    return any(REACHED in output.get("text", "").splitlines() for output in outputs)


def count_attacks(item: pytest.Item) -> None:
    """Note in the report of a test how many attacks it tries."""
    if marker := item.get_closest_marker("attack"):
        item.user_properties.append(("attacks", len(marker.args[1]) if marker.args[1:] else 1))


def count_held(passed: Iterable[pytest.TestReport]) -> int:
    """How many attacks were held. One that is tried in both modes of the sandbox counts once."""
    tries = {re.sub(r"(bubblewrap|landlock)-?", "", report.nodeid): dict(report.user_properties) for report in passed}
    return sum(int(str(properties.get("attacks", 0))) for properties in tries.values())
