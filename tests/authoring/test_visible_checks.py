"""Students see before they submit what costs points later: the visible checks reject the mistakes of the catalogue."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from autograder.authoring import visible_checks
from autograder.authoring.kill_matrix import AnswerKind
from autograder.authoring.visible_checks import VisibleResult, coverage, is_sufficient, run_visible_checks
from autograder.cli import app
from autograder.course import Course, CourseError
from tests.conftest import SOURCES

pytestmark = pytest.mark.filterwarnings("default")  # as in a notebook: an answer may warn

SEEN = VisibleResult("01", "first", "f", AnswerKind.MISTAKE, "sign", "CheckFailed: f: it has the opposite sign.")
UNSEEN = replace(SEEN, error=None)
VARIANT = replace(UNSEEN, kind=AnswerKind.VARIANT)


@pytest.fixture(scope="module")
def course(repository):
    return Course.at(repository)


@pytest.mark.slow
def test_the_visible_checks_accept_every_variant_and_reject_97_percent_of_the_mistakes(repository):
    """In a new process: a fork for each answer takes the longer, the more memory the process of the tests has."""
    command = [sys.executable, "-m", "autograder", "matrix", "--visible"]
    completed = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    shown = set(re.findall(r"^(\w+): the visible checks reject", completed.stdout, flags=re.MULTILINE))
    assert shown == set(SOURCES)


def test_a_variant_that_is_rejected_or_a_reason_that_is_not_needed_is_not_sufficient():
    assert is_sufficient([SEEN, VARIANT])
    assert not is_sufficient([SEEN, replace(VARIANT, error="CheckFailed: f: is nan.")])
    assert not is_sufficient([replace(SEEN, reason="it needs many runs")])


def test_at_most_3_percent_of_a_notebook_s_mistakes_pass_without_a_reason():
    assert is_sufficient([UNSEEN, *97 * [SEEN]] * 3)
    assert not is_sufficient([UNSEEN, *30 * [SEEN]])
    assert not is_sufficient([UNSEEN, *30 * [SEEN], *100 * [replace(SEEN, notebook="second")]])
    assert is_sufficient([replace(UNSEEN, reason="it needs many runs")])


def test_mistakes_are_counted_per_notebook():
    excused = replace(UNSEEN, notebook="second", reason="it needs many runs")
    counts = coverage([SEEN, UNSEEN, VARIANT, excused])
    assert [(name, c.total, c.rejected, c.excused) for name, c in counts.items()] == [
        ("first", 2, 1, 0),
        ("second", 1, 0, 1),
    ]


def test_a_mistake_that_is_rejected_although_it_has_a_reason_counts_once():
    (count,) = coverage([replace(SEEN, reason="it needs many runs"), UNSEEN]).values()
    assert (count.total, count.rejected, count.excused) == (2, 1, 0)
    assert not count.reaches_minimum


def test_an_answer_cannot_change_the_result_of_the_next_one():
    notebook = visible_checks.Notebook
    check = "assert f(data) == 2"

    def run():
        variables = notebook()
        visible_checks._error_of(variables, "data = [1, 2]")
        return [
            visible_checks._error_in_fork(variables, (), text, check)
            for text in ("data.clear(); f = len", "f = len", "f = max")
        ]

    assert visible_checks._in_fork(run) == ["AssertionError: ", None, None]


def test_an_answer_cannot_use_what_the_solution_defines():
    def run():
        variables = visible_checks.Notebook()
        visible_checks._error_of(variables, "def f(x): return x")
        return visible_checks._error_in_fork(variables, ["f"], "def ff(x): return 0", "assert f(1) == 1")

    assert visible_checks._in_fork(run) == "NameError: name 'f' is not defined"


def test_reasons_are_those_of_the_call_of_check_also_below_a_magic():
    source = '%time f(1)\nshow(unseen={"a": "shown"})\ncheck(f, unseen={"b": "it needs many runs"})'
    assert visible_checks._reasons_to_pass(source) == {"b": "it needs many runs"}


@pytest.mark.parametrize("reasons", ["REASONS", "['a']", "3"])
def test_reasons_that_are_no_dict_of_texts_are_refused(reasons):
    with pytest.raises(CourseError, match="write unseen= as a dict of texts"):
        visible_checks._reasons_to_pass(f"check(f, unseen={reasons})")


def test_an_answer_that_ends_or_blocks_the_process_is_rejected(monkeypatch):
    monkeypatch.setattr(visible_checks, "SECONDS", 1)

    def run():
        variables = visible_checks.Notebook()
        return [
            visible_checks._error_in_fork(variables, (), text, "f")
            for text in ("import os; os._exit(0)", "while True: pass")
        ]

    assert visible_checks._in_fork(run) == ["the process ended", "no result within 1 seconds"]


def test_the_command_prints_the_coverage_and_the_message_and_hint_of_each_mistake(repository):
    exercises = ["predict_label", "sigmoid_quiz"]
    result = CliRunner().invoke(app, ["matrix", "--visible", *exercises, "--course-dir", str(repository)])
    assert result.exit_code == 0, result.output
    assert "sigmoid: the visible checks reject" in result.output
    assert "sigmoid_quiz: left out: it is a question" in result.output
    assert re.search(
        "predict_label: below\n  check: the labels are right .*\n  hint:  The classes are swapped", result.output
    )


def test_a_process_that_ends_early_is_an_error(course, monkeypatch):
    monkeypatch.setattr(visible_checks, "_run_notebook", lambda *_: os._exit(1))
    with pytest.raises(CourseError, match=r"sigmoid\.ipynb: its process ended before all answers were checked"):
        list(run_visible_checks(course, ["predict_label"]))


def test_an_error_of_the_course_in_the_process_is_reported():
    def fail():
        raise CourseError("a cell does not run")

    with pytest.raises(CourseError, match="a cell does not run"):
        visible_checks._in_fork(fail)


def test_a_result_that_cannot_be_sent_is_an_error():
    with pytest.raises(EOFError):
        visible_checks._in_fork(lambda: lambda: None)
