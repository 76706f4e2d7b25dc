"""Render Markdown for a page that is one file, as clean HTML with formulas as MathML, and find its headings."""

import html
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from ..submissions.sanitise_html import preformatted, sanitise_html
from ..submissions.sanitise_markdown import can_be_rendered, is_long_sanitised_line
from .mathml import render_formula

MAX_HEADING_LEVEL = 6  # of HTML
_TAG = re.compile("<[^<>]*>")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)  # clean HTML closes each; one within another is not found


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, but formulas are stored and replaced by placeholders, and code has no style of its own.

    A placeholder holds a random token, so that a student cannot write one.
    """

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self._token = f"formula{secrets.token_hex(16)}n"
        self._formulas: list[tuple[str, bool]] = []  # TeX, and whether it has a line of its own

    def inline_math(self, body: str) -> str:
        return self._store_formula(body, display=False)

    def block_math(self, body: str) -> str:
        return self._store_formula(body, display=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._store_formula(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{html.escape(code, quote=False)}</code></pre>\n"

    def _store_formula(self, tex: str, display: bool) -> str:
        self._formulas.append((tex, display))
        return f"{self._token}{len(self._formulas) - 1};"

    def insert_formulas(self, markup: str) -> str:
        """Replace each placeholder in clean HTML by its formula: as MathML in text, as TeX in an attribute."""
        placeholder = re.compile(rf"{self._token}(\d*)(;?)")  # without the end if the text was cut off within it

        def insert(text: str, show: Callable[[str, bool], str]) -> str:
            return placeholder.sub(lambda found: show(*self._formulas[int(found[1])]) if found[2] else "", text)

        # in attributes, nh3 has escaped `<` and `>`
        return insert(_TAG.sub(lambda tag: insert(tag[0], lambda tex, _: html.escape(tex)), markup), render_formula)


def render(source: str) -> str:
    """Render the Markdown of a cell as harmless HTML that loads nothing.

    Text that is too long, or that cannot be rendered, is shown as it is.
    """
    if is_long_sanitised_line(source):
        return sanitise_html(source)
    return _render(source) if can_be_rendered(source) else preformatted(source)


def render_line(text: str) -> Markup:
    """Render one line of Markdown without its paragraph."""
    return Markup(render(text).strip().removeprefix("<p>").removesuffix("</p>"))


@lru_cache(maxsize=256)  # most cells of a submission are the same in all others
def _render(source: str) -> str:
    renderer = _Renderer()
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # for example, an attachment that does not exist, or block quotes nested too deeply
        return preformatted(source)
    return renderer.insert_formulas(sanitise_html(rendered))


def last_heading_html(source: str) -> str | None:
    """Find the last heading in a cell's Markdown, as the HTML within it.

    Examples
    --------
    >>> last_heading_html("### Exercise: `odds(p)` (4 points)")
    'Exercise: <code>odds(p)</code> (4 points)'
    """
    headings = _HEADING.findall(render(source))
    return (headings[-1][1].strip() or None) if headings else None


def renumber_headings(markup: str, parent_level: int) -> str:
    """Change the levels of headings so that they skip none, and remove those without text and picture.

    They start one below `parent_level`, the level of the heading above.

    Examples
    --------
    >>> renumber_headings("<h1>a</h1><h4>b</h4><h2></h2>", parent_level=2)
    '<h3>a</h3><h4>b</h4>'
    """
    previous = parent_level

    def renumber(heading: re.Match[str]) -> str:
        nonlocal previous
        if not _TAG.sub("", heading[2]).strip() and "<img " not in heading[2]:
            return ""
        previous = min(parent_level + int(heading[1]), previous + 1, MAX_HEADING_LEVEL)
        return f"<h{previous}>{heading[2]}</h{previous}>"

    return _HEADING.sub(renumber, markup)


def strip_tags(markup: Any) -> str:
    """Convert HTML to plain text, for a title or a label.

    Examples
    --------
    >>> strip_tags("<code>a &lt; b</code>")
    'a < b'
    """
    return html.unescape(_TAG.sub("", str(markup))).strip()
