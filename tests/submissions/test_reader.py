"""Every file is read as a notebook or refused in one sentence."""

import copy
import json
import os
import socket
from pathlib import Path

import nbformat
import pytest

from autograder.submissions.reader import MAX_DEPTH, UnreadableSubmission, read_submission, walk

IDS = {"hw": {"q1"}}
MAX_BYTES = 1_000_000


@pytest.fixture
def nb():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "q1"}})
    return nbformat.v4.new_notebook(cells=[cell])


def hand_in(folder, text, name="hw.ipynb"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_submission(folder, ["hw"], IDS, MAX_BYTES)


def test_a_valid_notebook_is_read_without_remarks(nb, tmp_path):
    submission = hand_in(tmp_path, nbformat.writes(nb))
    assert submission.notebooks["hw"].cells[0].source == "x = 1"
    assert submission.notes == submission.problems == []


@pytest.mark.parametrize("text", [
    "", "{", "null", "[]", "3", '{"cells": []}', "\x00\x01", b"\xff\xfe\x00", '{"nbformat": 4, "cells": {}}',
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["text"', "[" * 100_000, '{"nbformat": "four"}', "<html></html>",
])  # fmt: skip
def test_a_file_that_is_not_a_notebook_is_refused_in_one_sentence(tmp_path, text):
    with pytest.raises(UnreadableSubmission) as refusal:
        hand_in(tmp_path, text)
    assert "hw.ipynb" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_folders_that_are_nested_too_deeply_are_left_out(tmp_path):
    (tmp_path / "/".join("d" * 2 * MAX_DEPTH)).mkdir(parents=True)
    assert len(list(walk(tmp_path))) == MAX_DEPTH + 1


def test_a_byte_order_mark_is_ignored(nb, tmp_path):
    assert hand_in(tmp_path, b"\xef\xbb\xbf" + nbformat.writes(nb).encode()).notebooks


def test_an_old_format_is_converted_and_reported(nb, tmp_path):
    old = nbformat.convert(copy.deepcopy(nb), 3)
    submission = hand_in(tmp_path, nbformat.writes(old, 3))
    assert "old notebook format 3" in submission.notes[0]
    assert submission.notebooks["hw"].cells[0].metadata.nbgrader.grade_id == "q1"


def test_a_renamed_notebook_is_recognised_by_its_cells(nb, tmp_path):
    submission = hand_in(tmp_path, nbformat.writes(nb), "hw (1).ipynb")
    assert submission.notes == ["hw.ipynb was handed in as hw (1).ipynb"]


def test_of_several_renamed_notebooks_the_last_is_graded(nb, tmp_path):
    (tmp_path / "hw (1).ipynb").write_text(nbformat.writes(nb))
    submission = hand_in(tmp_path, nbformat.writes(nb), "hw (2).ipynb")
    assert submission.notes == [
        "hw (1).ipynb, hw (2).ipynb all look like hw.ipynb: hw (2).ipynb is graded",
        "hw.ipynb was handed in as hw (2).ipynb",
    ]


def test_a_notebook_without_cells_of_the_assignment_is_not_graded(tmp_path):
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is missing; the folder has essay\.ipynb"):
        hand_in(tmp_path, nbformat.writes(nbformat.v4.new_notebook()), "essay.ipynb")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is missing"):
        read_submission(tmp_path, ["hw"], IDS, MAX_BYTES)


def test_a_notebook_that_is_too_large_is_not_read(nb, tmp_path):
    nb.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * MAX_BYTES)]
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is larger than 1 MB: clear its outputs"):
        hand_in(tmp_path, nbformat.writes(nb))


def test_a_link_is_not_followed(nb, tmp_path):
    (tmp_path / "secret.ipynb").write_text(nbformat.writes(nb))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw.ipynb").symlink_to(tmp_path / "secret.ipynb")
    with pytest.raises(UnreadableSubmission):
        read_submission(tmp_path / "in", ["hw"], IDS, MAX_BYTES)


FORGED = [None, True, 3, 0.5, "", "x", "x" * 300, "\ud800", [], ["q1"], {}, {"grade_id": "q1"}, [{"grade_id": {}}]]


@pytest.mark.parametrize("forged", FORGED, ids=ascii)
@pytest.mark.parametrize("place", ["metadata", "nbgrader", "grade_id", "points", "cell"])
def test_forged_metadata_in_a_renamed_notebook_is_ignored(nb, tmp_path, forged, place):
    metadata = {
        "metadata": forged,
        "nbgrader": {"nbgrader": forged},
        "grade_id": {"nbgrader": {"grade_id": forged}},
        "points": {"nbgrader": {"grade_id": "q2", "points": forged, "locked": forged, "checksum": forged}},
        "cell": {},
    }
    data = json.loads(nbformat.writes(nb))
    cell = forged if place == "cell" else {**data["cells"][0], "metadata": metadata[place]}
    data["cells"].insert(0, cell)
    submission = hand_in(tmp_path, json.dumps(data), "renamed.ipynb")
    nbformat.validate(submission.notebooks["hw"])
    assert submission.notebooks["hw"].cells[-1].metadata.nbgrader.grade_id == "q1"


def bind_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes")
@pytest.mark.parametrize("create", [
    os.mkfifo, Path.mkdir, bind_socket, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path),
], ids=["pipe", "folder", "socket", "link to a device", "link to itself"])  # fmt: skip
def test_a_notebook_that_is_not_a_regular_file_is_refused_in_one_sentence(tmp_path, monkeypatch, create):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    create(Path("hw.ipynb"))
    with pytest.raises(UnreadableSubmission, match=r"^hw\.ipynb is not a regular file: submit the notebook itself$"):
        read_submission(tmp_path, ["hw"], IDS, MAX_BYTES)


@pytest.mark.parametrize("damage", [
    lambda nb: nb["cells"][0].pop("metadata"), lambda nb: nb["cells"][0].update(metadata=3), lambda nb: nb["cells"][0].update(source=["x = ", "1"]),
    lambda nb: nb["cells"].append(3), lambda nb: nb["cells"].append({"cell_type": "heading"}), lambda nb: nb["cells"][0].pop("outputs"),
    lambda nb: nb["cells"][0].pop("id"), lambda nb: nb["cells"].append(nb["cells"][0]), lambda nb: nb.update(nbformat_minor=99),
    lambda nb: nb.pop("metadata"), lambda nb: nb["cells"][0].update(outputs="none"),
])  # fmt: skip
def test_small_damage_is_repaired(nb, tmp_path, damage):
    data = json.loads(nbformat.writes(nb))
    damage(data)
    submission = hand_in(tmp_path, json.dumps(data))
    nbformat.validate(submission.notebooks["hw"])
    assert submission.notebooks["hw"].cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("text", "expected"), [("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05"), ("yesterday-ish", None), ("", None)]
)
def test_a_timestamp_is_read_or_reported_as_invalid(nb, tmp_path, text, expected):
    (tmp_path / "timestamp.txt").write_text(text)
    submission = hand_in(tmp_path, nbformat.writes(nb))
    assert submission.timestamp == expected
    assert bool(submission.notes) is (expected is None)


def test_candidates_that_cannot_be_read_are_reported_once(tmp_path):
    for i in range(11):
        (tmp_path / f"other {i}.ipynb").write_text("{")
    (tmp_path / "first.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    names = ["first", "second", "third"]
    submission = read_submission(tmp_path, names, {name: {name} for name in names}, MAX_BYTES)
    assert submission.notes == ["of 11 notebooks with other names, only the first 10 were searched"]
