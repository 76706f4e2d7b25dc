"""The three cells of an exercise as text: percent cells in `build/cells/NAME.py`, as Jupytext and VS Code read them.

JSON is hard to edit, and a small change needs no JupyterLab. The text is a copy: `synchronise` takes over what was
edited, in the file or in the notebook. The first line of the file has a hash of the text as it was written.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from ..course import Course, CourseError
from ..course_errors import describe_unknown
from ..submissions.released_cells import grade_id_of

FOLDER = Path("build", "cells")
HEAD = "# Edit this file or the notebook: `make exercise` copies what was edited to the other. Written as"
HEADER = re.compile(r"^# %%(?: \[markdown\])? *(.*)\n", re.MULTILINE)  # with the id; an editor inserts some without one
FILL_IN = "FILL IN"


def update_cells(course: Course, exercise: str) -> list[str]:
    """Synchronise the cells of an exercise. Return the lines that are to be filled in there and in its modules."""
    source, file = find_source(course, exercise), course.root / FOLDER / f"{exercise}.py"
    synchronise(source, exercise, file)
    folder = course.exercises.folders()[0] / source.stem
    files = [path for path in (folder / "spec.py", folder / "answers.py", file) if path.is_file()]
    return [line for path in files for line in find_unfilled(Path(os.path.relpath(path)))]


def find_source(course: Course, exercise: str) -> Path:
    """The instructor's notebook of an exercise."""
    for assignment in course.assignments():
        for notebook in course.notebooks(assignment):
            if any(exercise == own.name for own in course.exercises.by_notebook.get(notebook, ())):
                return course.source_folder(assignment) / f"{notebook}.ipynb"
    if exercise in course.exercises:
        raise CourseError(f"no notebook in {course.directory.source_directory}/ has the exercise {exercise!r}")
    raise CourseError(describe_unknown("exercise", exercise, list(course.exercises)))


def find_cells(nb: NotebookNode, exercise: str) -> list[NotebookNode]:
    """The text of an exercise, its solution and its check."""
    is_of_kind = {
        "check": lambda cell: cell.cell_type == "code" and grade_id_of(cell) == exercise,
        "solution": lambda cell: utils.is_solution(cell) and not utils.is_grade(cell),
        "text": lambda cell: cell.cell_type == "markdown",
    }
    found: list[NotebookNode] = []
    upwards = reversed(nb.cells)  # each search goes on above the cell that the one before it has found
    for kind, is_wanted in is_of_kind.items():
        if (cell := next(filter(is_wanted, upwards), None)) is None:
            raise CourseError(f"{exercise} has no {kind} cell: an exercise has a text, a solution and a check")
        found.insert(0, cell)
    return found


def to_text(cells: Iterable[NotebookNode]) -> str:
    """Write cells as percent cells."""
    return "\n\n".join(
        f'# %% [markdown] {cell.id}\n"""\n{cell.source}\n"""\n'
        if cell.cell_type == "markdown"
        else f"# %% {cell.id}\n{cell.source}\n"
        for cell in cells
    )


def put_text(text: str, cells: Sequence[NotebookNode]) -> None:
    """Replace the sources of cells by those of percent cells with the same ids."""
    above, *parts = HEADER.split(text)
    ids, sources = parts[::2], parts[1::2]
    if above.strip() or ids != [cell.id for cell in cells]:
        wanted = ", ".join(cell.id for cell in cells)
        raise CourseError(
            f"the percent cells must be {wanted}, with no text above them; they are "
            f"{', '.join(each or 'one without an id' for each in ids) or 'none'}"
        )
    for cell, source in zip(cells, sources, strict=True):
        cell.source = source.strip("\n")
        if cell.cell_type == "markdown":
            if not (quoted := re.fullmatch(r'\s*"""\n?(.*?)\n?"""\s*', cell.source, re.DOTALL)):
                raise CourseError(f'the text of {cell.id} must begin with """ and end with """')
            cell.source = quoted[1]


def synchronise(source: Path, exercise: str, file: Path) -> None:
    """Copy the cells of an exercise from the file into the notebook if the file was edited, else the other way."""
    nb = nbformat.read(source, as_version=4)
    cells = find_cells(nb, exercise)
    if file.is_file():
        head, _, text = _read(file).partition("\n")
        if not head.startswith(HEAD):
            raise CourseError(f"{file} has lost its first line, which begins {HEAD!r}: undo that, or delete the file")
        written, in_notebook = head.rpartition(" ")[2], to_text(cells)
        is_edited = _hash(text) != written and text != in_notebook
        if is_edited and _hash(in_notebook) != written:
            raise CourseError(f"{file} and its cells in {source.name} were edited: delete the file, or undo one edit")
        if is_edited:
            put_text(text, cells)
            nbformat.write(nb, source)
    file.parent.mkdir(parents=True, exist_ok=True)
    text = to_text(cells)
    file.write_text(f"{HEAD} {_hash(text)}\n{text}", encoding="utf-8")


def find_unfilled(file: Path) -> Iterator[str]:
    """Find the lines of a file that are to be filled in, each with its place."""
    for number, line in enumerate(_read(file).split("\n"), 1):
        if FILL_IN in line:
            yield f"{file}:{number}: {line.strip()}"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"{file} is not in UTF-8: {error}") from error


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
