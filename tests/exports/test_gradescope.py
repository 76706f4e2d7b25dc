"""The Gradescope zip, unpacked and run in a folder with the layout of Gradescope's container."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from hatchling.builders.wheel import WheelBuilder, WheelBuilderConfig

from autograder.authoring import simulate
from autograder.course import CourseError
from autograder.exports import gradescope, gradescope_zip
from autograder.grading.records import Outcome, Record
from autograder.judging.verdict import Finding, Status, Verdict
from autograder.submissions.refusals import Problem
from tests.conftest import REPOSITORY, SIGMOID_AUTOMATIC_POINTS, add_settings, make_course

from ..graded_class import ASSIGNMENT, SECOND_COURSE, second_course

# The fields of results.json and of its tests, from https://gradescope-autograders.readthedocs.io.
RESULTS_FIELDS = {
    "score", "execution_time", "output", "output_format", "visibility", "stdout_visibility", "tests", "extra_data",
    "leaderboard",
}  # fmt: skip
TEST_FIELDS = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
}  # fmt: skip
OUTPUT_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}


@pytest.fixture(scope="module")
def archive(graded):
    file = gradescope_zip.write_zip(graded, ASSIGNMENT)
    assert file.stat().st_mode & 0o777 == 0o600, "it holds the secret"
    return file


def unpack(archive, root):
    """Create a folder like /autograder in Gradescope's container."""
    with zipfile.ZipFile(archive) as unpacked:
        unpacked.extractall(root / "source")
        modes = {entry.filename: entry.external_attr >> 16 for entry in unpacked.infolist()}
    (root / "source" / "run_autograder").chmod(modes["run_autograder"])
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod(0o755)
    for folder in ("results", "submission"):
        (root / folder).mkdir()
    return root


@pytest.fixture(scope="module")
def autograder(archive, tmp_path_factory):
    return unpack(archive, tmp_path_factory.mktemp("autograder"))


def submit(root, nb, name="sigmoid.ipynb"):
    """Replace the submission."""
    for file in (root / "submission").iterdir():
        file.unlink()
    if nb is not None:
        nbformat.write(nb, root / "submission" / name)


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
    """The results of a submission with a wrong sigmoid, in a copy beside the notebook as it was released."""
    text = "import numpy as np\n\ndef sigmoid(z):\n    return 2 / (1 + np.exp(-z))"
    submit(autograder, simulate.make_submission(source, {"sigmoid": text}), "sigmoid-Copy1.ipynb")
    shutil.copy(REPOSITORY / "notebooks" / ASSIGNMENT / "sigmoid.ipynb", autograder / "submission")
    gradescope.main(ASSIGNMENT, autograder)
    return json.loads((autograder / "results" / "results.json").read_text(encoding="utf-8"))


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
        "exercises/sigmoid/spec.py",
        "lectrain/check.py",
    } <= set(entries)
    assert not any(name.startswith(("submitted", "records", "gradebook", "tests", "feedback")) for name in entries)


@pytest.mark.slow
def test_a_course_with_its_own_exercises_is_graded(tmp_path, sandbox):
    """The zip holds the course's package of exercises, and the engine in the container finds it."""
    course = second_course(tmp_path / "course", "calendar_exercises")
    root = unpack(gradescope_zip.write_zip(course, "1-dates"), tmp_path / "autograder")
    assert (root / "source" / "calendar_exercises" / "dates" / "spec.py").is_file()
    submit(root, simulate.make_submission(course.source_notebook("1-dates", "dates"), {}), "dates.ipynb")
    results = run_container(root)
    assert {test["status"] for test in results["tests"]} == {"passed"}
    assert results["score"] == 5


@pytest.fixture
def names_in_zip(monkeypatch):
    """A function that returns the names of the files that a zip has of a course, without the engine."""
    monkeypatch.setattr(gradescope_zip, "GRADING_PATHS", ())
    return lambda course, name=ASSIGNMENT: zipfile.ZipFile(gradescope_zip.write_zip(course, name)).namelist()


def test_a_package_outside_of_the_course_s_folder_is_at_the_top_of_the_zip(tmp_path, monkeypatch, names_in_zip):
    package = tmp_path / "elsewhere" / "distant_exercises"
    shutil.copytree(SECOND_COURSE / "calendar_exercises", package)
    (package / "dates" / "data.csv").touch()
    monkeypatch.syspath_prepend(package.parent)
    course = second_course(tmp_path / "course", "distant_exercises", "calendar_exercises")
    names = {f"distant_exercises/dates/{name}" for name in ("spec.py", "data.csv")}
    assert names <= set(names_in_zip(course, "1-dates"))


@pytest.mark.parametrize(("setting", "name"), [
    ("", ".course-secret"),  # before the course has one: otherwise, each submission would get inputs of its own
    ("c.DrawCases.secret_file = str(ROOT.parent / 'link' / 'secret')", "secret"),  # a link to the course
    ("c.CourseDirectory.source_directory = 'source'", f"source/{ASSIGNMENT}/sigmoid.ipynb"),
])  # fmt: skip
def test_the_zip_has_the_files_where_the_configuration_looks_for_them(tmp_path, names_in_zip, setting, name):
    (tmp_path / "link").symlink_to(tmp_path / "course")
    (tmp_path / "course").mkdir()
    folder = make_course(tmp_path / "course", ASSIGNMENT)
    if "source" in setting:
        (folder / "solutions").rename(folder / "source")
    assert name in names_in_zip(add_settings(folder, setting))


