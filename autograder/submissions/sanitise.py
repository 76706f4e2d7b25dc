"""Sanitise a notebook for display: remove scripts, requests to other servers, and styles that affect the page.

Cells and outputs come from students. Formgrader and the feedback page show them in the reader's browser, where a script
would have the reader's rights. A sanitised notebook holds only text, plain markup and embedded pictures. Sanitising it
again changes nothing.
"""

import base64
import binascii
import contextlib
import html
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import nh3
from mistune import HTMLRenderer
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, markdown2html_mistune
from nbformat import NotebookNode, from_dict
from nbformat.corpus.words import generate_corpus_id

OWN_METADATA = "lectrain"  # the key of what this autograder writes into a notebook and its cells
_PICTURES = ("png", "jpeg", "gif", "webp", "svg+xml")  # browsers do not run the scripts of an SVG in an <img>
_PIXEL_TYPES = {f"image/{kind}" for kind in _PICTURES[:-1]}
_LANDMARKS = {"article", "aside", "footer", "header", "hgroup", "nav", "map", "area"}
TAGS = nh3.ALLOWED_TAGS - _LANDMARKS - {"wbr"}  # MathJax ignores a <wbr> within TeX: \hr<wbr>ef
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height", "style"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
    "details": {"open"},
    "div": {"style"},
}
# The box around the text of an exercise, the only style of a <div>: such text cells stay Markdown when they are graded.
BOX = "background-color:rgba(0, 114, 178, 0.1);border-left:4px solid #0072B2;padding:0.6em 1em"
_BOX_PROPERTIES = {"background-color", "border-left", "padding"}
_EMBEDDED_PICTURE = re.compile(rf"data:image/({'|'.join(map(re.escape, _PICTURES))});base64,[A-Za-z0-9+/=\s]*\Z")
# TeX commands that MathJax turns into links, styles, identifiers and the like.
_ACTIVE_TEX = re.compile(r"\\(href|style|class|cssId|require|bbox|csname|data|mmlToken|includegraphics)(?![A-Za-z])")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}m")
# A colour, which is kept, or in the group a control character, which is removed.
_COLOUR_OR_CONTROL = re.compile(rf"{_COLOUR.pattern}|([\x00-\x08\x0b-\x1f\x7f-\x9f])")
# The parsers take quadratic time. An output has up to a million characters, the outputs of a notebook eight million.
# Without these limits, a few outputs hold the worker for the 30 s of its stage, while the others of the class wait.
MAX_TAGS = 5_000  # 10 000 nested tags take 0.2 s, a million characters of them more than a minute
MAX_ENTITIES = 20_000  # 250 000 "&" take 0.7 s, a million 10 s
MAX_SEPARATORS = 30_000  # between two brackets, and so of attributes: 30 000 in one tag take 0.2 s, 100 000 take 7 s
MAX_MARKDOWN_CHARACTERS, MAX_FORMULAS = 10_000, 100  # of a cell: 3000 \\( take 0.3 s, and 50 such cells 16 s
MAX_EMBEDDED_CHARACTERS = 20_000_000  # of attached pictures, in one notebook: a cell may show each of them many times
MAX_PLAIN_CHARACTERS, MAX_COSTLY_CHARACTERS = 100_000, 19_000  # of a cell that is shown as it is
MAX_PASSES = 4  # until the sanitised markup stays as it is
MAX_COLOURS = 5_000  # in one text, as nbconvert copies the rest for each: 50 000 take 0.6 s, a million characters 16 s
_SEPARATOR = re.compile(r"[\s/\"']+")
_FORMULA_START = re.compile(r"\\\\[(\[]|\\begin")
_FORMULA_PIECE = re.compile(r"\$(?=\$)|\\(?=[(\[]|begin)")  # before an invisible character, no formula begins here
_COSTLY_CHARACTER = re.compile(r"[<>&\s/\"']")  # an entity, or a separator of attributes
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_TAG = re.compile(r"[\w-]{1,64}\Z")


def sanitise(nb: NotebookNode) -> NotebookNode:
    """Remove everything from a notebook that could act in the reader's browser.

    Cells keep their type, order, source, tags, and the metadata of nbgrader and of this autograder. The source of a
    Markdown cell that contains active markup is replaced by the sanitised markup. The notebook is changed in place.
    """
    kept = {"kernelspec", OWN_METADATA}
    nb.metadata = NotebookNode({key: value for key, value in nb.metadata.items() if key in kept})
    nb.metadata["language_info"] = NotebookNode(name="python")
    embeddable = MAX_EMBEDDED_CHARACTERS
    for cell in nb.cells:
        embeddable -= _sanitise_cell(cell, embeddable)
    return nb


