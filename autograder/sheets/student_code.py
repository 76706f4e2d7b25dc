"""Cut one function out of a notebook, with the definitions that it uses, as the text that a sheet shows.

The text is never run in this process. It is shown without docstrings, comments and empty lines. Everything that would
make a question ambiguous, such as a random number, is refused with a reason.
"""

import ast
import builtins
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LINES = 60  # of the text before it is rewritten: the time for rewriting grows with it
MAX_SHOWN_LINES = 22  # of the sheet, where a long line takes several
MAX_DEPTH = 150  # of nodes within each other: rewriting takes up to five of Python's 1000 nested calls for each
SHOWN_CHARACTERS = 84  # in one line of the sheet
ALLOWED_MODULES = ("collections", "collections.abc", "functools", "itertools", "math", "numpy", "operator", "typing")
# Builtins whose result depends on nothing but their arguments. Exceptions are allowed, too.
ALLOWED_BUILTINS = frozenset((
    "abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int",
    "isinstance", "len", "list", "map", "max", "min", "pow", "range", "reversed", "round", "set", "slice", "sorted",
    "str", "sum", "tuple", "zip",
))  # fmt: skip
REFUSED_ATTRIBUTES = frozenset((
    "base", "byte_bounds", "ctypes", "ctypeslib", "data", "empty_strided", "f2py", "flags", "fromfile", "geterr",
    "get_include", "info", "lib", "load", "loadtxt", "memmap", "may_share_memory", "random", "rec", "save", "savetxt",
    "seterr", "seterrcall", "setbufsize", "setflags", "shares_memory", "show_config", "show_runtime", "strides",
    "testing", "tofile", "view",
))  # fmt: skip
_REFUSED_NODES = {
    ast.AsyncFor: "async",
    ast.AsyncFunctionDef: "async",
    ast.AsyncWith: "async",
    ast.Await: "await",
    ast.ClassDef: "a class",
    ast.Global: "global",
    ast.JoinedStr: "an f-string",
    ast.Match: "match",
    ast.NamedExpr: "an assignment within an expression",
    ast.Nonlocal: "nonlocal",
    ast.TryStar: "except*",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}
Definition = ast.FunctionDef | ast.Assign


class CannotAsk(Exception):
    """No questions can be made about a function. The message gives the reason, as part of a sentence."""


@dataclass(frozen=True)
class StudentCode:
    """The text of a function, as a sheet shows it."""

    name: str  # the function
    lines: tuple[str, ...]  # the definitions in the order of the notebook
    imports: tuple[str, ...]  # The import statements that the text needs. A sheet does not show them.

    @property
    def text(self) -> str:
        """The definitions as a sheet shows them."""
        return "\n".join(self.lines)


def cut_out(cells: Iterable[str], name: str) -> StudentCode:
    """Cut a function out of the code cells of a notebook.

    The cells are those up to the one that grades the function. A later definition replaces an earlier one. Raise
    CannotAsk if the function is not defined by ordinary code, or if its code is too long, or if it uses something that
    makes its result depend on more than its arguments.

    Examples
    --------
    >>> cut_out(["import numpy as np", "def f(x):\\n    # twice\\n    return 2 * np.abs(x)"], "f").lines
    ('def f(x):', '    return 2 * np.abs(x)')
    """
    definitions, imports = _read(cells)
    needed = _reach(definitions, imports, name)
    nodes = [node for known, (node, _) in definitions.items() if known in needed]
    for node in nodes:
        _limit_depth(node)
    if sum((node.end_lineno or 0) - node.lineno + 1 for node in nodes) > 4 * MAX_LINES:  # docstrings are removed below
        raise CannotAsk(f"its code has more than {MAX_LINES} lines")
    texts = [_without_comments(node, source) for known, (node, source) in definitions.items() if known in needed]
    lines = tuple(line for text in texts for line in text.splitlines())
    if len(lines) > MAX_LINES:
        raise CannotAsk(f"its code has more than {MAX_LINES} lines")
    if sum(1 + (len(line) - 1) // SHOWN_CHARACTERS for line in lines) > MAX_SHOWN_LINES:
        raise CannotAsk(f"its code takes more than {MAX_SHOWN_LINES} lines of a page")
    if not all(character.isprintable() for line in lines for character in line):
        raise CannotAsk("its code has characters that cannot be printed")
    return StudentCode(name, lines, tuple(imports[known] for known in sorted(needed & imports.keys())))


def _limit_depth(node: ast.AST, left: int = MAX_DEPTH) -> None:
    if not left:
        raise CannotAsk("its code is nested too deeply")
    for child in ast.iter_child_nodes(node):
        _limit_depth(child, left - 1)


def _read(cells: Iterable[str]) -> tuple[dict[str, tuple[Definition, str]], dict[str, str]]:
    """Read the definitions at the top level of the cells, in order, and the imports."""
    definitions: dict[str, tuple[Definition, str]] = {}
    imports: dict[str, str] = {}
    for source in cells:
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # a cell with a magic, or one that is not Python
        for node in body:
            for known, statement in _imported(node):
                definitions.pop(known, None)
                imports[known] = statement
            for known in _defined(node):
                definitions.pop(known, None)  # the order is that of the last definitions
                imports.pop(known, None)
                if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.Assign) and len(node.targets) == 1):
                    definitions[known] = (node, source)
    return definitions, imports


