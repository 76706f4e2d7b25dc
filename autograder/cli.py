"""The commands of `python -m autograder`. They only parse arguments and print results.

A command imports its modules when it runs: importing nbgrader takes a second, and `--help` must not wait for it.
"""

import contextlib
import difflib
import json
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from .reports import commands
from .reports.commands import Assignment, CourseDir, Student, Students, open_course
from .reports.terminal import Terminal, count
from .sheets import commands as sheet_commands
from .supervisor import Worker

if TYPE_CHECKING:
    from .authoring.kill_matrix import Row
    from .authoring.visible_checks import VisibleResult
    from .grading.records import Record
    from .judging.exercise_set import ExerciseSet


class Backend(StrEnum):
    """Where the workers run: on this machine or on a Dask cluster."""

    local = "local"
    dask = "dask"


class Edition(StrEnum):
    """Who receives a zip: a class that is graded, or people who learn on their own."""

    class_ = "class"
    self_study = "self-study"


class Counts(StrEnum):
    """Which of a student's submissions counts."""

    latest = "latest"
    best = "best"


Strict = Annotated[bool, typer.Option("--strict", help="Leave out submissions whose id is not on the roster.")]

INTERRUPTED = 130  # Typer's exit status after Ctrl+C


def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error, before or after a command.")
    ] = False,
) -> None:
    """Grade a course: `roster` and `grade`, then `feedback` and `report`. `COMMAND --help` has an example."""
    del debug  # `main` reads and removes it


def grade(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    student: Students = "*",
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 2,
    backend: Annotated[
        Backend, typer.Option(help="Where the workers run: local is this machine, dask a Dask cluster.")
    ] = Backend.local,
    scheduler: Annotated[str | None, typer.Option(help="The address of the Dask scheduler.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade all submissions again.")] = False,
    strict: Strict = False,
) -> None:
    """Grade new and changed submissions. Exit status: 1 if some need attention, 2 if grading had to stop."""
    from .grading.preparation import prepare

    if (backend is Backend.dask) != (scheduler is not None):
        from .course import CourseError

        raise CourseError("--backend dask and --scheduler ADDRESS must be used together")
    # The worker imports the same modules as this process, at the same time.
    with contextlib.nullcontext() if scheduler else Worker(prepare) as worker:
        from .grading import batch, roster

        terminal, course = Terminal(), open_course(course_dir, assignment)
        students = course.require_students(assignment, student)
        unknown = roster.find_unknown(course, students)
        if unknown:
            what = "their submissions are not graded" if strict else "graded all the same; --strict leaves them out"
            terminal.print_line(f"{roster.describe(unknown)}: {what}")
        left_out = {found.id for found in unknown} if strict else set()
        current: set[str] = set()
        graded = _show_progress(
            batch.grade(course, assignment, student, workers, force, scheduler, left_out, worker, current.add),
            assignment,
            len(set(students) - left_out),
        )
    results = Counter(
        "up to date" if record.student in current and not record.needs_attention else record.outcome
        for record in graded
    )
    terminal.print(", ".join(f"{number} {result}" for result, number in results.items()))
    if isolation := {record.isolation for record in graded if record.isolation}:
        terminal.print_line(f"isolation: {', '.join(sorted(isolation))}")
    raise typer.Exit(1 if left_out or any(record.needs_attention for record in graded) else 0)


