"""Read the notebooks of a submission.

Links are not followed. Small damage is repaired; a notebook that cannot be read is refused with one sentence.
"""

import json
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import parse_utc

from .sanitise import MAX_MARKDOWN_CHARACTERS, to_text

MAX_CELLS = 1000
MAX_CHARACTERS = 1_000_000  # of the code in all cells, and of the text in all cells
MAX_TIMESTAMP_CHARACTERS = 100
MAX_LISTED_NAMES = 5
NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
CELL_KEYS = {"attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"}


class UnreadableSubmission(Exception):
    """A submission cannot be graded. The message gives the reason in one sentence."""


@dataclass
class Submission:
    """The notebooks of one submission.

    Attributes
    ----------
    notebooks : dict of str to NotebookNode
        The notebooks that could be read, by their released names.
    notes : list of str
        Remarks on how it was read, a sentence each: a renamed notebook, an old format.
    problems : list of str
        Which notebooks could not be read and why, a sentence each.
    timestamp : str or None
        When the submission was handed in, from ``timestamp.txt``.
    """

    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    timestamp: str | None = None


def read_submission(folder: Path, names: list[str], grade_ids: dict[str, set[str]], max_bytes: int) -> Submission:
    """Read a submitted folder.

    Parameters
    ----------
    folder : Path
        ``submitted/<student>/<assignment>``.
    names : list of str
        The notebooks of the assignment, without ``.ipynb``.
    grade_ids : dict of str to set of str
        The grade ids of each notebook's cells. A notebook with another name is recognised by them.
    max_bytes : int
        The size of the largest notebook that is read.

    Returns
    -------
    Submission

    Raises
    ------
    UnreadableSubmission
        If none of the notebooks can be read.
    """
    submission = Submission()
    submission.timestamp = _read_timestamp(folder, submission.notes)
    paths = {path.stem: path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()}
    others = [path for stem, path in paths.items() if stem not in names]
    for name in names:
        try:
            if name in paths:
                submission.notebooks[name] = _read(paths[name], max_bytes, submission.notes)
            elif renamed := _find_renamed(name, others, grade_ids[name], max_bytes, submission.notes):
                submission.notebooks[name] = _read(renamed, max_bytes, submission.notes)
                submission.notes.append(to_text(f"{name}.ipynb was handed in as {renamed.name}"))
            else:
                found = f"; the folder has {_list_names(paths.values())}" if paths else ""
                submission.problems.append(f"{name}.ipynb is missing{found}")
        except UnreadableSubmission as error:
            submission.problems.append(str(error))
    if not submission.notebooks:
        raise UnreadableSubmission("; ".join(submission.problems))
    return submission


def _find_renamed(name: str, others: list[Path], ids: set[str], max_bytes: int, notes: list[str]) -> Path | None:
    """Find the notebook with another name that contains a cell with one of the grade ids."""
    matches = []
    for path in others:
        try:
            cells = _read(path, max_bytes, []).cells
        except UnreadableSubmission:
            continue
        if ids & {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}:
            matches.append(path)
    if len(matches) > 1:
        notes.append(to_text(f"{_list_names(matches)} all look like {name}.ipynb: {matches[-1].name} is graded"))
    return matches[-1] if matches else None


def _list_names(paths: Iterable[Path]) -> str:
    names = [path.name for path in paths]
    return to_text(", ".join([*names[:MAX_LISTED_NAMES], *(["…"] if len(names) > MAX_LISTED_NAMES else [])]))


def _read(path: Path, max_bytes: int, notes: list[str]) -> NotebookNode:
    if path.stat().st_size > max_bytes:
        raise UnreadableSubmission(
            f"{path.name} is larger than {max_bytes / 1e6:g} MB: clear its outputs and submit again"
        )
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UnreadableSubmission(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"{path.name} is not a notebook: {_first_line(error)}") from error
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise UnreadableSubmission(f"{path.name} is not a notebook: it is JSON without the field nbformat")
    try:
        nb = nbformat.convert(nbformat.from_dict(data), 4)
        if data["nbformat"] != 4:
            notes.append(f"{path.name} was in the old notebook format {data['nbformat']} and was converted")
        return _normalise(nb)
    except Exception as error:  # nbformat raises many kinds of exceptions for malformed notebooks
        raise UnreadableSubmission(f"{path.name} is damaged: {_first_line(error)}") from error


def _normalise(nb: NotebookNode) -> NotebookNode:
    """Add the fields that nbgrader requires, and remove invalid and unknown ones."""
    if not isinstance(nb.get("cells"), list):
        raise ValueError("it has no list of cells")
    if not isinstance(nb.get("metadata"), dict):
        nb.metadata = nbformat.from_dict({})
    nb.cells = [
        cell for cell in nb.cells if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")
    ]
    _delete_other_keys(nb, NOTEBOOK_KEYS)
    for cell in nb.cells:
        _delete_other_keys(cell, CELL_KEYS)
        cell.source = to_text(cell.get("source"))
        if not isinstance(cell.get("metadata"), dict):
            cell.metadata = nbformat.from_dict({})
        if not isinstance(cell.get("id"), str):
            cell.pop("id", None)
        if cell.cell_type == "code":
            outputs = cell.get("outputs")
            cell.outputs = [output for output in outputs if isinstance(output, dict)] if type(outputs) is list else []
            cell.execution_count = None
    refuse_oversized(nb)
    minor = nb.get("nbformat_minor")
    nb.nbformat, nb.nbformat_minor = 4, max(5, minor) if isinstance(minor, int) else 5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat warns of missing and duplicate ids, and repairs them
        normalised: NotebookNode = nbformat.validator.normalize(nb)[1]
        return normalised


def _delete_other_keys(node: NotebookNode, keys: set[str]) -> None:
    for key in node.keys() - keys:
        del node[key]


def refuse_oversized(nb: NotebookNode) -> None:
    """Refuse a notebook of unreasonable size: reading and showing it would delay all other submissions.

    Parameters
    ----------
    nb : NotebookNode

    Raises
    ------
    ValueError
        If the notebook has more than `MAX_CELLS` cells, or more than `MAX_CHARACTERS` of code or of text.
    """
    code = sum(len(cell.source) for cell in nb.cells if cell.cell_type == "code")
    texts = [len(cell.source) for cell in nb.cells if cell.cell_type != "code"]
    text = sum(length for length in texts if length <= MAX_MARKDOWN_CHARACTERS)  # longer cells are not rendered
    if len(nb.cells) > MAX_CELLS or max(code, text) > MAX_CHARACTERS:
        limit = f"{MAX_CELLS} cells or {MAX_CHARACTERS} characters"
        raise ValueError(f"it has more than {limit}: delete cells that are not answers and submit again")


def _read_timestamp(folder: Path, notes: list[str]) -> str | None:
    file = folder / "timestamp.txt"
    if not file.is_file() or file.is_symlink():
        return None
    try:
        with file.open(encoding="utf-8") as text:
            return str(parse_utc(text.read(MAX_TIMESTAMP_CHARACTERS).strip()))
    except Exception:  # the file may hold anything, and the parser raises many kinds of exceptions
        notes.append("timestamp.txt does not contain a valid time: the submission counts as on time")
        return None


def _first_line(error: Exception) -> str:
    return to_text((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
