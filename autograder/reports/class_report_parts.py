"""The parts of the class report, each with what its section of the page shows.

The attributes of a class are read by `class_report.html`; a function returns one table.
"""

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ..grading.collector import REFUSED, read_refused
from ..grading.records import Record
from . import similarity
from .class_data import ClassData
from .class_statistics import (
    ExerciseStatistics,
    all_statistics,
    mistake_statistics,
    most_frequent,
    rule_statistics,
    score_ranges,
)
from .grades import Total
from .predictions import count_predictions
from .telling_line import find_students_line
from .timing import Timing


class Overview:
    """What the report begins with: the scores of the submissions, and how student code was isolated."""

    def __init__(self, data: ClassData):
        totals = [data.total(record) for record in data.records]
        scores = [total.score for total in totals]
        self.max_score = max(total.max_score for total in totals)
        self.mean, self.median = statistics.fmean(scores), statistics.median(scores)
        self.histogram = score_ranges(scores, self.max_score)
        self.num_needs_manual_grade = sum(total.num_needs_manual_grade for total in totals)
        self.num_received = sum(record.num_received_answers for record in data.records)
        self.isolation = sorted({record.isolation for record in data.records if record.isolation})
        self.is_unsandboxed = any(record.is_unsandboxed for record in data.records)


class Attendance:
    """Students whose submission is missing, not graded or late, each with a description of its times."""

    def __init__(self, data: ClassData):
        def described(students: Iterable[str]) -> dict[str, str]:
            return {student: data.timings.get(student, Timing()).describe() for student in students}

        late = [record.student for record in data.records if data.timings.get(record.student, Timing()).late]
        self.missing, self.not_graded, self.late = map(described, (data.missing, data.not_graded, late))


class Attention:
    """What a person must look at: outcomes, refused submissions with their reasons, and answers to grade by hand."""

    def __init__(self, data: ClassData):
        students = {record.student for record in data.records}
        waiting = ((key, [name for name in names if name in students]) for key, names in data.waiting().items())
        self.waiting = {key: names for key, names in waiting if names}  # only of students who are listed with results
        self.records = [record for record in data.records if record.needs_attention]
        self.refused_folder = data.course.config.Collector.get("refused_directory", REFUSED)
        self.refused = read_refused(data.course.root / self.refused_folder, data.assignment)


class Understanding:
    """What the class predicted and answered, in the order of the notebooks; mistakes in that of their frequency."""

    def __init__(self, data: ClassData):
        self.predictions = count_predictions(data.course, data.assignment, data.records)
        self.exercises = all_statistics(data)
        self.mistakes = mistake_statistics(data)
        self.rules = sorted(rule_statistics(data.records), key=lambda rule: data.position(data.key_of(rule.exercise)))
        # what to teach again, each with a line of a student's code that shows it; empty if no line does
        self.misconceptions = [(row, find_students_line(row, data)) for row in most_frequent(self.mistakes, data)]


@dataclass(frozen=True)
class StudentRow:
    """A row of the table of students: a submission, its results, and the names and addresses of its feedback pages."""

    record: Record
    total: Total
    cells: Sequence[tuple[float | None, float]]  # score, None if there is none yet, and points of each question
    pages: Sequence[tuple[str, str]]

    @property
    def remarks(self) -> list[str]:
        """A description of the times of the submission, and the messages of the grader."""
        return [text for text in (self.total.timing.describe(), *self.record.messages) if text]


def student_rows(data: ClassData, exercises: Sequence[ExerciseStatistics]) -> list[StudentRow]:
    """Collect the results and feedback pages of each student, the lowest scores first: they need most help."""
    course = data.course

    def links(student: str) -> list[tuple[str, str]]:
        folder = course.feedback_folder(student, data.assignment)
        address = os.path.relpath(folder, course.reports_folder)  # as seen from the page
        # nbgrader also copies files that were handed in, such as an `evil.html`
        files = [folder / f"{name}.html" for name in course.notebooks(data.assignment)]
        shown = [file for file in files if file.is_file() and not file.is_symlink()]
        return [(file.stem, quote(f"{address}/{file.name}")) for file in shown]

    def cells(record: Record) -> list[tuple[float | None, float]]:
        verdicts = {verdict.exercise: verdict for verdict in record.verdicts}
        return [(data.score(record.student, row.key, verdicts.get(row.name)), row.points) for row in exercises]

    pages = data.boundary.results(links, sorted(record.student for record in data.records))
    ordered = sorted(data.records, key=lambda record: data.total(record).score)
    return [StudentRow(record, data.total(record), cells(record), pages.get(record.student, ())) for record in ordered]


def similar_pairs(data: ClassData) -> list[similarity.SimilarPair]:
    """Compare the solutions of all pairs of students."""
    course, assignment = data.course, data.assignment

    def read(student: str) -> str:
        return similarity.read_solutions(sorted(course.autograded_folder(student, assignment).glob("*.ipynb")))

    solutions = data.boundary.results(read, [record.student for record in data.records])
    release = course.folder(course.directory.release_directory, ".", assignment)
    released = similarity.read_solutions(sorted(release.glob("*.ipynb"))).splitlines()
    return similarity.find_similar_pairs(solutions, released)
