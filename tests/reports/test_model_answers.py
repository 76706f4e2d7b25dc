"""Model answers appear on Formgrader's page, and nowhere else."""

import copy
import time

import nbformat
from nbconvert.exporters import HTMLExporter

from .conftest import ASSIGNMENT

RESOURCES = {"submission_id": "1", "assignment_id": ASSIGNMENT, "notebook_id": "sigmoid"}


def render(course, resources):
    """The text of a graded notebook's page, with the templates of nbconvert."""
    config = copy.deepcopy(course.config)
    del config["HTMLExporter"]["extra_template_basedirs"]
    nb = nbformat.read(course.folder("autograded", "one", ASSIGNMENT) / "sigmoid.ipynb", 4)
    return HTMLExporter(config=config).from_notebook_node(nb, resources=resources)[0]


def test_the_grading_page_shows_the_model_answer_and_the_rubric_once(graded):
    page = render(graded, dict(RESOURCES))
    assert page.count("Model answer, for graders only") == 1
    assert "<strong>Rubric</strong>" in page.split("Model answer, for graders only")[1]


def test_other_pages_have_no_model_answers(graded, pages):
    assert "Rubric" not in render(graded, {})
    assert all("Rubric" not in page.read_text(encoding="utf-8") for page in pages.values())


def test_a_notebook_that_the_course_does_not_have_is_shown_without_model_answers(graded):
    assert "Rubric" not in render(graded, RESOURCES | {"notebook_id": "other"})
    assert "Rubric" not in render(graded, RESOURCES | {"assignment_id": "other"})


def test_the_grading_page_highlights_code_in_linear_time(graded):
    assert 'class="highlight hl-python"><pre><span></span>' in render(graded, dict(RESOURCES))
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(" \n" * 100_000)])
    config = copy.deepcopy(graded.config)
    del config["HTMLExporter"]["extra_template_basedirs"]
    started = time.monotonic()
    HTMLExporter(config=config).from_notebook_node(nb)
    assert time.monotonic() - started < 20  # Pygments takes minutes
