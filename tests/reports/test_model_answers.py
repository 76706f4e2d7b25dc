"""Model answers appear on Formgrader's page, and nowhere else."""

import copy
import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter

from autograder.reports.model_answers import ShowModelAnswers

from ..graded_class import ASSIGNMENT

RESOURCES = {"submission_id": "1", "assignment_id": ASSIGNMENT, "notebook_id": "sigmoid"}


@pytest.fixture
def nb(graded):
    return nbformat.read(graded.folder("autograded", "one", ASSIGNMENT) / "sigmoid.ipynb", 4)


def render(course, nb, resources):
    """The text of a notebook's page, with the templates of nbconvert."""
    config = copy.deepcopy(course.config)
    del config["HTMLExporter"]["extra_template_basedirs"]
    return HTMLExporter(config=config).from_notebook_node(nb, resources=resources)[0]


def test_the_grading_page_shows_the_model_answer_and_the_rubric_once(graded, nb):
    page = render(graded, nb, dict(RESOURCES))
    assert page.count("Model answer, for graders only") == 1
    assert "<strong>Rubric</strong>" in page.split("Model answer, for graders only")[1]
    assert 'class="highlight hl-python"><pre><span></span>' in page


@pytest.mark.parametrize("resources", [
    {}, RESOURCES | {"notebook_id": "other"}, RESOURCES | {"assignment_id": "other"},
], ids=["another page", "an unknown notebook", "an unknown assignment"])  # fmt: skip
def test_other_pages_have_no_model_answers(graded, pages, nb, resources):
    shown, _ = ShowModelAnswers(config=graded.config).preprocess(copy.deepcopy(nb), dict(resources))
    assert shown.cells == nb.cells
    assert all("Rubric" not in page.read_text(encoding="utf-8") for page in pages.values())


def test_the_grading_page_highlights_code_in_linear_time(graded):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(" \n" * 100_000)])
    started = time.monotonic()
    render(graded, nb, {})
    assert time.monotonic() - started < 20  # Pygments takes minutes
