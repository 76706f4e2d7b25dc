"""Lost, copied and forged cells are repaired, and each repair is reported."""

from dataclasses import replace

import nbformat
import pytest

from autograder.submissions.headings import last_heading
from autograder.submissions.released_cells import ReleasedCell
from autograder.submissions.repair import repair


def metadata(grade_id, **flags):
    defaults = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"grade_id": grade_id, **defaults, **flags}


ANSWER = ReleasedCell(
    "answer", "code", "def f(x):\n    raise NotImplementedError()", metadata("answer", solution=True), "a1"
)
TEST = ReleasedCell("test", "code", "assert f(1)", metadata("test", grade=True, locked=True, points=2), "t1")
WORDS = ReleasedCell(
    "words", "markdown", "YOUR ANSWER HERE", metadata("words", grade=True, solution=True, points=1), "w1"
)
RELEASED = [ANSWER, TEST, WORDS]


@pytest.fixture
def nb():
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    cells = [new[c.cell_type](c.source, id=c.cell_id, metadata={"nbgrader": dict(c.metadata)}) for c in RELEASED]
    cells[0].source = "def f(x):\n    return x"
    cells[2].source = "because"
    return nbformat.v4.new_notebook(cells=cells)


def ids(nb):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]


def test_an_intact_notebook_is_unchanged(nb):
    before = nbformat.writes(nb)
    assert repair(nb, RELEASED) == []
    assert nbformat.writes(nb) == before


def test_a_copied_test_cell_loses_its_id(nb):
    nb.cells.append(nbformat.from_dict(nb.cells[1] | {"id": "copy"}))
    assert repair(nb, RELEASED) == ["cell test occurred 2 times: the last counts"]
    assert ids(nb) == ["answer", None, "words", "test"]


def test_an_edited_copy_of_a_read_only_cell_does_not_take_its_place(nb):
    edited = nb.cells[1] | {"source": "print(f(1))"}
    nb.cells.insert(0, nbformat.from_dict(edited))  # before the answer, where the released text would fail
    assert repair(nb, RELEASED) == ["cell test occurred 2 times: the last counts"]
    assert ids(nb) == [None, "answer", "test", "words"]


@pytest.mark.parametrize(("copies", "kept"), [
    (["def f(x):\n    return 1", "def f(x):\n    return 2"], ["def f(x):\n    return 1", "def f(x):\n    return 2"]),
    ([ANSWER.source, "def f(x):\n    return 1"], ["def f(x):\n    return 1"]),
    (["def f(x):\n    return 1", ANSWER.source], ["def f(x):\n    return 1"]),
])  # fmt: skip
def test_the_last_edited_answer_is_graded_and_an_untouched_copy_is_removed(nb, copies, kept):
    nb.cells[:1] = [nbformat.v4.new_code_cell(text, metadata={"nbgrader": dict(ANSWER.metadata)}) for text in copies]
    assert repair(nb, RELEASED) == ["cell answer occurred 2 times: the last that was edited counts"]
    assert [cell.source for cell in nb.cells[:-2]] == kept
    assert ids(nb)[-3] == "answer"


@pytest.mark.parametrize(("prefix", "clue"), [("", "its cell id"), ("other-", "the name it defines")])
def test_a_cell_without_metadata_is_recognised_by_its_cell_id_or_the_function_it_defines(nb, prefix, clue):
    for cell in nb.cells:
        cell.update(metadata=nbformat.from_dict({}), id=f"{prefix}{cell.id}")
    notes = repair(nb, RELEASED)
    assert f"cell answer had lost its metadata: recognised by {clue}" in notes
    assert (ids(nb)[0], ids(nb)[-2:], len(notes)) == ("answer", ["test", "words"], 3)


@pytest.mark.parametrize(("stub", "given"), [("z = 1\nraise NotImplementedError()", ()), ("z = None", {"z = 3"})])
def test_a_cell_that_defines_a_given_variable_or_was_given_is_no_lost_answer(nb, stub, given):
    nb.cells = [nbformat.v4.new_code_cell("z = 3")]
    assert repair(nb, [replace(ANSWER, source=stub)], given) == []
    nb.cells.append(nbformat.v4.new_code_cell(stub, metadata={"nbgrader": dict(ANSWER.metadata)}))
    assert repair(nb, [replace(ANSWER, source=stub)], given) == []


