"""Damaged submissions: each ends in one record, none affects another, and repairs are reported."""

import json
import os
import shutil

import nbformat
import pytest

from autograder.authoring.simulate import make_submission
from autograder.course import Course
from autograder.grading import batch, records
from autograder.grading.records import Outcome

from .conftest import ASSIGNMENT
from .malformed import DAMAGES, UNREADABLE

# Changes to the folder of a submission, after which its notebook must still be graded.
FOLDER_CHANGES = {
    "a notebook name that is not UTF-8": lambda folder: (folder / "sigmoid.ipynb").rename(
        folder / os.fsdecode(b"\xdcbung.ipynb")
    ),
    "a file name that is not UTF-8": lambda folder: (folder / os.fsdecode(b"\xff\n.txt")).touch(),
    "a folder with the notebook's name": lambda folder: replace_notebook(folder, "sigmoid.ipynb/x.txt"),
    "a folder with the name of a file of the course": lambda folder: write_file(folder, "table.csv/x.txt"),
    "a file with the name of a folder of the course": lambda folder: write_file(folder, "pictures"),
    "a timestamp of 5 MB": lambda folder: write_file(folder, "timestamp.txt", "1" * 5_000_000),
    "a timestamp that is a pipe": lambda folder: os.mkfifo(folder / "timestamp.txt"),
    "a file without permissions": lambda folder: write_file(folder, "locked.txt").chmod(0),
    "folders nested too deeply": lambda folder: nest_folders(folder),
    "a file of many gigabytes": lambda folder: os.truncate(write_file(folder, "large"), 1 << 36),
    "many files": lambda folder: [write_file(folder, f"{number}.py") for number in range(3000)],
}
STUDENT_NAMES = ["name with spaces", "Ünïcode-学生", "dots.in.it", "quote'd", "-dash", "semi;colon"]


def write_file(folder, name, content="x"):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return folder / name


def replace_notebook(folder, name):
    (folder / "sigmoid.ipynb").rename(folder / "mine.ipynb")
    write_file(folder, name)


def nest_folders(folder):
    """Nest folders until their path is too long for the system."""
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=inner)
        outer, inner = inner, os.open("d" * 200, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(os.open("file", os.O_CREAT, dir_fd=inner))
    os.close(inner)


@pytest.fixture(scope="module")
def solved_json(repository):
    source = nbformat.read(repository / "solutions" / ASSIGNMENT / "sigmoid.ipynb", 4)
    return nbformat.writes(make_submission(source, {}))


@pytest.fixture(scope="module")
def records_by_student(registered, tmp_path_factory, sandbox, solved_json):
    """The records of all damaged submissions, and of an undamaged one."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("malformed") / "course"))
    for name in ("table.csv", "pictures/a.txt"):
        write_file(course.root / "solutions" / ASSIGNMENT, name)
    for student in [*DAMAGES, *STUDENT_NAMES, *FOLDER_CHANGES, "undamaged"]:
        nb = json.loads(solved_json)
        replacement = DAMAGES[student][0](nb) if student in DAMAGES else None
        content = nb if replacement is None else replacement
        content = json.dumps(content) if isinstance(content, dict | list) else content
        folder = course.root / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "sigmoid.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
        FOLDER_CHANGES.get(student, lambda _: None)(folder)
    returned = {record.student: record for record in batch.grade(course, ASSIGNMENT, workers=2)}
    written = {record.student: record for record in records.read_all(course.records_folder, ASSIGNMENT)}
    assert returned == written
    return written


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damaged_notebook_ends_in_the_expected_record(records_by_student, name):
    expected, record = DAMAGES[name][1], records_by_student[name]
    if expected == UNREADABLE:
        assert record.outcome is Outcome.UNREADABLE
        assert "sigmoid.ipynb" in record.messages[0]
    else:
        assert record.outcome is Outcome.GRADED, record.messages
        assert record.score == records_by_student["undamaged"].score, record.messages
    assert not [message for message in record.messages if "\n" in message or "internal grader error" in message]


@pytest.mark.parametrize("name", [*STUDENT_NAMES, *FOLDER_CHANGES])
def test_unusual_names_and_files_do_not_change_the_score(records_by_student, name):
    record = records_by_student[name]
    assert (record.outcome, record.score) == (Outcome.GRADED, records_by_student["undamaged"].score)


@pytest.mark.parametrize(("name", "message"), [
    ("empty metadata of all cells", "had lost its metadata: recognised by its cell id"),
    ("a deleted test cell", "cell sigmoid was missing: added at the end"),
    ("an emptied test cell", "cell sigmoid is read-only but was edited: the released text is used"),
    ("a solution changed to Markdown", "was a markdown cell: changed back to code"),
    ("every cell twice", "occurred 2 times: the last counts"),
])  # fmt: skip
def test_repairs_are_reported(records_by_student, name, message):
    assert message in "; ".join(records_by_student[name].messages)
