"""Markdown as a page of one file shows it: cleaned markup, formulas as MathML, code in colours of either scheme."""

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

LONGEST_FORMULA = 2_000  # characters
LONG_FORMULA = 40  # in a line of text: longer ones may have to scroll on a phone
_TEX = math_core.LatexToMathML()
_MATHML = re.compile(r"</?(math|m[a-z]+|code|em|i|b)((?: [a-z]+(?:=\"[^\"<>]*\")?)*)/?>")
_SPACED_ROW = re.compile(r"\\\\\[[^\]]*\]")  # a line break with extra space, which the converter does not know
_MARK = "\ue000{}\ue001"  # stands for a formula while the rest is cleaned; no text of a student holds these two
_CODE = HtmlFormatter(nowrap=True)


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, but for formulas, which are put aside, and for code, which gets no style of its own."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.formulas: list[str] = []

    def inline_math(self, body: str) -> str:
        return self._aside(body, display=False)

    def block_math(self, body: str) -> str:
        return self._aside(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._aside(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code, quote=False)}</code></pre>\n"

    def _aside(self, tex: str, display: bool) -> str:
        self.formulas.append(mathml(tex, display))
        return _MARK.format(len(self.formulas) - 1)


@functools.lru_cache(maxsize=4096)  # most cells of a submission are those of every other
def render(source: str) -> str:
    """Render the Markdown of a cell to markup that is harmless and needs nothing from elsewhere."""
    source = re.sub("[\ue000\ue001]", "", source)
    if len(source) > MAX_MARKDOWN_CHARACTERS:
        return f"<pre>{html.escape(source)}</pre>"
    renderer = _Renderer()
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # an attachment that is not there, quotes in quotes beyond any depth
        return f"<pre>{html.escape(source)}</pre>"
    clean = sanitise_html(rendered)
    return re.sub("\ue000([0-9]+)\ue001", lambda found: renderer.formulas[int(found.group(1))], clean)


@functools.lru_cache(maxsize=4096)
def mathml(tex: str, display: bool = False) -> str:
    """A formula as MathML; as its TeX where it is none.

    >>> mathml("x^2")
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    if len(tex) <= LONGEST_FORMULA:
        try:
            formula = _TEX.convert_with_local_state(_SPACED_ROW.sub(r"\\\\", tex), displaystyle=display)
        except math_core.LatexError:
            formula = ""
        if formula and "<" not in _MATHML.sub("", formula):
            if display:
                return f'<span class="formula" tabindex="0">{formula}</span>'
            return (
                f'<span class="formula in-line" tabindex="0">{formula}</span>' if len(tex) > LONG_FORMULA else formula
            )
    return f"<code>{html.escape(tex)}</code>"


@functools.lru_cache(maxsize=4096)
def python(source: str) -> str:
    """Python code with a class for each kind of token."""
    return highlight(source, PythonLexer(stripnl=False), _CODE)


def heading(source: str) -> str | None:
    """The markup of the last heading in a cell's Markdown, without its mark; None if there is none.

    >>> heading("### Exercise: `sigmoid(z)` (4 points)")
    'Exercise: <code>sigmoid(z)</code> (4 points)'
    """
    found = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", render(source), flags=re.S)
    return found[-1].strip() or None if found else None


def in_order(markup: str, deepest: int) -> str:
    """Give the headings of a page levels without gaps, from the one below `deepest`; drop empty ones.

    >>> in_order("<h1>a</h1><h4>b</h4><h2></h2>", deepest=2)
    '<h3>a</h3><h4>b</h4>'
    """
    last = deepest

    def again(found: re.Match) -> str:
        nonlocal last
        level, text = found.groups()
        if not re.sub("<[^>]*>", "", text).strip():
            return ""
        last = min(max(int(level) + deepest, deepest + 1), last + 1, 6)
        return f"<h{last}>{text}</h{last}>"

    return re.sub(r"<h([1-6])>(.*?)</h\1>", again, markup, flags=re.S)


def plain(markup: Any) -> str:
    """Markup without its tags, for a title or a label."""
    return html.unescape(re.sub("<[^>]*>", "", str(markup))).strip()
