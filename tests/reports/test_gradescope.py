"""The Gradescope zip, unpacked and run in a folder with the layout of Gradescope's container."""

import json
import os
import subprocess
import sys
import zipfile

import nbformat
import pytest

from autograder.authoring import simulate
from autograder.course import Course, CourseError
from autograder.grading.records import Outcome, Record
from autograder.reports import gradescope
from tests.conftest import make_course

from .conftest import ASSIGNMENT

# The fields of results.json and of its tests, from https://gradescope-autograders.readthedocs.io.
RESULTS_FIELDS = {
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
TEST_FIELDS = {
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
OUTPUT_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
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
    """A copy of the folder /autograder in Gradescope's container."""
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


def submit(root, nb):
    """Replace the submission."""
    for file in (root / "submission").iterdir():
        file.unlink()
    if nb is not None:
        nbformat.write(nb, root / "submission" / "sigmoid.ipynb")


def run_container(root) -> dict:
    """Run `run_autograder` as Gradescope does, and read its results."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "AUTOGRADER_ROOT": str(root),
        "AUTOGRADER_PYTHON": sys.executable,
    }
    completed = subprocess.run([root / "run_autograder"], cwd=root, env=environment, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    return json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def source(graded):
    return nbformat.read(graded.source_folder(ASSIGNMENT) / "sigmoid.ipynb", 4)


@pytest.fixture(scope="module")
def wrong(autograder, source):
    """The results of a submission with a wrong sigmoid."""
    text = "import numpy as np\n\ndef sigmoid(z):\n    return 2 / (1 + np.exp(-z))"
    submit(autograder, simulate.make_submission(source, {"sigmoid": text}))
    return run_container(autograder)


def test_the_zip_holds_the_engine_the_course_and_two_executable_scripts(archive):
    with zipfile.ZipFile(archive) as unpacked:
        entries = {entry.filename: entry.external_attr >> 16 for entry in unpacked.infolist()}
    for script in ("setup.sh", "run_autograder"):
        assert entries[script] & 0o111
    assert {
        "nbgrader_config.py",
        "pyproject.toml",
        f"solutions/{ASSIGNMENT}/sigmoid.ipynb",
        "autograder/judging/judge.py",
        "autograder/exercises/sigmoid/spec.py",
        "lectrain/check.py",
    } <= set(entries)
    assert not any(name.startswith(("submitted", "records", "gradebook", "tests", "feedback")) for name in entries)


SPEC = """\
from autograder.judging.model import Exercise, Rule, case

double = Exercise("double(x)", "A slide", lambda x: 2 * x, (Rule("values", 1, lambda rng: [case(rng.normal())]),))
"""


def make_course_with_own_exercises(course_dir, package_dir, package):
    """Create a course whose exercises are in a package outside of the autograder."""
    make_course(course_dir, ASSIGNMENT)
    with (course_dir / "nbgrader_config.py").open("a") as config:
        config.write(f'c.DrawCases.exercises = "{package}"\n')
    notebook = package_dir / package / "doubling"
    notebook.mkdir(parents=True)
    for folder in (notebook.parent, notebook):
        (folder / "__init__.py").touch()
    (notebook / "spec.py").write_text(SPEC)
    return Course.at(course_dir)


def test_the_zip_holds_the_exercises_of_a_course_of_one_s_own(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    course = make_course_with_own_exercises(tmp_path, tmp_path, "own_exercises")
    with zipfile.ZipFile(gradescope.write_zip(course, ASSIGNMENT)) as archive:
        names = archive.namelist()
        assert archive.read("own_exercises/doubling/spec.py").decode() == SPEC
    assert {"own_exercises/__init__.py", "own_exercises/doubling/__init__.py"} <= set(names)
    assert len(names) == len(set(names))


def test_exercises_outside_of_the_course_s_folder_are_an_error(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.syspath_prepend(elsewhere)
    (tmp_path / "course").mkdir()
    course = make_course_with_own_exercises(tmp_path / "course", elsewhere, "distant_exercises")
    with pytest.raises(CourseError, match=r"is not in the course's folder: move distant_exercises to "):
        gradescope.write_zip(course, ASSIGNMENT)


def test_the_scripts_are_valid_bash(autograder):
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", autograder / "source" / script], check=True)
    assert ".[instructor]" in (autograder / "source" / "setup.sh").read_text()


def test_a_solution_gets_all_automatic_points(autograder, source):
    submit(autograder, simulate.make_submission(source, {}))
    results = run_container(autograder)
    assert results["score"] == 18  # of 20: a written answer is worth 2
    assert {test["status"] for test in results["tests"]} == {"passed"}


def test_all_fields_are_documented_by_gradescope(wrong):
    assert set(wrong) <= RESULTS_FIELDS
    assert wrong["output_format"] in OUTPUT_FORMATS
    assert {wrong["visibility"], wrong["stdout_visibility"]} <= VISIBILITIES
    assert isinstance(wrong["execution_time"], float)
    for test in wrong["tests"]:
        assert set(test) <= TEST_FIELDS
        assert {test["output_format"], test["name_format"]} <= OUTPUT_FORMATS
        assert test["visibility"] in VISIBILITIES
        assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
        assert all(" " not in tag for tag in test["tags"])
        assert isinstance(test["number"], str)


def test_the_score_is_the_sum_of_the_tests(wrong):
    assert wrong["score"] == sum(test["score"] for test in wrong["tests"])
    assert sum(test["max_score"] for test in wrong["tests"]) == 18


def test_a_failed_test_shows_diagnosis_and_slide(wrong):
    test = next(test for test in wrong["tests"] if test["name"].startswith("sigmoid: ") and test["status"] == "failed")
    assert "It looks like this: Every number is exactly twice as large as it should be." in test["output"]
    assert "Slide: " in test["output"]
    assert "twice-as-large" in test["tags"]


def test_only_the_instructor_sees_the_student_s_name(wrong):
    assert wrong["extra_data"]["student"] == "student@example.com"
    assert "student@example.com" not in json.dumps({**wrong, "extra_data": None})


def test_a_submission_without_a_notebook_gets_no_points_and_a_reason(autograder):
    submit(autograder, None)
    results = run_container(autograder)
    assert results["score"] == 0
    assert "sigmoid.ipynb is missing" in results["output"]


def test_a_link_to_the_solution_is_not_graded(autograder):
    submit(autograder, None)
    solution = autograder / "source" / "solutions" / ASSIGNMENT / "sigmoid.ipynb"
    (autograder / "submission" / "sigmoid.ipynb").symlink_to(solution)
    assert run_container(autograder)["score"] == 0


def test_results_are_written_even_after_an_internal_error(tmp_path):
    gradescope.main(ASSIGNMENT, tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == 0
    assert "Internal autograder error" in results["output"]


def test_grading_without_a_sandbox_is_reported():
    record = Record("x", ASSIGNMENT, Outcome.GRADED, isolation="UNSANDBOXED")
    assert "UNSANDBOXED" in gradescope.to_results(record)["output"]
