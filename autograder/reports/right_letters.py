"""The right letters of the questions on feedback pages, and when these may show them."""

from collections.abc import Mapping

from nbgrader.api import Gradebook

from ..grading.due_dates import is_to_come, read_due_dates
from ..judging.model import Exercise
from ..judging.quizzes import explained_letters
from .cell_on_page import Explained


def read_explained(
    exercises: Mapping[str, Exercise], gradebook: Gradebook, assignment: str, is_automatic: bool = False
) -> Explained:
    """Collect the right letters of all questions with their reasons, if pages may show them now; else none.

    They may after the last due date, the extensions included. A late submission can then contain what a page has
    shown: whether it earns points is the instructor's decision. Without a due date, only pages that a person releases
    show letters: those that are returned automatically (`is_automatic`) would help with the next attempt.
    """
    last = read_due_dates(gradebook, assignment).last
    may_show = not is_to_come(last) if last else not is_automatic
    return {name: explained_letters(exercise) for name, exercise in exercises.items()} if may_show else {}
