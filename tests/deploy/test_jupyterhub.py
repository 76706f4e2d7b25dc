"""The whole cycle on a real JupyterHub, in a real browser; and what a curious student can reach."""

import hashlib
import re
import signal
import time
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from playwright.sync_api import expect

from autograder.authoring.simulate import make_submission
from autograder.submissions.times import format_time
from tests.browser.notebook import HAS_RUN
from tests.conftest import REPOSITORY, SIGMOID_POINTS

from .conftest import ASSIGNMENT, Desk, Hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

SOURCE = REPOSITORY / "solutions" / ASSIGNMENT / "sigmoid.ipynb"


def write_notebook(hub: Hub, who: str, answers: dict[str, str]) -> None:
    """Put a solved notebook into the place of the one that a student has fetched."""
    file = hub.home(who) / ASSIGNMENT / "sigmoid.ipynb"
    file.write_text(nbformat.writes(make_submission(nbformat.read(SOURCE, 4), answers)))


def forge(hub: Hub) -> None:
    """Let Eve hand in for Ada, later than Ada, and for herself with the time of yesterday."""
    text = (
        (hub.home("eve") / ASSIGNMENT / "sigmoid.ipynb").read_text().replace('"cells": [', '"forged": 1, "cells": [', 1)
    )
    draft = hub.home("eve") / "forged.ipynb"
    draft.write_text(text)
    draft.chmod(0o644)
    now = datetime.now(UTC)
    for who, when in (("ada", now + timedelta(seconds=2)), ("eve", now - timedelta(days=1))):
        folder = hub.inbound / f"{hub.accounts[who]}+{ASSIGNMENT}+{format_time(when)}+AAAAAAAAAAAA"
        steps = (
            f"mkdir -m 777 '{folder}'",
            f"cp ~/forged.ipynb '{folder}/sigmoid.ipynb'",
            f"echo -n '{format_time(when)}' > '{folder}/timestamp.txt'",
            f"touch '{folder}/submission_secret.txt'",  # without it, a hand-in counts as unfinished for 30 s
        )
        hub.run("eve", " && ".join(steps))


def check_that_nothing_forged_was_collected(hub: Hub) -> None:
    for who in ("ada", "bob", "eve"):
        submitted = hub.course / "submitted" / hub.accounts[who] / ASSIGNMENT / "sigmoid.ipynb"
        assert "forged" not in submitted.read_text(), who


@pytest.fixture(scope="module")
def desks(browser, hub):
    """The windows of prof and ada. Their servers start at the same time."""
    desks = {who: Desk(browser, hub, who) for who in ("prof", "ada")}
    for desk in desks.values():
        desk.wait_for_server()
    yield desks
    for desk in desks.values():
        desk.close()


def set_due_date(hub: Hub, when: datetime, who: str, days: int) -> None:
    """Set the due date of the class, and give one student more time."""
    account = hub.accounts[who]
    hub.run(
        "prof",
        f"nbgrader db assignment add {ASSIGNMENT} --duedate '{when:%Y-%m-%d %H:%M:%S} UTC' && nbgrader db student add "
        f"{account} && python -m autograder extend {account} {ASSIGNMENT} --days {days}",
    )


