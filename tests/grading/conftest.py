"""A course with a gradebook, and submissions to hand in."""

import copy
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.simulate import UNANSWERED, submission
from autograder.course import Course
from autograder.grading import batch
from autograder.submissions.hidden_tests import exercise_named_in
from tests.conftest import course_in


@pytest.fixture(scope="session")
def registered(tmp_path_factory) -> Path:
    """A course whose gradebook knows 01-sigmoid; to be copied."""
    folder = course_in(tmp_path_factory.mktemp("registered"), "01-sigmoid")
    batch.register(Course.at(folder), "01-sigmoid")
    return folder


@pytest.fixture
def course(registered, tmp_path, sandbox) -> Course:
    """A course of this test's own."""
    return Course.at(Path(shutil.copytree(registered, tmp_path / "course")))


@pytest.fixture(scope="session")
def source(repository) -> nbformat.NotebookNode:
    return nbformat.read(repository / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)


@pytest.fixture
def unsolved(source) -> nbformat.NotebookNode:
    """The notebook as a student gets it."""
    names = {exercise_named_in(cell.source) for cell in source.cells}
    return submission(source, dict.fromkeys(filter(None, names), UNANSWERED))


@pytest.fixture
def solved(source) -> nbformat.NotebookNode:
    """The notebook with every exercise solved."""
    return submission(copy.deepcopy(source), {})


def hand_in(course: Course, nb: nbformat.NotebookNode, student: str = "ada", name: str = "sigmoid.ipynb") -> None:
    folder = course.root / "submitted" / student / "01-sigmoid"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, folder / name)


def graded(course: Course, nb: nbformat.NotebookNode, student: str = "ada"):
    """Hand a notebook in and grade it; return its record."""
    hand_in(course, nb, student)
    return batch.grade_one(course.root, "01-sigmoid", student)