def _show_progress(graded: "Iterable[Record]", assignment: str, total: int) -> "list[Record]":
    """Show how far it is until all submissions are graded, with a line for each that needs attention."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()),
        *(TextColumn("{task.fields[rate]}"), TimeRemainingColumn()),
    )
    terminal, done, started = Terminal(), [], time.monotonic()
    with Progress(*columns, console=terminal) as progress:
        task = progress.add_task(assignment, total=total, rate="")
        for record in graded:
            done.append(record)
            progress.update(task, advance=1, rate=f"{len(done) / (time.monotonic() - started):.1f} per s")
            if record.needs_attention:
                terminal.print_line(f"{record.student}: {record.outcome}: {'; '.join(record.messages)}")
    return done


def watch(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    counts: Annotated[Counts, typer.Option(help="Which of a student's submissions counts.")] = Counts.latest,
    folder: Annotated[
        Path | None, typer.Option("--from", file_okay=False, help="A shared folder with submissions, if no exchange.")
    ] = None,
    http: Annotated[
        str, typer.Option(metavar="PORT", help="Take hand-ins over HTTP, with the links of `tokens`, if no exchange.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 2,
    once: Annotated[bool, typer.Option("--once", help="Do what is to be done now, and end.")] = False,
    strict: Strict = False,
) -> None:
    """Grade submissions as they arrive, and return their feedback. Ctrl+C ends it."""
    from .course import CourseError
    from .grading.uploads import uploads_folder
    from .reports import watch as watching
    from .reports.student_turns import Event

    if http and (folder or once):
        raise CourseError("--http takes hand-ins until you end it: leave out --from and --once")
    course, terminal, stop = open_course(course_dir, assignment), Terminal(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    if http:
        folder = uploads_folder(course)
        folder.mkdir(exist_ok=True)
    with terminal.status(f"{assignment}: starting") as status:

        def report(event: Event) -> None:
            if line := event.describe():
                terminal.print_line(line)

        with (
            watching.Watch(course, assignment, workers, counts is Counts.best, report, folder, strict) as watch,
            contextlib.ExitStack() as stack,
        ):
            if http:
                from .reports.hand_in_server import HandInServer

                server = HandInServer(course, http, assignment, watch.is_busy, watch.report_line)
                terminal.print_line(f"students hand in at {stack.enter_context(server).url}/TOKEN")
            if not watch.has_due_date:
                advice = f'nbgrader db assignment add {assignment} --duedate "2026-12-01 23:59:59 UTC"'
                line = f"{assignment} has no due date, so quizzes are judged at once and can be guessed: {advice}"
                terminal.print_line(line)
            if once:
                watch.finish()
            else:
                watch.run(stop, lambda: status.update(watch.describe()))
    terminal.print_line(watch.describe())
    if once and watch.has_failures:
        raise typer.Exit(1)


def simulate_class(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    students: Annotated[int, typer.Option(min=1, help="The number of students.")] = 40,
    seed: Annotated[int, typer.Option(help="The seed of the random choice of answers.")] = 541,
    typical: Annotated[
        bool, typer.Option("--typical", help="Some mistakes are frequent and most are rare, as in a real class.")
    ] = False,
) -> None:
    """Write simulated submissions with known scores into submitted/."""
    from .authoring.simulate import simulate

    scores = simulate(open_course(course_dir), assignment, students, seed, typical)
    mean = sum(scores.values()) / len(scores)
    Terminal().print(f"{len(scores)} submissions of {assignment}, mean score {mean:.2f}")


def kill_matrix(
    exercises: Annotated[list[str] | None, typer.Argument(help="Names of exercises; by default all.")] = None,
    course_dir: CourseDir = Path("."),
    seeds: Annotated[int, typer.Option(min=1, help="How many times the inputs are drawn.")] = 5,
    visible: Annotated[bool, typer.Option("--visible", help="Check what students see before they submit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check that mistakes are rejected, variants accepted, and scores equal for all draws. Exit status 1 if not.

    With --visible, the visible checks of each notebook must accept every variant and reject 97 % of the mistakes. A
    mistake does not count if the hidden test has a reason: check(NAME, unseen={"the mistake": "the reason"}). For the
    exercises that are named, it prints the message and the hint of each mistake.
    """
    from .authoring import kill_matrix, visible_checks
    from .course import CourseError, describe_unknown
    from .grading.points import require_equal_points

    course = open_course(course_dir)
    for assignment in course.assignments():
        require_equal_points(course, assignment)
    known, held_out = course.exercises, kill_matrix.load_held_out(course.exercises)
    if unknown := sorted(set(exercises or []) - set(known)):
        raise CourseError(describe_unknown("exercise", unknown[0], list(known)))
    if visible:
        results = list(visible_checks.run_visible_checks(course, exercises or list(known)))
        if exercises and not as_json:
            _print_messages(results, known)
        show_visible = _print_json if as_json else _print_visible_results
        show_visible(results)
        raise typer.Exit(0 if visible_checks.is_sufficient(results) else 1)
    rows = [row for name in exercises or known for row in kill_matrix.rows(known[name], range(seeds), held_out)]
    show = _print_json if as_json else _print_matrix
    show(rows)
    raise typer.Exit(0 if all(row.is_as_expected for row in rows) else 1)


def notebooks(course_dir: CourseDir = Path(".")) -> None:
    """Generate notebooks/ for students from solutions/."""
    from . import release

    course = open_course(course_dir)
    release.generate_all(course, course.folder(course.directory.release_directory, ".", ".").resolve())
    Terminal().print(f"notebooks: {', '.join(course.assignments())}")


