"""The commands that write pages and tables. Each is a few lines; the work is done elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..course import Course
Folder = Annotated[Path, typer.Option("--course-dir", help="The folder of the course.")]
Assignment = Annotated[str, typer.Argument(help="A folder in solutions/, such as 01-sigmoid.")]
File = Annotated[Path | None, typer.Option("--to", dir_okay=False, help="Where to write, instead of reports/.")]
Column = Annotated[str, typer.Option(help="What the other system calls the assignment.")]

exports = typer.Typer(no_args_is_help=True, help="Write grades for another system.")


def report(assignment: Assignment, course_dir: Folder = Path(".")) -> None:
    """Write the class report of an assignment: HTML, and a table as CSV."""
    from . import class_report  # brings matplotlib, which no other command needs

    _report_file("report", class_report.write(_course(assignment, course_dir), assignment))


def feedback(
    assignment: Assignment,
    course_dir: Folder = Path("."),
    student: Annotated[str, typer.Option(help="Which students: a glob.")] = "*",
) -> None:
    """Write the feedback pages, the same as `nbgrader generate_feedback`, for the whole class in seconds."""
    from . import feedback_page

    pages = feedback_page.write_all(_course(assignment, course_dir), assignment, student)
    _report_file(f"{len(pages)} page{'s'[: len(pages) > 1]}", pages[0].parents[2])


@exports.command("csv")
def csv(assignment: Assignment, course_dir: Folder = Path("."), to: File = None) -> None:
    """A row per student, for whatever reads tables."""
    _export("csv", assignment, course_dir, to)


@exports.command()
def canvas(assignment: Assignment, course_dir: Folder = Path("."), to: File = None, column: Column = "") -> None:
    """For the gradebook of Canvas. --column "Sigmoid (1234)" fills an assignment that is there already."""
    _export("canvas", assignment, course_dir, to, column)


@exports.command()
def moodle(assignment: Assignment, course_dir: Folder = Path("."), to: File = None, column: Column = "") -> None:
    """For the gradebook of Moodle: Grades, Import, CSV file."""
    _export("moodle", assignment, course_dir, to, column)


@exports.command()
def gradescope(assignment: Assignment, course_dir: Folder = Path("."), to: File = None) -> None:
    """An autograder for Gradescope. It holds the references: upload it, and give it to nobody."""
    from .gradescope import write_zip

    _report_file("zip", write_zip(_course(assignment, course_dir), assignment, to))


def _export(kind: str, assignment: str, course_dir: Path, to: Path | None, column: str = "") -> None:
    from . import export

    _report_file(kind, export.write(_course(assignment, course_dir), assignment, kind, to, column))


def _course(assignment: str, course_dir: Path) -> "Course":
    from ..course import Course

    course = Course.at(course_dir)
    course.source(assignment)
    return course


def _report_file(what: str, where: Path) -> None:
    from rich.console import Console

    Console().print(f"{what}: {where}", markup=False, soft_wrap=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the others."""
    app.command()(report)
    app.command()(feedback)
    app.add_typer(exports, name="export")
