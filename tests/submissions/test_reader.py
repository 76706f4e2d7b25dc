"""Every file is read as a notebook or refused in one sentence."""

import io
import json
import os
import socket
import struct
import tracemalloc
import zipfile
from pathlib import Path, PurePosixPath

import nbformat
import pytest

from autograder.submissions import reader
from autograder.submissions.archives import UnreadableArchive, list_notebooks, read_archive
from autograder.submissions.bindings import find_bindings
from autograder.submissions.bounded_walk import MAX_WALKED_DEPTH, walk
from autograder.submissions.candidates import Release, find_answers
from autograder.submissions.reader import MAX_CANDIDATES, UnreadableSubmission, read_submission
from autograder.submissions.refusals import MAX_ENTRIES
from autograder.submissions.released_cells import ReleasedCell
from tests.conftest import REPOSITORY

STUB = "raise NotImplementedError()"
MAX_BYTES = 1_000_000


def released_cell(grade_id, source=STUB, cell_id=None, *, solution=True):
    """A code cell for an answer, or one that students must not change."""
    metadata = {"grade_id": grade_id, "solution": solution, "locked": not solution, "grade": False, "task": False}
    return ReleasedCell(grade_id, "code", source, metadata, cell_id)


RELEASED = {"hw": Release([released_cell("q1", STUB, "id-q1")])}


@pytest.fixture
def nb():
    cell = nbformat.v4.new_code_cell("x = 1", metadata={"nbgrader": {"grade_id": "q1"}})
    return nbformat.v4.new_notebook(cells=[cell])


def hand_in(folder, text, name="hw.ipynb"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_submission(folder, RELEASED, MAX_BYTES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])  # also with a byte order mark
def test_a_valid_notebook_is_read_without_remarks(nb, tmp_path, encoding):
    submission = hand_in(tmp_path, nbformat.writes(nb).encode(encoding))
    assert submission.notebooks["hw"].cells[0].source == "x = 1"
    assert submission.notes == submission.problems == []


@pytest.mark.parametrize("text", [
    "", "\ufeff \n", "{", "null", "[]", "3", '{"cells": []}', "\x00\x01", b"\xff\xfe\x00", '{"nbformat": 4, "cells": {}}', "<html></html>",
    '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["text"', "[" * 100_000, '{"nbformat": "four"}', '{"nbformat": 3, "cells": []}',
])  # fmt: skip
def test_a_file_that_is_not_a_notebook_is_refused_in_one_sentence(tmp_path, text):
    with pytest.raises(UnreadableSubmission) as refusal:
        hand_in(tmp_path, text)
    assert str(refusal.value).startswith("hw.ipynb cannot be read: ")
    assert "\n" not in str(refusal.value)


def test_folders_that_are_nested_too_deeply_are_left_out(tmp_path):
    (tmp_path / "/".join("d" * 2 * MAX_WALKED_DEPTH)).mkdir(parents=True)
    assert len(list(walk(tmp_path))) == MAX_WALKED_DEPTH + 1


def test_another_notebook_under_the_name_is_not_graded(nb, tmp_path):
    for number in range(8):
        metadata = {"nbgrader": {"grade_id": f"other-{number}"}}
        nb.cells.append(nbformat.v4.new_code_cell("x = 1", metadata=metadata))
    reason = r"hw\.ipynb is another notebook; the folder has hw\.ipynb, but no notebook with its cells: hand in"
    with pytest.raises(UnreadableSubmission, match=reason):
        hand_in(tmp_path, nbformat.writes(nb))


# --- several notebooks that could be meant --------------------------------------------------------------------------

CELLS = ("q1", "q2", "q3")
GIVEN = "q1 = q2 = q3 = None  # the notebook defines the names before the exercises"
RELEASED_THREE = {"hw": Release([released_cell(name, f"def {name}():\n    {STUB}", name) for name in CELLS], {GIVEN})}
DAMAGED = b'{"cells": ['


