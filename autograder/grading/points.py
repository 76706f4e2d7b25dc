"""Check that the points in the notebooks are those of the rules, before anything is graded with them."""

from collections.abc import Iterator

from nbgrader import utils

from ..course import Course, CourseError
from ..submissions.hidden_tests import exercise_named_in


def require_equal_points(course: Course, assignment: str) -> None:
    """Compare the points of each grade cell of an assignment with those of its exercise.

    Raise `CourseError` if some differ.
    """
    if differences := list(_find_differences(course, assignment)):
        raise CourseError(f"{'; '.join(differences)}: make the points of the rules and of the cell equal")


def _find_differences(course: Course, assignment: str) -> Iterator[str]:
    for notebook in course.notebooks(assignment):
        for cell in course.source_notebook(assignment, notebook).cells:
            exercise = course.exercises.get(exercise_named_in(cell.source) or "")
            if not (exercise and utils.is_grade(cell)):
                continue
            points = float(cell.metadata.nbgrader["points"])
            if abs(exercise.points - points) > 1e-9:
                difference = f"{exercise.points:g} points in its rules, {points:g} in its cell"
                yield f"{assignment}/{notebook}.ipynb: {exercise.name} has {difference}"
