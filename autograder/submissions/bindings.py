"""Find the names that a cell defines, imports, deletes and uses."""

import ast
import re
import symtable
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

from .python_source import parse_cell

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Bindings:
    """The names in a cell. Statements within others, such as `if` or `for`, do not count: they may not run."""

    defines: frozenset[str] = NO_NAMES  # the functions, classes and variables that it defines at its top level
    imports: frozenset[str] = NO_NAMES  # the names that it imports there; "*" for all of a module, which nobody knows
    deletes: frozenset[str] = NO_NAMES
    repeats: frozenset[str] = NO_NAMES  # the functions and classes that it defines more than once
    is_python: bool = False  # a cell that is not valid Python has no names

    @property
    def binds(self) -> frozenset[str]:
        """The names that plain statements at its top level give a value, also those that it deletes again."""
        return self.defines | self.imports


@lru_cache(maxsize=512)  # most cells of a submission are the same in all others
def find_bindings(source: str) -> Bindings:
    """Find the names in a cell.

    Examples
    --------
    >>> found = find_bindings("import numpy as np\\nx = np.eye(2)\\ndel y")
    >>> sorted(found.binds), sorted(found.deletes)
    (['np', 'x'], ['y'])
    """
    tree = parse_cell(source)
    return _bindings_of(tree.body) if tree else Bindings()


def _bindings_of(statements: list[ast.stmt]) -> Bindings:
    blocks = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    named = [node.name for node in statements if isinstance(node, blocks)]
    targets: list[ast.expr] = []
    imports: set[str] = set()
    for node in statements:
        if isinstance(node, ast.Assign | ast.Delete):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign) and node.value:
            targets.append(node.target)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    names = [node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    values = {name.id for name in names if isinstance(name.ctx, ast.Store)}  # not w of `w[0] = 1`, which is read
    return Bindings(
        defines=frozenset(values.union(named)),
        imports=frozenset(imports),
        deletes=frozenset(name.id for name in names if isinstance(name.ctx, ast.Del)),
        repeats=frozenset(name for name, count in Counter(named).items() if count > 1),
        is_python=True,
    )


@lru_cache(maxsize=512)  # most cells of a submission are the same in all others
def find_global_names(source: str) -> frozenset[str]:
    """Find the global names that a cell and its functions read. A parameter is not one of them.

    Examples
    --------
    >>> sorted(find_global_names("def f(x):\\n    y = g(x)\\n    return y + c"))
    ['c', 'g']
    """
    tree = parse_cell(source)
    return _global_names_of(tree) if tree else NO_NAMES


@lru_cache(maxsize=512)
def find_names_in_definitions(source: str) -> dict[str, list[frozenset[str]]]:
    """Find the global names that each definition at the top level of a cell reads, by the name that it defines.

    Examples
    --------
    >>> find_names_in_definitions("def f(x):\\n    return g(x)\\n\\nf(h)")
    {'f': [frozenset({'g'})]}
    """
    tree = parse_cell(source)
    found: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for statement in tree.body if tree else []:
        if defined := _bindings_of([statement]).defines:
            names = _global_names_of(statement)
            for name in defined:
                found[name].append(names)  # not a copy: a statement may bind as many names as it reads
    return dict(found)


def _global_names_of(code: ast.Module | ast.stmt) -> frozenset[str]:
    try:
        # `symtable` takes only text. That of the tree has no magics.
        tables = [symtable.symtable(ast.unparse(code), "cell", "exec")]
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        return NO_NAMES
    found: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        symbols = [symbol for symbol in table.get_symbols() if symbol.is_referenced()]
        found |= {s.get_name() for s in symbols if table.get_type() == "module" or s.is_global()}
    return frozenset(found)


def seems_to_define(text: str, name: str) -> bool:
    """Whether a text that Python cannot read looks like the definition or import of a name."""
    name = re.escape(name)
    pattern = rf"^[ \t]*(?:(?:async +)?(?:def|class) +{name}\b|{name} *=(?!=)|(?:import|from) .*\b{name}\b)"
    return re.search(pattern, text, re.MULTILINE) is not None
