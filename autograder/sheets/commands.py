"""The commands for questions about a student's own code."""

from pathlib import Path
from typing import Annotated

import typer

from ..command_options import Assignment, CourseDir, Students, open_course
from ..terminal import Terminal, count


def sheets(
    assignment: Assignment,
    course_dir: CourseDir = Path("."),
    student: Students = "*",
    exercise: Annotated[str | None, typer.Option(help="The only function to ask about.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other sheets.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="The number of worker processes.")] = 2,
) -> None:
    """Write questions about each student's own code, to print: sheets, a key, and a table for the marks.

    Grade the assignment first. The students without a sheet are listed with the reason: talk to them.
    """
    from .class_sheets import write_sheets

    course, terminal = open_course(course_dir, assignment), Terminal()
    written = write_sheets(course, assignment, exercise, student, seed, workers)
    if written.sheets:
        terminal.print_path(count(len(written.sheets), "sheet"), written.page)
        terminal.print_path("key", written.key)
        terminal.print_path("marks", written.table)
    if written.without:
        terminal.print_line("without a sheet, so talk to them:")
    for left_out in written.without:
        terminal.print_line(f"  {left_out.student}: {'; '.join(left_out.reasons)}")


def sheets_marks(
    assignment: Assignment,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The table, with marks from 0 to 1.")],
    course_dir: CourseDir = Path("."),
) -> None:
    """Enter the marks for questions about a student's own code: they become the assignment ASSIGNMENT-talk."""
    from ..grading import talk_marks

    course, marks = open_course(course_dir, assignment), talk_marks.read_marks(file)
    talk_marks.save_marks(course, assignment, marks)
    Terminal().print_line(f"{talk_marks.talk_of(assignment)}: marks of {count(len(marks), 'student')}")
