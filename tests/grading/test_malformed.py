"""A folder of damaged submissions: a record each, nobody else affected, and what was repaired is said."""

import json
import os
import shutil

import nbformat
import pytest

from autograder.authoring.simulate import submission
from autograder.course import Course
from autograder.grading import batch
from autograder.grading import records as record
from autograder.grading.batch import records_folder

from .malformed import DAMAGES, UNREADABLE

# What lies beside a notebook, or in its place: names that are no UTF-8, folders where files are expected, and what has no end.
BESIDE = {
    "a name that is no UTF-8": lambda folder: (folder / "sigmoid.ipynb").rename(
        folder / os.fsdecode(b"\xdcbung.ipynb")
    ),
    "a neighbour whose name is none": lambda folder: (folder / os.fsdecode(b"\xff\n.txt")).touch(),
    "a folder named like the notebook": lambda folder: instead(folder, "sigmoid.ipynb/x.txt"),
    "a folder named like a file of the course": lambda folder: put(folder, "table.csv/x.txt"),
    "a file named like a folder of the course": lambda folder: put(folder, "pictures"),
    "a time without end": lambda folder: put(folder, "timestamp.txt", "1" * 5_000_000),
    "a pipe for a time": lambda folder: os.mkfifo(folder / "timestamp.txt"),
    "a locked neighbour": lambda folder: put(folder, "locked.txt").chmod(0),
    "folders beyond any path": lambda folder: deep_in(folder),
    "a file of many gigabytes": lambda folder: put(folder, "large").open("wb").truncate(1 << 36),
    "many files": lambda folder: [put(folder, f"{number}.py") for number in range(3000)],
    "a way round": lambda folder: (folder / "again").symlink_to(folder),
}
FOLDERS = ["name with spaces", "Ünïcode-学生", "dots.in.it", "quote'd", "-dash", "semi;colon"]


def put(folder, name, content="x"):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return folder / name


def instead(folder, name):
    (folder / "sigmoid.ipynb").rename(folder / "mine.ipynb")
    put(folder, name)


def deep_in(folder):
    here = os.open(folder, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        above, here = here, os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(above)
    os.close(os.open("file", os.O_CREAT, dir_fd=here))
    os.close(here)


@pytest.fixture(scope="module")
def graded(registered, tmp_path_factory, sandbox, whole):
    """The records of the whole folder, and the marks of a submission that is whole."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("malformed") / "course"))
    solved = json.loads(whole)
    for name in ("table.csv", "pictures/a.txt"):
        put(course.root / "solutions" / "01-sigmoid", name)
    for student in [*DAMAGES, *FOLDERS, *BESIDE, "whole"]:
        damaged = json.loads(json.dumps(solved))
        said = DAMAGES[student][0](damaged) if student in DAMAGES else None
        said = damaged if said is None else said
        content = json.dumps(said) if isinstance(said, dict | list) else said
        folder = course.root / "submitted" / student / "01-sigmoid"
        folder.mkdir(parents=True)
        (folder / "sigmoid.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
        BESIDE.get(student, lambda _: None)(folder)
    returned = list(batch.grade(course, "01-sigmoid", workers=2))
    written = {r.student: r for r in record.read_all(records_folder(course), "01-sigmoid")}
    assert {r.student: r for r in returned} == written
    return written


@pytest.fixture(scope="module")
def whole(repository):
    source = nbformat.read(repository / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    return nbformat.writes(submission(source, {}))


def test_there_are_sixty():
    assert len(DAMAGES) >= 60


@pytest.mark.parametrize("name", DAMAGES)
def test_each_ends_in_one_record_that_says_what_was_done(graded, name):
    expected, done = DAMAGES[name][1], graded[name]
    if expected == UNREADABLE:
        assert done.outcome == "unreadable"
        assert "sigmoid.ipynb" in done.messages[0]
    else:
        assert done.outcome == "graded", done.messages
        assert done.score == graded["whole"].score, done.messages
    assert not [message for message in done.messages if "\n" in message or "stumbled" in message]


@pytest.mark.parametrize("name", [*FOLDERS, *BESIDE])
def test_names_and_neighbours_may_be_unusual(graded, name):
    assert (graded[name].outcome, graded[name].score) == ("graded", graded["whole"].score)


@pytest.mark.parametrize(("name", "said"), [
    ("all metadata lost", "had lost its metadata: recognised by its cell id"),
    ("test cells deleted", "cell sigmoid was missing: added at the end"),
    ("test cells unlocked and emptied", "cell sigmoid is read-only but was edited: the released text is used"),
    ("a solution as Markdown", "was a markdown cell: changed back to code"),
    ("every cell twice", "occurred 2 times: only one copy is graded"),
    ("the old format", "old notebook format 3"),
])  # fmt: skip
def test_repairs_are_told(graded, name, said):
    assert said in "; ".join(graded[name].messages)
