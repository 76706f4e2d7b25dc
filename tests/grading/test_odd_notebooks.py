"""Odd notebooks are treated justly, and their feedback pages say what happened."""

import copy
import html
import json
import re
import shutil

import pytest

from autograder.authoring.simulate import make_submission
from autograder.course import Course
from autograder.grading import batch
from autograder.grading.records import Outcome
from autograder.reports import feedback_writer

from .conftest import ASSIGNMENT
from .odd_notebooks import FULL, ODD, text_of


@pytest.fixture(scope="module")
def graded(registered, tmp_path_factory, sandbox, source):
    """The records of all odd notebooks, and the texts of their feedback pages."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("odd") / "course"))
    for student, odd in ODD.items():
        nb = make_submission(copy.deepcopy(source), {})
        odd.edit(nb)
        folder = course.root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "sigmoid.ipynb").write_text(json.dumps(nb))
    records = {record.student: record for record in batch.grade(course, ASSIGNMENT, workers=2)}
    pages = feedback_writer.write_all(course, ASSIGNMENT)
    assert pages.failures == []
    texts = {path.parent.parent.name: html.unescape(text_of(path.read_text("utf-8"))) for path in pages.paths}
    return {student: (records[student], texts[student]) for student in ODD}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_notebook_gets_its_points_and_no_person_is_called(graded, name):
    record, _ = graded[name]
    assert (record.score, record.outcome) == (ODD[name].score, Outcome.GRADED), record.messages


@pytest.mark.parametrize("name", ODD)
def test_the_page_of_an_odd_notebook_says_what_happened(graded, name):
    _, text = graded[name]
    assert re.search(ODD[name].says, text, re.IGNORECASE), text
    assert "forbid" not in text


@pytest.mark.parametrize("name", [name for name, odd in ODD.items() if not odd.says and odd.score == FULL])
def test_a_page_blames_nothing_that_cost_no_points(graded, name):
    _, text = graded[name]
    assert "What happened" not in text
