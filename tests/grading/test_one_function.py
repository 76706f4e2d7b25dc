"""A function that ends its process, hangs or returns too much costs its own exercise, and no point of the others."""

import re
import shutil
import time
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.simulate import make_submission
from autograder.course import Course
from autograder.grading import one_submission, preprocessors, registration
from autograder.grading.records import Outcome, Record
from autograder.runner import open_runner
from autograder.runner.zygote_client import ZygoteClient, ZygoteLost
from tests.conftest import REPOSITORY, add_settings, make_course
from tests.runner.conftest import MODE_PARAMETERS, require_mode

pytestmark = pytest.mark.slow

ASSIGNMENTS = {"01-sigmoid": ["sigmoid"], "03-softmax": ["fashion_mnist", "iris"]}
# Each statement ends the process of a function in which it stands.
KILLS = {
    "exit": "import os; os._exit(0)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "SIGKILL": "import os; os.kill(os.getpid(), 9)",
}


@pytest.fixture(scope="module", params=MODE_PARAMETERS)
def runner(request):
    """A runner in each sandboxed mode in turn."""
    require_mode(request.param)
    with open_runner(mode=request.param) as runner:
        yield runner


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("one-function"), *ASSIGNMENTS)
    for assignment in ASSIGNMENTS:
        registration.register(Course.at(folder), assignment)
    return folder


@pytest.fixture
def course(template, tmp_path, runner, monkeypatch) -> Course:
    monkeypatch.setattr(preprocessors, "get_runner", lambda *_: runner)
    return Course.at(Path(shutil.copytree(template, tmp_path / "course")))


def grade(course: Course, assignment: str, notebook: str = "", **extra: str) -> Record:
    """Grade a solved assignment. Run extra code after the solutions of some exercises of a notebook."""
    folder = course.root / "submitted" / "ada" / assignment
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ASSIGNMENTS[assignment]:
        nb = make_submission(nbformat.read(REPOSITORY / "solutions" / assignment / f"{name}.ipynb", 4), {})
        for cell in nb.cells:
            exercise = cell.id.removesuffix("-solution").replace("-", "_")
            if name == notebook and exercise in extra:
                cell.source += f"\n\n{extra[exercise]}"
        nbformat.write(nb, folder / f"{name}.ipynb")
    return one_submission.grade_one(course.root, assignment, "ada")


def before_return(name: str, statement: str) -> str:
    """Code that makes a function run a statement before it returns the right value."""
    return f"right_{name} = {name}\ndef {name}(*args):\n    {statement}\n    return right_{name}(*args)"


def messages(record: Record, exercise: str) -> set[str]:
    """What the student reads about the rules of an exercise that failed."""
    (verdict,) = [verdict for verdict in record.verdicts if verdict.exercise == exercise]
    return {finding.message for finding in verdict.findings if not finding.passed}


def points(record: Record) -> dict[str, float]:
    """The points of each exercise."""
    return {verdict.exercise: verdict.score for verdict in record.verdicts}


@pytest.fixture(scope="module")
def full(template) -> dict[str, dict[str, float]]:
    """The points of the solved assignments."""
    course = Course.at(template)
    return {assignment: points(grade(course, assignment)) for assignment in ASSIGNMENTS}


def assert_only_lost(record: Record, full: dict[str, float], *lost: str) -> None:
    """Check that exactly some exercises got no point, and that all others kept all their points."""
    assert points(record) == full | dict.fromkeys(lost, 0)
    assert record.score == sum(full.values()) - sum(full[name] for name in lost)


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS)
def test_a_function_that_ends_the_process_costs_its_own_points(course, full, kill):
    started = time.monotonic()
    record = grade(course, "01-sigmoid", "sigmoid", sigmoid_prime=before_return("sigmoid_prime", kill))
    assert time.monotonic() - started < 10
    assert_only_lost(record, full["01-sigmoid"], "sigmoid_prime")
    assert record.outcome is Outcome.CRASHED
    assert all(message.startswith("no answer was received: ") for message in messages(record, "sigmoid_prime"))
    message = record.messages[0]  # the module ctypes is reported after it
    assert message.startswith("cell [12] (sigmoid_prime): the student's process ")
    assert message.endswith(". The other cells were run again")


