"""The table of a term in the terminal. Rich shares its width: this says what is left out if it is too wide."""

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
    """Print the table in the terminal. Ids and numbers stay whole, if need be in a table wider than the terminal."""
    required = [column for column in COLUMNS if not column.only_if_room]
    longest_name = max(cell_len(printable(row.student.name)) for row in rows)
    # tried in turn: the whole table, one without the columns that need room and with cut names, and one without names
    for columns, name_width in ((COLUMNS, longest_name), (required, min(longest_name, MIN_NAME_WIDTH)), (required, 0)):
        table = _make_table(assignments, rows, columns, has_names=name_width > 0)
        cut_off = longest_name - name_width if name_width else 0
        least_width = _measure(table).maximum - cut_off
        if least_width <= Terminal().width:
            break
    else:
        table = _make_table(assignments, rows, required, has_names=False, may_break=True)
        least_width = _measure(table).minimum
    terminal, legend = Terminal(width=max(Terminal().width, least_width)), legend_of(rows)
    terminal.print(table)
    if legend:
        terminal.print_line(", ".join(f"{remark} {meaning}" for remark, meaning in legend.items()))


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
