"""The class report of an assignment, as HTML and CSV: scores, frequent mistakes, submissions that need attention."""

import base64
import io
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from rapidfuzz import fuzz

from ..course import Course, CourseError
from ..grading import records
from ..grading.records import Record
from ..judging.exercise_set import ExerciseSet
from ..judging.model import Status
from ..supervisor import Supervisor, WorkFailed
from . import export, grades, similarity
from .grades import Total
from .templates import TEMPLATES, format_points

matplotlib.use("Agg")
BLUE, ORANGE = "#0072B2", "#D55E00"
MAX_SLOWEST = 5
SCORE_TOLERANCE = 1e-9  # a sum of points may be rounded


@dataclass(frozen=True)
class Plot:
    """A plot and the same numbers as a table.

    Attributes
    ----------
    title : str
    png : str
        The image, encoded as base64.
    alt : str
        The alternative text of the image.
    header : tuple of str
    rows : tuple of tuple of str
    """

    title: str
    png: str
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ExerciseStatistics:
    """The scores of all answers to one exercise.

    Attributes
    ----------
    name : str
    points : float
        The points of the exercise.
    mean : float
        The mean score.
    num_answers, num_full, num_zero, num_unanswered : int
        The number of answers, and of those with all points, with no points, and without an answer. Unanswered
        exercises do not count as `num_zero`.
    """

    name: str
    points: float
    mean: float
    num_answers: int
    num_full: int
    num_zero: int
    num_unanswered: int


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
    """A known mistake, the hint for it, and the students who made it."""

    exercise: str
    mistake: str
    hint: str
    students: tuple[str, ...]


def write(course: Course, assignment: str) -> Path:
    """Write `reports/<assignment>.html`, and `reports/<assignment>.csv` with one row per student.

    Parameters
    ----------
    course : Course
    assignment : str

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    CourseError
        If no submission has been graded yet.
    """
    graded = records.read_all(course.root / "records", assignment)
    if not graded:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    with course.gradebook() as gradebook:
        totals = grades.read_totals(gradebook, assignment)
    max_score = max(record.max_score for record in graded)
    totals = {
        record.student: totals.get(record.student, Total(record.score, record.max_score or max_score))
        for record in graded
    }
    file = course.root / "reports" / f"{assignment}.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(render_page(course, assignment, graded, totals), encoding="utf-8")
    export.write_rows(file.with_suffix(".csv"), table_rows(graded, totals))
    return file


def render_page(course: Course, assignment: str, graded: Sequence[Record], totals: Mapping[str, Total]) -> str:
    """Render the report.

    Parameters
    ----------
    course : Course
    assignment : str
    graded : sequence of Record
        At least one.
    totals : mapping of str to Total
        One for the student of each record.

    Returns
    -------
    str
        An HTML page.
    """
    scores = [totals[record.student].score for record in graded]
    max_score = max(total.max_score for total in totals.values())
    exercises = exercise_statistics(graded)
    return TEMPLATES.get_template("class_report.html").render(
        assignment=assignment,
        graded=graded,
        totals=totals,
        anchors={record.student: f"student-{i}" for i, record in enumerate(graded)},
        feedback_links={record.student: _feedback_links(course, assignment, record.student) for record in graded},
        max_score=max_score,
        mean=statistics.fmean(scores),
        median=statistics.median(scores),
        outcomes=Counter(record.outcome for record in graded),
        isolation=sorted({record.isolation for record in graded if record.isolation}),
        is_unsandboxed=any(record.is_unsandboxed for record in graded),
        needing_attention=[record for record in graded if record.needs_attention],
        num_needs_manual_grade=sum(total.num_needs_manual_grade for total in totals.values()),
        histogram=plot_histogram(scores, max_score),
        exercises=exercises,
        mean_shares=plot_mean_shares(exercises),
        rules=rule_statistics(graded),
        mistakes=mistake_statistics(graded, course.exercises),
        seconds=sorted(record.seconds for record in graded),
        slowest=sorted(graded, key=lambda record: -record.seconds)[:MAX_SLOWEST],
        pairs=_similar_pairs(course, assignment, graded),
    )


