"""The table of a term in the terminal. If it is too wide, columns and names are left out."""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ..judging.points_as_text import format_points
from ..submissions.plain_text import printable
from ..terminal import Terminal
from .semester import COLUMNS, Column, Row, legend_of, max_scores

MIN_NAME_WIDTH = 6  # of a name that is cut
ANY_WIDTH = 10_000


def print_table(assignments: Sequence[str], rows: Sequence[Row]) -> None:
    """Print the table of at least one row. Ids and numbers stay whole, if need be in lines that the terminal breaks."""
    table, width = _choose_table(assignments, rows, Terminal().width)
    terminal = Terminal(width=width)
    terminal.print(table)
    if legend := legend_of(rows):
        terminal.print_line(", ".join(f"{remark} {meaning}" for remark, meaning in legend.items()))


def _choose_table(assignments: Sequence[str], rows: Sequence[Row], width: int) -> tuple[Table, int]:
    """Make the table that leaves out least in a terminal of this width. Return also the width in which to print it."""
    required = [column for column in COLUMNS if not column.only_if_room]
    longest_name = max(cell_len(printable(row.student.name)) for row in rows)
    has_names = longest_name > 0
    whole = _make_table(assignments, rows, COLUMNS, has_names)
    if _measure(whole).maximum <= width:
        return whole, width
    with_cut_names = _make_table(assignments, rows, required, has_names)
    if _measure(with_cut_names).maximum - max(0, longest_name - MIN_NAME_WIDTH) <= width:
        return with_cut_names, width  # in this width, Rich cuts the names
    without_names = _make_table(assignments, rows, required, has_names=False)
    if _measure(without_names).maximum <= width:
        return without_names, width
    in_several_lines = _make_table(assignments, rows, required, has_names=False, may_break=True)
    return in_several_lines, max(width, _measure(in_several_lines).minimum)


def _measure(table: Table) -> Measurement:
    """The width of the table with each line whole (its maximum), and broken between words (its minimum)."""
    return Terminal(width=ANY_WIDTH).measure(table)


def _make_table(
    assignments: Sequence[str], rows: Sequence[Row], columns: Sequence[Column], has_names: bool, may_break: bool = False
) -> Table:
    """Make the table. If it is too wide, Rich cuts names, or breaks lines that may break between words."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("id", no_wrap=True)
    if has_names:
        table.add_column("name")
    points = [f"\nof {format_points(maximum)}" if maximum else "" for maximum in max_scores(rows)]
    titles = ["\n".join(re.findall("[^-]*-|[^-]+", name)) for name in assignments]  # broken after each hyphen
    headings = [title + maximum for title, maximum in zip(titles, points, strict=True)]
    headings += [column.title for column in columns]
    texts = [[*(entry.text for entry in row.entries), *(column.text(row) for column in columns)] for row in rows]
    for heading, of_column in zip(headings, zip(*texts, strict=True), strict=True):
        words = " ".join(of_column).split()
        width = max(map(cell_len, words), default=0)
        table.add_column(heading, justify="right", no_wrap=not may_break, overflow="fold", min_width=width)
    for row, results in zip(rows, texts, strict=True):
        names = [Text(printable(row.student.name), no_wrap=True, overflow="ellipsis")] if has_names else []
        table.add_row(row.student.id, *names, *results)
    return table
