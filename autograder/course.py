"""Where a course keeps its things, and what is fixed per course: configuration, secret, seeds, paths."""

import contextlib
import copy
import functools
import hashlib
import hmac
import os
import secrets
import shutil
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config, PyFileConfigLoader

from .judging.exercise_set import ExerciseSet, load_exercises

warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")  # nbgrader adds to a session what it queries


DEFAULT_EXERCISES = "autograder.exercises"


class CourseError(Exception):
    """Something in the course, not in a submission, is wrong. One line that says what to do."""


@contextlib.contextmanager
def configuring() -> Iterator[None]:
    """Tell in one line what `nbgrader_config.py` gets wrong, whatever it raises."""
    try:
        yield
    except Exception as error:
        raise CourseError(f"nbgrader_config.py: {type(error).__name__}: {str(error).strip()}") from error


@dataclass(frozen=True)
class Course:
    """A course is a folder with an `nbgrader_config.py`.

    Parameters
    ----------
    root : Path
        The folder.
    """

    root: Path

    @classmethod
    def at(cls, folder: Path) -> "Course":
        root = folder.resolve()
        if not (root / "nbgrader_config.py").is_file():
            raise CourseError(f"{root} has no nbgrader_config.py: give the course's folder with --course-dir")
        if not shutil.which("alembic"):  # nbgrader makes its tables with this command of the same environment
            os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return cls(root)

    @functools.cached_property
    def config(self) -> Config:
        """What `nbgrader_config.py` says, as nbgrader itself reads it."""
        with configuring():
            return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    @functools.cached_property
    def directory(self) -> CourseDirectory:
        config = self.config
        with configuring():
            return CourseDirectory(config=config, root=str(self.root))

    def nbgrader(self, **settings: str) -> NbGraderAPI:
        """nbgrader itself, with this course's configuration and other settings of its `CourseDirectory`."""
        config = copy.deepcopy(self.config)
        config.CourseDirectory.update(settings)
        return NbGraderAPI(CourseDirectory(config=config, root=str(self.root)), config=config)

    @functools.cached_property
    def exercises(self) -> ExerciseSet:
        """The exercises of the course, from the package that ``c.DrawCases.exercises`` names."""
        package = self.config.DrawCases.get("exercises", DEFAULT_EXERCISES)
        try:
            loaded = load_exercises(package)
            len(loaded)  # load them now: an error in them is the course's, not a submission's
        except (ImportError, ValueError) as error:
            raise CourseError(f"c.DrawCases.exercises in nbgrader_config.py: {error}") from error
        return loaded

    def gradebook(self) -> Gradebook:
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.directory.format_path(step, student, assignment))

    def source(self, assignment: str) -> Path:
        """The instructor's folder of an assignment; raise `CourseError` where there is none."""
        folder = self.folder(self.directory.source_directory, ".", assignment)
        if folder.name != assignment or not folder.is_dir():  # "01-sigmoid/" would be another one to nbgrader
            known = ", ".join(self.assignments()) or "none"
            raise CourseError(f"there is no assignment {assignment!r}; this course has {known}")
        return folder

    def notebooks(self, assignment: str) -> list[str]:
        """The names of an assignment's notebooks, without `.ipynb`."""
        return sorted(path.stem for path in self.source(assignment).glob("*.ipynb"))

    def source_notebook(self, assignment: str, name: str) -> NotebookNode:
        """An instructor's notebook. It is read once, so leave it as it is."""
        return read_source(self.source(assignment) / f"{name}.ipynb")

    def assignments(self) -> list[str]:
        top = self.folder(self.directory.source_directory, ".", ".")
        return sorted(folder.name for folder in top.glob("*") if any(folder.glob("*.ipynb")))

    def students(self, assignment: str, pattern: str = "*") -> list[str]:
        """Who has handed something in for this assignment."""
        place = self.folder(self.directory.submitted_directory, "*", assignment)
        top = self.folder(self.directory.submitted_directory, ".", ".").resolve()
        students = sorted(path.parent.name for path in top.glob(f"{pattern}/{place.name}") if path.is_dir())
        if odd := [student for student in students if student != student.encode(errors="replace").decode()]:
            raise CourseError(f"{top} has a folder whose name is no UTF-8, {odd[0]!a}: rename it")
        return students


def read_source(path: Path) -> NotebookNode:
    """Read an instructor's notebook; again only after it has changed. Leave it as it is."""
    return _read(path, path.stat().st_mtime_ns)


@functools.cache
def _read(path: Path, _: int) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError as error:
        raise CourseError(f"{path} is not a notebook: take it from git again") from error


def reason(result: dict) -> str:
    """The line of nbgrader's log that says why something failed."""
    lines = [
        line.strip() for line in f"{result.get('log') or ''}\n{result.get('error') or ''}".splitlines() if line.strip()
    ]
    telling = [line for line in lines if "Error" in line and not line.startswith("[")]
    return (telling or lines or ["no reason given"])[-1]


def seed(secret: bytes, assignment: str, student: str, exercise: str) -> int:
    """Seed a student's inputs: a regrade repeats them, and nobody without the secret can compute them."""
    message = "|".join((assignment, student, exercise)).encode()
    return int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest()[:16], "big")


def read_secret(file: Path) -> bytes:
    """Read the course's secret; make one, readable by its owner alone, where there is none."""
    if not file.exists():
        _make_secret(file)
    secret = file.read_text().strip()
    if len(secret) < 32:
        raise CourseError(f"{file} holds no secret: delete it, and the next run makes a new one")
    return secret.encode()


def _make_secret(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):  # another worker was first: its secret is the course's
        os.link(draft, file)
    draft.unlink()
