"""Which names each statement of a cell uses, binds and modifies. The analysis takes linear time and never recurses.

The order of statements and the values of variables are ignored: a name depends on every statement that binds it.
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .python_source import parse_cell

MAX_NAME_PARTS = 8  # of a dotted name
MAX_MAGIC_CHARACTERS = 200_000  # of code in the magics of a cell, and in magics within them
MAX_OPTIONS = 10  # words between a magic and its code
MAX_COMBINATIONS = 1000  # of the imports with one alias and the attributes that are used of it
MAX_FILE_NAME_CHARACTERS = 200
ABSOLUTE = ""  # the root of names that are full paths of modules, or attributes of any object
UNREADABLE = "code that could not be read"  # takes the place of a name
SHELL = "get_ipython"
SETTERS = {"setattr", "delattr", "setitem", "__setattr__", "__setitem__"}  # they modify their first argument
DESCRIBING_FUNCTIONS = {"print", "repr", "str", "type"}
PYTHON_SUFFIXES = (".py", ".pyc", ".pth", ".so")
CODE_MAGICS = {"time", "timeit", "prun", "capture", "debug", "memit", "mprun", "lprun"}  # they run Python code
FILE_MAGICS = {"writefile", "file"}
LOADING_MAGICS = {"alias_magic", "edit", "load", "loadpy", "macro", "recall", "rep", "rerun", "run", "store"}
OTHER_LANGUAGES = {
    *("!", "HTML", "SVG", "bash", "html", "javascript", "js", "latex", "markdown", "perl", "pypy", "python", "python2"),
    *("python3", "ruby", "script", "sh", "svg", "sx", "system"),
}
HARMLESS_SHELL_METHODS = {"__class__", "config", "getoutput", "set_next_input", "show_usage", "system"}
SPECIAL_ATTRIBUTES = {  # through which any object can be reached
    *("__base__", "__bases__", "__builtins__", "__closure__", "__code__", "__dict__", "__func__", "__getattr__"),
    *("__getattribute__", "__globals__", "__import__", "__loader__", "__mro__", "__reduce__", "__reduce_ex__"),
    *("__self__", "__spec__", "__subclasses__", "__traceback__", "__wrapped__", "ag_frame", "cr_frame", "f_back"),
    *("f_builtins", "f_globals", "f_locals", "gi_frame", "tb_frame"),
}

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Names: TypeAlias = dict[str, set[str]]
"""Dotted names by their roots: ``{"np": {"np.exp", "np.log"}}``."""


@dataclass
class Statement:
    """A statement at the top level of a cell, or the head of one that contains others.

    Attributes
    ----------
    uses : dict of str to set of str
        The dotted names that are used, by their roots. Names that are local to a function are left out.
    binds : set of str
        The global variables that get a value.
    modifies : set of str
        The variables whose attributes, items or methods are used in a way that may change them.
    calls : set of str
        The functions that are called by their names.
    follows : range
        The statements of the cell, by index, that may raise the exception that this statement catches.
    """

    uses: Names = field(default_factory=dict)
    binds: set[str] = field(default_factory=set)
    modifies: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    follows: range = range(0)


@dataclass
class CellNames:
    """The names in a cell.

    Attributes
    ----------
    statements : list of Statement
    imports : dict of str to set of str
        The full dotted names of each imported name.
    written_modules : set of str
        The modules that the cell writes to files.
    """

    statements: list[Statement] = field(default_factory=list)
    imports: Names = field(default_factory=dict)
    written_modules: set[str] = field(default_factory=set)


@dataclass
class _Scope:
    """The body of a function, lambda, class or comprehension, or the top level."""

    parent: "_Scope | None" = None
    is_comprehension: bool = False
    is_class: bool = False
    uses: Names = field(default_factory=dict)
    modifies: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)
    imports: Names = field(default_factory=dict)

    def use(self, root: str, dotted: str) -> None:
        self.uses.setdefault(root, set()).add(dotted)


@dataclass(frozen=True)
class _Handlers:
    """The handlers of a ``try`` statement, to be added after its body."""

    handlers: list[ast.ExceptHandler]
    start: int  # the index of the first statement of the body


def analyse_cell(tree: ast.Module) -> CellNames:
    """Find the names in a cell.

    Parameters
    ----------
    tree : ast.Module
        From `parse_cell`.

    Returns
    -------
    CellNames

    Examples
    --------
    >>> names = analyse_cell(ast.parse("def f(x): return np.exp(x)"))
    >>> names.statements[0].binds, names.statements[0].uses
    ({'f'}, {'np': {'np.exp'}})
    """
    analysis = _Analysis()
    analysis.bodies.append(tree.body)
    while analysis.bodies:
        _add_body(analysis, analysis.bodies.pop())
    return analysis.names


@dataclass
class _Analysis:
    """The names that were found so far, and the bodies that are still to be read."""

    names: CellNames = field(default_factory=CellNames)
    bodies: list[list[ast.stmt]] = field(default_factory=list)
    magic_characters: int = MAX_MAGIC_CHARACTERS


# --- statements -------------------------------------------------------------------------------------------------


def _add_body(analysis: _Analysis, body: list[ast.stmt]) -> None:
    statements = analysis.names.statements
    tasks: list[ast.stmt | _Handlers] = [*reversed(body)]
    while tasks:
        task = tasks.pop()
        if isinstance(task, _Handlers):
            follows = range(task.start, len(statements))
            statements += [_read_statement(analysis, [handler]) for handler in _heads(task.handlers)]
            for statement in statements[follows.stop :]:
                statement.follows = follows
            tasks += reversed([node for handler in task.handlers for node in handler.body])
        elif isinstance(task, ast.Try | ast.TryStar):
            tasks += reversed([*task.body, _Handlers(task.handlers, len(statements)), *task.orelse, *task.finalbody])
        else:
            heads, inner = _split(task)
            statements.append(_read_statement(analysis, heads))
            tasks += reversed(inner)


def _heads(handlers: list[ast.ExceptHandler]) -> list[ast.ExceptHandler]:
    return [ast.ExceptHandler(handler.type, handler.name, []) for handler in handlers]


def _split(statement: ast.stmt) -> tuple[Sequence[ast.AST], list[ast.stmt]]:
    """Split a statement into its head and the statements that it contains."""
    match statement:
        case ast.If() | ast.While():
            return [statement.test], [*statement.body, *statement.orelse]
        case ast.For() | ast.AsyncFor():
            return [statement.target, statement.iter], [*statement.body, *statement.orelse]
        case ast.With() | ast.AsyncWith():
            return statement.items, statement.body
        case ast.Match():
            parts = [node for case in statement.cases for node in (case.pattern, case.guard) if node]
            return [statement.subject, *parts], [node for case in statement.cases for node in case.body]
    return [statement], []


def _read_statement(analysis: _Analysis, nodes: Sequence[ast.AST]) -> Statement:
    reader = _Reader(analysis)
    reader.read(nodes)
    return reader.statement


# --- expressions ------------------------------------------------------------------------------------------------


class _Reader:
    """Reads the nodes of one statement, with a stack in place of recursion."""

    def __init__(self, analysis: _Analysis):
        self.statement = Statement()
        self._analysis = analysis
        self._top = _Scope()
        # A node, its scope, and whether it is the target of an assignment. None in place of a node ends the scope.
        self._stack: list[tuple[ast.AST | None, _Scope, bool]] = []

    def read(self, nodes: Sequence[ast.AST]) -> None:
        """Read nodes at the top level, and fill `statement`."""
        self._push(nodes, self._top)
        while self._stack:
            node, scope, is_target = self._stack.pop()
            if node is None:
                self._end(scope)
            else:
                self._visit(node, scope, is_target)
        self.statement.uses, self.statement.modifies = self._top.uses, self._top.modifies
        self.statement.binds |= self._top.binds

    def _push(self, nodes: Iterable[ast.AST | None], scope: _Scope, is_target: bool = False) -> None:
        self._stack += [(node, scope, is_target) for node in nodes if node is not None]

    def _visit(self, node: ast.AST, scope: _Scope, is_target: bool) -> None:
        match node:
            case ast.Name(ctx=ast.Load()):
                scope.use(node.id, node.id)
                if is_target:
                    scope.modifies.add(node.id)
            case ast.Name():
                scope.binds.add(node.id)
            case ast.Attribute():
                self._read_attribute(node, scope, is_target or not isinstance(node.ctx, ast.Load), is_method=False)
            case ast.Subscript() if is_target or not isinstance(node.ctx, ast.Load):
                self._push([node.value], scope, is_target=True)
                self._push([node.slice], scope)
            case ast.Call():
                self._read_call(node, scope, is_target)
            case ast.NamedExpr(target=ast.Name(id=name)):
                _nearest_body(scope).binds.add(name)
                self._push([node.value], scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._read_function(node, scope)
            case ast.ClassDef():
                scope.binds.add(node.name)
                self._push([*node.decorator_list, *node.bases, *node.keywords], scope)
                self._open(node.body, _Scope(scope, is_class=True))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._read_comprehension(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._read_import(node, scope)
            case ast.Global():
                scope.declared_global.update(node.names)
            case ast.Nonlocal():
                scope.declared_nonlocal.update(node.names)
            case ast.Constant(value=str(text)):
                if text.endswith(PYTHON_SUFFIXES) and len(text) <= MAX_FILE_NAME_CHARACTERS and not text.count(" "):
                    scope.use(ABSOLUTE, f"'{text}'")
            case ast.Compare() if _asks_whether_a_module_is_imported(node):
                self._push([node.left], scope)
            case ast.Expr(value=ast.Call()) if _is_shell(node.value):
                pass  # it finds out whether IPython runs the code
            case _:
                self._bind_text(node, scope)
                self._push(ast.iter_child_nodes(node), scope, is_target)

    def _bind_text(self, node: ast.AST, scope: _Scope) -> None:
        """Bind the name of a handler or pattern, which is not a node."""
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            scope.binds.add(node.name)
        if isinstance(node, ast.MatchMapping) and node.rest:
            scope.binds.add(node.rest)

    def _read_attribute(self, node: ast.Attribute, scope: _Scope, is_target: bool, is_method: bool) -> None:
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        for attribute in SPECIAL_ATTRIBUTES.intersection(parts):
            scope.use(ABSOLUTE, attribute)
        if not isinstance(inner, ast.Name):
            self._push([inner], scope, is_target)
            return
        scope.use(inner.id, ".".join([inner.id, *parts[: -MAX_NAME_PARTS - 1 : -1]]))
        if is_target or is_method:  # a method may modify its object
            scope.modifies.add(inner.id)

    def _read_call(self, node: ast.Call, scope: _Scope, is_target: bool) -> None:
        function, arguments = node.func, [*node.args]
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in DESCRIBING_FUNCTIONS:
            arguments = [argument for argument in arguments if not _is_shell(argument)]
        if name in SETTERS:
            self._push(arguments[:1], scope, is_target=True)
        if isinstance(function, ast.Attribute) and _is_shell(function.value):
            self._read_shell_call(function.attr, arguments, scope)
        elif isinstance(function, ast.Attribute):
            self._read_attribute(function, scope, is_target, is_method=True)
        else:
            if isinstance(function, ast.Name):
                self.statement.calls.add(function.id)
            self._push([function], scope, is_target)
        self._push([*arguments, *node.keywords], scope, is_target)

    def _read_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope) -> None:
        arguments, inner = node.args, _Scope(scope)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        inner.binds.update(argument.arg for argument in every if argument)
        self._push([argument.annotation for argument in every if argument], scope)
        self._push([*arguments.defaults, *arguments.kw_defaults], scope)
        if isinstance(node, ast.Lambda):
            self._open([node.body], inner)
        else:
            scope.binds.add(node.name)
            self._push([*node.decorator_list, node.returns], scope)
            self._open(node.body, inner)

    def _read_comprehension(self, node: Comprehension, scope: _Scope) -> None:
        first, *others = node.generators
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._push([first.iter], scope)  # it is evaluated outside of the comprehension
        self._open([*results, first.target, *first.ifs, *others], _Scope(scope, is_comprehension=True))

    def _read_import(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        for alias in node.names:
            path = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            name = alias.asname or alias.name
            if isinstance(node, ast.Import) and not alias.asname:
                name = alias.name.partition(".")[0]
            bound_path = name if isinstance(node, ast.Import) and not alias.asname else path
            is_global = scope is self._top or name in scope.declared_global
            imports = self._analysis.names.imports if is_global else scope.imports
            imports.setdefault(path if alias.name == "*" else name, set()).add(bound_path)
            if not is_global:
                scope.use(ABSOLUTE, path)

    # --- scopes -------------------------------------------------------------------------------------------------

    def _open(self, nodes: Iterable[ast.AST], scope: _Scope) -> None:
        self._stack.append((None, scope, False))
        self._push(nodes, scope)

    def _end(self, scope: _Scope) -> None:
        """Remove the names that are local to a scope, and pass the others to its parent."""
        parent = scope.parent
        assert parent is not None
        self.statement.binds |= scope.binds & scope.declared_global
        # In the body of a class, `name = name` uses the global variable.
        local = (scope.binds if not scope.is_class else set()) | scope.imports.keys()
        for name in local - scope.declared_global - scope.declared_nonlocal:
            dotted_names, paths = scope.uses.pop(name, set()), scope.imports.get(name, set())
            scope.modifies.discard(name)
            if len(dotted_names) * len(paths) > MAX_COMBINATIONS:
                scope.use(ABSOLUTE, UNREADABLE)
            else:
                for path in paths:
                    for dotted in dotted_names:
                        scope.use(ABSOLUTE, path + dotted[len(name) :])
        parent.uses, parent.modifies = _merged(parent.uses, scope.uses), _united(parent.modifies, scope.modifies)

    # --- magics -------------------------------------------------------------------------------------------------

    def _read_shell_call(self, method: str, arguments: list[ast.expr], scope: _Scope) -> None:
        """Read a call of a method of ``get_ipython()``, which IPython also puts in place of a magic."""
        texts = [node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        name, line, body = (*texts, "", "", "")[:3]
        is_magic = method in ("run_line_magic", "run_cell_magic") and len(texts) == len(arguments) > 0
        if not is_magic:
            if method not in HARMLESS_SHELL_METHODS:
                scope.use(ABSOLUTE, f"{SHELL}().{method}")
        elif name in LOADING_MAGICS:
            scope.use(ABSOLUTE, f"%{name}")
        elif method == "run_cell_magic" and name not in OTHER_LANGUAGES:
            if name in FILE_MAGICS:
                self._analysis.names.written_modules.add(line.split()[-1].removesuffix(".py") if line.split() else "")
            elif name in CODE_MAGICS:
                self._analysis.bodies.append(self._read_line(line, scope))
            self._analysis.bodies.append(self._parse_magic(body, scope) or [])
        elif name in CODE_MAGICS:
            self._push(self._read_line(line, scope), scope)

    def _read_line(self, line: str, scope: _Scope) -> list[ast.stmt]:
        """Read the code after a magic and its options."""
        for _ in range(MAX_OPTIONS):
            if not line.strip():
                return []
            if not line.lstrip().startswith("-") and (body := self._parse_magic(line.strip(), scope)) is not None:
                return body
            line = line.strip().partition(" ")[2]
        scope.use(ABSOLUTE, UNREADABLE)
        return []

    def _parse_magic(self, code: str, scope: _Scope) -> list[ast.stmt] | None:
        self._analysis.magic_characters -= len(code)
        parsed = parse_cell(code) if self._analysis.magic_characters > 0 else None
        if parsed is None or not parsed.was_read:
            scope.use(ABSOLUTE, UNREADABLE)
            return []
        return parsed.tree.body if parsed.tree else None


def _nearest_body(scope: _Scope) -> _Scope:
    while scope.is_comprehension and scope.parent:
        scope = scope.parent
    return scope


def _is_shell(node: ast.AST) -> bool:
    """Whether an expression is ``get_ipython()``, without arguments."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            return name == SHELL
    return False


def _asks_whether_a_module_is_imported(node: ast.Compare) -> bool:
    """Whether an expression is like ``"google.colab" in sys.modules``."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Attribute(ast.Name("sys"), "modules")]):
            return True
    return False


def _merged(some: Names, others: Names) -> Names:
    """Unite two dicts of sets in place. The smaller is added to the larger, so that nested scopes take linear time."""
    if len(some) < len(others):
        some, others = others, some
    for root, dotted_names in others.items():
        some[root] = _united(some.get(root, set()), dotted_names)
    return some


def _united(some: set[str], others: set[str]) -> set[str]:
    if len(some) < len(others):
        some, others = others, some
    some |= others
    return some
