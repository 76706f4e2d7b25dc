"""Rewrite the text of a function so that the sandbox can run it and report what happens on the way.

Nothing is run here. The rewritten text counts the passes through loops, fills new arrays with a known number, and ends
a call that leaves values undefined. It can record the values of its expressions. `SUPPORT` is the code that it calls in
the sandbox.
"""

import ast
import inspect
from dataclasses import dataclass
from enum import Enum, auto

from . import support_code
from .student_code import StudentCode

SUPPORT = inspect.getsource(support_code)
# Names of the exceptions that end a call: the probe records them. No student's code can contain them.
NEVER_ENDS, NOT_ASKED = support_code._SheetNeverEnds.__name__, support_code._SheetNotAsked.__name__
# An answer that differs between them depends on the content of an array that was not filled. One is odd and one even,
# because their parity fills arrays of truth values.
SENTINELS = (11, 16)
_UNFILLED = ("empty", "empty_like", "ndarray")  # of NumPy: they create arrays whose content is undefined


class WatchKind(Enum):
    """What is recorded at a place of the text."""

    VALUE = auto()  # the first value of an expression, or of a variable that is read
    COUNT = auto()  # how often a line in a loop is reached
    LOOP = auto()  # the values that the variable of a loop takes


@dataclass(frozen=True)
class Watched:
    """A place of the text whose values are recorded."""

    kind: WatchKind
    line: int  # from 1
    text: str = ""  # the expression or the variable; empty for a count, and if it takes several lines
    inside: frozenset[int] = frozenset()  # the indices of the recorded expressions within this one: none in a variable
    is_value_worth_asking: bool = True  # whether it computes more than a part, a sign or a length


def rewrite(text: str, code: StudentCode, name: str, sentinel: int, num_watched: int = 0) -> str:
    """Rewrite the text of a function, possibly changed, so that it defines a function that can be asked.

    The result is the source of a `Step`, and needs `SUPPORT`. Arrays that the code leaves unfilled contain `sentinel`.
    With `num_watched` places in the text, the function returns a count and a value for each.
    """
    tree = _Guards(code).visit(ast.parse(text))
    body = "\n".join([*code.imports, ast.unparse(ast.fix_missing_locations(tree))])
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    return (
        f"def _sheet_make(_sheet):\n{indented}\n    return {code.name}\n\n\n"
        f"{name} = _SheetRun(_sheet_make, {sentinel}, {num_watched})\n"
    )


def watch(code: StudentCode) -> tuple[str, list[Watched]]:
    """Make the text of a function record values. Return the text, and the places in the order of their records."""
    recorder = _Recorder(code)
    tree = recorder.visit(ast.parse(code.text))
    return ast.unparse(ast.fix_missing_locations(tree)), recorder.watched


def has_unfilled_arrays(code: StudentCode) -> bool:
    """Whether the code creates arrays whose content is undefined."""
    return "_sheet.fill(" in rewrite(code.text, code, code.name, 0)


def _imported(code: StudentCode) -> dict[str, str]:
    """The names that the code imports, each with its name in the module."""
    nodes = ast.walk(ast.parse("\n".join(code.imports)))
    return {node.asname or node.name: node.name for node in nodes if isinstance(node, ast.alias)}


def _call(method: str, *args: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name("_sheet", ast.Load()), method, ast.Load())
    return ast.Call(function, list(args), [])


class _Guards(ast.NodeTransformer):
    """Count the passes through loops, fill new arrays, and call by `call` what may leave values undefined."""

    def __init__(self, code: StudentCode):
        self._imported = _imported(code)
        self._num_loops = 0

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        self.generic_visit(node)
        self._num_loops += 1
        loop = ast.Constant(self._num_loops)
        variables = ast.Call(ast.Name("locals", ast.Load()), [], [])  # in a state for the second time, it never ends
        node.body.insert(0, ast.Expr(_call("tick", loop, variables)))
        return [ast.Expr(_call("enter", loop)), node]

    def visit_For(self, node: ast.For) -> ast.stmt:
        self.generic_visit(node)
        node.body.insert(0, ast.Expr(_call("tick")))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node.func:  # a function of such a name that the code itself defines may return anything
            case ast.Attribute(attr=name) if name in _UNFILLED:
                return _call("fill", node)
            case ast.Name(id=name) if self._imported.get(name) in _UNFILLED:
                return _call("fill", node)
        if any(keyword.arg in ("where", None) for keyword in node.keywords):
            return ast.Call(_call("call").func, [node.func, *node.args], node.keywords)
        return node


