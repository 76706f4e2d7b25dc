"""How many submissions of a student got feedback from a watch, and how many more may."""

import errno
import json
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.config import Config

from autograder.course import CourseError
from autograder.live import returned_list
from autograder.live.attempts import Attempts, Candidate, Pace, attempts_of
from autograder.live.returned_list import Returned, add_returned, read_returned
from autograder.submissions.times import parse_time

NOON, ONE, TWO = (f"2025-12-01 {hour}:00:00.000000 UTC" for hour in (12, 13, 14))


def entry(time: str, key: str, files: str, first_returned: str = "") -> Returned:
    return Returned(time, key, 1.0, "of the assignment", files, "", first_returned)


@pytest.fixture
def course(tmp_path):
    """A course in which the feedback of two submissions of Ada was returned."""
    folder = tmp_path / "01-sigmoid" / "returned"
    folder.mkdir(parents=True)
    entries = [entry(time, time, files=f"of {time}", first_returned=time) for time in (NOON, ONE)]
    (folder / "ada.json").write_text(json.dumps([asdict(own) for own in entries]))
    assignments = ["01-sigmoid", "02-bce"]
    return SimpleNamespace(records_folder=tmp_path, config=Config(), assignments=lambda: assignments)


def test_without_a_limit_all_attempts_are_counted(course):
    assert attempts_of(course, "01-sigmoid", "ada") == Attempts(2)
    assert attempts_of(course, "01-sigmoid", "bob") == Attempts(0)
    assert not attempts_of(course, "01-sigmoid", "ada").is_used_up


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [(5, 5), (2, 2), (1, 1), ({"01-sigmoid": 3, "*": 9}, 3), ({"*": 9}, 9), ({"02-bce": 3}, None)],
)
def test_the_limit_is_a_number_or_numbers_by_assignment(course, setting, allowed):
    course.config.Watch.max_attempts = setting
    attempts = attempts_of(course, "01-sigmoid", "ada")
    assert attempts == Attempts(2, allowed)
    assert attempts.is_used_up == (allowed in (1, 2))


def test_the_next_attempt_waits_from_the_last_one_on(course):
    course.config.Watch.seconds_between = 600
    assert attempts_of(course, "01-sigmoid", "ada").next_at == datetime(2025, 12, 1, 13, 10)
    assert attempts_of(course, "01-sigmoid", "bob").next_at is None


def test_other_files_of_the_same_time_are_an_attempt_and_the_same_ones_are_not(course):
    for key in ("k", "l"):
        add_returned(course, "01-sigmoid", "ada", entry(ONE, key, "others"))
        assert attempts_of(course, "01-sigmoid", "ada").used == 3
    assert [own.key for own in read_returned(course, "01-sigmoid", "ada")] == [NOON, ONE, "l"]


@pytest.mark.parametrize(
    ("due", "at_due"), [(None, ""), (datetime(2100, 1, 1), ", the last one on time at the due date")]
)
def test_beyond_the_limit_only_the_files_that_got_feedback_are_graded_again(course, monkeypatch, due, at_due):
    course.config.Watch.max_attempts = 2
    monkeypatch.setattr(Pace, "_due", lambda self, student: due)
    lines = []
    pace = Pace(course, "01-sigmoid", lambda *line: lines.append(line))
    again, others = Candidate(parse_time(NOON), f"of {NOON}"), Candidate(parse_time(NOON), "others")
    assert pace.find_gradable("ada", [again]) == [again]
    assert lines == []
    assert pace.find_gradable("ada", [others]) == pace.find_gradable("ada", [others]) == []
    rest = f"further submissions are graded when you collect and grade them{at_due}"
    assert lines == [("ada", f"has no attempt left of 2: {rest}")]


@pytest.mark.attack("hand-ins")
def test_the_due_date_allows_no_other_files_of_a_time_that_got_feedback(course, monkeypatch):
    course.config.Watch.max_attempts = 2
    monkeypatch.setattr(Pace, "_due", lambda self, student: parse_time(TWO))
    pace = Pace(course, "01-sigmoid")
    last, again, others, unknown = (
        Candidate(parse_time(TWO), "others"),
        Candidate(parse_time(ONE), f"of {ONE}"),
        Candidate(parse_time(ONE), "others"),
        Candidate(None, "others"),
    )
    assert pace.find_gradable("ada", [last]) == [last], "the last one on time"
    assert pace.find_gradable("ada", [again]) == [again], "it is graded again"
    assert pace.find_gradable("ada", [others]) == []
    assert pace.find_gradable("ada", [unknown]) == [unknown], "without a time, the files tell them apart"


def test_a_stated_time_does_not_shorten_the_waiting(course, monkeypatch):
    course.config.Watch.seconds_between = 600
    monkeypatch.setattr(returned_list, "now", lambda: parse_time(TWO))
    add_returned(course, "01-sigmoid", "ada", entry("2020-01-01 12:00:00.000000 UTC", "k", "f"))
    assert attempts_of(course, "01-sigmoid", "ada").next_at == datetime(2025, 12, 1, 14, 10)


def test_a_list_that_cannot_be_read_now_is_not_replaced(course, monkeypatch):
    def fail(*_):
        raise OSError(errno.ESTALE, "Stale file handle")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", fail)
        with pytest.raises(OSError, match="Stale"):
            add_returned(course, "01-sigmoid", "ada", entry(TWO, "k", "f"))
    assert attempts_of(course, "01-sigmoid", "ada").used == 2


@pytest.mark.parametrize("text", ["[", "[1]", "7", '[{"score": 1}]'])
def test_a_damaged_list_is_replaced(course, text):
    (course.records_folder / "01-sigmoid" / "returned" / "ada.json").write_text(text)
    add_returned(course, "01-sigmoid", "ada", entry(NOON, "k", "f"))
    assert attempts_of(course, "01-sigmoid", "ada").used == 1


@pytest.mark.parametrize("setting", ["many", -1, {"*": 2.5}, 10**400, False])
@pytest.mark.parametrize("name", ["max_attempts", "seconds_between"])
def test_a_limit_that_is_not_a_whole_number_is_reported(course, name, setting):
    course.config.Watch[name] = setting
    with pytest.raises(CourseError, match=rf"c\.Watch\.{name} in nbgrader_config.py: write a whole number"):
        attempts_of(course, "01-sigmoid", "ada")


@pytest.mark.parametrize(("name", "setting", "fault"), [
    ("max_attempt", 3, "no setting 'max_attempt'; did you mean 'max_attempts'?"),
    ("max_attempts", {"01-sigmiod": 3}, "no assignment '01-sigmiod'; did you mean '01-sigmoid'?"),
])  # fmt: skip
def test_a_misspelt_limit_is_reported(course, name, setting, fault):
    course.config.Watch[name] = setting
    with pytest.raises(CourseError, match=re.escape(fault)):
        attempts_of(course, "01-sigmoid", "ada")
