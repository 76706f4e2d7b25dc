"""One-line changes of a function. Each is an edit of the text that the sheet shows, so what is shown is what is run."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

SWAPPED_FUNCTIONS = {
    "argmax": "argmin",
    "array": "asarray",
    "max": "min",
    "maximum": "minimum",
    "mean": "sum",
    "min": "max",
    "minimum": "maximum",
    "ones": "zeros",
    "prod": "sum",
    "std": "var",
    "sum": "mean",
    "zeros": "ones",
    "zeros_like": "ones_like",
}
_SWAPPED_METHODS = ("argmax", "max", "mean", "min", "std", "sum")  # also changed on any object, not only on `np`
_OPERATORS = {"+": "-", "-": "+", "*": "+", "@": "*", "**": "*", "/": "*", "//": "/"}
_COMPARISONS = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "!=", "!=": "=="}
_IN_PLACE = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*=", ast.Div: "/="}


@dataclass(frozen=True)
class Change:
    """A change of one line."""

    kind: str  # What is changed, such as "axis". A sheet has at most one question of a kind.
    line: int  # the number of the line, from 1
    # the line before and after, with its indentation
    before: str
    after: str
    text: str  # all lines, with the changed one


Edit = tuple[int, int, str]
"""Start and end of a part of the text in UTF-8, and its replacement."""
Node = ast.expr | ast.stmt | ast.keyword


def find_changes(lines: Sequence[str]) -> list[Change]:
    """Find changes of single lines after which the text is still valid Python. Each has a different text.

    Examples
    --------
    >>> [change.after for change in find_changes(["def f(X):", "    return X.sum(axis=0)"])]
    ['    return X.sum(axis=1)', '    return X.mean(axis=0)', '    return X.sum()']
    """
    text = _Text("\n".join(lines))
    original = ast.dump(text.tree)
    found: dict[str, Change] = {}
    edits = ((kind, edit) for node in ast.walk(text.tree) for kind, rule in _RULES.items() for edit in rule(node, text))
    for kind, (start, end, replacement) in edits:
        if b"\n" in text.source[start:end] or "\n" in replacement:
            continue
        changed = (text.source[:start] + replacement.encode() + text.source[end:]).decode()
        line = text.source.count(b"\n", 0, start)
        if changed not in found and _is_other_code(changed, original):
            found[changed] = Change(kind, line + 1, lines[line], changed.split("\n")[line], changed)
    return sorted(found.values(), key=lambda change: (change.line, change.kind, change.after))


def _is_other_code(text: str, original: str) -> bool:
    try:
        tree = ast.parse(text)
        compile(tree, "a changed function", "exec")  # not run
        return ast.dump(tree) != original
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


class _Text:
    """A text with its syntax tree, and the positions of nodes in UTF-8, in which `ast` counts."""

    def __init__(self, text: str):
        self.tree, self.source = ast.parse(text), text.encode()
        self._starts = [0, *accumulate(map(len, self.source.splitlines(keepends=True)))]

    def start(self, node: Node) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: Node) -> int:
        return self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def end_with_brackets(self, node: Node) -> int:
        """The end of a node that another part follows, with the round brackets around it."""
        rest = self.source[self.end(node) :]
        return len(self.source) - len(rest.lstrip(b" \n)"))

    def of(self, node: Node) -> str:
        return self.source[self.start(node) : self.end(node)].decode()

    def replace(self, node: Node, new: str) -> Edit:
        return self.start(node), self.end(node), new

    def swap(self, left: ast.expr, right: ast.expr, swapped: Mapping[str, str]) -> Iterator[Edit]:
        """Replace the operator between two operands."""
        end = self.end(left)
        operator = re.search(r"[-+*/@<>=!]+", self.source[end : self.start(right)].decode())
        if operator and operator[0] in swapped:
            yield end + operator.start(), end + operator.end(), swapped[operator[0]]


def _axis(node: ast.AST, text: _Text) -> Iterator[Edit]:
    if isinstance(node, ast.keyword) and node.arg == "axis":
        match node.value:
            case ast.Constant(value=0):
                yield text.replace(node.value, "1")
            case ast.Constant(value=1) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
                yield text.replace(node.value, "0")


def _drop_keyword(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Drop axis or keepdims, but not the first of several arguments."""
    if isinstance(node, ast.Call):
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for before, argument in pairwise([None, *arguments]):
            if isinstance(argument, ast.keyword) and argument.arg in ("axis", "keepdims"):
                if before is not None:
                    yield text.end_with_brackets(before), text.end(argument), ""
                elif len(arguments) == 1:
                    yield text.replace(argument, "")


