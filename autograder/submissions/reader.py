"""Take a submission in: read what a student handed in, however it was saved.

Only regular files that the assignment names are taken. What cannot be read is refused in one sentence.
"""

import json
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import parse_utc

from .sanitise import MOST_MARKDOWN, joined

MOST_CELLS = 1000
MOST_CHARACTERS = 1_000_000  # of code, and of text, in all cells
LONGEST_TIME = 100  # characters
OF_A_NOTEBOOK = {"cells", "metadata", "nbformat", "nbformat_minor"}
OF_A_CELL = {"attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"}


class UnreadableSubmission(Exception):
    """A submission that nobody can grade, and why, in one sentence."""


@dataclass
class Submission:
    """The notebooks of one submission by their released names, how they could be read, and which could not."""

    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    timestamp: str | None = None


def read_submission(folder: Path, names: list[str], grade_ids: dict[str, set[str]], most_bytes: int) -> Submission:
    """Read a submitted folder.

    Parameters
    ----------
    folder : Path
        ``submitted/<student>/<assignment>``.
    names : list of str
        The notebooks of the assignment, without ``.ipynb``.
    grade_ids : dict
        For each of them the ids of its cells, to recognise a notebook under another name.
    most_bytes : int
        A larger notebook is not read.

    Raises
    ------
    UnreadableSubmission
        If none of the notebooks can be read.
    """
    submission = Submission()
    submission.timestamp = _timestamp(folder, submission.notes)
    there = {path.stem: path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()}
    strangers = [stem for stem in there if stem not in names]
    for name in names:
        try:
            if name in there:
                submission.notebooks[name] = _read(there[name], most_bytes, submission.notes)
            elif found := _under_another_name(there, strangers, grade_ids[name], most_bytes, submission.notes):
                submission.notebooks[name] = _read(there[found], most_bytes, submission.notes)
                submission.notes.append(joined(f"{name}.ipynb was handed in as {there[found].name}"))
            else:
                submission.problems.append(f"{name}.ipynb is missing" + (f"; there is {_list(there)}" if there else ""))
        except UnreadableSubmission as trouble:
            submission.problems.append(str(trouble))
    if not submission.notebooks:
        raise UnreadableSubmission("; ".join(submission.problems))
    return submission


def _under_another_name(
    there: dict[str, Path], strangers: list[str], ids: set[str], most_bytes: int, notes: list[str]
) -> str | None:
    """The one notebook of another name that holds this notebook's cells."""
    fitting = []
    for stem in strangers:
        try:
            cells = _read(there[stem], most_bytes, []).cells
        except UnreadableSubmission:
            continue
        if ids & {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells}:
            fitting.append(stem)
    if len(fitting) > 1:
        notes.append(joined(f"{_list(fitting)} could all be meant: {fitting[-1]} is graded"))
    return fitting[-1] if fitting else None


def _list(names: Iterable[str]) -> str:
    """A few names, as far as they can be written."""
    few = list(names)
    return joined(", ".join([*few[:5], *(["…"] if len(few) > 5 else [])]))


def _read(path: Path, most_bytes: int, notes: list[str]) -> NotebookNode:
    if path.stat().st_size > most_bytes:
        raise UnreadableSubmission(
            f"{path.name} is larger than {most_bytes / 1e6:g} MB: clear its outputs and submit again"
        )
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UnreadableSubmission(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableSubmission(f"{path.name} is not a notebook: {_first_line(error)}") from error
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise UnreadableSubmission(f"{path.name} is not a notebook: it is JSON without a notebook format")
    try:
        nb = nbformat.convert(nbformat.from_dict(data), 4)
        if data["nbformat"] != 4:
            notes.append(f"{path.name} was saved in the old notebook format {data['nbformat']}: converted")
        return _mend(nb)
    except Exception as error:  # nbformat raises whatever a malformed notebook makes it stumble over
        raise UnreadableSubmission(f"{path.name} is damaged: {_first_line(error)}") from error


def _mend(nb: NotebookNode) -> NotebookNode:
    """Fill in what nbgrader takes for granted."""
    if not isinstance(nb.get("cells"), list):
        raise ValueError("it has no list of cells")
    if not isinstance(nb.get("metadata"), dict):
        nb.metadata = nbformat.from_dict({})
    nb.cells = [
        cell for cell in nb.cells if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")
    ]
    _keep(nb, OF_A_NOTEBOOK)
    for cell in nb.cells:
        _keep(cell, OF_A_CELL)
        cell.source = joined(cell.get("source"))
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
        warnings.simplefilter("ignore")  # it warns of the missing and double ids that it mends
        return nbformat.validator.normalize(nb)[1]


def _keep(part: NotebookNode, keys: set[str]) -> None:
    for key in part.keys() - keys:
        del part[key]


def refuse_oversized(nb: NotebookNode) -> None:
    """Raise `ValueError` for a notebook that nobody writes: to read and show it would hold up all others."""
    code = sum(len(cell.source) for cell in nb.cells if cell.cell_type == "code")
    texts = [len(cell.source) for cell in nb.cells if cell.cell_type != "code"]
    text = sum(length for length in texts if length <= MOST_MARKDOWN)  # no longer one is rendered
    if len(nb.cells) > MOST_CELLS or max(code, text) > MOST_CHARACTERS:
        most = f"{MOST_CELLS} cells or {MOST_CHARACTERS} characters"
        raise ValueError(f"it has more than {most}: delete cells that are no answer and submit again")


def _timestamp(folder: Path, notes: list[str]) -> str | None:
    file = folder / "timestamp.txt"
    if not file.is_file() or file.is_symlink():
        return None
    try:
        with file.open(encoding="utf-8") as text:
            return str(parse_utc(text.read(LONGEST_TIME).strip()))
    except Exception:  # it may hold anything, and what reads times raises much
        notes.append("timestamp.txt holds no time: it counts as handed in on time")
        return None


def _first_line(error: Exception) -> str:
    return joined((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
