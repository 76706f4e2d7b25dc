"""Write the zip of a Gradescope autograder, on the instructor's machine.

It holds a course of one assignment and everything that grades it, the references included: it is for the instructor
only.
"""

import io
import os
import shlex
import zipfile
from pathlib import Path

from ..course import Course, CourseError
from ..course_secret import read_secret
from ..course_settings import CONFIG
from ..grading.replacing import write_atomically
from ..packed_files import add_to_zip, files_in

REPOSITORY = Path(__file__).resolve().parents[2]
GRADING_PATHS = ("autograder", "data", "lectrain")
INSTALLATION_PATHS = ("pyproject.toml", "hatch_build.py", "LICENSE", "docs/student.md")  # which pip reads
SETUP = Path(__file__).with_name("gradescope_setup.sh")
RUN = Path(__file__).with_name("gradescope_run.sh")


def write_zip(course: Course, assignment: str, file: Path | None = None) -> Path:
    """Write the Gradescope zip of an assignment, readable by its owner only. It holds the references: do not share it.

    The course's secret goes into the zip, so that a regrade draws the same inputs; a course without one gets one. Raise
    CourseError if the course has no such assignment, or if its solutions or secret are outside of its folder.
    """
    file = file or course.reports_folder / f"{assignment}-gradescope.zip"
    contents = _zip_contents(course, assignment)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        run = RUN.read_text().replace("ASSIGNMENT", shlex.quote(assignment))
        add_to_zip(archive, "setup.sh", SETUP.read_bytes(), executable=True)
        add_to_zip(archive, "run_autograder", run.encode(), executable=True)
        for name, path in contents.items():
            add_to_zip(archive, name, path.read_bytes())
    write_atomically(file, packed.getvalue(), mode=0o600)
    return file


def _zip_contents(course: Course, assignment: str) -> dict[str, Path]:
    """The files of the zip by name, except its two scripts."""
    contents = {
        path.relative_to(REPOSITORY).as_posix(): path
        for engine_path in (*GRADING_PATHS, *INSTALLATION_PATHS)
        for path in files_in(REPOSITORY / engine_path)
    }
    contents |= _exercise_files(course)
    contents |= {
        _name_in_zip(course, path, course.directory.source_directory): path
        for path in files_in(course.source_folder(assignment))
    }
    contents[CONFIG] = course.root / CONFIG
    read_secret(course.secret_file)  # creates it, if the course has none yet
    contents[_name_in_zip(course, course.secret_file, "the secret")] = course.secret_file
    return contents


def _exercise_files(course: Course) -> dict[str, Path]:
    """The files of the exercises. Wherever their package is, the zip has it at the top, where the course finds it."""
    depth = course.exercises.package.count(".") + 1  # of the package's folder, below the top: 2 for "a.b"
    return {
        Path(*folder.parts[-depth:], file.relative_to(folder)).as_posix(): file
        for folder in course.exercises.folders()
        for file in files_in(folder)
    }


def _name_in_zip(course: Course, path: Path, what: str) -> str:
    """The path of a file relative to the course's folder, which is its name in the zip."""
    for folder in (Path(os.path.abspath(path.parent)), path.parent.resolve()):  # a link in the course keeps its name
        if folder.is_relative_to(course.root):
            return (folder / path.name).relative_to(course.root).as_posix()
    raise CourseError(f"{path} is not in the course's folder: move {what} to {course.root}")
