"""Questions answered with letters: quizzes, blanks in a derivation, predictions.

Lenient about the form of an answer (a set, a list or a string; capital letters), strict about its content.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from .model import VALUE_CASE, Case, Check, Exercise, Mistake, Rule


def choose_all(name: str, key: str, options: str, *, points: float, slide: str, hint: str = "") -> Exercise:
    """A multi-select question: every letter of ``key`` and no other, as a set: ``answer = {"b", "c"}``."""
    right = set(key)

    def check(_: Case, value: Any) -> str | None:
        given = letters(value)
        if given is None:
            return f'answer with a set of letters, such as {{"{options[0]}"}}'
        return None if given == right else "these are not exactly the true ones"

    rule = Rule("all true ones, and only those", points, _value_case, hint, check=check)
    others = (set(c) for size in range(len(options) + 1) for c in combinations(options, size) if set(c) != right)
    mistakes = {"".join(sorted(other)) or "nothing": Mistake(other) for other in others}
    variants = {"list": sorted(right), "frozenset": frozenset(right), "capitals": {letter.upper() for letter in right}}
    return Exercise(name, slide, right, (rule,), mistakes, variants)


def fill_in(name: str, key: Mapping[str, str], options: str, *, points: float, slide: str, hint: str = "") -> Exercise:
    """Blanks filled with one letter each, as a dict: ``answer = {"line 1": "c", ...}``; each blank has its points."""

    def blank(label: str) -> Check:
        def check(_: Case, value: Any) -> str | None:
            given = letters(value.get(label)) if isinstance(value, dict) else None
            if given is None or len(given) != 1:
                return f'answer with a dict that has one letter for "{label}"'
            return None if given == {key[label]} else "this letter does not fit"

        return check

    each = points / len(key)
    rules = tuple(Rule(label, each, _value_case, hint, check=blank(label)) for label in key)
    shifted = {label: options[(options.index(letter) + 1) % len(options)] for label, letter in key.items()}
    mistakes = {f"{label} wrong": Mistake({**key, label: shifted[label]}) for label in key}
    mistakes |= {"all wrong": Mistake(shifted), "a list": Mistake(list(key.values())), "empty": Mistake({})}
    variants = {
        "capitals": {label: letter.upper() for label, letter in key.items()},
        "sets": {label: {letter} for label, letter in key.items()},
        "another order": dict(reversed(list(key.items()))),
    }
    return Exercise(name, slide, dict(key), rules, mistakes, variants)


def predict(name: str, options: str, *, questions: int, points: float, slide: str) -> Exercise:
    """Predictions before an experiment, as a list of letters. They earn their points for being made."""

    def check(_: Case, value: Any) -> str | None:
        answered = isinstance(value, list | tuple) and len(value) == questions
        if answered and all((given := letters(v)) and len(given) == 1 and given <= set(options) for v in value):
            return None
        return f"answer with a list of {questions} letters from {', '.join(options)}"

    rule = Rule("a prediction is made", points, _value_case, check=check)
    reference = [options[0]] * questions
    mistakes = {
        "nothing": Mistake([None] * questions),
        "too few": Mistake(reference[1:]),
        "too many": Mistake([*reference, options[0]]),
        "no such letter": Mistake(["z"] * questions),
        "a number": Mistake(1),
        "dots": Mistake(...),
        "empty strings": Mistake([""] * questions),
        "one string": Mistake(options[0]),
    }
    variants = {
        "other letters": [options[-1]] * questions,
        "tuple": tuple(reference),
        "capitals": [options[0].upper()] * questions,
    }
    return Exercise(name, slide, reference, (rule,), mistakes, variants)


def letters(value: Any) -> set[str] | None:
    """Read an answer as a set of small letters, or None where it is something else.

    >>> sorted(letters(["B", "c"]))
    ['b', 'c']
    """
    items: Iterable[Any] = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(items, list | tuple | set | frozenset) or not all(isinstance(item, str) for item in items):
        return None
    given = {item.strip().lower() for item in items}
    return given if all(len(letter) == 1 for letter in given) else None


def _value_case(_: object) -> list[Case]:
    return [VALUE_CASE]
