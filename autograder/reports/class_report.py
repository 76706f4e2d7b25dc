"""The class report of an assignment, as HTML and CSV: scores, frequent mistakes, submissions that need attention."""

import statistics
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..grading.records import Record
from ..grading.replacing import write_atomically
from ..grading.tables import write_rows
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE
from ..judging.verdict import Verdict
from .class_data import ClassData, QuestionKey
from .class_report_parts import Attendance, Attention, Overview, Understanding, similar_pairs, student_rows
from .class_statistics import exercise_statistics, mistake_statistics, most_frequent
from .grades import CellGrade
from .markdown import strip_tags
from .points_as_text import format_points
from .templates import TEMPLATES
from .terminal import count
from .timing import Timing

MAX_NAMES = 3  # in the summary


def write(data: ClassData) -> Path:
    """Write `reports/<assignment>.html`, and `reports/<assignment>.csv` with one row per student."""
    file = data.course.reports_folder / f"{data.assignment}.html"
    write_atomically(file, render_page(data))
    write_rows(file.with_suffix(".csv"), table_rows(data))
    return file


def summarise(data: ClassData) -> list[str]:
    """Summarise the report in three lines: what was graded, what was misunderstood most, and who needs a person."""
    graded = data.records
    seconds = statistics.fmean(record.seconds for record in graded)
    lines = [f"graded: {count(len(graded), 'submission')}, {seconds:.1f} s each"]
    if frequent := most_frequent(mistake_statistics(data), data):
        row = frequent[0]
        mistake = row.hint or strip_tags(data.describe_mistake(row.exercise, row.mistake))
        students = f"{len(row.students)} of {count(len(graded), 'student')}"
        lines.append(f"misunderstood most: {strip_tags(data.title_of(row.exercise))}, by {students}: {mistake}")
    return [*lines, f"needs you: {_needs_person(data) or 'nothing'}"]


def _needs_person(data: ClassData) -> str:
    """What a person has to look at or to grade, in a few words; empty if there is nothing."""
    attention = [record.student for record in data.records if record.needs_attention]
    names = ", ".join(attention[:MAX_NAMES]) + (", …" if len(attention) > MAX_NAMES else "")
    waiting = sum(total.num_needs_manual_grade for total in data.totals.values())
    needs = [f"{count(len(attention), 'submission')} ({names})"] if attention else []
    needs += [f"{count(waiting, 'answer')} to grade by hand"] if waiting else []
    return ", ".join(needs)


def render_page(data: ClassData) -> str:
    """Render the report."""
    understanding = Understanding(data)
    return TEMPLATES.get_template("class_report.html").render(
        assignment=data.assignment,
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        data=data,
        anchors={record.student: f"student-{i}" for i, record in enumerate(data.records)},
        overview=Overview(data),
        attendance=Attendance(data),
        attention=Attention(data),
        understanding=understanding,
        pairs=similar_pairs(data),
        asked=sorted(data.talks, key=lambda student: (data.talks[student].score, student)),
        not_asked=sorted({record.student for record in data.records} - data.talks.keys()),
        rows=student_rows(data, understanding.exercises),
    )


def table_rows(data: ClassData) -> list[list[Any]]:
    """Build the report's CSV table: a header, and a row for each student of the roster and for each submission."""
    judged = [row.key for row in exercise_statistics(data)]
    keys = list(data.questions) or judged
    columns = [column for key in keys for column in _columns(key, keys, key in judged)]
    heading = ["student", "last_name", "first_name", "score", "max_score", "outcome", "late", "seconds"]
    talk_heading = ["questions about own code"] if data.talks else []
    header = [*heading, *columns, *talk_heading, "set by a person", "messages"]
    by_student = {record.student: record for record in data.records}
    graded = data.boundary.results(lambda student: _graded_row(by_student[student], keys, judged, data), by_student)
    rows: list[list[Any]] = [header, *graded.values()]
    for outcome, students in (("not graded", data.not_graded), ("missing", data.missing)):
        for student in students:
            timing = data.timings.get(student, Timing()).describe()
            values = [student, *_names(data, student), "", "", outcome, timing]
            rows.append(values + [""] * (len(header) - len(values)))
    return rows


def _graded_row(
    record: Record, keys: Sequence[QuestionKey], judged: Collection[QuestionKey], data: ClassData
) -> list[Any]:
    """Build the row of a submission, with the columns of the header of `table_rows`."""
    total, own = data.total(record), data.cells.get(record.student, {})
    verdicts = {data.key_of(verdict.exercise): verdict for verdict in record.verdicts}
    cells: list[str] = []
    for key in keys:
        cells.append(_score_cell(own.get(key), verdicts.get(key)))
        if key in judged:
            cells.append(_mistake_cell(verdicts.get(key), data))
    return [
        record.student,
        *_names(data, record.student),
        format_points(total.score),
        format_points(total.max_score),
        record.outcome,
        total.timing.describe(),
        record.seconds,
        *cells,
        *([_talk_cell(data, record.student)] if data.talks else []),
        "; ".join(name for (_, name), grade in own.items() if grade.is_override),
        "; ".join(record.messages),
    ]


def _columns(key: QuestionKey, keys: Sequence[QuestionKey], is_judged: bool) -> list[str]:
    """The headings of a question's columns. If several notebooks have its id, they name the notebook, too."""
    notebook, name = key
    is_ambiguous = sum(name == other for _, other in keys) > 1
    column = f"{notebook}: {name}" if is_ambiguous else name
    return [column, f"{column}: mistake"] if is_judged else [column]


def _names(data: ClassData, student: str) -> tuple[str, str]:
    info = data.students.get(student)
    return (info.last_name, info.first_name) if info else ("", "")


def _talk_cell(data: ClassData, student: str) -> str:
    return format_points(data.talks[student].score) if student in data.talks else "not asked"


def _mistake_cell(verdict: Verdict | None, data: ClassData) -> str:
    if verdict and verdict.is_unanswered:
        return NOT_ANSWERED_MESSAGE
    return strip_tags(data.describe_mistake(verdict.exercise, verdict.mistake)) if verdict and verdict.mistake else ""


def _score_cell(grade: CellGrade | None, verdict: Verdict | None) -> str:
    """The score in the gradebook, or else that of the verdict."""
    if grade is None:
        return format_points(verdict.score) if verdict else ""
    return format_points(grade.score) if grade.has_score else ""
