"""The table of a term: the points of every student in every assignment, and their total.

It is printed in `semester_terminal.py`, and written as a page and as a CSV file in `semester_files.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..course import Course, CourseError
from ..grading import records
from ..grading.records import Record
from ..grading.talk_marks import SUFFIX, find_talks, require_assignment_or_talk
from ..judging.points_as_text import format_points
from ..reports import grades
from ..reports.grades import StudentInfo, Total

DASH = "–"


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
    Remark.WAITING: "an answer waits for manual grading and counts 0 points until then",
    Remark.RECEIVED: "questions that are judged at the due date",
    Remark.NOT_GRADED: "not autograded yet",
    Remark.NEEDS_ATTENTION: "needs attention (see the class report)",
    Remark.DROPPED: "dropped from the total",
}


@dataclass(frozen=True)
class Entry:
    """The result of a student in an assignment."""

    score: float | None = None  # None if it does not count: nothing is graded, or missing ones do not count
    max_score: float = 0.0
    remarks: tuple[Remark, ...] = ()
    is_talk: bool = False

    @property
    def counts(self) -> bool:
        """Whether it counts towards the total."""
        return self.score is not None and Remark.DROPPED not in self.remarks

    @property
    def text(self) -> str:
        """The score and its remarks."""
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
        return [entry for entry in self.entries if entry.counts]

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
    only_if_room: bool = False  # in the terminal: for the whole table, with no name cut


def _total(row: Row) -> str:
    return f"{format_points(row.score)} of {format_points(row.max_score)}" if row.max_score else DASH


COLUMNS = (
    Column(
        "total",
        _total,
        {
            "total": lambda row: row.score if row.max_score else None,
            "max_score": lambda row: row.max_score or None,
        },
    ),
    Column(
        "%", lambda row: DASH if row.percent is None else f"{row.percent:.1f}", {"percent": lambda row: row.percent}
    ),
)


def list_assignments(course: Course) -> list[str]:
    """List the assignments of a course. After each follows its talk, if the gradebook has marks of it."""
    return sorted([*course.assignments(), *find_talks(course)], key=lambda name: (name.removesuffix(SUFFIX), name))


def read_table(
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
        require_assignment_or_talk(course, assignment)
    talks = set(assignments) - set(course.assignments())
    with course.gradebook() as gradebook:
        students = grades.read_students(gradebook)
        totals = {assignment: grades.read_totals(gradebook, assignment) for assignment in assignments}
    absent = {each: _absent(totals[each], missing_counts, each in talks) for each in assignments}
    entries = {each: _read_entries(course, each, totals[each], absent[each]) for each in assignments}
    roster = sorted({*students, *(student for own in entries.values() for student in own)})
    if not roster:
        raise CourseError("the roster is empty: enter it with python -m autograder roster students.csv")
    return [
        Row(
            students.get(student, StudentInfo(student)),
            drop_lowest([entries[each].get(student, absent[each]) for each in assignments], num_dropped),
        )
        for student in roster
    ]


def _read_entries(course: Course, assignment: str, totals: Mapping[str, Total], absent: Entry) -> dict[str, Entry]:
    """Read the entries of all students who submitted an assignment."""
    submitted = course.students(assignment)
    not_graded = replace(absent, score=None, remarks=(Remark.NOT_GRADED,))  # does not count
    failed = replace(absent, remarks=())  # without scores, grading failed: it counts as a missing one
    entries = dict.fromkeys(submitted, not_graded)
    entries |= {student: _entry(total, absent.is_talk) for student, total in totals.items()}
    for record in records.read_all(course.records_folder, assignment):
        remarks = _remarks_of(record)
        if remarks and record.student in entries:  # a record may be of a student who was removed
            entry = entries[record.student] if record.student in totals else failed
            entries[record.student] = replace(entry, remarks=(*entry.remarks, *remarks))
    return entries


def _remarks_of(record: Record) -> list[Remark]:
    """What the record of a submission adds to what the gradebook says."""
    remarks = [Remark.RECEIVED] if record.letters_due else []
    return remarks + ([Remark.NEEDS_ATTENTION] if record.needs_attention else [])


def _entry(total: Total, is_talk: bool) -> Entry:
    remarks = [Remark.LATE] if total.timing.late else []
    remarks += [Remark.WAITING] if total.num_needs_manual_grade else []
    return Entry(total.score, total.max_score, tuple(remarks), is_talk)


def _absent(totals: Mapping[str, Total], missing_counts: bool, is_talk: bool) -> Entry:
    """The entry of a student who submitted nothing; for a talk, of a student who was not asked."""
    max_score = max((total.max_score for total in totals.values()), default=0.0)
    if is_talk or not totals:
        return Entry(None, max_score, is_talk=is_talk)
    return Entry(0.0 if missing_counts else None, max_score, (Remark.MISSING,))


def drop_lowest(entries: Sequence[Entry], count: int) -> tuple[Entry, ...]:
    """Mark a number of entries with the lowest percentages as dropped. Talks are kept, and one other that counts."""
    entries = list(entries)
    may_drop = [i for i, entry in enumerate(entries) if entry.counts and entry.max_score and not entry.is_talk]
    lowest_first = sorted(may_drop, key=lambda i: (entries[i].score or 0.0) / entries[i].max_score)
    for i in lowest_first[:-1][:count]:
        entries[i] = replace(entries[i], remarks=(*entries[i].remarks, Remark.DROPPED))
    return tuple(entries)


def max_scores(rows: Sequence[Row]) -> list[float]:
    """The points of each assignment."""
    return [max(entry.max_score for entry in entries) for entries in zip(*(row.entries for row in rows), strict=True)]


def legend_of(rows: Sequence[Row]) -> dict[Remark, str]:
    """The remarks in the table, with what they mean."""
    used = {remark for row in rows for entry in row.entries for remark in entry.remarks}
    return {remark: meaning for remark, meaning in LEGEND.items() if remark in used}
