"""Find the names that a cell defines, imports, deletes and uses."""

import ast
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .python_source import parse_cell, read_in_turn
from .text_cache import cached_by_text

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Bindings:
    """The names in a cell.

    Attributes
    ----------
    defines : frozenset of str
        The functions, classes and variables that it defines at its top level.
    values : frozenset of str
        Those of them that it assigns.
    imports, deletes : frozenset of str
        The names that it imports or deletes there.
    repeats : frozenset of str
        The functions and classes that it defines more than once.
    is_python : bool
        False if the cell is not valid Python, or too long to be read. It then has no names.
    cost : int
        As in `ParsedCell`.
    """

    defines: frozenset[str] = NONE
    values: frozenset[str] = NONE
    imports: frozenset[str] = NONE
    deletes: frozenset[str] = NONE
    repeats: frozenset[str] = NONE
    is_python: bool = False
    cost: int = 0

    @property
    def binds(self) -> frozenset[str]:
        """The names that have a value after the cell."""
        return self.defines | self.imports


def read_bindings(sources: Iterable[str]) -> Iterator[Bindings]:
    """Find the names in the cells of a notebook. Cells beyond the limits of `python_source` have none."""
    return (found or Bindings() for found in read_in_turn(find_bindings, sources))


@cached_by_text(max_characters=5_000_000)
def find_bindings(source: str) -> Bindings:
    """Find the names in a cell.

    Examples
    --------
    >>> found = find_bindings("import numpy as np\\nx = np.eye(2)\\ndel y")
    >>> sorted(found.binds), sorted(found.deletes)
    (['np', 'x'], ['y'])
    """
    parsed = parse_cell(source)
    if parsed.tree is None:
        return Bindings(cost=parsed.cost)
    body = parsed.tree.body
    named = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    defines = set(named)
    targets: list[ast.expr] = []
    imports: set[str] = set()
    deleted: list[ast.expr] = []
    for node in body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign) and node.value:
            targets.append(node.target)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Delete):
            deleted += node.targets
    parts = [part for target in targets for part in ast.walk(target)]
    values = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return Bindings(
        frozenset(defines | values),
        frozenset(values),
        frozenset(imports),
        frozenset(target.id for target in deleted if isinstance(target, ast.Name)),
        frozenset(name for name in defines if named.count(name) > 1),
        is_python=True,
        cost=parsed.cost,
    )


@cached_by_text(max_characters=5_000_000)
def find_global_names(source: str) -> frozenset[str]:
    """Find the global names that a cell and its functions read. A parameter is not one of them.

    Examples
    --------
    >>> sorted(find_global_names("def f(x):\\n    y = g(x)\\n    return y + c"))
    ['c', 'g']
    """
    tree = parse_cell(source).tree
    try:
        tables = [symtable.symtable(ast.unparse(tree), "cell", "exec")] if tree else []
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        return NONE
    found: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        symbols = [symbol for symbol in table.get_symbols() if symbol.is_referenced()]
        found |= {s.get_name() for s in symbols if table.get_type() == "module" or s.is_global()}
    return frozenset(found)
