"""Does the autograder name the mistake? Wrong answers that are in no catalogue, and what a student reads about them.

    python benchmarks/diagnosis.py [--all] [--json FILE]

A diagnosis is right if it says what a tutor would say, wrong if it says something else. Where it names no mistake, the
message about the property that failed may still say it: "it returns a list instead of an array". The first set was
looked at while the judge was made, the second never.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder import exercises
from tests.judging.held_out import exam, held_back
from tests.judging.held_out.held_back import HeldBack

SETS = {"held back": held_back.ANSWERS, "exam": exam.ANSWERS}


class Read(NamedTuple):
    """What a student reads about a wrong answer, and how it fits the tutor's words."""

    answer: HeldBack
    outcome: str
    diagnosis: str
    messages: tuple[str, ...]


def read(held: HeldBack, seed: int = 0) -> Read:
    """Judge one answer. The outcome is "named", "said" (by the property that failed), "silent", "wrong" or "passed"."""
    with np.errstate(all="ignore"):
        verdict = exercises[held.exercise].check(held.answer, seed)
    failed = [finding for finding in verdict.findings if not finding.passed]
    diagnosis = " ".join(dict.fromkeys(finding.diagnosis for finding in failed if finding.diagnosis))
    hints = [rule.hint for rule in exercises[held.exercise].rules]
    messages = tuple(dict.fromkeys(_without(hints, finding.message) for finding in failed))
    return Read(held, _outcome(held, bool(failed), diagnosis, " ".join(messages)), diagnosis, messages)


def _without(hints: list[str], message: str) -> str:
    """What the judge says of this answer, without the words that a rule has for every answer."""
    return next((message.removesuffix(hint) for hint in hints if hint and message.endswith(hint)), message)


def _outcome(held: HeldBack, failed: bool, diagnosis: str, said: str) -> str:
    if not failed:
        return "passed"
    fits = re.compile(held.words) if held.words else re.compile("$^")
    if diagnosis:
        return "named" if fits.search(diagnosis) else "wrong"
    return "said" if fits.search(said) else "silent"


def main() -> None:
    numbers = {name: count(name, answers) for name, answers in SETS.items()}
    if "--json" in sys.argv:
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(numbers, indent=1))


def count(name: str, answers: list[HeldBack]) -> dict:
    """Print the outcomes of a set, and return how many there are of each."""
    found = [read(held) for held in answers]
    for one in found:
        if "--all" in sys.argv or one.outcome in ("wrong", "passed"):
            print(f"{one.outcome:7}{one.answer.exercise}: {one.answer.tutor}\n       {one.diagnosis or one.messages}")
    outcomes = Counter(one.outcome for one in found)
    failures = len(found) - outcomes["passed"]
    right = (outcomes["named"] + outcomes["said"]) / failures
    print(
        f"{name}: {failures} wrong answers: {outcomes['named']} named, {outcomes['said']} said by the property that "
        f"failed, {outcomes['silent']} without a diagnosis, {outcomes['wrong']} in other words or with a wrong one; "
        f"{right:.0%} right"
    )
    return {**outcomes, "failures": failures, "right": right}


if __name__ == "__main__":
    main()
