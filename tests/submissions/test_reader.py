"""However a notebook was saved, it is read or refused in one sentence."""

import copy
import json

import nbformat
import pytest

from autograder.submissions.reader import UnreadableSubmission, read_submission

IDS = {"hw": {"q1"}}
MOST_BYTES = 1_000_000


@pytest.fixture
def nb():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "q1"}})
    return nbformat.v4.new_notebook(cells=[cell])


def hand_in(folder, text, name="hw.ipynb"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_submission(folder, ["hw"], IDS, MOST_BYTES)


def test_a_good_notebook_is_taken_without_a_word(nb, tmp_path):
    submission = hand_in(tmp_path, nbformat.writes(nb))
    assert submission.notebooks["hw"].cells[0].source == "x = 1"
    assert submission.notes == submission.problems == []


@pytest.mark.parametrize("text", [
    "", "{", "null", "[]", "3", '{"cells": []}', "\x00\x01", b"\xff\xfe\x00", '{"nbformat": 4, "cells": {}}',
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["text"', "[" * 100_000, '{"nbformat": "four"}', "<html></html>",
])  # fmt: skip
def test_what_is_no_notebook_is_refused_in_one_sentence(tmp_path, text):
    with pytest.raises(UnreadableSubmission) as refusal:
        hand_in(tmp_path, text)
    assert "hw.ipynb" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_byte_order_mark_does_not_matter(nb, tmp_path):
    assert hand_in(tmp_path, b"\xef\xbb\xbf" + nbformat.writes(nb).encode()).notebooks


def test_the_old_format_is_converted_and_told(nb, tmp_path):
    old = nbformat.convert(copy.deepcopy(nb), 3)
    submission = hand_in(tmp_path, nbformat.writes(old, 3))
    assert "old notebook format 3" in submission.notes[0]
    assert submission.notebooks["hw"].cells[0].metadata.nbgrader.grade_id == "q1"


def test_a_renamed_notebook_is_recognised_by_its_cells(nb, tmp_path):
    submission = hand_in(tmp_path, nbformat.writes(nb), "hw (1).ipynb")
    assert submission.notes == ["hw.ipynb was handed in as hw (1).ipynb"]


def test_another_notebook_is_not_taken_for_it(tmp_path):
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is missing; there is essay"):
        hand_in(tmp_path, nbformat.writes(nbformat.v4.new_notebook()), "essay.ipynb")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is missing"):
        read_submission(tmp_path, ["hw"], IDS, MOST_BYTES)


def test_a_notebook_that_is_too_large_is_not_read(nb, tmp_path):
    nb.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * MOST_BYTES)]
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is larger than 1 MB: clear its outputs"):
        hand_in(tmp_path, nbformat.writes(nb))


def test_a_link_is_not_followed(nb, tmp_path):
    (tmp_path / "secret.ipynb").write_text(nbformat.writes(nb))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw.ipynb").symlink_to(tmp_path / "secret.ipynb")
    with pytest.raises(UnreadableSubmission):
        read_submission(tmp_path / "in", ["hw"], IDS, MOST_BYTES)


@pytest.mark.parametrize("damage", [
    lambda nb: nb["cells"][0].pop("metadata"), lambda nb: nb["cells"][0].update(metadata=3), lambda nb: nb["cells"][0].update(source=["x = ", "1"]),
    lambda nb: nb["cells"].append(3), lambda nb: nb["cells"].append({"cell_type": "heading"}), lambda nb: nb["cells"][0].pop("outputs"),
    lambda nb: nb["cells"][0].pop("id"), lambda nb: nb["cells"].append(nb["cells"][0]), lambda nb: nb.update(nbformat_minor=99),
    lambda nb: nb.pop("metadata"), lambda nb: nb["cells"][0].update(outputs="none"),
])  # fmt: skip
def test_small_damage_is_mended(nb, tmp_path, damage):
    data = json.loads(nbformat.writes(nb))
    damage(data)
    submission = hand_in(tmp_path, json.dumps(data))
    nbformat.validate(submission.notebooks["hw"])
    assert submission.notebooks["hw"].cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("text", "taken"), [("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05"), ("yesterday-ish", None), ("", None)]
)
def test_a_timestamp_is_read_or_its_absence_is_told(nb, tmp_path, text, taken):
    (tmp_path / "timestamp.txt").write_text(text)
    submission = hand_in(tmp_path, nbformat.writes(nb))
    assert submission.timestamp == taken
    assert bool(submission.notes) is (taken is None)
