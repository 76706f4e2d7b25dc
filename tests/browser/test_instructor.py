"""An instructor in Formgrader: from a source notebook to the feedback that a student receives."""

import getpass
import subprocess

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect

from autograder.authoring.simulate import make_submission
from tests.conftest import REPOSITORY, SIGMOID_AUTOMATIC_POINTS, SIGMOID_POINTS, exercises

pytestmark = pytest.mark.slow

STRICT_THRESHOLD = "def predict_label(p, threshold=0.5):\n    return np.where(np.asarray(p) > threshold, 1, 0)"


def nbgrader(folder, *arguments: str) -> None:
    completed = subprocess.run(["nbgrader", *arguments], cwd=folder, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout + completed.stderr


@pytest.fixture
def student(classroom):
    """The folder of a student whose name is in the gradebook."""
    home = classroom.parent / "student"
    home.mkdir()
    exchange = "".join(
        line
        for line in (classroom / "nbgrader_config.py").read_text().splitlines(True)
        if line.startswith("c.Exchange.")
    )
    (home / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.course_id = "lectrain"\n{exchange}')
    roster = classroom / "roster.csv"
    roster.write_text(f"id,first_name,last_name,email\n{getpass.getuser()},Ada,Lovelace,ada@example.org\n")
    nbgrader(classroom, "db", "student", "import", str(roster))
    return home


def test_formgrader_leads_from_source_to_feedback(visit, classroom, student):
    page = visit.page
    page.goto(f"{visit.home}/lab?reset")
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.get_by_role("menuitem", name="Formgrader", exact=True).click()
    form = page.frame_locator("iframe")

    def press(column: str, row: str, message: str) -> None:
        """Press the button in a row. Check the dialog with nbgrader's message, and close it."""
        form.locator("tr", has=form.get_by_text(row, exact=True)).locator(f"td.{column} a").click()
        dialog = form.locator(".modal.in")
        expect(dialog).to_contain_text(message)
        expect(dialog).to_contain_text("Success")
        dialog.get_by_role("button", name="OK").click()
        expect(dialog).to_have_count(0)

    press("assign", "01-sigmoid", "created the student version")
    press("release", "01-sigmoid", "released")
    visit.screenshot("formgrader-assignments")

    nbgrader(student, "fetch_assignment", "01-sigmoid")
    source = nbformat.read(REPOSITORY / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    nbformat.write(
        make_submission(source, {"predict_label": STRICT_THRESHOLD}), student / "01-sigmoid" / "sigmoid.ipynb"
    )
    nbgrader(student, "submit", "01-sigmoid")

    press("collect", "01-sigmoid", "collected")
    form.locator("tr", has=form.get_by_text("01-sigmoid", exact=True)).locator("td.num-submissions a").click()
    row = form.locator("#main-table tr").first
    expect(row).to_contain_text("Lovelace, Ada")
    expect(row).to_contain_text("needs autograding")
    press("autograde", getpass.getuser(), "autograded")
    expect(row).to_contain_text("needs manual grading")
    exercise = exercises["predict_label"]
    lost = exercise.points - exercise.check(lambda p, threshold=0.5: np.where(np.asarray(p) > threshold, 1, 0)).score
    assert lost > 0
    expect(row.locator("td.score")).to_have_text(f"{SIGMOID_AUTOMATIC_POINTS - lost:g} / {SIGMOID_POINTS}")
    visit.screenshot("formgrader-submissions")

    form.get_by_role("link", name="Manual Grading").click()
    form.get_by_role("link", name="01-sigmoid").click()
    form.get_by_role("link", name="sigmoid", exact=True).click()
    visit.screenshot("formgrader-manual-list")
    form.get_by_role("link", name="Submission #1").click()
    formula = form.locator("#notebook .MathJax").first
    formula.wait_for()
    assert form.locator(".MathJax_Error, .merror").evaluate_all("found => found.map(e => e.outerHTML)") == []
    expect(form.locator(".text_cell_render p", has_text="$")).to_have_count(0)
    expect(form.locator(".output", has_text="predict_label:")).to_contain_text("✗ not yet")
    expect(form.get_by_text("Model answer, for graders only")).to_have_count(1)
    form.locator("span.glyphicon-eye-open").click()
    expect(form.locator("a.name-shown")).to_have_text("Lovelace, Ada")
    visit.screenshot("formgrader-grading-top")
    score = form.locator("#sigmoid-threshold")
    score.scroll_into_view_if_needed()
    with page.expect_response(lambda response: "/api/grade/" in response.url and response.request.method == "PUT"):
        score.fill("1.5")
        score.press("Tab")
    comment = form.locator("#sigmoid-threshold-comment")
    with page.expect_response(lambda response: "/api/comment/" in response.url and response.request.method == "PUT"):
        comment.fill("Say which mistake costs *more*.")
        comment.press("Tab")
    visit.screenshot("formgrader-grading")

    form.get_by_role("link", name="Manual Grading").click()
    form.get_by_role("link", name="Manage Assignments").click()
    press("generate-feedback", "01-sigmoid", "feedback")
    press("release-feedback", "01-sigmoid", "feedback")
    nbgrader(student, "fetch_feedback", "01-sigmoid")
    (feedback,) = student.rglob("sigmoid.html")
    page.goto(feedback.as_uri())
    expect(page.locator("body")).to_contain_text("Say which mistake costs")
    expect(page.locator("body")).to_contain_text(f"{SIGMOID_POINTS - 0.5 - lost:g} of {SIGMOID_POINTS}")
    visit.screenshot("feedback")
