"""Whatever some students of a class hand in, all get records, and the honest ones their scores and pages.

`tests/fuzz/found.py` has a quick test of the grader's own work for each attack. Here, the student code runs, too.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.authoring import simulate
from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.exports import export
from autograder.grading import batch, records
from autograder.grading.records import Outcome, Record
from autograder.reports import feedback_writer
from tests.attacks import REACHED, UNFREEZE, has_reached
from tests.conftest import SIGMOID_AUTOMATIC_POINTS

from .conftest import ASSIGNMENT
from .malformed import PICTURE, code_cells, find_cell

KEPT = "this hostile cell was kept"
MAX_SECONDS, MAX_MEMORY = 180, 1 << 30
FORGE = f"""{UNFREEZE}reply = {{reply}}
FORGED = []
for module in modules:
    if hasattr(module, "answer") and hasattr(module, "encode"):
        module.answer = lambda *args, **kwargs: FORGED.append(1) or reply
"""
COLLIDING = "{'set': [{'int': hex(i * (2**61 - 1))} for i in range(20_000)]}"  # many more do not fit into a frame


def returning(expression: str):
    """An attack in which a function returns something large or strange."""
    return answering(f"import numpy as np\n\ndef sigmoid(z):\n    return {expression}", "sigmoid(0.5) is not None")


def answering(code: str, proof: str = "callable(sigmoid)"):
    def attack(nb: dict) -> None:
        nb["cells"][nb["cells"].index(find_cell(nb, "sigmoid")) - 1]["source"] = code
        nb["cells"].append(report_if(proof))

    return attack


def adding(cell_type: str, source: str, **fields):
    cell = {"cell_type": cell_type, "metadata": {}, "source": f"# {KEPT}\n\n{source}", **fields}
    return lambda nb: nb["cells"].append(cell | ({"outputs": []} if cell_type == "code" else {}))


def report_if(proof: str) -> dict:
    """A cell that reports whether an attack reached its target."""
    return {"cell_type": "code", "metadata": {}, "source": f"if {proof}: print({REACHED!r})", "outputs": []}


def forging(value: str):
    code = FORGE.format(reply=f"{{'answers': [{{'value': {value}}}, *[{{'value': None}}] * 19]}}")

    def attack(nb: dict) -> None:
        nb["cells"].append(report_if("FORGED"))
        nb["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": code, "outputs": []})

    return attack


def with_outputs(*outputs: dict):
    """An attack through the outputs of a demonstration, which are kept."""

    def attack(nb: dict) -> None:
        next(cell for cell in code_cells(nb) if "demo" in cell["metadata"].get("tags", [])).update(outputs=outputs)

    return attack


def replacing_notebook(create):
    """An attack on the folder of the submission."""

    def attack(folder: Path) -> None:
        (folder / "sigmoid.ipynb").unlink()
        create(folder / "sigmoid.ipynb")

    return attack


NESTED = "\n".join(" " * depth + f"def f{depth}(x):" for depth in range(60)) + ("\n" + " " * 60 + "x" + ".a" * 280) * 50
RARE = "".join(f"# a rare line that only two students have, number {number}\n" for number in range(6_000))
STREAM = {"output_type": "stream", "name": "stdout", "text": "\x1b[31m" * 100_000 + f"\n{REACHED}\n"}
HTML = {"output_type": "display_data", "data": {"text/html": "<b><i>" * 50_000}, "metadata": {}}
ATTACHED = {"attachments": {"a.png": {"image/png": PICTURE["image/png"] * 2_000}}}

# The first twelve are those by which the grader was once stopped.
NOTEBOOK_ATTACKS = {
    "1 an empty array with a long axis": returning("np.empty((2**40, 0), dtype=int)"),
    "2 private-use characters": adding("markdown", '&#xe000;9&#xe001; <b title="&#xe000;9&#xe001;">x</b>'),
    "3 many lines with a blank": adding("code", " \n" * 12_000),
    "4 nested functions around long chains": adding("code", NESTED),
    "5 a set of colliding integers": forging(COLLIDING),
    "6 many codes and a long name": returning("np.zeros(400_000, dtype=int), np.array(['x' * 2_000])"),
    "7 a million empty dicts": lambda nb: nb.update(extra=[{}] * 1_000_000),
    "8 a prompt before an import": answering(">>> from scipy.special import expit\n>>> def sigmoid(z):\n...     return expit(z)"),
    "9 many marks of hidden tests": adding("code", 'x = """' + "BEGIN HIDDEN TESTS\n" * 6_000 + '"""'),
    "11 a rare text that is shared": answering(f"{RARE}import numpy as np\n\ndef sigmoid(z):\n    return np.exp(z)"),
    "11 the same text of the second student": answering(f"{RARE}import numpy as np\n\ndef sigmoid(z):\n    return np.exp(z)"),
    "many entities and tags": adding("markdown", "<div>&amp;" * 900 + "&" * 50_000),
    "an attachment that is shown many times": adding("markdown", "![x](attachment:a.png)" * 400, **ATTACHED),
    "many colours and tags in outputs": with_outputs(HTML, STREAM),
    "many outputs": with_outputs(*[{"output_type": "stream", "name": "stdout", "text": f"{REACHED}\n"}] * 30_000),
    "a heading in many levels": adding("markdown", "# <h1>" * 800),
    "an answer that is an endless generator": answering("def sigmoid(z):\n    while True:\n        yield z"),
    "an answer with texts that are long": returning("np.full(1_000, 'x' * 5_000)"),
    "an answer that is nested deeply": returning("[[[[[[[[[z] * 99] * 99] * 99] * 99] * 99]]]]"),
    "an exception with a long message": answering("def sigmoid(z):\n    raise ValueError('x' * 10**7)"),
    "an integer with many digits": returning("1 << 10**7"),
    "an answer that prints much": answering("def sigmoid(z):\n    print('x' * 10**7)"),
    "a frame that is too long": forging("{'list': [{'str': 'x' * 2_000}] * 1_000}"),
    "forged values nested deeply": forging("eval('[' * 90 + ']' * 90)"),
}  # fmt: skip
FOLDER_ATTACKS = {
    "10 a notebook named like a formula": lambda folder: (folder / "sigmoid.ipynb").rename(folder / "evil;=HYPERLINK(1).ipynb"),
    "12 a pipe": replacing_notebook(os.mkfifo),
    "a file of many gigabytes": replacing_notebook(lambda path: (path.touch(), os.truncate(path, 1 << 36))),
    "a link to the folder itself": lambda folder: (folder / "again").symlink_to(folder),
}  # fmt: skip
UNREADABLE = {"7 a million empty dicts", "12 a pipe", "a file of many gigabytes"}
ATTACKS = {**NOTEBOOK_ATTACKS, **FOLDER_ATTACKS}


def check_that_the_attack_was_tried(course, record: Record, name: str) -> None:
    """Hostile code has reported that it ran, or the graded notebook still has the hostile cell or output."""
    if name in FOLDER_ATTACKS:
        assert record.outcome is Outcome.GRADED, record.messages
        return
    folders = (
        course.submitted_folder(record.student, ASSIGNMENT),
        course.autograded_folder(record.student, ASSIGNMENT),
    )
    texts = [(folder / "sigmoid.ipynb").read_text() for folder in folders]  # a submitted cell may lack its id
    assert all(KEPT in text for text in texts) or has_reached(nbformat.reads(texts[1], 4)), name


def hand_in(folder: Path, name: str) -> None:
    path = folder / "sigmoid.ipynb"
    if name in FOLDER_ATTACKS:
        FOLDER_ATTACKS[name](folder)
    else:
        nb = json.loads(path.read_text())
        NOTEBOOK_ATTACKS[name](nb)
        path.write_text(json.dumps(nb))


@contextmanager
def largest_worker() -> Iterator[list[int]]:
    """Measure the memory of the worker processes: the last number is the largest so far."""
    sizes, is_done = [0], threading.Event()

    def measure() -> None:
        while not is_done.wait(0.1):
            for process in psutil.Process().children():
                try:
                    sizes.append(max(sizes[-1], process.memory_info().rss))
                except psutil.Error:
                    continue

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        yield sizes
    finally:
        is_done.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.attack("work of the grader", ATTACKS)
def test_a_class_of_attackers_and_two_honest_students_is_graded(course, monkeypatch):
    monkeypatch.chdir(course.root)
    truth = simulate.simulate(course, ASSIGNMENT, len(ATTACKS) + 2, seed=3)
    honest = {min(truth), max(truth)}  # graded before and after the others
    attacks = dict(zip(sorted(truth.keys() - honest), ATTACKS, strict=True))
    for student, name in attacks.items():
        hand_in(course.root / "submitted" / student / ASSIGNMENT, name)
    started = time.monotonic()
    with largest_worker() as sizes:
        graded = {record.student: record for record in batch.grade(course, ASSIGNMENT, workers=2)}
        pages = feedback_writer.write_all(course, ASSIGNMENT)
        class_report.write(ClassData.read(course, ASSIGNMENT))
        export.write(course, ASSIGNMENT, "csv", export.read_results(course, ASSIGNMENT))
    assert time.monotonic() - started < MAX_SECONDS
    assert sizes[-1] <= MAX_MEMORY
    assert [record.student for record in records.read_all(course.records_folder, ASSIGNMENT)] == sorted(truth)
    for student, record in graded.items():
        if student in honest:
            assert (record.outcome, record.score) == (Outcome.GRADED, pytest.approx(truth[student]))
        else:
            assert (record.outcome is Outcome.UNREADABLE) is (attacks[student] in UNREADABLE), record.messages
            assert "internal grader error" not in " ".join(record.messages)
            if attacks[student] not in UNREADABLE:
                check_that_the_attack_was_tried(course, record, attacks[student])
    assert {path.parent.parent.name for path in pages.paths} == set(truth)  # an unreadable notebook gets one, too
    assert pages.failures == []


# Each notebook holds its worker as long as it can. Together they must not keep a class waiting.
HOLDING = {
    "every function sleeps": "import time\ndef {name}(*_):\n    time.sleep(1000)",
    "every function ends the process": "import os\ndef {name}(*_):\n    os._exit(0)",
    "a function that sleeps": "import time\ndef sigmoid(z):\n    time.sleep(1000)",
    "a function that counts in C": "def sigmoid(z):\n    sum(range(10**12))",
    "an endless cell": "while True:\n    pass",
    "a cell that catches everything": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "a cell that ignores signals": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "a cell that takes all memory": "x = []\nwhile True: x.append(bytearray(10**6))",
    "a cell that prints": "while True: print('x' * 1000)",
    "a cell that starts threads": "import threading, time\nfor _ in range(10**4): threading.Thread(target=time.sleep, args=(99,)).start()",
    "a cell that writes files": "for k in range(10**6): open(str(k), 'w').close()",
    "threads that count": "import threading\nfor _ in range(30): threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
}  # fmt: skip


def hold(nb: dict, source: str) -> None:
    """Put code into the answer of `sigmoid`, or into all answers."""
    for cell in code_cells(nb):
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id.endswith("-solution") and (grade_id == "sigmoid-solution" or "{name}" in source):
            cell["source"] = source.replace("{name}", grade_id.removesuffix("-solution").replace("-", "_"))


@pytest.mark.slow
@pytest.mark.attack("limits", HOLDING)
def test_a_class_with_twelve_notebooks_that_hold_their_worker_is_graded_in_three_minutes(course, solved):
    """Two honest students are among them, and no attacker gets points for `sigmoid`.

    The limits are the usual ones. The three minutes are those of two workers. Here are four, because most attackers end
    with a limit of wall time.
    """
    folder = course.root / "submitted"
    for student in ("ada", "bob", *HOLDING):
        nb = json.loads(json.dumps(solved))
        if student in HOLDING:
            hold(nb, HOLDING[student])
        (folder / student / ASSIGNMENT).mkdir(parents=True)
        (folder / student / ASSIGNMENT / "sigmoid.ipynb").write_text(json.dumps(nb))
    started = time.monotonic()
    graded = {record.student: record for record in batch.grade(course, ASSIGNMENT, workers=4)}
    assert time.monotonic() - started < 180
    assert sum(record.seconds for record in graded.values()) / 2 < 180
    assert graded["ada"].score == graded["bob"].score == SIGMOID_AUTOMATIC_POINTS
    assert graded["ada"].outcome is graded["bob"].outcome is Outcome.GRADED
    for student in HOLDING:
        verdicts = {verdict.exercise: verdict.score for verdict in graded[student].verdicts}
        assert verdicts["sigmoid"] == 0, student
        # a MemoryError ends a cell like any error, and a cell that only starts threads ends by itself
        assert graded[student].outcome is not Outcome.GRADED or graded[student].messages, student
        if "every" not in student:  # exercises that do not call it keep their points
            assert verdicts["sigmoid_quiz"] == 2, (student, graded[student].messages)
