"""Explain a wrong answer by a known mistake that it looks like, or by a relation of its values to the right ones."""

import warnings

import numpy as np

from ..decode import CallResult
from ..model import DrawnExercise
from ..relations import Explanation
from .argument_changes import find_changed_argument
from .known_mistakes import find_alike, find_mistake_in_most_cases, name_mistake, offer_two_mistakes
from .output_relations import find_exact, find_partial_or_fitted
from .profiles import Attempt, profile_of

__all__ = ["diagnose"]


def diagnose(drawn: DrawnExercise, got: list[CallResult], source: str = "") -> tuple[str | None, str | None]:
    """Explain a wrong answer. The score does not depend on the explanation.

    The result is that of the first search that finds something:

    1. a known mistake of the catalogue;
    2. a relation between the returned and the right values;
    3. other arguments for which the returned values are right;
    4. a known mistake that explains most cases;
    5. an uncertain relation: it holds only where the answer is wrong, or approximately, or has a free parameter;
    6. two known mistakes that both give the returned values, so that the first search names neither.

    It has a name, which is that of the mistake, the relation or the change of arguments, and a sentence for the
    student. Both are None if nothing is found. A mistake without a hint has no sentence.
    """
    attempt = Attempt(profile_of(drawn), got, source)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # relations are tried on any numbers, such as the logarithm of -1
        alike = find_alike(attempt)
        return (
            name_mistake(attempt, alike)
            or find_exact(attempt.pairs, drawn.exercise.relations.exact)
            or find_changed_argument(attempt)
            or find_mistake_in_most_cases(attempt)
            or _find_uncertain_relation(attempt)
            or offer_two_mistakes(attempt, alike)
            or (None, None)
        )


def _find_uncertain_relation(attempt: Attempt) -> Explanation | None:
    if attempt.breaks_a_mutation_rule:  # modified inputs may be the cause: only an exact relation is better than none
        return None
    tables = attempt.profile.drawn.exercise.relations
    return find_partial_or_fitted(attempt.pairs, tables.exact, tables.fitted)
