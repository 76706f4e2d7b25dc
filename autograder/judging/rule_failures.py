"""Decide whether one answer satisfies one rule, and describe the failure if it does not.

This is the only place that decides between right and wrong. `judge` applies it to all rules and cases. The message
about a failure does not reveal the right value.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

import numpy as np

from .. import probe
from ..values import Unknown
from .cases import VALUE_CASE, Case
from .compare import find_difference
from .decode import CallResult
from .leaves import find_unknown, leaves
from .model import UNANSWERED_ERROR, Rule

MAX_ERROR_CHARACTERS = 200
NOT_ANSWERED_MESSAGE = "not answered yet"
SINGLE_TOLERANCE = (1e-5, 1e-6)  # the smallest relative and absolute tolerance in single precision


class RuleFailureKind(Enum):
    """Why an answer fails a rule. Decisions use this. Points never depend on the message."""

    NOT_ANSWERED = auto()
    LIMIT = auto()  # of the probe
    DID_NOT_RAISE = auto()
    RAISED = auto()
    FORM = auto()  # type, shape or dtype
    VALUE = auto()
    CHECK = auto()  # of the rule itself
    SIDE_EFFECT = auto()


@dataclass(frozen=True)
class RuleFailure:
    """How an answer fails a rule on one case."""

    kind: RuleFailureKind
    message: str  # for the student

    @property
    def pattern(self) -> tuple[RuleFailureKind, str]:
        """The kind, and the message without numbers. Messages that differ only in numbers have the same pattern.

        The texts of exceptions and of exceeded limits depend on how code is written, so they are left out.

        A diagnosis compares the patterns of a student's failure and of a known mistake's. Points do not depend on them.
        """
        is_left_out = self.kind in (RuleFailureKind.RAISED, RuleFailureKind.LIMIT)
        return self.kind, "" if is_left_out else re.sub(r"-?\d[\d.e+-]*", "", self.message)


def find_failure(rule: Rule, case: Case, got: CallResult, want: CallResult) -> RuleFailure | None:
    """Find out whether, and how, an answer fails a rule on one case. None if it satisfies the rule.

    Raise `ValueError` if the reference fails, or returns what equals nothing, where the rule needs its value: that is a
    fault of the exercise.
    """
    where = f" for {case.about}" if case.about else ""
    if want.error and not (rule.raises or rule.check or rule.check_trace):
        reason = ": ".join(filter(None, want.error))
        raise ValueError(f"rule {rule.name!r}: the reference fails{where} ({reason}): correct it, or set `raises`")
    failure = _find_in_any_case(rule, case, got, want)
    if failure is None:
        return None
    clause = failure.message.replace("it returns", "it is") if case is VALUE_CASE else failure.message
    quote = _quote(got.error) if got.error and failure.kind is RuleFailureKind.RAISED else ""
    return replace(failure, message=f"{clause}{where}{quote}")


def _find_in_any_case(rule: Rule, case: Case, got: CallResult, want: CallResult) -> RuleFailure | None:
    """Find a failure. Its message does not say for which case, and takes the value for one that was returned."""
    if got.error and (limit := _exceeded_limit(got.error, want)):
        return RuleFailure(RuleFailureKind.LIMIT, limit)
    is_missing = case is VALUE_CASE and got.value is None and not got.error  # there is one such object
    if is_missing or is_unanswered(got):
        return RuleFailure(RuleFailureKind.NOT_ANSWERED, NOT_ANSWERED_MESSAGE)
    if rule.raises and want.error:
        if missing := _missing_exception(rule.raises, got):
            return RuleFailure(RuleFailureKind.DID_NOT_RAISE, missing)
    elif got.error:
        return RuleFailure(RuleFailureKind.RAISED, f"it raises {got.error[0]}")
    elif wrong := _wrong_value(rule, case, got, want):
        if case is VALUE_CASE and is_blank(got.value):  # only if it is wrong: no letter may be the right answer
            return RuleFailure(RuleFailureKind.NOT_ANSWERED, NOT_ANSWERED_MESSAGE)
        return wrong
    side_effect = _side_effect(rule, got)
    return RuleFailure(RuleFailureKind.SIDE_EFFECT, side_effect) if side_effect else None


def is_unanswered(result: CallResult) -> bool:
    """Whether a call reached the line that stands for a solution."""
    return result.error is not None and result.error[0] == UNANSWERED_ERROR


def _exceeded_limit(error: tuple[str, str], want: CallResult) -> str | None:
    """Describe a limit of the probe that the answer exceeded; None if the function raised an exception of its own."""
    name, text = error
    if name == probe.TIMEOUT:
        return "it did not finish within the time limit"
    if name == probe.TOO_MANY_CALLS:
        return "a function that it was given is called too often"
    if name != probe.TOO_LARGE:
        return None
    array = text[:MAX_ERROR_CHARACTERS]  # what `encode_answer` says of one; empty for another value
    if array and isinstance(want.value, np.ndarray) and array != (expected := f"an array of shape {want.value.shape}"):
        return f"it returns {array} instead of {expected}"
    return f"it returns {array or 'a value'}, which is too large"


def _missing_exception(expected: str, got: CallResult) -> str | None:
    if got.error is None:
        return f"it returns a value instead of raising {expected}"
    if expected in (got.error[0], *got.base_classes):  # `except ValueError` would catch it
        return None
    return f"it raises {got.error[0]} instead of {expected}"


def _quote(error: tuple[str, str]) -> str:
    text = error[1].strip()
    return f": {text.splitlines()[0][:MAX_ERROR_CHARACTERS]}" if text else ""


def _wrong_value(rule: Rule, case: Case, got: CallResult, want: CallResult) -> RuleFailure | None:
    if rule.check or rule.check_trace:
        message = _message_of_check(rule, case, got, want)
        return RuleFailure(RuleFailureKind.CHECK, message) if message else None
    if unknown := find_unknown(want.value):
        needs = "set `cases`, or" if case is VALUE_CASE else "set"
        raise ValueError(f"rule {rule.name!r}: nothing equals the reference's {unknown.type_name}: {needs} `check`")
    difference = find_difference(got.value, want.value, *_tolerance(rule, case), same_kind=rule.dtype != "any")
    if difference is None:
        return None
    kind = RuleFailureKind.VALUE if difference.is_in_value else RuleFailureKind.FORM
    return RuleFailure(kind, difference.message)


def _message_of_check(rule: Rule, case: Case, got: CallResult, want: CallResult) -> str | None:
    """Run the rule's own check. If the check cannot handle the value, only this rule fails."""
    try:
        return _run_check(rule, case, got)
    except MemoryError:  # the limit of the worker: an outcome of its own, and not a wrong answer
        raise
    except Exception:
        if not want.error:
            _run_check(rule, case, want)  # a fault of the check itself is raised here: it is not the student's
        return "its type or size is not the expected one"


