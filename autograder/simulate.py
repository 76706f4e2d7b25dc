"""Make a class whose scores are known: notebooks put together from the variants and mistakes of the exercises.

The answers are taken as text from the files in `exercises/`, so that a made submission is a notebook like any other.
"""

import ast
import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode

from .course import Course, CourseError
from .exercise import Exercise
from .exercises import NOTEBOOKS, of
from .hidden import exercise_named_in, without_hidden_tests

WRITTEN = "It depends; see the lecture."
VALUES = "import numpy as np\nfrom numpy import inf, nan"  # the names that the values in a catalogue are printed with
UNANSWERED = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True)
class KnownAnswer:
    """A known answer as the text of a cell, and the points it is worth."""

    name: str
    text: str
    score: float


def simulate(course: Course, assignment: str, students: int, seed: int) -> dict[str, float]:
    """Write made submissions into `submitted/`, and what they are worth beside them.

    Parameters
    ----------
    course : Course
    assignment : str
    students : int
        How many; they are called ``student-001`` and so on.
    seed : int
        Decides who gives which answer.

    Returns
    -------
    dict
        The automatic score of each student.
    """
    rng = np.random.default_rng(seed)
    names = course.notebooks(assignment)
    if foreign := set(names) - NOTEBOOKS.keys():
        raise CourseError(f"no answers are known to {foreign.pop()}.ipynb: it has no file in autograder/exercises/")
    sources = {name: course.source_notebook(assignment, name) for name in names}
    known = {
        exercise.name: list(answers(exercise, tree_of(name))) for name in sources for exercise in of(NOTEBOOKS[name])
    }
    truth = {}
    for student in (f"student-{number:03d}" for number in range(1, students + 1)):
        diligence = rng.beta(4, 1.5)
        given = {name: _choose(choices, diligence, rng) for name, choices in known.items()}
        folder = course.folder(course.directory.submitted_directory, student, assignment)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        for name, source in sources.items():
            nbformat.write(
                submission(source, {e: answer.text for e, answer in given.items()}), folder / f"{name}.ipynb"
            )
        truth[student] = sum(answer.score for answer in given.values())
    truth_file(course, assignment).write_text(json.dumps(truth, indent=1))
    return truth


def truth_file(course: Course, assignment: str) -> Path:
    """Where the scores of a simulated class are kept."""
    return course.folder(course.directory.submitted_directory, ".", ".").resolve() / f"simulated-{assignment}.json"


def submission(source: NotebookNode, texts: dict[str, str]) -> NotebookNode:
    """A student's notebook: the source with these texts in place of its solutions, and without hidden tests.

    An exercise's solution is the solution cell before its grade cell; solutions that no text replaces stay.
    """
    nb = copy.deepcopy(source)
    solution = None
    for cell in nb.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("solution") and cell.cell_type == "markdown":
            cell.source = WRITTEN
        elif metadata.get("solution"):
            solution = cell
        elif metadata.get("grade"):
            name = exercise_named_in(cell.source)
            if solution is not None and name in texts:
                solution.source = texts[name]
            cell.source = without_hidden_tests(cell.source)
    return nb


def _choose(choices: list[KnownAnswer], diligence: float, rng: np.random.Generator) -> KnownAnswer:
    best, is_right = max(answer.score for answer in choices), rng.uniform() < diligence
    wanted = [answer for answer in choices if (answer.score == best) == is_right]
    return wanted[rng.integers(len(wanted))]


# --- answers as text --------------------------------------------------------------------------------------------


def answers(exercise: Exercise, tree: ast.Module) -> Iterator[KnownAnswer]:
    """Every known answer of an exercise as text: variants, mistakes, and none at all."""
    yield KnownAnswer("unanswered", UNANSWERED, 0.0)
    for name, text in texts(exercise, tree, "variants"):
        yield KnownAnswer(name, text, exercise.check(exercise.variants[name]).score)
    for name, text in texts(exercise, tree, "mistakes"):
        yield KnownAnswer(name, text, exercise.check(exercise.mistakes[name].answer).score)


def texts(exercise: Exercise, tree: ast.Module, group: str) -> Iterator[tuple[str, str]]:
    """The names of an exercise's ``"variants"`` or ``"mistakes"``, each with its text."""
    known = exercise.variants if group == "variants" else {n: m.answer for n, m in exercise.mistakes.items()}
    for name, answer in known.items():
        yield name, _written(tree, exercise, group, name) or f"{VALUES}\n\n{exercise.name} = {answer!r}"


def tree_of(notebook: str) -> ast.Module:
    """The file of a notebook's exercises, with the helpers that it imports from its neighbours written out."""
    tree = ast.parse(Path(str(NOTEBOOKS[notebook].__file__)).read_text(encoding="utf-8"))
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module in NOTEBOOKS:
            wanted = {alias.name for alias in node.names}
            body += [helper for helper in tree_of(node.module).body if _assigned(helper) & wanted]
        else:
            body.append(node)
    return ast.Module(body, type_ignores=[])


def _written(tree: ast.Module, exercise: Exercise, group: str, name: str) -> str | None:
    """The text of ``mistakes={name: Mistake(...)}`` with all it needs, or None if it is not written out like that."""
    calls = [node.value for node in tree.body if isinstance(node, ast.Assign) and _assigned(node) == {exercise.name}]
    for call in (call for call in calls if isinstance(call, ast.Call)):
        entries = next((keyword.value for keyword in call.keywords if keyword.arg == group), None)
        if isinstance(entries, ast.Dict):
            for key, value in zip(entries.keys, entries.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    answer = value.args[0] if isinstance(value, ast.Call) and group == "mistakes" else value
                    return "\n\n".join([*_needed(tree, answer), f"{exercise.name} = {ast.unparse(answer)}"])
    return None


def _needed(tree: ast.Module, answer: ast.expr) -> list[str]:
    """The imports and the helpers of the file that an expression needs, in the file's order."""
    names, size = _names(answer), -1
    while len(names) != size:
        size = len(names)
        for node in tree.body:
            if _assigned(node) & names:
                names |= _names(node)
    imports = [node for node in tree.body if isinstance(node, ast.Import) or getattr(node, "level", None) == 0]
    return [ast.unparse(node) for node in [*imports, *(node for node in tree.body if _assigned(node) & names)]]


def _assigned(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