class _Recorder(ast.NodeTransformer):
    """Wrap expressions in calls that record their values.

    Annotations and the classes that `except` names are recorded, too: as they are no numbers, nothing is asked of them.
    """

    def __init__(self, code: StudentCode):
        self.watched: list[Watched] = []
        self._text, self._lines, self._imported = code.text, code.lines, _imported(code)
        self._enclosing: list[set[int]] = []  # the indices recorded so far within each expression around
        self._loop_depth = 0

    # --- statements ---

    def visit_While(self, node: ast.While | ast.For) -> ast.stmt:  # or any loop: see `visit_For`
        self._loop_depth += 1
        self.generic_visit(node)
        self._loop_depth -= 1
        return node

    def visit_For(self, node: ast.For) -> ast.stmt:
        self.visit_While(node)
        names = [inner for part in node.body for inner in ast.walk(part) if isinstance(inner, ast.Name)]
        stored = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
        # Of a variable that the loop also assigns to, "which values does it take" has two answers.
        if isinstance(node.target, ast.Name) and node.target.id not in {"_", *stored}:
            index = self._add(Watched(WatchKind.LOOP, node.lineno, node.target.id))
            variable = ast.Name(node.target.id, ast.Load())
            node.body.insert(0, ast.Expr(_call("collect", ast.Constant(index), variable)))
        return node

    def visit_Assign(self, node: ast.Assign | ast.AugAssign | ast.Expr | ast.Return) -> ast.stmt | list[ast.stmt]:
        """Count how often a line in a loop is executed."""
        is_counted = self._loop_depth and self._begins_line(node)
        index = self._add(Watched(WatchKind.COUNT, node.lineno)) if is_counted else None
        self.generic_visit(node)
        return [ast.Expr(_call("count", ast.Constant(index))), node] if is_counted else node

    visit_AugAssign = visit_Expr = visit_Return = visit_Assign

    def _begins_line(self, statement: ast.stmt) -> bool:
        """Whether nothing stands before it. After `if …:` on the same line, the line is executed more often."""
        return not self._lines[statement.lineno - 1].encode()[: statement.col_offset].strip()

    # --- expressions ---

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._wrap(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        is_length = isinstance(node.func, ast.Name) and node.func.id == "len"
        return self._wrap(node, is_value_worth_asking=not is_length)

    def _visit_parts_of_call(self, node: ast.Call) -> None:
        """Visit the arguments, and the object of a method. The function itself has no value that could be asked for."""
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if not (isinstance(owner, ast.Name) and owner.id in self._imported):
                node.func.value = self.visit(owner)
        elif not isinstance(node.func, ast.Name):
            node.func = self.visit(node.func)
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)

    def visit_BinOp(self, node: ast.BinOp | ast.Compare) -> ast.expr:
        return self._wrap(node)

    visit_Compare = visit_BinOp

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return self._wrap(node, is_value_worth_asking=False) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        # Nothing before `.shape` is recorded: a shape can be known without the numbers. Nor is the `np` of `np.pi`.
        return self._wrap(node, is_value_worth_asking=False) if node.attr == "T" else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return node if isinstance(node.operand, ast.Constant) else self._wrap(node, is_value_worth_asking=False)

    def _wrap(self, node: ast.expr, is_value_worth_asking: bool = True) -> ast.expr:
        """Record the value of an expression, after its parts have been treated the same way."""
        shown = ast.get_source_segment(self._text, node) if node.lineno == node.end_lineno else None
        self._enclosing.append(set())
        if isinstance(node, ast.Call):
            self._visit_parts_of_call(node)
        else:
            self.generic_visit(node)
        inside = self._enclosing.pop()
        index = self._add(Watched(WatchKind.VALUE, node.lineno, shown or "", frozenset(inside), is_value_worth_asking))
        for inside_of_outer in self._enclosing:
            inside_of_outer.add(index)
        return _call("value", ast.Constant(index), node)

    def _add(self, watched: Watched) -> int:
        self.watched.append(watched)
        return len(self.watched) - 1
