"""Write the sheets of a class: a page per student, a key for the marker, and a table for the marks."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jinja2 import ChoiceLoader, PackageLoader

from ..course import Course, CourseError
from ..grading.boundary import Boundary
from ..grading.formulas import show_formulas
from ..grading.replacing import write_atomically
from ..grading.tables import read_rows, write_rows
from ..grading.talk_marks import QUESTIONS
from ..reports import grades
from ..reports.grades import StudentInfo
from ..reports.templates import TEMPLATES
from ..supervisor import SupervisorPool
from .change_effects import Effect
from .marked_change import mark_change
from .questions import INPUT_NAMES, OPTION_LETTERS, Kind
from .sheet_height import MAX_ORDINARY_HEIGHT
from .student_sheet import NoSheet, Sheet, make_sheet

FOLDER = "sheets"  # in the course
PAGES = TEMPLATES.overlay(
    loader=ChoiceLoader([PackageLoader("autograder", "sheets"), PackageLoader("autograder", "reports")])
)


@dataclass(frozen=True)
class ClassSheets:
    """The sheets of a class, and their files. Without any sheet, files of an earlier run stay as they are."""

    page: Path
    key: Path
    table: Path
    sheets: list[Sheet]
    without: list[NoSheet]  # the students to talk to without a sheet


def write_sheets(
    course: Course, assignment: str, exercise: str | None = None, pattern: str = "*", seed: int = 0, workers: int = 2
) -> ClassSheets:
    """Make the sheets of all students who submitted an assignment, and write them to `sheets/`.

    Raise CourseError if there is nobody or nothing to ask, or if marks or sheets of others would be lost.
    """
    _require_askable(course, assignment, exercise)
    students = course.require_students(assignment, pattern)
    page, key, table = (course.root / FOLDER / f"{assignment}{end}" for end in (".html", "-key.html", ".csv"))
    _refuse_to_lose_marks_or_sheets(table, students)
    made = _make_all(course, assignment, students, exercise, seed, workers)
    sheets = [sheet for sheet in made if isinstance(sheet, Sheet)]
    if sheets:
        _refuse_to_lose_marks_or_sheets(table, [sheet.student for sheet in sheets])
        with course.gradebook() as gradebook:
            infos = grades.read_students(gradebook)
        write_atomically(page, render("sheets.html", assignment, sheets, infos))
        write_atomically(key, render("key.html", assignment, sheets, infos))
        _write_table(table, sheets, infos)
    return ClassSheets(page, key, table, sheets, [reason for reason in made if isinstance(reason, NoSheet)])


def _require_askable(course: Course, assignment: str, exercise: str | None) -> None:
    """Raise CourseError if no questions can be made about the exercise, or without one, about the assignment."""
    known = [e.name for name in course.notebooks(assignment) for e in course.exercises.by_notebook.get(name, ())]
    askable = [name for name in known if name in course.exercises.by_hand]
    if not askable or exercise not in (None, *askable):
        inputs = f"in {assignment}, by_hand.py has inputs for {', '.join(askable) or 'no function'}"
        raise CourseError(f"no questions can be made about {exercise or assignment}: {inputs}")


def _refuse_to_lose_marks_or_sheets(table: Path, students: Sequence[str]) -> None:
    if not table.is_file():
        return
    _, rows = read_rows(table, ("student", *QUESTIONS))
    if any(row.get(name, "").strip() for _, row in rows for name in QUESTIONS):
        raise CourseError(f"{table} has marks: move it before you make new sheets")
    if others := {show_formulas(row.get("student", "")) for _, row in rows} - {*students, ""}:
        files = f"{table.with_suffix('')}*"
        raise CourseError(f"the sheet of {min(others)} would be lost: move {files} before you make sheets for others")


def _make_all(
    course: Course, assignment: str, students: Sequence[str], exercise: str | None, seed: int, workers: int
) -> list[Sheet | NoSheet]:
    """Make the sheets in supervised processes, in the order of the students."""
    workers = min(workers, len(students))
    boundary = Boundary(lambda student, line: None)  # a bug that one submission triggers must not stop the others
    with SupervisorPool(workers, course.work_limits) as supervisors, ThreadPoolExecutor(workers) as threads:

        def make(student: str) -> Sheet | NoSheet:
            with supervisors.borrow() as supervisor, boundary.around(student):
                made: Sheet | NoSheet = supervisor.run(make_sheet, course.root, assignment, student, exercise, seed)
                return made
            return NoSheet(student, (f"the grader stopped its own work: {boundary.failures[student]}",))

        return list(threads.map(make, students))


def _write_table(table: Path, sheets: Sequence[Sheet], infos: Mapping[str, StudentInfo]) -> None:
    pairs = [(infos.get(sheet.student, StudentInfo(sheet.student)), sheet.exercise) for sheet in sheets]
    rows = [[info.id, info.last_name, info.first_name, name, *([""] * len(QUESTIONS))] for info, name in pairs]
    write_rows(table, [["student", "last_name", "first_name", "function", *QUESTIONS], *rows])


def render(template: str, assignment: str, sheets: Sequence[Sheet], infos: Mapping[str, StudentInfo]) -> str:
    """Render the pages to print, "sheets.html", or the key with one line per student, "key.html"."""
    return PAGES.get_template(template).render(
        assignment=assignment,
        sheets=sheets,
        names={student: info.name for student, info in infos.items()},
        meanings={effect.value: effect.meaning for effect in Effect},
        Kind=Kind,
        input_names=INPUT_NAMES,
        option_letters=OPTION_LETTERS,
        mark_change=mark_change,
        max_height=MAX_ORDINARY_HEIGHT,
    )
