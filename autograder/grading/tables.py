"""Tables of students that a spreadsheet saved."""

import contextlib
import csv
from pathlib import Path
from typing import Any

from ..course import CourseError

# What Excel writes: "CSV UTF-8" begins with a mark; "CSV" is in the code page of the machine. The one of Central Europe
# has the umlauts of Western Europe in the same places.
ENCODINGS = ("utf-8-sig", "cp1250")


def read_rows(file: Path) -> tuple[list[str], list[tuple[int, dict[str, Any]]]]:
    """Read a table that a spreadsheet may have saved, with commas, semicolons or tabs, in UTF-8 or an older encoding.

    Return the columns, and for each row the number of its line and its cells by column. Raise `CourseError` if it is
    not a CSV file.
    """
    lines = _decode(file).splitlines()
    heading = lines[0] if lines else ""
    table = csv.DictReader(lines, delimiter=max(",;\t", key=heading.count))
    try:
        rows = [(table.line_num, row) for row in table]
        return list(table.fieldnames or []), rows
    except csv.Error as error:
        where = f"{file}, line {table.line_num}"
        raise CourseError(f"{where}: {error}: look for a quotation mark without a partner") from error


def _decode(file: Path) -> str:
    for encoding in ENCODINGS:
        with contextlib.suppress(UnicodeError):
            return file.read_bytes().decode(encoding)
    raise CourseError(f"{file} is not a text: save it as CSV UTF-8")
