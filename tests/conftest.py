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


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY
