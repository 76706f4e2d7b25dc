"""Submissions in a shared folder, or in the unpacked export of an LMS, with the patterns of the instructor's guide."""

import errno
import os
import pwd
import re
import time
import zipfile
from datetime import UTC

import pytest
from nbgrader.apps import ZipCollectApp

from autograder.course import Course, CourseError
from autograder.grading import drop_folder, file_owners, folder_search, zip_counts
from autograder.grading.drop_folder import collect_drop, read_drops
from autograder.submissions import archives
from autograder.submissions.refusals import MAX_DEPTH, Problem, Refused
from autograder.submissions.times import parse_time
from tests.conftest import REPOSITORY, add_settings, make_course

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
    f"Cyd Cole_4713_assignsubmission_file_/{ASSIGNMENT}/sigmoid.ipynb": "Cyd Cole",
    "Eve Evans_4714_assignsubmission_file_/Ada Lovelace_4711_assignsubmission_file_/sigmoid.ipynb": "Eve Evans",
}
EXPORTS = {"canvas": CANVAS, "moodle": MOODLE}


@pytest.fixture
def course(tmp_path) -> Course:
    (tmp_path / "course").mkdir()
    return Course.at(make_course(tmp_path / "course", ASSIGNMENT))


@pytest.fixture
def course_of_two(tmp_path) -> Course:
    (tmp_path / "course").mkdir()
    return Course.at(make_course(tmp_path / "course", ASSIGNMENT, "02-bce"))


def use_pattern(course: Course, pattern: str) -> Course:
    return add_settings(course.root, f"c.FileNameCollectorPlugin.named_regexp = {pattern}")


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
def test_zip_collect_reads_the_export(course, system, monkeypatch):
    use_pattern(course, PATTERNS[system])
    archive = course.root / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        for name in EXPORTS[system]:
            file.writestr(name, name)
    monkeypatch.chdir(course.root)
    command = ZipCollectApp()  # `nbgrader zip_collect`
    command.initialize([ASSIGNMENT])
    command.start()
    for name, student in EXPORTS[system].items():
        assert (course.root / "submitted" / student / ASSIGNMENT / "sigmoid.ipynb").read_text() == name


def test_a_shared_folder_needs_no_pattern_and_names_of_students_are_valid_utf_8(course, tmp_path):
    names = ["ada/sigmoid.ipynb", f"bob/{ASSIGNMENT}/sigmoid.ipynb", "sigmoid.ipynb", "eve/sigmoid.ipynb"]
    write_files(tmp_path / "shared", names)
    os.rename(tmp_path / "shared" / "eve", os.fsencode(tmp_path / "shared") + b"/\xff\xfe")
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert [drop.student for drop in drops] == ["ada", "bob"]
    assert len(left_out) == 2


WITH_ENDING = 'r"(?P<student_id>\\d+)_(?P<file_id>.+)"'  # as nbgrader's own pattern


@pytest.mark.parametrize(("pattern", "start"), [(PATTERNS["canvas"], "lovelaceada_"), (WITH_ENDING, "")])
def test_of_an_export_notebooks_that_a_browser_renamed_are_read(course, tmp_path, pattern, start):
    endings = ("ipynb", "ipynb.txt", "ipynb.json", *([] if start else ["IPYNB"]))
    number = "12345_6789012" if start else "12345"
    write_files(tmp_path / "export", [f"{start}{number}_sigmoid.{ending}" for ending in endings])
    ((drop,), left_out) = read_drops(use_pattern(course, pattern), ASSIGNMENT, tmp_path / "export")
    assert (set(drop.files), left_out) == ({f"sigmoid.{ending}" for ending in endings}, {})
    assert collect_drop(course, ASSIGNMENT, drop)
    assert not collect_drop(course, ASSIGNMENT, drop), "the grader finds all copies"