def _operator(node: ast.AST, text: _Text) -> Iterator[Edit]:
    if isinstance(node, ast.BinOp):
        yield from text.swap(node.left, node.right, _OPERATORS)


def _comparison(node: ast.AST, text: _Text) -> Iterator[Edit]:
    match node:
        case ast.Compare(left=left, comparators=[right]):
            yield from text.swap(left, right, _COMPARISONS)


def _function(node: ast.AST, text: _Text) -> Iterator[Edit]:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=old) as function) if old in SWAPPED_FUNCTIONS:
            if old in _SWAPPED_METHODS or (isinstance(value, ast.Name) and value.id == "np"):
                yield text.end(function) - len(old), text.end(function), SWAPPED_FUNCTIONS[old]


def _unwrap_call(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Replace ``np.abs(x)`` and ``x.copy()`` by ``x``."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="abs" | "copy" | "asarray"), args=[argument]):
            yield text.replace(node, _as_operand(argument, text))
        case ast.Call(func=ast.Attribute(value=value, attr="copy"), args=[]):
            yield text.replace(node, _as_operand(value, text))


def _as_operand(node: ast.expr, text: _Text) -> str:
    is_atom = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant)
    return text.of(node) if is_atom else f"({text.of(node)})"


def _transpose(node: ast.AST, text: _Text) -> Iterator[Edit]:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield text.end_with_brackets(node.value), text.end(node), ""


def _new_axis(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Drop ``[:, None]``."""
    match node:
        case ast.Subscript(value=value, slice=ast.Tuple(elts=items), ctx=ast.Load()):
            others = [item for item in items if ast.unparse(item) not in ("None", "np.newaxis")]
            if len(others) < len(items) and all(isinstance(item, ast.Slice) for item in others):
                yield text.end_with_brackets(value), text.end(node), ""


def _sign(node: ast.AST, text: _Text) -> Iterator[Edit]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        start = text.start(node)
        yield start, start + 1, " " if text.source[start - 1 : start].isalnum() else ""  # of `return-x`


def _number(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Change a whole number by one, where it is an operand or an argument of ``range``."""
    operands: Sequence[ast.expr] = ()
    match node:
        case ast.BinOp(left=left, right=right):
            operands = left, right
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            operands = arguments
    for operand in operands:
        if isinstance(operand, ast.Constant) and type(operand.value) is int and 0 <= operand.value <= 2:
            yield text.replace(operand, "1" if operand.value != 1 else "2")


def _length(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Take the length of the other axis, or the number of all entries."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=0 | 1 as axis) as index):
            yield text.replace(index, str(1 - axis))
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name() as name]):
            yield text.replace(node, f"{name.id}.size")


def _aliasing(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Exchange ``w = w - x`` and ``w -= x``: the second changes the array itself."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=left), op=op, right=right)):
            if name == left and type(op) in _IN_PLACE:
                yield text.replace(node, f"{name} {_IN_PLACE[type(op)]} {text.of(right)}")
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value) if type(op) in _IN_PLACE:
            sign = _IN_PLACE[type(op)][0]
            yield text.replace(node, f"{name} = {name} {sign} {_as_operand(value, text)}")


def _statement(node: ast.AST, text: _Text) -> Iterator[Edit]:
    """Replace a step that changes an existing value by ``pass``."""
    match node:
        case ast.AugAssign() | ast.Assign(targets=[ast.Subscript()]) | ast.Expr(value=ast.Call()):
            yield text.replace(node, "pass")
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            if any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(value)):
                yield text.replace(node, "pass")


_RULES: dict[str, Callable[[ast.AST, _Text], Iterator[Edit]]] = {
    "axis": _axis,
    "keyword": _drop_keyword,
    "operator": _operator,
    "comparison": _comparison,
    "function": _function,
    "call": _unwrap_call,
    "transpose": _transpose,
    "new axis": _new_axis,
    "sign": _sign,
    "number": _number,
    "length": _length,
    "aliasing": _aliasing,
    "statement": _statement,
}
