"""Judge letters at once, in the edition for self-study: only its data have the key.

`self_study.py` adds this module to the package `lectrain`.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lectrain.check import CheckFailed, Form, read_letters
from lectrain.data import find_file
from lectrain.report import show

FILE = "self-study.json"  # in the folder `data/`
THINK_AGAIN = "Think again. After another wrong answer, this check shows the right letters and the reasons."


@dataclass(frozen=True)
class Judgement:
    """Whether a blank is filled, or an option of a quiz marked or left out, as in the key."""

    is_right: bool
    claim: str  # what is right, as the beginning of a sentence: the explanation follows


# The wrong answers to each question since the kernel was started. Two with the same judgements are the same answer.
_wrong: defaultdict[str, set[tuple[Judgement, ...]]] = defaultdict(set)


def expect_right(
    name: str, answer: Any, form: Form, options: str | dict[str, str], words: Mapping[str, str] | None = None
) -> None:
    """Check that the letters are right, and explain each if they are, or if another answer was wrong before.

    After the first wrong answer, it says which blanks are right. Of a quiz it says only how many letters: which ones
    would be the key. `name` is the name of the question. The other parameters and the errors are those of
    `expect_answered`, but `words` is not used: the explanations say what the letters mean.
    """
    letters = read_letters(answer, form, options)
    question = read_questions()[name]
    judged = _judge(answer, letters, question["key"], question["explain"])
    right = [label for label, judgement in judged.items() if judgement.is_right]
    text = f"you are right about {len(right)} of {len(judged)}"
    is_all_right = len(right) == len(judged)
    if not is_all_right:
        _wrong[name].add(tuple(judged.values()))
        if len(_wrong[name]) == 1:  # the same wrong answer, given again, does not open the key
            which = f" ({', '.join(right)})" if isinstance(form, dict) and right else ""
            raise CheckFailed(f"{text}{which}.", name=name, hint=THINK_AGAIN)
    for label, judgement in judged.items():
        print(f"{'✓' if judgement.is_right else '✗'} {judgement.claim}: {question['explain'][label]}")
    if not is_all_right:
        raise CheckFailed(text, name=name)
    show(f"✓ {name}: {text}", "passed", name=name, fault=text)


def _judge(answer: Any, letters: Collection[str], key: Any, labels: Iterable[str]) -> dict[str, Judgement]:
    """Judge each blank of an answer, or each option of a quiz, which has a list of letters as its key."""
    if isinstance(key, list):
        return {option: _judge_option(option, option in letters, option in key) for option in labels}
    filled = dict(zip(answer, letters, strict=True))
    return {blank: _judge_blank(blank, filled[blank], key[blank]) for blank in labels}


def _judge_blank(blank: str, letter: str, key: str) -> Judgement:
    is_right = letter == key
    return Judgement(is_right, f"{blank}: {key} is right" + ("" if is_right else f", and {letter} is not"))


def _judge_option(option: str, is_chosen: bool, is_key: bool) -> Judgement:
    marked = "marked" if is_chosen else "not marked"
    if is_chosen == is_key:
        return Judgement(True, f"{option}, rightly {marked}")
    return Judgement(False, f"{option}, {marked}, but it {'belongs' if is_key else 'does not belong'} to the answer")


def read_questions() -> dict[str, dict[str, Any]]:
    """Read the questions of all notebooks by name, as `self_study.explained_keys` makes them: "key" and "explain"."""
    questions: dict[str, dict[str, Any]] = json.loads(find_file(FILE).read_text(encoding="utf-8"))
    return questions
