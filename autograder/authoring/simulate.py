"""Simulate a class with known scores: notebooks whose answers are variants and mistakes of the exercises.

The text of each answer comes from the catalogue's source code, so a simulated submission is an ordinary notebook.
"""

import ast
import copy
import importlib.util
import inspect
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
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

WRITTEN_ANSWER = "It depends; see the lecture."
VALUE_IMPORTS = "import numpy as np\nfrom numpy import inf, nan"  # the names that occur in the repr of a value
UNANSWERED = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True)
class KnownAnswer:
    """A known answer to an exercise: its name, the text of its solution cell, and its score."""

    name: str
    text: str
    score: float


def simulate(course: Course, assignment: str, students: int, seed: int) -> dict[str, float]:
    """Write simulated submissions into `submitted/`, and their scores into a file beside them.

    Parameters
    ----------
    course : Course
    assignment : str
    students : int
        The number of students. They are named ``student-001`` and so on.
    seed : int
        The seed of the random choice of answers.

    Returns
    -------
    dict of str to float
        The automatic score of each student.

    Raises
    ------
    CourseError
        If a notebook of the assignment has no exercises.
    """
    rng = np.random.default_rng(seed)
    names = course.notebooks(assignment)
    exercises = course.exercises
    if unknown := set(names) - exercises.by_notebook.keys():
        raise CourseError(f"{unknown.pop()}.ipynb has no exercises: {exercises.package} has no folder of that name")
    sources = {name: course.source_notebook(assignment, name) for name in names}
    known = {
        exercise.name: list(known_answers(exercise, parse_answers(exercises, name)))
        for name in sources
        for exercise in exercises.by_notebook[name]
    }
    scores = {}
    for student in (f"student-{number:03d}" for number in range(1, students + 1)):
        diligence = rng.beta(4, 1.5)
        chosen = {name: _choose(answers, diligence, rng) for name, answers in known.items()}
        folder = course.submitted_folder(student, assignment)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        for name, source in sources.items():
            nb = make_submission(source, {exercise: answer.text for exercise, answer in chosen.items()})
            nbformat.write(nb, folder / f"{name}.ipynb")
        scores[student] = sum(answer.score for answer in chosen.values())
    scores_file(course, assignment).write_text(json.dumps(scores, indent=1))
    return scores


def scores_file(course: Course, assignment: str) -> Path:
    """Return the file that holds the scores of a simulated class."""
    return course.folder(course.directory.submitted_directory, ".", ".").resolve() / f"simulated-{assignment}.json"


