"""A function that ends its process, hangs or returns too much costs its own exercise, and no point of the others.

`tests/runner/test_lost_process.py` has more ways to do so, in each mode of the sandbox.
"""

import re

from autograder.grading.records import Outcome, Record
from autograder.runner.zygote_client import ZygoteClient, ZygoteLost
from tests.conftest import add_settings

from .conftest import index_of, submit_and_grade

SEGFAULT = "import ctypes; ctypes.string_at(0)"
EXIT = "import os; os._exit(0)"


def grade(course, nb, name: str, code: str) -> Record:
    """Grade a solved notebook, with extra code after the answer to an exercise."""
    nb.cells[index_of(nb, f"{name.replace('_', '-')}-solution")].source += f"\n\n{code}"
    return submit_and_grade(course, nb)


def before_return(name: str, statement: str) -> str:
    """Code that makes a function run a statement before it returns the right value."""
    return f"right_{name} = {name}\ndef {name}(*args):\n    {statement}\n    return right_{name}(*args)"


def messages(record: Record, exercise: str) -> set[str]:
    """What the student reads about the rules of an exercise that failed."""
    (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == exercise]
    return {finding.message for finding in verdict.failed_findings}


def assert_only_lost(record: Record, *lost: str) -> None:
    """Check that exactly some exercises got no point, and that all others kept all their points."""
    scores = {verdict.exercise: verdict.score for verdict in record.verdicts}
    assert scores == {v.exercise: 0 if v.exercise in lost else v.points for v in record.verdicts}
    assert record.score == sum(scores.values()) > 0


def test_a_function_that_ends_the_process_costs_its_own_points(course, solved):
    record = grade(course, solved, "sigmoid_prime", before_return("sigmoid_prime", SEGFAULT))
    assert_only_lost(record, "sigmoid_prime")
    assert record.outcome is Outcome.CRASHED
    assert all(message.startswith("no answer was received: ") for message in messages(record, "sigmoid_prime"))
    message = record.messages[0]  # the module ctypes is reported after it
    assert message.startswith("cell [12] (sigmoid_prime): the student's process ")
    assert message.endswith(". The other cells were run again")


def test_a_cell_that_ends_the_process_costs_the_function_that_it_defines(course, solved):
    record = grade(course, solved, "predict_label", EXIT)
    assert_only_lost(record, "predict_label")
    pattern = r"cell \[\d+\]: the student's process exited with status 0\. The other cells were run again"
    assert re.fullmatch(pattern, record.messages[0])


def test_a_large_answer_costs_its_own_points_and_the_message_names_both_shapes(course, solved):
    code = "def predict_label(p, threshold=0.5):\n    return np.zeros((3000, 3000))"
    record = grade(course, solved, "predict_label", code)
    assert_only_lost(record, "predict_label")
    assert record.outcome is Outcome.GRADED
    pattern = r"it returns an array of shape \(3000, 3000\) instead of an array of shape \(\d+,\)"
    assert any(re.search(pattern, message) for message in messages(record, "predict_label"))


def test_a_function_that_hangs_is_told_about_the_time_limit(course, solved):
    add_settings(course.root, 'c.RunCells.limits = {"cell_seconds": 1}')
    record = grade(course, solved, "predict_label", before_return("predict_label", "while True: pass"))
    assert_only_lost(record, "predict_label")
    assert record.outcome is Outcome.TIMED_OUT
    assert all("it did not finish within the time limit" in m for m in messages(record, "predict_label"))


def test_a_lost_fork_server_is_named_as_the_reason(course, solved, monkeypatch):
    def fail(*_):
        raise ZygoteLost("the fork server has ended")

    with monkeypatch.context() as patch:
        patch.setattr(ZygoteClient, "process", fail)
        record = submit_and_grade(course, solved)
    assert (record.score, record.outcome) == (0, Outcome.CRASHED)
    (message,) = record.messages
    assert re.fullmatch(r"\d+ cells were not run: the fork server has ended", message)
    assert messages(record, "sigmoid") == {"no answer was received: not run: the fork server has ended"}
