"""What the commands of all modules share: their arguments and options, and how a course is opened."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from .course import Course

CourseDir = Annotated[Path, typer.Option("--course-dir", help="The folder of the course.")]
Assignment = Annotated[str, typer.Argument(help="A folder in solutions/, such as 1-first.")]
Student = Annotated[str, typer.Argument(help="The id of a student.")]
Students = Annotated[str, typer.Option("--student", help="A glob pattern that selects students.")]


def open_course(course_dir: Path, assignment: str | None = None) -> "Course":
    """Open a course, which must have the assignment if one is given. Raise CourseError otherwise."""
    from .course import Course  # when a command runs, because `--help` does not need it

    course = Course.at(course_dir)
    if assignment is not None:
        course.source_folder(assignment)  # raises CourseError
    return course
