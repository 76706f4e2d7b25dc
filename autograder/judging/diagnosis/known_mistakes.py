"""Find the known mistake that a wrong answer looks like."""

from collections.abc import Sequence
from typing import Any

from ..compare import is_numeric
from ..decode import CallResult
from ..leaves import leaves
from ..model import Rule
from ..rule_failures import find_failure
from .agreement import equal, is_evidence, same_error, same_value, same_values
from .profiles import Attempt, MistakeProfile

MIN_SHARE = 0.7  # the share of the wrong cases that a mistake must explain to be named with "In most cases"


def find_alike(attempt: Attempt) -> list[MistakeProfile]:
    """Find mistakes with the same values, errors and side effects. If there is none, the values alone must be equal.

    Some mistakes return the right values: they modify an input, for example. Such a mistake must fail the same rules as
    the answer, with the same messages apart from numbers.
    """
    known = attempt.profile.mistakes
    alike = [mistake for mistake in known if _same_behaviour(attempt, mistake)]
    alike = alike or [mistake for mistake in known if same_values(attempt.got, mistake.results, mistake.tolerances)]
    return [mistake for mistake in alike if _same_failures(attempt, mistake)]


def name_mistake(attempt: Attempt, alike: Sequence[MistakeProfile]) -> tuple[str, str | None] | None:
    """Return the name of the first of these mistakes, and its hint if it has one.

    If there are several with different hints, return None, because one of the hints would be wrong.
    """
    hints = attempt.hints(alike)
    return (alike[0].name, hints[0] or None) if len(hints) == 1 else None


def offer_two_mistakes(attempt: Attempt, alike: Sequence[MistakeProfile]) -> tuple[None, str] | None:
    """Return a sentence with both hints if these mistakes have two: the answer does not decide between them."""
    hints = attempt.hints(alike)
    if len(hints) != 2 or not all(hints):
        return None
    return None, f"Two mistakes give this answer. One: {hints[0]} The other: {hints[1]}"


def find_mistake_in_most_cases(attempt: Attempt) -> tuple[str, str] | None:
    """Find the mistake that returns the same wrong numbers in most of the cases in which it or the answer is wrong.

    Return its name, and a sentence with its hint: with "In most cases", unless they agree in all of these cases. None
    if mistakes with different hints agree in an equal share of them, or if none of its hints is for the student's code.
    """
    known = [mistake for mistake in attempt.profile.mistakes if mistake.known.hint and not mistake.is_nearly_right]
    shares = {mistake.name: _share_explained(attempt, mistake) for mistake in known}
    best = max(shares.values(), default=0.0)
    alike = [mistake for mistake in known if shares[mistake.name] == best]
    hints = attempt.hints(alike)
    if best < MIN_SHARE or len(hints) != 1 or not hints[0]:
        return None
    return alike[0].name, hints[0] if best == 1 else f"In most cases: {hints[0]}"


def _same_behaviour(attempt: Attempt, mistake: MistakeProfile) -> bool:
    """Whether values, errors, modified inputs and watched warnings are the same in every case."""
    return all(
        same_error(a, b)
        and (a.changed, a.gradient_changed) == (b.changed, b.gradient_changed)
        and (i not in attempt.profile.drawn.watched or a.warned == b.warned)
        and (a.error is not None or equal(a.value, b.value, *mistake.tolerances[i], same_kind=True))
        for i, (a, b) in enumerate(zip(attempt.got, mistake.results, strict=True))
    )


def _same_failures(attempt: Attempt, mistake: MistakeProfile) -> bool:
    """Whether both fail the same rules in the same way. Numbers in the messages may differ.

    If the mistake has wrong values, `find_alike` has compared them. Only the recorded calls are then left to compare.
    """
    drawn = attempt.profile.drawn

    def pattern(rule: Rule, i: int, result: CallResult) -> tuple[Any, str] | None:
        failure = find_failure(rule, drawn.cases[i], result, drawn.expected[i])
        return failure.pattern if failure else None

    return all(
        pattern(rule, i, attempt.got[i]) == pattern(rule, i, mistake.results[i])
        for rule, indices in drawn.rules_with_cases
        if rule.check_trace or not mistake.wrong_cases
        for i in indices
    )


def _share_explained(attempt: Attempt, mistake: MistakeProfile) -> float:
    """Of the cases in which the answer or the mistake is wrong, the share in which both return the same numbers.

    Equal errors, truth values and texts do not count as explained, because unrelated code may give the same ones.
    """
    both, either = attempt.wrong_cases & mistake.wrong_cases, attempt.wrong_cases | mistake.wrong_cases
    same = [i for i in both if same_value(attempt.got[i], mistake.results[i], *mistake.tolerances[i])]
    values = [attempt.got[i].value for i in same if not attempt.got[i].error]
    numbers = [value for value in values if any(map(is_numeric, leaves(value)))]
    return len(numbers) / len(either) if is_evidence(numbers) else 0.0
