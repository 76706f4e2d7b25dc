"""The hidden tests of a grade cell: they name its exercise, and students do not receive them."""

import ast
import re
import textwrap

# From the line with one marker to the line with the other, or to the end: so a search takes linear time.
_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*(.*?)(?:^[^\n]*END HIDDEN TESTS[^\n]*\n?|\Z)", re.MULTILINE | re.DOTALL
)


def exercise_named_in(source: str) -> str | None:
    """Return the exercise that the hidden tests of a cell name.

    It is the argument of the call of ``check``; if several are called, of one that is nested least. Without a call, or
    if the argument is not a name, return None. Raise SyntaxError if the hidden tests are not Python.

    Examples
    --------
    >>> exercise_named_in("### BEGIN HIDDEN TESTS\\ncheck(odds)\\n### END HIDDEN TESTS")
    'odds'
    """
    for region in _HIDDEN.findall(source):
        for node in ast.walk(ast.parse(textwrap.dedent(region))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
                return node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else None
    return None


def without_hidden_tests(source: str) -> str:
    """Return the source of a grade cell without its hidden tests, as the release has it."""
    return _HIDDEN.sub("", source).rstrip("\n")
