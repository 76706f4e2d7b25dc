"""Find calls of libraries that an exercise forbids because they would do the student's work.

The search is static, so a call can be hidden from it. A finding flags the submission for a person. It is not proof of
cheating.
"""

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

CODE_BUILDERS = {"eval", "exec", "compile", "__import__", "importlib", "getattr", "globals"}  # can hide any call
MAX_CELL_CHARACTERS = 100_000  # the parser takes quadratic time for some cells, and no student writes more
MAX_NAME_PARTS = 8  # of a dotted name
_ESCAPE = re.compile(r"[%!,;/?]|[\w, \t]+=[ \t]*[%!]")  # the start of a magic, a shell command or a help request


class Code:
    """The imports of a notebook, and the names that each of its functions and variables uses.

    Parameters
    ----------
    sources : iterable of str
        The code cells. Cells that are not valid Python are skipped.
    """

    def __init__(self, sources: Iterable[str]):
        self.imported: dict[str, str] = {}
        self.used_by: dict[str, set[str]] = defaultdict(set)
        for imported, used_by in map(_analyse_cell, sources):
            self.imported.update(imported)
            for name, dotted_names in used_by:
                self.used_by[name].update(dotted_names)

    def find_forbidden(self, name: str, forbids: Iterable[str]) -> list[str]:
        """Find the forbidden names that a function uses, directly or through other functions of the notebook.

        Code that the function does not reach, such as a comparison with scikit-learn in another cell, is allowed.

        Parameters
        ----------
        name : str
            A function or variable of the notebook.
        forbids : iterable of str
            Dotted names of modules or functions, as in `Exercise.forbids`.

        Returns
        -------
        list of str
            Full dotted names. Functions that build code, such as `eval`, are included.

        Examples
        --------
        >>> code = Code(["from scipy.special import expit", "def sigmoid(z): return expit(z)"])
        >>> code.find_forbidden("sigmoid", ["scipy.special"])
        ['scipy.special.expit']
        """
        prefixes = tuple(f"{path}." for path in forbids)
        star_imports = {path for alias, path in self.imported.items() if alias.endswith("*")}
        found = {path for path in star_imports if f"{path}.".startswith(prefixes)}
        reached: set[str] = set()
        pending = [name]
        while pending:
            current = pending.pop()
            reached.add(current)
            for used in self.used_by.get(current, ()):
                root, _, rest = used.partition(".")
                dotted = ".".join(filter(None, [self.imported.get(root, root), rest]))
                if root in CODE_BUILDERS or f"{dotted}.".startswith(prefixes):
                    found.add(dotted)
                if root not in reached:
                    pending.append(root)
        return sorted(path for path in found if not any(other.startswith(f"{path}.") for other in found))


@functools.lru_cache(maxsize=1000)  # most cells are the same in all submissions
def _analyse_cell(source: str) -> tuple[dict[str, str], list[tuple[str, set[str]]]]:
    """Return the imports of a cell, and the names that each of its definitions uses."""
    tree = parse(source)
    if tree is None:
        return {}, []
    used_by = [
        (name, {*_dotted_names(node), *(path for _, path in _imports(node))}) for name, node in _definitions(tree)
    ]
    return dict(_imports(tree)), used_by


def parse(source: str) -> ast.Module | None:
    """Parse a cell. Lines in IPython's own syntax, such as magics, are replaced by ``pass``.

    Returns
    -------
    ast.Module or None
        None if the cell is not valid Python or is longer than `MAX_CELL_CHARACTERS`.
    """
    if len(source) > MAX_CELL_CHARACTERS:
        return None
    for to_python in (str, _without_escapes):
        try:
            return ast.parse(to_python(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _without_escapes(source: str) -> str:
    lines = [(line, line.strip()) for line in source.split("\n")]
    return "\n".join(
        line[: line.find(text)] + "pass" if _ESCAPE.match(text) or text.endswith("?") else line for line, text in lines
    )


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each imported name as it is used in the notebook, with its full dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.split(".")[0],) * 2
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                yield path if alias.name == "*" else alias.asname or alias.name, path


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield each defined name, with the code that defines it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (inner for outer in targets for inner in ast.walk(outer) if isinstance(inner, ast.Name)):
                yield target.id, node.value


def _dotted_names(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names in the code, each with its prefixes: ``a.b.c``, ``a.b``, ``a``."""
    for node in ast.walk(tree):
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield ".".join([inner.id, *parts[: -MAX_NAME_PARTS - 1 : -1]])
