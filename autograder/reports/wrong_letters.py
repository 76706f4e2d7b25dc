"""How a known mistake of letters differs from the right answer: sets of letters, or dicts of one for each blank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from ..judging.quizzes import is_blank
from ..judging.rule_failures import NOT_ANSWERED

_CONTAINERS = (list, tuple, dict, set, np.ndarray)


@dataclass(frozen=True)
class _WrongLetter:
    letter: Any
    key: str  # of its explanation: the blank, or the letter itself in a quiz
    action: Markup  # what the students did with it


def describe_choice(given: Any, right: Any, options: Mapping[str, Markup]) -> Markup | None:
    """Describe what the students chose. None if the answer has another form, or lists in its blanks.

    Examples
    --------
    >>> describe_choice({"a"}, {"a", "b"}, {"b": Markup("lists")})
    Markup('did not mark b: lists')
    >>> describe_choice({}, {"line 1": "c"}, {})
    Markup('not answered yet')
    """
    if is_blank(given):
        return Markup(NOT_ANSWERED)
    wrong = _find_wrong_letters(given, right)
    if wrong is None:
        return None
    return Markup("; ").join(
        own.action + (Markup(": {}").format(options[own.letter]) if own.letter in options else "") for own in wrong
    )


def explain_choice(given: Any, right: Any, explanations: Mapping[str, str]) -> str:
    """Explain the first wrong letter. Empty if there is none, or if it has no explanation."""
    wrong = None if is_blank(given) else _find_wrong_letters(given, right)
    return explanations.get(wrong[0].key, "") if wrong else ""


def _find_wrong_letters(given: Any, right: Any) -> list[_WrongLetter] | None:
    """Find the wrong letters. None if the answer is not letters."""
    if isinstance(given, set) and isinstance(right, set):
        marked = [_WrongLetter(letter, letter, Markup("marked {}").format(letter)) for letter in sorted(given - right)]
        missed = sorted(right - given)
        return marked + [_WrongLetter(letter, letter, Markup("did not mark {}").format(letter)) for letter in missed]
    has_blanks = isinstance(given, dict) and isinstance(right, dict)
    if has_blanks and not any(isinstance(value, _CONTAINERS) for value in given.values()):
        return [
            _WrongLetter(letter, label, Markup("chose {} for “{}”").format(letter, label))
            for label, letter in given.items()
            if letter != right.get(label)
        ]
    return None


def consists_of_letters(reference: Any) -> bool:
    """Whether a right answer consists of letters, or of other texts."""
    values = reference.values() if isinstance(reference, dict) else reference
    return isinstance(values, Iterable) and any(isinstance(value, str) for value in values)