def answering(*answers: str) -> str:
    """A notebook that has answers to some questions: "q1" is an answer to the first, "q1 other" a different one."""
    texts = {answer.split()[0]: f"def {answer.split()[0]}():\n    return {answer!r}" for answer in answers}
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(GIVEN)])
    for cell in RELEASED_THREE["hw"].cells:
        source = texts.get(cell.grade_id, cell.source + "  \n")
        nb.cells.append(nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": cell.grade_id}}))
    return nbformat.writes(nb)


def read(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".zip"):
            with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
                for inner, text in content.items():
                    archive.writestr(inner, text)
        else:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_submission(folder, RELEASED_THREE, MAX_BYTES)


ALL = answering(*CELLS)
CLEAR = {
    "an untouched one and a copy": ({"hw.ipynb": answering(), "hw-Copy1.ipynb": ALL}, "hw-Copy1.ipynb"),
    "a copy with the same answers and more": ({"hw.ipynb": answering("q1"), "hw-Copy1.ipynb": ALL}, "hw-Copy1.ipynb"),
    "a damaged one and a copy": ({"hw.ipynb": DAMAGED, "other.ipynb": ALL}, "other.ipynb"),
    "an untouched copy": ({"hw.ipynb": ALL, "hw-Copy1.ipynb": answering()}, "hw.ipynb"),
    "an earlier copy": ({"hw.ipynb": ALL, "hw-Copy1.ipynb": answering("q1 other")}, "hw.ipynb"),
    "equal copies": ({"hw.ipynb": answering(), "a.ipynb": ALL, "b.ipynb": ALL}, "b.ipynb"),
    "equal copies, one nested": (
        {"hw.ipynb": answering("q1"), "old/hw.ipynb": ALL, "hw-Copy1.ipynb": ALL},
        "hw-Copy1.ipynb",
    ),
    "a nested folder": ({"01-hw/hw.ipynb": ALL}, "01-hw/hw.ipynb"),
    "a nested folder beside an untouched one": ({"hw.ipynb": answering(), "01/01/hw.ipynb": ALL}, "01/01/hw.ipynb"),
    "an ending that a browser appended": ({"hw.ipynb.JSON": ALL}, "hw.ipynb.JSON"),
    "an archive": ({"01-hw.zip": {"01-hw/hw.ipynb": ALL, "data.csv": "1"}}, "01-hw.zip/01-hw/hw.ipynb"),
    "an archive beside an untouched one": (
        {"hw.ipynb": answering(), "a.ZIP.zip": {"hw.ipynb": ALL}},
        "a.ZIP.zip/hw.ipynb",
    ),
    "an archive from macOS": ({"a.zip": {"__MACOSX/._hw.ipynb": "x", "hw.ipynb": ALL}}, "a.zip/hw.ipynb"),
}


@pytest.mark.parametrize("case", CLEAR)
def test_the_one_notebook_with_answers_is_chosen(tmp_path, case):
    files, chosen = CLEAR[case]
    submission = read(tmp_path, files)
    assert submission.notebooks["hw"].cells[1].source.endswith("'q1'")
    assert str(submission.paths["hw"]) == chosen
    assert submission.problems == []
    is_remarkable = chosen != "hw.ipynb" or case == "an earlier copy"
    assert bool(submission.notes) is is_remarkable


UNCLEAR = {
    "an answer behind many notebooks": (
        {"hw.ipynb": answering(), "z/hw.ipynb": ALL} | {f"{i}.ipynb": answering() for i in range(10)}, "hw.ipynb"
    ),
    "an answer behind many notebooks of an archive": (
        {"hw.ipynb": answering(), "a.zip": {f"{i}.ipynb": answering() for i in range(10)} | {"hw.ipynb": ALL}}, "hw.ipynb"
    ),
    "two copies that differ": ({"hw.ipynb": answering(), "a.ipynb": answering("q1", "q2"), "b.ipynb": answering("q1 other")}, "a.ipynb"),
    "a copy with more answers, one of them another": (
        {"hw.ipynb": answering("q1 other"), "hw-Copy1.ipynb": ALL}, "hw.ipynb"
    ),
    "two copies with more answers": (
        {"hw.ipynb": answering("q1"), "a.ipynb": answering("q1", "q2"), "b.ipynb": answering("q1", "q3")}, "b.ipynb"
    ),
    "two folders": ({"a/hw.ipynb": answering("q1"), "b/hw.ipynb": answering("q1 other")}, "b/hw.ipynb"),
    "an untouched one and a damaged copy": ({"hw.ipynb": answering(), "hw-Copy1.ipynb": DAMAGED}, "hw.ipynb"),
    "an untouched one and a damaged archive": ({"hw.ipynb": answering(), "x.zip": {"hw.ipynb": "{"}}, "hw.ipynb"),
    "a damaged one and an untouched copy": ({"hw.ipynb": DAMAGED, "hw-Copy1.ipynb": answering()}, "hw-Copy1.ipynb"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNCLEAR)
def test_a_person_decides_if_it_is_not_clear_which_notebook_counts(tmp_path, case):
    files, chosen = UNCLEAR[case]
    submission = read(tmp_path, files)
    assert submission.problems
    assert str(submission.paths["hw"]) == chosen, "it is graded for now"


def test_a_notebook_without_answers_is_reported_as_such(tmp_path):
    submission = read(tmp_path, {"hw.ipynb": answering()})
    assert submission.problems == []
    assert len(submission.notes) == 1


def test_a_notebook_that_asks_for_nothing_is_not_reported(nb, tmp_path):
    (tmp_path / "hw.ipynb").write_text(nbformat.writes(nb))
    locked = released_cell("q1", "x = 1", solution=False)
    assert read_submission(tmp_path, {"hw": Release([locked])}, MAX_BYTES).notes == []


@pytest.mark.parametrize("add", [
    lambda nb: nb.cells.append(nbformat.v4.new_code_cell("def q2():\n    return 1")),
    lambda nb: nb.cells[2].update(metadata={}, id="q2", source="def q2():\n    return 1"),
    lambda nb: nb.cells[2].update(metadata={}, source="def q2():\n    return 1"),
    lambda nb: [cell.update(metadata={}, source=cell.source.replace(STUB, "return 1")) for cell in nb.cells],
])  # fmt: skip
def test_an_answer_is_found_in_another_cell_and_without_metadata(tmp_path, add):
    nb = nbformat.reads(answering(), 4)
    add(nb)
    submission = read(tmp_path, {"hw.ipynb": answering(), "own.ipynb": nbformat.writes(nb)})
    assert str(submission.paths["hw"]) == "own.ipynb"


@pytest.mark.parametrize("name", ["HW.ipynb", "hw.IPYNB"])
def test_a_notebook_without_grade_ids_is_recognised_by_its_name_in_any_case(nb, tmp_path, name):
    nb.cells[0].metadata.clear()
    assert str(hand_in(tmp_path, nbformat.writes(nb), name).paths["hw"]) == name


@pytest.mark.parametrize(("issues_as", "sgd_as", "paths"), [
    ("sgd.ipynb", "issues.ipynb", {"sgd": "issues.ipynb", "issues": "sgd.ipynb"}),
    ("sgd.ipynb", None, {"issues": "sgd.ipynb"}),
])  # fmt: skip
def test_a_notebook_under_the_name_of_another_one_is_recognised(tmp_path, issues_as, sgd_as, paths):
    for grade_id, name in (("p1", issues_as), ("s1", sgd_as)):
        if name:
            code = nbformat.v4.new_code_cell(f"{grade_id} = 1", metadata={"nbgrader": {"grade_id": grade_id}})
            (tmp_path / name).write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[code])))
    released = {"sgd": Release([released_cell("s1")]), "issues": Release([released_cell("p1")])}
    submission = read_submission(tmp_path, released, MAX_BYTES)
    assert {name: str(path) for name, path in submission.paths.items()} == paths
    assert [*submission.unread] == [name for name in released if name not in paths]
    reason = "sgd.ipynb is another notebook; the folder has sgd.ipynb, but no notebook with its cells"
    assert [problem.partition(":")[0] for problem in submission.problems] == [reason] * (not sgd_as)