def make_submission(source: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Turn an instructor's notebook into a student's submission, without hidden tests.

    Parameters
    ----------
    source : NotebookNode
        It is not modified.
    answers : mapping of str to str
        By exercise, the text that replaces its solution: the solution cell before its grade cell. An exercise that is
        missing here keeps the instructor's solution.

    Returns
    -------
    NotebookNode
    """
    nb = copy.deepcopy(source)
    solution = None
    for cell in nb.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("solution") and cell.cell_type == "markdown":
            cell.source = WRITTEN_ANSWER
        elif metadata.get("solution"):
            solution = cell
        elif metadata.get("grade"):
            name = exercise_named_in(cell.source)
            if solution is not None and name is not None and name in answers:
                solution.source = answers[name]
            cell.source = without_hidden_tests(cell.source)
    return nb


def _choose(answers: Sequence[KnownAnswer], diligence: float, rng: np.random.Generator) -> KnownAnswer:
    """Choose a right answer with probability `diligence`, otherwise any other answer."""
    full_score, is_right = max(answer.score for answer in answers), rng.uniform() < diligence
    candidates = [answer for answer in answers if (answer.score == full_score) == is_right] or list(answers)
    return candidates[rng.integers(len(candidates))]


# --- answers as text --------------------------------------------------------------------------------------------


def known_answers(exercise: CourseExercise, tree: ast.Module) -> Iterator[KnownAnswer]:
    """Generate every known answer of an exercise as text.

    Parameters
    ----------
    exercise : CourseExercise
    tree : ast.Module
        The result of `parse_answers` for the notebook of the exercise.

    Yields
    ------
    KnownAnswer
        The unanswered cell, then variants, then mistakes.
    """
    yield KnownAnswer("unanswered", UNANSWERED, 0.0)
    for name, text in answer_texts(exercise, tree, "variants"):
        yield KnownAnswer(name, text, exercise.check(exercise.variants[name], explain=False).score)
    for name, text in answer_texts(exercise, tree, "mistakes"):
        yield KnownAnswer(name, text, exercise.check(exercise.mistakes[name].answer, explain=False).score)


def answer_texts(exercise: CourseExercise, tree: ast.Module, group: str) -> Iterator[tuple[str, str]]:
    """Generate the names and texts of an exercise's variants or mistakes.

    Parameters
    ----------
    exercise : CourseExercise
    tree : ast.Module
        The result of `parse_answers` for the notebook of the exercise.
    group : {"variants", "mistakes"}

    Yields
    ------
    (str, str)
        The name of an answer, and the text of a cell that defines it.
    """
    known = exercise.variants if group == "variants" else {n: m.answer for n, m in exercise.mistakes.items()}
    for name, answer in known.items():
        yield name, _source_of(tree, exercise, group, name) or f"{VALUE_IMPORTS}\n\n{exercise.name} = {answer!r}"


def parse_answers(exercises: ExerciseSet, notebook: str) -> ast.Module:
    """Parse the catalogue of a notebook.

    Parameters
    ----------
    exercises : ExerciseSet
    notebook : str

    Returns
    -------
    ast.Module
        Definitions that the catalogue imports from the course are inlined.
    """
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
            names = {alias.name for alias in node.names}
            body += _needed_statements(_with_imports_inlined(source, package).body, names)
    return ast.Module(body, type_ignores=[])


def _inlined_module(node: ast.stmt, module: ModuleType, package: str) -> ModuleType | None:
    """The module that a statement imports from, if a student's notebook cannot import it. None otherwise."""
    if not isinstance(node, ast.ImportFrom):
        return None
    name = "." * node.level + (node.module or "")
    full_name = importlib.util.resolve_name(name, module.__package__) if node.level else name
    if full_name.startswith(f"{package}.") or full_name == bend.__name__:
        return importlib.import_module(full_name)
    return None


def _source_of(tree: ast.Module, exercise: CourseExercise, group: str, name: str) -> str | None:
    """The text of an entry of ``mistakes={...}`` with all definitions it needs. None if it is not a literal entry."""
    calls = [node.value for node in tree.body if isinstance(node, ast.Assign) and _assigned(node) == {exercise.name}]
    for call in (call for call in calls if isinstance(call, ast.Call)):
        entries = next((keyword.value for keyword in call.keywords if keyword.arg == group), None)
        if isinstance(entries, ast.Dict):
            for key, value in zip(entries.keys, entries.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    answer = _answer_of(value) if isinstance(value, ast.Call) and group == "mistakes" else value
                    return "\n\n".join([*_definitions(tree, answer), f"{exercise.name} = {ast.unparse(answer)}"])
    return None


def _answer_of(mistake: ast.Call) -> ast.expr:
    """The argument `answer` of a `Mistake`."""
    return mistake.args[0] if mistake.args else next(k.value for k in mistake.keywords if k.arg == "answer")


def _definitions(tree: ast.Module, answer: ast.expr) -> list[str]:
    """The imports and definitions that an expression needs, in the order of the file."""
    return [ast.unparse(node) for node in _needed_statements(tree.body, _names(answer))]


def _needed_statements(body: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements that define these names, directly or indirectly, and all imports of installed packages.

    Names are compared without regard to their scope. A local variable with the name of an exercise would add the
    catalogue of that exercise, which a notebook cannot run.
    """
    names, size = set(names), -1
    while len(names) != size:
        size = len(names)
        for node in body:
            if _assigned(node) & names:
                names |= _names(node)
    return [node for node in body if _assigned(node) & names or _is_installed_import(node)]


def _is_installed_import(node: ast.stmt) -> bool:
    """Whether a statement imports a package that a student's notebook can import, too."""
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] != bend.__name__.partition(".")[0]
    return isinstance(node, ast.Import)


def _assigned(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {t.id for t in node.targets if isinstance(t, ast.Name)} if isinstance(node, ast.Assign) else set()


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
