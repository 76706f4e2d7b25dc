"""Explain a wrong answer: which known mistake it looks like, or how its values relate to the right ones."""

import warnings

import numpy as np

from ..decode import Answer
from ..model import DrawnExercise
from .argument_changes import find_changed_argument
from .known_mistakes import find_known_mistake, find_mistake_in_most_cases
from .output_relations import find_exact, find_fitted
from .profiles import Attempt, profile_of

__all__ = ["diagnose"]

Diagnosis = tuple[str | None, str | None]
"""The name of a mistake or relation, and a sentence for the student."""


def diagnose(drawn: DrawnExercise, got: list[Answer]) -> Diagnosis:
    """Name what a wrong answer looks like, and explain it in a sentence. It never changes the score.

    The searches run in this order, and the first result counts: a known mistake of the catalogue; a relation between
    the returned and the right values; other arguments for which the returned values are right; a known mistake that
    explains most cases; a relation with a free parameter.

    Parameters
    ----------
    drawn : DrawnExercise
        The exercise and its cases.
    got : list of Answer
        The student's answer to each case.

    Returns
    -------
    (str, str) or (None, None)
        The second if nothing fits, or if several mistakes with different hints fit equally well.
    """
    attempt = Attempt(profile_of(drawn), got)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # relations are tried on any numbers: the logarithm of -1, the mean of nothing
        return (
            find_known_mistake(attempt)
            or find_exact(attempt.pairs)
            or find_changed_argument(attempt)
            or find_mistake_in_most_cases(attempt)
            or (not attempt.breaks_a_mutation_rule and find_fitted(attempt.pairs))
            or (None, None)
        )