def _feedback_links(course: Course, assignment: str, student: str) -> list[tuple[str, str]]:
    """The names of the student's feedback pages, and their addresses relative to the report."""
    folder = course.folder(course.directory.feedback_directory, student, assignment)
    feedback = course.folder(course.directory.feedback_directory, ".", ".").resolve().name
    pages = sorted(folder.glob("*.html"))
    return [(page.stem, quote(f"../{feedback}/{student}/{assignment}/{page.name}")) for page in pages]


def _similar_pairs(course: Course, assignment: str, graded: Sequence[Record]) -> list[similarity.SimilarPair]:
    step = course.directory.autograded_directory
    folders = {record.student: course.folder(step, record.student, assignment) for record in graded}
    solutions = {
        student: similarity.read_solutions(sorted(folder.glob("*.ipynb"))) for student, folder in folders.items()
    }
    release = course.folder(course.directory.release_directory, ".", assignment)
    released = similarity.read_solutions(sorted(release.glob("*.ipynb"))).splitlines()
    with Supervisor(course.work_limits) as supervisor:

        def compare(first: str, second: str) -> float:
            try:
                return float(supervisor.run(fuzz.ratio, first, second))
            except WorkFailed:
                return math.nan

        return similarity.find_similar_pairs(solutions, released, compare)


# --- statistics -------------------------------------------------------------------------------------------------


