"""Select the three questions of a sheet."""

import math
from collections.abc import Sequence

import numpy as np

from .change_effects import Effect
from .questions import OPTION_LETTERS, Kind, Question

LETTER_KINDS = (Kind.CHANGE, Kind.OUTPUT)  # a sheet has at most two of them
LOOP_KINDS = (Kind.COUNT, Kind.LOOP)  # a sheet has at most one of them
# The weights of letters as keys, 1 for others: most changes give other numbers, or the same result.
_WEIGHTS = {Effect.VALUES.value: 0.3, Effect.SAME.value: 0.6}


def pick_three(questions: Sequence[Question], rng: np.random.Generator) -> tuple[Question, ...] | None:
    """Pick three questions of different subjects, at most two of them with letters. None if three are not found.

    Other picks might leave more that fit, but where these fail, those did for all known right answers, too.
    """
    others = [kind for kind in Kind if kind is not Kind.CHANGE]
    drawn = [Kind(kind) for kind in rng.permutation(others)]  # NumPy has made texts of them
    picked: list[Question] = []
    # A change first, which each sheet should have, and then one question of each kind: a second one of a kind asks for
    # what has been asked already, so it is taken only if there are too few kinds. All three may be of kind VALUE.
    for kind in (Kind.CHANGE, *drawn, Kind.CHANGE, Kind.VALUE, Kind.VALUE, Kind.SHAPE):
        if len(picked) == 3:
            break
        if candidates := [q for q in questions if q.kind is kind and _fits(q, picked)]:
            picked.append(_draw(candidates, rng))
    # changes last, beside the list of their letters
    return tuple(sorted(picked, key=lambda q: q.kind is Kind.CHANGE)) if len(picked) == 3 else None


def _fits(question: Question, picked: Sequence[Question]) -> bool:
    if question.kind in LETTER_KINDS and sum(q.kind in LETTER_KINDS for q in picked) >= 2:
        return False
    if question.kind in LOOP_KINDS and any(q.kind in LOOP_KINDS for q in picked):
        return False
    return not any(question.subject == q.subject or _have_equal_answers(question, q) for q in picked)


def _have_equal_answers(question: Question, other: Question) -> bool:
    """Whether two questions about the same input have the same value as their answer."""
    same_input = question.inputs == other.inputs and Kind.CHANGE not in (question.kind, other.kind)
    return same_input and _answer(question) == _answer(other)


def _answer(question: Question) -> str:
    """What a student computes: the value itself, also where a letter stands for it."""
    return question.options[OPTION_LETTERS.index(question.key[0])] if question.options else question.key[0]


def _draw(candidates: Sequence[Question], rng: np.random.Generator) -> Question:
    """Draw a question. Of changes, the letters for the inputs are drawn first, with weights that balance them."""
    if candidates[0].kind is Kind.CHANGE:
        keys = sorted({question.key for question in candidates})
        # Different letters weigh more: to write the same letter for each input should seldom be right.
        weights = [math.prod(_WEIGHTS.get(letter, 1.0) for letter in key) * (1 + len(set(key))) for key in keys]
        key = keys[int(rng.choice(len(keys), p=np.array(weights) / sum(weights)))]
        candidates = [question for question in candidates if question.key == key]
    return candidates[int(rng.integers(len(candidates)))]