# --- archives -------------------------------------------------------------------------------------------------------


def archive(files: dict[str, bytes | str], **options) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in files.items():
            writer.writestr(name, content, **options)
    return file


@pytest.mark.attack("hand-ins")
def test_only_notebooks_inside_an_archive_are_read():
    outside = ["../hw.ipynb", "/etc/hw.ipynb", "a/../../hw.ipynb", "..\\hw.ipynb"]
    others = ["__MACOSX/hw.ipynb", "a/._hw.ipynb", "a/.b/hw.ipynb", "hw.txt", "folder.ipynb/"]
    file = archive(dict.fromkeys([*outside, *others, r"folder.ipynb\hw.ipynb"], "text"))  # as Windows writes it
    assert list(read_archive(file.getvalue(), MAX_BYTES)) == [(PurePosixPath("folder.ipynb/hw.ipynb"), b"text")]
    assert list_notebooks(file) == [PurePosixPath("folder.ipynb/hw.ipynb")]


def encrypted() -> io.BytesIO:
    file = archive({"hw.ipynb": "text"})
    data = bytearray(file.getvalue())
    data[data.index(b"PK\1\2") + 8] |= 1
    return io.BytesIO(data)


def lying() -> io.BytesIO:
    """The archive states a smaller size than the file has."""
    data = archive({"hw.ipynb": b"x" * 1000}).getvalue()
    return io.BytesIO(data.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little")))


def in_two_formats() -> io.BytesIO:
    """The archive states a short list of files at its end, and the long one that `zipfile` reads as zip64 does."""
    count = MAX_ENTRIES + 1
    data = archive(dict.fromkeys(map(str, range(count)), "")).getvalue()
    end, start = data.rindex(b"PK\5\6"), data.index(b"PK\1\2")
    long_list = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    file = io.BytesIO(data[:end] + long_list + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, 0, 0))
    assert len(zipfile.ZipFile(file).infolist()) == count
    return file


