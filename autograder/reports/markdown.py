"""Render Markdown for a page that is one file: clean HTML, formulas as MathML, highlighted code."""

import functools
import html
import re
from typing import Any

import math_core
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from ..submissions.sanitise import MAX_MARKDOWN_CHARACTERS, sanitise_html

MAX_FORMULA_CHARACTERS = 2_000
MAX_UNSCROLLED_CHARACTERS = 40  # a longer formula within a line may not fit on a phone, so it can scroll
_TEX = math_core.LatexToMathML()
_MATHML = re.compile(r"</?(math|m[a-z]+|code|em|i|b)((?: [a-z]+(?:=\"[^\"<>]*\")?)*)/?>")
_SPACED_ROW = re.compile(r"\\\\\[[^\]]*\]")  # a line break with extra space, which the converter does not support
# It replaces a formula while the rest is cleaned. These two characters are removed from all text of students.
_PLACEHOLDER = "\ue000{}\ue001"
_CODE = HtmlFormatter(nowrap=True)
_TAG = re.compile("<[^>]*>")


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, but formulas are stored and replaced by placeholders, and code has no style of its own."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.formulas: list[str] = []

    def inline_math(self, body: str) -> str:
        return self._store_formula(body, display=False)

    def block_math(self, body: str) -> str:
        return self._store_formula(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._store_formula(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code, quote=False)}</code></pre>\n"

    def _store_formula(self, tex: str, display: bool) -> str:
        self.formulas.append(render_formula(tex, display))
        return _PLACEHOLDER.format(len(self.formulas) - 1)


@functools.lru_cache(maxsize=4096)  # most cells of a submission are the same in all others
def render(source: str) -> str:
    """Render the Markdown of a cell as harmless HTML that loads nothing.

    Parameters
    ----------
    source : str
        Text that is too long, or that cannot be rendered, is shown as it is.

    Returns
    -------
    str
    """
    source = re.sub("[\ue000\ue001]", "", source)
    if len(source) > MAX_MARKDOWN_CHARACTERS:
        return f"<pre>{html.escape(source)}</pre>"
    renderer = _Renderer()
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # for example, an attachment that does not exist, or block quotes nested too deeply
        return f"<pre>{html.escape(source)}</pre>"
    clean = sanitise_html(rendered)
    return re.sub("\ue000([0-9]+)\ue001", lambda match: renderer.formulas[int(match.group(1))], clean)


@functools.lru_cache(maxsize=4096)
def render_formula(tex: str, display: bool = False) -> str:
    """Render a formula as MathML.

    Parameters
    ----------
    tex : str
        TeX that is too long, or that cannot be converted, is shown as code.
    display : bool
        Whether the formula has a line of its own.

    Returns
    -------
    str

    Examples
    --------
    >>> render_formula("x^2")
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    if len(tex) <= MAX_FORMULA_CHARACTERS:
        try:
            formula = _TEX.convert_with_local_state(_SPACED_ROW.sub(r"\\\\", tex), displaystyle=display)
        except math_core.LatexError:
            formula = ""
        if formula and "<" not in _MATHML.sub("", formula):
            if display:
                return f'<span class="formula" tabindex="0">{formula}</span>'
            if len(tex) > MAX_UNSCROLLED_CHARACTERS:
                return f'<span class="formula in-line" tabindex="0">{formula}</span>'
            return formula
    return f"<code>{html.escape(tex)}</code>"


@functools.lru_cache(maxsize=4096)
def highlight_python(source: str) -> str:
    """Highlight Python code: a CSS class for each kind of token.

    Parameters
    ----------
    source : str

    Returns
    -------
    str
    """
    return str(highlight(source, PythonLexer(stripnl=False), _CODE))


def last_heading(source: str) -> str | None:
    """Find the last heading in a cell's Markdown.

    Parameters
    ----------
    source : str

    Returns
    -------
    str or None
        The HTML within the heading. None if there is no heading.

    Examples
    --------
    >>> last_heading("### Exercise: `sigmoid(z)` (4 points)")
    'Exercise: <code>sigmoid(z)</code> (4 points)'
    """
    headings = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", render(source), flags=re.S)
    return headings[-1].strip() or None if headings else None


def renumber_headings(markup: str, parent_level: int) -> str:
    """Change the levels of headings so that they skip none, and remove empty headings.

    Parameters
    ----------
    markup : str
    parent_level : int
        The level of the heading above. Headings in `markup` start one below.

    Returns
    -------
    str

    Examples
    --------
    >>> renumber_headings("<h1>a</h1><h4>b</h4><h2></h2>", parent_level=2)
    '<h3>a</h3><h4>b</h4>'
    """
    previous = parent_level

    def renumber(match: re.Match[str]) -> str:
        nonlocal previous
        level, text = match.groups()
        if not _TAG.sub("", text).strip():
            return ""
        previous = min(max(int(level) + parent_level, parent_level + 1), previous + 1, 6)
        return f"<h{previous}>{text}</h{previous}>"

    return re.sub(r"<h([1-6])>(.*?)</h\1>", renumber, markup, flags=re.S)


def strip_tags(markup: Any) -> str:
    """Convert HTML to plain text, for a title or a label.

    Parameters
    ----------
    markup : str or Markup

    Returns
    -------
    str

    Examples
    --------
    >>> strip_tags("<code>a &lt; b</code>")
    'a < b'
    """
    return html.unescape(_TAG.sub("", str(markup))).strip()
