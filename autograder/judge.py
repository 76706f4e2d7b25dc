"""Answers × reference → `Verdict`. This is where right and wrong are decided, far from the student's process."""

from typing import Any

from .answers import Answer, read
from .complaints import NOT_ANSWERED, complain, differ
from .diagnosis import diagnose
from .exercise import Drawn, Exercise, Finding, Rule, Verdict

__all__ = ["NOT_ANSWERED", "Answer", "complain", "differ", "judge"]


def judge(drawn: Drawn, answers: Any) -> Verdict:
    """Compare what came back from the student's process with the reference on the same inputs.

    Parameters
    ----------
    drawn : Drawn
        The exercise and the inputs that were handed out.
    answers : object
        What `probe.answer` is said to have returned. It may be forged: anything unreadable earns nothing.

    Returns
    -------
    Verdict
        One finding per rule of the exercise.
    """
    got, trouble = read(answers, len(drawn.cases))
    if trouble:
        return _nothing_earned(drawn.exercise, trouble)
    complaints = [
        next(filter(None, (complain(rule, drawn.cases[i], got[i], drawn.wanted[i]) for i in rows)), None)
        for rule, rows in zip(drawn.exercise.rules, drawn.rows, strict=True)
    ]
    mistake, diagnosis = diagnose(drawn, got) if any(complaints) else (None, None)
    rules = zip(drawn.exercise.rules, complaints, strict=True)
    findings = [_finding(drawn.exercise, rule, complaint, diagnosis) for rule, complaint in rules]
    return Verdict(drawn.exercise.name, tuple(findings), mistake)


def _finding(exercise: Exercise, rule: Rule, complaint: str | None, diagnosis: str | None) -> Finding:
    slide = rule.slide or exercise.slide
    if complaint is None:
        return Finding(rule.name, True, rule.points, slide=slide)
    unanswered = complaint == NOT_ANSWERED
    message = complaint if unanswered or not rule.hint else f"{complaint}. {rule.hint}"
    return Finding(rule.name, False, rule.points, message, slide, None if unanswered else diagnosis)


def _nothing_earned(exercise: Exercise, why: str) -> Verdict:
    findings = [Finding(rule.name, False, rule.points, why, rule.slide or exercise.slide) for rule in exercise.rules]
    return Verdict(exercise.name, tuple(findings))
