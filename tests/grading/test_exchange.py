"""Beside a JupyterHub: from nbgrader's exchange into the class's folder, through the grader, and back to the student."""

import getpass
import subprocess

import nbformat

from autograder.grading import batch


def nbgrader(folder, *words: str) -> None:
    done = subprocess.run(["nbgrader", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_submitted_through_the_exchange_comes_back_with_feedback(course, solved, tmp_path):
    exchange, home, cache = tmp_path / "exchange", tmp_path / "home", tmp_path / "cache"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)  # the umask does not matter
    home.mkdir()
    shared = f'\nc.Exchange.root = "{exchange}"\nc.Exchange.cache = "{cache}"\n'
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + shared)
    (home / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.course_id = "lectrain"{shared}')

    nbgrader(course.root, "generate_assignment", "01-sigmoid")
    nbgrader(course.root, "release_assignment", "01-sigmoid")
    nbgrader(home, "fetch_assignment", "01-sigmoid")
    assert (home / "01-sigmoid" / "sigmoid.ipynb").exists()

    nbformat.write(solved, home / "01-sigmoid" / "sigmoid.ipynb")
    nbgrader(home, "submit", "01-sigmoid")

    nbgrader(course.root, "collect", "01-sigmoid")
    (record,) = batch.grade(course, "01-sigmoid")
    assert (record.student, record.outcome) == (getpass.getuser(), "graded")
    nbgrader(course.root, "generate_feedback", "01-sigmoid")
    nbgrader(course.root, "release_feedback", "01-sigmoid")

    nbgrader(home, "fetch_feedback", "01-sigmoid")
    (page,) = home.rglob("sigmoid.html")
    assert f"{record.score:g}" in page.read_text(encoding="utf-8")