TOO_LARGE, TOO_MANY, UNUSUAL, DAMAGED = "too large", "more than", "unusual way", "damaged"
HOSTILE = {
    "a bomb": (TOO_LARGE, lambda: archive({"hw.ipynb": b"\0" * (MAX_BYTES + 1)})),
    "too large": (TOO_LARGE, lambda: archive({f"{i}.ipynb": os.urandom(MAX_BYTES // 4) for i in range(5)})),
    "many files": (TOO_MANY, lambda: archive(dict.fromkeys(map(str, range(MAX_ENTRIES + 1)), ""))),
    "a long list of files": (TOO_MANY, lambda: archive({f"{i}{'n' * 60_000}": "" for i in range(20)})),
    "a long list in zip64": ("zip64", in_two_formats),
    "unusual": (UNUSUAL, lambda: archive({"hw.ipynb": "x"}, compress_type=zipfile.ZIP_LZMA)),
    "encrypted": (UNUSUAL, encrypted),
    "lying about a size": (DAMAGED, lying),
    "no archive": ("not a zip file", lambda: io.BytesIO(b"text")),
    "cut off": (DAMAGED, lambda: io.BytesIO(archive({"hw.ipynb": os.urandom(500)}).getvalue()[200:])),
    "empty": ("not a zip file", io.BytesIO),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.attack("hand-ins")
def test_a_hostile_archive_is_refused_within_limits(case):
    reason, create = HOSTILE[case]
    file = create()
    tracemalloc.start()
    with pytest.raises(UnreadableArchive, match=reason):
        list(read_archive(file.getvalue(), MAX_BYTES))
    assert tracemalloc.get_traced_memory()[1] < 5 * MAX_BYTES
    tracemalloc.stop()


def test_a_notebook_without_cells_of_the_assignment_is_not_graded(tmp_path):
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb is missing; the folder has essay\.ipynb, but no"):
        hand_in(tmp_path, nbformat.writes(nbformat.v4.new_notebook()), "essay.ipynb")


def test_a_notebook_that_is_too_large_is_not_read(nb, tmp_path):
    nb.cells[0].outputs = [nbformat.v4.new_output("stream", text="x" * MAX_BYTES)]
    with pytest.raises(UnreadableSubmission, match=r"hw\.ipynb cannot be read: it is larger than 1 MB: clear"):
        hand_in(tmp_path, nbformat.writes(nb))


@pytest.mark.parametrize("name", ["hw.ipynb", "mine.ipynb"])
def test_no_file_is_blamed_if_the_machine_has_no_descriptor_left(nb, tmp_path, fail_to_open, name):
    (tmp_path / name).write_text(nbformat.writes(nb))
    opened = fail_to_open(0)
    read_submission(tmp_path, RELEASED, MAX_BYTES)
    assert len(opened) >= 3
    for number in range(1, len(opened) + 1):
        fail_to_open(number)
        with pytest.raises(OSError, match="Too many open files"):
            read_submission(tmp_path, RELEASED, MAX_BYTES)


@pytest.mark.attack("hand-ins")
def test_a_link_is_not_followed(nb, tmp_path):
    (tmp_path / "secret.ipynb").write_text(nbformat.writes(nb))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hw.ipynb").symlink_to(tmp_path / "secret.ipynb")
    assert (tmp_path / "in" / "hw.ipynb").read_text() == nbformat.writes(nb), "the link works"
    with pytest.raises(UnreadableSubmission):
        read_submission(tmp_path / "in", RELEASED, MAX_BYTES)


FORGED = [None, True, 3, 0.5, "", "x", "x" * 300, "\ud800", [], ["q1"], {}, {"grade_id": "q1"}, [{"grade_id": {}}]]


@pytest.mark.parametrize("forged", FORGED, ids=ascii)
@pytest.mark.parametrize("place", ["metadata", "nbgrader", "grade_id", "points", "cell"])
@pytest.mark.attack("points")
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
    os.mkfifo, bind_socket, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path),
], ids=["pipe", "socket", "link to a device", "link to itself"])  # fmt: skip
def test_a_notebook_that_is_not_a_regular_file_is_refused_in_one_sentence(tmp_path, monkeypatch, create):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    create(Path("hw.ipynb"))
    with pytest.raises(UnreadableSubmission, match=r"it is not a regular file: submit the notebook itself$"):
        read_submission(tmp_path, RELEASED, MAX_BYTES)


@pytest.mark.parametrize("damage", [
    lambda nb: nb["cells"][0].pop("metadata"), lambda nb: nb["cells"][0].update(metadata=3), lambda nb: nb["cells"][0].update(source=["x = ", "1"]),
    lambda nb: nb["cells"].append(3), lambda nb: nb["cells"].append({"cell_type": "heading"}), lambda nb: nb["cells"][0].pop("outputs"),
    lambda nb: nb["cells"][0].pop("id"), lambda nb: nb["cells"].append(nb["cells"][0]), lambda nb: nb.update(nbformat_minor=99),
    lambda nb: nb.pop("metadata"), lambda nb: nb["cells"][0].update(outputs="none"),
    lambda nb: nb["cells"][0].update(id="'><script>"),
])  # fmt: skip
def test_small_damage_is_repaired(nb, tmp_path, damage):
    data = json.loads(nbformat.writes(nb))
    damage(data)
    submission = hand_in(tmp_path, json.dumps(data))
    nbformat.validate(submission.notebooks["hw"])
    assert submission.notebooks["hw"].cells[0].source == "x = 1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05"), ("yesterday-ish", None), ("", None), ("12", None), ("10:30", None),
        ("2026-01-02 03:04:05 UTC" + " " * 300, None), ("2026-01-02 03:04:05 +0200", None),
        ("2026-01-02 03:04:05 CEST", None), ("2026-01-02 03:04 PM", None), ("2026-01-02 03:04:05 Europe/Berlin", "2026-01-02 02:04:05"),
    ],
)  # fmt: skip
def test_a_timestamp_is_read_or_reported_as_invalid(nb, tmp_path, text, expected):
    (tmp_path / "timestamp.txt").write_text(text)
    submission = hand_in(tmp_path, nbformat.writes(nb))
    assert submission.timestamp == expected
    assert bool(submission.notes) is (expected is None)


