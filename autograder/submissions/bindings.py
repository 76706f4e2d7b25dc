"""Find the names that a cell defines, imports, deletes and uses."""

import ast
import re
import symtable
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .python_source import parse_cell

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Bindings:
    """The names in a cell. Statements within others, such as `if` or `for`, do not count: they may not run."""

    defines: frozenset[str] = NO_NAMES  # the functions, classes and variables that it defines at its top level
    asks_for: frozenset[str] = NO_NAMES  # of these, what a stub asks for: not a variable with a value
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
    values: dict[str, ast.expr] = {}
    imports: set[str] = set()
    deletes: set[str] = set()
    for node in statements:
        match node:
            case ast.Assign(targets=targets, value=value):
                values.update(dict.fromkeys(_names_in(targets), value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                values.update(dict.fromkeys(_names_in([target]), value))
            case ast.Delete(targets=targets):
                deletes.update(_names_in(targets))
            case ast.Import(names) | ast.ImportFrom(names=names):
                imports |= {alias.asname or alias.name.partition(".")[0] for alias in names}
    is_open = {name: isinstance(value, ast.Constant) and value.value in (None, ...) for name, value in values.items()}
    return Bindings(
        defines=frozenset([*values, *named]),
        asks_for=frozenset([*filter(is_open.get, values), *named]),
        imports=frozenset(imports),
        deletes=frozenset(deletes),
        repeats=frozenset(name for name, count in Counter(named).items() if count > 1),
        is_python=True,
    )


def _names_in(targets: Iterable[ast.expr]) -> Iterator[str]:
    """The names among some targets, also in tuples and lists. Those of ``w[i] = 1`` are read: it has none."""
    for target in targets:
        match target:
            case ast.Name(name):
                yield name
            case ast.Starred(value):
                yield from _names_in([value])
            case ast.Tuple(parts) | ast.List(parts):
                yield from _names_in(parts)


@lru_cache(maxsize=512)  # most cells of a submission are the same in all others
def find_global_names(source: str, also_bound: bool = False) -> frozenset[str]:
    """Find the global names that a cell and its functions read. A parameter is not one of them.

    Also those that it binds, by any statement, if that is asked for.

    Examples
    --------
    >>> sorted(find_global_names("def f(x):\\n    y = g(x)\\n    return y + c"))
    ['c', 'g']
    >>> sorted(find_global_names("for i in x:\\n    y = i", also_bound=True))
    ['i', 'x', 'y']
    """
    tree = parse_cell(source)
    return _global_names_of(tree, also_bound) if tree else NO_NAMES


@lru_cache(maxsize=512)
def find_reads_of_definitions(source: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Find the statements at the top level of a cell that define names: those of each, and the global names it reads.

    Examples
    --------
    >>> find_reads_of_definitions("def f(x):\\n    return g(x)\\n\\nf(h)")
    ((frozenset({'f'}), frozenset({'g'})),)
    """
    tree = parse_cell(source)
    pairs = ((_bindings_of([statement]).defines, statement) for statement in (tree.body if tree else []))
    return tuple((defined, _global_names_of(statement)) for defined, statement in pairs if defined)


def _global_names_of(code: ast.Module | ast.stmt, also_bound: bool = False) -> frozenset[str]:
    try:
        # `symtable` takes only text. That of the tree has no magics.
        tables = [symtable.symtable(ast.unparse(_ReadTargets().visit(code)), "cell", "exec")]
    except (RecursionError, MemoryError, SyntaxError, ValueError):
        return NO_NAMES
    found: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        symbols = [symbol for symbol in table.get_symbols() if also_bound or symbol.is_referenced()]
        found |= {s.get_name() for s in symbols if table.get_type() == "module" or s.is_global()}
    return frozenset(found)


class _ReadTargets(ast.NodeTransformer):
    """Writes code so that `symtable` finds what it reads.

    It takes ``x += 1`` for an assignment alone. Since Python 3.12, it lists the variable of a list ``[i for i in x]``
    with the code around it, but that of a generator still has a table of its own.
    """

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self.visit_ListComp(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.Assign:
        self.generic_visit(node)
        return ast.Assign([node.target], ast.BinOp(node.target, node.op, node.value), lineno=node.lineno)


def seems_to_define(text: str, name: str) -> bool:
    """Whether a text that Python cannot read looks like the definition or import of a name."""
    name = re.escape(name)
    imported = rf"(?:from +[\w.]+ +)?import .*(?<![\w.]){name}\b[\w.]*+(?! +as\b)"  # `import a.b as c`: only c
    pattern = rf"^[ \t]*(?:(?:async +)?(?:def|class) +{name}\b|{name} *=(?!=)|{imported})"
    return re.search(pattern, text, re.MULTILINE) is not None
