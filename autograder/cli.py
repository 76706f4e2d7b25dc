"""`python -m autograder`: the commands. Each is a few lines that call what does the work."""

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from . import batch, matrix, release, simulate
from . import record as records
from .course import Course, CourseError
from .exercises import EXERCISES
from .reports import commands, marks
from .runner import RunnerError


class Backend(StrEnum):
    """joblib's names."""

    loky = "loky"
    dask = "dask"


HELP = "Grade a course. What goes wrong is told in one line; --debug shows the traceback."
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
console = Console()
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
    """Grade what has no matching record. Exit status 1 if a submission needs a person, 2 if it could not go on."""
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
    graded: list[records.Record] = []
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(assignment, total=count, rate="")
        for record in batch.grade(course, assignment, student, workers, force, scheduler):
            graded.append(record)
            rate = f"{len(graded) / (time.monotonic() - started):.1f} per s"
            progress.update(task, advance=1, rate=rate)
            if record.needs_attention:
                said = f"{record.student}: {record.outcome}: {'; '.join(record.messages)}"
                progress.console.print(said, markup=False, soft_wrap=True)
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
    """Write made submissions of known score into submitted/."""
    truth = simulate.simulate(Course.at(course_dir), assignment, students, seed)
    console.print(f"{len(truth)} submissions of {assignment}, mean score {sum(truth.values()) / len(truth):.2f}")


@app.command("matrix")
def kill_matrix(
    exercises: Annotated[list[str] | None, typer.Argument(help="Which exercises; all if none is named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Prove that every mistake is rejected and every variant accepted. Exit status 1 if not."""
    unknown = set(exercises or []) - set(EXERCISES)
    if unknown:
        raise CourseError(f"there is no exercise {', '.join(sorted(unknown))}; there are {', '.join(EXERCISES)}")
    rows = [row for name in exercises or EXERCISES for row in matrix.rows(EXERCISES[name])]
    if as_json:
        print(json.dumps([asdict(row) | {"as_it_should_be": row.as_it_should_be} for row in rows], indent=1))
    else:
        _print_matrix(rows)
    wrong = [row for row in rows if not row.as_it_should_be]
    raise typer.Exit(1 if wrong else 0)


@app.command()
def notebooks(course_dir: Folder = Path(".")) -> None:
    """Generate notebooks/ for students from solutions/."""
    course = Course.at(course_dir)
    release.generate_all(course, course.folder(course.directory.release_directory, ".", ".").resolve())
    console.print(f"notebooks: {', '.join(course.assignments())}")


@app.command("release")
def release_zip(course_dir: Folder = Path(".")) -> None:
    """Write dist/lectrain-students.zip, which holds all that students need and nothing that they must not see."""
    course = Course.at(course_dir)
    file = release.students_zip(course, course.root / "dist" / "lectrain-students.zip")
    console.print(f"{file} ({file.stat().st_size / 1e6:.0f} MB)", markup=False, soft_wrap=True)


@app.command()
def scores(assignments: Annotated[list[str], typer.Argument()], course_dir: Folder = Path(".")) -> None:
    """Print what the gradebook says now of one or more assignments, a row per student."""
    course = Course.at(course_dir)
    columns = [_scores(course, assignment) for assignment in assignments]
    table = Table("student", *assignments)
    for student in sorted({student for column in columns for student in column}):
        table.add_row(escape(student), *(column.get(student, "–") for column in columns))
    console.print(table)


def _scores(course: Course, assignment: str) -> dict[str, str]:
    """Marks of a person and lateness included, and how the grading ended where somebody has to look."""
    course.source(assignment)
    ended = {record.student: record for record in records.read_all(batch.records_folder(course), assignment)}
    with course.gradebook() as gradebook:
        totals = marks.totals(gradebook, assignment)
    if not ended and not totals:
        raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
    said = {student: f"{total.score:g} / {total.max_score:g}" for student, total in totals.items()}
    for student, record in ended.items():
        if record.needs_attention:
            said[student] = f"{said.get(student, '–')} ({record.outcome})"
    return said


def _print_matrix(rows: list[matrix.Row]) -> None:
    for exercise, answers in groupby(rows, key=lambda row: row.exercise):
        table = Table("", "answer", "points", "broken rules", title=exercise, title_justify="left", expand=True)
        for row in answers:
            told = "" if row.diagnosed in ((None,), (row.name,)) else f", told as {', '.join(map(str, row.diagnosed))}"
            scores = " or ".join(f"{score:g}" for score in dict.fromkeys(row.scores))
            style = None if row.as_it_should_be else "bold red"
            broken = "; ".join(row.broken)
            table.add_row(row.kind, row.name + told, f"{scores} of {row.points:g}", broken, style=style)
        console.print(table)
    right = sum(row.as_it_should_be for row in rows)
    console.print(f"{right} of {len(rows)} answers are judged as they should be")


def main() -> None:
    """Run a command; a mistake in its use ends in one line, a traceback comes only with --debug."""
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    try:
        app(prog_name="python -m autograder")
    except (CourseError, RunnerError, OSError, SQLAlchemyError) as error:
        if debug:
            raise
        said = f"the gradebook: {error}" if isinstance(error, SQLAlchemyError) else str(error)
        print(f"autograder: {said.splitlines()[0]}", file=sys.stderr)
        sys.exit(2)
