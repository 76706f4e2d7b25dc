"""Convert the bytes of a submitted notebook to a notebook that has only the fields of nbformat 4, within limits.

nbformat creates an object of about 700 bytes for every pair of braces in a file, whatever it holds. Here the tokens are
counted before the file is parsed, and unknown fields are left out before such objects are created.
"""

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode, from_dict

from .bounded_search import find_nth
from .plain_text import to_text
from .sanitise import CELL_ID
from .sanitise_markdown import MAX_MARKDOWN_CHARACTERS

MAX_TOKENS = 500_000  # strings, brackets and commas; executed notebooks have 10 000. Ten times as many take 412 MiB.
MAX_CELLS = 1000  # to repair 20 000 takes 1.7 s
MAX_CHARACTERS = 500_000  # of the code in all cells, and of the text in all cells; the longest notebook has 29 000
NBGRADER_KEYS = (
    "cell_type", "checksum", "grade", "grade_id", "locked", "points", "remove", "schema_version", "solution", "task",
)  # fmt: skip
NOT_PARSED = "its content is cut off, damaged or of another kind"
_CONFLICT = re.compile(r"^<<<<<<< .*", re.MULTILINE)
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{,]', re.DOTALL)  # linear, also in a cut-off string


class NotANotebook(ValueError):
    """The file is not JSON with the field nbformat. The message says why."""


def load_notebook(data: bytes) -> tuple[NotebookNode, int]:
    """Read the notebook in a file, in notebook format 2, 3 or 4. Return it in format 4.5, and the format of the file.

    Of its metadata, only nbgrader's and the tags of cells are kept.

    Raises
    ------
    NotANotebook
        If the file does not hold a notebook, or only a part of one.
    ValueError
        If the notebook has no cells, an unknown format, or too much.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):  # written by `>` in PowerShell
        data = data.decode("utf-16", errors="replace").encode()
    data = data.rstrip(b"\0")  # of a file that was copied in blocks
    if find_nth(_TOKEN, data, MAX_TOKENS):
        raise ValueError(f"it has more than {MAX_TOKENS} pieces of JSON: clear its outputs and submit again")
    if not data.removeprefix(BOM_UTF8).strip():
        raise NotANotebook("the file is empty")
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotANotebook(_why_no_json(error)) from error
    except (ValueError, RecursionError) as error:
        raise NotANotebook(f"{NOT_PARSED} ({error})") from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise NotANotebook("it is JSON without the field nbformat")
    version: int = content["nbformat"]
    if version in (2, 3):
        content = _upgraded(text, version)
    elif version != 4:
        raise ValueError("its notebook format is not supported: save it in format 4 and submit again")
    if not isinstance(content.get("cells"), list):
        raise ValueError("it has no list of cells")
    cells = [cell for found in content["cells"] if (cell := _convert_cell(found))]
    _refuse_oversized(cells)
    return from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), version


def _refuse_oversized(cells: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the cells of a notebook of unreasonable size: reading and showing it would delay all other submissions."""
    of_code = sum(len(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    lengths = [len(cell["source"]) for cell in cells if cell["cell_type"] != "code"]
    of_text = sum(length for length in lengths if length <= MAX_MARKDOWN_CHARACTERS)  # longer cells are not rendered
    if len(cells) > MAX_CELLS or max(of_code, of_text) > MAX_CHARACTERS:
        limit = f"{MAX_CELLS} cells or {MAX_CHARACTERS} characters"
        raise ValueError(f"it has more than {limit}: delete cells that are not answers and submit again")


def _why_no_json(error: json.JSONDecodeError) -> str:
    """Say what has become of a notebook, plainly for a student who has never seen the text of one."""
    text = error.doc
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return f"line {line} is the mark of a Git conflict: choose one of the versions and remove the marks"
    if text.lstrip().startswith("<"):
        return "it is a web page, such as that of a login: download the notebook itself"
    if error.msg.startswith("Unterminated string") or error.pos >= len(text.rstrip()):
        return "it is incomplete: its end is missing"
    return f"{NOT_PARSED} ({error})"


def _upgraded(text: str, version: int) -> dict[str, Any]:
    """Convert a notebook of an old format. Unlike one of format 4, it must be as nbformat describes it."""
    try:
        return dict(nbformat.convert(nbformat.reader.reads(text), 4))
    except Exception as error:  # damaged content raises many kinds of exceptions
        advice = "save it in format 4 and submit again"
        raise ValueError(f"its content is not as notebook format {version} has it: {advice}") from error


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _convert_cell(cell: Any) -> dict[str, Any] | None:
    """Copy the known fields of a cell. Return None if it is not a cell."""
    if not isinstance(cell, dict) or (cell_type := cell.get("cell_type")) not in ("code", "markdown", "raw"):
        return None
    source = to_text(cell.get("source")).replace("\r\n", "\n")
    metadata = _convert_metadata(_as_dict(cell.get("metadata")))
    converted = {"cell_type": cell_type, "metadata": metadata, "source": source}
    if isinstance(cell.get("id"), str) and CELL_ID.match(cell["id"]):
        converted["id"] = cell["id"]
    if cell_type != "code":
        attachments = _as_dict(cell.get("attachments"))
        bundles = {to_text(name): _convert_bundle(_as_dict(bundle)) for name, bundle in attachments.items()}
        return converted | ({"attachments": bundles} if bundles else {})
    outputs = (_as_dict(output) for output in _as_list(cell.get("outputs")))
    known = [_convert_output(output) for output in outputs if isinstance(output.get("output_type"), str)]
    return converted | {"execution_count": None, "outputs": known}


def _convert_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    converted: dict[str, Any] = {}
    nbgrader, tags = _as_dict(metadata.get("nbgrader")), metadata.get("tags")
    grade_id = nbgrader.get("grade_id")
    if _is_valid_text(grade_id):
        known = {key: nbgrader[key] for key in NBGRADER_KEYS if key in nbgrader}
        converted["nbgrader"] = {
            key: value for key, value in known.items() if isinstance(value, int | float | None) or _is_valid_text(value)
        }
    if isinstance(tags, list):
        converted["tags"] = [to_text(tag) for tag in tags if isinstance(tag, str)]
    return converted


def _is_valid_text(value: Any) -> bool:
    return isinstance(value, str) and value == to_text(value)  # it is valid Unicode


def _convert_output(output: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the texts of an output. `sanitise_outputs` checks whether they are an output before they are shown."""
    texts = {name: to_text(output.get(name)) for name in ("output_type", "name", "text", "ename", "evalue")}
    lines = [to_text(line) for line in _as_list(output.get("traceback"))]
    known = {**texts, "traceback": lines, "data": _convert_bundle(_as_dict(output.get("data")))}
    return {name: value for name, value in known.items() if value}  # empty ones would count in the limit of outputs


def _convert_bundle(bundle: Mapping[str, Any]) -> dict[str, str]:
    """Copy the texts of a MIME bundle. JSON is left out: nothing that is shown needs it."""
    return {to_text(mime): to_text(content) for mime, content in bundle.items() if isinstance(content, str | list)}
