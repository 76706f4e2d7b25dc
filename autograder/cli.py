"""The commands of `python -m autograder`. Each is a few lines; the work is done elsewhere.

A command imports what it needs when it runs: nbgrader alone takes a second, and `--help` should not wait for it.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .reports import commands

if TYPE_CHECKING:
    from .authoring.kill_matrix import Row
    from .course import Course
    from .grading.records import Record


class Backend(StrEnum):
    """joblib's names."""

    loky = "loky"
    dask = "dask"


HELP = "Grade a course. Errors are reported in one line; --debug shows the traceback."
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
commands.add_to(app)

Folder = Annotated[Path, typer.Option("--course-dir", help="The folder of the course.")]
Assignment = Annotated[str, typer.Argument(help="A folder in solutions/, such as 01-sigmoid.")]


@app.command()
def grade(
    assignment: Assignment,
    course_dir: Folder = Path("."),
    student: Annotated[str, typer.Option(help="Which students: a glob.")] = "*",
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 2,
    backend: Annotated[
        Backend, typer.Option(help="Who does the work: processes of this machine, or a Dask cluster.")
    ] = (Backend.loky),
    scheduler: Annotated[str | None, typer.Option(help="The address of the Dask scheduler.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade also what has a matching record.")] = False,
) -> None:
    """Grade submissions without a matching record. Exit status 1: some need a person. 2: grading had to stop."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from .course import Course, CourseError
    from .grading import batch

    console = _console()
    if (backend is Backend.dask) != (scheduler is not None):
        raise CourseError("--backend dask and --scheduler ADDRESS go together")
    course = Course.at(course_dir)
    course.source(assignment)
    count = len(course.students(assignment, student))
    if not count:
        whose = "" if student == "*" else f" by {student!r}"
        place = f"submitted/STUDENT/{assignment}/"
        raise CourseError(f"nothing is handed in for {assignment}{whose}: put notebooks into {place}")
    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[rate]}"), TimeRemainingColumn()),
    )
    graded: list[Record] = []
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(assignment, total=count, rate="")
        for record in batch.grade(course, assignment, student, workers, force, scheduler):
            graded.append(record)
            rate = f"{len(graded) / (time.monotonic() - started):.1f} per s"
            progress.update(task, advance=1, rate=rate)
            if record.needs_attention:
                line = f"{record.student}: {record.outcome}: {'; '.join(record.messages)}"
                progress.console.print(line, markup=False, soft_wrap=True)
    outcomes = Counter(record.outcome for record in graded)
    console.print(", ".join(f"{number} {outcome}" for outcome, number in outcomes.items()))
    if isolation := {record.isolation for record in graded if record.isolation}:
        console.print(f"isolation: {', '.join(sorted(isolation))}", markup=False)
    raise typer.Exit(1 if any(record.needs_attention for record in graded) else 0)


@app.command("simulate")
def simulate_class(
    assignment: Assignment,
    course_dir: Folder = Path("."),
    students: Annotated[int, typer.Option(min=1)] = 40,
    seed: Annotated[int, typer.Option(help="Decides who gives which answer.")] = 541,
) -> None:
    """Write simulated submissions of known score into submitted/."""
    from .authoring.simulate import simulate
    from .course import Course

    truth = simulate(Course.at(course_dir), assignment, students, seed)
    _console().print(f"{len(truth)} submissions of {assignment}, mean score {sum(truth.values()) / len(truth):.2f}")


@app.command("matrix")
def kill_matrix(
    exercises: Annotated[list[str] | None, typer.Argument(help="Which exercises; by default all.")] = None,
    course_dir: Folder = Path("."),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check that every mistake is rejected and every variant accepted. Exit status 1 if not."""
    from .authoring import kill_matrix
    from .course import Course, CourseError

    known = Course.at(course_dir).exercises
    if unknown := set(exercises or []) - set(known):
        raise CourseError(f"there is no exercise {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    rows = [row for name in exercises or known for row in kill_matrix.rows(known[name])]
    if as_json:
        print(json.dumps([asdict(row) | {"is_as_expected": row.is_as_expected} for row in rows], indent=1))
    else:
        _print_matrix(rows)
    raise typer.Exit(0 if all(row.is_as_expected for row in rows) else 1)


@app.command()
def notebooks(course_dir: Folder = Path(".")) -> None:
    """Generate notebooks/ for students from solutions/."""
    from . import release
    from .course import Course

    course = Course.at(course_dir)
    release.generate_all(course, course.folder(course.directory.release_directory, ".", ".").resolve())
    _console().print(f"notebooks: {', '.join(course.assignments())}")


@app.command("release")
def release_zip(course_dir: Folder = Path(".")) -> None:
    """Write dist/lectrain-students.zip: all that students need, and nothing that they must not see."""
    from . import release
    from .course import Course

    course = Course.at(course_dir)
    file = release.students_zip(course, course.root / "dist" / "lectrain-students.zip")
    _console().print(f"{file} ({file.stat().st_size / 1e6:.0f} MB)", markup=False, soft_wrap=True)


@app.command()
def scores(assignments: Annotated[list[str], typer.Argument()], course_dir: Folder = Path(".")) -> None:
    """Print the scores in the gradebook for one or more assignments, a row per student."""
    from rich.markup import escape
    from rich.table import Table

    from .course import Course

    course = Course.at(course_dir)
    columns = [_scores(course, assignment) for assignment in assignments]
    table = Table("student", *assignments)
    for student in sorted({student for column in columns for student in column}):
        table.add_row(escape(student), *(column.get(student, "–") for column in columns))
    _console().print(table)


def _scores(course: "Course", assignment: str) -> dict[str, str]:
    """The score of each student, manual marks and late penalties included, and the outcome where it needs a person."""
    from .course import CourseError
    from .grading import batch, records
    from .reports import marks

    course.source(assignment)
    ended = {record.student: record for record in records.read_all(batch.records_folder(course), assignment)}
    with course.gradebook() as gradebook:
        totals = marks.totals(gradebook, assignment)
    if not ended and not totals:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    scores = {student: f"{total.score:g} / {total.max_score:g}" for student, total in totals.items()}
    for student, record in ended.items():
        if record.needs_attention:
            scores[student] = f"{scores.get(student, '–')} ({record.outcome})"
    return scores


def _print_matrix(rows: "list[Row]") -> None:
    from rich.table import Table

    console = _console()
    for exercise, answers in groupby(rows, key=lambda row: row.exercise):
        table = Table("", "answer", "points", "broken rules", title=exercise, title_justify="left", expand=True)
        for row in answers:
            is_named = row.diagnosed in ((None,), (row.name,))
            diagnosis = "" if is_named else f", diagnosed as {', '.join(map(str, row.diagnosed))}"
            scores = " or ".join(f"{score:g}" for score in dict.fromkeys(row.scores))
            style = None if row.is_as_expected else "bold red"
            broken = "; ".join(row.broken)
            table.add_row(row.kind, row.name + diagnosis, f"{scores} of {row.points:g}", broken, style=style)
        console.print(table)
    console.print(f"{sum(row.is_as_expected for row in rows)} of {len(rows)} answers are judged as expected")


def _console():
    from rich.console import Console

    return Console()


def main() -> None:
    """Run a command. Errors of its use end in one line; a traceback is shown only with --debug."""
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    try:
        app(prog_name="python -m autograder")
    except Exception as error:
        if debug or not _is_reported_in_one_line(error):
            raise
        message = f"the gradebook: {error}" if type(error).__module__.startswith("sqlalchemy") else str(error)
        print(f"autograder: {message.splitlines()[0]}", file=sys.stderr)
        sys.exit(2)


def _is_reported_in_one_line(error: Exception) -> bool:
    """Whether an error is the user's or the machine's, not a bug. Commands have imported these classes by then."""
    from sqlalchemy.exc import SQLAlchemyError

    from .course import CourseError
    from .runner import RunnerError

    return isinstance(error, CourseError | RunnerError | OSError | SQLAlchemyError)
