"""Highlight Python code in linear time. Pygments takes quadratic time for code such as thousands of blank lines.

`highlight_cell` replaces nbconvert's filter ``highlight_code``, so that Formgrader's pages are highlighted in the same
way. The CSS classes are those of Pygments.
"""

import builtins
import html
import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..submissions.text_cache import cached_by_text

MAX_HIGHLIGHTED_CHARACTERS = 20_000  # of one cell. A longer one is shown plain: each token takes memory in a browser
# Each alternative either consumes all text that it reads or fails after a few characters, so the time is linear.
_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n]*+)
    | (?P<string>[rRbBuUfF]{0,2}(?:
          \"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:\"{3})?
        | '{3}(?:[^'\\]++|\\.|'(?!''))*+(?:'{3})?
        | "(?:[^"\\\n]++|\\.)*+"?
        | '(?:[^'\\\n]++|\\.)*+'?
      ))
    | (?P<number>0[xXoObB]\w++|\d[\d_]*+(?:\.[\d_]*+)?(?:[eE][+-]?\d++)?[jJ]?|\.\d[\d_]*+(?:[eE][+-]?\d++)?[jJ]?)
    | (?P<word>[^\W\d]\w*+)
    | (?P<operator>[-+*/%=<>!&|^~.@]++)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLASSES = {"comment": "c1", "string": "s", "number": "m", "operator": "o"}
_WORD_CLASSES = {
    **{word: "nb" for word in dir(builtins) if not word.startswith("_")},
    **{word: "ne" for word in dir(builtins) if word[0].isupper() and word.endswith(("Error", "Exception", "Warning"))},
    **dict.fromkeys(keyword.kwlist, "k"),
    **dict.fromkeys(("True", "False", "None"), "kc"),
    **dict.fromkeys(("and", "in", "is", "not", "or"), "ow"),
    **dict.fromkeys(("from", "import"), "kn"),
}
_CLASSES_OF_NAMES = {"def": "nf", "class": "nc"}  # by the word before the name


@cached_by_text(max_characters=5_000_000)
def highlight_python(source: str) -> str:
    """Highlight Python code: a CSS class for each kind of token.

    Parameters
    ----------
    source : str
        Code that is too long is shown plain.

    Returns
    -------
    str

    Examples
    --------
    >>> highlight_python("return 1")
    '<span class="k">return</span> <span class="m">1</span>'
    """
    if len(source) > MAX_HIGHLIGHTED_CHARACTERS:
        return html.escape(source)
    return "".join(_highlighted_pieces(source))


def highlight_cell(source: str, language: str | None = None, metadata: Mapping[str, Any] | None = None) -> str:
    """Highlight a code cell for nbconvert, as its filter ``highlight_code`` does.

    Parameters
    ----------
    source : str
    language, metadata : optional
        Not used: all code is highlighted as Python.

    Returns
    -------
    str
    """
    return f'<div class="highlight hl-python"><pre><span></span>{highlight_python(source)}\n</pre></div>\n'


def _highlighted_pieces(source: str) -> Iterator[str]:
    end, previous = 0, ""
    for match in _TOKEN.finditer(source):
        text = match.group()
        css_class = _CLASSES.get(match.lastgroup or "") or _CLASSES_OF_NAMES.get(previous) or _WORD_CLASSES.get(text)
        escaped = html.escape(text)
        yield html.escape(source[end : match.start()])
        yield f'<span class="{css_class}">{escaped}</span>' if css_class else escaped
        end, previous = match.end(), text
    yield html.escape(source[end:])
