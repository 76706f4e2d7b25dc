"""Statistics of a class: the scores of each exercise, the rules that fail, and the mistakes."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..grading.records import Record
from ..judging.exercise_set import ExerciseSet
from ..judging.verdict import Finding, Status, Verdict
from .class_data import ClassData
from .grades import SCORE_TOLERANCE, is_unanswered
from .questions import QuestionKey

MAX_RANGES = 10  # of the histogram of total scores
MAX_TO_DISCUSS = 3  # what fits into the next lesson, and on one screen of the projector


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
    rule: str
    points: float
    slide: str
    num_passed: int
    num_answers: int

    @property
    def share(self) -> float:
        """The share of answers that pass."""
        return self.num_passed / self.num_answers


@dataclass(frozen=True)
class MistakeStatistics:
    """A diagnosis of wrong answers, and the students who got it."""

    exercise: str
    mistake: str  # the name of a known mistake, or of a relation to the right values
    hint: str
    slide: str  # that explains it
    students: tuple[str, ...]

    @property
    def is_shared(self) -> bool:
        """Whether several students made it."""
        return len(self.students) > 1


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
    counts, _ = np.histogram(scores, ends)
    return [(low, high, int(count)) for (low, high), count in zip(pairwise(ends), counts, strict=True)]


def _verdicts(graded: Sequence[Record]) -> Iterator[tuple[str, Verdict]]:
    return ((record.student, verdict) for record in graded for verdict in record.verdicts)


def exercise_statistics(data: ClassData) -> list[ExerciseStatistics]:
    """Summarise the scores of all questions in the order of the assignment, written answers included."""
    return [_summarise_question(key, data) for key in data.keys]


def _summarise_question(key: QuestionKey, data: ClassData) -> ExerciseStatistics:
    """Summarise the scores that count. A written answer has no verdicts, and its points are in the notebook."""
    verdicts = data.verdicts.get(key, {})
    points = next(iter(verdicts.values())).points if verdicts else data.questions[key].points
    given = list(verdicts) or [record.student for record in data.records if data.grade(record.student, key)]
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


def rule_statistics(graded: Sequence[Record]) -> list[RuleStatistics]:
    """Count the answers that pass each rule."""
    by_rule: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for _, verdict in _verdicts(graded):
        for finding in verdict.findings:
            if finding.status is not Status.RECEIVED:
                by_rule[verdict.exercise, finding.rule].append(finding)
    return [
        RuleStatistics(*key, own[0].points, own[0].slide, sum(finding.passed for finding in own), len(own))
        for key, own in by_rule.items()
    ]


def mistake_statistics(data: ClassData) -> list[MistakeStatistics]:
    """Find the diagnoses of wrong answers, known mistakes and relations, and the students who got them.

    The most frequent come first. A question that was not answered is not a mistake: `ExerciseStatistics` counts it.
    """
    by_mistake: dict[tuple[str, str], list[tuple[str, Verdict]]] = defaultdict(list)
    for student, verdict in _verdicts(data.records):
        if verdict.mistake and not verdict.is_unanswered:
            by_mistake[verdict.exercise, verdict.mistake].append((student, verdict))
    rows = [_summarise_mistake(*key, answers, data.course.exercises) for key, answers in by_mistake.items()]
    return sorted(rows, key=lambda row: (-len(row.students), row.exercise, row.mistake))


def most_frequent(mistakes: Sequence[MistakeStatistics], data: ClassData) -> list[MistakeStatistics]:
    """Select the mistakes to teach again: the most frequent ones that a class can discuss. A hint decides a tie."""
    shared = [row for row in mistakes if row.is_shared and data.mistakes.can_be_discussed(row.exercise, row.mistake)]
    return sorted(shared, key=lambda row: (-len(row.students), not row.hint))[:MAX_TO_DISCUSS]


def _summarise_mistake(
    exercise: str, mistake: str, answers: Sequence[tuple[str, Verdict]], exercises: ExerciseSet
) -> MistakeStatistics:
    known = exercises[exercise].mistakes if exercise in exercises else {}
    _, example = answers[0]
    return MistakeStatistics(
        exercise=exercise,
        mistake=mistake,
        hint=example.diagnosis or (known[mistake].hint if mistake in known else ""),
        slide=next((finding.slide for finding in example.failed_findings), ""),
        students=tuple(student for student, _ in answers),
    )
