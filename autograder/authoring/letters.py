"""Judge letters at once, and offer solutions, in the edition for self-study: only its data have the key.

`self_study.py` adds this module to the package `lectrain`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from IPython.core.getipython import get_ipython

from lectrain.check import CheckFailed, Form, read_letters
from lectrain.data import find_file
from lectrain.report import show

FILE = "self-study.json"  # in the folder `data/`
THINK_AGAIN = "Think again. After another wrong answer, this check shows the right letters and the reasons."
OFFER = "This code has failed its check {} times. If you are stuck, unfold the solution below."

Judgement = tuple[bool, str]  # whether a blank or an option is right, and what follows its label

_wrong: defaultdict[str, set[tuple[Judgement, ...]]] = defaultdict(set)  # answers by question; equal ones count once
_failures: Counter[str] = Counter()  # of the code of each exercise


def expect_right(
    name: str, answer: Any, form: Form, options: str | dict[str, str], words: Mapping[str, str] | None = None
) -> None:
    """Check that the letters are right, and explain each if they are, or if another answer was wrong before.

    After the first wrong answer, it says which blanks are right. Of a quiz it says only how many letters: which ones
    would be the key. `name` is the name of the question. The other parameters and the errors are those of
    `expect_answered`, but `words` is not used: the explanations say what the letters mean.
    """
    letters = read_letters(answer, form, options)
    question = _questions()[name]
    judged = _judge(answer, letters, question["key"], question["explain"])
    right = [label for label, (is_right, _) in judged.items() if is_right]
    text = f"you are right about {len(right)} of {len(judged)}"
    is_all_right = len(right) == len(judged)
    if not is_all_right:
        _wrong[name].add(tuple(judged.values()))
        if len(_wrong[name]) == 1:  # the same wrong answer, given again, does not open the key
            which = f" ({', '.join(right)})" if isinstance(form, dict) and right else ""
            raise CheckFailed(f"{text}{which}.", name=name, hint=THINK_AGAIN)
    for label, (is_right, claim) in judged.items():
        print(f"{'✓' if is_right else '✗'} {label}{claim}: {question['explain'][label]}")
    if not is_all_right:
        raise CheckFailed(text, name=name)
    show(f"✓ {name}: {text}", "passed", name=name, fault=text)


def _judge(answer: Any, letters: Collection[str], key: Any, labels: Iterable[str]) -> dict[str, Judgement]:
    """Judge each blank of an answer, or each option of a quiz, which has a list of letters as its key."""
    if isinstance(key, list):
        return {option: _judge_option(option in letters, option in key) for option in labels}
    filled = dict(zip(answer, letters, strict=True))
    return {blank: _judge_blank(filled[blank], key[blank]) for blank in labels}


def _judge_blank(letter: str, key: str) -> Judgement:
    return letter == key, f": {key} is right" if letter == key else f": {key} is right, and {letter} is not"


def _judge_option(is_chosen: bool, is_key: bool) -> Judgement:
    marked = "marked" if is_chosen else "not marked"
    if is_chosen == is_key:
        return True, f", rightly {marked}"
    return False, f", {marked}, but it {'belongs' if is_key else 'does not belong'} to the answer"


def offer_solutions() -> None:
    """Point to the folded solution when the check of an exercise fails, from the third time on."""
    if shell := get_ipython():
        shell.events.register("post_run_cell", _count_failure)


def _count_failure(result: Any) -> None:
    name = result.error_in_exec.parts["name"] if isinstance(result.error_in_exec, CheckFailed) else ""
    if name and name not in _questions():
        _failures[name] += 1
        if _failures[name] >= 3:
            print(OFFER.format(_failures[name]))


def _questions() -> dict[str, dict[str, Any]]:
    questions: dict[str, dict[str, Any]] = json.loads(find_file(FILE).read_text(encoding="utf-8"))
    return questions