def _sanitise_cell(cell: NotebookNode, embeddable: int) -> int:
    """Sanitise a cell in place. Return its length if it embeds pictures, at most ``embeddable``, and otherwise 0."""
    embedded = 0
    tags = cell.metadata.get("tags")
    kept = {key: value for key, value in cell.metadata.items() if key in ("nbgrader", OWN_METADATA)}
    if isinstance(tags, list):
        kept["tags"] = [tag for tag in tags if isinstance(tag, str) and _TAG.match(tag)]
    cell.metadata = NotebookNode(kept)
    if "id" in cell and not (isinstance(cell.id, str) and CELL_ID.match(cell.id)):
        cell.id = generate_corpus_id()
    cell.source = cell.source if isinstance(cell.source, str) else str(cell.source)
    if cell.cell_type == "markdown":
        if attachments := cell.pop("attachments", None):
            cell.source = sanitise_markdown(cell.source, attachments, embeddable)
            embedded = min(len(cell.source), embeddable)
        elif len(cell.source) <= MAX_MARKDOWN_CHARACTERS:
            cell.source = _sanitise_short_markdown(cell.source)
        else:
            cell.source = sanitise_markdown(cell.source)
    elif cell.cell_type == "code":
        cell.outputs = sanitise_outputs(cell.outputs)
    else:
        cell.cell_type = "raw"
        cell.metadata["raw_mimetype"] = "text/plain"  # nbconvert copies other types into its page unescaped
        cell.source = _without_tags(cell.source)
    return embedded


def _without_tags(text: str) -> str:
    """Remove all tags from the text of a raw cell. If it has very many, they are shown as text."""
    if not re.search("[<>&]", text):
        return text
    clean = _escape(text) if _is_oversized(text) else str(nh3.clean(text, tags=set()))
    return str(nh3.clean(_escape(text) if _is_oversized(clean) else clean, tags=set()))


# --- outputs ----------------------------------------------------------------------------------------------------


def sanitise_outputs(outputs: Any) -> list[NotebookNode]:
    """Return sanitised copies of the outputs of a cell. Invalid outputs, and outputs without safe content, are dropped.

    Anything but a list counts as no outputs.
    """
    mappings = [output for output in outputs if isinstance(output, Mapping)] if isinstance(outputs, list) else []
    return [sanitised for output in mappings if (sanitised := _sanitise_output(output))]


def _sanitise_output(output: Mapping[str, Any]) -> NotebookNode | None:
    kind = output.get("output_type")
    fields: dict[str, Any] | None = None
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        fields = {"name": name, "text": sanitise_text(output.get("text"))}
    elif kind == "error":
        traceback = output.get("traceback")
        lines = [sanitise_text(line) for line in traceback] if isinstance(traceback, list) else []
        name, value = (sanitise_text(output.get(key)) for key in ("ename", "evalue"))
        fields = {"ename": name, "evalue": value, "traceback": lines}
    elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), Mapping):
        fields = _sanitise_display(output)
    if fields is None:
        return None
    sanitised: NotebookNode = from_dict({"output_type": kind, **fields})
    return sanitised


def _sanitise_display(output: Mapping[str, Any]) -> dict[str, Any] | None:
    data = sanitise_bundle(output["data"])
    if not data:
        return None
    if output["output_type"] == "display_data":
        return {"data": data, "metadata": {}}
    count = output.get("execution_count")
    is_valid = type(count) is int and count >= 0
    return {"data": data, "metadata": {}, "execution_count": count if is_valid else None}


