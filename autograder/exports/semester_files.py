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
from ..reports.templates import TEMPLATES
from .semester import COLUMNS, LEGEND, Row, legend_of, max_scores


def write_html(course: Course, assignments: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write the table as a page, `reports/scores.html`."""
    file = course.reports_folder / "scores.html"
    by_assignment = zip(*(row.entries for row in rows), strict=True)
    counted = [[entry for entry in entries if entry.counts] for entries in by_assignment]
    page = TEMPLATES.get_template("scores.html").render(
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        assignments=assignments,
        max_scores=max_scores(rows),
        means=[statistics.fmean(entry.score or 0.0 for entry in own) if own else None for own in counted],
        rows=rows,
        columns=COLUMNS,
        legend=legend_of(rows),
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
