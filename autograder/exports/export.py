"""Grades for other systems: a plain table, and the formats that Canvas and Moodle import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..course import Course, CourseError
from ..grading import records
from ..grading.tables import write_rows
from ..grading.talk_marks import require_assignment_or_talk
from ..judging.points_as_text import format_points
from ..reports import grades
from ..reports.grades import NotebookGrades, NotebookKey, StudentInfo, Total
from ..terminal import count

Fields = list[tuple[str, Any]]
"""The headings and values of a row."""


@dataclass(frozen=True)
class StudentResult:
    """What the tables say about a student."""

    student: StudentInfo
    total: Total
    comments: str  # of a person, in one line
    outcome: str
    is_received: bool  # whether answers are judged at the due date, and count as 0 until then

    def plain_row(self, name: str) -> Fields:
        """A row for spreadsheets."""
        student, total = self.student, self.total
        return [
            ("student", student.id),
            ("last_name", student.last_name),
            ("first_name", student.first_name),
            ("email", student.email),
            ("assignment", name),
            ("score", format_points(total.score)),
            ("max_score", format_points(total.max_score)),
            ("waiting", total.num_needs_manual_grade),
            ("outcome", self.outcome),
            ("late", total.timing.describe()),
            ("comments", self.comments),
        ]

    def canvas_row(self, column: str) -> Fields:
        """A row for the gradebook of Canvas.

        Canvas identifies a student by ID (`lms_user_id` in nbgrader), or else by SIS login (nbgrader's id of the
        student). If the column ends with the number of an assignment in parentheses, Canvas fills that one; otherwise
        it creates a new one.
        """
        student = self.student
        return [
            ("Student", ", ".join(filter(None, (student.last_name, student.first_name))) or student.id),
            ("ID", student.lms_id),
            ("SIS User ID", ""),
            ("SIS Login ID", student.id),
            ("Section", ""),
            (column, format_points(self.total.score)),
        ]

    def moodle_row(self, column: str) -> Fields:
        """A row for the gradebook of Moodle (Grades, Import, CSV file).

        In Moodle, map "ID number", "Email address" or "Username" to the same field of the user. Map the last two
        columns to the grade item and to its feedback; if only one is mapped, Moodle clears the other.
        """
        student = self.student
        return [
            ("First name", student.first_name),
            ("Last name", student.last_name),
            ("Username", student.id),
            ("ID number", student.lms_id or student.id),
            ("Email address", student.email),
            (column, format_points(self.total.score)),
            ("Feedback", self._moodle_feedback()),
        ]

    def _moodle_feedback(self) -> str:
        total = self.total
        parts = [f"{format_points(total.score)} of {format_points(total.max_score)} points"]
        if total.num_needs_manual_grade:
            need = "answer needs" if total.num_needs_manual_grade == 1 else "answers need"
            parts.append(f"{total.num_needs_manual_grade} {need} manual grading")
        if self.is_received:
            parts.append("without the answers that are judged at the due date")
        return "; ".join(filter(None, (*parts, total.timing.describe(), self.comments)))


ROWS = {"csv": StudentResult.plain_row, "canvas": StudentResult.canvas_row, "moodle": StudentResult.moodle_row}


def write(
    course: Course,
    assignment: str,
    kind: str,
    results: Sequence[StudentResult],
    file: Path | None = None,
    column: str = "",
) -> Path:
    """Write results of at least one student as a table.

    The kind is a key of `ROWS`, the column a name in the other system, if not the same.
    """
    make_row, column = ROWS[kind], column or assignment
    fields = [make_row(result, column) for result in results]
    header = [heading for heading, _ in fields[0]]
    rows = [header, *([value for _, value in row] for row in fields)]
    if kind == "canvas":
        max_score = results[0].total.max_score  # all have that of the assignment, missing notebooks included
        # Canvas itself writes the four spaces
        points = {"Student": "    Points Possible", column: format_points(max_score)}
        rows.insert(1, [points.get(heading, "") for heading in header])
    file = file or course.reports_folder / f"{assignment}-{kind}.csv"
    write_rows(file, rows)
    return file


def read_results(course: Course, assignment: str) -> list[StudentResult]:
    """Read the results of an assignment or of its talk, such as `1-first-talk`, sorted by student.

    Raise CourseError if the course has no such assignment, if no submission has been graded yet, or if questions are
    not judged although they are due.
    """
    require_assignment_or_talk(course, assignment)
    with course.gradebook() as gradebook:
        notebooks = grades.read_notebook_grades(gradebook, assignment)
        totals, students = grades.read_totals(gradebook, assignment, notebooks), grades.read_students(gradebook)
    comments = _comments(notebooks)
    if not totals:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    all_records = records.read_all(course.records_folder, assignment)  # also of students who were removed
    records_by_student = {record.student: record for record in all_records if record.student in totals}
    overdue = [student for student, record in records_by_student.items() if record.is_overdue]
    if overdue:
        whose = f"the quizzes of {count(len(overdue), 'submission')}"
        fault = f"{whose} are due and not judged yet, such as that of {overdue[0]}"
        raise CourseError(f"{fault}: run python -m autograder grade {assignment}")
    results = []
    for student, total in sorted(totals.items()):
        record = records_by_student.get(student)
        outcome, is_received = (record.outcome, bool(record.letters_due)) if record else ("", False)
        results.append(StudentResult(students[student], total, comments.get(student, ""), outcome, is_received))
    return results


def find_left_out(course: Course, assignment: str, results: Sequence[StudentResult]) -> list[str]:
    """List the students of the roster, and those who submitted, who have no grade and so no row in an export."""
    with course.gradebook() as gradebook:
        known = grades.read_students(gradebook)
    return sorted({*known, *course.students(assignment)} - {result.student.id for result in results})


def _comments(notebooks: Mapping[NotebookKey, NotebookGrades]) -> dict[str, str]:
    """Join the comments on each student's answers, in one line."""
    comments: dict[str, list[str]] = {}
    for (student, _), own in notebooks.items():
        comments.setdefault(student, []).extend(" ".join(comment.split()) for comment in own.comments.values())
    return {student: " / ".join(own) for student, own in comments.items()}
