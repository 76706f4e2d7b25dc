"""Find out what a student's code contains, so that no hint names something that is not there."""

import inspect
import io
import re
import tokenize
from collections.abc import Iterable
from typing import Any

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def cells_that_define(name: str, cells: Iterable[str]) -> str:
    """Join the cells that define a function or variable at their top level: ``def name``, ``name =``, ``name: T =``.

    Examples
    --------
    >>> cells_that_define("f", ["import math", "def f(x):\\n    return x", "print(f(2))"])
    'def f(x):\\n    return x'
    """
    definition = re.compile(rf"^(async +)?def +{name}\b|^{name}\s*(:[^=\n]*)?=(?!=)", re.MULTILINE)
    return "\n".join(cell for cell in cells if definition.search(cell))


def source_of(function: Any) -> str:
    """The source of a function of this process; empty if Python does not know it."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def contains(source: str, construct: str) -> bool:
    """Whether Python code contains a piece of code, in whatever layout. Comments and strings do not count.

    Examples
    --------
    >>> contains("p = numpy.where( z>0, 1, 0 )", "np.where"), contains("y = y - p  # or y -= p", "y -= p")
    (True, False)
    """
    tokens, wanted = _tokens(source), _tokens(construct)
    return any(tokens[i : i + len(wanted)] == wanted for i in range(len(tokens) - len(wanted) + 1))


def _tokens(source: str) -> list[str]:
    """The tokens up to the first one that is not Python, such as an IPython command."""
    found: list[str] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in _LAYOUT and token.string:
                found.append("np" if token.string == "numpy" else token.string)  # hints say np, students say either
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
