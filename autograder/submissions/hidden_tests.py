"""The hidden test of a grade cell: which exercise it names, and the cell without it."""

import ast
import re

_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[^\n]*END HIDDEN TESTS[^\n]*(?:\n|\Z)", re.M | re.S)


def exercise_named_in(source: str) -> str | None:
    """Read the name in ``check(name)`` between the marks of the hidden test.

    >>> exercise_named_in("### BEGIN HIDDEN TESTS\\ncheck(sigmoid)\\n### END HIDDEN TESTS")
    'sigmoid'
    """
    for region in _HIDDEN.findall(source):
        for node in ast.walk(ast.parse(region)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                return node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else None
    return None


def without_hidden_tests(source: str) -> str:
    """What a student may see of a grade cell."""
    return _HIDDEN.sub("", source).rstrip("\n")