def test_a_function_that_always_ends_the_process_costs_those_that_call_it_too(course, full):
    record = grade(course, "01-sigmoid", "sigmoid", sigmoid=before_return("sigmoid", KILLS["exit"]))
    assert_only_lost(record, full["01-sigmoid"], "sigmoid", "sigmoid_prime", "predict_proba")


def test_a_function_that_ends_the_process_on_one_input_costs_its_own_points(course, full):
    """For K = 1. The function softmax_grad calls it with other inputs, and keeps its points."""
    statement = f"if args[0].shape[1] == 1: {KILLS['segfault']}"
    record = grade(course, "03-softmax", "iris", softmax=before_return("softmax", statement))
    assert_only_lost(record, full["03-softmax"], "softmax")
    assert record.outcome is Outcome.CRASHED


def test_a_cell_that_ends_the_process_costs_the_function_that_it_defines(course, full):
    record = grade(course, "03-softmax", "iris", cross_entropy=KILLS["exit"])
    assert_only_lost(record, full["03-softmax"], "cross_entropy")
    message, consequence = record.messages  # a visible check in a later cell calls the function
    assert message == "cell [17]: the student's process exited with status 0. The other cells were run again"
    assert re.match(r"Cell \[\d+\] fails: CheckFailed: iris_settings", consequence)


def test_functions_that_all_end_the_process_leave_the_points_of_the_quizzes(course, full):
    names = ("sigmoid", "sigmoid_prime", "predict_proba", "predict_label")
    extra = {name: before_return(name, KILLS["SIGKILL"]) for name in names}
    started = time.monotonic()
    record = grade(course, "01-sigmoid", "sigmoid", **extra)
    assert time.monotonic() - started < 15
    assert_only_lost(record, full["01-sigmoid"], *names)


@pytest.mark.parametrize(("value", "described"), [
    ("np.zeros((3000, 3000))", "an array of shape (3000, 3000)"),
    ("[[0.0] * 3000] * 3000", "a list of length 3000"),
])  # fmt: skip
def test_large_answers_cost_their_own_points_and_the_message_names_both_shapes(course, full, value, described):
    started = time.monotonic()
    record = grade(course, "03-softmax", "iris", softmax=f"def softmax(Z):\n    return {value}")
    assert time.monotonic() - started < 30
    assert points(record)["softmax"] == 0
    assert {name for name, earned in points(record).items() if earned < full["03-softmax"][name]} <= {
        "softmax",
        "softmax_grad",
    }
    assert record.outcome is Outcome.GRADED
    assert any(f"it returns {described} instead of an array of shape (5, 3)" in m for m in messages(record, "softmax"))


def test_a_function_that_hangs_is_told_about_the_time_limit(course, full):
    add_settings(course.root, 'c.RunCells.limits = {"cell_seconds": 1}')
    record = grade(course, "01-sigmoid", "sigmoid", predict_label=before_return("predict_label", "while True: pass"))
    assert_only_lost(record, full["01-sigmoid"], "predict_label")
    assert record.outcome is Outcome.TIMED_OUT
    assert all("it did not finish within the time limit" in m for m in messages(record, "predict_label"))


def test_a_lost_fork_server_is_named_as_the_reason(course, monkeypatch):
    def fail(*_):
        raise ZygoteLost("the fork server has ended")

    with monkeypatch.context() as patch:
        patch.setattr(ZygoteClient, "process", fail)
        record = grade(course, "01-sigmoid")
    assert (record.score, record.outcome) == (0, Outcome.CRASHED)
    (message,) = record.messages
    assert re.fullmatch(r"\d+ cells were not run: the fork server has ended", message)
    assert messages(record, "sigmoid") == {"no answer was received: not run: the fork server has ended"}
