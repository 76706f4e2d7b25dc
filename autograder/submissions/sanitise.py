"""Make a notebook harmless to look at: no script, no request, no style that leaves its place.

Cells and outputs come from students. Formgrader and the feedback page put them into a page of the person who reads
them, where a script could act with that person's rights. What is left here is text, plain markup and pictures that
the notebook itself holds; a second pass changes nothing more.
"""

import base64
import binascii
import contextlib
import functools
import html
import re
from collections.abc import Mapping
from typing import Any

import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, markdown2html_mistune
from nbformat import NotebookNode, from_dict

_PICTURES = ("png", "jpeg", "gif", "webp", "svg+xml")  # a browser runs no script of an SVG that is shown as a picture
_BUNDLE = {f"image/{kind}": kind for kind in _PICTURES[:-1]}
_LANDMARKS = {"article", "aside", "footer", "header", "hgroup", "nav", "map", "area"}
TAGS = nh3.ALLOWED_TAGS - _LANDMARKS - {"wbr"}  # MathJax reads TeX across a <wbr>: \hr<wbr>ef
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height", "style"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
    "details": {"open"},
}
_OUR_PICTURE = re.compile(rf"data:image/({'|'.join(map(re.escape, _PICTURES))});base64,[A-Za-z0-9+/=\s]*\Z")
# TeX that MathJax turns into links, styles, identifiers or more of the kind.
_ACTIVE_TEX = re.compile(r"\\(href|style|class|cssId|require|bbox|csname|data|mmlToken|includegraphics)(?![A-Za-z])")
_STEERING = re.compile(r"\x1b\[[0-9;]{0,20}m|([\x00-\x08\x0b-\x1f\x7f-\x9f])")  # of these, colours may stay
# Of one piece of markup, and what would take time with its square if there were more: tags by their depth, entities,
# and attributes in one tag, of which there are no more than words between two brackets.
MOST_TAGS, MOST_ENTITIES, MOST_WORDS = 5_000, 20_000, 30_000
MOST_MARKDOWN, MOST_FORMULAS = 10_000, 100  # characters, and formulas that begin with \\( or \begin, in one cell
_BETWEEN_NAMES = re.compile(r"[\s/\"']+")
_BEGINS_FORMULA = re.compile(r"\\\\[(\[]|\\begin")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_TAG = re.compile(r"[\w-]{1,64}\Z")


def sanitise(nb: NotebookNode) -> NotebookNode:
    """Take out of a notebook all that could act in the page of its reader. It is changed in place and returned.

    Cells keep their type, order, source (Markdown that brings markup of its own becomes the cleaned markup that it
    stands for), the metadata of nbgrader and of this autograder, and their tags.
    """
    known = {"kernelspec", "lectrain"}
    nb.metadata = NotebookNode({key: value for key, value in nb.metadata.items() if key in known})
    nb.metadata["language_info"] = NotebookNode(name="python")
    for cell in nb.cells:
        _sanitise_cell(cell)
    return nb


def _sanitise_cell(cell: NotebookNode) -> None:
    tags = cell.metadata.get("tags")
    kept = {key: value for key, value in cell.metadata.items() if key in ("nbgrader", "lectrain")}
    if isinstance(tags, list):
        kept["tags"] = [tag for tag in tags if isinstance(tag, str) and _TAG.match(tag)]
    cell.metadata = NotebookNode(kept)
    if not (isinstance(cell.get("id"), str) and _CELL_ID.match(cell.id)):
        cell.pop("id", None)
    cell.source = cell.source if isinstance(cell.source, str) else str(cell.source)
    if cell.cell_type == "markdown":
        attachments = cell.pop("attachments", None)
        cell.source = harmless_markdown(cell.source, attachments) if attachments else _harmless_text_cell(cell.source)
    elif cell.cell_type == "code":
        cell.outputs = harmless_outputs(cell.outputs)
    else:
        cell.cell_type = "raw"
        cell.metadata["raw_mimetype"] = "text/plain"  # nbconvert would write others into its page as they are
        cell.source = cell.source if _no_markup(cell.source) else nh3.clean(cell.source, tags=set())


def _no_markup(text: str) -> bool:
    return not re.search("[<>&]", text)


# --- outputs ----------------------------------------------------------------------------------------------------


def harmless_outputs(outputs: Any) -> list[NotebookNode]:
    """Harmless copies of the outputs of a cell, without those that are none."""
    said = outputs if isinstance(outputs, list) else []
    return [clean for output in said if isinstance(output, Mapping) and (clean := _output(output))]


def _output(output: Mapping[str, Any]) -> NotebookNode | None:
    """A harmless copy of an output; None if nothing is left of it."""
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return from_dict({"output_type": kind, "name": name, "text": harmless_text(output.get("text"))})
    if kind == "error":
        traceback = output.get("traceback")
        lines = [harmless_text(line) for line in traceback] if isinstance(traceback, list) else []
        name, value = (harmless_text(output.get(key)) for key in ("ename", "evalue"))
        return from_dict({"output_type": kind, "ename": name, "evalue": value, "traceback": lines})
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), Mapping):
        count = output.get("execution_count")
        numbered = type(count) is int and count >= 0
        more = {"execution_count": count if numbered else None} if kind == "execute_result" else {}
        data = harmless_bundle(output["data"])
        return from_dict({"output_type": kind, "data": data, "metadata": {}, **more}) if data else None
    return None


