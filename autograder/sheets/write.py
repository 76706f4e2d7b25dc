"""Write the sheets of a class: a page per student, a key for the marker, and a table for the marks."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, PackageLoader

from ..course import Course, CourseError
from ..grading.boundary import concerns_everybody, describe
from ..grading.tables import read_rows
from ..grading.talk_marks import QUESTIONS
from ..reports import export, grades
from ..reports.grades import StudentInfo
from ..reports.templates import TEMPLATES
from ..supervisor import Supervisor, SupervisorPool
from . import layout
from .make import NoSheet, Sheet, make_sheet
from .outcomes import MEANINGS
from .questions import Kind

FOLDER = "sheets"  # in the course
PAGES = TEMPLATES.overlay(
    loader=ChoiceLoader([PackageLoader("autograder", "sheets"), PackageLoader("autograder", "reports")])
)


@dataclass(frozen=True)
class Written:
    """What `write` has written."""

    # they are not written if no student has a sheet
    page: Path
    key: Path
    table: Path
    sheets: list[Sheet]
    without: list[NoSheet]  # the students to talk to without a sheet


def write(
    course: Course, assignment: str, exercise: str | None = None, pattern: str = "*", seed: int = 0, workers: int = 2
) -> Written:
    """Make the sheets of all students who submitted an assignment, and write them to `sheets/`.

    By default, each student is asked about one of their right functions. Raise CourseError if the assignment has no
    function that can be asked about, if nobody submitted it, or if the table already has marks.
    """
    known = [e.name for name in course.notebooks(assignment) for e in course.exercises.by_notebook.get(name, ())]
    possible = [name for name in known if name in course.exercises.by_hand]
    if exercise not in (None, *possible):
        raise CourseError(
            f"no questions can be made about {exercise!r}; {assignment} has {', '.join(possible) or 'none'}"
        )
    if not possible:
        raise CourseError(f"no questions can be made about {assignment}: its exercises have no by_hand.py")
    students = course.require_students(assignment, pattern)
    folder = course.root / FOLDER
    page, key, table = (folder / f"{assignment}{end}" for end in (".html", "-key.html", ".csv"))
    _refuse_to_lose_marks(table)
    made = list(_make_all(course, assignment, students, exercise, seed, workers))
    sheets = [sheet for sheet in made if isinstance(sheet, Sheet)]
    without = [reason for reason in made if isinstance(reason, NoSheet)]
    if sheets:
        folder.mkdir(exist_ok=True)
        with course.gradebook() as gradebook:
            names = grades.read_students(gradebook)
        page.write_text(render("sheets.html", assignment, sheets, names), encoding="utf-8")
        key.write_text(render("key.html", assignment, sheets, names), encoding="utf-8")
        infos = [names.get(sheet.student, StudentInfo(sheet.student)) for sheet in sheets]
        rows = [
            [info.id, info.last_name, info.first_name, sheet.exercise, *([""] * len(QUESTIONS))]
            for info, sheet in zip(infos, sheets, strict=True)
        ]
        export.write_rows(table, [["student", "last_name", "first_name", "function", *QUESTIONS], *rows])
    return Written(page, key, table, sheets, without)


def _refuse_to_lose_marks(table: Path) -> None:
    if table.is_file() and any((row.get(name) or "").strip() for _, row in read_rows(table)[1] for name in QUESTIONS):
        raise CourseError(f"{table} has marks: move it before you make new sheets")


def _make_all(
    course: Course, assignment: str, students: Sequence[str], exercise: str | None, seed: int, workers: int
) -> Iterator[Sheet | NoSheet]:
    """Make the sheets in supervised processes, in the order of the students."""
    with SupervisorPool(min(workers, len(students)), course.work_limits) as supervisors:

        def make(student: str) -> Sheet | NoSheet:
            with supervisors.borrow() as supervisor:
                return _make(supervisor, student, course.root, assignment, student, exercise, seed)

        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(make, students)


def _make(supervisor: Supervisor, student: str, *arguments: Any) -> Sheet | NoSheet:
    try:
        result: Sheet | NoSheet = supervisor.run(make_sheet, *arguments)
        return result
    except Exception as error:  # a bug that one submission triggers must not stop the others
        if concerns_everybody(error):
            raise
        return NoSheet(student, (f"the grader stopped its own work: {describe(error)}",))


def render(template: str, assignment: str, sheets: Sequence[Sheet], names: dict[str, StudentInfo]) -> str:
    """Render the pages to print, "sheets.html", or the key with one line per student, "key.html"."""
    return PAGES.get_template(template).render(
        assignment=assignment,
        sheets=sheets,
        names={student: info.name for student, info in names.items()},
        meanings={letter.value: meaning for letter, meaning in MEANINGS.items()},
        Kind=Kind,
        mark_change=layout.mark_change,
        max_height=layout.MAX_ORDINARY_HEIGHT,
    )
