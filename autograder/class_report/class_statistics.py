"""Statistics of a class: the scores of each exercise, and the rules that fail."""

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


@dataclass(frozen=True)
class ExerciseStatistics:
    """The scores of all answers to one exercise, or to a question with a written answer."""

    key: QuestionKey  # the notebook and the `grade_id`
    points: float
    mean: float  # of the scores; NaN if no answer has been graded
    num_answers: int  # that have been graded
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
        return self.num_answers - self.num_full - self.num_zero - len(self.unanswered)


@dataclass(frozen=True)
class RuleStatistics:
    """The number of answers to an exercise, and of those that pass one of its rules."""

    exercise: str
    finding: Finding  # of one answer: with the name, the points and the slide of the rule
    num_passed: int
    num_answers: int


def histogram(scores: Sequence[float], max_score: float) -> list[tuple[float, float, int]]:
    """Count the scores in at most ten ranges, each of which is a whole number of points wide, but the last.

    Return the ends of each range, and its count. A score on a boundary belongs to the higher range.

    Examples
    --------
    >>> histogram([5, 10, 12, 25], 25)[3:]
    [(9, 12, 1), (12, 15, 1), (15, 18, 0), (18, 21, 0), (21, 24, 0), (24, 25, 1)]
    """
    top = max([max_score, *scores, 1])
    whole = math.ceil(top - SCORE_TOLERANCE)  # a sum of points that is not exact needs no further range
    ends = [*range(0, whole, math.ceil(whole / MAX_RANGES)), top]
    counts, _ = np.histogram(np.round(scores, 9), ends)  # sums of floats: 0.7 + 0.2 + 0.1 is below 1
    return [(low, high, int(count)) for (low, high), count in zip(pairwise(ends), counts, strict=True)]


def exercise_statistics(data: ClassData) -> list[ExerciseStatistics]:
    """Summarise the scores of all questions in the order of the assignment, written answers included."""
    return [_summarise_question(key, data) for key in data.keys]


def _summarise_question(key: QuestionKey, data: ClassData) -> ExerciseStatistics:
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
    return ExerciseStatistics(
        key=key,
        points=points,
        mean=statistics.fmean(scores.values()) if scores else math.nan,
        num_answers=len(scores),
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
