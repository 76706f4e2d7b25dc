"""Records are read as they were written, and those of an older version are converted."""

import json
from pathlib import Path

from autograder.grading import records
from autograder.grading.records import Outcome, Record
from autograder.judging.model import Status


def write_json(folder: Path, **fields: object) -> None:
    file = folder / "01-sigmoid" / "ada.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"student": "ada", "assignment": "01-sigmoid", "outcome": "graded", **fields}))


def test_a_written_record_is_read_again(tmp_path):
    record = Record("ada", "01-sigmoid", Outcome.TIMED_OUT, 1, 2, messages=["a message"], modes=["landlock"])
    records.write(record, tmp_path)
    assert records.read(tmp_path, "01-sigmoid", "ada") == record


def test_a_record_of_an_older_version_is_converted(tmp_path):
    verdict = {"exercise": "sigmoid", "findings": [{"rule": "shape", "passed": True}]}
    write_json(tmp_path, isolation="bubblewrap + Landlock + seccomp, UNSANDBOXED", verdicts=[verdict])
    record = records.read(tmp_path, "01-sigmoid", "ada")
    assert record.modes == ["bubblewrap", "unsandboxed"]
    assert record.is_unsandboxed
    assert record.verdicts[0]["findings"][0]["status"] is Status.PASSED


def test_a_hash_depends_on_the_place_of_a_file_but_not_on_that_of_the_course(tmp_path):
    (tmp_path / "course" / "inner").mkdir(parents=True)
    file = tmp_path / "course" / "sigmoid.ipynb"
    file.write_text("text")
    before = records.hash_files(tmp_path / "course", [file])
    moved = (tmp_path / "course").rename(tmp_path / "elsewhere")
    assert records.hash_files(moved, [moved / file.name]) == before
    inner = (moved / file.name).rename(moved / "inner" / file.name)
    assert records.hash_files(moved, [inner]) != before


def test_a_record_with_an_unknown_mode_is_out_of_date(tmp_path):
    write_json(tmp_path, modes=["a guarded room"])
    assert records.read(tmp_path, "01-sigmoid", "ada") is None
