"""Run the lines of a cell although a line above them failed: what that line needs may be missing only here.

A student may have a module that is missing here, and not need it: the other imports of the cell must not be lost with
it. Like `cells`, this module runs in the student's process and protects nothing.
"""

import ast
import sys
from collections.abc import Sequence
from typing import Any

from .shell import limit_of

ONLY_HERE = (ImportError, OSError)  # the sandbox lacks modules, a screen, the student's files, and the network

# `tb_offset`: the traceback begins with the frame of the cell
_GUARD = """
try: pass
except Exception:
    if not get_ipython().notebook.line_guard.skips({imported}, {is_magic}): raise
    get_ipython().showtraceback(tb_offset=0)
"""


class LineGuard(ast.NodeTransformer):
    """Changes the syntax tree of each cell before IPython runs it: see `InteractiveShell.ast_transformers`.

    An import, or an expression such as ``os.chdir("mine")``, shows one of the errors `ONLY_HERE` and lets the next line
    run; a magic does so after any error. So does an expression that uses a name which a failed import of the notebook
    should have assigned. Others stop the cell, as in a kernel.
    """

    def __init__(self) -> None:
        self._missing: set[str] = set()

    def visit_Module(self, cell: ast.Module) -> ast.Module:
        """Guard the lines at the top level, but not the value of the last, which IPython shows."""
        for i, statement in enumerate(cell.body):
            if i + 1 < len(cell.body) or not isinstance(statement, ast.Expr):
                cell.body[i] = _guarded(statement)
        return cell

    def skips(self, imported: Sequence[str], is_magic: bool) -> bool:
        """Whether the lines below should run after the current error, of a line that imports these names."""
        error = sys.exception()
        if limit_of(error):
            return False
        if isinstance(error, ONLY_HERE):
            self._missing.update(imported)
            return True
        return is_magic or (isinstance(error, NameError) and str(error.name) in self._missing)


def _guarded(statement: ast.stmt) -> ast.stmt:
    imported: list[str] = []
    is_magic = False
    match statement:
        case ast.ImportFrom(module="__future__"):  # it must be the first line of a cell, and cannot stand in a `try`
            return statement
        case ast.Import(names) | ast.ImportFrom(names=names):
            imported = [alias.asname or alias.name.partition(".")[0] for alias in names]
        case ast.Expr(value):
            is_magic = isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "run_line_magic"
        case _:
            return statement
    guard: Any = ast.parse(_GUARD.format(imported=imported, is_magic=is_magic)).body[0]
    for node in ast.walk(guard):
        ast.copy_location(node, statement)  # a traceback that is shown by the guard has the number of the line
    guard.body = [statement]
    return guard  # type: ignore[no-any-return]
