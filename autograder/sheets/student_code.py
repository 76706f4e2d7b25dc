"""Cut one function out of a notebook, with the definitions that it uses, as the text that a sheet shows.

The text is never run in this process. It is shown without docstrings, comments and empty lines. Everything that would
make a question ambiguous is refused with a reason: see `refused_code`.
"""

import ast
import dis
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import NamedTuple

from ..submissions.python_source import parse_cell
from .refused_code import ALLOWED_MODULES, REFUSED_ATTRIBUTES, CannotAsk, refuse_ambiguous, refuse_undefined


class Definition(NamedTuple):
    """A function or an assignment at the top level of a cell."""

    statement: ast.FunctionDef | ast.Assign
    cell: str  # its text


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

    The cells are those up to the one that grades the function. A later definition or import replaces an earlier one.
    Raise CannotAsk if the function is not defined by ordinary code, or if it uses something that makes its result
    depend on more than its arguments; RecursionError if it is nested too deeply.

    Examples
    --------
    >>> cut_out(["import numpy as np", "def f(x):\\n    # twice\\n    return 2 * np.abs(x)"], "f").lines
    ('def f(x):', '    return 2 * np.abs(x)')
    """
    definitions, imports = _read(cells)
    needed = _reach(definitions, imports, name)
    shown = [definition for defined, definition in definitions.items() if defined in needed]
    lines = tuple(line for definition in shown for line in _without_comments(definition))
    if not all(character.isprintable() for line in lines for character in line):
        raise CannotAsk("its code has characters that cannot be printed")
    return StudentCode(name, lines, tuple(imports[imported] for imported in sorted(needed & imports.keys())))


def _read(cells: Iterable[str]) -> tuple[dict[str, Definition], dict[str, str]]:
    """Read the last definition of each name at the top level of the cells, in order, and the imports."""
    definitions: dict[str, Definition] = {}
    imports: dict[str, str] = {}
    for cell in cells:
        tree = parse_cell(cell)
        for node in tree.body if tree else ():
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":  # it may replace any of them
                definitions.clear()
                imports.clear()
            for name in _bound_or_changed(node):
                # Only the last one counts, in its place. If it is another statement, such as a loop, w[0] = 1 or
                # a, b = 1, 2, none is left: `_reach` then refuses the name as undefined.
                definitions.pop(name, None)
                imports.pop(name, None)
                match node:
                    case ast.FunctionDef() | ast.Assign(targets=[ast.Name()]):
                        definitions[name] = Definition(node, cell)
            imports.update(_imported(node))
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


def _bound_or_changed(node: ast.stmt) -> set[str]:
    """The names that a statement at the top level binds, or whose value it changes, as ``w[0] = 1`` does.

    What a call changes, as ``w.sort()`` does, is not seen.
    """
    try:
        _compile(node)
    except SyntaxError:  # which `ast.parse` accepts, such as a return: Python does not run its cell
        return set()
    names: set[str] = set()
    pending: list[ast.AST] = [node]
    while pending:
        match part := pending.pop():
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
                continue
            case ast.comprehension():  # its variable is bound only within it
                pending += [part.iter, *part.ifs]
                continue
            case ast.alias():  # "numpy.linalg" stays whole, so that an earlier "import numpy" remains
                names.add(part.asname or part.name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.MatchMapping(rest=str(name)):
                names.add(name)
            case ast.Name() | ast.Subscript() | ast.Attribute() if not isinstance(part.ctx, ast.Load):
                names |= _root(part)
        pending += [] if isinstance(part, ast.Lambda) else ast.iter_child_nodes(part)
    return names


def _root(whole: ast.expr) -> set[str]:
    """The variable of which an expression is a part: w of ``w.T[0]``; none of ``g(x)[0]``."""
    while isinstance(whole, ast.Subscript | ast.Attribute):
        whole = whole.value
    return {whole.id} if isinstance(whole, ast.Name) else set()


def _compile(statement: ast.stmt) -> CodeType:
    """Compile a statement of a cell: it may not be valid, and its bytecode has names. It is never run."""
    code: CodeType = compile(ast.Module([statement], []), "a cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


def _names_read(code: CodeType) -> set[str]:
    """The names that a statement and the functions in it read from outside: from other cells, or from Python."""
    own = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    return own.union(*(_names_read(inner) for inner in code.co_consts if isinstance(inner, CodeType)))


def _reach(definitions: dict[str, Definition], imports: dict[str, str], name: str) -> set[str]:
    """The names of the definitions and imports that a function uses, directly or indirectly."""
    if name not in definitions:
        raise CannotAsk("no cell defines it as a function")
    needed: set[str] = set()
    pending = [name]
    while pending:
        needed.add(used := pending.pop())
        if used in imports:
            continue
        statement = definitions[used].statement
        refuse_ambiguous(statement)
        for free in sorted(_names_read(_compile(statement)) - needed):
            if free in definitions or free in imports:
                pending.append(free)
            else:
                refuse_undefined(free)
    return needed


def _without_comments(definition: Definition) -> list[str]:
    """The lines of a definition, without docstrings, comments and empty lines.

    Refuse a text that means something else without them, or that cannot be cut by lines.
    """
    given = definition.cell.split("\n")[definition.statement.lineno - 1 : definition.statement.end_lineno]
    tree, columns = _parse("\n".join(given)), _columns_of_comments("\n".join(given))
    if ast.dump(tree) != ast.dump(ast.Module([definition.statement], [])):  # other statements, or below a magic
        raise CannotAsk("its text cannot be cut out of its cell")
    hidden = _pop_docstrings(tree)  # `tree` is now what the shown text must mean
    lines = [line[: columns.get(number)] for number, line in enumerate(given, 1) if number not in hidden]
    # with spaces for a tab, whose width on a page is undefined
    shown = [line.rstrip().expandtabs(4) for line in lines if line.strip()]
    if ast.dump(_parse("\n".join(shown))) != ast.dump(tree):
        raise CannotAsk("its code has a string over several lines or with a tab, or other code beside a docstring")
    return shown


def _pop_docstrings(tree: ast.Module) -> set[int]:
    """Remove the docstrings of all functions, and return the numbers of their lines."""
    functions = [inner for inner in ast.walk(tree) if isinstance(inner, ast.FunctionDef)]
    described = [f for f in functions if len(f.body) > 1 and ast.get_docstring(f, clean=False) is not None]
    docstrings = [function.body.pop(0) for function in described]
    return {number for each in docstrings for number in range(each.lineno, (each.end_lineno or 0) + 1)}


def _columns_of_comments(text: str) -> dict[int, int]:
    """The column at which the comment of a line begins, by the number of the line."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)  # no error, because it is valid Python
    return dict(token.start for token in tokens if token.type == tokenize.COMMENT)


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotAsk("its text cannot be cut out of its cell") from error