def _run_check(rule: Rule, case: Case, result: CallResult) -> str | None:
    if rule.check:
        return rule.check(case, result.value)
    return rule.check_trace(case, result.value, result.calls) if rule.check_trace else None


def _side_effect(rule: Rule, got: CallResult) -> str | None:
    if rule.warnings == "none" and got.warned:
        if probe.WARNINGS_DISABLED in got.warned:
            return "it changes NumPy's warnings permanently (np.seterr)"
        return f"NumPy warns of {', '.join(got.warned)}"
    if rule.mutation == "none" and got.changed:
        return "it changes an argument in place"
    if rule.mutation == "none" and got.gradient_changed:
        return "it changes the array that the gradient function returned"
    if rule.sharing == "none" and got.shared:
        return "it returns an array that shares memory with one that it was given or has returned before, not a new one"
    return None


def _tolerance(rule: Rule, case: Case) -> tuple[float, float]:
    """The relative and absolute tolerance of a rule on a case."""
    rtol, atol = SINGLE_TOLERANCE if holds_single(case.values) else (0.0, 0.0)
    return max(rule.rtol, rtol), max(rule.atol, atol)


def holds_single(value: Any) -> bool:
    """Whether a value, or an item of a list, tuple or dictionary, is in single precision."""
    return any(getattr(leaf, "dtype", None) == np.float32 for leaf in leaves(value))


def is_blank(value: Any) -> bool:
    """Whether nothing was written: None, dots, an empty text, or a container of nothing else. A number is an answer.

    Dots from the student's process arrive as an `Unknown`.

    Examples
    --------
    >>> [is_blank(value) for value in (None, Unknown("ellipsis"), {"a": set()}, ["", [""]], [0, 0], ["a", None])]
    [True, True, True, True, False, False]
    """
    return all(
        leaf is None
        or (isinstance(leaf, str) and not leaf)
        or (isinstance(leaf, Unknown) and leaf.type_name == "ellipsis")
        for leaf in leaves(value)
    )
