"""The class report of an assignment: scores, frequent mistakes, submissions that need attention."""

import os
import statistics
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..grading.records import Record
from ..grading.refused_folder import REFUSED, read_refused
from ..grading.replacing import write_atomically
from ..grading.tables import write_rows
from ..reports.markdown import strip_tags
from ..reports.templates import TEMPLATES
from ..terminal import count
from . import similarity
from .class_data import ClassData
from .class_mistakes import mistake_statistics, most_frequent
from .class_statistics import histogram, question_statistics, rule_statistics
from .class_table import table_rows
from .predictions import count_predictions
from .questions import QuestionKey
from .solution_cells import read_solutions
from .telling_line import find_students_line

MAX_NAMES = 3  # in the summary


@dataclass(frozen=True)
class Needs:
    """What a person has to look at or to grade, for the summary and the page."""

    attention: list[Record]
    refused: list[tuple[str, str]]  # names and reasons of submissions
    not_graded: list[str]  # students
    waiting: dict[QuestionKey, list[str]]  # the students whose answers a person has yet to grade, by question
    num_waiting: int  # all of these answers, also in cells that the assignment does not have any more

    @classmethod
    def find(cls, data: ClassData) -> "Needs":
        """Find what needs a person in a class."""
        students = [record.student for record in data.records]
        waiting = {key: [name for name in students if data.must_be_graded(name, key)] for key in data.questions}
        return cls(
            attention=[record for record in data.records if record.needs_attention],
            refused=read_refused(data.course.root, data.assignment),
            not_graded=data.not_graded,
            waiting={key: names for key, names in waiting.items() if names},
            num_waiting=sum(data.total(record).num_needs_manual_grade for record in data.records),
        )

    def __str__(self) -> str:
        """Say it in a few words; empty if there is nothing."""
        names = [record.student for record in self.attention]
        shown = ", ".join(names[:MAX_NAMES]) + (", …" if len(names) > MAX_NAMES else "")
        parts = [f"{count(len(names), 'submission')} ({shown})"] if names else []
        parts += [f"{len(self.refused)} refused"] if self.refused else []
        parts += [f"{len(self.not_graded)} not graded"] if self.not_graded else []
        parts += [f"{count(self.num_waiting, 'answer')} to grade by hand"] if self.num_waiting else []
        return ", ".join(parts)


def write(data: ClassData) -> Path:
    """Write `reports/<assignment>.html`, and `reports/<assignment>.csv` with one row per student."""
    file = data.course.reports_folder / f"{data.assignment}.html"
    write_atomically(file, render_page(data))
    write_rows(file.with_suffix(".csv"), table_rows(data))
    return file


def summarise(data: ClassData) -> list[str]:
    """Summarise the report, a line each: what was graded, any frequent mistake, and who needs a person."""
    graded = data.records
    seconds = statistics.fmean(record.seconds for record in graded)
    lines = [f"graded: {count(len(graded), 'submission')}, {seconds:.1f} s each"]
    if frequent := most_frequent(mistake_statistics(data), data):
        row = frequent[0]
        mistake = row.hint or strip_tags(row.description)
        students = f"{len(row.students)} of {count(len(graded), 'student')}"
        title = strip_tags(data.questions.title_of(row.exercise))
        lines.append(f"misunderstood most: {title}, by {students}: {mistake}")
    return [*lines, f"needs you: {str(Needs.find(data)) or 'nothing'}"]


def render_page(data: ClassData) -> str:
    """Render the report. The template reads further attributes of the class from `data`."""
    mistakes, (pairs, max_authors) = mistake_statistics(data), similar_pairs(data)
    return TEMPLATES.get_template("class_report.html").render(
        date=f"{datetime.now():%Y-%m-%d %H:%M}",
        data=data,
        anchors={record.student: f"student-{i}" for i, record in enumerate(data.records)},
        exercises=question_statistics(data),
        mistakes=mistakes,
        # what to teach again, each with a line of a student's code that shows it; empty if no line does
        misconceptions=[(row, find_students_line(row, data)) for row in most_frequent(mistakes, data)],
        predictions=count_predictions(data.course, data.questions, data.records),
        rules=rule_statistics(data),
        pairs=pairs,
        max_authors=max_authors,
        asked=sorted(data.talks, key=lambda student: (data.talks[student].score, student)),
        not_asked=sorted({record.student for record in data.records} - data.talks.keys()),
        lowest_first=sorted(data.records, key=lambda record: data.total(record).score),  # they need most help
        pages=feedback_links(data),
        refused_folder=REFUSED,
        needs=Needs.find(data),
        **_overview(data),
    )


def _overview(data: ClassData) -> dict[str, Any]:
    """The scores of the submissions, the number of received answers, and how student code was isolated."""
    totals = [data.total(record) for record in data.records]
    scores, max_score = [total.score for total in totals], max(total.max_score for total in totals)
    return {
        "max_score": max_score,
        "mean": statistics.fmean(scores),
        "median": statistics.median(scores),
        "histogram": histogram(scores, max_score),
        "num_received": sum(record.num_received_answers for record in data.records),
        "isolation": sorted({record.isolation for record in data.records if record.isolation}),
        "is_unsandboxed": any(record.is_unsandboxed for record in data.records),
    }


def feedback_links(data: ClassData) -> dict[str, list[tuple[str, str]]]:
    """Find the names of each student's feedback pages, and their addresses as seen from the report."""
    course = data.course

    def links(student: str) -> list[tuple[str, str]]:
        folder = course.feedback_folder(student, data.assignment)
        address = os.path.relpath(folder, course.reports_folder)
        # nbgrader also copies files that were handed in, such as an `evil.html`
        files = [folder / f"{name}.html" for name in course.notebooks(data.assignment)]
        shown = [file for file in files if file.is_file() and not file.is_symlink()]
        return [(file.stem, quote(f"{address}/{file.name}")) for file in shown]

    return data.boundary.results(links, [record.student for record in data.records])


def similar_pairs(data: ClassData) -> tuple[list[similarity.SimilarPair], int]:
    """Compare the solutions of all pairs of students, as `find_similar_pairs` does."""

    def read(student: str) -> str:
        return read_solutions(sorted(data.course.autograded_folder(student, data.assignment).glob("*.ipynb")))

    solutions = data.boundary.results(read, [record.student for record in data.records])
    return similarity.find_similar_pairs(solutions, data.released_lines)
