"""The Gradescope zip, run end to end in a folder laid out as Gradescope does."""

import json
import os
import subprocess
import sys
import zipfile

import nbformat
import pytest

from autograder.authoring import simulate
from autograder.grading.records import Record
from autograder.reports import gradescope

from .conftest import ASSIGNMENT

# https://gradescope-autograders.readthedocs.io: what a results.json and a test in it may hold.
TOP = {
    "score",
    "execution_time",
    "output",
    "output_format",
    "visibility",
    "stdout_visibility",
    "tests",
    "extra_data",
    "leaderboard",
}
TEST = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
METADATA = {
    "id": 123456,
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2018-07-31T23:00:00.000000-07:00",
        "id": 25828,
        "title": "Sigmoid",
        "total_points": "20.0",
    },
    "submission_method": "upload",
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [],
}


@pytest.fixture(scope="module")
def archive(graded):
    return gradescope.write_zip(graded, ASSIGNMENT)


@pytest.fixture(scope="module")
def autograder(archive, tmp_path_factory):
    """/autograder, elsewhere."""
    root = tmp_path_factory.mktemp("autograder")
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(root / "source")
        modes = {entry.filename: entry.external_attr >> 16 for entry in unpacked.infolist()}
    (root / "source" / "run_autograder").chmod(modes["run_autograder"])
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod(0o755)
    (root / "submission_metadata.json").write_text(json.dumps(METADATA))
    for folder in ("results", "submission"):
        (root / folder).mkdir()
    return root


def results_of(root, nb, clear=True) -> dict:
    for old in (root / "submission").iterdir() if clear else ():
        old.unlink()
    if nb is not None:
        nbformat.write(nb, root / "submission" / "sigmoid.ipynb")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "AUTOGRADER_ROOT": str(root),
        "AUTOGRADER_PYTHON": sys.executable,
    }
    done = subprocess.run([root / "run_autograder"], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def source(graded):
    return nbformat.read(graded.source(ASSIGNMENT) / "sigmoid.ipynb", 4)


@pytest.fixture(scope="module")
def wrong(autograder, source):
    text = "import numpy as np\n\ndef sigmoid(z):\n    return 2 / (1 + np.exp(-z))"
    return results_of(autograder, simulate.submission(source, {"sigmoid": text}))


def test_the_zip_holds_what_grades_and_its_two_scripts_can_be_run(archive):
    with zipfile.ZipFile(archive) as unpacked:
        entries = {entry.filename: entry.external_attr >> 16 for entry in unpacked.infolist()}
    for script in ("setup.sh", "run_autograder"):
        assert entries[script] & 0o111
    assert {
        "nbgrader_config.py",
        "pyproject.toml",
        f"solutions/{ASSIGNMENT}/sigmoid.ipynb",
        "autograder/judge.py",
        "lectrain/check.py",
    } <= set(entries)
    assert not any(name.startswith(("submitted", "records", "gradebook", "tests", "feedback")) for name in entries)


def test_setup_is_a_script_that_bash_understands(autograder):
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", autograder / "source" / script], check=True)
    assert ".[instructor]" in (autograder / "source" / "setup.sh").read_text()


def test_a_solution_gets_all_points_that_a_machine_can_give(autograder, source):
    said = results_of(autograder, simulate.submission(source, {}))
    assert said["score"] == 18  # of 20: two are for a written answer
    assert {test["status"] for test in said["tests"]} == {"passed"}


def test_every_field_is_one_that_gradescope_documents(wrong):
    assert set(wrong) <= TOP
    assert wrong["output_format"] in FORMATS
    assert {wrong["visibility"], wrong["stdout_visibility"]} <= VISIBILITY
    assert isinstance(wrong["execution_time"], float)
    for test in wrong["tests"]:
        assert set(test) <= TEST
        assert {test["output_format"], test["name_format"]} <= FORMATS
        assert test["visibility"] in VISIBILITY
        assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
        assert all(" " not in tag for tag in test["tags"])
        assert isinstance(test["number"], str)


def test_the_score_is_the_sum_of_the_tests(wrong):
    assert wrong["score"] == sum(test["score"] for test in wrong["tests"])
    assert sum(test["max_score"] for test in wrong["tests"]) == 18


def test_a_failure_says_property_diagnosis_and_slide(wrong):
    test = next(test for test in wrong["tests"] if test["name"].startswith("sigmoid: ") and test["status"] == "failed")
    assert "It looks like this: Every number is exactly twice as large as it should be." in test["output"]
    assert "Slide: " in test["output"]
    assert "twice-as-large" in test["tags"]


def test_who_handed_in_is_for_the_instructor(wrong):
    assert wrong["extra_data"]["student"] == "student@example.com"
    assert "student@example.com" not in json.dumps({**wrong, "extra_data": None})


def test_a_submission_without_a_notebook_gets_nothing_and_is_told_why(autograder):
    said = results_of(autograder, None)
    assert said["score"] == 0
    assert "sigmoid.ipynb is missing" in said["output"]


def test_a_link_to_the_solution_is_no_submission(autograder):
    solution = autograder / "source" / "solutions" / ASSIGNMENT / "sigmoid.ipynb"
    for old in (autograder / "submission").iterdir():
        old.unlink()
    (autograder / "submission" / "sigmoid.ipynb").symlink_to(solution)
    assert results_of(autograder, None, clear=False)["score"] == 0


def test_a_grader_that_stumbles_still_writes_results(tmp_path):
    gradescope.main(ASSIGNMENT, tmp_path)
    said = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert said["score"] == 0
    assert "stumbled" in said["output"]


def test_unsandboxed_grading_is_said():
    assert "UNSANDBOXED" in gradescope.results(Record("x", ASSIGNMENT, "graded", isolation="UNSANDBOXED"))["output"]
