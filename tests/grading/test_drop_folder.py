"""Submissions in a shared folder, or in the unpacked export of an LMS, with the patterns of the instructor's guide."""

import os
import re
import subprocess
import time
import zipfile

import pytest

from autograder.course import Course, CourseError
from autograder.grading import drop_folder
from autograder.grading.arrivals import is_student_name
from autograder.grading.drop_folder import collect_drop, read_drops
from tests.conftest import REPOSITORY, make_course

ASSIGNMENT = "01-sigmoid"
GUIDE = (REPOSITORY / "docs" / "instructor.md").read_text(encoding="utf-8")
PATTERNS = dict(re.findall(r"^(canvas|moodle) = (r\".*\")$", GUIDE, flags=re.MULTILINE))

# Names as the systems write them; in Canvas, a late one and a second attempt.
CANVAS = {
    "lovelaceada_12345_6789012_sigmoid.ipynb": "12345",
    "bobthestudent_LATE_12346_6789013_sigmoid-1.ipynb": "12346",
}
MOODLE = {
    "Ada Lovelace_4711_assignsubmission_file_/sigmoid.ipynb": "Ada Lovelace",
    "Bob O'Neill-Smith_4712_assignsubmission_file/sigmoid.ipynb": "Bob O'Neill-Smith",
}
EXPORTS = {"canvas": CANVAS, "moodle": MOODLE}


@pytest.fixture
def course(tmp_path) -> Course:
    folder = tmp_path / "course"
    folder.mkdir()
    return Course.at(make_course(folder, ASSIGNMENT))


def use_pattern(course: Course, pattern: str) -> Course:
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.FileNameCollectorPlugin.named_regexp = {pattern}\n")
    return Course.at(course.root)


def write_files(folder, names) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))


def test_the_guide_has_the_patterns():
    assert set(PATTERNS) == set(EXPORTS)


@pytest.mark.parametrize("system", EXPORTS)
def test_an_unpacked_export_is_read(course, tmp_path, system):
    write_files(tmp_path / "export", [*EXPORTS[system], "readme.ipynb", "x/y/z/other.ipynb"])
    drops, left_out = read_drops(use_pattern(course, PATTERNS[system]), ASSIGNMENT, tmp_path / "export")
    assert {path.name for path in left_out} == {"readme.ipynb", "other.ipynb"}
    assert {drop.student for drop in drops} == set(EXPORTS[system].values())
    for drop in drops:
        assert collect_drop(course, ASSIGNMENT, drop)
        assert not collect_drop(course, ASSIGNMENT, drop), "nothing is copied twice"
        folder = course.root / "submitted" / drop.student / ASSIGNMENT
        assert EXPORTS[system][(folder / "sigmoid.ipynb").read_text()] == drop.student
        assert (folder / "timestamp.txt").read_text().startswith("2023-11-14 22:13:20")


@pytest.mark.parametrize("system", EXPORTS)
def test_zip_collect_reads_the_export(course, system):
    use_pattern(course, PATTERNS[system])
    archive = course.root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        for name in EXPORTS[system]:
            file.writestr(name, name)
    command = ["nbgrader", "zip_collect", ASSIGNMENT]
    completed = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    for name, student in EXPORTS[system].items():
        assert (course.root / "submitted" / student / ASSIGNMENT / "sigmoid.ipynb").read_text() == name


def test_a_shared_folder_needs_no_pattern(course, tmp_path):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", f"bob/{ASSIGNMENT}/sigmoid.ipynb", "sigmoid.ipynb"])
    assert [drop.student for drop in read_drops(course, ASSIGNMENT, tmp_path / "shared")[0]] == ["ada", "bob"]


def test_a_student_whose_name_is_not_valid_utf_8_is_left_out(course, tmp_path):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", "eve/sigmoid.ipynb"])
    os.rename(tmp_path / "shared" / "eve", os.fsencode(tmp_path / "shared") + b"/\xff\xfe")
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert [drop.student for drop in drops] == ["ada"]
    assert len(left_out) == 1


def test_two_participants_of_the_same_name_are_reported(course, tmp_path):
    names = [f"Ada Lovelace_{number}_assignsubmission_file_/sigmoid.ipynb" for number in (4711, 4712)]
    write_files(tmp_path / "export", names)
    with pytest.raises(CourseError, match="two participants are called 'Ada Lovelace'"):
        read_drops(use_pattern(course, PATTERNS["moodle"]), ASSIGNMENT, tmp_path / "export")


def test_a_file_that_is_being_written_waits(course, tmp_path):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb"])
    os.utime(tmp_path / "shared" / "ada" / "sigmoid.ipynb", (time.time(), time.time()))
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert not drop.is_complete


def test_links_are_not_followed(course, tmp_path):
    (tmp_path / "shared" / "eve").mkdir(parents=True)
    (tmp_path / "shared" / "eve" / "sigmoid.ipynb").symlink_to(REPOSITORY / "solutions" / ASSIGNMENT / "sigmoid.ipynb")
    assert read_drops(course, ASSIGNMENT, tmp_path / "shared") == ([], {})


def test_a_file_that_is_removed_meanwhile_is_left_out(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", "bob/sigmoid.ipynb"])
    parse = drop_folder._parse

    def remove_then_parse(path, *arguments):
        (tmp_path / "shared" / "bob" / "sigmoid.ipynb").unlink(missing_ok=True)
        return parse(path, *arguments)

    monkeypatch.setattr(drop_folder, "_notebooks_in", lambda folder, _: sorted(folder.rglob("*.ipynb")))
    monkeypatch.setattr(drop_folder, "_parse", remove_then_parse)
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert [drop.student for drop in drops] == ["ada"]
    assert left_out == {}


def test_a_folder_that_cannot_be_read_is_reported(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", "eve/sigmoid.ipynb"])
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "eve")  # root may read everything
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert [drop.student for drop in drops] == ["ada"]
    assert list(left_out) == [tmp_path / "shared" / "eve"]


def test_a_name_without_the_optional_group_of_the_notebook_is_left_out(course, tmp_path):
    write_files(tmp_path / "export", ["ada_x.ipynb"])
    pattern = 'r"(?P<student_id>[^_]+)_(?:(?P<file_id>sigmoid)|x).ipynb"'
    drops, left_out = read_drops(use_pattern(course, pattern), ASSIGNMENT, tmp_path / "export")
    assert drops == []
    assert list(left_out) == [tmp_path / "export" / "ada_x.ipynb"]


def test_a_pattern_without_groups_is_reported(course, tmp_path):
    with pytest.raises(CourseError, match="has no group"):
        read_drops(use_pattern(course, 'r"(?P<student_id>.*)"'), ASSIGNMENT, tmp_path)


def test_a_name_that_is_too_long_for_the_files_of_the_grader_is_refused():
    assert is_student_name("ä" * 100)
    assert not is_student_name("ä" * 101)
    assert not is_student_name("\udcff")
    assert not is_student_name(".ada")
