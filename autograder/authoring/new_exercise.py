"""Begin an exercise: write its three cells, its specification and its known answers, to be filled in."""

import ast
import copy
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from ..course import Course, CourseError
from ..course_errors import describe_unknown
from ..judging.answers import MARKER
from ..submissions.bindings import find_bindings
from .percent_cells import FOLDER, find_cells, find_source, synchronise
from .skeletons import UNSAID, Skeleton, read_signature


def begin_exercise(
    course: Course, notebook: str, signature: str, *, points: float, after: str, slide: str | None, returns: str = ""
) -> list[Path]:
    """Write a new exercise below another one of its notebook. Return the files, last that of its cells.

    Raise CourseError, before anything is written, if an argument is wrong.
    """
    _require_place(course, notebook, after)
    title = _choose_slide(course, slide or course.exercises[after].slide)
    spec = course.exercises.folders()[0] / notebook / "spec.py"
    source, answers, changes = find_source(course, after), spec.with_name("answers.py"), course.root / "CHANGELOG.md"
    nb = nbformat.read(source, as_version=4)
    known = {file: file.read_text(encoding="utf-8") if file.is_file() else "" for file in (spec, answers, changes)}
    has_shortcuts = "SHORTCUTS" in find_bindings(known[spec]).binds
    skeleton = Skeleton(read_signature(signature), points, title, returns.rstrip(".") or UNSAID, has_shortcuts)
    code = [known[spec], *(cell.source for cell in nb.cells if cell.cell_type == "code")]
    _require_unused_name(course, skeleton.name, code)
    _add_cells(nb, skeleton, after)
    _count_exercise(nb, skeleton.points)
    texts = {
        spec: _add_specification(known[spec], skeleton.specification, after),
        answers: _add_answers(known[answers], skeleton.answers, after),
        changes: _add_change(known[changes], f"- Exercise `{skeleton.name}` in `{notebook}`.\n"),
    }
    changed = {file: text for file, text in texts.items() if text != known[file]}
    nbformat.write(nb, source)  # from here on, files are written
    for file, text in changed.items():
        file.write_text(text, encoding="utf-8")
    copied = course.root / FOLDER / f"{skeleton.name}.py"
    copied.unlink(missing_ok=True)  # of an exercise of this name that was given up
    synchronise(source, skeleton.name, copied)
    return [*changed, source, copied]


def _require_place(course: Course, notebook: str, after: str) -> None:
    """Raise CourseError if the course has no such notebook, or this has no such exercise."""
    if notebook not in course.exercises.by_notebook:
        raise CourseError(describe_unknown("notebook", notebook, list(course.exercises.by_notebook)))
    slides = {exercise.name: exercise.slide for exercise in course.exercises.by_notebook[notebook]}
    if not after:
        listed = "; ".join(f"{name}, slide {slide!r}" for name, slide in slides.items())
        raise CourseError(f"choose the exercise below which it stands: --after with one of {listed}")
    if after not in slides:
        raise CourseError(describe_unknown("exercise", after, list(slides)))


def _choose_slide(course: Course, title: str) -> str:
    """The title, if an exercise of the course has this slide. Raise CourseError if none has."""
    known = {each.slide for each in course.exercises.values()}
    if title not in known:  # it may be mistyped
        advice = "titles are known from exercises only: for a new one, leave --slide out and edit what is written"
        raise CourseError(f"{describe_unknown('slide', title, sorted(known))} ({advice})")
    return title


def _require_unused_name(course: Course, name: str, code: Iterable[str]) -> None:
    """Raise CourseError if the course has an exercise of this name, or a piece of code binds the name."""
    if name in course.exercises or any(name in find_bindings(own).binds for own in code):
        raise CourseError(f"the name {name!r} is used in the course already: choose another one")


def _add_cells(nb: NotebookNode, skeleton: Skeleton, after: str) -> None:
    """Add the three cells of a new exercise above the first heading below another one.

    Directly below its check, they would stand in front of the cells that try its function or discuss it.
    """
    neighbours = find_cells(nb, after)
    cells: list[NotebookNode] = copy.deepcopy(neighbours)  # with their tags and the metadata of nbgrader
    texts = {"prompt": skeleton.prompt, "solution": skeleton.solution, "check": skeleton.check}
    prompt, solution, check = cells
    for cell, (part, text) in zip(cells, texts.items(), strict=True):
        cell.id, cell.source = f"{skeleton.name.replace('_', '-')}-{part}", text
    if taken := {cell.id for cell in nb.cells} & {cell.id for cell in cells}:
        raise CourseError(f"the notebook has a cell {min(taken)!r} already: choose another name")
    prompt.pop("attachments", None)
    if "slideshow" in prompt.metadata:
        prompt.metadata.slideshow.slide_type = "subslide"  # and not a part of the notebook
    solution.metadata.nbgrader.grade_id = solution.id
    points = int(skeleton.points) if float(skeleton.points).is_integer() else skeleton.points
    check.metadata.nbgrader |= {"grade_id": skeleton.name, "points": points}
    below = range(nb.cells.index(neighbours[-1]) + 1, len(nb.cells))
    headings = (i for i in below if nb.cells[i].cell_type == "markdown" and nb.cells[i].source.startswith("#"))
    place = next(headings, len(nb.cells))
    nb.cells[place:place] = cells


def _count_exercise(nb: NotebookNode, points: float) -> None:
    """Count a new exercise in the setup cell, which lists the checks that earn points, and in the title."""
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    counted = json.dumps(re.findall(r'with checking\("(\w+)", .*, points=', code))  # as `Skeleton.check` writes them
    for cell in nb.cells:
        cell.source = re.sub(r"(?ms)(?<=^checking\.answers = )\[.*?\]", lambda _: counted, cell.source)
    stated = r"(?<= minutes, )[\d.]+(?= points)"
    nb.cells[0].source = re.sub(stated, lambda own: f"{float(own[0]) + points:g}", nb.cells[0].source)


def _add_change(changes: str, line: str) -> str:
    """Add a line to the changelog, if the version that is being written, its first, has the part "Notebooks"."""
    before, heading, rest = changes.partition("\n**Notebooks**\n")
    return f"{before}{heading}{line}{rest}" if heading and before.count("\n## ") == 1 else changes


def _add_specification(source: str, text: str, after: str) -> str:
    """Add a specification below that of another exercise, or at the end."""
    assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    ends = [node.end_lineno or 0 for node in assigned if [*map(ast.unparse, node.targets)] == [after]]
    lines = [*io.StringIO(source)]  # unlike `splitlines`, it does not count a form feed, as `ast` does not
    place = max(ends, default=len(lines))
    return "".join([*lines[:place], "\n\n", text, *lines[place:]])


def _add_answers(source: str, text: str, after: str) -> str:
    """Add known answers below those of another exercise, or at the end."""
    starts = [*MARKER.finditer(source)]
    own = [i for i, start in enumerate(starts) if re.search(rf"\b{after}\b", start[0].partition(":")[0])]
    following = starts[own[-1] + 1 :] if own else []
    place = following[0].start() if following else len(source)
    return f"{source[:place].rstrip()}\n\n{text}\n{source[place:]}".strip() + "\n"
