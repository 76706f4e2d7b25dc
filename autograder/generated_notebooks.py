"""`notebooks/`, which nbgrader generates from `solutions/`: without solutions and hidden tests."""

import re
import shutil
import tempfile
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from .course import Course, CourseError

EXCEPTION = re.compile(r"^\s*([\w.]+(?:Error|Exception): .*)", re.MULTILINE)  # the last line of a traceback


def generate_assignment(course: Course, assignment: str, folder: Path, **settings: str) -> None:
    """Generate an assignment into ``folder/<assignment>``, as ``nbgrader generate_assignment`` does.

    Raise CourseError if nbgrader rejects the source notebooks.
    """
    directory = course.directory_with(release_directory=str(folder), **settings)
    result = NbGraderAPI(directory, config=course.config).generate_assignment(assignment, force=True)
    if not result["success"]:
        # the first exception is the cause of the others
        cause = re.search(EXCEPTION, f"{result.get('log')}\n{result.get('error')}")
        reason = cause[1] if cause else f"run nbgrader generate_assignment {assignment} --force to see why"
        raise CourseError(f"nbgrader cannot generate {assignment}: {reason}")


def generate_all(course: Course, folder: Path) -> None:
    """Generate every assignment into a folder, without changing the gradebook of the class. The folder is replaced.

    Raise CourseError if the course has no assignments, or nbgrader rejects one.
    """
    if not course.assignments():
        raise CourseError(f"{course.root} has no notebooks in {course.directory.source_directory}/")
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generated = Path(scratch) / "notebooks"
        for assignment in course.assignments():
            generate_assignment(course, assignment, generated, db_url=f"sqlite:///{scratch}/gradebook.db")
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(generated, folder)
