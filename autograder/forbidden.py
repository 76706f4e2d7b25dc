"""Find what would do the work for the student: a library call that an exercise forbids. A finding, never a verdict."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from IPython.core.inputtransformer2 import TransformerManager

BUILDS_CODE = {"eval", "exec", "compile", "__import__", "importlib", "getattr", "globals"}


def uses(sources: Iterable[str], name: str, forbids: Sequence[str]) -> list[str]:
    """List the forbidden things that ``name``, or a function it calls, uses.

    Only what the answer reaches counts: a comparison with scikit-learn in another cell is no finding.

    Parameters
    ----------
    sources : iterable of str
        The code cells of the notebook.
    name : str
        The graded function.
    forbids : sequence of str
        Dotted names: "scipy.special" covers "scipy.special.expit".

    Examples
    --------
    >>> uses(["from scipy.special import expit", "def sigmoid(z): return expit(z)"], "sigmoid", ["scipy.special"])
    ['scipy.special.expit']
    """
    trees = [tree for source in sources if (tree := _parse(source))]
    imported = {alias: path for tree in trees for alias, path in _imports(tree)}
    reached: set[str] = set()
    found = {path for tree in trees for alias, path in _imports(tree) if alias == "*" and _is_among(path, forbids)}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        reached.add(current)
        for node in (node for tree in trees for node in _definitions(tree, current)):
            for path in _paths(node):
                root, _, rest = path.partition(".")
                dotted = ".".join(filter(None, [imported.get(root, root), rest]))
                if root in BUILDS_CODE or _is_among(dotted, forbids):
                    found.add(dotted)
                if root not in reached:
                    waiting.append(root)
    return sorted(path for path in found if not any(other.startswith(f"{path}.") for other in found))


def _is_among(path: str, forbids: Iterable[str]) -> bool:
    return any(f"{path}.".startswith(f"{bad}.") for bad in forbids)


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _definitions(tree: ast.Module, name: str) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            yield node
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == name for target in targets for t in ast.walk(target)):
                yield node.value


def _paths(tree: ast.AST) -> Iterator[str]:
    """Dotted names as they are written: ``a.b.c`` once, and every plain name."""
    for node in ast.walk(tree):
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield ".".join([inner.id, *reversed(parts)])
