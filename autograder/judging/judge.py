"""Judge answers: compare them with the reference, rule by rule. Right and wrong are decided here and nowhere else."""

from typing import Any

from .decode import UnusableAnswers, decode_answers
from .diagnosis import diagnose
from .messages import FailureKind, RuleFailure, find_failure
from .model import DrawnExercise, Exercise, Finding, Rule, Status, Verdict


def judge(drawn: DrawnExercise, answers: Any) -> Verdict:
    """Compare the answers of the student's process with the reference on the same inputs.

    Parameters
    ----------
    drawn : DrawnExercise
        The exercise and the inputs that were handed out.
    answers : object
        What `probe.answer` is said to have returned. It may be forged: whatever cannot be decoded earns nothing.

    Returns
    -------
    Verdict
        One finding per rule of the exercise.
    """
    try:
        got = decode_answers(answers, len(drawn.cases))
    except UnusableAnswers as reason:
        return _nothing_earned(drawn.exercise, str(reason))
    failures = [
        next(filter(None, (find_failure(rule, drawn.cases[i], got[i], drawn.expected[i]) for i in rows)), None)
        for rule, rows in zip(drawn.exercise.rules, drawn.rows, strict=True)
    ]
    mistake, diagnosis = diagnose(drawn, got) if any(failures) else (None, None)
    rules = zip(drawn.exercise.rules, failures, strict=True)
    findings = [_finding(drawn.exercise, rule, failure, diagnosis) for rule, failure in rules]
    return Verdict(drawn.exercise.name, tuple(findings), mistake)


def _finding(exercise: Exercise, rule: Rule, failure: RuleFailure | None, diagnosis: str | None) -> Finding:
    slide = rule.slide or exercise.slide
    if failure is None:
        return Finding(rule.name, Status.PASSED, rule.points, slide=slide)
    if failure.kind is FailureKind.NOT_ANSWERED:
        return Finding(rule.name, Status.NOT_ANSWERED, rule.points, failure.message, slide)
    message = f"{failure.message}. {rule.hint}" if rule.hint else failure.message
    return Finding(rule.name, Status.FAILED, rule.points, message, slide, diagnosis)


def _nothing_earned(exercise: Exercise, reason: str) -> Verdict:
    findings = [
        Finding(rule.name, Status.FAILED, rule.points, reason, rule.slide or exercise.slide) for rule in exercise.rules
    ]
    return Verdict(exercise.name, tuple(findings))
