"""The commands for those who write a course: its notebooks, zips, kill matrix and simulated classes."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .reports.commands import Assignment, CourseDir, open_course
from .reports.terminal import Terminal

if TYPE_CHECKING:
    from .authoring.kill_matrix import Row
    from .authoring.visible_checks import VisibleResult
    from .course import Course
    from .judging.exercise_set import ExerciseSet


class Edition(StrEnum):
    """Who receives a zip: a class that is graded, or people who learn on their own."""

    class_ = "class"
    self_study = "self-study"


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


def matrix(
    exercises: Annotated[list[str] | None, typer.Argument(help="Names of exercises; by default all.")] = None,
    course_dir: CourseDir = Path("."),
    seeds: Annotated[int, typer.Option(min=1, help="How many times the inputs are drawn, without --visible.")] = 5,
    visible: Annotated[bool, typer.Option("--visible", help="Check what students see before they submit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check that mistakes are rejected, variants accepted, and scores equal for all draws. Exit status 1 if not.

    Before that, the points of each grade cell are compared with those of its exercise.

    With --visible, the visible checks of each notebook must accept every variant and reject 97 % of the mistakes. A
    mistake does not count if the hidden test has a reason: check(NAME, unseen={"the mistake": "the reason"}). For the
    exercises that are named, it prints the message and the hint of each mistake.
    """
    from .authoring import kill_matrix
    from .course import CourseError, describe_unknown
    from .grading.points import require_equal_points

    course = open_course(course_dir)
    for assignment in course.assignments():
        require_equal_points(course, assignment)
    known = course.exercises
    if unknown := sorted(set(exercises or []) - set(known)):
        raise CourseError(describe_unknown("exercise", unknown[0], list(known)))
    names = exercises or list(known)
    if visible:
        is_sufficient = _check_visible(course, names, as_json, with_messages=bool(exercises))
    else:
        held_out = kill_matrix.load_held_out(known)
        rows = [row for name in names for row in kill_matrix.judge_known_answers(known[name], range(seeds), held_out)]
        show = _print_json if as_json else _print_matrix
        show(rows)
        is_sufficient = all(row.is_as_expected for row in rows)
    raise typer.Exit(0 if is_sufficient else 1)


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


def _check_visible(course: "Course", names: list[str], as_json: bool, with_messages: bool) -> bool:
    """Print how the visible checks judge the known answers of exercises. Return whether that is sufficient."""
    from .authoring.visible_checks import is_sufficient, run_visible_checks

    results = list(run_visible_checks(course, names))
    if with_messages and not as_json:
        _print_messages(results, course.exercises)
    show = _print_json if as_json else _print_visible_results
    show(results)
    return is_sufficient(results)


def _print_json(results: "Iterable[Row | VisibleResult]") -> None:
    rows = [asdict(result) | {"is_as_expected": result.is_as_expected} for result in results]
    print(json.dumps(rows, indent=1))


def _print_messages(results: "list[VisibleResult]", known: "ExerciseSet") -> None:
    """Print what students read about each mistake: the message of the visible check, and the hint after grading."""
    from .authoring.kill_matrix import AnswerKind

    terminal = Terminal()
    for result in results:
        if result.kind is not AnswerKind.MISTAKE:
            continue
        mistake = known[result.exercise].mistakes[result.name]
        terminal.print_line(f"{result.exercise}: {result.name}")
        terminal.print_line(f"  check: {(result.error or 'passes').removeprefix(f'CheckFailed: {result.exercise}: ')}")
        terminal.print_line(f"  hint:  {mistake.hint or 'none'}")
        if mistake.otherwise:
            terminal.print_line(f"  hint without {' and '.join(mistake.names)} in the code: {mistake.otherwise}")


def _print_visible_results(results: "list[VisibleResult]") -> None:
    """Print the answers that the visible checks misjudge, and how many mistakes they reject in each notebook."""
    from .authoring.visible_checks import coverage

    terminal = Terminal()
    for result in results:
        if not result.is_as_expected:
            problem = result.error or result.reason or "the visible check passes"
            terminal.print_line(f"{result.notebook}: {result.exercise}: {result.kind} {result.name!r}: {problem}")
    for notebook, count in coverage(results).items():
        excused = f", {count.excused} have a reason to pass (unseen=)" if count.excused else ""
        terminal.print(f"{notebook}: the visible checks reject {count.rejected} of {count.total} mistakes{excused}")


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
    from .authoring.kill_matrix import AnswerKind

    if row.kind is not AnswerKind.MISTAKE or row.diagnosed == (row.name,):
        return ""
    if row.diagnosed == (None,):
        return ", not diagnosed"
    return f", diagnosed as {', '.join(name or 'nothing' for name in row.diagnosed)}"