def test_two_participants_of_the_same_name_are_reported_and_the_others_collected(course, tmp_path):
    shared = [f"Ada Lovelace_{number}_assignsubmission_file_/sigmoid.ipynb" for number in (4711, 4712)]
    own = ["bob_4713_assignsubmission_file_/sigmoid.ipynb", "bob/sigmoid.ipynb"]  # the second is no other participant's
    write_files(tmp_path / "export", [*shared, *own])
    (drop,), left_out = read_drops(use_pattern(course, PATTERNS["moodle"]), ASSIGNMENT, tmp_path / "export")
    assert (drop.student, set(left_out)) == ("bob", {tmp_path / "export" / name for name in shared})
    assert {text.partition(":")[0] for text in left_out.values()} == {"two people hand in as 'Ada Lovelace'"}


def test_a_name_within_a_longer_one_of_another_assignment_does_not_count(course_of_two, tmp_path):
    other = course_of_two.source_folder("02-bce")
    (other / "bce.ipynb").rename(other / "sigmoid-and-bce.ipynb")
    write_files(tmp_path / "shared", ["ada/Sigmoid-and-bce.ipynb", "ada/sigmoid (1).ipynb"])
    write_zip(tmp_path / "shared" / "bob" / "homework.zip", "sigmoid-and-bce.ipynb")
    for assignment, files in (
        (ASSIGNMENT, [{"sigmoid (1).ipynb"}]),
        ("02-bce", [{"Sigmoid-and-bce.ipynb"}, {"homework.zip"}]),
    ):
        assert [set(drop.files) for drop in read_drops(course_of_two, assignment, tmp_path / "shared")[0]] == files