def sanitise_bundle(data: Mapping[str, Any]) -> dict[str, str]:
    """Sanitise a MIME bundle: keep text, markup and pictures; drop JavaScript, widgets and all other types.

    SVG, Markdown and LaTeX become ``text/html``, unless the bundle has HTML itself.
    """
    sanitised: dict[str, str] = {}
    texts = {mime: to_text(content) for mime, content in data.items()}
    if "text/html" in texts:
        sanitised["text/html"] = sanitise_html(texts["text/html"])
    elif "image/svg+xml" in texts:
        picture = base64.b64encode(texts["image/svg+xml"].encode(errors="replace")).decode()
        alt = html.escape(texts.get("text/plain", ""))
        sanitised["text/html"] = sanitise_html(f'<img alt="{alt}" src="data:image/svg+xml;base64,{picture}">')
    elif "text/markdown" in texts:
        sanitised["text/html"] = render_markdown(texts["text/markdown"])
    elif "text/latex" in texts:
        sanitised["text/html"] = sanitise_html(html.escape(texts["text/latex"], quote=False))
    for mime in _PIXEL_TYPES & texts.keys():
        if pixels := _to_valid_base64(texts[mime]):
            sanitised[mime] = pixels
    if "text/plain" in texts:
        sanitised["text/plain"] = sanitise_text(texts["text/plain"])
    return sanitised


def to_text(content: Any) -> str:
    """Return text from a notebook as one string that can be written as UTF-8.

    A list of strings is joined, as nbformat allows. Anything else counts as empty.
    """
    lines = content if isinstance(content, list) else [content]
    text = "".join(line for line in lines if isinstance(line, str))
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _to_valid_base64(text: str) -> str | None:
    try:
        return base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
    except (binascii.Error, ValueError):
        return None


# --- text and markup --------------------------------------------------------------------------------------------


def sanitise_text(text: Any) -> str:
    """Remove a terminal's control characters from text. Escape sequences for colours are kept, up to a limit.

    Examples
    --------
    >>> sanitise_text("10 %\\r20 %")
    '10 %20 %'
    """
    text = to_text(text)
    if text.count("\x1b") > MAX_COLOURS:
        text = _COLOUR.sub("", text)
    return _COLOUR_OR_CONTROL.sub(lambda match: "" if match.group(1) else match.group(), text)


def sanitise_html(markup: str) -> str:
    """Remove scripts, forms, styles, classes, identifiers and requests to other servers from HTML.

    Markup beyond the limits on tags, entities and attributes becomes preformatted text, and is cut off.

    Examples
    --------
    >>> sanitise_html('<b onclick="alert(1)">bold</b><script>alert(1)</script>')
    '<b>bold</b>'
    """
    for _ in range(MAX_PASSES):
        clean = _sanitise_once(markup)
        if clean == markup:
            return clean
        markup = clean
    return _preformatted(markup)


def _sanitise_once(markup: str) -> str:
    """Without a tag that is removed, the rest may be parsed in another way, so the result may have to be sanitised."""
    if _is_oversized(markup):
        return _preformatted(markup)
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        filter_style_properties={"width", "max-width", *_BOX_PROPERTIES},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    # HTML parsers drop one line break after <pre>. A second pass would drop another one, so drop all of them.
    clean = re.sub(r"<pre>\n+", "<pre>", clean)
    return _ACTIVE_TEX.sub(r"\\text", clean)


def _is_oversized(markup: str) -> bool:
    if markup.count("<") > MAX_TAGS or markup.count("&") > MAX_ENTITIES:
        return True
    return any(_has_many_separators(piece) for piece in markup.split("<"))


def _has_many_separators(piece: str) -> bool:
    return next(islice(_SEPARATOR.finditer(piece), MAX_SEPARATORS, None), None) is not None


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if _EMBEDDED_PICTURE.match(value) else None
    if name == "style":
        is_allowed = value == BOX if tag == "div" else not any(each in value.lower() for each in _BOX_PROPERTIES)
        return value if is_allowed else None
    if name == "scope":
        return value if value in ("row", "col", "rowgroup", "colgroup") else None
    if name == "href":
        return value if value.startswith(("#", "http://", "https://", "mailto:")) else None
    return value


