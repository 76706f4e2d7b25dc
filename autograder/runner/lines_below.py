"""Run the lines of a cell although a line above them failed: what that line needs may be missing only here.

A student may have a module that is missing here, and not need it: the other imports of the cell must not be lost with
it. Like `cells`, this module runs in the student's process and protects nothing.
"""

import ast
from typing import Any

# `tb_offset`: the traceback begins with the frame of the cell
_GUARD = """
try: pass
except (ImportError, FileNotFoundError, PermissionError): get_ipython().showtraceback(tb_offset=0)
except NameError:
    if __import__("sys").exception().name not in {imported}: raise
    get_ipython().showtraceback(tb_offset=0)
"""


class LineGuard(ast.NodeTransformer):
    """Changes the syntax tree of each cell before IPython runs it: see `InteractiveShell.ast_transformers`.

    An import, or an expression such as ``os.chdir("mine")``, shows its error and lets the next line run. So does an
    expression without a name that an import above it should have assigned. Others stop the cell, as in a kernel.
    """

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """Guard the lines at the top level but the last, whose value IPython shows."""
        imported: list[str] = []
        for i, statement in enumerate(cell.body[:-1]):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imported += [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
            cell.body[i] = _guarded(statement, imported)
        return cell


def _guarded(statement: ast.stmt, imported: list[str]) -> ast.stmt:
    is_of_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"  # no line precedes it
    if is_of_future or not isinstance(statement, ast.Import | ast.ImportFrom | ast.Expr):
        return statement
    guard: Any = ast.parse(_GUARD.format(imported=imported)).body[0]
    for node in ast.walk(guard):
        ast.copy_location(node, statement)  # a traceback that is shown by the guard has the number of the line
    guard.body = [statement]
    return guard  # type: ignore[no-any-return]
