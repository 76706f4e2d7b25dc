"""Parse the code that IPython runs for a cell, within limits of time and memory.

IPython removes prompts and common indentation, and turns magics into calls, before Python sees a cell.
"""

import ast
import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

MAX_CELL_CHARACTERS = 50_000  # the parser takes quadratic time for some cells; the course's have at most 1500
MAX_LINE_CHARACTERS = 2_000  # of a cell with magics: IPython's tokeniser takes quadratic time for some lines
# IPython tokenises a cell again for every magic in it, which takes about 3 s per million characters.
MAX_CELL_COST, MAX_NOTEBOOK_COST = 100_000, 300_000
_PROMPTS = (">>>", "...", "In [", "[nav] In [", "[ins] In [", "%%")


@dataclass(frozen=True)
class ParsedCell:
    """The code of a cell as a syntax tree.

    Attributes
    ----------
    tree : ast.Module or None
        None if the cell is not valid Python, or if it was not read.
    was_read : bool
        False if the cell exceeds a limit. Python may be able to run it.
    cost : int
        The number of characters that were tokenised to find the cell's magics.
    """

    tree: ast.Module | None
    was_read: bool = True
    cost: int = 0


_NOT_READ = ParsedCell(None, was_read=False)
_NOT_PYTHON = ParsedCell(None)


def parse_cell(source: str) -> ParsedCell:
    """Parse the code that IPython runs for a cell. Magics are calls of ``get_ipython()``.

    Parameters
    ----------
    source : str

    Returns
    -------
    ParsedCell

    Examples
    --------
    >>> ast.unparse(parse_cell(">>> %time f(x)").tree)
    "get_ipython().run_line_magic('time', 'f(x)')"
    """
    if len(source) > MAX_CELL_CHARACTERS:
        return _NOT_READ
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of invalid escape sequences, IPython of unusual ends of lines
        if not any(line.lstrip().startswith(_PROMPTS) for line in source.splitlines()):
            parsed = _parse(source)
            if parsed.tree or not parsed.was_read:  # IPython leaves such a cell unchanged
                return parsed
        return _parse_as_ipython(source)


class _Costly(Protocol):
    @property
    def cost(self) -> int: ...


Result = TypeVar("Result", bound=_Costly)


def read_in_turn(read: Callable[[str], Result], sources: Iterable[str]) -> Iterator[Result | None]:
    """Read the cells of a notebook one after the other, and stop when they have cost too much.

    Parameters
    ----------
    read : callable
        It takes the source of a cell. Its result has the cost of `ParsedCell`.
    sources : iterable of str

    Yields
    ------
    object or None
        None for a cell that was not read.
    """
    total = 0
    for source in sources:
        result = read(source) if total <= MAX_NOTEBOOK_COST else None
        total += result.cost if result else 0
        yield result


def _parse(source: str) -> ParsedCell:
    try:
        return ParsedCell(ast.parse(source))
    except (SyntaxError, ValueError):
        return _NOT_PYTHON
    except (RecursionError, MemoryError):
        return _NOT_READ


@functools.cache
def _transformer() -> Any:
    from IPython.core.inputtransformer2 import TransformerManager  # imports much, and most cells are plain Python

    return TransformerManager()  # type: ignore[no-untyped-call]


def _parse_as_ipython(source: str) -> ParsedCell:
    lines = f"{source}\n".splitlines(keepends=True)
    if any(len(line) > MAX_LINE_CHARACTERS for line in lines):
        return _NOT_READ
    manager = _transformer()
    for transform in (*manager.cleanup_transforms, *manager.line_transforms):
        lines = transform(lines)
    parsed = _parse("".join(lines))
    if parsed.tree or not parsed.was_read:
        return parsed
    cost, changed = 0, True
    while changed:
        cost += len(source) + 1
        if cost > MAX_CELL_COST:
            return replace(_NOT_READ, cost=cost)
        try:
            changed, lines = manager.do_one_token_transform(lines)
        except Exception:  # the tokeniser raises many kinds of exceptions for code that is not Python
            return replace(_NOT_PYTHON, cost=cost)
    return replace(_parse("".join(lines)), cost=cost)
