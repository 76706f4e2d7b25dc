"""The class report of an assignment, as HTML and CSV: scores, frequent mistakes, submissions that need attention."""

import base64
import io
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from rapidfuzz import fuzz

from ..course import Course, CourseError
from ..grading import records
from ..grading.collector import REFUSED, read_refused
from ..grading.records import Record, score_of
from ..judging.exercise_set import ExerciseSet
from ..judging.model import Status
from ..supervisor import Supervisor, WorkFailed
from . import export, similarity
from .class_data import ClassData, QuestionKey
from .grades import SCORE_TOLERANCE, CellGrade, Timing, Total
from .markdown import strip_tags
from .predictions import count_predictions
from .templates import TEMPLATES, format_points

matplotlib.use("Agg")
BLUE, ORANGE = "#0072B2", "#D55E00"
MAX_TITLE_CHARACTERS = 40  # in a plot


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
    """The scores of all answers to one exercise, or to a question with a written answer.

    Attributes
    ----------
    name : str
    points : float
        The points of the exercise.
    mean : float
        The mean score. NaN if no answer has been graded.
    num_answers, num_full, num_zero, num_unanswered : int
        The number of answers, and of those with all points, with no points, and without an answer. Unanswered
        exercises do not count as `num_zero`. Answers that wait for manual grading count nowhere.
    num_overridden : int
        The number of scores that a person gave in place of the grader's.
    num_waiting : int
        The number of answers that a person has yet to grade.
    """

    name: str
    points: float
    mean: float
    num_answers: int
    num_full: int
    num_zero: int
    num_unanswered: int
    num_overridden: int = 0
    num_waiting: int = 0


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
    graded = records.read_all(course.records_folder, assignment)
    if not graded:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    data = ClassData.read(course, assignment)
    max_score = max(record.max_score for record in graded)
    totals = {
        record.student: data.totals.get(record.student, Total(record.score, record.max_score or max_score))
        for record in graded
    }
    file = course.root / "reports" / f"{assignment}.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(render_page(course, assignment, graded, totals, data), encoding="utf-8")
    export.write_rows(file.with_suffix(".csv"), table_rows(graded, totals, data))
    return file


def render_page(
    course: Course,
    assignment: str,
    graded: Sequence[Record],
    totals: Mapping[str, Total],
    data: ClassData | None = None,
) -> str:
    """Render the report.

    Parameters
    ----------
    course : Course
    assignment : str
    graded : sequence of Record
        At least one.
    totals : mapping of str to Total
        One for the student of each record.
    data : ClassData, optional
        The roster and the questions.

    Returns
    -------
    str
        An HTML page.
    """
    data = data or ClassData()
    scores = [totals[record.student].score for record in graded]
    max_score = max(total.max_score for total in totals.values())
    exercises = all_statistics(graded, data)
    mistakes = mistake_statistics(graded, course.exercises)
    students = {record.student for record in graded}
    return TEMPLATES.get_template("class_report.html").render(
        assignment=assignment,
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        data=data,
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
        refused=read_refused(course.root / course.config.Collector.get("refused_directory", REFUSED), assignment),
        missing=data.missing(students),
        not_graded=sorted(data.submitted - students),
        late=[record for record in graded if totals[record.student].timing.late],
        no_timing=Timing(),
        waiting={key: own for key, names in data.waiting().items() if (own := [n for n in names if n in students])},
        num_needs_manual_grade=sum(total.num_needs_manual_grade for total in totals.values()),
        histogram=plot_histogram(scores, max_score),
        predictions=count_predictions(course, assignment, graded),
        exercises=exercises,
        mean_shares=plot_mean_shares(exercises, {e.name: strip_tags(_title(data, e.name)) for e in exercises}),
        rules=sorted(rule_statistics(graded), key=lambda rule: data.position(data.key_of(rule.exercise))),
        mistakes=mistakes,
        title_of=lambda name: _title(data, name),
        pairs=_similar_pairs(course, assignment, graded),
        asked=sorted(data.talks, key=lambda student: (data.talks[student].score, student)),
        not_asked=sorted(students - data.talks.keys()),
    )


def _title(data: ClassData, name: str) -> Any:
    return data.title(data.key_of(name))


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