def test_candidates_that_cannot_be_read_are_reported_once(tmp_path):
    for i in range(11):
        (tmp_path / f"other {i}.ipynb").write_text("{")
    (tmp_path / "first.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
    released = {name: Release([]) for name in ("first", "second", "third")}
    submission = read_submission(tmp_path, released, MAX_BYTES)
    assert submission.problems.count("of the notebooks with other names, only 10 were searched") == 1


@pytest.mark.attack("work of the grader")
def test_of_many_archives_with_many_notebooks_few_are_parsed(tmp_path, monkeypatch):
    for number in range(MAX_CANDIDATES):
        files = {f"{inner}.ipynb": answering(f"q1 {inner}") for inner in range(MAX_CANDIDATES + 1)}
        (tmp_path / f"{number}.zip").write_bytes(archive(files).getvalue())
    parsed, real = [], reader.load_notebook
    monkeypatch.setattr(reader, "load_notebook", lambda data: parsed.append(data) or real(data))
    submission = read_submission(tmp_path, RELEASED_THREE, MAX_BYTES)
    assert str(submission.paths["hw"]) == "0.zip/9.ipynb"
    assert len(parsed) == MAX_CANDIDATES + 1


NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("[!.]*/*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_notebook_of_a_release_has_no_answers_and_its_solution_has_all(file):
    released = nbformat.read(file, 4)
    known = [cell for cell in released.cells if "nbgrader" in cell.metadata]
    cells = [
        ReleasedCell(c.metadata.nbgrader.grade_id, c.cell_type, c.source, c.metadata.nbgrader, c.id) for c in known
    ]
    release = Release(cells, {cell.source for cell in released.cells if cell not in known})
    asked = {cell.grade_id for cell in cells if cell.metadata["solution"]}
    assert asked
    assert find_answers(released, release) == {}
    solved = nbformat.read(REPOSITORY / "solutions" / file.parent.name / file.name, 4)
    assert find_answers(solved, release).keys() == asked


def test_each_cell_is_parsed_once_however_many_there_are():
    cells = [nbformat.v4.new_code_cell(f"value_{i} = {i}") for i in range(600)]  # more than `find_bindings` remembers
    before = find_bindings.cache_info().misses
    find_answers(nbformat.v4.new_notebook(cells=cells), RELEASED_THREE["hw"])
    assert find_bindings.cache_info().misses - before <= len(cells) + len(CELLS)


def test_each_version_of_an_answer_counts_and_an_experiment_with_a_given_variable_does_not():
    release = Release([released_cell("f", f"rng = 1\ny: int = ...\ndef f(x):\n    {STUB}")])
    answer = nbformat.v4.new_code_cell("def f(x):\n    return 1", metadata={"nbgrader": {"grade_id": "f"}})
    others = [nbformat.v4.new_code_cell(code) for code in ("rng = 2", "y = 3")]
    assert find_answers(nbformat.v4.new_notebook(cells=others[:1]), release) == {}
    nb = nbformat.v4.new_notebook(cells=[answer, *others])
    assert find_answers(nb, release) == {"f": f"y = 3\n{answer.source}"}


def test_an_untouched_cell_is_no_answer_to_another_one_that_defines_the_same():
    first, second = "def f(x):\n    raise NotImplementedError", "def f(x):\n    return None"
    release = Release([released_cell("1", first), released_cell("2", second)])
    untouched = nbformat.v4.new_code_cell(second, metadata={"nbgrader": {"grade_id": "2"}})
    assert find_answers(nbformat.v4.new_notebook(cells=[untouched]), release) == {}
    answer = nbformat.v4.new_code_cell(f"{second} + x")
    assert find_answers(nbformat.v4.new_notebook(cells=[untouched, answer]), release).keys() == {"1", "2"}


def test_a_written_answer_below_the_untouched_cell_is_found():
    metadata = {"grade_id": "why", "solution": True, "locked": False, "grade": True, "task": False}
    release = Release([ReleasedCell("why", "markdown", "YOUR ANSWER HERE", metadata)])
    nb = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", metadata={"nbgrader": metadata}),
        nbformat.v4.new_markdown_cell("because"),
    ])  # fmt: skip
    assert find_answers(nb, release) == {"why": "because"}


def test_an_untouched_check_with_hidden_tests_is_no_answer():
    solution, visible = "theta = None", "theta = fit(data)"
    check = f"{visible}\n### BEGIN HIDDEN TESTS\ncheck(theta)\n### END HIDDEN TESTS"
    cells = [released_cell("theta", solution), released_cell("check", check, solution=False)]
    untouched = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(solution, metadata={"nbgrader": {"grade_id": "theta"}}),
        nbformat.v4.new_code_cell(visible, metadata={"nbgrader": {"grade_id": "check"}}),
    ])  # fmt: skip
    assert find_answers(untouched, Release(cells)) == {}
