"""Simulate a class whose scores are known: notebooks with variants and mistakes of the exercises as answers.

The answers are taken as text from the catalogues, so that a simulated submission is a notebook like any other.
"""

import ast
import copy
import importlib.util
import inspect
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode

from ..course import Course, CourseError
from ..judging import bend
from ..judging.exercise_set import CourseExercise, ExerciseSet
from ..submissions.hidden_tests import exercise_named_in, without_hidden_tests

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
    exercises = course.exercises
    if foreign := set(names) - exercises.by_notebook.keys():
        raise CourseError(f"{foreign.pop()}.ipynb has no exercises: {exercises.package} has no folder of that name")
    sources = {name: course.source_notebook(assignment, name) for name in names}
    known = {
        exercise.name: list(answers(exercise, parse_answers(exercises, name)))
        for name in sources
        for exercise in exercises.by_notebook[name]
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


def answers(exercise: CourseExercise, tree: ast.Module) -> Iterator[KnownAnswer]:
    """Every known answer of an exercise as text: unanswered, variants, mistakes."""
    yield KnownAnswer("unanswered", UNANSWERED, 0.0)
    for name, text in texts(exercise, tree, "variants"):
        yield KnownAnswer(name, text, exercise.check(exercise.variants[name]).score)
    for name, text in texts(exercise, tree, "mistakes"):
        yield KnownAnswer(name, text, exercise.check(exercise.mistakes[name].answer).score)


def texts(exercise: CourseExercise, tree: ast.Module, group: str) -> Iterator[tuple[str, str]]:
    """The names of an exercise's ``"variants"`` or ``"mistakes"``, each with its text."""
    known = exercise.variants if group == "variants" else {n: m.answer for n, m in exercise.mistakes.items()}
    for name, answer in known.items():
        yield name, _source_of(tree, exercise, group, name) or f"{VALUES}\n\n{exercise.name} = {answer!r}"


def parse_answers(exercises: ExerciseSet, notebook: str) -> ast.Module:
    """Parse the catalogue of a notebook, with the definitions that it imports written out before it."""
    spec, catalogue = exercises.modules(notebook)
    return _with_imports_inlined(catalogue or spec, exercises.package)


def _with_imports_inlined(module: ModuleType, package: str) -> ast.Module:
    tree = ast.parse(inspect.getsource(module))
    body: list[ast.stmt] = []
    for node in tree.body:
        source = _inlined_module(node, module, package)
        if source is None:
            body.append(node)
        elif isinstance(node, ast.ImportFrom):
            wanted = {alias.name for alias in node.names}
            inlined = _with_imports_inlined(source, package).body
            body += _needed_statements(inlined, wanted)
    return ast.Module(body, type_ignores=[])


def _inlined_module(node: ast.stmt, module: ModuleType, package: str) -> ModuleType | None:
    """The module that an import statement takes definitions from, if a student's notebook cannot import it."""
    if not isinstance(node, ast.ImportFrom):
        return None
    name = "." * node.level + (node.module or "")
    full_name = importlib.util.resolve_name(name, module.__package__) if node.level else name
    if full_name.startswith(f"{package}.") or full_name == bend.__name__:
        return importlib.import_module(full_name)
    return None


def _source_of(tree: ast.Module, exercise: CourseExercise, group: str, name: str) -> str | None:
    """The text of ``mistakes={name: Mistake(...)}`` with all it needs, or None if it is not written out like that."""
    calls = [node.value for node in tree.body if isinstance(node, ast.Assign) and _assigned(node) == {exercise.name}]
    for call in (call for call in calls if isinstance(call, ast.Call)):
        entries = next((keyword.value for keyword in call.keywords if keyword.arg == group), None)
        if isinstance(entries, ast.Dict):
            for key, value in zip(entries.keys, entries.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    answer = value.args[0] if isinstance(value, ast.Call) and group == "mistakes" else value
                    return "\n\n".join([*_definitions(tree, answer), f"{exercise.name} = {ast.unparse(answer)}"])
    return None


def _definitions(tree: ast.Module, answer: ast.expr) -> list[str]:
    """The imports and the definitions that an expression needs, in the order of the file."""
    return [ast.unparse(node) for node in _needed_statements(tree.body, _names(answer))]


def _needed_statements(body: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements that define these names, and those that the definitions need in turn, with all imports."""
    names, size = set(names), -1
    while len(names) != size:
        size = len(names)
        for node in body:
            if _assigned(node) & names:
                names |= _names(node)
    return [node for node in body if _assigned(node) & names or _is_installed_import(node)]


def _is_installed_import(node: ast.stmt) -> bool:
    """Whether a statement imports something that a student's notebook can import, too."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] != bend.__name__.partition(".")[0]
    return isinstance(node, ast.Import)


def _assigned(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
