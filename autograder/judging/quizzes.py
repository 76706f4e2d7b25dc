"""Questions answered with letters: quizzes, blanks in a derivation, predictions.

Lenient about the form of an answer (a quiz takes a set, a list or a string; capital letters), strict about its
content. Letters can be guessed, so quizzes and blanks are judged at the due date. Predictions are judged at once: any
letters are right.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from .cases import VALUE_CASE, Case
from .model import Exercise, Mistake, Rule

# Cyrillic letters that look like these on every screen. The small one of B does not.
_LOOKALIKES = str.maketrans("\u0430\u0441\u0435\u0410\u0412\u0421\u0415", "aceABCE")


def to_letters(value: Any) -> set[str] | None:
    """Convert a text, or a list, tuple or set of letters, to a set of lower-case letters; None if that is not possible.

    Examples
    --------
    >>> sorted(to_letters(["B", "c"])), sorted(to_letters("b, c")), sorted(to_letters("bc"))
    (['b', 'c'], ['b', 'c'], ['b', 'c'])
    """
    items: Iterable[Any] = [item for item in value if item not in " ,"] if isinstance(value, str) else value
    if not isinstance(items, list | tuple | set | frozenset) or not all(isinstance(item, str) for item in items):
        return None
    found = {item.strip().translate(_LOOKALIKES).lower() for item in items}
    return found if all(len(letter) == 1 for letter in found) else None


def choose_all(
    name: str, key: str, options: str, *, points: float, slide: str, hint: str = "", explain: Mapping[str, str] = {}
) -> Exercise:
    """Create a multi-select question, answered with a set of letters: ``answer = {"b", "c"}``.

    Parameters
    ----------
    name : str
        The variable that holds the answer.
    key : str
        The right letters. The answer must contain all of them and no other.
    options : str
        The letters to choose from, in lower case: "abcd".
    points, slide, hint
        As in `Exercise` and `Rule`.
    explain : mapping of str to str
        For each of the letters, a sentence that explains why it is true or false; or none at all.

    Examples
    --------
    >>> choose_all("quiz", "bc", "abcd", points=1, slide="Trivia").reference == {"b", "c"}
    True
    """
    _check_question(name, key, options, explain, options)
    right = set(key)

    def check_form(value: Any) -> str | None:
        chosen = to_letters(value)
        if chosen is not None and chosen <= set(options):
            return None
        return f'answer with a set of letters from {", ".join(options)}, such as {{"{options[0]}"}}'

    def check(_: Case, value: Any) -> str | None:
        return check_form(value) or (None if to_letters(value) == right else "these are not exactly the right letters")

    rule = Rule("all true ones, and only those", points, hint=hint, check=check, check_form=check_form)
    others = (set(c) for size in range(len(options) + 1) for c in combinations(options, size) if set(c) != right)
    mistakes = {"".join(sorted(other)) or "nothing": Mistake(other) for other in others}
    variants = {"list": sorted(right), "frozenset": frozenset(right), "capitals": {letter.upper() for letter in right}}
    return Exercise(name, slide, right, (rule,), mistakes, variants, explanations=explain)


def fill_in(
    name: str,
    key: Mapping[str, str],
    options: str,
    *,
    points: float,
    slide: str,
    hint: str | Mapping[str, str] = "",
    explain: Mapping[str, str] = {},
) -> Exercise:
    """Create a question with blanks, answered with a dict: ``answer = {"line 1": "c", "line 2": "a"}``.

    Parameters
    ----------
    name, options, slide
        As in `choose_all`.
    key : mapping of str to str
        The label of each blank, and its right letter.
    points : float
        Divided equally among the blanks. Any remainder from rounding goes to the last one.
    hint : str or mapping of str to str
        For every blank, or for some of them by label.
    explain : mapping of str to str
        For each blank, a sentence that explains its letter; or none at all.
    """
    _check_question(name, key.values(), options, explain, key)
    if not key:
        raise ValueError(f"{name}: give a key with a label and a letter for each blank")
    if isinstance(hint, Mapping) and (unknown := hint.keys() - key.keys()):
        raise ValueError(f"{name}: the hint for {min(unknown)!r} belongs to no blank: use a label of the key")

    def rule(label: str, share: float) -> Rule:
        def check_form(value: Any) -> str | None:
            letter = _one_letter(value.get(label)) if isinstance(value, dict) else None
            if not letter:
                return f'answer with a dict that has one letter for "{label}"'
            return None if letter in set(options) else f'the letter for "{label}" must be one of {", ".join(options)}'

        def check(_: Case, value: Any) -> str | None:
            does_not_fit = f'the letter for "{label}" does not fit'
            return check_form(value) or (None if _one_letter(value[label]) == key[label] else does_not_fit)

        own_hint = hint if isinstance(hint, str) else hint.get(label, "")
        return Rule(label, share, hint=own_hint, check=check, check_form=check_form)

    shares = [points / len(key)] * (len(key) - 1)
    shares.append(points - math.fsum(shares))
    rules = tuple(rule(label, share) for label, share in zip(key, shares, strict=True))
    shifted = {label: options[(options.index(letter) + 1) % len(options)] for label, letter in key.items()}
    mistakes = {f"{label} wrong": Mistake({**key, label: shifted[label]}) for label in key}
    mistakes |= {"all wrong": Mistake(shifted), "a list": Mistake(list(key.values())), "empty": Mistake({})}
    variants = {
        "capitals": {label: letter.upper() for label, letter in key.items()},
        "sets": {label: {letter} for label, letter in key.items()},
        "another order": dict(reversed(list(key.items()))),
    }
    return Exercise(name, slide, dict(key), rules, mistakes, variants, explanations=explain)


@dataclass(frozen=True)
class ExplainedLetter:
    """A letter of a question, and a sentence that explains why it is right or not."""

    blank: str  # the label of the blank; empty in a quiz
    letter: str
    is_right: bool
    reason: str


def explained_letters(exercise: Exercise) -> tuple[ExplainedLetter, ...]:
    """Resolve a question: each letter of a quiz, and the right letter of each blank. Empty if it is not explained.

    Examples
    --------
    >>> exercise = fill_in("q", {"line 1": "b"}, "ab", points=1, slide="s", explain={"line 1": "It follows."})
    >>> explained_letters(exercise)
    (ExplainedLetter(blank='line 1', letter='b', is_right=True, reason='It follows.'),)
    """
    key, reasons = exercise.reference, exercise.explanations.items()
    if isinstance(key, dict):
        return tuple(ExplainedLetter(blank, key[blank], True, reason) for blank, reason in reasons)
    return tuple(ExplainedLetter("", letter, letter in key, reason) for letter, reason in reasons)


def _check_question(
    name: str, key: Iterable[str], options: str, explain: Mapping[str, str] = {}, explained: Iterable[str] = ()
) -> None:
    if len(options) < 2 or sorted(to_letters(options) or ()) != sorted(options) or not set(key) <= set(options):
        raise ValueError(
            f"{name}: give different options in lower case, such as 'abcd', and a key with letters of them"
        )
    if explain and explain.keys() != set(explained):
        raise ValueError(f"{name}: explain {', '.join(explained)}, each in a sentence")


def predict(name: str, options: str, *, questions: int, points: float, slide: str) -> Exercise:
    """Create questions about an experiment that is yet to be run, answered with a list of letters.

    Any valid letters earn the points, if there are as many as `questions`: a prediction may be wrong. The other
    parameters are those of `choose_all`.
    """
    _check_question(name, "", options)

    def check(_: Case, value: Any) -> str | None:
        is_complete = isinstance(value, list | tuple) and len(value) == questions
        if is_complete and all(_one_letter(item) in set(options) for item in value):
            return None
        return f"answer with a list of {questions} letters from {', '.join(options)}"

    rule = Rule("a prediction is made", points, check=check)
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
    return Exercise(name, slide, reference, (rule,), mistakes, variants, is_prediction=True)


def predicted_letters(exercise: Exercise, value: Any) -> list[str]:
    """Return the letters of a prediction, in lower case.

    The list is empty if the answer is not valid, or the exercise not a prediction.

    Examples
    --------
    >>> exercise = predict("p", "abc", questions=2, points=1, slide="s")
    >>> predicted_letters(exercise, ("B", "c")), predicted_letters(exercise, ["b"])
    (['b', 'c'], [])
    """
    if not exercise.is_prediction or any(rule.check(VALUE_CASE, value) for rule in exercise.rules if rule.check):
        return []
    return [letter for item in value for letter in to_letters(item) or ()]


def _one_letter(value: Any) -> str | None:
    found = to_letters(value)
    return found.pop() if found and len(found) == 1 else None
