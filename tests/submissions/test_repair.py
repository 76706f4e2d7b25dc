"""Lost, copied and forged cells are mended, and each repair is said."""

import nbformat
import pytest

from autograder.submissions.repair import SourceCell, repair


def metadata(grade_id, **flags):
    plain = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"grade_id": grade_id, **plain, **flags}


ANSWER = SourceCell(
    "answer", "code", "def f(x):\n    raise NotImplementedError()", metadata("answer", solution=True), "a1"
)
TEST = SourceCell("test", "code", "assert f(1)", metadata("test", grade=True, locked=True, points=2), "t1")
WORDS = SourceCell(
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


def test_a_good_notebook_is_left_alone(nb):
    before = nbformat.writes(nb)
    assert repair(nb, RELEASED) == []
    assert nbformat.writes(nb) == before


def test_a_copied_test_cell_loses_its_id(nb):
    nb.cells.append(nbformat.from_dict(nb.cells[1] | {"id": "copy"}))
    assert "test was there 2 times" in repair(nb, RELEASED)[0]
    assert ids(nb).count("test") == 1


def test_of_two_answers_the_edited_one_counts(nb):
    untouched = nbformat.v4.new_code_cell(ANSWER.source, metadata={"nbgrader": dict(ANSWER.metadata)})
    nb.cells.append(untouched)
    repair(nb, RELEASED)
    assert ids(nb)[0] == "answer"
    assert ids(nb)[-1] is None


def test_lost_metadata_is_found_by_cell_id(nb):
    for cell in nb.cells:
        cell.metadata.clear()
    assert len(repair(nb, RELEASED)) == 3
    assert ids(nb) == ["answer", "test", "words"]


def test_lost_metadata_is_found_by_the_function_it_defines(nb):
    for cell in nb.cells:
        cell.metadata.clear()
        cell.id = f"other-{cell.id}"
    notes = repair(nb, RELEASED)
    assert ids(nb)[0] == "answer"
    assert any("answer had lost its metadata: found by what it defines" in note for note in notes)
    assert ids(nb)[-2:] == ["test", "words"]


def test_a_missing_test_cell_is_added_at_the_end_and_a_missing_answer_is_not(nb):
    del nb.cells[:2]
    repair(nb, RELEASED)
    assert ids(nb) == ["words", "test"]


@pytest.mark.parametrize("forged", [
    {"points": 100}, {"solution": True}, {"grade": False}, {"locked": False}, {"schema_version": 0}, {"schema_version": 99},
    {"checksum": "0"}, {"grade_id": "test", "grade": "yes", "points": "many"},
])  # fmt: skip
def test_forged_metadata_is_what_it_was_when_released(nb, forged):
    nb.cells[1].metadata["nbgrader"].update(forged)
    repair(nb, RELEASED)
    assert nb.cells[1].metadata["nbgrader"] == TEST.metadata


@pytest.mark.parametrize(
    "nonsense", [{}, {"grade_id": "unknown"}, {"grade_id": None}, {"grade_id": ["test"]}, "text", 3, []]
)
def test_unknown_metadata_is_dropped(nb, nonsense):
    nb.cells.append(nbformat.v4.new_code_cell("1 + 1", metadata={"nbgrader": nonsense}))
    repair(nb, RELEASED)
    assert ids(nb)[-1] is None


def test_an_edited_read_only_cell_is_told(nb):
    nb.cells[1].source = "print('full marks')"
    assert repair(nb, RELEASED) == ["cell test is read-only and was edited: the released text is used"]


def test_a_cell_of_another_type_gets_its_type_back(nb):
    nb.cells[0].cell_type = "markdown"
    del nb.cells[0]["outputs"], nb.cells[0]["execution_count"]
    repair(nb, RELEASED)
    assert nb.cells[0].cell_type == "code"
    assert nb.cells[0].outputs == []
