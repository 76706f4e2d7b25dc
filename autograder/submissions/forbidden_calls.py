"""Find what would do the work for the student: a library call that an exercise forbids. A finding, never a verdict."""

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

BUILDS_CODE = {"eval", "exec", "compile", "__import__", "importlib", "getattr", "globals"}
LONGEST_CELL = 100_000  # characters; nobody writes more, and some take the parser time with their square
LONGEST_PATH = 8  # names with a dot between them
_ESCAPE = re.compile(r"[%!,;/?]|[\w, \t]+=[ \t]*[%!]")  # how a magic, a command of the shell or a question begins


class Code:
    """What the code of a notebook imports, and which names each of its functions and variables uses.

    Parameters
    ----------
    sources : iterable of str
        The code cells. Cells that are no Python are passed over.
    """

    def __init__(self, sources: Iterable[str]):
        self.imported: dict[str, str] = {}
        self.used_by: dict[str, set[str]] = defaultdict(set)
        for imported, used_by in map(_read, sources):
            self.imported.update(imported)
            for name, paths in used_by:
                self.used_by[name].update(paths)

    def uses(self, name: str, forbids: Iterable[str]) -> list[str]:
        """List the forbidden things that ``name``, or a function it calls, uses.

        Only what the answer reaches counts: a comparison with scikit-learn in another cell is no finding.

        Examples
        --------
        >>> code = Code(["from scipy.special import expit", "def sigmoid(z): return expit(z)"])
        >>> code.uses("sigmoid", ["scipy.special"])
        ['scipy.special.expit']
        """
        bad = tuple(f"{path}." for path in forbids)
        found = {path for alias, path in self.imported.items() if alias.endswith("*") and f"{path}.".startswith(bad)}
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            reached.add(current)
            for path in self.used_by.get(current, ()):
                root, _, rest = path.partition(".")
                dotted = ".".join(filter(None, [self.imported.get(root, root), rest]))
                if root in BUILDS_CODE or f"{dotted}.".startswith(bad):
                    found.add(dotted)
                if root not in reached:
                    waiting.append(root)
        return sorted(path for path in found if not any(other.startswith(f"{path}.") for other in found))


@functools.lru_cache(maxsize=1000)  # most cells of a submission are those of every other
def _read(source: str) -> tuple[dict[str, str], list[tuple[str, set[str]]]]:
    """What a cell imports, and what each of its definitions uses."""
    tree = parse(source)
    if tree is None:
        return {}, []
    used_by = [(name, {*_paths(node), *(path for _, path in _imports(node))}) for name, node in _definitions(tree)]
    return dict(_imports(tree)), used_by


def parse(source: str) -> ast.Module | None:
    """Parse a cell, without the lines that are IPython's alone; None if it is no Python."""
    if len(source) > LONGEST_CELL:
        return None
    for read in (str, _without_escapes):
        try:
            return ast.parse(read(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _without_escapes(source: str) -> str:
    lines = [(line, line.strip()) for line in source.split("\n")]
    return "\n".join(
        line[: line.find(text)] + "pass" if _ESCAPE.match(text) or text.endswith("?") else line for line, text in lines
    )


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Pairs of the name in the notebook and what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                yield path if alias.name == "*" else alias.asname or alias.name, path


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (inner for outer in targets for inner in ast.walk(outer) if isinstance(inner, ast.Name)):
                yield target.id, node.value


def _paths(tree: ast.AST) -> Iterator[str]:
    """Dotted names as they are written, with each of their beginnings: ``a.b.c``, ``a.b``, ``a``."""
    for node in ast.walk(tree):
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield ".".join([inner.id, *parts[: -LONGEST_PATH - 1 : -1]])
