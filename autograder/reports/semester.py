"""The table of a term: the points of every student in every assignment, and their total.

It is written as a page and as a CSV file here, and printed in `semester_terminal.py`.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..course import Course, CourseError
from ..grading import records
from ..grading.replacing import write_atomically
from ..grading.tables import write_rows
from ..grading.talk_marks import find_talks, require_assignment
from . import grades
from .grades import StudentInfo, Total
from .templates import TEMPLATES, format_points

DASH = "–"
WAITING_NOTE = "Scores and totals count an answer that waits as 0 points."


class Remark(StrEnum):
    """What a reader must know about a score. The values appear beside the score, and `LEGEND` explains them."""

    MISSING = "m"
    LATE = "l"
    WAITING = "w"
    RECEIVED = "q"
    NOT_GRADED = "u"
    NEEDS_ATTENTION = "!"
    DROPPED = "d"


LEGEND = {
    Remark.MISSING: "missing",
    Remark.LATE: "late",
    Remark.WAITING: "waits for manual grading",
    Remark.RECEIVED: "questions that are judged at the due date",
    Remark.NOT_GRADED: "not autograded yet",
    Remark.NEEDS_ATTENTION: "needs attention (see the class report)",
    Remark.DROPPED: "dropped from the total",
}


@dataclass(frozen=True)
class Entry:
    """The result of a student in an assignment."""

    # None if it does not count: nothing is graded, or missing submissions do not count
    score: float | None = None
    max_score: float = 0.0
    remarks: tuple[Remark, ...] = ()

    @property
    def text(self) -> str:
        """The score and its remarks, for the terminal."""
        points = DASH if self.score is None else format_points(self.score)
        return f"{points} {''.join(self.remarks)}" if self.remarks else points


@dataclass(frozen=True)
class Row:
    """The results of a student."""

    student: StudentInfo
    entries: tuple[Entry, ...]  # one per assignment

    @property
    def counted(self) -> list[Entry]:
        """The entries that count towards the total."""
        return [entry for entry in self.entries if entry.score is not None and Remark.DROPPED not in entry.remarks]

    @property
    def score(self) -> float:
        """The total score."""
        return sum(entry.score or 0.0 for entry in self.counted)

    @property
    def max_score(self) -> float:
        """The highest possible total score."""
        return sum(entry.max_score for entry in self.counted)

    @property
    def percent(self) -> float | None:
        """The total score in percent. None if nothing counts."""
        return 100 * self.score / self.max_score if self.max_score else None


@dataclass(frozen=True)
class Column:
    """A column after those of the assignments."""

    title: str
    text: Callable[[Row], str]  # in the terminal and on the page
    numbers: Mapping[str, Callable[[Row], float | None]]  # in the CSV file, by their headings
    only_if_room: bool = False  # in the terminal: for the whole table, with the names and headings unbroken


def _total(row: Row) -> str:
    return f"{format_points(row.score)} of {format_points(row.max_score)}" if row.max_score else DASH


COLUMNS = (  # the terminal may break the texts of the first one
    Column("total", _total, {"total": lambda row: row.score, "max_score": lambda row: row.max_score}),
    Column(
        "%",
        lambda row: DASH if row.percent is None else f"{row.percent:.1f}",
        {"percent": lambda row: row.percent},
    ),
)


def list_assignments(course: Course) -> list[str]:
    """List the assignments of a course. After each follows its talk, if the gradebook has marks of it."""
    return sorted([*course.assignments(), *find_talks(course)])


def read_rows(
    course: Course, assignments: Sequence[str], num_dropped: int = 0, missing_counts: bool = True
) -> list[Row]:
    """Read the results of the whole roster: all students in the gradebook, and all who submitted something.

    An assignment without a graded submission does not count, nor do a number of results with the lowest percentage, for
    each student. One result always counts. Raise CourseError if the course does not have one of the assignments, or no
    students.
    """
    if not assignments:
        folder = course.directory.source_directory
        raise CourseError(f"{course.root} has no assignments: add a folder with a notebook to {folder}/")
    for assignment in assignments:
        require_assignment(course, assignment)
    talks = set(assignments) - set(course.assignments())
    with course.gradebook() as gradebook:
        students = grades.read_students(gradebook)
        totals = {assignment: grades.read_totals(gradebook, assignment) for assignment in assignments}
    absent = {a: _absent(totals[a], missing_counts, a in talks) for a in assignments}
    columns = {a: _read_column(course, a, totals[a], absent[a]) for a in assignments}
    roster = sorted({*students, *(student for column in columns.values() for student in column)})
    if not roster:
        raise CourseError("the roster is empty: enter it with python -m autograder roster students.csv")
    return [
        Row(
            students.get(student, StudentInfo(student)),
            drop_lowest(
                [columns[a].get(student, absent[a]) for a in assignments],
                num_dropped,
                [a not in talks for a in assignments],
            ),
        )
        for student in roster
    ]


def _read_column(course: Course, assignment: str, totals: Mapping[str, Total], absent: Entry) -> dict[str, Entry]:
    """Read the entries of all students who submitted an assignment."""
    entries = {student: _entry(total) for student, total in totals.items()}
    for record in records.read_all(course.records_folder, assignment):
        remarks = [Remark.RECEIVED] if record.letters_due else []
        remarks += [Remark.NEEDS_ATTENTION] if record.needs_attention else []
        if remarks:
            entry = entries.get(record.student, replace(absent, remarks=()))
            entries[record.student] = replace(entry, remarks=(*entry.remarks, *remarks))
    not_graded = Entry(None, absent.max_score, (Remark.NOT_GRADED,))
    return dict.fromkeys(course.students(assignment), not_graded) | entries


def _entry(total: Total) -> Entry:
    remarks = [Remark.LATE] if total.timing.late else []
    remarks += [Remark.WAITING] if total.num_needs_manual_grade else []
    return Entry(total.score, total.max_score, tuple(remarks))


def _absent(totals: Mapping[str, Total], missing_counts: bool, is_talk: bool) -> Entry:
    """The entry of a student who submitted nothing; for a talk, of a student who was not asked."""
    if not totals:
        return Entry()
    max_score = max(total.max_score for total in totals.values())
    if is_talk:
        return Entry(None, max_score)
    return Entry(0.0 if missing_counts else None, max_score, (Remark.MISSING,))


def drop_lowest(entries: Sequence[Entry], count: int, may_drop: Sequence[bool] = ()) -> tuple[Entry, ...]:
    """Mark a number of entries with the lowest percentages as dropped. One that may be dropped still counts.

    `may_drop` has one value per entry; by default, all may be dropped. Talks are kept.
    """
    entries = list(entries)
    may_drop = may_drop or [True] * len(entries)
    counted = [i for i, entry in enumerate(entries) if may_drop[i] and entry.score is not None and entry.max_score]
    lowest_first = sorted(counted, key=lambda i: (entries[i].score or 0.0) / entries[i].max_score)
    for i in lowest_first[:-1][:count]:
        entries[i] = replace(entries[i], remarks=(*entries[i].remarks, Remark.DROPPED))
    return tuple(entries)


def legend_of(rows: Sequence[Row]) -> dict[Remark, str]:
    """The remarks in the table, with what they mean."""
    used = {remark for row in rows for entry in row.entries for remark in entry.remarks}
    return {remark: meaning for remark, meaning in LEGEND.items() if remark in used}


def write_html(course: Course, assignments: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write the table as a page, `reports/scores.html`."""
    file, legend = course.root / "reports" / "scores.html", legend_of(rows)
    counted = [[row.entries[i] for row in rows if row.entries[i] in row.counted] for i in range(len(assignments))]
    page = TEMPLATES.get_template("scores.html").render(
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        assignments=assignments,
        max_scores=[max(row.entries[i].max_score for row in rows) for i in range(len(assignments))],
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
    results = [heading for assignment in assignments for heading in (assignment, f"{assignment}: remarks")]
    numbers = [heading for column in COLUMNS for heading in column.numbers]
    header = ["student", "last_name", "first_name", "email", *results, *numbers]
    file = course.root / "reports" / "scores.csv"
    write_rows(file, [header, *map(_csv_row, rows)])
    return file


def _csv_row(row: Row) -> list[Any]:
    cells = []
    for entry in row.entries:
        cells += [_csv_number(entry.score), ", ".join(LEGEND[remark] for remark in entry.remarks)]
    cells += [_csv_number(number(row)) for column in COLUMNS for number in column.numbers.values()]
    student = row.student
    return [student.id, student.last_name, student.first_name, student.email, *cells]


def _csv_number(value: float | None) -> str:
    return "" if value is None else format_points(value)
