"""Sanitise Markdown: render it as nbconvert does, and replace what becomes active markup."""

import re
from collections.abc import Mapping
from typing import Any

from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, markdown2html_mistune

from .bounded_search import find_after
from .sanitise_html import preformatted, sanitise_html

# The renderer takes quadratic time for some text: 3000 \\( take 0.3 s, and 50 such cells 16 s.
MAX_MARKDOWN_CHARACTERS = 10_000  # of a cell
MAX_FORMULAS = 100  # of a cell
MAX_EMBEDDED_CHARACTERS = 20_000_000  # of attached pictures, in one notebook: a cell may show each of them many times
# In Markdown, `\\(` starts a formula, and `\(` is an escaped parenthesis.
_FORMULA_START = re.compile(r"\\\\[(\[]|\\begin")
# A word joiner (U+2060) behind each piece, such as the last backslash of `\\(`, keeps a formula from starting there.
_FORMULA_PIECE = re.compile(r"\$(?=\$)|\\(?=[(\[]|begin)")


def render_markdown(source: str) -> str:
    """Render Markdown to sanitised HTML as nbconvert does. TeX is not rendered."""
    rendered = _render(source, {}, embeddable=0)
    return sanitise_html(preformatted(source) if rendered is None else rendered)


def sanitise_markdown(
    source: str, attachments: Mapping[str, Any] | None = None, embeddable: int = MAX_EMBEDDED_CHARACTERS
) -> str:
    """Return Markdown that renderers turn into harmless HTML, if they leave formulas to MathJax as nbconvert does.

    Others would show the markup in a formula such as `$<b>$` as it is.

    Most cells stay as they are. If the rendered HTML contains anything that `sanitise_html` removes, the result is the
    sanitised HTML itself, on a single line in which renderers do not look for Markdown. If the source cannot be
    rendered, or takes too much time, the result shows it as preformatted text, or nothing if even that would change.

    The attachments of the cell are a MIME bundle per file name. The result embeds their pictures, unless these take
    more than ``embeddable`` characters: then the Markdown is shown as it is.
    """
    # A cell with attachments is always rendered: the result embeds them, and they are dropped.
    if not attachments and is_long_sanitised_line(source):
        return source
    rendered = _render(source, attachments or {}, embeddable)
    if rendered is None:
        return as_preformatted_line(source)
    clean = sanitise_html(rendered)
    if not attachments and _normalise_markup(rendered) == _normalise_markup(clean):
        return source
    return _as_line(clean) or as_preformatted_line(source)


def as_preformatted_line(source: str) -> str:
    """The source as text in which no formula starts; nothing if renderers would change even that."""
    return _as_line(_FORMULA_PIECE.sub("\\g<0>\u2060", sanitise_html(preformatted(source))))


def _as_line(clean: str) -> str:
    """Sanitised HTML as a line that the next sanitising keeps; nothing if renderers of Markdown would change it."""
    line = f"<div>{clean.strip()}</div>".replace("\n", "&#10;")
    # A short line may have formulas, like a cell that stays as it is: JupyterLab sanitises what it has rendered.
    is_kept = is_long_sanitised_line(line) if len(line) > MAX_MARKDOWN_CHARACTERS else _renders_to_itself(line)
    return line if is_kept else ""


def _renders_to_itself(line: str) -> bool:
    """Whether nbconvert, and so Formgrader, shows the line as it is. It has no limits of its own, unlike `_render`."""
    return markdown2html_mistune(line).strip() == line


def can_be_rendered(source: str) -> bool:
    """Whether rendering some Markdown takes little time. The renderer's time is quadratic for some text."""
    return len(source) <= MAX_MARKDOWN_CHARACTERS and not find_after(_FORMULA_START, source, MAX_FORMULAS)


def is_long_sanitised_line(source: str) -> bool:
    """Whether a cell is one long line of harmless HTML that renderers of Markdown leave unchanged.

    `sanitise_markdown` returns such a line for a long cell, and for a cell whose attached pictures make it long.
    """
    if len(source) <= MAX_MARKDOWN_CHARACTERS:  # what a renderer makes of a shorter cell is seen by rendering it
        return False
    is_line = source.startswith("<div>") and source.endswith("</div>") and "\n" not in source
    # nbconvert passes such a line through unparsed, however long. JupyterLab looks for formulas before HTML, and
    # `can_be_rendered` limits none here. With a single `$` they stay, or else a picture beside one would be lost.
    if not is_line or "$$" in source or _FORMULA_START.search(source):
        return False
    is_harmless = _normalise_markup(sanitise_html(source)) == _normalise_markup(source)
    return is_harmless and _renders_to_itself(source)


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, but the number of embedded characters is limited, and code is not highlighted.

    The limit replaces a private method of nbconvert, whose name may change.

    Pygments takes quadratic time for some code. The class that names the language of a block counts as active markup,
    so a cell with such a block is replaced by its HTML, and nbconvert does not highlight it in Formgrader either.
    """

    def __init__(self, attachments: dict[str, Any], embeddable: int):
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self._embeddable = embeddable

    def block_code(self, code: str, info: str | None = None) -> str:
        return str(HTMLRenderer.block_code(self, code, info))

    def _embed_image_or_attachment(self, src: str) -> str:
        url = str(super()._embed_image_or_attachment(src))
        self._embeddable -= len(url) - len(src)
        if self._embeddable < 0:
            raise ValueError("the cell embeds more characters of pictures than it may")
        return url


def _render(source: str, attachments: Mapping[str, Any], embeddable: int) -> str | None:
    """Render Markdown. Return None if that fails or would take too much time."""
    if not can_be_rendered(source):
        return None
    try:
        renderer = _Renderer(dict(attachments), embeddable)
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # invalid attachments, a missing one, too many, or quotes nested too deep
        return None


def _normalise_markup(markup: str) -> str:
    """Remove the differences in style between rendered Markdown and sanitised HTML."""
    without_ids = re.sub(r'(<h[1-6]) id="[^"<>]*"', r"\1", markup)
    return without_ids.replace(" />", ">").replace("&quot;", '"').replace("&#10;", "\n").strip()
