"""Highlight Python code with Pygments.

`highlight_cell` replaces nbconvert's filter ``highlight_code``, so that the same limit holds on Formgrader's pages.
"""

import html
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

# Of one cell. The worst text takes 0.6 s. Without a limit, the 500 000 characters of a notebook take minutes.
MAX_HIGHLIGHTED_CHARACTERS = 20_000
_LEXER = PythonLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def highlight_python(source: str) -> str:
    """Highlight Python code with the CSS classes of Pygments. Code that is too long is shown plain.

    Examples
    --------
    >>> highlight_python("return 1")
    '<span class="k">return</span> <span class="mi">1</span>'
    """
    return _highlight(source) if len(source) <= MAX_HIGHLIGHTED_CHARACTERS else html.escape(source)


@lru_cache(maxsize=256)  # most cells of a submission are the same in all others; at worst, the results take 128 MB
def _highlight(source: str) -> str:
    # Pygments takes quadratic time for lines of spaces: 12 s for 20 000 characters. It always adds a newline.
    lines = "\n".join(line.rstrip() for line in source.split("\n"))
    return str(highlight(lines, _LEXER, _FORMATTER)).removesuffix("\n") + "\n" * lines.endswith("\n")


def highlight_cell(source: str, language: str | None = None, metadata: Mapping[str, Any] | None = None) -> str:
    """Highlight a code cell for nbconvert, as its filter ``highlight_code`` does. All code is highlighted as Python."""
    return f'<div class="highlight hl-python"><pre><span></span>{highlight_python(source)}\n</pre></div>\n'
