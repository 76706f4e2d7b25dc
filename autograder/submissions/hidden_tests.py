"""The marks in a source notebook: those of hidden tests, which name an exercise and are removed, and of solutions."""

import ast
import re

BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SOLUTION_MARK = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)


def exercise_named_in(source: str) -> str | None:
    """Return the exercise that the hidden tests of a cell name.

    It is the argument of the first call of ``check``. Without a call, or if the argument is not a name, return None.
    Raise SyntaxError if the hidden tests are not Python.

    Examples
    --------
    >>> exercise_named_in("### BEGIN HIDDEN TESTS\\ncheck(odds)\\n### END HIDDEN TESTS")
    'odds'
    """
    _, regions = _split(source)
    for region in regions:
        for node in ast.walk(ast.parse(region)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                return node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else None
    return None


def without_hidden_tests(source: str) -> str:
    """Return the source of a grade cell without its hidden tests, as the release has it."""
    return _split(source)[0].rstrip("\n")


def _split(source: str) -> tuple[str, list[str]]:
    """Separate a cell into its visible text and the texts between the markers.

    A region without an end is visible: nbgrader refuses to release such a cell.
    """
    visible: list[str] = []
    hidden: list[str] = []
    region: list[str] | None = None  # the lines of a region that has begun, with the line of its marker
    for line in source.split("\n"):
        if region is None and BEGIN in line:
            region = [line]
        elif region is None:
            visible.append(line)
        elif END in line:
            hidden.append("\n".join(region[1:]))
            region = None
        else:
            region.append(line)
    return "\n".join([*visible, *(region or [])]), hidden
