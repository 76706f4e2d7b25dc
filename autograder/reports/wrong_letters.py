"""What is wrong with a known mistake that is a value: its wrong letters or numbers, or its format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from ..judging.quizzes import is_blank
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE

_CONTAINERS = (list, tuple, dict, set, np.ndarray)


@dataclass(frozen=True)
class _WrongLetter:
    letter: Any  # empty if a blank was left out
    key: str  # of its explanation: the blank, or the letter itself in a quiz
    action: Markup  # what the students did with it


def describe_answer(name: str, given: Any, right: Any, options: Mapping[str, Markup]) -> Markup:
    """Describe a known mistake: what the students chose, or else its name.

    Examples
    --------
    >>> describe_answer("one", {"a"}, {"a", "b"}, {"b": Markup("lists")})
    Markup('did not mark b: lists')
    >>> describe_answer("nothing", {}, {"line 1": "c"}, {})
    Markup('not answered yet')
    >>> describe_answer("half", {"line 1": "c"}, {"line 1": "c", "line 2": "a"}, {})
    Markup('left out “line 2”')
    >>> describe_answer("a list", ["a"], {"a", "b"}, {}), describe_answer("half", 0.5, 1.0, {})
    (Markup('wrong format: a list'), Markup('half'))
    """
    if is_blank(given):
        return Markup(NOT_ANSWERED_MESSAGE)
    if wrong := _find_wrong_letters(given, right):
        return Markup("; ").join(
            own.action + (Markup(": {}").format(options[own.letter]) if own.letter in options else "") for own in wrong
        )
    # wrong letters were described above; what else is wrong with an answer in the right format, only its name says
    is_wrong_format = _contains_text(right) or not _is_of_same_kind(given, right)
    return Markup("wrong format: {}").format(name) if is_wrong_format else escape(name)


def explain_choice(given: Any, right: Any, explanations: Mapping[str, str]) -> str:
    """Explain the first wrong letter. Empty if there is none, or if it has no explanation."""
    wrong = [] if is_blank(given) else _find_wrong_letters(given, right)
    return explanations.get(wrong[0].key, "") if wrong else ""


def _find_wrong_letters(given: Any, right: Any) -> list[_WrongLetter]:
    """Find the wrong letters of two sets, or of two dicts with one, or a number, for each label. Empty if neither."""
    if isinstance(given, set) and isinstance(right, set):
        marked = [_WrongLetter(letter, letter, Markup("marked {}").format(letter)) for letter in sorted(given - right)]
        missed = sorted(right - given)
        return marked + [_WrongLetter(letter, letter, Markup("did not mark {}").format(letter)) for letter in missed]
    are_dicts = isinstance(given, dict) and isinstance(right, dict)
    if not are_dicts or any(isinstance(value, _CONTAINERS) for value in (*given.values(), *right.values())):
        return []
    chosen = [
        _WrongLetter(letter, label, Markup("chose {} for “{}”").format(letter, label))
        for label, letter in given.items()
        if letter != right.get(label)
    ]
    # a blank needs a letter; of settings, such as numbers of steps, students give those that they change
    left_out = [label for label in right if label not in given] if _contains_text(right) else []
    return chosen + [_WrongLetter("", label, Markup("left out “{}”").format(label)) for label in left_out]


def _contains_text(right: Any) -> bool:
    values = right.values() if isinstance(right, dict) else right
    return isinstance(values, Iterable) and any(isinstance(value, str) for value in values)


def _is_of_same_kind(given: Any, right: Any) -> bool:
    """Whether both are numbers, both dicts, or both lists or arrays."""
    return any(isinstance(given, kind) and isinstance(right, kind) for kind in (int | float, dict, list | np.ndarray))
