"""Read the notebooks of a submission.

Links are not followed. Small damage is repaired; a notebook that cannot be read is refused with one sentence.
"""

import os
import stat
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import parse_utc

from .notebook_json import NotANotebook, load_notebook

MAX_TIMESTAMP_CHARACTERS = 100
MAX_LISTED_NAMES = 5
MAX_CANDIDATES = 10  # notebooks with other names that are searched for the cells of the assignment
MAX_SEARCHED = 1000  # folders, and files in each of them, in which links, pipes and devices are looked for
MAX_DEPTH = 100  # of folders within a submission


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
    if special := list(islice(_special_files(folder), MAX_LISTED_NAMES + 1)):
        submission.notes.append(f"skipped, because only regular files are read: {_list_names(special)}")
    if modules := list(islice(folder.glob("*.py"), MAX_LISTED_NAMES + 1)):
        advice = "copy the code that your answers need into the notebook"
        submission.notes.append(
            f"not used, because only notebooks are graded: {_list_names(sorted(modules))}; {advice}"
        )
    paths = {path.stem: path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()}
    others = [path for stem, path in paths.items() if stem not in names]
    ids_by_path: dict[Path, set[str]] | None = None
    for name in names:
        try:
            if name in paths:
                submission.notebooks[name] = read_notebook(paths[name], max_bytes, submission.notes)
                continue
            if ids_by_path is None:
                ids_by_path = _read_grade_ids(others, max_bytes, submission.notes)
            if renamed := _find_renamed(name, ids_by_path, grade_ids[name], submission.notes):
                submission.notebooks[name] = read_notebook(renamed, max_bytes, submission.notes)
                submission.notes.append(f"{name}.ipynb was handed in as {printable(renamed.name)}")
            elif os.path.lexists(folder / f"{name}.ipynb"):
                submission.problems.append(f"{name}.ipynb is not a regular file: submit the notebook itself")
            else:
                found = f"; the folder has {_list_names(paths.values())}" if paths else ""
                submission.problems.append(f"{name}.ipynb is missing{found}")
        except UnreadableSubmission as error:
            submission.problems.append(str(error))
    if not submission.notebooks:
        raise UnreadableSubmission("; ".join(submission.problems))
    return submission


def walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through a submission as `os.walk` does, but no more than `MAX_DEPTH` folders deep.

    Parameters
    ----------
    folder : Path

    Yields
    ------
    parent : Path
    folders, names : list of str
        The folders and files in it. Folders that the caller removes from the list are left out.
    """
    for parent, folders, names in os.walk(folder):  # in Python 3.11, it is recursive
        yield Path(parent), folders, names
        if len(Path(parent).relative_to(folder).parts) == MAX_DEPTH:
            folders.clear()


def _special_files(folder: Path) -> Iterator[Path]:
    """Find links, pipes, devices and sockets, which are neither read nor copied."""
    for parent, subfolders, names in islice(walk(folder), MAX_SEARCHED):
        for path in (parent / name for name in [*sorted(subfolders), *sorted(names)[:MAX_SEARCHED]]):
            try:
                mode = path.lstat().st_mode
            except OSError:  # the path is too long
                continue
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                yield path


def _read_grade_ids(paths: list[Path], max_bytes: int, notes: list[str]) -> dict[Path, set[str]]:
    """Read the grade ids of the cells of some notebooks. Notebooks that cannot be read are left out."""
    ids: dict[Path, set[str]] = {}
    for path in paths[:MAX_CANDIDATES]:
        try:
            cells = read_notebook(path, max_bytes, []).cells
        except UnreadableSubmission:
            continue
        ids[path] = {cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata}
    if len(paths) > MAX_CANDIDATES:
        notes.append(f"of {len(paths)} notebooks with other names, only the first {MAX_CANDIDATES} were searched")
    return ids


def _find_renamed(name: str, ids_by_path: dict[Path, set[str]], ids: set[str], notes: list[str]) -> Path | None:
    """Find the notebook with another name that contains a cell with one of the grade ids."""
    matches = [path for path, found in ids_by_path.items() if ids & found]
    if len(matches) > 1:
        notes.append(f"{_list_names(matches)} all look like {name}.ipynb: {printable(matches[-1].name)} is graded")
    return matches[-1] if matches else None


def _list_names(paths: Iterable[Path]) -> str:
    names = [printable(path.name) for path in islice(paths, MAX_LISTED_NAMES + 1)]
    return ", ".join([*names[:MAX_LISTED_NAMES], *(["…"] if len(names) > MAX_LISTED_NAMES else [])])


def printable(text: str) -> str:
    """Replace characters that could change the display of a terminal or page, such as line breaks and control codes.

    Examples
    --------
    >>> printable("hw\\x1b[2J.ipynb")
    'hw?[2J.ipynb'
    """
    return "".join(character if character.isprintable() else "?" for character in text)


def read_notebook(path: Path, max_bytes: int, notes: list[str]) -> NotebookNode:
    """Read a submitted notebook.

    Parameters
    ----------
    path : Path
    max_bytes : int
        The size of the largest notebook that is read.
    notes : list of str
        Remarks are appended, a sentence each.

    Returns
    -------
    NotebookNode
        It has only the fields of nbformat 4.5 that grading needs.

    Raises
    ------
    UnreadableSubmission
        If the file is not a notebook, or is too large.
    """
    name = printable(path.name)
    try:
        if path.stat().st_size > max_bytes:
            size = f"{max_bytes / 1e6:g} MB"
            raise UnreadableSubmission(f"{name} is larger than {size}: clear its outputs and submit again")
        nb, version = load_notebook(path.read_bytes())
        if version != 4:
            notes.append(f"{name} was in the old notebook format {version} and was converted")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat warns of missing and duplicate ids, and repairs them
            normalised: NotebookNode = nbformat.validator.normalize(nb)[1]
            return normalised
    except OSError as error:
        raise UnreadableSubmission(f"{name} cannot be read: {error.strerror}") from error
    except NotANotebook as error:
        raise UnreadableSubmission(f"{name} is not a notebook: {_first_line(error)}") from error
    except ValueError as error:
        raise UnreadableSubmission(f"{name} is damaged: {_first_line(error)}") from error


def _read_timestamp(folder: Path, notes: list[str]) -> str | None:
    file = folder / "timestamp.txt"
    if not file.is_file() or file.is_symlink():
        return None
    try:
        with file.open(encoding="utf-8") as text:
            return str(parse_utc(text.read(MAX_TIMESTAMP_CHARACTERS).strip()))
    except Exception:  # the file may hold anything, and the parser raises many kinds of exceptions
        notes.append(
            "timestamp.txt contains no valid time: the time of an earlier submission is kept; "
            "without one, the submission counts as on time"
        )
        return None


def _first_line(error: Exception) -> str:
    return printable((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
