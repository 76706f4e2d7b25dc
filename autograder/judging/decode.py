"""Decode what the student's process sent back. It may be forged, so every field is checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..probe import MAX_REPORTED_TEXTS, MAX_SHORTCUTS
from ..values import MAX_ARRAY_TEXT, MAX_TEXT, Undecodable, decode

NO_ANSWER = "no answer was received"
WHY_UNUSABLE = {
    "missing": "it is not defined when its check runs: does the cell that defines it come first, and run without an "
    "error?",
    "timeout": "it did not finish within the time limit",
}
_DOTTED_NAME = re.compile(r"\w+(\.\w+)*")


class UnusableResults(Exception):
    """The student's process sent no answers that can be judged. The message tells the student why."""


@dataclass(frozen=True)
class CallResult:
    """The result of calling a student's function, or any other function, on one case."""

    value: Any = None  # what the function returned
    error: tuple[str, str] | None = None  # type and message of the exception, if it raised one
    base_classes: tuple[str, ...] = ()  # of that exception
    # NumPy's floating-point warnings: "overflow", "invalid value", "divide by zero"
    warned: tuple[str, ...] = ()
    changed: bool = False  # whether an argument was modified
    # whether an array was modified that a gradient function, an argument, had returned, before its next call
    gradient_changed: bool = False
    shared: bool = False  # whether a returned array shares memory with one that was passed in, or returned earlier
    calls: Any = None  # what each argument that is a `FactoryArg` recorded


def decode_results(data: Any, count: int) -> list[CallResult]:
    """Decode the results of ``count`` cases. In the protocol, they are called answers. The data may be forged.

    Raise `UnusableResults` if the answers are missing, if their number is not ``count``, or if `probe.answer` cannot
    have written them.
    """
    if data is None:
        raise UnusableResults(NO_ANSWER)
    for flag, reason in WHY_UNUSABLE.items():
        if isinstance(data, dict) and data.get(flag):
            raise UnusableResults(reason)
    try:
        answers = data["answers"]
        if type(answers) is not list or len(answers) != count:
            raise Undecodable("the number of answers differs from the number of cases")
        return [_decode_result(answer) for answer in answers]
    except (TypeError, KeyError, ValueError, AttributeError, RecursionError) as error:
        raise UnusableResults("the answer could not be decoded") from error


def decode_shortcuts(data: Any, forbids: Sequence[str]) -> list[str]:
    """Decode which forbidden functions an answer uses. Names outside ``forbids`` are ignored: they are forged."""
    names = data.get("shortcuts") if isinstance(data, dict) else None
    if not isinstance(names, list):
        return []
    texts = (name[:MAX_ARRAY_TEXT] for name in names[:MAX_SHORTCUTS] if isinstance(name, str))
    prefixes = tuple(f"{path}." for path in forbids)  # of the path itself, and of what is in it
    used = (text for text in texts if _DOTTED_NAME.fullmatch(text) and f"{text}.".startswith(prefixes))
    return list(dict.fromkeys(used))


def _decode_result(answer: dict[str, Any]) -> CallResult:
    seen = CallResult(
        warned=_bounded_texts(answer.get("warned") or []),
        changed=bool(answer.get("changed")),
        gradient_changed=bool(answer.get("gradient_changed")),
    )
    if "error" in answer:
        name, message = _bounded_texts(answer["error"])
        return replace(seen, error=(name, message), base_classes=_bounded_texts(answer.get("bases") or []))
    shared = bool(answer.get("shared") or answer.get("kept"))
    return replace(seen, value=decode(answer["value"]), shared=shared, calls=decode(answer.get("calls")))


def _bounded_texts(texts: object) -> tuple[str, ...]:
    """The first few texts, each truncated as the probe does. A forged answer thus cannot flood a report."""
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Undecodable("a list of texts is something else")
    return tuple(text[:MAX_TEXT] for text in texts[:MAX_REPORTED_TEXTS])


# --- what the search for a cause asks -----------------------------------------------------------------------------


def is_missing(data: Any) -> bool:
    """Whether the probe found nothing under the name of the exercise."""
    return isinstance(data, dict) and bool(data.get("missing"))


def undefined_names(data: Any) -> list[str]:
    """The names that the student's function did not find."""
    names = [answer.get("undefined") for answer in _mappings(data)]
    bounded = (name[:MAX_TEXT] for name in names if isinstance(name, str))
    return list(dict.fromkeys(name for name in bounded if name.isidentifier()))


def has_errors(data: Any) -> bool:
    """Whether the student's function raised exceptions."""
    return any("error" in answer for answer in _mappings(data))


def _mappings(data: Any) -> list[dict[str, Any]]:
    """The answers, without those that the probe cannot have sent."""
    found = data.get("answers") if isinstance(data, dict) else None
    return [answer for answer in found if isinstance(answer, dict)] if isinstance(found, list) else []
