"""The table of a term in the terminal: which columns have room, how wide they are, and where their headings break."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.table import Table

from ..judging.points_as_text import format_points
from ..terminal import Terminal
from .semester import COLUMNS, Column, Row, legend_of, max_scores

MIN_WIDTH = 6  # of a column with points: "18.75", or "of 120"
MIN_ID_WIDTH, MIN_NAME_WIDTH = len("id"), len("name")


@dataclass(frozen=True)
class _Layout:
    """How wide the table and its columns are, in cells: a wide letter takes two. After all but the last is a space."""

    table: int
    id: int
    name: int  # 0 if names are not shown
    assignments: list[int]
    columns: list[tuple[Column, int]]  # those after the assignments that are shown


def print_table(assignments: Sequence[str], rows: Sequence[Row]) -> None:
    """Print the table in the terminal. With up to six columns, it fits 80 characters. The students' ids stay whole."""
    layout = _lay_out(assignments, rows, Terminal().width)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("id", no_wrap=True, width=layout.id)
    if layout.name:
        table.add_column("name", no_wrap=True, overflow="ellipsis", width=layout.name)
    for assignment, width, max_score in zip(assignments, layout.assignments, max_scores(rows), strict=True):
        title = _break_at_hyphens(assignment, width)
        heading = f"{title}\nof {format_points(max_score)}" if max_score else title
        table.add_column(heading, justify="right", overflow="fold", width=width)
    for column, width in layout.columns:
        table.add_column(column.title, justify="right", overflow="fold", width=width)
    for row in rows:
        names = [row.student.name] if layout.name else []
        results = [*(entry.text for entry in row.entries), *(column.text(row) for column, _ in layout.columns)]
        table.add_row(row.student.id, *names, *results)
    terminal, legend = Terminal(width=layout.table), legend_of(rows)
    terminal.print(table)
    if legend:
        terminal.print_line(", ".join(f"{remark} {meaning}" for remark, meaning in legend.items()))


def _lay_out(assignments: Sequence[str], rows: Sequence[Row], terminal_width: int) -> _Layout:
    """Share the terminal: ids and "%" whole, then headings broken at hyphens, the total, names, longer headings."""
    id_width = max(MIN_ID_WIDTH, *(cell_len(row.student.id) for row in rows))
    full_name = _full_name_width(rows)
    # each part between hyphens on a line
    unbroken = [max(MIN_WIDTH, *map(cell_len, _split_after_hyphens(name))) for name in assignments]
    columns = _choose_columns(rows, terminal_width - _span([id_width, full_name, *unbroken]))
    # The first is the total, which is always shown: it alone may be broken. The others keep their width.
    (total, full_total), *further = columns
    fixed = _span([id_width, *(width for _, width in further)])
    smallest = [MIN_WIDTH] * len(assignments)
    table_width = max(terminal_width, fixed + _span([*smallest, MIN_WIDTH]))  # it may be wider than the terminal
    # From here on, each step takes what the steps before it left of the room.
    room = table_width - fixed
    headings = unbroken if _span([*unbroken, full_total]) <= room else smallest
    room -= _span(headings)
    total_width = min(full_total, room)  # it may take the table's last space, too
    room -= _span([total_width])
    name_width = min(full_name, room) if room >= MIN_NAME_WIDTH else 0
    room -= _span([name_width])
    return _Layout(
        table_width, id_width, name_width, _widen(headings, assignments, room), [(total, total_width), *further]
    )


def _full_name_width(rows: Sequence[Row]) -> int:
    longest = max(cell_len(row.student.name) for row in rows)
    return max(longest, MIN_NAME_WIDTH) if longest else 0  # a class without names has no such column


def _widen(widths: Sequence[int], names: Sequence[str], room: int) -> list[int]:
    """Divide room among headings, as far as their names use it."""
    share = max(room, 0) // len(names)
    return [min(width + share, max(width, cell_len(name))) for name, width in zip(names, widths, strict=True)]


def _span(widths: Sequence[int]) -> int:
    """How many cells columns take, each with a space, also the table's last. One of width 0 is not shown."""
    return sum(width + 1 for width in widths if width)


def _choose_columns(rows: Sequence[Row], room: int) -> list[tuple[Column, int]]:
    """The columns to show, with their widths. One that is `only_if_room` must fit into the room, too."""
    shown: list[tuple[Column, int]] = []
    for column in COLUMNS:
        width = max(map(cell_len, [column.title, *map(column.text, rows)]))
        if width < room or not column.only_if_room:
            shown.append((column, width))
            room -= width + 1
    return shown


def _split_after_hyphens(name: str) -> list[str]:
    return re.findall(r"[^-]*-|[^-]+", name)


def _break_at_hyphens(name: str, width: int) -> str:
    """Break a name into lines of at most this width. A part that is longer is cut."""
    lines = [""]
    for part in _split_after_hyphens(name):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part if cell_len(part) <= width else f"{set_cell_size(part, width - 1)}…"
    return "\n".join(lines)
