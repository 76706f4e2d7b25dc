"""An error of one student is one line, and what concerns everybody stops the loop."""

import errno

import pytest
from sqlalchemy.exc import OperationalError

from autograder.course import CourseError
from autograder.grading.boundary import Boundary
from autograder.runner import RunnerError

STUDENTS = ("ada", "bob", "cyd")


def loop(boundary: Boundary, errors: dict[str, Exception]) -> list[str]:
    done = []
    for student in STUDENTS:
        with boundary.around(student):
            if student in errors:
                raise errors[student]
            done.append(student)
    return done


@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize(("error", "line"), [
    (PermissionError(errno.EACCES, "Permission denied", "eve/x"), "Permission denied: eve/x"),
    (ValueError("first line\nsecond line"), "ValueError: first line"),
    (AssertionError(), "AssertionError"),
    (RuntimeError("\x1b[2J"), r"RuntimeError: \x1b[2J"),
])  # fmt: skip
def test_an_error_costs_one_turn_and_is_one_line(student, error, line):
    lines: list[tuple[str, str]] = []
    boundary = Boundary(lambda *what: lines.append(what))
    assert loop(boundary, {student: error}) == [other for other in STUDENTS if other != student]
    assert lines == [(student, line)]
    assert boundary.failures == {student: line}


@pytest.mark.parametrize("error", [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EROFS, "Read-only file system"),
    OperationalError("insert", {}, Exception("database or disk is full")),
    CourseError("no assignment"),
    RunnerError("no sandbox"),
    MemoryError(),
    KeyboardInterrupt(),
])  # fmt: skip
def test_what_concerns_everybody_stops_the_loop(error):
    boundary = Boundary()
    with pytest.raises(type(error)):
        loop(boundary, {"bob": error})
    assert boundary.failures == {}


def test_an_error_is_reported_again_only_if_it_changes_and_can_be_forgotten():
    lines: list[tuple[str, str]] = []
    boundary = Boundary(lambda *what: lines.append(what))
    for error in (ValueError("one"), ValueError("one"), ValueError("two")):
        loop(boundary, {"bob": error})
    assert lines == [("bob", "ValueError: one"), ("bob", "ValueError: two")]
    assert boundary.failures == {"bob": "ValueError: two"}
    boundary.forget("bob")
    assert boundary.failures == {}


def test_the_results_are_those_of_the_students_for_whom_it_did_not_fail():
    boundary = Boundary(lambda *_: None)
    assert boundary.results({"ada": 1, "cyd": 3}.__getitem__, STUDENTS) == {"ada": 1, "cyd": 3}
    assert boundary.failures == {"bob": "KeyError: 'bob'"}


def test_without_a_report_an_error_is_logged(caplog):
    loop(Boundary(), {"bob": ValueError("no luck")})
    assert caplog.messages == ["bob: ValueError: no luck"]
