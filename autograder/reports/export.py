"""Grades for other systems: a plain table, and what the importers of Canvas and Moodle expect."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..course import Course, CourseError
from ..grading import records
from . import marks
from .marks import Person, Total
from .templates import points

FORMATS = ("csv", "canvas", "moodle")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula


def write(course: Course, assignment: str, kind: str, file: Path | None = None, column: str = "") -> Path:
    """Write the grades of an assignment as `reports/<assignment>-<kind>.csv`.

    Parameters
    ----------
    course : Course
    assignment : str
    kind : {"csv", "canvas", "moodle"}
    file : Path, optional
        Where to write instead.
    column : str
        What the other system calls the assignment; the assignment's name where it is empty.

    Raises
    ------
    CourseError
        If nobody has been graded yet.
    """
    with course.gradebook() as gradebook:
        totals, people = marks.totals(gradebook, assignment), marks.people(gradebook)
    totals = {student: total for student, total in sorted(totals.items()) if student in people}
    if not totals:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    rows = {"csv": plain, "canvas": canvas, "moodle": moodle}[kind](
        column or assignment, [(people[student], total) for student, total in totals.items()], _said(course, assignment)
    )
    file = file or course.root / "reports" / f"{assignment}-{kind}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_rows(file, rows)
    return file


Graded = Sequence[tuple[Person, Total]]


def plain(column: str, graded: Graded, said: dict[str, str]) -> list[list[Any]]:
    """A row per student, for whatever reads tables."""
    head = ["student", "last_name", "first_name", "email", "assignment", "score", "max_score", "waiting", "outcome"]
    return [
        head,
        *(
            [
                *(who.student, who.last_name, who.first_name, who.email, column),
                points(total.score),
                points(total.max_score),
                total.waiting,
                said.get(who.student, ""),
            ]
            for who, total in graded
        ),
    ]


def canvas(column: str, graded: Graded, said: dict[str, str]) -> list[list[Any]]:
    """As the gradebook of Canvas imports it: five columns that say who, the assignment, and a row of points possible.

    Canvas finds a student by ID (`lms_user_id` in nbgrader), else by SIS login (nbgrader's id of the student). A column
    that is called as an assignment is, with its number in brackets, goes to that assignment; another makes a new one.
    """
    most = max(total.max_score for _, total in graded)
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]
    possible = ["    Points Possible", "", "", "", "", points(most)]
    return [
        head,
        possible,
        *([_name(who), who.lms_id, "", who.student, "", points(total.score)] for who, total in graded),
    ]


def moodle(column: str, graded: Graded, said: dict[str, str]) -> list[list[Any]]:
    """As the gradebook of Moodle imports it (Grades, Import, CSV file).

    Map from "ID number" (or "Email address", or "Username") to the same of the user, and the last two columns to the
    grade item and its feedback. Both have to be mapped: Moodle empties the one that is not.
    """
    head = ["First name", "Last name", "Username", "ID number", "Email address", column, "Feedback"]
    return [
        head,
        *(
            [
                *(who.first_name, who.last_name, who.student, who.lms_id or who.student, who.email),
                points(total.score),
                _feedback(total),
            ]
            for who, total in graded
        ),
    ]


def _name(who: Person) -> str:
    return ", ".join(word for word in (who.last_name, who.first_name) if word) or who.student


def _feedback(total: Total) -> str:
    left = f"; marks of a person missing: {total.waiting}" if total.waiting else ""
    return f"{points(total.score)} of {points(total.max_score)} points{left}"


def _said(course: Course, assignment: str) -> dict[str, str]:
    return {record.student: record.outcome for record in records.read_all(course.root / "records", assignment)}


def _text(word: str) -> str:
    """A word that no spreadsheet takes for a formula."""
    return f"'{word}" if word.startswith(_FORMULA) else word


def write_rows(file: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Write a CSV as a whole or not at all; what students wrote cannot become a formula."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with draft.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([[_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])
    os.replace(draft, file)
