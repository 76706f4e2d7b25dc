"""How many submissions of a student got feedback from a watch, and how many more may."""

import json
from datetime import datetime
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from autograder.course import CourseError
from autograder.reports.attempts import Attempts, attempts_of

NOON, ONE = "2025-12-01 12:00:00.000000 UTC", "2025-12-01 13:00:00.000000 UTC"


@pytest.fixture
def course(tmp_path):
    """A course in which the feedback of two submissions of Ada was returned."""
    folder = tmp_path / "01-sigmoid" / "returned"
    folder.mkdir(parents=True)
    entries = [{"time": time, "key": time, "score": 1.0, "assignment_key": "a"} for time in (NOON, ONE)]
    (folder / "ada.json").write_text(json.dumps(entries))
    return SimpleNamespace(records_folder=tmp_path, config=Config())


def test_without_a_limit_all_attempts_are_counted(course):
    assert attempts_of(course, "01-sigmoid", "ada") == Attempts(2)
    assert attempts_of(course, "01-sigmoid", "bob") == Attempts(0)
    assert attempts_of(course, "01-sigmoid", "ada").left is None


@pytest.mark.parametrize(
    ("setting", "left"), [(5, 3), (2, 0), (1, 0), ({"01-sigmoid": 3, "*": 9}, 1), ({"*": 9}, 7), ({"02-bce": 3}, None)]
)
def test_the_limit_is_a_number_or_numbers_by_assignment(course, setting, left):
    course.config.Watch.max_attempts = setting
    assert attempts_of(course, "01-sigmoid", "ada").left == left


def test_the_next_attempt_waits_from_the_last_one_on(course):
    course.config.Watch.seconds_between = 600
    assert attempts_of(course, "01-sigmoid", "ada").next_at == datetime(2025, 12, 1, 13, 10)
    assert attempts_of(course, "01-sigmoid", "bob").next_at is None


@pytest.mark.parametrize("setting", ["many", -1, True, {"*": "many"}])
def test_a_limit_that_is_not_a_number_is_reported(course, setting):
    course.config.Watch.max_attempts = setting
    with pytest.raises(CourseError, match=r"c\.Watch\.max_attempts in nbgrader_config.py: write a number"):
        attempts_of(course, "01-sigmoid", "ada")
