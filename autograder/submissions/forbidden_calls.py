"""Find calls of libraries that an exercise forbids because they would do the student's work.

The statements of a notebook form a graph: each binds, uses, modifies and calls names (`Statement`). The search begins
at the name of the student's function. It goes to the statements that bind or modify this name, then to the names that
these statements use, and so on::

    from scipy.special import expit     # an import of the path scipy.special.expit
    smooth = lambda z: expit(z)         # binds smooth, uses expit
    def sigmoid(z): return smooth(z)    # binds sigmoid, uses smooth

From `sigmoid`, it reaches `smooth`, then `expit`, whose path is forbidden. A *builder*, such as `getattr`, can find any
object by a text, so it is reported if the search reaches it. A *definer*, such as `exec`, can also define any function
of the notebook, so it is reported wherever it is used.

The search is static, so a call can be hidden from it. A finding flags the submission for a person. It is not proof of
cheating.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from .name_graph import ABSOLUTE, SETTERS, SPECIAL_ATTRIBUTES, UNREADABLE, CellNames, Statement, analyse_cell
from .python_source import parse_cell, read_in_turn
from .text_cache import cached_by_text

MAX_REPORTED_NAMES, MAX_REPORTED_CHARACTERS = 10, 100
MAX_IMPORTS_PER_ALIAS = 50  # that matter for a search

# These names and paths can hide any call: they build code, or find an object by a text.
BUILDERS = {
    *("__builtins__", "__import__", "__loader__", "__spec__", "compile", "eval", "exec", "get_ipython", "getattr"),
    *("globals", "importlib", "locals", "vars"),
}
BUILDER_PATHS = SPECIAL_ATTRIBUTES | {
    *("IPython.core", "IPython.embed", "IPython.get_ipython", "IPython.start_ipython", "__main__", "_ctypes", "_imp"),
    *("_pickle", "bdb", "builtins", "cProfile", "cloudpickle", "code", "codeop", "ctypes", "dill", "doctest", "gc"),
    *("imp", "importlib", "inspect.currentframe", "inspect.getattr_static", "inspect.getclosurevars"),
    *("inspect.getmembers", "inspect.getmodule", "inspect.stack", "inspect.trace", "joblib", "logging.config"),
    *("marshal", "numpy.load", "operator.attrgetter", "operator.methodcaller", "pdb", "pickle", "pkgutil", "profile"),
    *("pydoc", "runpy", "shelve", "sys._getframe", "sys.meta_path", "sys.modules", "sys.path_hooks"),
    *("sys.setprofile", "sys.settrace", "timeit", "trace", "types.CodeType", "types.FunctionType"),
    *("typing.get_type_hints", "unittest.mock", "zipimport"),
}
# These can also define any function of the notebook, wherever they are used.
DEFINERS = {"__builtins__", "compile", "eval", "exec", "get_ipython", "globals"}
DEFINER_PATHS = {
    *("IPython.get_ipython", "__builtins__", "__globals__", "__main__", "builtins", "code", "codeop", "ctypes"),
    *("f_builtins", "f_globals", "f_locals", "gc", "runpy", "sys._getframe", "sys.modules", "sys.setprofile"),
    *("sys.settrace", "unittest.mock"),
}
# With one of these words, a magic or a star import, a cell that could not be read may define any function.
DEFINING_WORDS = BUILDERS | {part for path in DEFINER_PATHS for part in path.split(".")} | SETTERS | {"*", "%", "!"}
_WORD = re.compile(r"\w+|(?<=import )\*|%|!(?!=)")
SPECIAL_PREFIXES = ("%", "'", "get_ipython().", UNREADABLE)  # magics, files of code, methods of the shell


class Code:
    """The code of a notebook: the names that each of its functions and variables uses.

    Parameters
    ----------
    sources : iterable of str
        The code cells.
    """

    def __init__(self, sources: Iterable[str]):
        self._invalid_sources: list[str] = []
        self._unread_words: set[str] = set()  # of cells that exceed a limit
        self._statements: list[Statement] = []
        self._follows: list[range] = []
        self._imports: dict[str, set[str]] = {}
        self._binding: dict[str, list[int]] = {}  # the statements that bind a name, by index
        self._modifying: dict[str, list[int]] = {}
        self._calling: dict[str, list[int]] = {}
        self._written_modules: set[str] = set()
        sources = list(sources)
        for source, cell in zip(sources, read_in_turn(_analyse, sources), strict=True):
            if cell is None or not cell.was_read:
                self._unread_words.update(_WORD.findall(unicodedata.normalize("NFKC", source)))
            elif cell.names:
                self._add_cell(cell.names)
            else:
                self._invalid_sources.append(source)
        star_imports = [paths for alias, paths in self._imports.items() if alias.endswith("*")]
        self._star_imports = {path.removesuffix(".*") for paths in star_imports for path in paths}

    def _add_cell(self, names: CellNames) -> None:
        start = len(self._statements)
        for alias, paths in names.imports.items():
            self._imports.setdefault(alias, set()).update(paths)
        for i, statement in enumerate(names.statements, start):
            for index, members in (
                (self._binding, statement.binds),
                (self._modifying, statement.modifies),
                (self._calling, statement.calls),
            ):
                for name in members:
                    index.setdefault(name, []).append(i)
            self._follows.append(range(start + statement.follows.start, start + statement.follows.stop))
        self._statements += names.statements
        self._written_modules |= names.written_modules

    def find_forbidden(self, name: str, forbids: Sequence[str]) -> list[str]:
        """Find the forbidden names that a function uses, directly or through other functions of the notebook.

        Code that the function does not reach, such as a comparison with scikit-learn in another cell, is allowed.

        Parameters
        ----------
        name : str
            A function or variable of the notebook.
        forbids : sequence of str
            Dotted names of modules or functions, as in `Exercise.forbids`.

        Returns
        -------
        list of str
            Full dotted names. Functions that build code, such as `eval`, are included. So is `UNREADABLE` if a cell
            could not be read that may define the function, or a name that it uses.

        Examples
        --------
        >>> code = Code(["from scipy.special import expit", "def sigmoid(z): return expit(z)"])
        >>> code.find_forbidden("sigmoid", ["scipy.special"])
        ['scipy.special.expit']
        """
        search = _Search(forbids)
        found = {path for path in self._star_imports if search.is_in_forbidden_module(path)}
        for statement in self._statements:
            found |= {definer for used in self._paths(statement, search) if (definer := search.find_definer(*used))}
        imported = search.relevant(name, self._imports.get(name, ()))
        found |= {match for path in imported if (match := search.find(path, True))}
        names = {name}
        for statement in self._reached(names):
            found |= {match for used in self._paths(statement, search) if (match := search.find(*used))}
        may_be_unread = not self._unread_words.isdisjoint(names | DEFINING_WORDS)
        if may_be_unread or any(_seems_to_define(source, name) for source in self._invalid_sources):
            found.add(UNREADABLE)
        return _summarised(found)

    def _reached(self, names: set[str]) -> Iterator[Statement]:
        """Yield the statements on which the value of a name depends, each once. Their names are added to the set."""
        reached: set[int] = set()
        expanded: set[int] = set()
        pending_names, pending = [*names], list[int]()
        while pending_names:
            current = pending_names.pop()
            is_module = current in self._imports and current not in self._binding
            for i in [*self._binding.get(current, ()), *(() if is_module else self._modifying.get(current, ()))]:
                pending.append(i)
                binds = self._statements[i].binds
                if i not in expanded and (current not in binds or len(binds) > 1):
                    # It may define a function that changes the variable: the arguments of that function matter.
                    expanded.add(i)
                    pending += [k for function in binds for k in self._calling.get(function, ())]
            while pending:
                i = pending.pop()
                if i in reached:
                    continue
                reached.add(i)
                statement = self._statements[i]
                yield statement
                pending += self._follows[i]
                used = (statement.uses.keys() | self._names_in_written_modules(statement)) - names
                names |= used
                pending_names += used

    def _names_in_written_modules(self, statement: Statement) -> set[str]:
        """The names that a statement uses of modules that the notebook itself wrote to files."""
        found: set[str] = set()
        for root in statement.uses.keys() & self._imports.keys() if self._written_modules else ():
            paths = [path.split(".") for path in self._imports[root]]
            if any(parts[0] in self._written_modules for parts in paths):
                found.update(part for dotted in statement.uses[root] for part in dotted.split("."))
                found.update(part for parts in paths for part in parts)
        return found

    def _paths(self, statement: Statement, search: "_Search") -> Iterator[tuple[str, bool]]:
        """Yield the full names that a statement uses, and for each whether it is the path of something imported."""
        for root, dotted_names in statement.uses.items():
            if root == ABSOLUTE:
                yield from ((path, True) for path in dotted_names)
                continue
            is_unknown = root not in self._imports and root not in self._binding
            if is_unknown or root in BUILDERS:
                yield from ((dotted, False) for dotted in dotted_names)
            for path in search.relevant(root, self._imports.get(root, ())):
                yield from ((path + dotted[len(root) :], True) for dotted in dotted_names)
            for path in search.relevant("*", self._star_imports) if is_unknown else ():
                yield from ((f"{path}.{dotted}", True) for dotted in dotted_names)


class _Search:
    """Decides which full names are forbidden.

    Parameters
    ----------
    forbids : iterable of str
        As in `Exercise.forbids`.
    """

    def __init__(self, forbids: Iterable[str]):
        self._forbids = tuple(forbids)
        self._prefixes = tuple(f"{path}." for path in self._forbids)
        wanted = [*self._forbids, *BUILDER_PATHS]
        self._parents = {path[:i] for path in wanted for i, character in enumerate(path) if character == "."}
        self._relevant: dict[str, list[str]] = {}  # by alias

    def is_in_forbidden_module(self, path: str) -> bool:
        """Whether a path is a forbidden one, or is below one."""
        return f"{path}.".startswith(self._prefixes)

    def relevant(self, alias: str, imports: Iterable[str]) -> list[str]:
        """The imports with an alias that are forbidden, or below which something is."""
        if alias not in self._relevant:
            relevant = (path for path in imports if path in self._parents or self.find(path, True))
            self._relevant[alias] = list(islice(relevant, MAX_IMPORTS_PER_ALIAS))
        return self._relevant[alias]

    def find(self, path: str, is_imported: bool) -> str | None:
        """The forbidden name that a path contains; None if it is allowed."""
        # A module that contains a forbidden one can return it by a text: `vars(scipy)["special"]`.
        is_parent = any(prefix.startswith(f"{path}.") for prefix in self._prefixes)
        if is_parent or any(f".{prefix}" in f".{path}." for prefix in self._prefixes):
            return path
        return _find_builder(path, is_imported, BUILDERS, BUILDER_PATHS)

    def find_definer(self, path: str, is_imported: bool) -> str | None:
        """The name in a path that can define any function of the notebook; None if there is none."""
        return _find_builder(path, is_imported, DEFINERS, DEFINER_PATHS)


def _find_builder(path: str, is_imported: bool, names: set[str], paths: set[str]) -> str | None:
    if not is_imported:
        root = path.partition(".")[0]
        return root if root in names else None
    if path.startswith(SPECIAL_PREFIXES):
        return path
    parts = path.split(".")
    return next((prefix for i in range(len(parts)) if (prefix := ".".join(parts[: i + 1])) in paths), None)


@dataclass(frozen=True)
class _Cell:
    """The names in a cell, None if it is not valid Python; and the attributes of `ParsedCell`."""

    names: CellNames | None
    was_read: bool
    cost: int


@cached_by_text(max_characters=1_000_000)
def _analyse(source: str) -> _Cell:
    parsed = parse_cell(source)
    return _Cell(analyse_cell(parsed.tree) if parsed.tree else None, parsed.was_read, parsed.cost)


def _seems_to_define(source: str, name: str) -> bool:
    """Whether a cell that is not valid Python looks like the definition of a name."""
    pattern = rf"\b(?:def|class|as|import|for)\s+{re.escape(name)}\b|(?<![\w.]){re.escape(name)}\s*(?::|,|=(?!=))"
    return re.search(pattern, unicodedata.normalize("NFKC", source)) is not None


def _summarised(found: set[str]) -> list[str]:
    """Sort the names, leave out modules of which a member was found, and limit the length of the list."""
    parents = {path[:i] for path in found for i, character in enumerate(path) if character == "."}
    names = sorted(path[:MAX_REPORTED_CHARACTERS] for path in found - parents)
    return [*names[:MAX_REPORTED_NAMES], *(["…"] if len(names) > MAX_REPORTED_NAMES else [])]