def _verdicts(graded: Sequence[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((record.student, verdict) for record in graded for verdict in record.verdicts)


def exercise_statistics(graded: Sequence[Record]) -> list[ExerciseStatistics]:
    """Summarise the scores of each exercise.

    Parameters
    ----------
    graded : sequence of Record

    Returns
    -------
    list of ExerciseStatistics
        In the order of the notebooks.
    """
    by_exercise: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _, verdict in _verdicts(graded):
        if verdict["findings"]:
            by_exercise[verdict["exercise"]].append(verdict)
    return [_summarise_exercise(name, verdicts) for name, verdicts in by_exercise.items()]


def _summarise_exercise(name: str, verdicts: Sequence[dict[str, Any]]) -> ExerciseStatistics:
    points = sum(finding["points"] for finding in verdicts[0]["findings"])
    scores = [_score(verdict) for verdict in verdicts]
    num_unanswered = sum(all(f["status"] == Status.NOT_ANSWERED for f in verdict["findings"]) for verdict in verdicts)
    return ExerciseStatistics(
        name=name,
        points=points,
        mean=statistics.fmean(scores),
        num_answers=len(scores),
        num_full=sum(score >= points - SCORE_TOLERANCE for score in scores),
        num_zero=sum(score == 0 for score in scores) - num_unanswered,
        num_unanswered=num_unanswered,
    )


def _score(verdict: dict[str, Any]) -> float:
    score: float = sum(finding["points"] for finding in verdict["findings"] if finding["status"] == Status.PASSED)
    return score


def rule_statistics(graded: Sequence[Record]) -> list[RuleStatistics]:
    """Count the answers that pass each rule.

    Parameters
    ----------
    graded : sequence of Record

    Returns
    -------
    list of RuleStatistics
        In the order of the exercises.
    """
    counts: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    examples: dict[tuple[str, str], dict[str, Any]] = {}
    for _, verdict in _verdicts(graded):
        for finding in verdict["findings"]:
            key = (verdict["exercise"], finding["rule"])
            counts[key][finding["status"] == Status.PASSED] += 1
            examples[key] = finding
    return [
        RuleStatistics(
            exercise=exercise,
            rule=rule,
            points=examples[exercise, rule]["points"],
            slide=examples[exercise, rule].get("slide", ""),
            num_passed=count[True],
            num_answers=count.total(),
        )
        for (exercise, rule), count in counts.items()
    ]


def mistake_statistics(graded: Sequence[Record], exercises: ExerciseSet) -> list[MistakeStatistics]:
    """Find the known mistakes that were made, and the students who made them.

    Parameters
    ----------
    graded : sequence of Record
    exercises : ExerciseSet
        The exercises of the course. They provide the hint if a record has none.

    Returns
    -------
    list of MistakeStatistics
        The most frequent first.
    """
    students: dict[tuple[str, str], list[str]] = defaultdict(list)
    hints: dict[tuple[str, str], str] = {}
    for student, verdict in _verdicts(graded):
        if mistake := verdict["mistake"]:
            key = (verdict["exercise"], mistake)
            students[key].append(student)
            diagnosis = next((f["diagnosis"] for f in verdict["findings"] if f.get("diagnosis")), "")
            hints[key] = diagnosis or _hint(exercises, *key)
    most_frequent_first = sorted(students, key=lambda key: (-len(students[key]), key))
    return [MistakeStatistics(*key, hints[key], tuple(students[key])) for key in most_frequent_first]


def _hint(exercises: ExerciseSet, exercise: str, mistake: str) -> str:
    mistakes = exercises[exercise].mistakes if exercise in exercises else {}
    return mistakes[mistake].hint if mistake in mistakes else ""


def table_rows(graded: Sequence[Record], totals: Mapping[str, Total]) -> list[list[Any]]:
    """Build the report's CSV table.

    Parameters
    ----------
    graded : sequence of Record
    totals : mapping of str to Total
        One for the student of each record.

    Returns
    -------
    list of list
        A header, then one row per student, with the score and the mistake of each exercise.
    """
    names = [row.name for row in exercise_statistics(graded)]
    columns = [column for name in names for column in (name, f"{name}: mistake")]
    rows: list[list[Any]] = [["student", "score", "max_score", "outcome", "seconds", *columns, "messages"]]
    for record in graded:
        total, verdicts = totals[record.student], {verdict["exercise"]: verdict for verdict in record.verdicts}
        rows.append(
            [
                *(record.student, format_points(total.score), format_points(total.max_score)),
                *(record.outcome, record.seconds),
                *(cell for name in names for cell in _exercise_cells(verdicts.get(name))),
                "; ".join(record.messages),
            ]
        )
    return rows


def _exercise_cells(verdict: dict[str, Any] | None) -> tuple[str, str]:
    return (format_points(_score(verdict)), verdict["mistake"] or "") if verdict else ("", "")


# --- plots ------------------------------------------------------------------------------------------------------


def plot_histogram(scores: Sequence[float], max_score: float) -> Plot:
    """Plot the distribution of scores.

    Parameters
    ----------
    scores : sequence of float
        At least one.
    max_score : float

    Returns
    -------
    Plot
    """
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    counts, edges, _ = axes.hist(scores, bins=10, range=(0, max_score or 1), color=BLUE, edgecolor="white")
    axes.axvline(statistics.fmean(scores), color=ORANGE, linestyle="--", label="mean")
    axes.set(xlabel="score (points)", ylabel="students")
    axes.set_xticks(edges, [format_points(edge) for edge in edges])
    axes.legend(frameon=False, loc="upper left")
    rows = tuple(
        (f"{format_points(low)} to {format_points(high)}", f"{count:.0f}")
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    largest_range, largest_count = rows[int(np.argmax(counts))]
    alt = (
        f"Histogram of {len(scores)} scores. The most frequent range is {largest_range} points, with {largest_count} "
        f"{'student' if largest_count == '1' else 'students'}; the mean is {format_points(statistics.fmean(scores))}."
    )
    return Plot("Students per range of scores", _png(figure), alt, ("points", "students"), rows)


def plot_mean_shares(exercises: Sequence[ExerciseStatistics]) -> Plot | None:
    """Plot the mean share of the points that each exercise earned.

    Parameters
    ----------
    exercises : sequence of ExerciseStatistics

    Returns
    -------
    Plot or None
        None if there are no exercises.
    """
    if not exercises:
        return None
    shares = {exercise.name: 100 * exercise.mean / exercise.points for exercise in exercises}
    figure = Figure(figsize=(7, 0.8 + 0.3 * len(shares)), layout="constrained")
    axes = figure.subplots()
    axes.barh([*shares], [*shares.values()], color=BLUE)
    axes.invert_yaxis()  # the first exercise at the top
    axes.set(xlabel="mean share of the points (%)", xlim=(0, 100))
    lowest = min(shares, key=lambda name: shares[name])
    alt = (
        f"Bars of the mean share of points for {len(shares)} exercises. "
        f"The lowest is {lowest} with {shares[lowest]:.0f} %."
    )
    rows = tuple((name, f"{share:.0f} %") for name, share in shares.items())
    return Plot("Mean share of the points per exercise", _png(figure), alt, ("exercise", "share"), rows)


def _png(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    return base64.b64encode(image.getvalue()).decode()
