"""Convert the bytes of a submitted notebook to a notebook that has only the fields of nbformat 4, within limits.

nbformat creates an object of about 700 bytes for every pair of braces in a file, whatever it holds. Here the tokens are
counted before the file is parsed, and unknown fields are left out before such objects are created.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict

from .bounded_search import find_after
from .plain_text import to_text
from .sanitise_markdown import MAX_MARKDOWN_CHARACTERS

MAX_TOKENS = 500_000  # strings, brackets and commas; executed notebooks have 10 000. 5 million take up to 260 MiB.
MAX_CELLS = 1000  # to repair 20 000 takes 1.7 s
MAX_CHARACTERS = 500_000  # of the code, and of the text that is rendered; the longest notebook has 29 000
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{,]', re.DOTALL)  # linear, also in a cut-off string


def load_notebook(data: bytes) -> NotebookNode:
    """Read the notebook in a file. Of its metadata, only grade ids are kept: it must not forge what our reports read.

    Raise `ValueError` if the file does not hold a whole notebook of format 4, or if the notebook has too much.
    """
    if find_after(_TOKEN, data, MAX_TOKENS):
        raise ValueError(f"it has more than {MAX_TOKENS} pieces of JSON: clear its outputs and submit again")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = f"its content is empty, cut off, damaged or of another kind, such as a web page ({error})"
        raise ValueError(f"{reason}: hand in a notebook that JupyterLab opens") from error
    if not (isinstance(content, dict) and content.get("nbformat") == 4 and isinstance(content.get("cells"), list)):
        raise ValueError("it is not in notebook format 4: save it in this format and submit again")
    cells = [cell for found in content["cells"] if (cell := _convert_cell(found))]
    _refuse_oversized(cells)
    nb: NotebookNode = from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return nb


def _refuse_oversized(cells: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the cells of a notebook of unreasonable size: reading and showing it would delay all other submissions."""
    of_code = sum(len(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    lengths = [len(cell["source"]) for cell in cells if cell["cell_type"] != "code"]
    of_text = sum(length for length in lengths if length <= MAX_MARKDOWN_CHARACTERS)  # longer cells are not rendered
    if len(cells) > MAX_CELLS or max(of_code, of_text) > MAX_CHARACTERS:
        limit = f"{MAX_CELLS} cells or {MAX_CHARACTERS} characters"
        raise ValueError(f"it has more than {limit}: delete cells that are not answers and submit again")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _convert_cell(cell: Any) -> dict[str, Any] | None:
    """Copy the known fields of a cell. Return None if it is not a cell."""
    if not isinstance(cell, dict) or (cell_type := cell.get("cell_type")) not in ("code", "markdown", "raw"):
        return None
    source = to_text(cell.get("source")).replace("\r\n", "\n")
    converted = {"cell_type": cell_type, "metadata": {}, "source": source}
    grade_id = _as_dict(_as_dict(cell.get("metadata")).get("nbgrader")).get("grade_id")
    if isinstance(grade_id, str):
        converted["metadata"] = {"nbgrader": {"grade_id": grade_id}}  # `repair` adds the rest as it was released
    if isinstance(cell.get("id"), str) and _CELL_ID.match(cell["id"]):
        converted["id"] = cell["id"]
    if cell_type != "code":
        attachments = _as_dict(cell.get("attachments"))
        bundles = {to_text(name): _convert_bundle(_as_dict(bundle)) for name, bundle in attachments.items()}
        return converted | ({"attachments": bundles} if bundles else {})
    outputs = (_as_dict(output) for output in _as_list(cell.get("outputs")))
    known = [_convert_output(output) for output in outputs if isinstance(output.get("output_type"), str)]
    return converted | {"execution_count": None, "outputs": known}


def _convert_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the texts of an output. `sanitise_outputs` checks whether they are an output before they are shown."""
    texts = {name: to_text(output.get(name)) for name in ("output_type", "name", "text", "ename", "evalue")}
    lines = [to_text(line) for line in _as_list(output.get("traceback"))]
    known = {**texts, "traceback": lines, "data": _convert_bundle(_as_dict(output.get("data")))}
    return {name: value for name, value in known.items() if value}  # empty ones would count in the limit of outputs


def _convert_bundle(bundle: Mapping[str, Any]) -> dict[str, str]:
    """Copy the texts of a MIME bundle. JSON is left out: nothing that is shown needs it."""
    return {to_text(mime): to_text(content) for mime, content in bundle.items() if isinstance(content, str | list)}
