"""The grade cells of the instructor's notebooks: which exercise each of them checks, and whether the two fit."""

from collections.abc import Iterator, Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from ..course import Course, CourseError
from ..course_errors import describe_unknown
from ..judging.model import Exercise
from ..submissions.hidden_tests import exercise_named_in
from ..submissions.released_cells import grade_id_of


def is_autograded(cell: NotebookNode) -> bool:
    """Whether it is a cell that checks an exercise: students get points for it, and write nothing into it."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def find_exercise(cell: NotebookNode, exercises: Mapping[str, Exercise], notebook: str) -> Exercise:
    """Find the exercise that a grade cell of a notebook checks. Raise `CourseError` if it names none of them."""
    where = f"{notebook}: the cell {grade_id_of(cell)}"
    try:
        name = exercise_named_in(cell.source)
    except SyntaxError as error:
        raise CourseError(f"{where} has a hidden test that is not Python: {error.msg}: correct it") from error
    if name is None:
        raise CourseError(f"{where} does not name an exercise: write check(EXERCISE) as its hidden test")
    if name not in exercises:
        raise CourseError(f"{where}: {describe_unknown('exercise', name, [*exercises])}")
    return exercises[name]


def require_cells_fit(course: Course, assignment: str) -> None:
    """Compare the id and the points of each grade cell of an assignment with those of its exercise.

    Raise `CourseError` if some differ, a cell names no exercise, or one is a task, which has no answer of its own.
    Reports find the exercise of a cell by its id.
    """
    if differences := list(_find_differences(course, assignment)):
        raise CourseError("; ".join(differences))


def _find_differences(course: Course, assignment: str) -> Iterator[str]:
    exercises = course.exercises  # outside the loop, so that an error in loading them is reported once
    for name in course.notebooks(assignment):
        notebook = f"{assignment}/{name}.ipynb"
        cells = course.source_notebook(assignment, name).cells
        for cell in filter(utils.is_task, cells):
            yield f"{notebook}: {grade_id_of(cell)} is a manually graded task: make it a manually graded answer"
        for cell in filter(is_autograded, cells):
            try:
                exercise = find_exercise(cell, exercises, notebook)
            except CourseError as error:
                yield str(error)
                continue
            if grade_id_of(cell) != exercise.name:
                yield f"{notebook}: the cell {grade_id_of(cell)} checks {exercise.name}: let this be its id, too"
            points = float(cell.metadata.nbgrader.get("points") or 0)
            if abs(exercise.points - points) > 1e-9:
                difference = f"{exercise.points:g} points in its rules, {points:g} in its cell"
                yield f"{notebook}: {exercise.name} has {difference}: make the points equal"
