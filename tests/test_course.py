"""Where a course keeps its things: assignments, students, the secret."""

import os
from pathlib import Path

import pytest
from nbformat.v4 import new_notebook
from nbgrader.apps import NbGraderAPI

from autograder.course import Course, CourseError, read_source
from autograder.course_secret import read_secret
from autograder.course_settings import reporting_course_errors
from autograder.grading.preprocessors import DrawCases
from tests.conftest import add_settings, make_course

ASSIGNMENT = "01-sigmoid"


@pytest.fixture
def course(tmp_path) -> Course:
    return Course.at(make_course(tmp_path, ASSIGNMENT))


def test_a_hidden_folder_is_not_an_assignment_and_a_hidden_file_no_notebook(course):
    checkpoints = course.root / "solutions" / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "sigmoid-checkpoint.ipynb").touch()
    (course.root / "solutions" / ASSIGNMENT / "._sigmoid.ipynb").touch()
    assert course.notebooks(ASSIGNMENT) == ["sigmoid"]
    assert course.assignments() == [ASSIGNMENT]


@pytest.mark.parametrize(("name", "advice"), [
    ("01-sigmiod", "did you mean '01-sigmoid'?"), ("sigmoid", "did you mean '01-sigmoid'?"),
    ("", "the known ones are 01-sigmoid"), ("..", "the known ones are 01-sigmoid"), ("99-nothing", "the known ones are 01-sigmoid"),
])  # fmt: skip
def test_an_assignment_with_a_similar_name_is_suggested_and_otherwise_all_are_listed(course, name, advice):
    with pytest.raises(CourseError) as error:
        course.source_folder(name)
    assert str(error.value) == f"there is no assignment {name!r}; {advice}"
    with pytest.raises(CourseError, match="there is no notebook 'sigmiod'; did you mean 'sigmoid'"):
        course.source_notebook(ASSIGNMENT, "sigmiod")


@pytest.mark.parametrize(("pattern", "students"), [
    ("*", ["ada", "bob"]), ("a*", ["ada"]), ("[b]??", ["bob"]), ("", []), ("/", []), ("../*", []),
])  # fmt: skip
def test_a_pattern_selects_students(course, pattern, students):
    for student in ("ada", "bob"):
        course.folder("submitted", student, ASSIGNMENT).mkdir(parents=True)
    course.folder("submitted", "eve", "02-bce").mkdir(parents=True)
    assert course.students(ASSIGNMENT, pattern) == students


def test_an_error_in_the_settings_is_one_line_that_names_the_file(course):
    add_settings(course.root, r"raise ValueError('a\nb')")
    with pytest.raises(CourseError) as error:
        _ = course.config
    assert str(error.value) == f"{course.root}/nbgrader_config.py: ValueError: a b"
    with pytest.raises(CourseError, match=r"^what to do$"), reporting_course_errors():
        raise CourseError("what to do")


@pytest.mark.parametrize(("setting", "reason"), [
    ('memory = "1 GiB"', "memory must be an integer above 0"), ("memory = 1.5 * 2**30", "memory must be an integer above 0"),
    ("memory = True", "memory must be an integer above 0"), ("stage_seconds = float('inf')", "must be a finite number above 0"),
    ("memry = 1", "there is no limit 'memry'; did you mean 'memory'"),
])  # fmt: skip
def test_a_limit_that_is_no_number_is_refused(course, setting, reason):
    add_settings(course.root, f"c.Supervisor.{setting}")
    with pytest.raises(CourseError, match=rf"c\.Supervisor in nbgrader_config\.py: .*{reason}"):
        _ = course.work_limits


def test_an_error_in_a_specification_is_one_line(course, tmp_path, monkeypatch):
    (tmp_path / "exercises_with_an_error.py").write_text("undefined")
    monkeypatch.syspath_prepend(tmp_path)
    add_settings(course.root, 'c.DrawCases.exercises = "exercises_with_an_error"')
    with pytest.raises(
        CourseError, match=r"c\.DrawCases\.exercises in nbgrader_config\.py: NameError: name 'undefined'"
    ):
        _ = course.exercises


def test_exercises_that_student_code_could_read_are_an_error(course, tmp_path, monkeypatch):
    folder = tmp_path / "site-packages" / "installed_exercises"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(folder.parent)
    add_settings(course.root, 'c.DrawCases.exercises = "installed_exercises"')
    with pytest.raises(CourseError, match=r"student code could read .*installed_exercises.* uninstall the package"):
        _ = course.exercises


@pytest.mark.parametrize("content", [b"[]", b"{}", b"1", b"\xff"])
def test_a_source_that_is_not_a_notebook_is_reported(tmp_path, content):
    (tmp_path / "new.ipynb").write_bytes(content)
    with pytest.raises(CourseError, match=r"new\.ipynb is not a notebook: restore it from git"):
        read_source(tmp_path / "new.ipynb")


def test_no_selected_student_is_an_error(course):
    with pytest.raises(CourseError, match=f"there are no submissions of {ASSIGNMENT} by '': put notebooks into "):
        course.require_students(ASSIGNMENT, "")


def test_a_relative_secret_file_is_in_the_course_s_folder(course, tmp_path_factory, monkeypatch):
    add_settings(course.root, 'c.DrawCases.secret_file = "private-secret"')
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    DrawCases(parent=NbGraderAPI(course.directory, config=course.config)).preprocess(new_notebook(), {"nbgrader": {}})
    assert course.secret_file == course.root / "private-secret"
    assert course.secret_file.is_file()


def test_a_secret_that_cannot_be_created_leaves_no_draft(tmp_path, monkeypatch):
    def fail(*_):
        raise PermissionError(1, "Operation not permitted")  # no hard links on this file system

    monkeypatch.setattr(os, "link", fail)
    with pytest.raises(
        CourseError, match="secret cannot be read or created: Operation not permitted: look at its folder"
    ):
        read_secret(tmp_path / "secret")
    assert not any(tmp_path.iterdir())
    monkeypatch.undo()
    assert len(read_secret(tmp_path / "secret")) == 64
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]


def test_a_folder_that_cannot_be_looked_at_is_a_submission_so_that_grading_reports_it(course, monkeypatch):
    for student in ("ada", "eve", "zoe"):
        course.submitted_folder(student, ASSIGNMENT).mkdir(parents=True)
    (course.root / "submitted" / "file").touch()
    is_dir = Path.is_dir

    def fail_for_eve(path):
        if "eve" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", fail_for_eve)
    assert course.students(ASSIGNMENT) == ["ada", "eve", "zoe"]
