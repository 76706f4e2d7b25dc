"""Fixtures and helpers for all tests: the repository, a course in a temporary folder, a browser, a sandbox."""

import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from autograder.course import Course
from autograder.grading import batch
from autograder.judging.exercise_set import load_exercises
from autograder.live import watch
from autograder.runner import RunnerError, open_runner
from autograder.supervisor import SupervisorPool, Worker, WorkLimits
from tests.attacks import count_attacks, count_held

pytest_plugins = ["tests.graded_class"]  # a graded class for all that is made from one

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = {file.stem: file for file in sorted((REPOSITORY / "solutions").glob("*/*.ipynb"))}  # by notebook
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # every core has a test: more threads would only wait for each other
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
exercises = load_exercises("exercises")  # of this repository's course
# Of the assignment 01-sigmoid, which many tests grade. A person gives the points of its written answer.
SIGMOID_AUTOMATIC_POINTS = round(sum(exercise.points for exercise in exercises.by_notebook["sigmoid"]))
SIGMOID_POINTS = SIGMOID_AUTOMATIC_POINTS + 2

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
]


def make_course(folder: Path, *assignments: str) -> Path:
    """Create a course with some assignments of this repository and an empty gradebook."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    (folder / "gradebook.db").write_bytes(empty_gradebook())
    for assignment in assignments:
        shutil.copytree(REPOSITORY / "solutions" / assignment, folder / "solutions" / assignment)
    return folder


def add_settings(folder: Path, *lines: str) -> Course:
    """Append lines to the settings of a course, and read it again."""
    with (folder / "nbgrader_config.py").open("a") as config:
        config.writelines(f"\n{line}\n" for line in lines)
    return Course.at(folder)


@functools.cache
def empty_gradebook() -> bytes:
    """The file of a new gradebook. nbgrader takes a second to create one, so the courses of the tests get copies."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
        Course.at(Path(folder)).gradebook().close()
        return (Path(folder) / "gradebook.db").read_bytes()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip slow tests unless their file is named on the command line, or LECTRAIN_SLOW is set.

    Files with slow tests come first: otherwise one worker would still run the last of them when the others have ended.
    """
    slow_files = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow_files)
    named = tuple(argument for argument in config.args if ".py" in argument)
    for item in items:
        count_attacks(item)
        is_slow = item.get_closest_marker("slow") is not None
        if is_slow and not os.environ.get("LECTRAIN_SLOW") and not item.nodeid.startswith(named):
            item.add_marker(pytest.mark.skip(reason="slow: set LECTRAIN_SLOW=1, as continuous integration does"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if held := count_held(terminalreporter.stats.get("passed", [])):
        terminalreporter.write_line(f"attacks held: {held}")


@pytest.fixture(autouse=True)
def _own_import_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what a course's nbgrader_config.py does: it adds the course's folder, which some tests poison."""
    monkeypatch.setattr(sys, "path", sys.path.copy())


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium. All tests share it, because Playwright runs once per process."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    if CHROMIUM is None:
        pytest.skip("browser tests need chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """As `--dist loadfile`, but one process runs all tests of the hub: they share its installation and exchange.

    The tests of lost processes are spread one by one: most of them wait for the end of a limit, and share only a runner.
    """
    from xdist.scheduler import LoadFileScheduling

    if config.getoption("dist") != "loadfile":
        return None

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/deploy/"):
                return "tests/deploy"
            return nodeid if "test_lost_process" in nodeid else super()._split_scope(nodeid)

    return ByFile(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than the machine has cores, because many tests wait: for a browser, a kernel, or the end of a limit."""
    return (os.cpu_count() or 1) + 1


class SharedPool(SupervisorPool):
    """Supervisors whose workers stay for the next test, unless this one ended with an error."""

    def __exit__(self, kind: type[BaseException] | None = None, *_: object) -> None:
        if kind is not None:
            for supervisor in self.supervisors:
                supervisor._end_worker()


@pytest.fixture(scope="session", autouse=True)
def _shared_workers() -> Iterator[None]:
    """Let `batch.grade` and `Watch` use the workers of earlier tests: one takes longer to start than to grade a class."""
    with ExitStack() as stack:

        @functools.cache
        def shared(
            user: ModuleType, number: int, limits: WorkLimits | None = None, worker: Worker | None = None
        ) -> SharedPool:
            pool = SharedPool(number, limits)
            stack.callback(SupervisorPool.__exit__, pool)
            return pool

        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for module in (batch, watch):
            patch.setattr(module, "SupervisorPool", functools.partial(shared, module))
        yield


@pytest.fixture(scope="session")
def sandbox() -> str:
    """The mode of the sandbox. Tests that need it are skipped on machines without one."""
    try:
        with open_runner() as runner:
            return runner.isolation
    except RunnerError as error:
        pytest.skip(f"grading needs a sandbox: {error}")
