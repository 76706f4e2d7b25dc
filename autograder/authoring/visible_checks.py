"""Which mistakes do students see before they submit? Run every known answer through its visible check.

Each answer replaces the solution in the real notebook, whose earlier cells ran with the instructor's solutions. Before
it runs, the names are deleted that solutions since the last grade cell define.
"""

import ast
import multiprocessing
import os
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from nbgrader import utils

from ..course import Course, CourseError
from ..judging.exercise_set import CourseExercise
from ..runner import Limits
from ..runner.cells import Notebook
from ..submissions.bindings import find_bindings, find_global_names
from ..submissions.hidden_tests import exercise_named_in, without_hidden_tests
from ..submissions.python_source import parse_cell
from .answer_texts import AnswerText, answer_texts
from .kill_matrix import AnswerKind

MIN_COVERAGE = 0.97
SECONDS = 60  # for one answer: a check that takes longer counts as an error
FORK = multiprocessing.get_context("fork")  # a fork has the variables of the notebook at the cell that it tests
T = TypeVar("T")


@dataclass(frozen=True)
class VisibleResult:
    """The result of the visible checks for one known answer."""

    assignment: str
    notebook: str
    exercise: str
    kind: AnswerKind  # `MISTAKE` or `VARIANT`
    name: str
    # The error that the answer or its check raised, or the time limit. None if the check passed.
    error: str | None
    # why the visible check passes a mistake on purpose: from ``check(…, unseen={name: reason})`` in the hidden test
    reason: str | None = None

    @property
    def is_as_expected(self) -> bool:
        """Whether a mistake is rejected unless a reason is given, and a variant is accepted."""
        if self.kind is AnswerKind.VARIANT:
            return self.error is None
        return (self.error is None) == (self.reason is not None)


@dataclass
class Count:
    """How many mistakes a notebook has, how many its visible checks reject, and how many pass with a reason."""

    total: int = 0
    rejected: int = 0
    excused: int = 0

    @property
    def reaches_minimum(self) -> bool:
        """Whether at least `MIN_COVERAGE` of the mistakes are rejected or have a reason."""
        return self.total - self.rejected - self.excused <= (1 - MIN_COVERAGE) * self.total


def run_visible_checks(course: Course, wanted: Container[str]) -> Iterator[VisibleResult]:
    """Run the known answers of a course through the visible checks.

    Questions are left out: their visible check must not show which letters are right.
    """
    for assignment in course.assignments():
        for name in course.notebooks(assignment):
            known = {exercise.name for exercise in course.exercises.by_notebook.get(name, ())}
            if any(exercise in wanted for exercise in known):
                try:  # in a fork, as it changes the folder, and its cells may change any module
                    yield from _in_fork(partial(_run_notebook, course, assignment, name, wanted))
                except EOFError:
                    raise CourseError(f"{name}.ipynb: its process ended before all answers were checked") from None


def coverage(results: Iterable[VisibleResult]) -> dict[str, Count]:
    """Count the mistakes of each notebook. One that ends the process or takes too long counts as rejected."""
    counts: dict[str, Count] = {}
    for result in results:
        if result.kind is AnswerKind.MISTAKE:
            count = counts.setdefault(result.notebook, Count())
            count.total += 1
            count.rejected += result.error is not None
            count.excused += result.error is None and result.reason is not None
    return counts


def is_sufficient(results: Sequence[VisibleResult]) -> bool:
    """Whether every variant passes, every reason is needed, and hardly a mistake passes without a reason."""
    misjudged = [result for result in results if not result.is_as_expected]
    only_mistakes_pass = all(result.kind is AnswerKind.MISTAKE and result.reason is None for result in misjudged)
    return only_mistakes_pass and all(count.reaches_minimum for count in coverage(results).values())


