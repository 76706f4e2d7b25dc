"""What is wrong with a known mistake that is a value: its letters, its settings, or its form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from ..judging.model import Exercise
from ..judging.quizzes import predicted_letters
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE, is_blank

_CONTAINERS = (list, tuple, dict, set, np.ndarray)


@dataclass(frozen=True)
class _WrongPart:
    action: Markup  # what the students did
    option: str  # the letter, or the value of a setting, with which they did it; empty if a blank was left out
    key: str  # of its explanation: the blank, or the letter itself in a quiz


def describe_mistake(exercise: Exercise, mistake: str, options: Mapping[str, Markup]) -> Markup:
    """Describe a known mistake: what the students chose, or else its name. `options` has the text of each letter.

    Examples
    --------
    >>> from ..judging.quizzes import choose_all, fill_in
    >>> quiz = choose_all("quiz", "ab", "abc", points=1, slide="s")
    >>> describe_mistake(quiz, "a", {"b": Markup("lists")}), describe_mistake(quiz, "nothing", {})
    (Markup('did not mark b: lists'), Markup('not answered yet'))
    >>> blanks = fill_in("blanks", {"line 1": "c", "line 2": "a"}, "abc", points=1, slide="s")
    >>> describe_mistake(blanks, "line 2 wrong", {}), describe_mistake(blanks, "a list", {})
    (Markup('chose b for “line 2”'), Markup('invalid answer: a list'))
    """
    given = exercise.mistakes[mistake].answer
    if is_blank(given):
        return Markup(NOT_ANSWERED_MESSAGE)
    if wrong := list(_find_wrong_parts(exercise, given)):
        return Markup("; ").join(
            part.action + (Markup(": {}").format(options[part.option]) if part.option in options else "")
            for part in wrong
        )
    return Markup("invalid answer: {}").format(mistake) if _is_invalid(exercise, given) else escape(mistake)


def explain_mistake(exercise: Exercise, mistake: str) -> str:
    """Explain the first wrong letter. Empty if there is none, or if it has no explanation."""
    given = exercise.mistakes[mistake].answer
    first = None if is_blank(given) else next(_find_wrong_parts(exercise, given), None)
    return exercise.explanations.get(first.key, "") if first else ""


def _find_wrong_parts(exercise: Exercise, given: Any) -> Iterator[_WrongPart]:
    """Find what is wrong with a set of letters, or with a dict of letters or settings. Other answers have no parts."""
    match given, exercise.reference:
        case set(), set() as right:
            for letter in sorted(given - right, key=str):
                yield _WrongPart(Markup("marked {}").format(letter), letter, letter)
            for letter in sorted(right - given, key=str):
                yield _WrongPart(Markup("did not mark {}").format(letter), letter, letter)
        case dict(), dict() as right if not any(isinstance(v, _CONTAINERS) for v in (*given.values(), *right.values())):
            for label, value in given.items():
                if not is_blank(value) and value != right.get(label):
                    yield _WrongPart(Markup("chose {} for “{}”").format(value, label), str(value), label)
            # a blank needs a letter; of settings, such as numbers of steps, students give those that they change
            for label in right if _is_invalid(exercise, given) else ():
                if is_blank(given.get(label)):
                    yield _WrongPart(Markup("left out “{}”").format(label), "", label)


def _is_invalid(exercise: Exercise, given: Any) -> bool:
    """Whether the exercise accepts no such answer: wrong or right, it is not one that was asked for."""
    if exercise.is_prediction:
        return not predicted_letters(exercise, given)
    return any(rule.check_form and rule.check_form(given) for rule in exercise.rules)
