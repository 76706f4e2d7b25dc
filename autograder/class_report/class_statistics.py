"""Statistics of a class: the scores of each question, how often each rule is passed, and a histogram of totals."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..judging.verdict import Finding, Status
from ..reports.grades import SCORE_TOLERANCE, is_unanswered
from .class_data import ClassData
from .questions import QuestionKey

MAX_RANGES = 10  # of the histogram of total scores
SCORE_DECIMALS = 9  # to which the histogram rounds: 0.7 + 0.2 + 0.1 is below 1, and would be in the range below


@dataclass(frozen=True)
class QuestionStatistics:
    """The scores of all answers to one exercise, or to a question with a written answer."""

    key: QuestionKey  # the notebook and the `grade_id`
    points: float
    mean: float  # of the scores; NaN if none has been given
    num_graded: int  # students with a score, also of 0 points for no answer: the sum of the next three and `num_partly`
    num_full: int  # with all points
    num_zero: int  # with no points, although there is an answer and it could earn some
    unanswered: tuple[str, ...]  # the students who did not answer: they made no mistake either
    num_overridden: int = 0  # with a score that a person gave in place of the grader's
    num_waiting: int = 0  # answers that a person has yet to grade, or that are judged at the due date

    @property
    def name(self) -> str:
        """The name of the exercise, or the `grade_id` of the written answer."""
        return self.key[1]

    @property
    def num_partly(self) -> int:
        """The number of answers with some points, but not all."""
        return self.num_graded - self.num_full - self.num_zero - len(self.unanswered)


@dataclass(frozen=True)
class RuleStatistics:
    """How many answers to an exercise pass one of its rules."""

    exercise: str
    finding: Finding  # of one answer: with the name, the points and the slide of the rule
    num_passed: int
    num_answers: int  # that the rule has judged, missing ones included


def histogram(scores: Sequence[float], max_score: float) -> list[tuple[float, float, int]]:
    """Count the scores in at most `MAX_RANGES` ranges, each of which is a whole number of points wide, but the last.

    Return the ends of each range, and its count. A score on a boundary belongs to the higher range. The last one ends
    at the maximum, or at a higher score, and contains it.

    Examples
    --------
    >>> histogram([5, 10, 12, 25], 25)[3:]
    [(9, 12, 1), (12, 15, 1), (15, 18, 0), (18, 21, 0), (21, 24, 0), (24, 25, 1)]
    """
    rounded = [round(score, SCORE_DECIMALS) for score in scores]
    top = max([round(max_score, SCORE_DECIMALS), *rounded, 1])
    whole = math.ceil(top)
    ends = [*range(0, whole, math.ceil(whole / MAX_RANGES)), top]
    counts, _ = np.histogram(rounded, ends)
    return [(low, high, int(count)) for (low, high), count in zip(pairwise(ends), counts, strict=True)]


def question_statistics(data: ClassData) -> list[QuestionStatistics]:
    """Summarise the scores of all questions in the order of the assignment, written answers included."""
    return [_summarise_question(key, data) for key in data.keys]


def _summarise_question(key: QuestionKey, data: ClassData) -> QuestionStatistics:
    """Summarise the scores that count. A written answer has no verdicts, and its points are in the notebook."""
    verdicts = data.verdicts.get(key, {})
    points = next(iter(verdicts.values())).points if verdicts else data.questions[key].points
    students = [record.student for record in data.records]
    given = [student for student in students if student in verdicts or data.grade(student, key)]
    scores = {student: score for student in given if (score := data.score(student, key)) is not None}
    grades = {student: data.grade(student, key) for student in scores}
    unanswered = tuple(student for student in scores if is_unanswered(verdicts.get(student), grades[student]))
    of_answers = [score for student, score in scores.items() if student not in unanswered]
    num_full = sum(score >= points - SCORE_TOLERANCE for score in of_answers)  # of 0 points, too
    return QuestionStatistics(
        key=key,
        points=points,
        mean=statistics.fmean(scores.values()) if scores else math.nan,
        num_graded=len(scores),
        num_full=num_full,
        num_zero=sum(score == 0 for score in of_answers) if points else 0,
        unanswered=unanswered,
        num_overridden=sum(grade is not None and grade.is_override for grade in grades.values()),
        num_waiting=len(given) - len(scores),
    )


def rule_statistics(data: ClassData) -> list[RuleStatistics]:
    """Count the answers that pass each rule, in the order of the assignment."""
    by_rule: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for key in data.keys:
        for verdict in data.verdicts.get(key, {}).values():
            for finding in verdict.findings:
                if finding.status is not Status.RECEIVED:
                    by_rule[verdict.exercise, finding.rule].append(finding)
    return [
        RuleStatistics(exercise, own[0], sum(finding.passed for finding in own), len(own))
        for (exercise, _), own in by_rule.items()
    ]
