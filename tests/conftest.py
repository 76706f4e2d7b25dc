"""A course for the tests: the repository's own, in a folder of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic


def course_in(folder: Path, *assignments: str) -> Path:
    """Lay out a course with these assignments."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", folder)
    for assignment in assignments:
        shutil.copytree(REPOSITORY / "solutions" / assignment, folder / "solutions" / assignment)
    return folder


SLOW = ("tests/browser/", "tests/test_readme.py", "tests/autograder/test_scale.py", "tests/autograder/test_exchange.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """At a desk the tests take less than five minutes; continuous integration runs all of them."""
    if os.environ.get("LECTRAIN_SLOW") or any(path in str(config.args) for path in SLOW):
        return
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.skip(reason="slow: set LECTRAIN_SLOW=1, as continuous integration does"))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY
