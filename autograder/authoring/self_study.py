"""The edition for self-study: the zip for students, with answers at hand, and without what only a class has.

Nothing is written twice. Solutions and model answers are the cells of `solutions/`, and the right letters and their
explanations are those of the specifications. `release` does not import this module, so the edition for a class cannot
contain its work.
"""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader import utils

from .. import release
from ..course import Course, CourseError
from ..judging.model import Exercise
from ..submissions.hidden_tests import exercise_named_in
from . import letters, solution_offer
from .self_study_text import for_self_study
from .simulate import SOLUTION_MARK

GUIDE = Path("docs") / "self-study.md"
LETTERS = Path("data") / letters.FILE
MODULES = (Path(letters.__file__), Path(solution_offer.__file__))  # that `lectrain` has in this edition only
ABOUT = """\
> **Edition for self-study.** You alone judge your work here, with all answers at hand. If you answer a question with
> letters, its check says how many are right, and, once all are right or a second answer is wrong, which, and why. Below
> every exercise with code is a folded solution, and below every written question a folded model answer. A solution
> helps most if your own attempt has failed three times before you unfold it."""
CHECK = "# ▸ Check"  # how a check begins, with points or without
RUBRIC, NEEDED = "**Rubric**", "**What a good answer contains**"
IMPORTS = "# ▸ Code: imports"
OFFER_SOLUTIONS = "from lectrain.solution_offer import offer_solutions\n\noffer_solutions()  # after three failures"
SLIDE_OF_CHECK = re.compile(r'(?<=, slide=)(?:slide|"[^"\n]*")(?:, points=[\d.]+)?(?=\):\n)')  # `"Softmax", points=2`
PLACEHOLDER = re.compile(r"^(?:\w+ = None.*\n)+(?=### BEGIN SOLUTION)", re.MULTILINE)  # lines `x = None` above it


def write_zip(course: Course, file: Path, modules: Sequence[Path] = ()) -> Path:
    """Write the zip. Parameters and errors are those of `release.write_students_zip`."""
    added = [*MODULES, *modules]
    return release.write_students_zip(course, file, added, add_answers, local_version="selfstudy")


def add_answers(course: Course, folder: Path) -> None:
    """Turn the content of the zip for students into that of the edition for self-study.

    The folder is the unpacked zip, with `notebooks/`, `data/` and `README.md`.
    """
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            path = folder / "notebooks" / assignment / f"{name}.ipynb"
            source = course.source_notebook(assignment, name)
            nbformat.write(with_answers(nbformat.read(path, 4), source, course.exercises), path)
    keys = json.dumps(explained_keys(course.exercises), ensure_ascii=False, indent=1)
    (folder / LETTERS).write_text(f"{keys}\n", encoding="utf-8")
    guide = for_self_study((folder / "README.md").read_text(encoding="utf-8"))
    (folder / "student.md").write_text(guide, encoding="utf-8")
    shutil.copy(course.root / GUIDE, folder / "README.md")


def explained_keys(exercises: Mapping[str, Exercise]) -> dict[str, dict[str, dict[str, str] | list[str]]]:
    """The keys and explanations of all questions with letters: a list of letters, or a letter for each blank."""
    return {
        name: {
            "key": exercise.reference if isinstance(exercise.reference, dict) else sorted(exercise.reference),
            "explain": dict(exercise.explanations),
        }
        for name, exercise in exercises.items()
        if exercise.explanations
    }


def with_answers(student: NotebookNode, source: NotebookNode, exercises: Mapping[str, Exercise]) -> NotebookNode:
    """Add answers to a released notebook, and remove the titles of slides and the points, which a lone learner lacks.

    Neither the released notebook nor the one in `solutions/` is modified.
    """
    nb: NotebookNode = nbformat.from_dict(student)
    sources = {cell.id: cell for cell in source.cells}
    answers: dict[str, list[NotebookNode]] = {}  # by the id of the cell below which they belong
    for i, cell in enumerate(nb.cells):
        if utils.is_solution(cell):
            answers.setdefault(_find_check(nb.cells[i:]).id, []).append(sources[cell.id])
    cells = []
    for cell in nb.cells:
        _adapt(cell)
        cells.append(cell)
        if cell.id in answers:
            exercise = exercises.get(exercise_named_in(sources[cell.id].source) or "")  # None if no rule judges it
            if exercise and exercise.explanations:
                _rewrite(cell, _judged_at_once(cell.source, exercise.name))
            elif not (exercise and exercise.is_prediction):  # the notebook itself answers it, further down
                cells += map(_fold, answers[cell.id])
    nb.cells = [cells[0], new_markdown_cell(ABOUT, id="self-study"), *cells[1:]]
    return nb


def _find_check(cells: Sequence[NotebookNode]) -> NotebookNode:
    """The cell that checks the answer in the first of these cells, or this first one itself if nothing checks it.

    It is the next check, unless a text comes before it, because a text begins something else.
    """
    for cell in takewhile(lambda each: each.cell_type == "code", cells):
        if not utils.is_solution(cell) and (utils.is_grade(cell) or cell.source.startswith(CHECK)):
            return cell
    return cells[0]


def _adapt(cell: NotebookNode) -> None:
    """Remove from a cell what only a class has. The cell with the imports offers the solutions."""
    if cell.cell_type == "markdown":
        _rewrite(cell, for_self_study(cell.source))
    elif cell.source.startswith(IMPORTS):
        _rewrite(cell, f"{cell.source}\n\n{OFFER_SOLUTIONS}")
    elif cell.source.startswith(CHECK):
        _rewrite(cell, SLIDE_OF_CHECK.sub('""', cell.source))


def _judged_at_once(check: str, name: str) -> str:
    """Make a check judge the letters of a question, in place of their form alone.

    Raise CourseError if it does not call `expect_answered` at the beginning of a line.
    """
    before, call, after = check.partition("\nexpect_answered(")
    if not call:
        raise CourseError(f"{name}: its check does not call expect_answered at the beginning of a line")
    return f'{before}\nfrom lectrain.letters import expect_right\n\nexpect_right("{name}", {after}'


def _rewrite(cell: NotebookNode, source: str) -> None:
    """Replace the source of a cell, and with it the checksum of nbgrader, if it has one."""
    cell.source = source
    if "checksum" in cell.metadata.get("nbgrader", {}):
        cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)  # otherwise "Validate" rejects the change


def _fold(solution: NotebookNode) -> NotebookNode:
    """Make a folded text of a solution cell: of its code, or of its model answer."""
    if solution.cell_type == "markdown":
        title, text = "A model answer", for_self_study(solution.source.replace(RUBRIC, NEEDED))
    else:
        title, text = "Solution", f"```python\n{solution_code(solution.source)}\n```"
    folded = f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"
    cell: NotebookNode = new_markdown_cell(folded, id=f"{solution.id[:57]}-folded")  # nbformat allows 64 characters
    return cell


def solution_code(source: str) -> str:
    """The code of a solution cell, to be pasted in place of the student's, without marks.

    Examples
    --------
    >>> solution_code("x = None\\n### BEGIN SOLUTION\\nx = 3\\n### END SOLUTION")
    'x = 3'
    """
    return SOLUTION_MARK.sub("", PLACEHOLDER.sub("", source)).rstrip("\n")