def harmless_bundle(data: Mapping[str, Any]) -> dict[str, str]:
    """Of what an output can be shown as, keep text, markup and pictures; JavaScript, widgets and the rest go."""
    kept: dict[str, str] = {}
    texts = {mime: joined(content) for mime, content in data.items()}
    if "text/html" in texts:
        kept["text/html"] = harmless_html(texts["text/html"])
    elif "image/svg+xml" in texts:
        picture = base64.b64encode(texts["image/svg+xml"].encode(errors="replace")).decode()
        alt = html.escape(texts.get("text/plain", "")[:300])
        kept["text/html"] = harmless_html(f'<img alt="{alt}" src="data:image/svg+xml;base64,{picture}">')
    elif "text/markdown" in texts:
        kept["text/html"] = markdown_html(texts["text/markdown"])
    elif "text/latex" in texts:
        kept["text/html"] = harmless_html(html.escape(texts["text/latex"], quote=False))
    for mime in _BUNDLE.keys() & texts.keys():
        if pixels := _base64(texts[mime]):
            kept[mime] = pixels
    if "text/plain" in texts:
        kept["text/plain"] = harmless_text(texts["text/plain"])
    return kept


def joined(content: Any) -> str:
    """The text of a piece of a notebook, which may be a list of lines, as far as it can be written as UTF-8."""
    lines = content if isinstance(content, list) else [content]
    return "".join(line for line in lines if isinstance(line, str)).encode(errors="replace").decode()


def _base64(text: str) -> str | None:
    try:
        return base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
    except (binascii.Error, ValueError):
        return None


# --- text and markup --------------------------------------------------------------------------------------------


def harmless_text(text: Any) -> str:
    """Text for a terminal without what steers one: colours stay, links, titles and cursor movements go."""
    return _STEERING.sub(lambda match: "" if match.group(1) else match.group(), joined(text))


def harmless_html(markup: str) -> str:
    """Markup without scripts, forms, styles, classes, identifiers, and requests of any kind."""
    if _is_oversized(markup):
        return f"<pre>{html.escape(markup[:MOST_TAGS], quote=False)}</pre>"
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        filter_style_properties={"width", "max-width"},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    clean = re.sub(r"<pre>\n+", "<pre>", clean)  # a browser drops the first of them: a second pass would find another
    return _ACTIVE_TEX.sub(r"\\text", clean)


def _is_oversized(markup: str) -> bool:
    if markup.count("<") > MOST_TAGS or markup.count("&") > MOST_ENTITIES:
        return True
    return any(len(_BETWEEN_NAMES.findall(piece)) > MOST_WORDS for piece in markup.split("<"))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if _OUR_PICTURE.match(value) else None
    if name == "scope":
        return value if value in ("row", "col", "rowgroup", "colgroup") else None
    if name == "href":
        return value if value.startswith(("#", "http://", "https://", "mailto:")) else None
    return value


def markdown_html(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Render Markdown as nbconvert does, TeX left to whoever shows it, and clean what comes out."""
    return harmless_html(_render(source, attachments))


@functools.lru_cache(maxsize=1000)  # most cells of a submission are those of every other
def _harmless_text_cell(source: str) -> str:
    return harmless_markdown(source)


def harmless_markdown(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown that renders to harmless markup wherever it is rendered.

    Most cells stay as they are. Where rendering brings something that is cleaned away, the cell becomes the clean
    markup itself, on a line of its own, in which Markdown is not looked for.
    """
    rendered = _render(source, attachments)
    clean = harmless_html(rendered)
    if not attachments and _in_one_form(rendered) == _in_one_form(clean):
        return source
    one_line = f"<div>{clean.strip()}</div>".replace("\n", "&#10;")
    if markdown2html_mistune(one_line).strip() == one_line:
        return one_line
    return harmless_markdown(html.escape(clean, quote=False)) if "<" in clean else ""


def _render(source: str, attachments: Mapping[str, Any] | None) -> str:
    pictures: dict = dict(attachments) if attachments and _are_pictures(attachments) else {}
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=pictures)
    with contextlib.suppress(Exception):  # an attachment that is not there, quotes in quotes beyond any depth
        if len(source) <= MOST_MARKDOWN and len(_BEGINS_FORMULA.findall(source)) <= MOST_FORMULAS:
            return MarkdownWithMath(renderer=renderer).render(source)
    return f"<pre>{html.escape(source, quote=False)}</pre>"


def _are_pictures(attachments: Any) -> bool:
    return isinstance(attachments, Mapping) and all(
        isinstance(bundle, Mapping) and all(isinstance(data, str) for data in bundle.values())
        for bundle in attachments.values()
    )


def _in_one_form(markup: str) -> str:
    """Markup without the differences between the way that Markdown is rendered and the way that it is cleaned."""
    without_ids = re.sub(r'(<h[1-6]) id="[^"<>]*"', r"\1", markup)
    return without_ids.replace(" />", ">").replace("&quot;", '"').replace("&#10;", "\n").strip()
