"""The folder of a course: its configuration, paths, exercises and gradebook."""

import contextlib
import copy
import difflib
import fnmatch
import functools
import math
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from jupyter_core.paths import jupyter_config_path
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from .judging.exercise_set import ExerciseSet, load_exercises
from .supervisor import WorkLimits

# nbgrader adds objects to a session while it queries it.
warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")

AnyLimits = TypeVar("AnyLimits")

CONFIG = "nbgrader_config.py"
DEFAULT_EXERCISES = "exercises"  # the name of the package, which is usually in the folder of the course
DEFAULT_SECRET_FILE = ".course-secret"  # a relative path starts at the folder of the course
RECORDS = "records"  # the folder of the records in the course


class CourseError(Exception):
    """Something is wrong with the course, not with a submission. The message is one line and says what to do."""


@contextlib.contextmanager
def reporting_config_errors(file: Path | str = CONFIG) -> Iterator[None]:
    """Turn every other exception that a file of settings causes into a `CourseError` of one line."""
    try:
        yield
    except CourseError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CourseError(f"{file}: {type(error).__name__}: {reason}") from error


def load_configured_exercises(config: Config) -> ExerciseSet:
    """Load the exercises of the package that ``c.DrawCases.exercises`` names."""
    return load_exercises(config.DrawCases.get("exercises", DEFAULT_EXERCISES))


def read_work_limits(config: Config) -> WorkLimits:
    """Read the limits of ``c.Supervisor``, as `read_limits` does."""
    return read_limits(WorkLimits, dict(config.Supervisor), "c.Supervisor")


def read_limits(kind: type[AnyLimits], settings: Mapping[str, Any], name: str) -> AnyLimits:
    """Create a dataclass of limits from the setting with this name in `nbgrader_config.py`.

    Raise CourseError if a limit is unknown, or is not a finite number above 0, or not an integer where one is needed.
    """
    types = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    for key, value in settings.items():
        if key not in types:
            raise CourseError(f"{name} in {CONFIG}: {describe_unknown('limit', key, [*types])}")
        allowed, number = ([int], "an integer") if types[key] is int else ([int, float], "a finite number")
        if type(value) not in allowed or not 0 < value < math.inf:
            raise CourseError(f"{name} in {CONFIG}: {key} must be {number} above 0, not {value!r}")
    return kind(**settings)


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
        """The settings of `nbgrader_config.py`, on top of those of the machine and the user. `.json` is not read."""
        config = Config()
        for folder in (*reversed(jupyter_config_path()), str(self.root)):
            if (file := Path(folder) / CONFIG).is_file():
                with reporting_config_errors(file):
                    config.merge(PyFileConfigLoader(file.name, path=folder).load_config())
        return config

    @functools.cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's description of the course's folders."""
        config = self.config
        with reporting_config_errors():
            return CourseDirectory(config=config, root=str(self.root))

    @property
    def max_submission_bytes(self) -> int:
        """The largest size of a submission, from ``c.CourseDirectory.max_dir_size``, which is in kB."""
        return 1000 * int(self.directory.max_dir_size)

    def nbgrader(self, **settings: str) -> NbGraderAPI:
        """Create nbgrader's Python API for this course."""
        config = copy.deepcopy(self.config)
        config.CourseDirectory.update(settings)
        return NbGraderAPI(CourseDirectory(config=config, root=str(self.root)), config=config)

    @functools.cached_property
    def exercises(self) -> ExerciseSet:
        """The exercises of the course, from the package that ``c.DrawCases.exercises`` names."""
        with reporting_config_errors(f"c.DrawCases.exercises in {CONFIG}"):
            exercises = load_configured_exercises(self.config)
            len(exercises)  # load them now, so that an error in them is not attributed to a submission
        return exercises

    @functools.cached_property
    def work_limits(self) -> WorkLimits:
        """What the grader may use for one submission outside the sandbox."""
        return read_work_limits(self.config)

    @property
    def records_folder(self) -> Path:
        """The folder of the records of all submissions."""
        return self.root / RECORDS

    @property
    def reports_folder(self) -> Path:
        """The folder of the pages and tables about the class."""
        return self.root / "reports"

    @property
    def secret_file(self) -> Path:
        """The file with the course's secret, from ``c.DrawCases.secret_file``."""
        return self.root / str(self.config.DrawCases.get("secret_file", DEFAULT_SECRET_FILE))

    def directory_of_assignment(self, assignment: str, student: str = "*") -> CourseDirectory:
        """Describe the course's folders for nbgrader's own commands, for one assignment."""
        return CourseDirectory(config=self.config, root=str(self.root), assignment_id=assignment, student_id=student)

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
        folder = self.folder(self.directory.source_directory, ".", assignment)
        is_name = folder.name == assignment and not assignment.startswith(".")  # unlike "1-first/" and ".."
        if not is_name or not folder.is_dir():
            raise CourseError(describe_unknown("assignment", assignment, self.assignments()))
        return folder

    def notebooks(self, assignment: str) -> list[str]:
        """List the names of an assignment's notebooks, without `.ipynb`. Hidden files, as macOS makes, are left out."""
        return sorted(path.stem for path in self.source_folder(assignment).glob("[!.]*.ipynb"))

    def source_notebook(self, assignment: str, name: str) -> NotebookNode:
        """Read one of the instructor's notebooks. The result is cached: do not modify it."""
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


def describe_unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """Describe a name that the course does not have, and suggest a similar one.

    Examples
    --------
    >>> describe_unknown("assignment", "1-frist", ["1-first", "2-second"])
    "there is no assignment '1-frist'; did you mean '1-first'?"
    >>> describe_unknown("assignment", "exam", ["1-first", "2-second"])
    "there is no assignment 'exam'; this course has 1-first, 2-second"
    """
    similar = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {similar[0]!r}?" if similar else f"this course has {', '.join(known) or 'none'}"
    return f"there is no {kind} {name!r}; {advice}"
