"""Tables of students: those that a spreadsheet saved, and those that it will read."""

import contextlib
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..course import CourseError
from .formulas import hide_formulas
from .replacing import write_atomically

# What Excel writes: "CSV UTF-8" begins with a mark; "CSV" is in the code page of the machine: of Western or Central
# Europe. Nothing tells them apart, so a file is read only if it is the same text in both: umlauts are.
ENCODINGS = (("utf-8-sig",), ("cp1252", "cp1250"))

Rows = list[tuple[int, dict[str | None, Any]]]  # a line's number, and its cells by column; surplus ones under None


def read_rows(file: Path, wanted: Sequence[str]) -> tuple[list[str], Rows]:
    """Read a table that a spreadsheet may have saved, with commas, semicolons or tabs, in UTF-8 or an older encoding.

    Return the columns, in lower case and without spaces around them, and the rows. The apostrophes that `write_rows`
    adds stay: `show_formulas` removes them. Raise `CourseError` if it is not a CSV file, its encoding is in doubt, or
    one of the wanted columns is there twice, or a row has more cells than columns.
    """
    lines = io.StringIO(_decode(file), newline="")  # the line breaks within a cell stay
    heading = lines.readline()
    lines.seek(0)
    delimiter = max(",;\t", key=re.sub('"[^"]*"?', "", heading).count)  # the name of a column may contain another one
    # If it is not strict, a quotation mark without a partner takes all further lines into its cell.
    table = csv.DictReader(lines, delimiter=delimiter, restval="", strict=True)
    rows: Rows = []
    end = 0  # the last line that is read completely
    try:
        columns = [column.strip().lower() for column in table.fieldnames or []]
        if twice := next((column for column in wanted if columns.count(column) > 1), None):
            raise CourseError(f"{file} has two columns {twice!r}: delete or rename one")
        table.fieldnames = columns
        end = table.line_num
        for row in table:
            end = table.line_num
            if any(row.get(None, ())):
                advice = "put quotation marks around a cell with a comma"
                raise CourseError(f"{file}, line {end} has more cells than columns: {advice}")
            rows.append((end, row))
    except csv.Error as error:
        advice = "look for a quotation mark without a partner"
        raise CourseError(f"{file}, line {end + 1} or below: {error}: {advice}") from error
    return columns, rows


def _decode(file: Path) -> str:
    content = file.read_bytes()
    for encodings in ENCODINGS:
        with contextlib.suppress(UnicodeError):
            text, *others = (content.decode(encoding) for encoding in encodings)
            # UTF-16, of Excel's "Unicode Text", is full of zeros.
            if "\0" not in text and all(other == text for other in others):
                return text
    raise CourseError(f"{file} is in an unknown encoding: save it as CSV UTF-8")


def write_rows(file: Path, rows: Sequence[Sequence[Any]], mode: int | None = None) -> None:
    """Write a CSV file atomically. Text that a spreadsheet could evaluate as a formula gets an apostrophe in front.

    The file begins with a byte order mark: without it, Excel reads UTF-8 in the code page of the machine, and shows
    umlauts as two other letters. Canvas and Moodle ignore the mark, and so does `read_rows`.
    """
    stream = io.StringIO(newline="")
    hidden = [[hide_formulas(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    csv.writer(stream).writerows(hidden)
    write_atomically(file, f"\ufeff{stream.getvalue()}", mode)