def test_a_file_that_is_being_written_waits_whatever_time_it_states(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb"])
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert not drop.is_complete
    monkeypatch.setattr(drop_folder, "SETTLED_SECONDS", 0.0)
    assert drop.is_complete


@pytest.mark.attack("hand-ins")
def test_links_are_not_followed(course, tmp_path):
    (tmp_path / "shared" / "eve").mkdir(parents=True)
    (tmp_path / "shared" / "eve" / "sigmoid.ipynb").symlink_to(REPOSITORY / "solutions" / ASSIGNMENT / "sigmoid.ipynb")
    link = tmp_path / "shared" / "eve" / "sigmoid.ipynb"
    assert read_drops(course, ASSIGNMENT, tmp_path / "shared") == (
        [],
        {link: "it is a link, a pipe or a device: only files are read"},
    )


def test_a_file_that_is_removed_meanwhile_is_left_out(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", "bob/sigmoid.ipynb"])
    removed = before_stat(monkeypatch, "bob", lambda: (tmp_path / "shared" / "bob" / "sigmoid.ipynb").unlink())
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert removed
    assert [drop.student for drop in drops] == ["ada"]
    assert left_out == {}


def before_stat(monkeypatch, folder: str, action) -> list[str]:
    """Do something once, between listing a folder and looking at the first name in it. Return where it was done."""
    real, done = os.stat, []

    def stat(path, *, dir_fd=None, **options):
        if dir_fd is not None and not done and os.readlink(f"/proc/self/fd/{dir_fd}").endswith(f"/{folder}"):
            done.append(folder)
            action()
        return real(path, dir_fd=dir_fd, **options)

    monkeypatch.setattr(os, "stat", stat)
    return done


@pytest.mark.attack("hand-ins")
def test_a_folder_that_becomes_a_link_to_the_solutions_is_not_followed(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["eve/sigmoid.ipynb"])
    solution = (course.root / "solutions" / ASSIGNMENT / "sigmoid.ipynb").read_text()

    def exchange() -> None:
        (tmp_path / "shared" / "eve").rename(tmp_path / "own")
        (tmp_path / "shared" / "eve").symlink_to(course.root / "solutions" / ASSIGNMENT)

    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    exchange()
    assert (drop.folder / drop.files["sigmoid.ipynb"].path).read_text() == solution, "the link works"
    with pytest.raises(Refused) as refusal:
        collect_drop(course, ASSIGNMENT, drop)
    assert refusal.value.problem is Problem.UNREADABLE
    assert not course.submitted_folder("eve", ASSIGNMENT).exists()


@pytest.mark.parametrize("name", ["sigmoid.ipynb", "timestamp.txt"])
@pytest.mark.attack("hand-ins")
def test_a_file_and_a_folder_of_one_name_are_refused_so_that_a_watch_does_not_copy_them_again(course, tmp_path, name):
    write_files(tmp_path / "shared", ["eve/sigmoid.ipynb", f"eve/{ASSIGNMENT}/{name}/sigmoid.ipynb"])
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert len(drop.files) == 2
    with pytest.raises(Refused):
        collect_drop(course, ASSIGNMENT, drop)


def test_each_account_is_looked_up_once(course, tmp_path, monkeypatch):
    names = [f"{student}/{ASSIGNMENT}/part{i}/sigmoid.ipynb" for student in ("ada", "bob") for i in range(9)]
    looked_up: list[str] = []
    monkeypatch.setattr(file_owners, "accounts_of", lambda student: looked_up.append(student) or {4001})
    monkeypatch.setattr(file_owners, "trusted_accounts", lambda: set())
    write_files(tmp_path / "shared", names)
    read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert sorted(looked_up) == ["ada", "bob"]


@pytest.mark.attack("hand-ins")
def test_a_folder_that_becomes_a_link_while_it_is_listed_is_not_followed(course, tmp_path, monkeypatch):
    write_files(tmp_path / "shared", ["eve/sigmoid.ipynb"])
    real, done = os.open, []

    def exchange_then_open(path, *arguments, **options):
        if path == "eve" and not done:
            done.append(path)
            (tmp_path / "shared" / "eve").rename(tmp_path / "own")
            (tmp_path / "shared" / "eve").symlink_to(course.root / "solutions" / ASSIGNMENT)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", exchange_then_open)
    assert read_drops(course, ASSIGNMENT, tmp_path / "shared") == ([], {})
    assert done


@pytest.mark.parametrize("seconds", [10**12, -(10**9), 2**62])
@pytest.mark.attack("hand-ins")
def test_a_time_far_away_does_not_end_the_search_and_is_copied_once(course, tmp_path, seconds):
    write_files(tmp_path / "shared", ["eve/sigmoid.ipynb"])
    try:
        os.utime(tmp_path / "shared" / "eve" / "sigmoid.ipynb", (seconds, seconds))
    except OverflowError:
        pytest.skip("Python cannot set this time")
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert abs(drop.files["sigmoid.ipynb"].status.st_mtime - time.time()) > 10**8, "the file has the time"
    assert collect_drop(course, ASSIGNMENT, drop)
    assert not collect_drop(course, ASSIGNMENT, drop)
    stated = parse_time((course.submitted_folder("eve", ASSIGNMENT) / "timestamp.txt").read_text())
    assert abs(stated.replace(tzinfo=UTC).timestamp() - time.time()) < 600, "the time of its last change counts"


@pytest.mark.parametrize("searches_all", [False, True])
@pytest.mark.attack("hand-ins")
def test_too_many_files_are_reported_once_and_cost_the_others_nothing(course, tmp_path, monkeypatch, searches_all):
    monkeypatch.setattr(folder_search, "MAX_ENTRIES", 20)
    monkeypatch.setattr(folder_search, "MAX_FILES", 60)
    write_files(
        tmp_path / "shared", [*(f"eve/{i} sigmoid.ipynb" for i in range(50)), "ada/sigmoid.ipynb", "zoe/sigmoid.ipynb"]
    )
    pattern = 'r"(?P<student_id>[^/]+)/(?P<file_id>[^/]+).ipynb"' if searches_all else '""'
    drops, left_out = read_drops(use_pattern(course, pattern), ASSIGNMENT, tmp_path / "shared")
    assert {"ada", "zoe"} <= {drop.student for drop in drops}
    if not searches_all:
        assert list(left_out) == [tmp_path / "shared" / "eve"]
    write_files(tmp_path / "shared", [f"sigmoid {i}.ipynb" for i in range(100)])
    _, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert "too many files" in left_out[tmp_path / "shared"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.attack("hand-ins")
def test_files_of_another_account_than_the_students_are_refused(course, tmp_path):
    write_files(tmp_path / "shared", ["nobody/sigmoid.ipynb", "4711/sigmoid.ipynb", "4712/sigmoid.ipynb"])
    for name in ("nobody", "4711"):
        os.chown(tmp_path / "shared" / name / "sigmoid.ipynb", 4242, -1)
    os.chown(tmp_path / "shared" / "4712", 4242, -1)
    os.chown(tmp_path / "shared" / "4712" / "sigmoid.ipynb", 4243, -1)
    (drop,), left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert drop.student == "4711", "no account, and a folder of the instructor: nobody can tell"
    assert {path.parent.name: text.partition(" owns")[0] for path, text in left_out.items()} == {
        "nobody": "it is in the name of nobody, but uid 4242",
        "4712": "it is in the name of 4712, but uid 4243",
    }
    assert collect_drop(course, ASSIGNMENT, drop)
    course.config.ExchangeCollect.check_owner = False
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert ([drop.student for drop in drops], left_out) == (["4711", "4712", "nobody"], {})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.attack("hand-ins")
def test_files_of_two_accounts_in_one_folder_of_the_instructor_are_reported(course, tmp_path):
    names = ["4711/sigmoid.ipynb", "4711/sigmoid (1).ipynb"]
    write_files(tmp_path / "shared", names)
    for uid, name in enumerate(names, 4242):
        os.chown(tmp_path / "shared" / name, uid, -1)
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert (drops, set(left_out)) == ([], {tmp_path / "shared" / name for name in names})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.attack("hand-ins")
def test_a_file_that_gets_another_owner_before_it_is_copied_is_refused(course, tmp_path):
    write_files(tmp_path / "shared", ["4711/sigmoid.ipynb"])
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    os.chown(tmp_path / "shared" / "4711" / "sigmoid.ipynb", 4242, -1)
    with pytest.raises(Refused) as refusal:
        collect_drop(course, ASSIGNMENT, drop)
    assert refusal.value.problem is Problem.FOREIGN_FILE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.attack("hand-ins")
def test_a_student_cannot_state_an_earlier_time(course, tmp_path):
    write_files(tmp_path / "shared", ["4712/sigmoid.ipynb"])
    for path in (tmp_path / "shared" / "4712", tmp_path / "shared" / "4712" / "sigmoid.ipynb"):
        os.chown(path, 4242, -1)
    (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert drop.files["sigmoid.ipynb"].status.st_mtime == 1_700_000_000, "the file states it"
    collect_drop(course, ASSIGNMENT, drop)
    stated = (course.submitted_folder("4712", ASSIGNMENT) / "timestamp.txt").read_text()
    assert not stated.startswith("2023")


def test_files_that_replace_others_are_newer_than_those_whatever_time_they_state(course, tmp_path):
    stated = {}
    for text in ("first", "second, after the due date"):
        write_files(tmp_path / "shared", ["ada/sigmoid.ipynb"])
        (tmp_path / "shared" / "ada" / "sigmoid.ipynb").write_text(text)
        os.utime(tmp_path / "shared" / "ada" / "sigmoid.ipynb", (1_700_000_000, 1_700_000_000))
        (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
        assert collect_drop(course, ASSIGNMENT, drop)
        stated[text] = (course.submitted_folder("ada", ASSIGNMENT) / "timestamp.txt").read_text()
    first, second = map(parse_time, stated.values())
    assert str(first).startswith("2023-11-14")
    assert abs(second.replace(tzinfo=UTC).timestamp() - time.time()) < 600


def test_removing_a_file_makes_the_others_no_later(course, tmp_path):
    write_files(tmp_path / "shared", ["ada/sigmoid.ipynb", "ada/sigmoid (1).ipynb"])
    target = course.submitted_folder("ada", ASSIGNMENT)
    for names in (["sigmoid (1).ipynb", "sigmoid.ipynb"], ["sigmoid.ipynb"]):
        (drop,), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
        assert collect_drop(course, ASSIGNMENT, drop)
        assert sorted(path.name for path in target.glob("*.ipynb")) == names
        assert (target / "timestamp.txt").read_text().startswith("2023-11-14 22:13:20")
        (tmp_path / "shared" / "ada" / "sigmoid (1).ipynb").unlink(missing_ok=True)


def test_renamed_copies_and_archives_are_taken_along(course, tmp_path):
    names = ["ada/sigmoid.ipynb", "ada/Sigmoid (1).ipynb", "ada/01-sigmoid.zip", "ada/bce.ipynb", "ada/essay.ipynb"]
    nested = [f"bob/{ASSIGNMENT}/{ASSIGNMENT}/sigmoid.ipynb", f"bob/{ASSIGNMENT}/own.ipynb", f"bob/{ASSIGNMENT}/a.txt"]
    write_files(tmp_path / "shared", [*names, *nested])
    drops, _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    found = {drop.student: set(drop.files) for drop in drops}
    assert found == {
        "ada": {"sigmoid.ipynb", "Sigmoid (1).ipynb", "01-sigmoid.zip"},
        "bob": {f"{ASSIGNMENT}/sigmoid.ipynb", "own.ipynb"},
    }
    for drop in drops:
        assert collect_drop(course, ASSIGNMENT, drop)
        assert not collect_drop(course, ASSIGNMENT, drop)
    (tmp_path / "shared" / "ada" / "Sigmoid (1).ipynb").unlink()
    (ada, _), _ = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert collect_drop(course, ASSIGNMENT, ada), "the copy is removed, too"


@pytest.mark.parametrize(("name", "advice"), [
    (f"{ASSIGNMENT}/sigmoid.ipynb", "name it STUDENT/sigmoid.ipynb"),
    ("ada/01-Sigmoid (1)/sigmoid.ipynb", f"rename it {ASSIGNMENT}"),
    ("Ada & Bob/sigmoid.ipynb", "'Ada & Bob' cannot be an id: begin with"),
    ("ada/bce-Copy1.ipynb", None),
])  # fmt: skip
def test_what_does_not_count_is_left_out_with_advice_that_helps(course_of_two, tmp_path, name, advice):
    write_files(tmp_path / "shared", [name])
    drops, left_out = read_drops(course_of_two, ASSIGNMENT, tmp_path / "shared")
    assert (drops, [text.startswith(advice) for text in left_out.values()]) == ([], [True] if advice else [])


def write_zip(file, *names: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    os.utime(file, (1_700_000_000, 1_700_000_000))


def test_a_zip_file_counts_if_a_notebook_in_it_is_meant(course, tmp_path):
    shared = tmp_path / "shared"
    write_zip(shared / "ada" / "homework.zip", "sigmoid_final(2).ipynb")  # with nothing around it
    write_zip(shared / "bob.zip", "homework/Sigmoid.ipynb", "homework/.ipynb_checkpoints/sigmoid-checkpoint.ipynb")
    write_zip(shared / "cyd" / "homework.zip", "essay.ipynb")
    write_zip(shared / "dan.zip", "essay.ipynb")
    (shared / "eve.zip").write_text("no archive")
    write_zip(shared / "submissions.zip", "ada/sigmoid.ipynb", "bob/sigmoid.ipynb")  # the export of a class
    drops, left_out = read_drops(course, ASSIGNMENT, shared)
    assert {drop.student: set(drop.files) for drop in drops} == {"ada": {"homework.zip"}, "bob": {"bob.zip"}}
    reported = ("cyd/homework.zip", "dan.zip", "eve.zip", "submissions.zip")
    assert set(left_out) == {shared / name for name in reported}
    for drop in drops:
        assert collect_drop(course, ASSIGNMENT, drop)
        assert not collect_drop(course, ASSIGNMENT, drop)
    write_zip(shared / "dan.zip", "sigmoid.ipynb")
    assert [drop.student for drop in read_drops(course, ASSIGNMENT, shared)[0]] == ["ada", "bob", "dan"]


def test_a_zip_file_with_a_notebook_of_another_assignment_is_not_reported(course_of_two, tmp_path):
    write_zip(tmp_path / "shared" / "ada" / "homework.zip", "bce_final(2).ipynb")
    assert read_drops(course_of_two, ASSIGNMENT, tmp_path / "shared") == ([], {})
    assert [drop.student for drop in read_drops(course_of_two, "02-bce", tmp_path / "shared")[0]] == ["ada"]


def test_a_zip_file_of_the_class_is_reported_beside_a_notebook_of_another_assignment(course_of_two, tmp_path):
    export = tmp_path / "shared" / "submissions.zip"
    write_zip(export, "ada/sigmoid.ipynb", "bob/sigmoid.ipynb", "ada/bce.ipynb")
    drops, left_out = read_drops(course_of_two, ASSIGNMENT, tmp_path / "shared")
    assert (drops, list(left_out)) == ([], [export])


@pytest.mark.parametrize(("module", "name"), [(zip_counts, "opened_file"), (archives, "_directory_bytes")])
def test_a_zip_file_counts_again_after_the_disk_failed_once(course, tmp_path, monkeypatch, module, name):
    write_zip(tmp_path / "shared" / "kim.zip", "sigmoid.ipynb")
    with monkeypatch.context() as patched:
        patched.setattr(module, name, fail_to_read)
        assert read_drops(course, ASSIGNMENT, tmp_path / "shared")[0] == []
    assert [drop.student for drop in read_drops(course, ASSIGNMENT, tmp_path / "shared")[0]] == ["kim"]


def fail_to_read(*_):
    raise OSError(errno.EIO, "Input/output error")


def test_beside_a_pattern_other_files_must_have_the_name_of_a_notebook(course, tmp_path):
    shared = tmp_path / "shared"
    write_files(shared, ["ada/sigmoid.ipynb", f"bob/{ASSIGNMENT}/own.ipynb", "cyd/sigmoid (1).ipynb"])
    write_zip(shared / "dan" / "homework.zip", "sigmoid.ipynb")
    write_zip(shared / "eve.zip", "sigmoid.ipynb")
    drops, left_out = read_drops(use_pattern(course, PATTERNS["canvas"]), ASSIGNMENT, shared)
    assert {drop.student: set(drop.files) for drop in drops} == {"ada": {"sigmoid.ipynb"}, "bob": {"own.ipynb"}}
    assert set(left_out) == {shared / name for name in ("cyd/sigmoid (1).ipynb", "dan/homework.zip", "eve.zip")}


def test_an_export_may_contain_zip_files_and_modules(course, tmp_path):
    write_zip(tmp_path / "export" / "lovelaceada_12345_6789012_homework.zip", "sigmoid.ipynb")
    write_files(tmp_path / "export", ["bobthestudent_12346_6789013_sigmoid.py", "cyd_12347_6789014_helper.py"])
    drops, left_out = read_drops(use_pattern(course, PATTERNS["canvas"]), ASSIGNMENT, tmp_path / "export")
    assert {drop.student: set(drop.files) for drop in drops} == {"12345": {"homework.zip"}, "12346": {"sigmoid.py"}}
    assert left_out == {}


@pytest.mark.attack("work of the grader")
def test_zip_files_of_a_student_who_keeps_touching_them_are_not_all_read_at_each_look(course, tmp_path, monkeypatch):
    shared, opened = tmp_path / "shared", []
    touched = [shared / "eve" / f"{i}.zip" for i in range(30)]
    for file in (*touched, shared / "zoe" / "homework.zip"):
        write_zip(file, "sigmoid.ipynb")
    write_files(shared, ["eve/sigmoid.ipynb"])
    real = zip_counts.list_notebooks
    monkeypatch.setattr(zip_counts, "list_notebooks", lambda file: opened.append(file) or real(file))
    for _ in range(2):
        (eve, zoe), left_out = read_drops(course, ASSIGNMENT, shared)
        assert (len(eve.files), set(zoe.files)) == (folder_search.MAX_ZIPS + 1, {"homework.zip"})
        assert len(left_out) == 30 - folder_search.MAX_ZIPS
        for file in touched:
            os.utime(file)
    assert len(opened) == 2 * folder_search.MAX_ZIPS + 1, "zoe's was read once, and each of eve's again"


def test_of_an_export_all_zip_files_are_read(course, tmp_path):
    for number in range(2 * folder_search.MAX_ZIPS):
        write_zip(tmp_path / "all" / "export" / f"ada_{number}_6789012_homework.zip", "sigmoid.ipynb")
    drops, left_out = read_drops(use_pattern(course, PATTERNS["canvas"]), ASSIGNMENT, tmp_path / "all")
    assert (len(drops), left_out) == (2 * folder_search.MAX_ZIPS, {})


def test_a_module_with_the_name_of_the_notebook_is_copied(course, tmp_path):
    write_files(tmp_path / "shared", ["ada/sigmoid.py", "bob/helper.py", f"cyd/{ASSIGNMENT}/helper.py"])
    ((drop,), left_out) = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert (drop.student, left_out) == ("ada", {})
    assert collect_drop(course, ASSIGNMENT, drop)
    assert not collect_drop(course, ASSIGNMENT, drop)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_thousands_of_files_of_students_do_not_use_up_the_search_with_a_pattern(course, tmp_path, monkeypatch):
    monkeypatch.setattr(folder_search, "MAX_ENTRIES", 20)
    monkeypatch.setattr(folder_search, "MAX_FILES", 60)
    shared, honest = tmp_path / "shared", "lovelaceada_12345_6789012_sigmoid.ipynb"
    write_files(shared, [*(f"eve{k}/{i}.ipynb" for k in range(4) for i in range(30)), f"export/{honest}"])
    for k in range(4):
        os.chown(shared / f"eve{k}", 4242 + k, -1)
    ((drop,), left_out) = read_drops(use_pattern(course, PATTERNS["canvas"]), ASSIGNMENT, shared)
    assert drop.student == "12345"
    full = {path.name for path, reason in left_out.items() if "too many files" in reason}
    assert full == {f"eve{k}" for k in range(4)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_nobody_hands_in_for_another_by_the_name_of_a_file(course, tmp_path):
    shared = tmp_path / "shared"
    honest, forged = "lovelaceada_12345_6789012_sigmoid.ipynb", "eve/lovelaceada_12345_6789099_sigmoid.ipynb"
    write_files(shared, [honest, forged])
    os.utime(shared / forged, (1_800_000_000, 1_800_000_000))  # it would replace the honest one
    for path in (shared / forged, shared / "eve"):
        os.chown(path, 4242, -1)
    course = use_pattern(course, PATTERNS["canvas"])
    ((drop,), left_out) = read_drops(course, ASSIGNMENT, shared)
    assert {name: str(file.path) for name, file in drop.files.items()} == {"sigmoid.ipynb": honest}
    assert list(left_out) == [shared / forged]
    assert left_out[shared / forged].startswith("it is in the name of 12345, but uid 4242 owns it or its folder")
    os.chown(shared / forged, 0, -1)  # the folder is still Eve's
    assert read_drops(course, ASSIGNMENT, shared)[1] == left_out
    course.config.ExchangeCollect.check_owner = False
    ((drop,), left_out) = read_drops(course, ASSIGNMENT, shared)
    assert (str(drop.files["sigmoid.ipynb"].path), left_out) == (forged, {}), (
        "the instructor has switched the check off"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("pattern", ["canvas", "moodle"])
def test_nobody_replaces_a_file_of_an_export_by_a_folder_with_the_name_of_its_student(course, tmp_path, pattern):
    export, student = next(iter(EXPORTS[pattern].items()))
    write_files(tmp_path / "shared", [export, f"{student}/sigmoid.ipynb"])
    course = use_pattern(course, PATTERNS[pattern])
    assert len(read_drops(course, ASSIGNMENT, tmp_path / "shared")[0]) == 1  # both are the instructor's
    os.chown(tmp_path / "shared" / student, 4242, -1)
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert (drops, {path.parent.name for path in left_out}) == (
        [],
        {(tmp_path / "shared" / export).parent.name, student},
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_zip_file_at_the_top_is_that_of_its_owner(course, tmp_path):
    for student in ("ada", "nobody"):
        write_zip(tmp_path / "shared" / f"{student}.zip", "sigmoid.ipynb")
        os.chown(tmp_path / "shared" / f"{student}.zip", pwd.getpwnam("nobody").pw_uid, -1)
    ((drop,), left_out) = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert drop.student == "nobody"
    assert list(left_out) == [tmp_path / "shared" / "ada.zip"]


@pytest.mark.parametrize(
    ("call", "number"), [("open", errno.EACCES), ("stat", errno.ENOTCONN)]
)  # as of a mount of FUSE
@pytest.mark.attack("hand-ins")
def test_a_folder_that_cannot_be_read_is_reported_and_stops_nobody(course, tmp_path, monkeypatch, call, number):
    write_files(tmp_path / "shared", [f"{student}/sigmoid.ipynb" for student in ("ada", "eve", "zoe")])
    real, asked = getattr(os, call), []

    def fail(path, *arguments, **options):  # root may read everything
        if path == "eve":
            asked.append(path)
            raise OSError(number, os.strerror(number))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, call, fail)
    drops, left_out = read_drops(course, ASSIGNMENT, tmp_path / "shared")
    assert asked
    assert [drop.student for drop in drops] == ["ada", "zoe"]
    assert left_out == {tmp_path / "shared" / "eve": f"let your account read it: {os.strerror(number)}"}


def test_a_folder_that_is_too_deep_is_reported(course, tmp_path):
    inner = tmp_path.joinpath("shared", "eve", ASSIGNMENT, *"d" * (MAX_DEPTH - 1))
    write_files(inner, ["sigmoid.ipynb"])
    assert read_drops(course, ASSIGNMENT, tmp_path / "shared") == ([], {inner: Problem.DEPTH})


def test_a_name_without_the_optional_group_of_the_notebook_is_left_out(course, tmp_path):
    write_files(tmp_path / "export", ["ada_x.ipynb"])
    pattern = 'r"(?P<student_id>[^_]+)_(?:(?P<file_id>sigmoid)|x).ipynb"'
    drops, left_out = read_drops(use_pattern(course, pattern), ASSIGNMENT, tmp_path / "export")
    assert drops == []
    assert list(left_out) == [tmp_path / "export" / "ada_x.ipynb"]


def test_a_pattern_without_groups_is_reported(course, tmp_path):
    with pytest.raises(CourseError, match="has no group"):
        read_drops(use_pattern(course, 'r"(?P<student_id>.*)"'), ASSIGNMENT, tmp_path)