def render_markdown(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Render Markdown to sanitised HTML as nbconvert does. TeX is not rendered."""
    rendered = _render(source, attachments)
    return sanitise_html(_preformatted(source) if rendered is None else rendered)


@lru_cache(maxsize=256)  # most cells of a submission are the same in all others
def _sanitise_short_markdown(source: str) -> str:
    return sanitise_markdown(source)


def sanitise_markdown(
    source: str, attachments: Mapping[str, Any] | None = None, embeddable: int = MAX_EMBEDDED_CHARACTERS
) -> str:
    """Return Markdown that every renderer turns into harmless HTML.

    Most cells stay as they are. If the rendered HTML contains anything that `sanitise_html` removes, the result is the
    sanitised HTML itself, on a single line in which renderers do not look for Markdown. If the source cannot be
    rendered, or takes too much time, the result shows it as preformatted text.

    The attachments of the cell are a MIME bundle per file name. The result embeds their pictures, unless these take
    more than ``embeddable`` characters: then the Markdown is shown as it is.
    """
    if not attachments and is_sanitised_line(source):
        return source
    rendered = _render(source, attachments, embeddable)
    if rendered is not None:
        clean = sanitise_html(rendered)
        if not attachments and _normalise_markup(rendered) == _normalise_markup(clean):
            return source
        line = _one_line(clean)
        if _stays_unchanged(line):
            return line
    line = _one_line(_FORMULA_PIECE.sub("\\g<0>\u2060", sanitise_html(_preformatted(source))))
    return line if _stays_unchanged(line) else ""


def _one_line(markup: str) -> str:
    return f"<div>{markup.strip()}</div>".replace("\n", "&#10;")


def _stays_unchanged(line: str) -> bool:
    """Whether renderers, and sanitising it again, leave a line of sanitised HTML as it is."""
    if len(line) > MAX_MARKDOWN_CHARACTERS:
        return is_sanitised_line(line)
    return markdown2html_mistune(line).strip() == line


def _preformatted(text: str) -> str:
    return f"<pre>{_escape(text)}</pre>"


def _escape(text: str) -> str:
    """Convert text to HTML that shows it. It is cut off where an HTML parser would begin to take much time."""
    last = next(islice(_COSTLY_CHARACTER.finditer(text), MAX_COSTLY_CHARACTERS, None), None)
    end = min(last.start() if last else len(text), MAX_PLAIN_CHARACTERS)
    note = "\n[The rest is not shown.]" if end < len(text) else ""
    return html.escape(text[:end], quote=False) + note


def can_be_rendered(source: str) -> bool:
    """Whether rendering some Markdown takes little time. The renderer's time is quadratic for some text."""
    if len(source) > MAX_MARKDOWN_CHARACTERS:
        return False
    return next(islice(_FORMULA_START.finditer(source), MAX_FORMULAS, None), None) is None


def is_sanitised_line(source: str) -> bool:
    """Whether a long cell is one line of harmless HTML that renderers of Markdown leave unchanged.

    `sanitise_markdown` returns such a line for a long cell, and for a cell with attached pictures.
    """
    is_line = source.startswith("<div>") and source.endswith("</div>") and "\n" not in source
    if not is_line or len(source) <= MAX_MARKDOWN_CHARACTERS or "$$" in source or _FORMULA_START.search(source):
        return False
    is_harmless = _normalise_markup(sanitise_html(source)) == _normalise_markup(source)
    return is_harmless and markdown2html_mistune(source).strip() == source


class _TooManyPictures(Exception):
    """A cell embeds more characters of pictures than it may."""


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, but the number of embedded characters is limited, and code is not highlighted.

    Pygments takes quadratic time for some code. Since the class that names the language is active markup, the source
    of a cell with such code is replaced, so nbconvert does not highlight it in Formgrader either.
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
            raise _TooManyPictures
        return url


def _render(
    source: str, attachments: Mapping[str, Any] | None, embeddable: int = MAX_EMBEDDED_CHARACTERS
) -> str | None:
    """Render Markdown. Return None if that fails or would take too much time."""
    pictures: dict[str, Any] = dict(attachments) if attachments and _are_valid_attachments(attachments) else {}
    renderer = _Renderer(pictures, embeddable)
    with contextlib.suppress(Exception):  # a missing attachment, too many pictures, or quotes nested too deep
        if can_be_rendered(source):
            return str(MarkdownWithMath(renderer=renderer).render(source))
    return None


def _are_valid_attachments(attachments: Any) -> bool:
    return isinstance(attachments, Mapping) and all(
        isinstance(bundle, Mapping) and all(isinstance(data, str) for data in bundle.values())
        for bundle in attachments.values()
    )


def _normalise_markup(markup: str) -> str:
    """Remove the differences in style between rendered Markdown and sanitised HTML."""
    without_ids = re.sub(r'(<h[1-6]) id="[^"<>]*"', r"\1", markup)
    return without_ids.replace(" />", ">").replace("&quot;", '"').replace("&#10;", "\n").strip()
