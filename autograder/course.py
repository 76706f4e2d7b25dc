"""The folder of a course: its configuration, paths, exercises and gradebook."""

import fnmatch
import functools
import os
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from .course_errors import CourseError, describe_unknown
from .course_settings import (
    CONFIG,
    DEFAULT_EXERCISES,
    DEFAULT_SECRET_FILE,
    read_config,
    read_limits,
    reporting_course_errors,
)
from .judging.exercise_set import ExerciseSet, load_exercises
from .runner.visible_files import find_visible
from .supervisor import WorkLimits

# nbgrader adds objects to a session while it queries it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

__all__ = ["Course", "CourseError"]


@dataclass(frozen=True)
class Course:
    """A folder with an `nbgrader_config.py`. Get one from `Course.at`."""

    root: Path

    @classmethod
    def at(cls, folder: Path) -> "Course":
        """Open the course in a folder, and complete this process's PATH. Raise CourseError if no course is there."""
        root = folder.resolve()
        if not (root / CONFIG).is_file():
            raise CourseError(f"{root} has no {CONFIG}: give the course's folder with --course-dir")
        if not shutil.which("alembic"):  # nbgrader creates its tables with this command of the same environment
            os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return cls(root)

    @functools.cached_property
    def config(self) -> Config:
        """The settings of `nbgrader_config.py`, on top of those of the machine and the user."""
        return read_config(self.root)

    @functools.cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's description of the course's folders."""
        return self.directory_with()

    def directory_with(self, **settings: str) -> CourseDirectory:
        """Describe the course's folders for nbgrader's own commands, with some settings in place of the course's."""
        with reporting_course_errors():
            return CourseDirectory(config=self.config, root=str(self.root), **settings)

    @property
    def max_submission_bytes(self) -> int:
        """The largest size of a submission, from ``c.CourseDirectory.max_dir_size``, which is in kB."""
        return 1000 * int(self.directory.max_dir_size)

    @functools.cached_property
    def exercises(self) -> ExerciseSet:
        """The exercises of the course, from the package that ``c.DrawCases.exercises`` names."""
        with reporting_course_errors(f"c.DrawCases.exercises in {CONFIG}"):
            exercises = load_hidden_exercises(self.config.DrawCases.get("exercises", DEFAULT_EXERCISES))
            len(exercises)  # load them now, so that an error in them is not attributed to a submission
        return exercises

    @functools.cached_property
    def work_limits(self) -> WorkLimits:
        """What the grader may use for one submission outside the sandbox, from ``c.Supervisor``."""
        return read_limits(WorkLimits, dict(self.config.Supervisor), "c.Supervisor")

    @property
    def records_folder(self) -> Path:
        """The folder of the records of all submissions."""
        return self.root / "records"

    @property
    def reports_folder(self) -> Path:
        """The folder of the pages and tables about the class."""
        return self.root / "reports"

    @property
    def secret_file(self) -> Path:
        """The file with the course's secret, from ``c.DrawCases.secret_file``."""
        return self.root / str(self.config.DrawCases.get("secret_file", DEFAULT_SECRET_FILE))

    def gradebook(self) -> Gradebook:
        """Open the gradebook of the course. It is a context manager."""
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of a submission at one of nbgrader's steps.

        With ".", the student or the assignment is left out of the path.
        """
        return Path(self.directory.format_path(step, student, assignment))

    def submitted_folder(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission as it was handed in."""
        return self.folder(self.directory.submitted_directory, student, assignment)

    def autograded_folder(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission's graded notebooks."""
        return self.folder(self.directory.autograded_directory, student, assignment)

    def feedback_folder(self, student: str, assignment: str) -> Path:
        """Return the folder of a submission's feedback pages."""
        return self.folder(self.directory.feedback_directory, student, assignment)

    def source_folder(self, assignment: str) -> Path:
        """Return the instructor's folder of an assignment. Raise CourseError if the course has no such assignment."""
        if assignment not in self.assignments():
            raise CourseError(describe_unknown("assignment", assignment, self.assignments()))
        return self.folder(self.directory.source_directory, ".", assignment)

    def notebooks(self, assignment: str) -> list[str]:
        """List the names of an assignment's notebooks, without `.ipynb`. Hidden files, as macOS makes, are left out."""
        return sorted(path.stem for path in self.source_folder(assignment).glob("[!.]*.ipynb"))

    def source_notebook(self, assignment: str, name: str) -> NotebookNode:
        """Read one of the instructor's notebooks. It is cached until the file changes: do not modify it.

        Raise CourseError if the assignment has no such notebook, or if the file is not one.
        """
        if name not in self.notebooks(assignment):
            raise CourseError(describe_unknown("notebook", name, self.notebooks(assignment)))
        return read_source(self.source_folder(assignment) / f"{name}.ipynb")

    def assignments(self) -> list[str]:
        """List the assignments of the course. Hidden folders, such as Jupyter's checkpoints, are left out."""
        folders = self.folder(self.directory.source_directory, ".", ".").glob("[!.]*")
        return sorted(folder.name for folder in folders if any(folder.glob("[!.]*.ipynb")))

    def students(self, assignment: str, pattern: str = "*") -> list[str]:
        """List the students who submitted an assignment.

        Raise CourseError if the name of a student's folder is not valid UTF-8.
        """
        submitted = self.folder(self.directory.submitted_directory, ".", ".").resolve()
        names = sorted(path.name for path in submitted.glob("*") if fnmatch.fnmatchcase(path.name, pattern))
        students = [name for name in names if _may_be_folder(self.submitted_folder(name, assignment))]
        if undecodable := [name for name in students if name != name.encode(errors="replace").decode()]:
            raise CourseError(f"{submitted} has a folder whose name is not valid UTF-8, {undecodable[0]!a}: rename it")
        return students

    def require_students(self, assignment: str, pattern: str = "*") -> list[str]:
        """List the students who submitted an assignment, as `students` does, but never an empty list.

        Raise CourseError if there are none, or if the name of a student's folder is not valid UTF-8.
        """
        students = self.students(assignment, pattern)
        if not students:
            selection = "" if pattern == "*" else f" by {pattern!r}"
            reason = f"there are no submissions of {assignment}{selection}"
            raise CourseError(f"{reason}: put notebooks into {self.submitted_folder('STUDENT', assignment)}/")
        return students


def _may_be_folder(path: Path) -> bool:
    """Whether a path is a folder, or cannot be looked at: then reading the submission reports the reason."""
    try:
        return path.is_dir()
    except OSError:
        return True


def load_hidden_exercises(package: str) -> ExerciseSet:
    """Load the exercises of a package. Raise CourseError if student code could read them: they have the references."""
    exercises = load_exercises(package)
    for folder in exercises.folders():
        if shown := find_visible(folder):
            advice = "uninstall the package, and keep its folder in that of the course"
            raise CourseError(f"student code could read {folder}, because the sandbox shows {shown}: {advice}")
    return exercises


def read_source(path: Path) -> NotebookNode:
    """Read an instructor's notebook. It is cached until the file changes: do not modify it.

    Raise CourseError if the file is not a notebook.
    """
    return _read_version(path, path.stat().st_mtime_ns)


@functools.cache
def _read_version(path: Path, _mtime_ns: int) -> NotebookNode:
    try:
        nb: NotebookNode = nbformat.read(path, as_version=4)
        return nb
    except (ValueError, TypeError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise CourseError(f"{path} is not a notebook: restore it from git") from error
