"""What came back from a student's function, read from JSON that cannot be trusted."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from . import probe


@dataclass(frozen=True)
class Answer:
    """What one call of the student's function came to."""

    value: Any = None
    error: tuple[str, str] | None = None
    kinds: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    changed: bool = False
    shared: bool = False
    calls: Any = None


def read(answers: Any, count: int) -> tuple[list[Answer], str | None]:
    """Decode a bundle of answers; the second item says in words why there is nothing to judge."""
    if answers is None:
        return [], "no answer came back: the cell did not finish"
    if isinstance(answers, dict) and answers.get("missing"):
        return [], "it is not defined when its check runs: does the cell that defines it come first?"
    try:
        return [_read_one(answer) for answer in _exactly(count, answers["answers"])], None
    except (probe.Undecodable, TypeError, KeyError, ValueError, AttributeError, RecursionError):
        return [], "what came back cannot be read as an answer"


def _exactly(count: int, answers: list) -> list:
    if type(answers) is not list or len(answers) != count:
        raise probe.Undecodable("another number of answers than questions")
    return answers


def _read_one(answer: dict) -> Answer:
    warned, changed = _texts(answer.get("warned") or ()), bool(answer.get("changed"))
    if "error" in answer:
        kind, text = _texts(answer["error"])
        kinds = _texts(answer.get("kinds") or ())
        return Answer(error=(kind, text), kinds=kinds, warned=warned, changed=changed)
    value, calls = probe.decode(answer["value"]), probe.decode(answer.get("calls"))
    return Answer(value, warned=warned, changed=changed, shared=bool(answer.get("shared")), calls=calls)


def _texts(said: Iterable) -> tuple[str, ...]:
    """Read a few words, no longer than the probe's own: they stand in reports."""
    return tuple(str(text)[: probe.MAX_TEXT] for text in islice(said, probe.MAX_DEPTH))
