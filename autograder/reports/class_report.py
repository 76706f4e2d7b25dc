"""The class report of an assignment: scores, mistakes that were seen, and who needs a look, in one HTML file."""

import base64
import io
from collections import Counter, defaultdict
from pathlib import Path

import matplotlib
from jinja2 import Environment, PackageLoader
from matplotlib.figure import Figure

from .. import record as records
from ..course import Course, CourseError
from ..exercises import EXERCISES
from ..record import Record

matplotlib.use("Agg")
_PAGES = Environment(
    loader=PackageLoader("autograder", "reports"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def write(course: Course, assignment: str) -> Path:
    """Write `reports/<assignment>.html` from the records of an assignment.

    Raises
    ------
    CourseError
        If nothing has been graded yet.
    """
    graded = records.read_all(course.root / "records", assignment)
    if not graded:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    file = course.root / "reports" / f"{assignment}.html"
    file.parent.mkdir(exist_ok=True)
    page = _PAGES.get_template("class_report.html").render(
        assignment=assignment,
        records=graded,
        histogram=histogram([record.score for record in graded], max(record.max_score for record in graded)),
        mean=sum(record.score for record in graded) / len(graded),
        outcomes=Counter(record.outcome for record in graded),
        isolation=sorted({record.isolation for record in graded if record.isolation}),
        rules=rules_kept(graded),
        mistakes=mistakes_seen(graded),
    )
    file.write_text(page, encoding="utf-8")
    return file


def rules_kept(graded: list[Record]) -> list[dict]:
    """How many students keep each rule, in the order of the exercises."""
    kept: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for verdict in (verdict for record in graded for verdict in record.verdicts):
        for finding in verdict["findings"]:
            kept[verdict["exercise"], finding["rule"]][finding["passed"]] += 1
    return [
        {
            "exercise": exercise,
            "rule": rule,
            "kept": count[True],
            "of": count.total(),
            "share": count[True] / count.total(),
        }
        for (exercise, rule), count in kept.items()
    ]


def mistakes_seen(graded: list[Record]) -> list[dict]:
    """Which named mistakes were seen, how often, by whom; the most frequent first."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in graded:
        for verdict in record.verdicts:
            if verdict["mistake"]:
                seen[verdict["exercise"], verdict["mistake"]].append(record.student)
    return [
        {"exercise": exercise, "mistake": name, "hint": _hint(exercise, name), "students": students}
        for (exercise, name), students in sorted(seen.items(), key=lambda item: -len(item[1]))
    ]


def _hint(exercise: str, mistake: str) -> str:
    known = EXERCISES[exercise].mistakes if exercise in EXERCISES else {}
    return known[mistake].hint if mistake in known else ""


def histogram(scores: list[float], max_score: float) -> dict:
    """The distribution of the scores as a picture, with its text twin."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    counts, edges, _ = axes.hist(scores, bins=10, range=(0, max_score or 1), color="#0072B2", edgecolor="white")
    axes.set(xlabel="score (points)", ylabel="students")
    axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    bins = [(f"{low:g} to {high:g}", int(n)) for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)]
    return {"png": base64.b64encode(image.getvalue()).decode(), "bins": bins}
