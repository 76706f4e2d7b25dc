"""Judge all answers to an exercise: apply each rule to its cases, and explain a wrong answer.

`rule_failures.find_failure` decides whether an answer satisfies a rule. Points depend on that alone. `diagnose` adds an
explanation for the student.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from .decode import NO_ANSWER, CallResult, UnusableResults, decode_results
from .diagnosis import diagnose
from .model import DrawnExercise, Exercise, Rule
from .quizzes import predicted_letters
from .rule_failures import NOT_ANSWERED_MESSAGE, RuleFailure, RuleFailureKind, find_failure, is_unanswered
from .small_inputs import describe_first_failure, small_inputs_of
from .verdict import Finding, Status, Verdict

T = TypeVar("T")
RECEIVED_MESSAGE = "received; judged at the due date"
EXPLAINED_BY_INPUTS = (RuleFailureKind.VALUE, RuleFailureKind.CHECK)  # and by the property of the rule


def judge(
    drawn: DrawnExercise,
    answers: Any,
    why_missing: str = NO_ANSWER,
    explain: bool = True,
    source: str = "",
    is_before_due: bool = False,
    small_answers: Any = None,
) -> Verdict:
    """Compare the results that came from the student's process with the reference on the same inputs.

    Raise `ValueError` if the reference fails on a case: that is a fault of the exercise.

    Parameters
    ----------
    drawn : DrawnExercise
        The exercise, with the inputs that were sent.
    answers : object
        The data that the student's process sent as the result of `probe.answer`. It may be forged: data that cannot be
        decoded earns no points.
    why_missing : str
        The message to the student if ``answers`` is None.
    explain : bool
        Whether to look for a diagnosis, which takes about half of the time. Points do not depend on it.
    source : str
        The student's code. A hint names only what is in it.
    is_before_due : bool
        Whether answers that can be guessed are only received: those of exercises with a rule that has a `check_form`.
    small_answers : object
        The data that the student's process sent for the request of `small_calls`. Points do not depend on it.
    """
    if answers is None:
        return _verdict_without_points(drawn.exercise, why_missing)
    try:
        got = decode_results(answers, len(drawn.cases))
    except UnusableResults as reason:
        return _verdict_without_points(drawn.exercise, str(reason))
    rules = [(_form_alone(rule) if is_before_due else rule, indices) for rule, indices in drawn.rules_with_cases]
    is_received = is_before_due and drawn.exercise.is_guessable
    failures = [_first_failure(drawn, rule, indices, got) for rule, indices in rules]
    may_diagnose = explain and any(failures) and not is_received  # a diagnosis would tell whether the answer is right
    found = _try("diagnosis", drawn.exercise, lambda: diagnose(drawn, got, source)) if may_diagnose else None
    mistake, diagnosis = found or (None, None)
    # A small input would tell it, too. But one is sought for functions only, and `Exercise` refuses a guessable one.
    got_small = None if small_answers is None else _decode_or_none(small_answers, small_inputs_of(drawn.exercise))
    findings = []
    for (rule, _), failure in zip(rules, failures, strict=True):
        shown = failure and _with_small_input(drawn.exercise, rule, failure, got_small)
        findings.append(_finding(drawn.exercise, rule, shown, diagnosis))
    if is_received:
        findings = [replace(f, status=Status.RECEIVED, message=RECEIVED_MESSAGE) if f.passed else f for f in findings]
    letters = predicted_letters(drawn.exercise, got[0].value)
    return Verdict(drawn.exercise.name, tuple(findings), mistake, tuple(letters))


def small_calls(drawn: DrawnExercise, answers: Any) -> dict[str, Any] | None:
    """Return the calls with small inputs that the sandbox should make if an answer returns wrong values.

    Return None where they would show nothing: no wrong value breaks a rule, or the exercise has no small inputs.
    """
    got = _decode_or_none(answers, drawn)
    if got is None:
        return None
    comparing = ((rule, indices) for rule, indices in drawn.rules_with_cases if not rule.check_trace)
    failures = (_first_failure(drawn, rule, indices, got) for rule, indices in comparing)
    if not any(failure and failure.kind in EXPLAINED_BY_INPUTS for failure in failures):
        return None
    # The small inputs depend on the exercise alone: a fault of ours in them shows in the course's own tests.
    small = small_inputs_of(drawn.exercise)
    return small.request if small.cases else None


def _form_alone(rule: Rule) -> Rule:
    """A rule that any answer in the right form satisfies, if the given rule is about answers that can be guessed."""
    if (check_form := rule.check_form) is None:
        return rule
    return replace(rule, check=lambda _, value: check_form(value), hint="")


def _decode_or_none(answers: Any, drawn: DrawnExercise) -> list[CallResult] | None:
    try:
        return decode_results(answers, len(drawn.cases))
    except UnusableResults:
        return None


def _with_small_input(
    exercise: Exercise, rule: Rule, failure: RuleFailure, results: Sequence[CallResult] | None
) -> RuleFailure:
    """Show the smallest input with a wrong value, in place of a position or after the message of a rule's check."""
    if results is None or failure.kind not in EXPLAINED_BY_INPUTS:
        return failure
    small = small_inputs_of(exercise)
    example = _try("small input", exercise, lambda: describe_first_failure(small, rule, results))
    if example is None:
        return failure
    fact = f"{example}, which is wrong"
    is_position = failure.kind is RuleFailureKind.VALUE
    return replace(failure, message=fact if is_position else f"{_with_stop(failure.message)} {fact}")


def _try(what: str, exercise: Exercise, find: Callable[[], T]) -> T | None:
    """Look for an explanation. A fault of ours costs no points: it becomes a warning, which in tests is an error."""
    try:
        return find()
    except MemoryError:  # the limit of the worker: an outcome of its own
        raise
    except Exception as error:
        warnings.warn(f"no {what} of {exercise.name}: {error!r}", RuntimeWarning, stacklevel=2)
        return None


def _first_failure(
    drawn: DrawnExercise, rule: Rule, indices: Iterable[int], got: list[CallResult]
) -> RuleFailure | None:
    failures = (find_failure(rule, drawn.cases[i], got[i], drawn.expected[i]) for i in indices)
    failure = next(filter(None, failures), None)
    if failure and failure.kind is RuleFailureKind.NOT_ANSWERED and all(map(is_unanswered, got)):
        return replace(failure, message=NOT_ANSWERED_MESSAGE)  # without the case, because it is so for all
    return failure


def _finding(exercise: Exercise, rule: Rule, failure: RuleFailure | None, diagnosis: str | None) -> Finding:
    slide = rule.slide or exercise.slide
    if failure is None:
        return Finding(rule.name, Status.PASSED, rule.points, slide=slide)
    if failure.kind is RuleFailureKind.NOT_ANSWERED:
        return Finding(rule.name, Status.NOT_ANSWERED, rule.points, failure.message, slide)
    message = failure.message
    about = rule.property if failure.kind in EXPLAINED_BY_INPUTS else ""
    for sentence in filter(None, (about, rule.hint)):
        message = f"{_with_stop(message)} {sentence}"
    return Finding(rule.name, Status.FAILED, rule.points, message, slide, diagnosis)


def _with_stop(message: str) -> str:
    """The message with a full stop. Some messages end with a question mark, or with a full stop of their own."""
    return message if message.endswith(("?", ".", "!")) else f"{message}."


def _verdict_without_points(exercise: Exercise, reason: str) -> Verdict:
    findings = [
        Finding(rule.name, Status.FAILED, rule.points, reason, rule.slide or exercise.slide) for rule in exercise.rules
    ]
    return Verdict(exercise.name, tuple(findings))
