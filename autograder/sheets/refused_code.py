"""What a sheet cannot ask about: code whose result may depend on more than its arguments, such as a random number."""

import ast
import builtins

ALLOWED_MODULES = ("collections", "collections.abc", "functools", "itertools", "math", "numpy", "operator", "typing")
# Builtins whose result depends on nothing but their arguments. Exceptions are allowed, too.
ALLOWED_BUILTINS = frozenset((
    "abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "filter", "float", "int", "isinstance",
    "len", "list", "map", "max", "min", "pow", "range", "reversed", "round", "set", "slice", "sorted",
    "str", "sum", "tuple", "zip",
))  # fmt: skip
# Of NumPy and its arrays: they show memory, or depend on files, settings, the time or random numbers.
REFUSED_ATTRIBUTES = frozenset((
    "base", "byte_bounds", "ctypes", "ctypeslib", "data", "datetime64", "empty_strided", "flags", "fromfile",
    "fromregex", "genfromtxt", "geterr", "info", "lib", "load", "loadtxt", "memmap", "may_share_memory", "random",
    "rec", "save", "savetxt", "savez", "savez_compressed", "set_printoptions", "seterr", "seterrcall", "setbufsize",
    "setflags", "shares_memory", "strides", "tofile", "view",
    "attrgetter", "methodcaller",  # of operator: they take the name of an attribute as a text
))  # fmt: skip
_REFUSED_NODES = {  # code that depends on more than its arguments, or that cannot be rewritten or described
    ast.AsyncFunctionDef: "async",
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
_FIXED = ast.Constant | ast.Name | ast.Attribute | ast.Tuple | ast.UnaryOp | ast.BinOp  # parts of a default
_Naming = ast.Name | ast.arg | ast.FunctionDef | ast.ExceptHandler


class CannotAsk(Exception):
    """No questions can be made about a function. The message gives the reason, as part of a sentence."""


def refuse_ambiguous(definition: ast.AST) -> None:
    """Refuse code whose result may depend on more than its arguments, or that a question could not describe.

    What no syntax shows, `observe` notices when the code is run. A list that a call changes is new in each call.
    """
    for node in ast.walk(definition):
        if type(node) in _REFUSED_NODES:
            raise CannotAsk(f"it uses {_REFUSED_NODES[type(node)]}")
        if isinstance(node, ast.arguments) and _has_mutable_default(node):
            raise CannotAsk("it has a default that can change")
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            raise CannotAsk("it uses a decorator")
        if isinstance(node, ast.Import | ast.ImportFrom):
            raise CannotAsk("it imports a module")
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            raise CannotAsk("it assigns to an attribute")
        if isinstance(node, ast.Attribute) and (node.attr.startswith("_") or node.attr in REFUSED_ATTRIBUTES):
            raise CannotAsk(f"it uses .{node.attr:.40}")
        if isinstance(node, ast.ExceptHandler) and node.type is None:  # `BaseException` is refused as a name
            raise CannotAsk("it catches every exception")
        if isinstance(node, ast.Try) and node.finalbody:  # a return in it drops every exception
            raise CannotAsk("it uses finally")
        if isinstance(node, _Naming) and (_identifier(node).startswith("_sheet") or _hides_builtin(node)):
            raise CannotAsk(f"it gives {_identifier(node):.40} another meaning")
    if _uses_order_of_set(definition):
        raise CannotAsk("its result may depend on the order of a set")


def refuse_undefined(name: str) -> None:
    """Refuse a name that no cell defines, unless it is an allowed builtin."""
    value = getattr(builtins, name, None)
    is_exception = isinstance(value, type) and issubclass(value, Exception)
    if name not in ALLOWED_BUILTINS and not is_exception:
        raise CannotAsk(f"it uses {name:.40}")


def _has_mutable_default(node: ast.arguments) -> bool:
    parts = (part for default in (*node.defaults, *node.kw_defaults) if default for part in ast.walk(default))
    return not all(isinstance(part, _FIXED) for part in parts if isinstance(part, ast.expr))


def _uses_order_of_set(definition: ast.AST) -> bool:
    """Whether its result may depend on the order of a set. That of texts differs from one process to the next.

    A set may only be sorted, counted or searched. Operators make sets of the keys or items of dictionaries, which have
    an order: these may also be the values of a loop, or the only argument of a builtin.
    """
    searched: set[ast.AST] = set()
    looped: set[ast.AST] = set()
    for node in ast.walk(definition):  # what is around a set comes before it
        match node:
            case ast.Call(func=ast.Name(id="sorted" | "len"), args=[inner], keywords=[] | [ast.keyword(arg="reverse")]):
                searched.add(inner)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[inner]):
                searched.add(inner)
            case ast.Call(func=ast.Name(id="set") as function) if node in searched:
                searched.add(function)
            case ast.Set() | ast.SetComp() | ast.Name(id="set") if node not in searched:
                return True
            case ast.Call(func=ast.Attribute() as function) if node in searched | looped:
                looped.add(function)
            case ast.Attribute(attr="keys" | "items") if node not in looped:
                return True
            case ast.For(iter=inner) | ast.comprehension(iter=inner):
                looped.add(inner)
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in ALLOWED_BUILTINS:
                looped.add(inner)
    return False


def _identifier(node: _Naming) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.arg if isinstance(node, ast.arg) else node.name or ""  # `except` need not bind a name


def _hides_builtin(node: _Naming) -> bool:
    is_bound = not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return is_bound and _identifier(node) in ("locals", *ALLOWED_BUILTINS)  # rewritten loops call `locals`