def _imported(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that a statement imports from allowed modules, each with a statement that imports it alone."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in ALLOWED_MODULES and (alias.asname or "." not in alias.name):
                yield alias.asname or alias.name, ast.unparse(ast.Import([alias]))
    elif isinstance(node, ast.ImportFrom) and (node.module or "") in ALLOWED_MODULES and not node.level:
        for alias in node.names:
            if alias.name != "*" and alias.name not in REFUSED_ATTRIBUTES:
                yield alias.asname or alias.name, ast.unparse(ast.ImportFrom(node.module, [alias], 0))


def _defined(node: ast.stmt) -> set[str]:
    """The names that a statement at the top level binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return {node.name}
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    return bound | {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef)}


def _reach(definitions: dict[str, tuple[Definition, str]], imports: dict[str, str], name: str) -> set[str]:
    """The names of the definitions and imports that a function uses, directly or indirectly."""
    if name not in definitions:
        raise CannotAsk("no cell defines it as a function")
    needed: set[str] = set()
    pending = [name]
    while pending:
        known = pending.pop()
        if known in needed:
            continue
        needed.add(known)
        if known in imports:
            continue
        node, _ = definitions[known]
        if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name):
            raise CannotAsk(f"it uses {known}, which is assigned together with other names")
        _refuse(node)
        for free in sorted(_free_names(node)):
            if free in definitions or free in imports:
                pending.append(free)
            elif not _is_allowed_builtin(free):
                raise CannotAsk(f"it uses {_short(free)}")
    return needed


def _is_allowed_builtin(name: str) -> bool:
    value = getattr(builtins, name, None)
    is_exception = isinstance(value, type) and issubclass(value, Exception)
    return name in ALLOWED_BUILTINS or is_exception


def _refuse(definition: Definition) -> None:
    """Refuse code whose result may depend on more than its arguments, or that a question could not describe."""
    for node in ast.walk(definition):
        if type(node) in _REFUSED_NODES:
            raise CannotAsk(f"it uses {_REFUSED_NODES[type(node)]}")
        if isinstance(node, ast.FunctionDef | ast.Lambda) and _has_mutable_default(node):
            raise CannotAsk("it has a default that can change")
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            raise CannotAsk("it uses a decorator")
        if isinstance(node, ast.Import | ast.ImportFrom):
            raise CannotAsk("it imports a module")
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            raise CannotAsk("it assigns to an attribute")
        if isinstance(node, ast.Attribute) and (node.attr.startswith("_") or node.attr in REFUSED_ATTRIBUTES):
            raise CannotAsk(f"it uses .{_short(node.attr)}")
        if isinstance(node, ast.ExceptHandler) and (node.type is None or "BaseException" in _names(node.type)):
            raise CannotAsk("it catches every exception")
        if isinstance(node, ast.Call) and _has_where_without_out(node):
            raise CannotAsk("it uses where= without out=")
        if isinstance(node, ast.Name | ast.arg) and (_bound_name(node).startswith("_sheet") or _hides_builtin(node)):
            raise CannotAsk(f"it gives {_short(_bound_name(node))} another meaning")


def _has_mutable_default(node: ast.FunctionDef | ast.Lambda) -> bool:
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return any(not isinstance(default, ast.Constant | ast.UnaryOp | ast.Name | ast.Attribute) for default in defaults)


def _has_where_without_out(node: ast.Call) -> bool:
    keywords = {keyword.arg for keyword in node.keywords}
    return "where" in keywords and not keywords & {"out", "axis", "initial"}


def _bound_name(node: ast.Name | ast.arg) -> str:
    return node.id if isinstance(node, ast.Name) else node.arg


def _hides_builtin(node: ast.Name | ast.arg) -> bool:
    is_bound = isinstance(node, ast.arg) or not isinstance(node.ctx, ast.Load)
    return is_bound and _bound_name(node) in ("locals", "type", *ALLOWED_BUILTINS)


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _free_names(definition: Definition) -> set[str]:
    """The names that a definition reads and does not bind itself. Scopes within it are not told apart."""
    bound = {inner.arg for inner in ast.walk(definition) if isinstance(inner, ast.arg)}
    bound |= {inner.name for inner in ast.walk(definition) if isinstance(inner, ast.FunctionDef)}
    bound |= {inner.name for inner in ast.walk(definition) if isinstance(inner, ast.ExceptHandler) and inner.name}
    names = [inner for inner in ast.walk(definition) if isinstance(inner, ast.Name)]
    bound |= {inner.id for inner in names if not isinstance(inner.ctx, ast.Load)}
    if isinstance(definition, ast.Assign):  # the assigned name is not a local variable
        bound -= _names(definition.targets[0])
    return {inner.id for inner in names if isinstance(inner.ctx, ast.Load)} - bound


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _without_comments(node: Definition, source: str) -> str:
    """The text of a definition, without docstrings, comments and empty lines."""
    text = "\n".join(source.split("\n")[node.lineno - 1 : node.end_lineno])
    statement = _parse_one(text)
    lines = text.split("\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise CannotAsk("its code cannot be split into tokens") from error
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for function in [inner for inner in ast.walk(statement) if isinstance(inner, ast.FunctionDef)]:
        if len(function.body) > 1 and ast.get_docstring(function, clean=False) is not None:
            docstring = function.body.pop(0)
            for number in range(docstring.lineno - 1, docstring.end_lineno or 0):
                lines[number] = ""
    shown = "\n".join(line.rstrip().expandtabs(4) for line in lines if line.strip())
    if ast.dump(_parse_one(shown)) != ast.dump(statement):
        raise CannotAsk("its text has several statements in a line, or text over several lines")
    return shown


def _parse_one(text: str) -> ast.stmt:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotAsk("its text cannot be cut out of its cell") from error
    if len(body) != 1:
        raise CannotAsk("its cell has several statements in a line")
    return body[0]
