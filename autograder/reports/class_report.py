"""The class report of an assignment: what the class misunderstands and who needs a look, as HTML and as CSV."""

import base64
import io
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from ..course import Course, CourseError
from ..grading import records
from ..grading.records import Record
from ..judging.exercise_set import ExerciseSet
from ..judging.model import Status
from . import export, marks, similarity
from .marks import Total
from .templates import PAGES, points

matplotlib.use("Agg")
BLUE, ORANGE = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class Plot:
    """A picture with its text, and the same numbers as a table."""

    title: str
    png: str
    alt: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write(course: Course, assignment: str) -> Path:
    """Write `reports/<assignment>.html` and, with a row per student, `reports/<assignment>.csv`.

    Raises
    ------
    CourseError
        If nothing has been graded yet.
    """
    graded = records.read_all(course.root / "records", assignment)
    if not graded:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    with course.gradebook() as gradebook:
        totals = marks.totals(gradebook, assignment)
    most = max(r.max_score for r in graded)
    totals = {r.student: totals.get(r.student, Total(r.score, r.max_score or most)) for r in graded}
    file = course.root / "reports" / f"{assignment}.html"
    file.parent.mkdir(exist_ok=True)
    file.write_text(page(course, assignment, graded, totals), encoding="utf-8")
    export.write_rows(file.with_suffix(".csv"), table(graded, totals))
    return file


def page(course: Course, assignment: str, graded: list[Record], totals: dict[str, Total]) -> str:
    """Put the report together."""
    scores = [totals[record.student].score for record in graded]
    most = max(total.max_score for total in totals.values())
    by_exercise = exercises(graded)
    isolation = sorted({record.isolation for record in graded if record.isolation})
    return PAGES.get_template("class_report.html").render(
        assignment=assignment,
        graded=graded,
        totals=totals,
        anchors={record.student: f"student-{i}" for i, record in enumerate(graded)},
        pages={record.student: _feedback(course, assignment, record.student) for record in graded},
        most=most,
        mean=statistics.fmean(scores),
        median=statistics.median(scores),
        outcomes=Counter(record.outcome for record in graded),
        isolation=isolation,
        unsandboxed=any("UNSANDBOXED" in mode for mode in isolation),
        attention=[record for record in graded if record.needs_attention],
        waiting=sum(total.waiting for total in totals.values()),
        distribution=distribution(scores, most),
        by_exercise=by_exercise,
        share=share_per_exercise(by_exercise),
        rules=rules_kept(graded),
        mistakes=mistakes_seen(graded, course.exercises),
        seconds=sorted(record.seconds for record in graded),
        slowest=sorted(graded, key=lambda record: -record.seconds)[:5],
        pairs=_alike(course, assignment, graded),
    )


def _feedback(course: Course, assignment: str, student: str) -> list[tuple[str, str]]:
    """The student's feedback pages, as links from the report."""
    folder = course.folder(course.directory.feedback_directory, student, assignment)
    top = course.folder(course.directory.feedback_directory, ".", ".").resolve().name
    pages = sorted(folder.glob("*.html"))
    return [(page.stem, quote(f"../{top}/{student}/{assignment}/{page.name}")) for page in pages]


def _alike(course: Course, assignment: str, graded: list[Record]) -> list[similarity.Alike]:
    step = course.directory.autograded_directory
    folders = {record.student: course.folder(step, record.student, assignment) for record in graded}
    answers = {student: similarity.written(sorted(folder.glob("*.ipynb"))) for student, folder in folders.items()}
    released = course.folder(course.directory.release_directory, ".", assignment)
    given = similarity.written(sorted(released.glob("*.ipynb"))).splitlines()
    return similarity.alike(answers, given)


# --- what is counted --------------------------------------------------------------------------------------------


def _verdicts(graded: list[Record]) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((record.student, verdict) for record in graded for verdict in record.verdicts)


def exercises(graded: list[Record]) -> list[dict]:
    """How each exercise went, in the order of the notebooks: mean, full marks, none, not answered."""
    seen: dict[str, list[dict]] = defaultdict(list)
    for _, verdict in _verdicts(graded):
        if verdict["findings"]:
            seen[verdict["exercise"]].append(verdict)
    return [_exercise(name, verdicts) for name, verdicts in seen.items()]


def _exercise(name: str, verdicts: list[dict]) -> dict:
    most = sum(finding["points"] for finding in verdicts[0]["findings"])
    scores = [sum(f["points"] for f in verdict["findings"] if f["status"] == Status.PASSED) for verdict in verdicts]
    silent = sum(all(f["status"] == Status.NOT_ANSWERED for f in verdict["findings"]) for verdict in verdicts)
    return {
        "name": name,
        "points": most,
        "mean": statistics.fmean(scores),
        "full": sum(score >= most - 1e-9 for score in scores),
        "none": sum(score == 0 for score in scores) - silent,
        "silent": silent,
        "of": len(scores),
    }