def release_zip(
    course_dir: CourseDir = Path("."),
    edition: Annotated[
        Edition, typer.Option(help="For a class that is graded, or for self-study: with all answers at hand.")
    ] = Edition.class_,
) -> None:
    """Write dist/lectrain-students.zip, without solutions, or dist/lectrain-self-study.zip, with them."""
    from . import release
    from .authoring import self_study

    course = open_course(course_dir)
    if edition is Edition.self_study:
        file = self_study.write_zip(course, course.root / "dist" / "lectrain-self-study.zip")
    else:
        file = release.write_students_zip(course, course.root / "dist" / "lectrain-students.zip")
    Terminal().print_line(f"{file} ({file.stat().st_size / 1e6:.0f} MB)")


def import_roster(
    file: Annotated[
        Path, typer.Argument(help="A table with the column id, as a spreadsheet saves it.", dir_okay=False)
    ],
    course_dir: CourseDir = Path("."),
) -> None:
    """Enter the students of a table into the gradebook: commas or semicolons, UTF-8 or Excel's older encoding."""
    from .grading import roster

    number = roster.read_roster(open_course(course_dir), file)
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
    from .grading import adjustments

    duedate = adjustments.extend(open_course(course_dir, assignment), assignment, student, days)
    Terminal().print_line(f"{student}: {assignment} is due {duedate} UTC")


def regrade(
    student: Student,
    assignment: Assignment,
    exercise: Annotated[str, typer.Argument(help="An exercise, or the id of a written answer.")],
    course_dir: CourseDir = Path("."),
) -> None:
    """Grade one exercise again: the grader does it, or a person if it is a written answer."""
    from .grading import adjustments

    grade = adjustments.regrade(open_course(course_dir, assignment), assignment, student, exercise)
    points = f"{grade.score:g} of {grade.max_score:g} points"
    result = "waits for manual grading" if grade.needs_manual_grade else points
    Terminal().print_line(f"{student}: {exercise}: {result}")


def _print_json(results: "Iterable[Row | VisibleResult]") -> None:
    rows = [asdict(result) | {"is_as_expected": result.is_as_expected} for result in results]
    print(json.dumps(rows, indent=1))


def _print_messages(results: "list[VisibleResult]", known: "ExerciseSet") -> None:
    """Print what students read about each mistake: the message of the visible check, and the hint after grading."""
    terminal = Terminal()
    for s in results:
        if s.kind != "mistake":
            continue
        mistake = known[s.exercise].mistakes[s.name]
        terminal.print_line(f"{s.exercise}: {s.name}")
        terminal.print_line(f"  check: {(s.error or 'passes').removeprefix(f'CheckFailed: {s.exercise}: ')}")
        terminal.print_line(f"  hint:  {mistake.hint or 'none'}")
        if mistake.otherwise:
            terminal.print_line(f"  hint without {' and '.join(mistake.names)} in the code: {mistake.otherwise}")


def _print_visible_results(results: "list[VisibleResult]") -> None:
    """Print which mistakes the visible checks reject."""
    from .authoring.visible_checks import coverage

    terminal = Terminal()
    for s in results:
        if not s.is_as_expected:
            problem = s.error or s.reason or "the visible check passes"
            terminal.print_line(f"{s.notebook}: {s.exercise}: {s.kind} {s.name!r}: {problem}")
    for notebook, number in coverage(results).items():
        excused = f", {number.excused} have a reason to pass (unseen=)" if number.excused else ""
        terminal.print(f"{notebook}: the visible checks reject {number.rejected} of {number.total} mistakes{excused}")


def _print_matrix(rows: "list[Row]") -> None:
    from rich.table import Table

    terminal = Terminal()
    for exercise, answers in groupby(rows, key=lambda row: row.exercise):
        table = Table("", "answer", "points", "broken rules", title=exercise, title_justify="left", expand=True)
        for row in answers:
            points = f"{' or '.join(f'{score:g}' for score in dict.fromkeys(row.scores))} of {row.points:g}"
            style = None if row.is_as_expected else "bold red"
            table.add_row(row.kind, row.name + _describe_diagnosis(row), points, "; ".join(row.broken), style=style)
        terminal.print(table)
    for row in rows:
        if row.reason:
            terminal.print_line(f"{row.exercise}, {row.name}: {row.reason}")
        elif not row.is_as_expected:
            terminal.print_line(f"{row.exercise}, {row.name}: {row.message or 'it should lose points'}")
    spreads = [row.spread for row in rows if row.spread]
    terminal.print(f"the scores of {len(spreads)} answers vary, by up to {max(spreads, default=0):g}")
    terminal.print(f"{sum(row.is_as_expected for row in rows)} of {len(rows)} answers are judged as expected")


