"""A folder of damaged submissions: a record each, nobody else affected, and what was repaired is said."""

import json
import shutil

import nbformat
import pytest

from autograder import batch, record
from autograder.batch import records_folder
from autograder.course import Course
from autograder.simulate import submission

from .malformed import DAMAGES, UNREADABLE

FOLDERS = ["name with spaces", "Ünïcode-学生", "dots.in.it", "quote'd", "-dash", "semi;colon"]


@pytest.fixture(scope="module")
def graded(registered, tmp_path_factory, sandbox, whole):
    """The records of the whole folder, and the marks of a submission that is whole."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("malformed") / "course"))
    solved = json.loads(whole)
    for student in [*DAMAGES, *FOLDERS, "whole"]:
        damaged = json.loads(json.dumps(solved))
        said = DAMAGES[student][0](damaged) if student in DAMAGES else None
        said = damaged if said is None else said
        content = json.dumps(said) if isinstance(said, dict | list) else said
        folder = course.root / "submitted" / student / "01-sigmoid"
        folder.mkdir(parents=True)
        (folder / "sigmoid.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
    returned = list(batch.grade(course, "01-sigmoid", workers=2))
    written = {r.student: r for r in record.read_all(records_folder(course), "01-sigmoid")}
    assert {r.student: r for r in returned} == written
    return written


@pytest.fixture(scope="module")
def whole(repository):
    source = nbformat.read(repository / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    return nbformat.writes(submission(source, {}))


def test_there_are_sixty():
    assert len(DAMAGES) == 60


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


@pytest.mark.parametrize("name", FOLDERS)
def test_names_of_students_may_be_unusual(graded, name):
    assert (graded[name].outcome, graded[name].score) == ("graded", graded["whole"].score)


@pytest.mark.parametrize(("name", "said"), [
    ("all metadata lost", "had lost its metadata: found by its cell id"),
    ("test cells deleted", "cell sigmoid was missing: added at the end"),
    ("test cells unlocked and emptied", "cell sigmoid is read-only and was edited: the released text is used"),
    ("a solution as Markdown", "was a markdown cell: code again"),
    ("every cell twice", "was there 2 times: one of them counts"),
    ("the old format", "old notebook format 3"),
])  # fmt: skip
def test_repairs_are_told(graded, name, said):
    assert said in "; ".join(graded[name].messages)
