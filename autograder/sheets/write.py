"""Write the sheets of a class: a page per student, a key for the marker, and a table for the marks."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jinja2 import ChoiceLoader, PackageLoader

from ..course import Course, CourseError
from ..grading.tables import read_rows
from ..grading.talk_marks import QUESTIONS
from ..reports import export, grades
from ..reports.grades import StudentInfo
from ..reports.templates import TEMPLATES
from ..runner import RunnerError
from ..submissions.plain_text import to_text
from ..supervisor import Supervisor, SupervisorPool, WorkFailed
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
        header = ["student", "last_name", "first_name", "function", *QUESTIONS]
        infos = [names.get(sheet.student, StudentInfo(sheet.student)) for sheet in sheets]
        rows = [
            [info.id, info.last_name, info.first_name, sheet.exercise, "", "", ""]
            for info, sheet in zip(infos, sheets, strict=True)
        ]
        export.write_rows(table, [header, *rows])
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
            task = partial(make_sheet, course.root, assignment, student, exercise, seed)
            with supervisors.borrow() as supervisor:
                return _make_supervised(supervisor, task, student)

        with ThreadPoolExecutor(workers) as threads:
            yield from threads.map(make, students)


def _make_supervised(supervisor: Supervisor, task: Callable[[], Sheet | NoSheet], student: str) -> Sheet | NoSheet:
    try:
        result: Sheet | NoSheet = supervisor.run(task)
        return result
    except WorkFailed as failure:
        return NoSheet(student, (f"the grader stopped its own work while {failure}",))
    except (CourseError, RunnerError, OSError, MemoryError):
        raise
    except Exception as error:  # a bug that one submission triggers must not stop the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        return NoSheet(student, (to_text(f"internal error: {type(error).__name__}: {error} ({where.name})"),))


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