def _in_fork(function: Callable[[], T], seconds: float | None = None) -> T:
    """Call a function in a fork of this process, and return its result.

    Raise TimeoutError if it takes longer than `seconds`, the CourseError that the function raises, and EOFError if the
    fork ends early. The fork prints the traceback of any other exception.
    """
    receiver, sender = FORK.Pipe(duplex=False)

    def send_result() -> None:
        try:
            sender.send(function())
        except CourseError as error:
            sender.send(error)

    process = FORK.Process(target=send_result)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12: NumPy has threads, but none runs now
        process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise TimeoutError(f"no result within {seconds:g} seconds")
        result: T | CourseError = receiver.recv()
    finally:
        process.kill()
        process.join()
    if isinstance(result, CourseError):
        raise result
    return result


def _run_notebook(course: Course, assignment: str, name: str, wanted: Container[str]) -> list[VisibleResult]:
    """Run a notebook cell by cell. At each grade cell, run each known answer and its visible check."""
    os.chdir(course.source_folder(assignment))
    exercises = {exercise.name: exercise for exercise in course.exercises.by_notebook[name]}
    notebook, results = Notebook(), []
    solved: set[str] = set()  # what the solutions since the last grade cell define
    code = [cell for cell in course.source_notebook(assignment, name).cells if cell.cell_type == "code"]
    for cell in (each for each in code if "demo" not in each.metadata.get("tags", [])):  # those only show something
        visible = without_hidden_tests(cell.source)
        exercise = exercises.get(exercise_named_in(cell.source) or "")
        is_question = "expect_answered" in find_global_names(visible)
        if exercise and exercise.name in wanted and not is_question:
            for kind, answer, reason in _known_answers(exercise, cell.source):
                error = _error_in_fork(notebook, solved, answer.text, visible)
                results.append(VisibleResult(assignment, name, exercise.name, kind, answer.name, error, reason))
        if error := _error_of(notebook, visible):
            raise CourseError(f"{name}.ipynb: the cell {cell.id} does not run with the instructor's solutions: {error}")
        if utils.is_grade(cell):
            solved = set()
        elif utils.is_solution(cell):
            solved |= find_bindings(cell.source).defines
    return results


def _known_answers(exercise: CourseExercise, source: str) -> Iterator[tuple[AnswerKind, AnswerText, str | None]]:
    """Yield the kind of each known answer, its text, and the reason of its grade cell why it may pass."""
    reasons = _reasons_to_pass(source)
    if unknown := reasons.keys() - exercise.mistakes.keys():
        raise CourseError(f"{exercise.name}: unseen= names no mistake: {', '.join(sorted(unknown))}")
    for kind in (AnswerKind.VARIANT, AnswerKind.MISTAKE):
        for answer in answer_texts(exercise, kind is AnswerKind.VARIANT):
            yield kind, answer, reasons.get(answer.name) if kind is AnswerKind.MISTAKE else None


def _reasons_to_pass(source: str) -> dict[str, str]:
    """The argument `unseen` of the hidden test's call of ``check``, by the name of the mistake."""
    nodes = ast.walk(parse_cell(source) or ast.Module([], []))
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "check"]
    values = (each.value for call in calls for each in call.keywords if each.arg == "unseen")
    try:
        return dict(next(map(ast.literal_eval, values), {}))
    except (TypeError, ValueError):
        raise CourseError('write unseen= as a dict of texts: check(f, unseen={"the mistake": "the reason"})') from None


def _error_in_fork(notebook: Notebook, solved: Iterable[str], answer: str, visible: str) -> str | None:
    """The error of an answer or of its visible check, in a fork: an answer may change or damage anything."""

    def replace_solution() -> str | None:
        for name in solved:
            notebook.namespace.pop(name, None)
        return _error_of(notebook, answer) or _error_of(notebook, visible)

    try:
        return _in_fork(replace_solution, SECONDS)
    except TimeoutError as late:
        return str(late)
    except EOFError:
        return "the process ended"


def _error_of(notebook: Notebook, source: str) -> str | None:
    outputs = notebook.run(source, vars(Limits()))["outputs"]
    return next((f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"), None)
