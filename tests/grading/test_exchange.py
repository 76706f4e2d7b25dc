"""nbgrader's exchange, as on a JupyterHub: a submission is collected, graded, and its feedback returned."""

import getpass
import os
import subprocess

import nbformat
import pytest

from autograder.grading import batch
from tests.conftest import add_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("LECTRAIN_HUB" in os.environ, reason="tests/deploy/ does the same on a real hub"),
]


def nbgrader(folder, *arguments: str) -> None:
    completed = subprocess.run(["nbgrader", *arguments], cwd=folder, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stdout + completed.stderr


def test_a_renamed_notebook_through_the_exchange_is_returned_with_feedback(course, solved, tmp_path):
    exchange, home, cache = tmp_path / "exchange", tmp_path / "home", tmp_path / "cache"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)  # mkdir applies the umask
    home.mkdir()
    settings = f'\nc.Exchange.root = "{exchange}"\nc.Exchange.cache = "{cache}"\n'
    add_settings(course.root, settings)
    (home / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.course_id = "lectrain"{settings}')

    nbgrader(course.root, "generate_assignment", "01-sigmoid")
    nbgrader(course.root, "release_assignment", "01-sigmoid")
    nbgrader(home, "fetch_assignment", "01-sigmoid")
    assert (home / "01-sigmoid" / "sigmoid.ipynb").exists()

    (home / "01-sigmoid" / "sigmoid.ipynb").unlink()
    nbformat.write(solved, home / "01-sigmoid" / "sigmoid (1).ipynb")
    nbgrader(home, "submit", "01-sigmoid")

    nbgrader(course.root, "collect", "01-sigmoid")
    (record,) = batch.grade(course, "01-sigmoid")
    assert (record.student, record.outcome) == (getpass.getuser(), "graded")
    assert record.score > 10
    nbgrader(course.root, "generate_feedback", "01-sigmoid")
    nbgrader(course.root, "release_feedback", "01-sigmoid")

    nbgrader(home, "fetch_feedback", "01-sigmoid")
    (page,) = home.rglob("sigmoid (1).html")
    text = page.read_text(encoding="utf-8")
    assert f"{record.score:g}" in text
    assert 'class="card' in text
    assert "HIDDEN TESTS" not in text
