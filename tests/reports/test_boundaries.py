"""In each loop over a class, an error of one student costs nobody else anything, and the exit status tells of it."""

import shutil
import signal
from pathlib import Path

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from typer.testing import CliRunner

from autograder.authoring.simulate import make_submission
from autograder.cli import app
from autograder.course import Course
from autograder.grading import batch, records
from autograder.grading.collector import Collector
from autograder.reports.feedback_release import FeedbackReleaser
from tests.conftest import add_settings

from ..graded_class import second_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

ASSIGNMENT = "1-dates"
BROKEN, OTHERS = ("ada", "cyd"), ("bob", "dan")  # the first, with which a table could begin, and one in the middle


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, sandbox) -> Path:
    """A course with an exchange, in which four students are graded and have pages."""
    folder = tmp_path_factory.mktemp("four") / "course"
    course = second_course(folder, "calendar_exercises")
    solved = make_submission(course.source_notebook(ASSIGNMENT, "dates"), {})
    for student in (*BROKEN, *OTHERS):
        hand_in(course.submitted_folder(student, ASSIGNMENT), solved)
        hand_in(
            folder / "exchange" / "lectrain" / "inbound" / f"{student}+{ASSIGNMENT}+2026-11-02 10:00:00 UTC", solved
        )
    add_settings(folder, "c.Exchange.root = str(ROOT / 'exchange')\nc.ExchangeCollect.check_owner = False")
    assert {record.outcome for record in batch.grade(course, ASSIGNMENT)} == {"graded"}
    assert invoke(course, "feedback") == 0
    return folder


def hand_in(folder: Path, nb: nbformat.NotebookNode) -> None:
    folder.mkdir(parents=True)
    nbformat.write(nb, folder / "dates.ipynb")
    (folder / "timestamp.txt").write_text("2026-11-02 10:00:00 UTC")
    (folder / "submission_secret.txt").write_text(folder.parent.name + folder.name)
    folder.chmod(0o777)


@pytest.fixture
def course(prepared, tmp_path) -> Course:
    return Course.at(Path(shutil.copytree(prepared, tmp_path / "course")))


def invoke(course: Course, *command: str) -> int:
    """Run a command of the autograder in this process. Return its exit status."""
    name, *options = command
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    result = CliRunner().invoke(app, [name, ASSIGNMENT, "--course-dir", str(course.root), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    for number, handler in handlers.items():  # `watch` sets its own
        signal.signal(number, handler)
    return result.exit_code


# Each loop: break something of one student; run the loop, and return whether it reported a failure; who got a result.


def break_record(course: Course, student: str) -> None:
    file = course.records_folder / ASSIGNMENT / f"{student}.json"
    file.unlink()
    (file / "x").mkdir(parents=True)


def run_grade(course: Course) -> bool:
    shutil.rmtree(course.root / "autograded")
    return invoke(course, "grade", "--force", "--workers", "1") == 1


def graded(course: Course) -> set[str]:
    return {record.student for record in records.read_all(course.records_folder, ASSIGNMENT) if record.max_score}


def break_submitted(course: Course, student: str) -> None:
    shutil.rmtree(course.root / "submitted" / student)
    (course.root / "submitted" / student).touch()


def run_collect(course: Course) -> bool:
    for folder in course.root.glob(f"submitted/*/{ASSIGNMENT}"):
        shutil.rmtree(folder)
    directory = CourseDirectory(config=course.config, root=str(course.root), assignment_id=ASSIGNMENT)
    collector = Collector(coursedir=directory, config=course.config)
    try:
        collector.init_src()
        collector.copy_files()
    except ExchangeError:
        return True
    return False


def collected(course: Course) -> set[str]:
    return set(course.students(ASSIGNMENT))


def run_watch(course: Course) -> bool:
    for folder in ("submitted", "feedback"):
        for path in course.root.glob(f"{folder}/*/{ASSIGNMENT}"):
            shutil.rmtree(path)
    shutil.rmtree(course.records_folder)
    return invoke(course, "watch", "--once", "--workers", "1") == 1


def break_feedback(course: Course, student: str) -> None:
    shutil.rmtree(course.root / "feedback" / student)
    (course.root / "feedback" / student).touch()


def run_feedback(course: Course) -> bool:
    for page in course.root.glob("feedback/*/*/*.html"):
        page.unlink()
    return invoke(course, "feedback") == 1


def with_page(course: Course) -> set[str]:
    return {page.parents[1].name for page in course.root.glob(f"feedback/*/{ASSIGNMENT}/dates.html")}


def break_secret(course: Course, student: str) -> None:
    (course.feedback_folder(student, ASSIGNMENT) / "submission_secret.txt").write_bytes(b"\xff")


def run_release(course: Course) -> bool:
    shutil.rmtree(course.root / "exchange" / "lectrain" / "feedback", ignore_errors=True)
    directory = CourseDirectory(config=course.config, root=str(course.root), assignment_id=ASSIGNMENT)
    try:
        FeedbackReleaser(coursedir=directory, config=course.config).start()
    except ExchangeError:
        return True
    return False


def released(course: Course) -> set[str]:
    pages = {page.read_bytes() for page in course.root.glob("exchange/lectrain/feedback/*.html")}
    return {page.parents[1].name for page in course.root.glob("feedback/*/*/dates.html") if page.read_bytes() in pages}


def break_number(course: Course, student: str) -> None:
    """A value in a record that no record should have."""
    file = course.records_folder / ASSIGNMENT / f"{student}.json"
    file.write_text(file.read_text().replace('"messages": []', '"messages": [1]'))


def run_report(course: Course) -> bool:
    return invoke(course, "report") == 1


def reported(course: Course) -> set[str]:
    text = (course.root / "reports" / f"{ASSIGNMENT}.csv").read_text(encoding="utf-8-sig")
    return {line.split(",")[0] for line in text.splitlines()[1:]}


LOOPS = {
    "collect": (break_submitted, run_collect, collected),
    "grade": (break_record, run_grade, graded),
    "watch": (break_submitted, run_watch, with_page),
    "feedback": (break_feedback, run_feedback, with_page),
    "release_feedback": (break_secret, run_release, released),
    "report": (break_number, run_report, reported),
}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.attack("work of the grader", BROKEN)
def test_an_error_of_one_student_costs_nobody_else_anything(course, name):
    break_one, run, served = LOOPS[name]
    assert not run(course), "a failure is reported although there is none"
    assert served(course) == {*BROKEN, *OTHERS}
    for student in BROKEN:
        break_one(course, student)
    assert run(course), "the failure is not reported"
    assert served(course) == set(OTHERS)
