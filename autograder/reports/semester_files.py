"""The table of a term as a page and as a CSV file."""

import statistics
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..course import Course
from ..grading.replacing import write_atomically
from ..grading.tables import write_rows
from ..judging.points_as_text import format_points
from .semester import COLUMNS, LEGEND, WAITING_NOTE, Remark, Row, legend_of
from .templates import TEMPLATES


def write_html(course: Course, assignments: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write the table as a page, `reports/scores.html`."""
    file = course.reports_folder / "scores.html"
    legend = legend_of(rows)
    by_assignment = list(zip(*(row.entries for row in rows), strict=True))
    counted = [[entry for entry in entries if entry.counts] for entries in by_assignment]
    page = TEMPLATES.get_template("scores.html").render(
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        assignments=assignments,
        max_scores=[max(entry.max_score for entry in entries) for entries in by_assignment],
        means=[statistics.fmean(entry.score or 0.0 for entry in own) if own else None for own in counted],
        rows=rows,
        columns=COLUMNS,
        note=WAITING_NOTE if Remark.WAITING in legend else "",
        legend=legend,
    )
    write_atomically(file, page)
    return file


def write_csv(course: Course, assignments: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write the table to `reports/scores.csv`."""
    header = ["student", "last_name", "first_name", "email"]
    header += [heading for assignment in assignments for heading in (assignment, f"{assignment}: remarks")]
    header += [heading for column in COLUMNS for heading in column.numbers]
    file = course.reports_folder / "scores.csv"
    write_rows(file, [header, *map(_csv_row, rows)])
    return file


def _csv_row(row: Row) -> list[Any]:
    cells = []
    for entry in row.entries:
        cells += [format_points(entry.score), ", ".join(LEGEND[remark] for remark in entry.remarks)]
    cells += [format_points(number_of(row)) for column in COLUMNS for number_of in column.numbers.values()]
    student = row.student
    return [student.id, student.last_name, student.first_name, student.email, *cells]
