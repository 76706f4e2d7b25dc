"""A course with a gradebook, and functions that submit and grade notebooks."""

import copy
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.answer_texts import UNANSWERED
from autograder.authoring.simulate import make_submission
from autograder.course import Course
from autograder.grading import one_submission, registration
from autograder.grading.records import Record
from autograder.submissions.hidden_tests import exercise_named_in
from tests.conftest import make_course

ASSIGNMENT = "01-sigmoid"


@pytest.fixture(scope="session")
def registered(tmp_path_factory) -> Path:
    """The folder of a course whose gradebook has 01-sigmoid. Tests copy it."""
    folder = make_course(tmp_path_factory.mktemp("registered"), ASSIGNMENT)
    registration.register(Course.at(folder), ASSIGNMENT)
    return folder


@pytest.fixture
def course(registered, tmp_path, sandbox) -> Course:
    """A new course with a gradebook."""
    return Course.at(Path(shutil.copytree(registered, tmp_path / "course")))


@pytest.fixture(scope="session")
def source(repository) -> nbformat.NotebookNode:
    """The instructor's notebook."""
    return nbformat.read(repository / "solutions" / ASSIGNMENT / "sigmoid.ipynb", 4)


@pytest.fixture
def unsolved(source) -> nbformat.NotebookNode:
    """The notebook as students receive it."""
    names = {exercise_named_in(cell.source) for cell in source.cells}
    return make_submission(source, dict.fromkeys(filter(None, names), UNANSWERED))


@pytest.fixture
def solved(source) -> nbformat.NotebookNode:
    """The notebook with every exercise solved."""
    return make_submission(copy.deepcopy(source), {})


def index_of(nb: nbformat.NotebookNode, grade_id: str) -> int:
    """The index of the cell with this grade id."""
    return next(i for i, c in enumerate(nb.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def submit(course: Course, nb: nbformat.NotebookNode, student: str = "ada", name: str = "sigmoid.ipynb") -> None:
    folder = course.root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / name)


def submit_and_grade(course: Course, nb: nbformat.NotebookNode, student: str = "ada") -> Record:
    submit(course, nb, student)
    return one_submission.grade_one(course.root, ASSIGNMENT, student)


def read_autograded(course: Course, student: str = "ada") -> nbformat.NotebookNode:
    return nbformat.read(course.root / "autograded" / student / ASSIGNMENT / "sigmoid.ipynb", 4)
