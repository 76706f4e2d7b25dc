"""Sanitise a notebook for display: remove scripts, requests to other servers, and styles that affect the page.

Cells and outputs come from students. Formgrader and the feedback page show them in the reader's browser, where a script
would have the reader's rights. A sanitised notebook holds only text, plain markup and embedded pictures. Sanitising it
again changes nothing.
"""

import base64
import html
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from nbformat import NotebookNode, from_dict

from .plain_text import sanitise_text, to_text
from .sanitise_html import PIXEL_PICTURES, sanitise_html
from .sanitise_markdown import (
    MAX_EMBEDDED_CHARACTERS,
    MAX_MARKDOWN_CHARACTERS,
    as_preformatted_line,
    render_markdown,
    sanitise_markdown,
)

OWN_METADATA = "lectrain"  # the key of what this autograder writes into a notebook and its cells


def sanitise(nb: NotebookNode) -> NotebookNode:
    """Remove everything from a notebook that could act in the reader's browser.

    Cells keep their order, id, and the metadata of nbgrader and of this autograder; code cells keep their source, too.
    A raw cell becomes a Markdown cell that shows its text. The source of a Markdown cell stays, unless it contains
    active markup or attached pictures or takes too long to render: see `sanitise_markdown`. The notebook is changed in
    place.
    """
    kept = {"kernelspec", OWN_METADATA}
    nb.metadata = NotebookNode({key: value for key, value in nb.metadata.items() if key in kept})
    nb.metadata["language_info"] = NotebookNode(name="python")
    embeddable = MAX_EMBEDDED_CHARACTERS  # for attached pictures, which become part of their cell's text
    for cell in nb.cells:
        attachments = cell.pop("attachments", None)
        _sanitise_cell(cell, attachments, embeddable)
        if attachments:
            embeddable = max(0, embeddable - len(cell.source))  # at 0, cells whose pictures are not attached still pass
    return nb


def _sanitise_cell(cell: NotebookNode, attachments: Any, embeddable: int) -> None:
    cell.metadata = NotebookNode(
        {key: cell.metadata[key] for key in ("nbgrader", OWN_METADATA) if key in cell.metadata}
    )
    if cell.cell_type == "code":
        cell.outputs = sanitise_outputs(cell.outputs)
    elif cell.cell_type == "raw":  # nbconvert copies some of them into its page unescaped
        cell.cell_type, cell.source = "markdown", as_preformatted_line(cell.source)
    elif attachments or len(cell.source) > MAX_MARKDOWN_CHARACTERS:
        cell.source = sanitise_markdown(cell.source, attachments, embeddable)
    else:
        cell.source = _sanitise_short_markdown(cell.source)


@lru_cache(maxsize=256)  # most cells of a submission are the same in all others
def _sanitise_short_markdown(source: str) -> str:
    return sanitise_markdown(source)


# --- outputs ----------------------------------------------------------------------------------------------------


def sanitise_outputs(outputs: Iterable[Any]) -> list[NotebookNode]:
    """Return sanitised copies of the outputs of a cell. Invalid ones, and those of other types alone, are dropped."""
    return [sanitised for output in outputs if (sanitised := _sanitise_output(output))]


def _sanitise_output(output: Any) -> NotebookNode | None:
    match output:
        case {"output_type": "stream"}:
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            fields: dict[str, Any] = {"name": name, "text": sanitise_text(output.get("text"))}
        case {"output_type": "error"}:
            traceback = output.get("traceback")
            fields = {name: sanitise_text(output.get(name)) for name in ("ename", "evalue")}
            fields["traceback"] = [sanitise_text(line) for line in traceback] if isinstance(traceback, list) else []
        case {"output_type": "display_data" | "execute_result" as kind, "data": Mapping() as data}:
            fields = {"data": _sanitise_bundle(data), "metadata": {}}
            if kind == "execute_result":
                count = output.get("execution_count")
                fields["execution_count"] = count if type(count) is int and count >= 0 else None
            if not fields["data"]:
                return None
        case _:
            return None
    sanitised: NotebookNode = from_dict({"output_type": output["output_type"], **fields})
    return sanitised


def _sanitise_bundle(data: Mapping[str, Any]) -> dict[str, str]:
    """Sanitise a MIME bundle: keep text, markup and pictures; drop JavaScript, widgets and all other types.

    SVG, Markdown and LaTeX become ``text/html``, unless the bundle has HTML itself.
    """
    sanitised: dict[str, str] = {}
    texts = {mime: to_text(content) for mime, content in data.items()}
    if "text/html" in texts:
        sanitised["text/html"] = sanitise_html(texts["text/html"])
    elif "image/svg+xml" in texts:
        picture = base64.b64encode(texts["image/svg+xml"].encode()).decode()
        alt = html.escape(texts.get("text/plain", ""))
        sanitised["text/html"] = sanitise_html(f'<img alt="{alt}" src="data:image/svg+xml;base64,{picture}">')
    elif "text/markdown" in texts:
        sanitised["text/html"] = render_markdown(texts["text/markdown"])
    elif "text/latex" in texts:
        sanitised["text/html"] = sanitise_html(html.escape(texts["text/latex"], quote=False))
    for mime in sorted({f"image/{kind}" for kind in PIXEL_PICTURES} & texts.keys()):
        if pixels := _to_valid_base64(texts[mime]):
            sanitised[mime] = pixels
    if "text/plain" in texts:
        sanitised["text/plain"] = sanitise_text(texts["text/plain"])
    # markup of which nothing is left must not hide a picture
    return {mime: text for mime, text in sanitised.items() if text} or sanitised


def _to_valid_base64(text: str) -> str | None:
    try:
        return base64.b64encode(base64.b64decode("".join(text.split()), validate=True)).decode()
    except ValueError:
        return None
