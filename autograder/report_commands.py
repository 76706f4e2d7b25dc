"""The commands that write pages, tables and links, and those of `export`. `COMMANDS` in `cli.py` has the others.

A command that fails for some of the students names them, and its exit status is 1.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command_options import Assignment, CourseDir, Students, open_course
from .terminal import Terminal, count

if TYPE_CHECKING:
    from .course import Course
    from .exports.export import StudentResult

AssignmentOrTalk = Annotated[
    str, typer.Argument(help="A folder in solutions/, such as 1-first, or its marks: 1-first-talk.")
]
TargetFile = Annotated[Path | None, typer.Option("--to", dir_okay=False, help="The file to write, if not in reports/.")]
ColumnTitle = Annotated[str, typer.Option(help="The name of the assignment in the other system.")]


class Missing(StrEnum):
    """How a missing submission counts: with 0 points, or not at all."""

    zero = "zero"
    dash = "dash"


export_commands = typer.Typer(
    no_args_is_help=True,
    help="Write grades for another system.",
    epilog="Example: python -m autograder export canvas 1-first",
)


def report(assignment: Assignment, course_dir: CourseDir = Path(".")) -> None:
    """Write the class report of an assignment as HTML and CSV, and the class page for the projector."""
    from .class_report import class_page, class_report
    from .class_report.class_data import ClassData
    from .grading.boundary import Boundary

    terminal = Terminal()
    boundary = Boundary(lambda student, line: Terminal(stderr=True).print_error(f"{student}: {line}"))
    data = ClassData.read(open_course(course_dir, assignment), assignment, boundary)
    terminal.print_path("report", class_report.write(data))
    terminal.print_path("for the projector", class_page.write(data.course, assignment, data.records))
    for line in class_report.summarise(data):
        terminal.print_line(line)
    raise typer.Exit(1 if boundary.failures else 0)


def feedback(assignment: Assignment, course_dir: CourseDir = Path("."), student: Students = "*") -> None:
    """Write the feedback pages of a class: the same as `nbgrader generate_feedback`, in seconds."""
    from .reports import feedback_writer

    pages = feedback_writer.write_all(open_course(course_dir, assignment), assignment, student)
    for name, line in pages.failures:
        Terminal(stderr=True).print_error(f"{name}: {line}")
    if pages.paths:
        Terminal().print_path(count(len(pages.paths), "page"), pages.paths[0].parents[2])  # the folder of all students
    raise typer.Exit(1 if pages.failures else 0)


def scores(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Folders in solutions/, or marks: 1-first-talk; by default all.")
    ] = None,
    course_dir: CourseDir = Path("."),
    drop_lowest: Annotated[int, typer.Option(min=0, help="How many of each student's results do not count.")] = 0,
    missing: Annotated[
        Missing, typer.Option(help="A missing submission counts as 0 points, or not at all (dash).")
    ] = Missing.zero,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write reports/scores.csv, too.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Write reports/scores.html, too.")] = False,
) -> None:
    """Print the points of the whole roster in all assignments, or in some, with totals."""
    from .exports import semester, semester_files, semester_terminal
    from .grading import roster

    course, terminal = open_course(course_dir), Terminal()
    assignments = list(dict.fromkeys(assignments or semester.list_assignments(course)))  # each counts once
    rows = semester.read_table(course, assignments, drop_lowest, missing is Missing.zero)
    semester_terminal.print_table(assignments, rows)
    if unknown := roster.find_unknown(course, [row.student.id for row in rows]):
        terminal.print_line(roster.describe(unknown))
    if as_csv:
        terminal.print_path("csv", semester_files.write_csv(course, assignments, rows))
    if as_html:
        terminal.print_path("html", semester_files.write_html(course, assignments, rows))


def tokens(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    url: Annotated[str, typer.Option(help="Where students reach `watch --http`.")] = "http://127.0.0.1:8080",
    days: Annotated[int, typer.Option(min=0, max=1000, help="How long the links are valid.")] = 180,
) -> None:
    """Write a link for each student of the roster, with which to hand in over HTTP: tokens/ASSIGNMENT.csv."""
    from .live.hand_in_links import write_links

    file, number = write_links(open_course(course_dir, assignment), assignment, url, days)
    Terminal().print_path(count(number, "link"), file)
    if not url.startswith("https://"):
        danger = "beyond this machine, anybody on the way can read them and hand in"
        advice = "give the https:// address of your proxy with --url"
        Terminal().print_line(f"the links begin with {url}: {danger}: {advice}")


@export_commands.command("csv")
def export_csv(assignment: AssignmentOrTalk, course_dir: CourseDir = Path("."), to: TargetFile = None) -> None:
    """Write a table with one row per student, for spreadsheets."""
    _export("csv", assignment, course_dir, to)


@export_commands.command("canvas")
def export_canvas(
    assignment: AssignmentOrTalk,
    course_dir: CourseDir = Path("."),
    to: TargetFile = None,
    column: ColumnTitle = "",
    upload: Annotated[
        str, typer.Option(help="Upload to this assignment, https://…/courses/12/assignments/345, and write no table.")
    ] = "",
) -> None:
    """Write a table for the gradebook of Canvas. --column "First (1234)" fills an existing assignment."""
    from .course import CourseError

    if upload and (to or column):
        raise CourseError("--upload writes no table: leave out --to and --column")
    if upload:
        _upload_to_canvas(assignment, course_dir, upload)
    else:
        _export("canvas", assignment, course_dir, to, column)


@export_commands.command("moodle")
def export_moodle(
    assignment: AssignmentOrTalk, course_dir: CourseDir = Path("."), to: TargetFile = None, column: ColumnTitle = ""
) -> None:
    """Write a table for the gradebook of Moodle: Grades, Import, CSV file."""
    _export("moodle", assignment, course_dir, to, column)


@export_commands.command("gradescope")
def export_gradescope(assignment: Assignment, course_dir: CourseDir = Path("."), to: TargetFile = None) -> None:
    """Write an autograder for Gradescope. It holds the references: upload it, and do not share it."""
    from .exports.gradescope_zip import write_zip

    Terminal().print_path("zip", write_zip(open_course(course_dir, assignment), assignment, to))


def _export(kind: str, assignment: str, course_dir: Path, to: Path | None, column: str = "") -> None:
    from .exports import export

    course = open_course(course_dir)
    results = export.read_results(course, assignment)
    Terminal().print_path(kind, export.write(course, assignment, kind, results, to, column))
    _print_remarks(course, assignment, results)


def _upload_to_canvas(assignment: str, course_dir: Path, address: str) -> None:
    from .exports import canvas, export

    course = open_course(course_dir)
    results = export.read_results(course, assignment)
    number, unknown = canvas.upload(results, assignment, address)
    Terminal().print_line(f"{count(number, 'grade')} uploaded")
    _print_remarks(course, assignment, results)
    if unknown:
        reason = "not uploaded, because they are not in the course on Canvas, or share an ID there"
        Terminal(stderr=True).print_error(f"{reason}: check lms_user_id of {', '.join(unknown)}")
        raise typer.Exit(1)


def _print_remarks(course: "Course", assignment: str, results: "Sequence[StudentResult]") -> None:
    """Say which grades are not final, and name those who have none, or who are not on the roster."""
    from .exports import export
    from .grading import roster

    terminal = Terminal()
    if waiting := sum(result.total.num_needs_manual_grade for result in results):
        need = "needs" if waiting == 1 else "need"  # with points 0, or those of a person for an earlier answer
        line = f"{count(waiting, 'answer')} {need} manual grading, so these scores are not final"
        terminal.print_line(f"{line}: export again after grading")
    if names := [result.student.id for result in results if result.is_received]:
        reason = "without the answers that are judged at the due date, which count as 0 so far"
        terminal.print_line(f"{reason}: {', '.join(names)}")
    if unknown := roster.find_unknown(course, [result.student.id for result in results]):
        terminal.print_line(roster.describe(unknown))
    if names := export.find_left_out(course, assignment, results):
        terminal.print_line(f"left out, because nothing of theirs is graded: {', '.join(names)}")
