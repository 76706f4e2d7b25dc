"""The commands for grading: the roster, a class, submissions as they arrive, extensions, and one exercise again."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command_options import Assignment, CourseDir, Student, Students, open_course
from .supervisor import Worker
from .terminal import Terminal, as_text, count

if TYPE_CHECKING:  # each command imports what it needs when it runs, because `--help` needs none of it
    from .course import Course
    from .grading.records import Record


class Counts(StrEnum):
    """Which of a student's submissions counts."""

    latest = "latest"
    best = "best"


Strict = Annotated[bool, typer.Option("--strict", help="Leave out submissions whose id is not on the roster.")]


def grade(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    student: Students = "*",
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 2,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Grade on the workers of this Dask scheduler.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade all submissions again.")] = False,
    strict: Strict = False,
) -> None:
    """Grade new and changed submissions. Exit status: 1 if some need attention or are left out, 2 if it had to stop."""
    from .grading.process_runner import prepare
    from .runner import RunnerError
    from .runner.sandbox import UNSANDBOXED, reason_unavailable

    if not scheduler and (reason := reason_unavailable(UNSANDBOXED)):  # on Windows, where no worker starts either
        raise RunnerError(reason)
    # The worker imports the same modules as this process, at the same time. So it starts before the imports below.
    worker = None if scheduler else Worker(prepare)
    from .grading import batch, roster

    terminal, course = Terminal(), open_course(course_dir, assignment)
    students = course.require_students(assignment, student)
    unknown = roster.find_unknown(course, students)
    if unknown:
        what = "their submissions are not graded" if strict else "graded all the same; --strict leaves them out"
        terminal.print_line(f"{roster.describe(unknown)}: {what}")
    left_out = set(unknown) if strict else set()
    up_to_date: set[str] = set()
    records = batch.grade(
        course,
        assignment,
        [name for name in students if name not in left_out],
        workers=workers,
        force=force,
        scheduler=scheduler,
        first_worker=worker,
        on_current=up_to_date.add,
    )
    graded = _show_progress(terminal, records, assignment, len(set(students) - left_out))
    _print_results(terminal, graded, up_to_date)
    raise typer.Exit(1 if left_out or any(record.needs_attention for record in graded) else 0)


def _show_progress(terminal: Terminal, records: "Iterable[Record]", assignment: str, total: int) -> "list[Record]":
    """Show how far it is until all submissions are graded, with a line for each that needs attention."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    done = []
    with Progress(*columns, console=terminal) as progress:
        for record in progress.track(records, total, description=assignment):
            done.append(record)
            if record.needs_attention:
                terminal.print_line(f"{record.student}: {record.outcome}: {'; '.join(record.messages)}")
    return done


def _print_results(terminal: Terminal, graded: "list[Record]", up_to_date: set[str]) -> None:
    """Print how many submissions have which outcome, and how the students' code was isolated."""
    results = Counter(
        "up to date" if record.student in up_to_date and not record.needs_attention else record.outcome
        for record in graded
    )
    if results:
        terminal.print(", ".join(f"{number} {result}" for result, number in results.items()))
    if isolation := {record.isolation for record in graded if record.isolation}:
        terminal.print_line(f"isolation: {', '.join(sorted(isolation))}")


def watch(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    counts: Annotated[Counts, typer.Option(help="Which of a student's submissions counts.")] = Counts.latest,
    folder: Annotated[
        Path | None, typer.Option("--from", file_okay=False, help="A shared folder with submissions, if no exchange.")
    ] = None,
    http: Annotated[
        str,
        typer.Option(
            metavar="[ADDRESS:]PORT", help="Take hand-ins over HTTP, with the links of `tokens`, if no exchange."
        ),
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="Do what is to be done now, and end.")] = False,
    strict: Strict = False,
) -> None:
    """Grade submissions as they arrive, and return their feedback. Ctrl+C ends it.

    Exit status with --once: 1 if something failed, needs attention or is left out, or if Ctrl+C ended it.
    """
    from .course import CourseError
    from .live.uploads import make_uploads_folder
    from .live.watch import open_watch, stop_at_signals

    if http and (folder or once):
        raise CourseError("--http takes hand-ins until you end it: leave out --from and --once")
    course, terminal, stop = open_course(course_dir, assignment), Terminal(), stop_at_signals()

    watching = open_watch(
        course,
        assignment,
        workers,
        best_counts=counts is Counts.best,
        report=lambda subject, line: terminal.print_line(f"{subject}: {line}"),
        shared_folder=make_uploads_folder(course) if http else folder,
        strict=strict,
    )
    with (
        terminal.status(as_text(f"{assignment}: starting")) as status,
        watching as session,
        session.serve(http) if http else contextlib.nullcontext() as address,
    ):
        if address:
            terminal.print_line(f"students hand in at {address}/TOKEN")
        _warn_of_guessing(terminal, course, assignment)
        if once:
            session.finish(stop)
        else:
            session.run(stop, lambda: status.update(as_text(session.describe())))
    terminal.print_line(session.describe())
    if once and (session.has_failures or stop.is_set()):
        raise typer.Exit(1)


def _warn_of_guessing(terminal: Terminal, course: "Course", assignment: str) -> None:
    from .grading.due_dates import read_due_dates

    with course.gradebook() as gradebook:
        if read_due_dates(gradebook, assignment).general is None:
            advice = f'nbgrader db assignment add {assignment} --duedate "YYYY-MM-DD 23:59:59 UTC"'
            reason = f"{assignment} has no due date, so any quizzes are judged at once and can be guessed"
            terminal.print_line(f"{reason}: {advice}")


def import_roster(
    file: Annotated[
        Path, typer.Argument(help="A table with the column id, as a spreadsheet saves it.", dir_okay=False)
    ],
    course_dir: CourseDir = Path("."),
) -> None:
    """Enter the students of a table into the gradebook: commas, semicolons or tabs, best in UTF-8."""
    from .grading import roster

    number = roster.save_roster(open_course(course_dir), file)
    Terminal().print_line(f"{count(number, 'student')} {'is' if number == 1 else 'are'} on the roster of {file.name}")


def extend(
    student: Student,
    assignment: Assignment,
    days: Annotated[
        int, typer.Option(min=0, max=1000, help="The extension, in place of an earlier one. 0 removes it.")
    ],
    course_dir: CourseDir = Path("."),
) -> None:
    """Give a student more time for an assignment, before or after the submission."""
    from .grading import extensions

    duedate = extensions.extend(open_course(course_dir, assignment), assignment, student, days)
    Terminal().print_line(f"{student}: {assignment} is due {duedate} UTC")


def regrade(
    student: Student,
    assignment: Assignment,
    exercise: Annotated[str, typer.Argument(help="An exercise, or the id of a written answer.")],
    course_dir: CourseDir = Path("."),
) -> None:
    """Grade one exercise again: the grader does it, or a person if it is a written answer."""
    from .grading import regrades

    grade = regrades.regrade(open_course(course_dir, assignment), assignment, student, exercise)
    points = f"{grade.score:g} of {grade.max_score:g} points"
    result = "waits for manual grading" if grade.needs_manual_grade else points
    Terminal().print_line(f"{student}: {exercise}: {result}")
