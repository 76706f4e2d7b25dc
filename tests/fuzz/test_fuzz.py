"""The grader treats every generated submission within its limits, and every submission that was ever a problem."""

import re
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from autograder.supervisor import Supervisor, enter_stage
from tests.fuzz import campaign
from tests.fuzz.cases import AnswersCase, NamesCase, NotebookCase, make_case
from tests.fuzz.found import FOUND
from tests.fuzz.names import Student
from tests.fuzz.shrink import describe, shrink

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems limit neither memory nor names alike")


@pytest.fixture(scope="module")
def template():
    with campaign.course_template() as template:
        yield template


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor(campaign.LIMITS) as supervisor:
        yield supervisor


def test_generated_cases_violate_no_property(template):
    """The message of a failure contains the command that repeats it."""
    summary = campaign.run_campaign(template, range(campaign.cases_in_tests()))
    assert not summary.violations, "\n".join(map(str, summary.violations))


@pytest.mark.parametrize("found", FOUND, ids=[found.name for found in FOUND])
@pytest.mark.attack("work of the grader")
def test_a_case_that_was_a_problem_violates_no_property(template, supervisor, found):
    result = campaign.run_supervised(supervisor, template, found.case)
    assert result.violations == [], found.property


# --- the fuzzer itself ------------------------------------------------------------------------------------------


class PlantedCase:
    """A case whose check has a problem."""

    def __init__(self, problem: str):
        self.problem = problem

    def check(self, template: Path) -> list[str]:
        enter_stage(f"planting {self.problem}", seconds=1)
        match self.problem:
            case "a loop":
                while True:
                    pass
            case "a wait":
                time.sleep(60)
            case "much memory":
                return ["x" * (1 << 40)]
            case "an exception":
                raise ValueError("planted")
        return ["a planted violation"]


@pytest.mark.parametrize(("problem", "message"), [
    ("a loop", "planting a loop: it takes longer than the 1 s of this stage"),
    ("a wait", "planting a wait: it takes longer than the 1 s of this stage"),
    ("much memory", "planting much memory: it needs more than 1024 MiB of memory"),
    ("an exception", "test_fuzz.py check: ValueError: 'planted'"),
    ("a violation", "a planted violation"),
])  # fmt: skip
def test_a_problem_is_found_and_its_stage_named(tmp_path, problem, message):
    with Supervisor(campaign.LIMITS) as supervisor:
        result = campaign.run_supervised(supervisor, tmp_path, PlantedCase(problem))
    assert [re.sub(r":\d+", "", violation) for violation in result.violations] == [message]


def test_an_error_of_the_fuzzer_itself_is_raised(template):
    with pytest.raises(ValueError, match="unknown kind"):
        campaign.run_campaign(template, [1], kind="unknown", workers=1)


def test_a_result_contains_the_command_that_repeats_it():
    result = campaign.CaseResult("notebook", 123, ["a planted violation"], 0.5, "01-sigmoid/sigmoid, 99 bytes")
    assert "python -m tests.fuzz --kind notebook --seed 123" in str(result)


@pytest.mark.parametrize("kind", campaign.SHARES)
def test_the_same_seed_generates_the_same_case(kind):
    assert make_case(kind, 5) == make_case(kind, 5) != make_case(kind, 6)


def test_the_kinds_of_cases_alternate():
    assert Counter(map(campaign.kind_of, range(100))) == campaign.SHARES
    assert {campaign.kind_of(seed) for seed in range(20)} >= {"notebook", "answers"}


@pytest.mark.parametrize("case", [
    NotebookCase("01-sigmoid", "sigmoid", b'{"cells": [{"source": "abcxdef"}, 1, 2], "nbformat": 4}'),
    AnswersCase("sigmoid", b'{"answers": {"answers": [{"value": "xyz"}, {"value": 1}]}}'),
    NotebookCase("01-sigmoid", "sigmoid", b"\xff not JSON, but it holds an x"),
    NamesCase((Student("ada"), Student("bob", first_name="a name with an x", files=[("x", "empty"), ("y", "link")]))),
])  # fmt: skip
def test_shrinking_keeps_what_violates_the_property(case):
    def has_x(case):
        return "x" in describe(case).removeprefix("sigmoid")

    smaller = shrink(case, has_x)
    assert has_x(smaller)
    assert len(describe(smaller)) < len(describe(case))