def all_statistics(graded: Sequence[Record], data: ClassData) -> list[ExerciseStatistics]:
    """Summarise the scores of all questions, written answers included.

    Parameters
    ----------
    graded : sequence of Record
    data : ClassData

    Returns
    -------
    list of ExerciseStatistics
        In the order of the notebooks.
    """
    rows = exercise_statistics(graded, data.overrides())
    judged = {row.name for row in rows}
    students = [record.student for record in graded]
    rows += [_summarise_written(key, data, students) for key in data.questions if key[1] not in judged]
    return sorted(rows, key=lambda row: data.position(data.key_of(row.name)))


def exercise_statistics(
    graded: Sequence[Record], overrides: Mapping[tuple[str, str], float] | None = None
) -> list[ExerciseStatistics]:
    """Summarise the scores of each exercise that the grader judges.

    Parameters
    ----------
    graded : sequence of Record
    overrides : mapping of (str, str) to float, optional
        By student and exercise: the scores that a person gave in place of the grader's.

    Returns
    -------
    list of ExerciseStatistics
        In the order in which they first occur in the records.
    """
    by_exercise: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for student, verdict in _verdicts(graded):
        if verdict["findings"]:
            by_exercise[verdict["exercise"]].append((student, verdict))
    return [_summarise_exercise(name, answers, overrides or {}) for name, answers in by_exercise.items()]


def _summarise_exercise(
    name: str, answers: Sequence[tuple[str, dict[str, Any]]], overrides: Mapping[tuple[str, str], float]
) -> ExerciseStatistics:
    points = sum(finding["points"] for finding in answers[0][1]["findings"])
    scores = [overrides.get((student, name), score_of(verdict)) for student, verdict in answers]
    unanswered = [all(f["status"] == Status.NOT_ANSWERED for f in verdict["findings"]) for _, verdict in answers]
    return ExerciseStatistics(
        name=name,
        points=points,
        mean=statistics.fmean(scores),
        num_answers=len(scores),
        num_full=sum(score >= points - SCORE_TOLERANCE for score in scores),
        num_zero=sum(score == 0 and not empty for score, empty in zip(scores, unanswered, strict=True)),
        num_unanswered=sum(unanswered),
        num_overridden=sum((student, name) in overrides for student, _ in answers),
    )


def _summarise_written(key: QuestionKey, data: ClassData, students: Sequence[str]) -> ExerciseStatistics:
    """Summarise the grades of a written answer. A missing answer gets 0 points from the grader itself."""
    grades = [own[key] for student in students if key in (own := data.cells.get(student, {}))]
    waiting = [grade for grade in grades if grade.needs_manual_grade]
    scores = [grade.score for grade in grades if not grade.needs_manual_grade]
    num_unanswered = sum(grade.manual_score is None and not grade.needs_manual_grade for grade in grades)
    points = data.questions[key].points
    return ExerciseStatistics(
        name=key[1],
        points=points,
        mean=statistics.fmean(scores) if scores else math.nan,
        num_answers=len(scores),
        num_full=sum(score >= points - SCORE_TOLERANCE for score in scores),
        num_zero=sum(score == 0 for score in scores) - num_unanswered,
        num_unanswered=num_unanswered,
        num_waiting=len(waiting),
    )


def rule_statistics(graded: Sequence[Record]) -> list[RuleStatistics]:
    """Count the answers that pass each rule.

    Parameters
    ----------
    graded : sequence of Record

    Returns
    -------
    list of RuleStatistics
        In the order in which they first occur in the records.
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


def mistake_statistics(graded: Sequence[Record], exercises: ExerciseSet | Mapping[str, Any]) -> list[MistakeStatistics]:
    """Find the diagnoses of wrong answers, known mistakes and relations, and the students who got them.

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


def _hint(exercises: ExerciseSet | Mapping[str, Any], exercise: str, mistake: str) -> str:
    mistakes = exercises[exercise].mistakes if exercise in exercises else {}
    return mistakes[mistake].hint if mistake in mistakes else ""