def _describe_diagnosis(row: "Row") -> str:
    """Describe how a mistake was diagnosed, if not as itself in every draw."""
    if row.kind != "mistake" or row.diagnosed == (row.name,):
        return ""
    if row.diagnosed == (None,):
        return ", not diagnosed"
    return f", diagnosed as {', '.join(name or 'nothing' for name in row.diagnosed)}"


# In the order in which an instructor needs them, each with an example.
COMMANDS: dict[str, list[tuple[str, Callable[..., None], str]]] = {
    "Grade": [
        ("roster", import_roster, "students.csv"),
        ("grade", grade, "1-first --workers 4"),
        ("watch", watch, "1-first --counts best"),
        ("tokens", commands.tokens, "1-first --url https://hand-in.example.org"),
        ("extend", extend, "ada 1-first --days 3"),
        ("regrade", regrade, "ada 1-first mean"),
    ],
    "Return": [
        ("feedback", commands.feedback, "1-first"),
        ("report", commands.report, "1-first"),
        ("scores", commands.scores, "--drop-lowest 1 --html"),
    ],
    "In class": [
        ("sheets", sheet_commands.sheets, "1-first"),
        ("sheets-marks", sheet_commands.sheets_marks, "1-first sheets/1-first.csv"),
    ],
    "Export": [],  # the commands of `export`
    "Author": [
        ("notebooks", notebooks, ""),
        ("release", release_zip, "--edition self-study"),
        ("matrix", kill_matrix, "mean --seeds 20"),
        ("simulate", simulate_class, "1-first --students 40"),
    ],
}
PROGRAM = "autograder" if Path(sys.argv[0]).stem == "autograder" else "python -m autograder"


class InstructorsOrder(TyperGroup):
    """The commands in the order of `COMMANDS`. Typer would list groups, such as `export`, first."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands."""
        return [name for panel, own in COMMANDS.items() for name in ([row[0] for row in own] or [panel.lower()])]


def _build_app() -> typer.Typer:
    app = typer.Typer(cls=InstructorsOrder, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(options)
    for panel, own in COMMANDS.items():
        for name, command, example in own:
            epilog = f"Example: {PROGRAM} {name} {example}".rstrip()
            app.command(name, epilog=epilog, rich_help_panel=panel)(command)
    app.add_typer(commands.exports, name="export", rich_help_panel="Export")
    return app


app = _build_app()


def main() -> None:
    """Run a command. An error of the user or the machine is reported in one line, unless --debug is given."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        status = app(prog_name=PROGRAM, standalone_mode=False)  # or Typer would draw a box around its own errors
        if status == INTERRUPTED:
            Terminal(stderr=True).print_error(
                "interrupted: what was finished is kept; run the command again for the rest"
            )
        sys.exit(status)
    except Exception as error:
        if hasattr(error, "format_message"):  # of a class of Typer that is public in some versions only
            _report_usage_error(error)
            sys.exit(2)
        if debug or not _is_expected_error(error):
            raise
        Terminal(stderr=True).print_error(_describe_error(error))
        sys.exit(2)


def _report_usage_error(error: Any) -> None:
    """Print wrong arguments as we print other errors, with a suggestion, or where the right ones are listed."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    text = error.format_message().replace("Value error, ", "").replace(". Did you mean", "; did you mean").rstrip(".")
    if similar := getattr(error, "possibilities", None):
        (closest,) = difflib.get_close_matches(error.option_name, similar, n=1, cutoff=0)
        text = f"{error.message}; did you mean {closest}?"
    place = f": see {error.ctx.command_path} --help" if getattr(error, "ctx", None) and not text.endswith("?") else ""
    Terminal(stderr=True).print_error(f"{text[:1].lower()}{text[1:]}{place}")


def _describe_error(error: Exception) -> str:
    """Describe an error of the user or the machine in one line."""
    from .grading.boundary import DISK_IS_FULL

    message = f"the gradebook: {error}" if type(error).__module__.startswith("sqlalchemy") else str(error)
    line = (message.strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
        line += ": free some space, and run the command again"
    return line


def _is_expected_error(error: Exception) -> bool:
    """Whether an error is the user's or the machine's, and not a bug."""
    # When an error occurs, the command has already imported these modules.
    from sqlalchemy.exc import SQLAlchemyError

    from .course import CourseError
    from .runner import RunnerError

    return isinstance(error, CourseError | RunnerError | OSError | SQLAlchemyError)