@pytest.mark.parametrize("new_cell", [nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell])
def test_an_answer_in_words_in_a_cell_below_the_unchanged_one_is_graded(nb, new_cell):
    nb.cells[2].source = WORDS.source
    nb.cells.append(new_cell("because it is"))
    notes = ["the answer to words is in a cell of your own: that cell is graded"]
    changed = ["cell words was a code cell: changed back to markdown"] * (nb.cells[3].cell_type == "code")
    assert repair(nb, RELEASED, {"## Summary"}) == notes + changed
    assert ids(nb) == ["answer", "test", None, "words"]


@pytest.mark.parametrize("text", ["## Summary", "## Summary\nas it was released first", "Next:\n", "\n"])
def test_a_given_cell_below_an_unchanged_one_is_not_an_answer(nb, text):
    nb.cells[2].source = WORDS.source
    nb.cells.append(nbformat.v4.new_markdown_cell(text))
    assert repair(nb, RELEASED, {"## Summary", "Next:"}) == []


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_neither_a_comment_in_code_nor_seven_signs_are_a_heading(fence):
    text = f"## Q1\n{fence}python\n# a comment\n{fence}\n####### seven"
    assert last_heading(text, "") == "## Q1"
    assert last_heading(f"{text}\n## Q2\n{fence}\n# not closed", "") == "## Q2"


def test_an_answer_in_words_in_place_of_a_missing_cell_is_found_by_the_cell_above_it(nb):
    nb.cells[2:] = [nbformat.v4.new_markdown_cell("Why?"), nbformat.v4.new_markdown_cell("because")]
    released = [ANSWER, TEST, replace(WORDS, above="Why?\n")]
    assert repair(nb, released)[0].startswith("the answer to words is in a cell of")
    assert ids(nb) == ["answer", "test", None, "words"]


@pytest.mark.parametrize("empty", ["", "\n"])
def test_a_remark_below_an_empty_cell_is_not_the_answer_that_was_released_below_one(nb, empty):
    nb.cells[2:] = [nbformat.v4.new_code_cell(empty), nbformat.v4.new_markdown_cell("a remark")]
    assert repair(nb, [ANSWER, TEST, replace(WORDS, above=empty)]) == ["cell words was missing: added at the end"]
    assert ids(nb) == ["answer", "test", None, None, "words"]


def test_a_missing_test_cell_is_added_at_the_end_and_a_missing_answer_is_not(nb):
    del nb.cells[:2]
    repair(nb, RELEASED)
    assert ids(nb) == ["words", "test"]


@pytest.mark.parametrize("forged", [
    {"points": 100}, {"solution": True}, {"grade": False}, {"locked": False}, {"schema_version": 0}, {"schema_version": 99},
    {"checksum": "0"}, {"grade_id": "test", "grade": "yes", "points": "many"},
])  # fmt: skip
@pytest.mark.attack("points")
def test_forged_metadata_is_replaced_by_the_released_metadata(nb, forged):
    nb.cells[1].metadata["nbgrader"].update(forged)
    repair(nb, RELEASED)
    assert nb.cells[1].metadata["nbgrader"] == TEST.metadata


def test_unknown_metadata_is_removed(nb):
    nb.cells.append(nbformat.v4.new_code_cell("1 + 1", metadata={"nbgrader": {"grade_id": "unknown"}}))
    repair(nb, RELEASED)
    assert ids(nb)[-1] is None


def test_an_edited_read_only_cell_is_restored_and_reported(nb):
    nb.cells[1].source = "print('full marks')"
    assert repair(nb, RELEASED) == ["cell test is read-only but was edited: the released text is used"]


def test_a_cell_of_another_type_gets_its_type_back(nb):
    nb.cells[0].cell_type = "markdown"
    del nb.cells[0]["outputs"], nb.cells[0]["execution_count"]
    repair(nb, RELEASED)
    assert nb.cells[0].cell_type == "code"
    assert nb.cells[0].outputs == []
