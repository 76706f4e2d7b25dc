"""Judge letters at once, in the edition for self-study: only its data have the key.

`self_study.py` adds this module to the package `lectrain`.
"""

import json
from typing import Any

from lectrain.check import CheckFailed, Form, read_letters
from lectrain.data import find_file
from lectrain.report import show

FILE = "self-study.json"  # in the folder `data/`


def expect_right(name: str, answer: Any, form: Form, options: str | dict[str, str]) -> None:
    """Check that the letters are right, and explain each.

    `name` is the name of the question. The other parameters and the errors are those of `expect_answered`.
    """
    letters = read_letters(answer, form, options)
    chosen = dict(zip(answer, letters, strict=True)) if isinstance(form, dict) else {}
    question = json.loads(find_file(FILE).read_text(encoding="utf-8"))[name]
    results = []
    for label, reason in question["explain"].items():
        if isinstance(form, dict):
            letter, key = chosen[label], question["key"][label]
            holds, claim = letter == key, f"{label}: {key} is right{'' if letter == key else f', and {letter} is not'}"
        else:
            is_key, is_chosen = label in question["key"], label in letters
            holds, marked = is_key == is_chosen, "marked" if is_chosen else "not marked"
            wrong = f"{marked}, but it {'belongs' if is_key else 'does not belong'} to the answer"
            claim = f"{label}, rightly {marked}" if holds else f"{label}, {wrong}"
        print(f"{'✓' if holds else '✗'} {claim}: {reason}")
        results.append(holds)
    text = f"you are right about {sum(results)} of {len(results)}"
    if not all(results):
        raise CheckFailed(text, name=name)
    show(f"✓ {name}: {text}", "passed", name=name, fault=text)
