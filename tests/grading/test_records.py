"""Records are read as they were written, and those of another version count as missing."""

import json
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest

from autograder.grading import records
from autograder.grading.notebook_notes import NotebookNotes, OtherVersion, read_verdicts, update_notes, write_verdict
from autograder.grading.records import Outcome, Record
from autograder.grading.result_key import hash_code, hash_files
from autograder.judging.verdict import Finding, Status, Verdict
from autograder.runner import Failure, FailureKind
from autograder.submissions.sanitise import OWN_METADATA

VERDICT = Verdict(
    "sigmoid_predictions",
    (Finding("values", Status.FAILED, 2.0, "0.5 is wrong", "A slide", "a hint"), Finding("shape", Status.PASSED, 1.0)),
    mistake="twice as large",
    letters=("a", "b"),
    cause="Cell [2] fails.",
    notes=("it is slow",),
)
RECORD = Record("ada", "01-sigmoid", Outcome.TIMED_OUT, 1, 3, messages=["a message"], modes=["landlock"])


def test_a_written_record_is_read_again(tmp_path):
    record = replace(RECORD, verdicts=[VERDICT, replace(VERDICT, is_void=True)])
    records.write(record, tmp_path)
    read = records.read(tmp_path, "01-sigmoid", "ada")
    assert read == record
    assert [verdict.score for verdict in read.verdicts] == [1, 0]
    assert read.verdicts[0].findings[0].status is Status.FAILED


def test_a_verdict_in_a_notebook_file_is_read_again_with_the_notes():
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(), nbformat.v4.new_code_cell()])
    failure = Failure(FailureKind.CRASH, "it ended Python", ended_process=True)
    update_notes(nb, repairs=["a repair"], failures=[failure])
    update_notes(nb, modes=["landlock"])
    write_verdict(nb.cells[1], VERDICT)
    read = nbformat.reads(nbformat.writes(nb), as_version=4)
    assert [*read_verdicts(read)] == [VERDICT]
    notes = NotebookNotes(repairs=("a repair",), failures=(failure,), modes=("landlock",))
    assert NotebookNotes.read(read.metadata) == notes


@pytest.mark.parametrize("version", [None, 1, 3])
def test_a_record_or_a_notebook_of_another_version_is_graded_again(tmp_path, version):
    records.write(RECORD, tmp_path)
    file = tmp_path / "01-sigmoid" / "ada.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": version}))
    assert records.read(tmp_path, "01-sigmoid", "ada") is None
    nb = nbformat.v4.new_notebook()
    update_notes(nb, repairs=["a repair"])
    nb.metadata[OWN_METADATA]["version"] = version
    with pytest.raises(OtherVersion, match="grade it again"):
        NotebookNotes.read(nb.metadata)


def test_a_hash_depends_on_the_place_of_a_file_but_not_on_that_of_the_course(tmp_path):
    (tmp_path / "course" / "inner").mkdir(parents=True)
    file = tmp_path / "course" / "sigmoid.ipynb"
    file.write_text("text")
    before = hash_files(tmp_path / "course", [file])
    moved = (tmp_path / "course").rename(tmp_path / "elsewhere")
    assert hash_files(moved, [moved / file.name]) == before
    inner = (moved / file.name).rename(moved / "inner" / file.name)
    assert hash_files(moved, [inner]) != before


def test_the_code_that_grades_includes_the_data_of_exercises(tmp_path):
    (tmp_path / "nbgrader_config.py").touch()
    data = tmp_path / "exercises" / "dates" / "data.csv"
    data.parent.mkdir(parents=True)
    data.write_text("1")
    course = SimpleNamespace(root=tmp_path, exercises=SimpleNamespace(folders=lambda: [tmp_path / "exercises"]))
    before = hash_code(course)
    data.write_text("2")
    assert hash_code(course) != before
