"""The commands for those who write a course: its exercises, notebooks, zips, kill matrix and simulated classes."""

import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command_options import Assignment, CourseDir, open_course
from .terminal import Terminal, count

if TYPE_CHECKING:
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
    seed: Annotated[int, typer.Option(min=0, help="The seed of the random choice of answers.")] = 541,
    typical: Annotated[
        bool, typer.Option("--typical", help="Some mistakes are frequent and most are rare, as in a real class.")
    ] = False,
) -> None:
    """Write simulated submissions with known scores into submitted/."""
    from .authoring.simulate import simulate

    scores = simulate(open_course(course_dir), assignment, students, seed, typical)
    mean = sum(scores.values()) / len(scores)
    Terminal().print(f"{len(scores)} submissions of {assignment}, mean score {mean:.2f}")


def new_exercise(
    notebook: Annotated[str, typer.Argument(help="The name of a notebook in solutions/, such as first.")],
    signature: Annotated[str, typer.Argument(help="The signature of the student's function, such as 'odds(p)'.")],
    points: Annotated[float, typer.Option(min=0.5, help="What the function is worth.")],
    after: Annotated[str, typer.Option(help="The exercise below which it stands; left out, all are listed.")] = "",
    slide: Annotated[str | None, typer.Option(help="A title of the lecture; by default that of --after.")] = None,
    returns: Annotated[str, typer.Option(help="What it returns, in words such as 'the odds of an event'.")] = "",
    course_dir: CourseDir = Path("."),
) -> None:
    """Begin an exercise: write its cells, specification and known answers, to be filled in."""
    from .authoring.new_exercise import begin_exercise

    files = begin_exercise(
        open_course(course_dir), notebook, signature, points=points, after=after, slide=slide, returns=returns
    )
    terminal = Terminal()
    for file in files:
        terminal.print_line(os.path.relpath(file))
    name = files[-1].stem
    terminal.print_line(f"Fill in what is marked, then run: make exercise NAME={name}")
    terminal.print_line(f"In a course of your own, run python -m autograder cells {name}, then matrix {name}")


def cells(
    exercise: Annotated[str, typer.Argument(help="The name of an exercise.")], course_dir: CourseDir = Path(".")
) -> None:
    """Copy the cells of an exercise into build/cells/NAME.py, or an edit of this file into the notebook.

    Exit status 1 if something of a new exercise is still to be filled in.
    """
    from .authoring.percent_cells import update_cells

    terminal = Terminal()
    unfilled = update_cells(open_course(course_dir), exercise)
    for line in unfilled:
        terminal.print_line(line)
    if unfilled:
        Terminal(stderr=True).print_error(f"{count(len(unfilled), 'line')} still to be filled in")
    raise typer.Exit(1 if unfilled else 0)


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
    from .course_errors import CourseError, describe_unknown
    from .grading.grade_cells import require_cells_fit

    course = open_course(course_dir)
    for assignment in course.assignments():
        require_cells_fit(course, assignment)
    known, named = course.exercises, exercises or []
    if unknown := sorted(set(named) - set(known)):
        raise CourseError(describe_unknown("exercise", unknown[0], list(known)))
    is_right = (
        _run_visible_checks(course, named, as_json)
        if visible
        else _run_kill_matrix(known, named or [*known], seeds, as_json)
    )
    raise typer.Exit(0 if is_right else 1)


def _run_visible_checks(course: "Course", named: Sequence[str], as_json: bool) -> bool:
    """Print which known answers the visible checks accept, by default of all exercises. Return whether they suffice."""
    from . import author_tables
    from .authoring import visible_checks

    results = list(visible_checks.run_visible_checks(course, named or [*course.exercises]))
    for name in sorted({*named} - {result.exercise for result in results}):
        reason = "it is a question, or has no known answer or no grade cell"
        Terminal(stderr=True).print_line(f"{name}: left out: {reason}")
    if as_json:
        author_tables.print_json(results)
    else:
        author_tables.print_messages(results if named else [], course.exercises)
        author_tables.print_visible_results(results)
    return visible_checks.is_sufficient(results)


def _run_kill_matrix(known: "ExerciseSet", names: Sequence[str], seeds: int, as_json: bool) -> bool:
    """Print how the rules judge the known answers of some exercises. Return whether that is as expected."""
    from . import author_tables
    from .authoring import kill_matrix
    from .course_settings import reporting_course_errors

    with reporting_course_errors("the held-out answers"):
        held_out = kill_matrix.load_held_out(known)
    rows: list[kill_matrix.Row] = []
    for name in names:
        with reporting_course_errors(f"exercise {name}"):
            rows += kill_matrix.judge_known_answers(known[name], range(seeds), held_out)
    (author_tables.print_json if as_json else author_tables.print_matrix)(rows)
    return all(row.is_as_expected for row in rows)


def notebooks(course_dir: CourseDir = Path(".")) -> None:
    """Generate notebooks/ for students from solutions/."""
    from .generated_notebooks import generate_all

    course = open_course(course_dir)
    generate_all(course, course.folder(course.directory.release_directory, ".", ".").resolve())
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
