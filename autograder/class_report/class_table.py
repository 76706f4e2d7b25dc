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
    columns: list[str] = []
    for key in keys:
        heading = _heading(key, keys)
        columns += [heading, f"{heading}: mistake"] if key in data.verdicts else [heading]
    first_columns = ["student", "last_name", "first_name", "score", "max_score", "outcome", "late", "seconds"]
    talk_heading = ["questions about own code"] if data.talks else []
    header = [*first_columns, *columns, *talk_heading, "set by a person", "messages"]
    by_student = {record.student: record for record in data.records}
    graded = data.boundary.results(lambda student: _graded_row(by_student[student], keys, data), by_student)
    rows: list[list[Any]] = [header, *graded.values()]
    for outcome, students in (("not graded", data.not_graded), ("missing", data.missing)):
        for student in students:
            values = [*_names(data, student), "", "", outcome, data.times(student)]
            rows.append(values + [""] * (len(header) - len(values)))
    return rows


def _heading(key: QuestionKey, keys: Sequence[QuestionKey]) -> str:
    """The id of a question. If several notebooks have it, the heading names the notebook, too."""
    notebook, name = key
    is_ambiguous = sum(name == other for _, other in keys) > 1
    return f"{notebook}: {name}" if is_ambiguous else name


def _graded_row(record: Record, keys: Sequence[QuestionKey], data: ClassData) -> list[Any]:
    """Build the row of a submission, with the columns of the header of `table_rows`."""
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


def _names(data: ClassData, student: str) -> list[str]:
    info = data.info(student)
    return [student, info.last_name, info.first_name]


def _mistake_cell(student: str, key: QuestionKey, data: ClassData) -> str:
    verdict = data.verdicts[key].get(student)
    if verdict is None:
        return ""
    if verdict.is_unanswered:  # according to the grader: a person may have given it points
        return NOT_ANSWERED_MESSAGE if is_unanswered(verdict, data.grade(student, key)) else ""
    return strip_tags(describe_mistake(verdict.exercise, verdict.mistake, data)) if verdict.mistake else ""
