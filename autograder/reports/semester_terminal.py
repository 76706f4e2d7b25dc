"""The table of a term in the terminal. Rich shares its width: this says what may break, and what is left out."""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from ..judging.points_as_text import format_points
from ..submissions.plain_text import printable
from ..terminal import Terminal
from .semester import COLUMNS, Column, Row, legend_of, max_scores

MIN_WIDTH = 6  # of a name, and of a column with points: "18.75", or "of 120"
ANY_WIDTH = 10_000


def print_table(assignments: Sequence[str], rows: Sequence[Row]) -> None:
    """Print the table in the terminal. With up to six columns, it fits 80 characters. The students' ids stay whole."""
    tables = _tables(assignments, rows)
    table, least_width = next((each for each in tables if each[1] <= Terminal().width), tables[-1])
    terminal, legend = Terminal(width=max(Terminal().width, least_width)), legend_of(rows)
    terminal.print(table)
    if legend:
        terminal.print_line(", ".join(f"{remark} {meaning}" for remark, meaning in legend.items()))


def _tables(assignments: Sequence[str], rows: Sequence[Row]) -> list[tuple[Table, int]]:
    """The table whole, with names cut, without names, and broken: each with the least width that it needs."""
    required = [column for column in COLUMNS if not column.only_if_room]
    longest_id = max(cell_len(text) for text in ("id", *(row.student.id for row in rows)))
    longest_name = max(cell_len(row.student.name) for row in rows)
    whole, cut = (_make_table(assignments, rows, columns, longest_name > 0) for columns in (COLUMNS, required))
    nameless, broken = (_make_table(assignments, rows, required, False, may_break) for may_break in (False, True))
    return [
        (whole, _unbroken_width(whole)),
        (cut, _unbroken_width(cut) - max(longest_name - MIN_WIDTH, 0)),
        (nameless, _unbroken_width(nameless)),
        (broken, longest_id + (1 + MIN_WIDTH) * (len(assignments) + len(required))),
    ]


def _make_table(
    assignments: Sequence[str], rows: Sequence[Row], columns: Sequence[Column], has_names: bool, may_break: bool = False
) -> Table:
    """Make the table. If it is too wide, Rich cuts names, or breaks points and headings that may break."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("id", no_wrap=True)
    if has_names:
        table.add_column("name")
    points = [f"\nof {format_points(maximum)}" if maximum else "" for maximum in max_scores(rows)]
    titles = ["\n".join(re.findall("[^-]*-|[^-]+", name)) for name in assignments]  # broken after each hyphen
    headings = [title + maximum for title, maximum in zip(titles, points, strict=True)]
    least = MIN_WIDTH if may_break else None
    for heading in (*headings, *(column.title for column in columns)):
        table.add_column(heading, justify="right", overflow="fold", no_wrap=not may_break, min_width=least)
    for row in rows:
        names = [Text(printable(row.student.name), no_wrap=True, overflow="ellipsis")] if has_names else []
        results = [*(entry.text for entry in row.entries), *(column.text(row) for column in columns)]
        table.add_row(row.student.id, *names, *results)
    return table


def _unbroken_width(table: Table) -> int:
    return Terminal(width=ANY_WIDTH).measure(table).maximum