@pytest.mark.parametrize(("setting", "what"), [
    ("c.DrawCases.secret_file = str(ROOT.parent / 'secret')", "the secret"),
    ("c.CourseDirectory.source_directory = '../solutions'", r"\.\./solutions"),
])  # fmt: skip
def test_files_outside_of_the_course_s_folder_are_an_error(tmp_path, names_in_zip, setting, what):
    (tmp_path / "course").mkdir()
    folder = make_course(tmp_path / "course", ASSIGNMENT)
    shutil.copytree(folder / "solutions", tmp_path / "solutions")
    with pytest.raises(CourseError, match=f"is not in the course's folder: move {what} to "):
        names_in_zip(add_settings(folder, setting))


def test_the_scripts_are_valid_bash(autograder):
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", autograder / "source" / script], check=True)
    assert ".[instructor]" in (autograder / "source" / "setup.sh").read_text()


def test_the_zip_has_all_that_its_installation_needs(autograder, tmp_path, monkeypatch):
    """What `setup.sh` lets pip build, without the package `editables`: pip would have to download it."""
    monkeypatch.setattr(WheelBuilderConfig, "dev_mode_dirs", ["."])
    (wheel,) = WheelBuilder(str(autograder / "source")).build(directory=str(tmp_path), versions=["editable"])
    with zipfile.ZipFile(wheel) as unpacked:
        files = {name.split("/", 1)[-1]: unpacked.read(name) for name in unpacked.namelist()}
    assert files["_lectrain.pth"].decode() == str(autograder / "source")
    assert {"scripts/autograder", "METADATA", "licenses/LICENSE"} <= set(files)


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
    assert sum(test["max_score"] for test in wrong["tests"]) == SIGMOID_AUTOMATIC_POINTS


def test_a_failed_test_shows_diagnosis_and_slide(wrong):
    test = next(test for test in wrong["tests"] if test["name"].startswith("sigmoid: ") and test["status"] == "failed")
    assert "It looks like this: Every number is exactly twice as large as it should be." in test["output"]
    assert "Slide: " in test["output"]
    assert "twice-as-large" in test["tags"]


def test_a_copy_beside_an_untouched_notebook_is_graded_and_the_student_is_told(wrong):
    assert 0 < wrong["score"] < SIGMOID_AUTOMATIC_POINTS
    assert "sigmoid-Copy1.ipynb" in wrong["output"]


def test_a_submission_without_a_notebook_gets_no_points_and_a_reason(autograder):
    submit(autograder, None)
    results = gradescope.grade(ASSIGNMENT, autograder)
    assert results["score"] == 0
    assert "Submit sigmoid.ipynb" in results["output"]


@pytest.mark.attack("hand-ins")
def test_a_link_to_the_solution_is_not_graded(autograder):
    submit(autograder, None)
    solution = autograder / "source" / "solutions" / ASSIGNMENT / "sigmoid.ipynb"
    (autograder / "submission" / "sigmoid.ipynb").symlink_to(solution)
    assert (autograder / "submission" / "sigmoid.ipynb").read_bytes() == solution.read_bytes(), "the link works"
    results = gradescope.grade(ASSIGNMENT, autograder)
    assert results["score"] == 0
    assert Problem.NOT_A_FILE in results["output"]


def test_results_are_written_even_after_an_internal_error(tmp_path):
    gradescope.main(ASSIGNMENT, tmp_path)
    results = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == 0
    assert "Internal autograder error" in results["output"]


@pytest.mark.parametrize("modes", [["unsandboxed"], ["landlock", "unsandboxed"]])
def test_grading_without_a_sandbox_is_reported_and_only_the_unsafe_mode_is_named(modes):
    record = Record("x", ASSIGNMENT, Outcome.GRADED, modes=modes)
    assert gradescope.to_results(record)["output"].startswith("UNSANDBOXED: ")


FAILED = Finding("the values are right", Status.FAILED, 2, "it raises NameError", "Sigmoid")
PASSED = Finding("the shape is right", Status.PASSED, 1, slide="Sigmoid")


def test_a_failed_test_shows_the_cause_and_the_remarks_as_other_pages_do():
    verdict = Verdict(
        "sigmoid", (FAILED, PASSED), cause="It calls `odds`, which is not answered yet.", notes=("Slow.",)
    )
    record = Record("x", ASSIGNMENT, Outcome.GRADED, verdicts=[verdict])
    failed, passed = (test["output"].splitlines() for test in gradescope.to_results(record)["tests"])
    assert failed == [FAILED.message, verdict.cause, "Slow.", "Slide: Sigmoid"]
    assert passed == []


def test_the_tests_of_a_void_answer_earn_what_it_earns_and_tell_why():
    flag = "sigmoid uses scipy, which the exercise forbids"
    verdict = Verdict("sigmoid", (PASSED,), notes=(flag,), is_void=True)
    results = gradescope.to_results(Record("x", ASSIGNMENT, Outcome.GRADED, verdicts=[verdict]))
    (test,) = results["tests"]
    assert results["score"] == test["score"] == 0
    assert (test["status"], test["output"]) == ("failed", f"{flag}\nSlide: Sigmoid")
