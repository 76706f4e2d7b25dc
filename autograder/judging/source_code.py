"""Find out what a student's code contains, so that no hint names something that is not there."""

import io
import re
import tokenize
from collections.abc import Iterable

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
# Python 3.12 and later split f-strings into tokens. For earlier versions, an f-string is one token, as any string.
_FSTRING_START, _FSTRING_END = (getattr(tokenize, f"FSTRING_{end}", None) for end in ("START", "END"))
# A command of IPython: a lone quote in it would end the tokens. `!= 0` and `% b)` continue an expression.
_IPYTHON_COMMAND = re.compile(r"^[ \t]*(?:!(?!=)|%%?\w+(?!\S)).*", re.MULTILINE)


def cells_that_define(name: str, cells: Iterable[str]) -> str:
    """Join the cells that define a function or variable at their top level: ``def name``, ``name =``, ``name: T =``.

    Examples
    --------
    >>> cells_that_define("f", ["import math", "def f(x):\\n    return x", "print(f(2))"])
    'def f(x):\\n    return x'
    """
    definition = re.compile(rf"^(async +)?def +{name}\b|^{name}\s*(:[^=\n]*)?=(?!=)", re.MULTILINE)
    return "\n".join(cell for cell in cells if definition.search(cell))


def contains(source: str, construct: str) -> bool:
    """Whether Python code contains a piece of code, in whatever layout.

    Comments, strings and f-strings do not count, nor do lines with a command of IPython, such as ``!pip``.

    Examples
    --------
    >>> contains("p = numpy.where( z>0, 1, 0 )", "np.where"), contains("y = y - p  # or y -= p", "y -= p")
    (True, False)
    """
    tokens, wanted = _tokens(source), _tokens(construct)
    return any(tokens[i : i + len(wanted)] == wanted for i in range(len(tokens) - len(wanted) + 1))


def _tokens(source: str) -> list[str]:
    """The tokens up to the first one that Python cannot read. Of an f-string, only the first."""
    found: list[str] = []
    depth = 0  # of f-strings within f-strings
    try:
        for token in tokenize.generate_tokens(io.StringIO(_IPYTHON_COMMAND.sub("", source)).readline):
            if token.type not in _LAYOUT and token.string and depth == 0:
                found.append("np" if token.string == "numpy" else token.string)  # hints say np, students say either
            depth += (token.type == _FSTRING_START) - (token.type == _FSTRING_END)
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