def table_rows(graded: Sequence[Record], totals: Mapping[str, Total], data: ClassData | None = None) -> list[list[Any]]:
    """Build the report's CSV table.

    Parameters
    ----------
    graded : sequence of Record
    totals : mapping of str to Total
        One for the student of each record.
    data : ClassData, optional
        The roster and the questions.

    Returns
    -------
    list of list
        A header, then one row per student of the roster, with the score of each question and the mistake of each
        exercise. An answer without a score has an empty cell.
    """
    data = data or ClassData()
    judged = {row.name for row in exercise_statistics(graded)}
    keys = list(data.questions) or [("", name) for name in judged]
    columns = [column for _, name in keys for column in ((name, f"{name}: mistake") if name in judged else (name,))]
    heading = ["student", "last_name", "first_name", "score", "max_score", "outcome", "late", "seconds"]
    talk_heading = ["questions about own code"] if data.talks else []
    rows: list[list[Any]] = [[*heading, *columns, *talk_heading, "set by a person", "messages"]]
    overrides = data.overrides()
    for record in graded:
        total, verdicts = totals[record.student], {verdict["exercise"]: verdict for verdict in record.verdicts}
        cells: list[str] = []
        for key in keys:
            cells.append(_score_cell(data.cells.get(record.student, {}).get(key), verdicts.get(key[1])))
            if key[1] in judged:
                mistake = verdicts.get(key[1], {}).get("mistake")
                cells.append(strip_tags(data.describe_mistake(key[1], mistake)) if mistake else "")
        rows.append(
            [
                *(record.student, *_names(data, record.student)),
                *(format_points(total.score), format_points(total.max_score)),
                *(record.outcome, total.timing.describe(), record.seconds, *cells),
                *([_talk_cell(data, record.student)] if data.talks else []),
                "; ".join(name for student, name in overrides if student == record.student),
                "; ".join(record.messages),
            ]
        )
    for student in data.missing(record.student for record in graded):
        timing = data.timings.get(student, Timing()).describe()
        empty = [""] * (len(columns) + len(talk_heading) + 2)
        rows.append([student, *_names(data, student), "", "", "missing", timing, "", *empty])
    return rows


def _names(data: ClassData, student: str) -> tuple[str, str]:
    info = data.students.get(student)
    return (info.last_name, info.first_name) if info else ("", "")


def _talk_cell(data: ClassData, student: str) -> str:
    return format_points(data.talks[student].score) if student in data.talks else "not asked"


def _score_cell(grade: CellGrade | None, verdict: dict[str, Any] | None) -> str:
    """The score in the gradebook, or else that of the verdict."""
    if grade is None:
        return format_points(score_of(verdict)) if verdict else ""
    return format_points(grade.score) if grade.has_score else ""


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
    counts, edges, _ = axes.hist(
        scores, bins=10, range=(0, max(max_score, *scores) or 1), color=BLUE, edgecolor="white"
    )
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
    title = "Students per range of scores. A score on a boundary belongs to the higher range."
    return Plot(title, _png(figure), alt, ("points", "students"), rows)


def plot_mean_shares(exercises: Sequence[ExerciseStatistics], titles: Mapping[str, str]) -> Plot | None:
    """Plot the mean share of the points that each exercise earned.

    Parameters
    ----------
    exercises : sequence of ExerciseStatistics
    titles : mapping of str to str
        The title of each exercise.

    Returns
    -------
    Plot or None
        None if nothing has been graded.
    """
    graded = [exercise for exercise in exercises if exercise.num_answers and exercise.points]
    if not graded:
        return None
    names = [_short(titles[exercise.name]) for exercise in graded]
    shares = [100 * exercise.mean / exercise.points for exercise in graded]
    figure = Figure(figsize=(7, 0.8 + 0.3 * len(shares)), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(names)), shares, color=BLUE)
    axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    axes.invert_yaxis()  # the first exercise at the top
    axes.set(xlabel="mean share of the points (%)", xlim=(0, 100))
    lowest, name = min(zip(shares, names, strict=True))
    alt = f"Bars of the mean share of points for {len(shares)} exercises. The lowest is {name} with {lowest:.0f} %."
    rows = tuple((name, f"{share:.0f} %") for name, share in zip(names, shares, strict=True))
    return Plot("Mean share of the points per exercise", _png(figure), alt, ("exercise", "share"), rows)


def _short(title: str) -> str:
    return title if len(title) <= MAX_TITLE_CHARACTERS else f"{title[: MAX_TITLE_CHARACTERS - 1]}…"


def _png(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    return base64.b64encode(image.getvalue()).decode()
