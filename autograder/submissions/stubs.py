"""What nbgrader leaves of a solution, the stub, and whether a student has written more."""

import ast
import re

from .python_source import parse_cell

_STUB = re.compile(r"^[ \t]*raise NotImplementedError\b", re.MULTILINE)  # nbgrader replaces each solution with it


def has_stub(source: str) -> bool:
    """Whether a cell contains the line that raises NotImplementedError."""
    return _STUB.search(source) is not None


def has_own_code(source: str) -> bool:
    """Whether a cell for an answer has more than students get. What is not valid Python counts: nobody is given that.

    Examples
    --------
    >>> has_own_code("def f(x):\\n    raise NotImplementedError()"), has_own_code("def f(x):\\n    return x")
    (False, True)
    """
    tree = parse_cell(source)
    return tree is None or any(isinstance(node, ast.stmt) and not _may_be_given(node) for node in ast.walk(tree))


def _may_be_given(statement: ast.stmt) -> bool:
    """Whether students may have received a statement, apart from those in its body, in the cell for an answer.

    It is a guess, from what the notebooks of the course give, without a look at the released cell.
    """
    match statement:
        case ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
            return True
        case ast.FunctionDef() | ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign(value=ast.Constant(None)):  # a quiz or a number is asked for as `name = None`
            return True
    return False
