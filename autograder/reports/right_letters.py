"""When feedback pages list the right letters of the questions."""

from collections.abc import Mapping

from nbgrader.api import Gradebook

from ..grading.due_dates import now, read_due_dates
from ..judging.model import Exercise
from ..judging.quizzes import explained_letters
from .cell_on_page import Explained


def read_explained(
    exercises: Mapping[str, Exercise], gradebook: Gradebook, assignment: str, is_automatic: bool = False
) -> Explained:
    """Collect the right letters of all questions. There are none before the last due date, the extensions included.

    After it, late submissions can still have them: whether these earn points is the instructor's decision. Without a
    due date, there are none as long as pages are returned automatically, and all when a person releases them.
    """
    last = read_due_dates(gradebook, assignment).last
    may_explain = now() >= last if last else not is_automatic
    return {name: explained_letters(exercise) for name, exercise in exercises.items()} if may_explain else {}
