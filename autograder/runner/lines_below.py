"""Find the lines of a cell that should run although a line above them failed: it fails only here.

A student may have a module that is missing here, and not need it: the other imports of the cell must not be lost with
it. Like `cells`, this module runs in the student's process and protects nothing.
"""

import ast
from types import TracebackType


class LinesBelow:
    """The lines below failed ones. It remembers the names that failed imports of the notebook would have assigned."""

    def __init__(self) -> None:
        self._missing: set[str] = set()

    def find(self, code: str, failed: TracebackType, error: BaseException) -> str:
        """Return the code below the statement that failed, at the same line numbers, or nothing if it should not run.

        If it was an import, its names are remembered as missing. The code is Python, without magics, and ``failed`` the
        entry of the traceback for the frame that ran it. Students choose all of it, so anything may be raised here.
        """
        positions = [*failed.tb_frame.f_code.co_positions()]
        line, _, column, _ = positions[failed.tb_lasti // 2]  # an instruction has 2 bytes
        place = (line or 0, column or 0)
        for statement in ast.parse(code).body:
            end = (statement.end_lineno or 0, statement.end_col_offset or 0)
            if (statement.lineno, statement.col_offset) <= place < end:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    self._missing |= {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
                return _code_below(code, statement) if self._fails_only_here(statement, error) else ""
        return ""

    def _fails_only_here(self, statement: ast.stmt, error: BaseException) -> bool:
        """Whether it imports or uses a missing module, is a magic, or an expression that lacks a file or module."""
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return isinstance(error, ImportError)
        if not isinstance(statement, ast.Expr):
            return False
        is_magic = ast.unparse(statement).startswith("get_ipython().run_line_magic")
        uses_missing = isinstance(error, NameError) and error.name in self._missing
        needs_files_or_screen = isinstance(error, ImportError | OSError)  # os.chdir("mine"), matplotlib.use("TkAgg")
        return is_magic or uses_missing or needs_files_or_screen


def _code_below(code: str, statement: ast.stmt) -> str:
    """The code after a statement: after `import a` of `import a; import b`, the other import. Empty if there is none.

    Comments replace what is before it, so that the line numbers stay: IPython removes empty lines at the beginning.
    """
    lines = code.encode().splitlines()  # of bytes: only at \n, \r and \r\n, as Python does
    end = statement.end_lineno or 1
    tail = lines[end - 1][statement.end_col_offset :].lstrip(b"; \t")  # `ast` counts columns in bytes
    below = b"\n".join([tail or b"#", *lines[end:]]).decode()
    return "#\n" * (end - 1) + below if below.strip("# \t\n") else ""