def test_a_class_works_from_release_to_feedback(hub, browser, desks):
    prof, ada = desks["prof"], desks["ada"]
    hub.run("prof", f"nbgrader generate_assignment {ASSIGNMENT} --force && nbgrader release_assignment {ASSIGNMENT}")
    set_due_date(hub, datetime.now(UTC) + timedelta(days=1), "ada", days=3)

    # Ada works in the browser: open from the page with the assignments, which fetches, solve, Validate, submit.
    assert ada.menu_of_nbgrader() == ["Assignment List"]
    ada.open_assignments()
    article = ada.page.get_by_role("article")
    expect(article).to_contain_text(f"{datetime.now() + timedelta(days=4):%A %-d %B %Y}")
    expect(article).to_contain_text("your extension")
    expect(article).to_contain_text(f"{SIGMOID_POINTS} points")
    expect(article).to_contain_text("Nothing handed in yet")
    ada.page.get_by_role("link", name="Open sigmoid").click()
    ada.page.get_by_text("| Idle").first.wait_for()
    write_notebook(hub, "ada", {})
    ada.page.goto(f"{ada.server}/lab/tree/{ASSIGNMENT}/sigmoid.ipynb", wait_until="commit")
    ada.page.get_by_text("| Idle").first.wait_for()
    ada.choose("Run", "Run All Cells")
    ada.page.wait_for_function(HAS_RUN)
    ada.page.locator("jp-button.validate-button").click()
    dialog = ada.page.locator(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog").first
    expect(dialog).to_contain_text("Success")
    dialog.get_by_role("button").last.click()
    ada.open_list("Submit")
    ada.press("Submit")
    ada.page.get_by_role("button", name="Fetch Feedback").wait_for()
    assert len([*(hub.base / "data" / "fashion-mnist").glob("*-ubyte")]) == 4, "the data are unpacked once for all"
    ada.open_assignments()
    expect(article).to_contain_text("on time")
    own = (hub.home("ada") / ASSIGNMENT / "sigmoid.ipynb").read_bytes()
    expect(article).to_contain_text(f"SHA-256 {hashlib.sha256(own).hexdigest()}")
    assert not ada.page.get_by_role("link", name="Feedback on sigmoid").count()

    # Bob works in a terminal, and his sigmoid overflows.
    hub.run("bob", f"nbgrader fetch_assignment {ASSIGNMENT}")
    write_notebook(hub, "bob", {"sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"})
    hub.run("bob", f"nbgrader submit {ASSIGNMENT}")

    # Eve hands in for Ada, and once more for herself with an earlier time.
    hub.run("eve", f"nbgrader fetch_assignment {ASSIGNMENT} && nbgrader submit {ASSIGNMENT}")
    forge(hub)

    # The instructor collects with Formgrader's button, in a tab of its own; the tutor, another account, grades.
    prof.page.goto(f"{prof.server}/formgrader")
    row = prof.page.locator("tr", has=prof.page.get_by_text(ASSIGNMENT, exact=True))
    row.locator("td.collect a").click()
    expect(prof.page.locator(".modal.in")).to_contain_text("Success")
    check_that_nothing_forged_was_collected(hub)
    assert "refused: 2" in hub.run("prof", f"nbgrader collect {ASSIGNMENT}")
    check_that_nothing_forged_was_collected(hub)
    hub.run("tutor", f"python -m autograder grade {ASSIGNMENT}")
    assert f"of {SIGMOID_POINTS}" in hub.run("prof", f"python -m autograder scores {ASSIGNMENT}")

    # A mark by hand.
    prof.page.goto(f"{prof.server}/formgrader/gradebook/{ASSIGNMENT}/sigmoid")
    prof.page.get_by_role("link", name="Submission #1", exact=True).click()
    prof.page.locator("#notebook .MathJax").first.wait_for()  # before that it would not notice what is typed
    prof.page.wait_for_load_state("networkidle")
    score = prof.page.locator("#sigmoid-threshold")
    with prof.page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT") as answer:
        score.fill("1.5")
        score.press("Tab")
    assert answer.value.ok

    # Each of the two can replace the other's files.
    hub.run("prof", f"python -m autograder grade {ASSIGNMENT} --force && nbgrader autograde {ASSIGNMENT} --force")
    hub.run("tutor", f"python -m autograder grade {ASSIGNMENT} --force")
    hub.run("prof", f"python -m autograder feedback {ASSIGNMENT}")
    hub.run("tutor", f"python -m autograder feedback {ASSIGNMENT} && nbgrader release_feedback {ASSIGNMENT}")
    hub.run("prof", f"python -m autograder report {ASSIGNMENT}")

    # Feedback is one click away, and nbgrader's own way leads to it, too.
    ada.open_assignments()
    ada.page.get_by_role("link", name="Feedback on sigmoid").click()
    expect(ada.page.locator("body")).to_contain_text(f"of {SIGMOID_POINTS} points")
    feedback = ada.page.url
    assert ada.status(feedback) == 200
    ada.open_lab()
    ada.choose("Nbgrader", "Assignment List")
    ada.press("Fetch Feedback")
    ada.page.get_by_text("view feedback").first.click()
    ada.page.get_by_role("listitem").filter(has_text="sigmoid.html").dblclick()
    expect(ada.page.frame_locator("iframe").locator("body")).to_contain_text(f"of {SIGMOID_POINTS} points")

    # Bob has no extension, and another page.
    set_due_date(hub, datetime.now(UTC) - timedelta(days=1), "ada", days=3)
    bob = Desk(browser, hub, "bob")
    bob.open_assignments()
    expect(bob.page.get_by_role("article")).to_contain_text("late")
    assert hashlib.sha256(own).hexdigest() not in bob.page.content()
    assert bob.status(feedback) == 404
    bob.close()


@pytest.mark.attack("the hub")
def test_a_student_reaches_nothing_of_others(hub, browser, desks):
    eve = Desk(browser, hub, "eve")
    eve.open_assignments()  # with the submissions that she forged
    eve.wait_for_server()
    prof, ada = hub.server("prof"), hub.server("ada")
    for address in (f"{prof}/lab", f"{prof}/formgrader", f"{ada}/files/{ASSIGNMENT}/sigmoid.ipynb"):
        assert eve.status(address) == 403, address
    assert eve.status(f"{hub.url}/hub/admin") == 403
    assert eve.status(f"{eve.server}/formgrader") == 404
    eve.close()
    exchange = hub.base / "exchange" / "lectrain"
    for place in (
        *(hub.home("ada"), hub.home("prof"), hub.course, hub.course / "gradebook.db", hub.course / ".course-secret"),
        *(exchange / "inbound", exchange / "feedback", hub.base / "hub/state"),
    ):
        hub.run("eve", f"ls {place}/" if place.is_dir() else f"cat {place}", fails=True)
    submission = next(folder for folder in hub.inbound.glob("*") if folder.owner() == hub.accounts["ada"])
    hub.run("eve", f"mv '{submission}' '{submission}x'", fails=True)
    # nbgrader lets everybody write into a submission, so that instructors can delete it: its name is the secret.
    assert len(submission.name.rsplit("+", 1)[1]) == 12


def test_a_watch_returns_feedback_within_seconds(hub, desks):
    """Continues the first test: Bob repairs his sigmoid, while the instructor watches."""
    page, returned = (
        hub.course / "reports" / f"{ASSIGNMENT}-class.html",
        hub.course / "records" / ASSIGNMENT / "returned",
    )
    page.unlink(missing_ok=True)
    watch = hub.popen("prof", f"exec python -m autograder watch {ASSIGNMENT}")
    try:
        wait_until(lambda: page.exists() and len(list(returned.glob("*.json"))) == 3)
        write_notebook(hub, "bob", {})
        pages = set((hub.base / "exchange" / "lectrain" / "feedback").glob("*.html"))
        hub.run("bob", f"nbgrader submit {ASSIGNMENT}")
        feedback, released = hub.home("bob") / ASSIGNMENT / "feedback", hub.base / "exchange" / "lectrain" / "feedback"
        wait_until(lambda: set(released.glob("*.html")) > pages)
        (page_of_bob,) = set(released.glob("*.html")) - pages
        submission = max(hub.inbound.glob(f"{hub.accounts['bob']}+*"))
        seconds = page_of_bob.stat().st_mtime - (submission / "sigmoid.ipynb").stat().st_ctime
        print(f"feedback {seconds:.1f} s after the submission")
        hub.run("bob", f"nbgrader fetch_feedback {ASSIGNMENT}")
        newest = max(feedback.glob("*/sigmoid.html"))
        assert "✗" not in re.sub(r"<style>.*?</style>", "", newest.read_text(), flags=re.DOTALL)
        forge(hub)
        refused = hub.course / "refused"
        wait_until(lambda: len(list(refused.glob("*/reason.txt"))) == 4)
        check_that_nothing_forged_was_collected(hub)

        # The page for the projector, as the hub serves it.
        window = desks["prof"].page
        window.goto(f"{desks['prof'].server}/files/reports/{page.name}")
        right = window.locator("section.shown tr", has_text="fourteenth")
        expect(right.locator(".bar")).to_be_hidden()
        window.keyboard.press(" ")
        expect(right.locator(".bar")).to_be_visible()
        time.sleep(2.5)  # it has reloaded itself
        expect(right.locator(".bar")).to_be_visible()
        expect(window.locator("header")).to_contain_text("3 submissions")
        assert not [account for account in hub.accounts.values() if account in window.content()]
    finally:
        watch.send_signal(signal.SIGTERM)
        output, _ = watch.communicate(timeout=300)
    assert "3 submissions graded and returned" in output, output


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
