"""A course for the tests: the repository's own, in a folder of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from autograder.runner import RunnerError, open_runner

REPOSITORY = Path(__file__).resolve().parents[1]
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic


def course_in(folder: Path, *assignments: str) -> Path:
    """Lay out a course with these assignments."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    for assignment in assignments:
        shutil.copytree(REPOSITORY / "solutions" / assignment, folder / "solutions" / assignment)
    return folder


SLOW = (
    *("tests/browser/", "tests/test_readme.py", "tests/grading/test_batch.py", "tests/grading/test_exchange.py"),
    *("tests/reports/test_browser.py", "tests/authoring/test_simulate.py"),
    "tests/lectrain/test_no_answers.py::test_nothing_earns_a_point",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """At a desk the tests take less than five minutes; continuous integration runs all of them."""
    if os.environ.get("LECTRAIN_SLOW") or any(path.rstrip("/") in str(config.args) for path in SLOW):
        return
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.skip(reason="slow: set LECTRAIN_SLOW=1, as continuous integration does"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
QUIET += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, one for all: Playwright runs once per process."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the browser's tests need playwright")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sandbox():
    """Skip where student code cannot be kept apart; say why."""
    try:
        with open_runner() as runner:
            return runner.mode
    except RunnerError as error:
        pytest.skip(f"grading needs a sandbox: {error}")
