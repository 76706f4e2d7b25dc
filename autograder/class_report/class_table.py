"""The table of an assignment for a spreadsheet: what the class report says about each student, as CSV."""

from collections.abc import Sequence
from typing import Any

from ..grading.records import Record
from ..judging.points_as_text import format_points
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE
from ..reports.grades import is_unanswered
from ..reports.markdown import strip_tags
from .class_data import ClassData
from .class_mistakes import describe_mistake
from .questions import QuestionKey


def table_rows(data: ClassData) -> list[list[Any]]:
    """Build the table: a header, and a row for each student of the roster and for each submission."""
    keys = data.keys
    header = _header(keys, data)
    by_student = {record.student: record for record in data.records}
    graded = data.boundary.results(lambda student: _graded_row(by_student[student], keys, data), by_student)
    not_graded = [_ungraded_row(student, "not graded", len(header), data) for student in data.not_graded]
    missing = [_ungraded_row(student, "missing", len(header), data) for student in data.missing]
    return [header, *graded.values(), *not_graded, *missing]


def _header(keys: Sequence[QuestionKey], data: ClassData) -> list[str]:
    """The headings. `_graded_row` and `_ungraded_row` have their values in the same order."""
    header = ["student", "last_name", "first_name", "score", "max_score", "outcome", "late", "seconds"]
    for key in keys:
        heading = _heading(key, keys)
        header.append(heading)
        if key in data.verdicts:  # only the grader finds mistakes, not a person
            header.append(f"{heading}: mistake")
    if data.talks:
        header.append("questions about own code")
    return [*header, "set by a person", "messages"]


def _heading(key: QuestionKey, keys: Sequence[QuestionKey]) -> str:
    """The id of a question. If several notebooks have it, the heading names the notebook, too."""
    notebook, name = key
    is_ambiguous = sum(name == other for _, other in keys) > 1
    return f"{notebook}: {name}" if is_ambiguous else name


def _graded_row(record: Record, keys: Sequence[QuestionKey], data: ClassData) -> list[Any]:
    """Build the row of a submission."""
    student, total = record.student, data.total(record)
    cells: list[str] = []
    for key in keys:
        cells.append(format_points(data.score(student, key)))
        if key in data.verdicts:
            cells.append(_mistake_cell(student, key, data))
    if data.talks:
        cells.append(format_points(data.talks[student].score) if student in data.talks else "not asked")
    return [
        *_names(data, student),
        format_points(total.score),
        format_points(total.max_score),
        record.outcome,
        data.times(student),
        record.seconds,
        *cells,
        "; ".join(_heading(key, keys) for key in keys if (own := data.grade(student, key)) and own.is_override),
        "; ".join(record.messages),
    ]


def _ungraded_row(student: str, outcome: str, length: int, data: ClassData) -> list[Any]:
    """Build the row of a student without a graded submission: what would be graded is empty."""
    row = [*_names(data, student), "", "", outcome, data.times(student)]
    return row + [""] * (length - len(row))


def _names(data: ClassData, student: str) -> list[str]:
    """The values of the first three columns."""
    info = data.info(student)
    return [student, info.last_name, info.first_name]


def _mistake_cell(student: str, key: QuestionKey, data: ClassData) -> str:
    """Name the known mistake that the answer resembles, or say that there is no answer. Empty if neither is so."""
    verdict = data.verdicts[key].get(student)
    if verdict is None:
        return ""
    if verdict.is_unanswered:  # according to the grader: a person may have given it points
        return NOT_ANSWERED_MESSAGE if is_unanswered(verdict, data.grade(student, key)) else ""
    return strip_tags(describe_mistake(verdict.exercise, verdict.mistake, data)) if verdict.mistake else ""