def rules_kept(graded: list[Record]) -> list[dict]:
    """How many students keep each rule, in the order of the exercises."""
    kept: dict[tuple[str, str], Counter] = defaultdict(Counter)
    about: dict[tuple[str, str], dict] = {}
    for _, verdict in _verdicts(graded):
        for finding in verdict["findings"]:
            key = (verdict["exercise"], finding["rule"])
            kept[key][finding["status"] == Status.PASSED] += 1
            about[key] = finding
    return [
        {
            "exercise": exercise,
            "rule": rule,
            "points": about[exercise, rule]["points"],
            "slide": about[exercise, rule].get("slide", ""),
            "kept": count[True],
            "of": count.total(),
            "share": count[True] / count.total(),
        }
        for (exercise, rule), count in kept.items()
    ]


def mistakes_seen(graded: list[Record], known: ExerciseSet) -> list[dict]:
    """Which mistakes were named, how often, to whom; the most frequent first."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    words: dict[tuple[str, str], str] = {}
    for student, verdict in _verdicts(graded):
        if name := verdict["mistake"]:
            seen[verdict["exercise"], name].append(student)
            said = next((f["diagnosis"] for f in verdict["findings"] if f.get("diagnosis")), "")
            words[verdict["exercise"], name] = said or _hint(known, verdict["exercise"], name)
    return [
        {"exercise": exercise, "mistake": name, "hint": words[exercise, name], "students": students}
        for (exercise, name), students in sorted(seen.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _hint(known: ExerciseSet, exercise: str, mistake: str) -> str:
    mistakes = known[exercise].mistakes if exercise in known else {}
    return mistakes[mistake].hint if mistake in mistakes else ""


def table(graded: list[Record], totals: dict[str, Total]) -> list[list[Any]]:
    """The report as rows: a student each, with the points and the mistake of each exercise."""
    names = [row["name"] for row in exercises(graded)]
    columns = [column for name in names for column in (name, f"{name}: mistake")]
    rows: list[list[Any]] = [["student", "score", "max_score", "outcome", "seconds", *columns, "messages"]]
    for record in graded:
        total, found = totals[record.student], {verdict["exercise"]: verdict for verdict in record.verdicts}
        cells = [cell for name in names for cell in _cells(found.get(name))]
        said = "; ".join(record.messages)
        rows.append(
            [record.student, points(total.score), points(total.max_score), record.outcome, record.seconds, *cells, said]
        )
    return rows


def _cells(verdict: dict | None) -> tuple[str, str]:
    if verdict is None:
        return "", ""
    return points(sum(f["points"] for f in verdict["findings"] if f["status"] == Status.PASSED)), verdict[
        "mistake"
    ] or ""


# --- pictures ---------------------------------------------------------------------------------------------------


def distribution(scores: Sequence[float], most: float) -> Plot:
    """How the scores are distributed."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    counts, edges, _ = axes.hist(scores, bins=10, range=(0, most or 1), color=BLUE, edgecolor="white")
    axes.axvline(statistics.fmean(scores), color=ORANGE, linestyle="--", label="mean")
    axes.set(xlabel="score (points)", ylabel="students")
    axes.set_xticks(edges, [points(edge) for edge in edges])
    axes.legend(frameon=False, loc="upper left")
    rows = tuple(
        (f"{points(low)} to {points(high)}", f"{n:.0f}")
        for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    fullest = int(np.argmax(counts))
    alt = f"Histogram of {len(scores)} scores: most, {rows[fullest][1]}, lie in {rows[fullest][0]} points"
    return Plot(
        "Students per range of scores",
        _png(figure),
        f"{alt}; the mean is {points(statistics.fmean(scores))}.",
        ("points", "students"),
        rows,
    )


def share_per_exercise(rows: list[dict]) -> Plot | None:
    """What share of its points each exercise earned."""
    if not rows:
        return None
    names = [row["name"] for row in rows][::-1]
    shares = [100 * row["mean"] / row["points"] for row in rows][::-1]
    figure = Figure(figsize=(7, 0.8 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, shares, color=BLUE)
    axes.set(xlabel="mean share of the points (%)", xlim=(0, 100))
    lowest = min(rows, key=lambda row: row["mean"] / row["points"])
    alt = (
        f"Bars of the mean share of points for {len(rows)} exercises. The lowest is {lowest['name']} "
        f"with {100 * lowest['mean'] / lowest['points']:.0f} %."
    )
    twin = tuple((name, f"{share:.0f} %") for name, share in zip(names[::-1], shares[::-1], strict=True))
    return Plot("Mean share of the points per exercise", _png(figure), alt, ("exercise", "share"), twin)


def _png(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    return base64.b64encode(image.getvalue()).decode()
