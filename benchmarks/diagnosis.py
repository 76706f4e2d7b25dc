"""Does the autograder name the right mistake? Measure it on wrong answers that are in no catalogue.

    python benchmarks/diagnosis.py [--all] [--json FILE]

A diagnosis is right if it matches a pattern for a tutor's explanation, and wrong otherwise. Without a diagnosis, the
message about the broken rule may still explain the mistake: "it returns a list instead of an array". The answers in
`tests/judging/held_out/tutored` were inspected while the judge was developed; those in `tutored_unseen` never were.
"""

import argparse
import json
import re
import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.judging.answers import KnownAnswer
from autograder.judging.exercise_set import load_exercises
from tests.judging.held_out import SETS

exercises = load_exercises("exercises")


class Outcome(StrEnum):
    """How a wrong answer is explained to the student."""

    NAMED = "named"
    """The diagnosis matches the tutor's explanation."""
    DESCRIBED = "described"
    """There is no diagnosis, but the message about a broken rule matches the tutor's explanation."""
    UNEXPLAINED = "unexplained"
    """There is no diagnosis, and no message matches."""
    WRONG = "wrong"
    """The diagnosis does not match the tutor's explanation."""
    PASSED = "passed"
    """The answer passes every rule."""


class JudgedAnswer(NamedTuple):
    """A wrong answer and what a student reads about it.

    Attributes
    ----------
    held : KnownAnswer
        Its name is the tutor's explanation, and its field `words` is a pattern for it.
    outcome : Outcome
    diagnosis : str
        Empty if there is none.
    messages : tuple of str
        The messages about broken rules, without the rules' hints.
    """

    held: KnownAnswer
    outcome: Outcome
    diagnosis: str
    messages: tuple[str, ...]


def judge_answer(held: KnownAnswer, seed: int = 0) -> JudgedAnswer:
    """Judge one answer, and compare the explanation with the tutor's.

    Parameters
    ----------
    held : KnownAnswer
    seed : int
        Which inputs are drawn.

    Returns
    -------
    JudgedAnswer
    """
    with np.errstate(all="ignore"):
        verdict = exercises[held.exercise].check(held.value, seed, source=held.code)
    failed = [finding for finding in verdict.findings if not finding.passed]
    diagnosis = " ".join(dict.fromkeys(finding.diagnosis for finding in failed if finding.diagnosis))
    hints = [rule.hint for rule in exercises[held.exercise].rules]
    messages = tuple(dict.fromkeys(_without_hint(finding.message, hints) for finding in failed))
    return JudgedAnswer(held, _outcome(held, bool(failed), diagnosis, " ".join(messages)), diagnosis, messages)


def _without_hint(message: str, hints: list[str]) -> str:
    """Remove the hint of the rule, which is the same for every answer."""
    return next((message.removesuffix(hint) for hint in hints if hint and message.endswith(hint)), message)


def _outcome(held: KnownAnswer, failed: bool, diagnosis: str, messages: str) -> Outcome:
    if not failed:
        return Outcome.PASSED
    pattern = re.compile(held.field("words") or "$^")  # without a pattern, nothing matches
    if diagnosis:
        return Outcome.NAMED if pattern.search(diagnosis) else Outcome.WRONG
    return Outcome.DESCRIBED if pattern.search(messages) else Outcome.UNEXPLAINED


def measure(name: str, answers: list[KnownAnswer], print_all: bool) -> dict[str, Any]:
    """Judge a set of answers, and print the outcomes.

    Parameters
    ----------
    name : str
    answers : list of KnownAnswer
    print_all : bool
        Whether to print every answer. Otherwise only those with a wrong diagnosis and those that pass.

    Returns
    -------
    dict
        The number of answers with each outcome, the number of failures, and the share that is explained.
    """
    judged = [judge_answer(held) for held in answers]
    for answer in judged:
        if print_all or answer.outcome in (Outcome.WRONG, Outcome.PASSED):
            explanation = answer.diagnosis or answer.messages
            print(f"{answer.outcome:12}{answer.held.exercise}: {answer.held.name}\n            {explanation}")
    outcomes = Counter(answer.outcome for answer in judged)
    failures = len(judged) - outcomes[Outcome.PASSED]
    explained = (outcomes[Outcome.NAMED] + outcomes[Outcome.DESCRIBED]) / failures
    print(
        f"{name}: {failures} wrong answers. The diagnosis names the mistake of {outcomes[Outcome.NAMED]} and is wrong "
        f"for {outcomes[Outcome.WRONG]}. Without a diagnosis, {outcomes[Outcome.DESCRIBED]} are described by the "
        f"message and {outcomes[Outcome.UNEXPLAINED]} are not explained. {explained:.0%} are explained."
    )
    return {**outcomes, "failures": failures, "explained": explained}


def main() -> None:
    """Measure both sets, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="print every answer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    numbers = {name: measure(name, SETS[name], options.all) for name in ("tutored", "tutored_unseen")}
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
