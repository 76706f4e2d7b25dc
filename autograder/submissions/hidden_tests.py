"""The hidden test of a grade cell: read the exercise that it names, and remove it."""

import ast
import re

_HIDDEN_TESTS = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n(.*?)^[^\n]*END HIDDEN TESTS[^\n]*(?:\n|\Z)", re.M | re.S)


def exercise_named_in(source: str) -> str | None:
    """Return the exercise that the hidden tests of a cell name.

    Parameters
    ----------
    source : str
        The source of a grade cell.

    Returns
    -------
    str or None
        The argument of the first call of ``check``, or None if there is no such call.

    Examples
    --------
    >>> exercise_named_in("### BEGIN HIDDEN TESTS\\ncheck(sigmoid)\\n### END HIDDEN TESTS")
    'sigmoid'
    """
    for region in _HIDDEN_TESTS.findall(source):
        for node in ast.walk(ast.parse(region)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                return node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else None
    return None


def without_hidden_tests(source: str) -> str:
    """Return the source of a grade cell without its hidden tests, as the release has it."""
    return _HIDDEN_TESTS.sub("", source).rstrip("\n")
