"""Grading a class in parallel, with interruptions, on other databases and machines gives the same gradebook."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from autograder.authoring import simulate
from autograder.course import Course, CourseError
from autograder.course_secret import read_secret
from autograder.grading import batch, one_submission, records, registration
from autograder.reports import feedback_writer
from tests.conftest import REPOSITORY, add_settings, make_course

from .conftest import ASSIGNMENT

pytestmark = pytest.mark.slow

NUM_STUDENTS = 2 * int(os.environ.get("LECTRAIN_CLASS", 2))
NUM_KILLS = int(os.environ.get("LECTRAIN_KILLS", 2))  # for a thorough test: LECTRAIN_CLASS=70 LECTRAIN_KILLS=20

GRADES = """
select student.id, assignment.name, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
from grade join base_cell on grade.cell_id = base_cell.id
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join assignment on submitted_assignment.assignment_id = assignment.id
join student on submitted_assignment.student_id = student.id
"""


class SimulatedClass(NamedTuple):
    """A simulated class."""

    ungraded: Course  # with submissions that are not graded yet
    scores: dict[str, float]  # the known score of each student
    graded: Course  # the same course after an uninterrupted run, with feedback pages


@pytest.fixture(scope="module")
def simulated(tmp_path_factory, sandbox) -> SimulatedClass:
    course = Course.at(make_course(tmp_path_factory.mktemp("ungraded"), ASSIGNMENT))
    scores = simulate.simulate(course, ASSIGNMENT, NUM_STUDENTS, seed=11)
    registration.register(course, ASSIGNMENT)
    read_secret(course.root / ".course-secret")  # creates it, so that all copies of the course have the same one
    graded = Course.at(Path(shutil.copytree(course.root, tmp_path_factory.mktemp("graded") / "course")))
    run_grade(graded, ok=True)
    feedback_writer.write_all(graded, ASSIGNMENT)
    return SimulatedClass(course, scores, graded)


@pytest.fixture
def course(simulated, tmp_path) -> Course:
    return Course.at(Path(shutil.copytree(simulated.ungraded.root, tmp_path / "course")))


def grade_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", ASSIGNMENT, *options]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def run_in(course: Course, command: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=course.root, env=ENVIRONMENT, capture_output=True, text=True)


def run_with_mounts(course: Course, script: str) -> subprocess.CompletedProcess:
    """Run a shell script in a namespace of its own, in which it may mount folders."""
    completed = run_in(course, ["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    if "unshare" in completed.stderr or "mount:" in completed.stderr:
        pytest.skip(f"this user may not mount anything: {completed.stderr.strip()}")
    return completed


def run_grade(course: Course, *options: str, ok: bool) -> str:
    """Run the command and return its output. Check whether it succeeded."""
    completed = run_in(course, grade_command(*options))
    assert (completed.returncode == 0) is ok, completed.stdout + completed.stderr
    return completed.stdout + completed.stderr


def read_grades(course: Course) -> list[tuple]:
    with create_engine(course.directory.db_url, poolclass=NullPool).connect() as connection:
        return sorted(map(tuple, connection.execute(text(GRADES))), key=str)


def read_records(course: Course) -> dict[str, dict]:
    """The records by student, without the fields that differ between equal runs."""
    return {
        record.student: {name: value for name, value in vars(record).items() if name not in ("seconds", "key")}
        for record in records.read_all(course.records_folder, ASSIGNMENT)
    }


def read_files(course: Course, step: str) -> dict[str, bytes]:
    folder = course.root / step
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_equal_results(course: Course, simulated: SimulatedClass, records_too: bool = True) -> None:
    """Check scores, records, gradebook and graded notebooks against the uninterrupted run."""
    scores = {student: pytest.approx(record["score"]) for student, record in read_records(course).items()}
    assert scores == simulated.scores
    if records_too:
        assert read_records(course) == read_records(simulated.graded)
    assert read_grades(course) == read_grades(simulated.graded)
    assert_equal_files(course, simulated, "autograded")


def assert_equal_files(course: Course, simulated: SimulatedClass, step: str) -> None:
    files = read_files(course, step)
    assert files
    assert files == read_files(simulated.graded, step)


# --- interruptions ------------------------------------------------------------------------------------------------


def workers_of(process: int) -> list[int]:
    with suppress(psutil.Error):
        children = psutil.Process(process).children()
        return [child.pid for child in children if "autograder.supervisor" in " ".join(child.cmdline())]
    return []


@pytest.mark.parametrize("victim", ["coordinator", "worker"])
def test_a_killed_run_can_be_continued_with_the_same_result(course, simulated, victim):
    rng = random.Random(541)
    (course.root / "records").rename(course.root / "none")
    for _ in range(NUM_KILLS):
        run = subprocess.Popen(
            grade_command(), cwd=course.root, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with run:
            time.sleep(rng.uniform(0.5, 5.5))
            workers = workers_of(run.pid)
            for process in [run.pid] if victim == "coordinator" else rng.sample(workers, min(1, len(workers))):
                os.kill(process, signal.SIGKILL)
            run.wait(300)
    run_grade(course, ok=True)
    assert_equal_results(course, simulated)
    feedback_writer.write_all(course, ASSIGNMENT)
    assert_equal_files(course, simulated, "feedback")


def test_a_submission_that_kills_its_worker_does_not_affect_others(course, simulated):
    """If memory runs out while a submission is judged, the system kills the worker."""
    (course.root / "poison.py").write_text(
        "import os, signal\n"
        "from autograder.grading.submission_grader import Grader\n"
        "grade = Grader.grade\n"
        "def kill_or_grade(self, assignment, student):\n"
        "    if student == 'student-003':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return grade(self, assignment, student)\n"
        "Grader.grade = kill_or_grade\n"
    )
    add_settings(course.root, f"sys.path.insert(0, {str(course.root)!r})\nimport poison")
    output = run_grade(course, ok=False)
    assert "student-003: crashed: the grading process was killed" in " ".join(output.split())
    scores = {student: record["score"] for student, record in read_records(course).items() if student != "student-003"}
    expected = {student: score for student, score in simulated.scores.items() if student != "student-003"}
    assert scores == {student: pytest.approx(score) for student, score in expected.items()}


# --- clusters and databases --------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(*command: str, **options):
    """Run a program until the end of the block."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_dask_workers_give_the_same_result(course, simulated):
    pytest.importorskip("distributed", reason='needs Dask: pip install -e ".[dask]"')
    address = f"tcp://127.0.0.1:{free_port()}"
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    with ExitStack() as cluster:
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
        cluster.enter_context(running(*scheduler, "--host", address, env=ENVIRONMENT, cwd=course.root))
        for _ in range(2):
            cluster.enter_context(running(*worker, env=ENVIRONMENT, cwd=course.root))
        run_grade(course, "--scheduler", address, ok=True)
    assert_equal_results(course, simulated)


def test_a_missing_scheduler_is_reported_in_one_line(course, monkeypatch):
    pytest.importorskip("distributed", reason='needs Dask: pip install -e ".[dask]"')
    monkeypatch.setattr(batch, "CONNECT_SECONDS", 1)
    with pytest.raises(batch.CourseError, match="no Dask scheduler answers at"):
        list(batch.grade(course, ASSIGNMENT, scheduler=f"tcp://127.0.0.1:{free_port()}"))


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    """The address of a PostgreSQL server, which is started for the tests."""
    pytest.importorskip("psycopg", reason='needs psycopg: pip install -e ".[postgresql]"')
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(installed[-1]) if installed else None)
    if initdb is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    folder = tmp_path_factory.mktemp("postgresql")
    user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = ["runuser", "-u", "postgres", "--"]
        for parent in (folder, *folder.parents[:-1]):
            if parent.stat().st_uid == 0 and parent != Path("/tmp"):
                parent.chmod(0o755)
        shutil.chown(folder, "postgres")
    port = free_port()
    subprocess.run(
        [*user, initdb, "--auth=trust", "--username=lectrain", folder / "data"], check=True, capture_output=True
    )
    server = [Path(initdb).with_name("postgres"), "-D", folder / "data", "-p", str(port), "-k", folder]
    with running(*map(str, [*user, *server])):
        address = f"postgresql+psycopg://lectrain@127.0.0.1:{port}/postgres"
        for _ in range(100):
            try:
                create_engine(address, poolclass=NullPool).connect().close()
                break
            except OperationalError:
                time.sleep(0.1)
        yield address


def test_postgresql_gives_the_same_result(course, simulated, postgresql):
    config = course.root / "nbgrader_config.py"
    config.write_text(re.sub(r"(c\.CourseDirectory\.db_url = ).*", rf'\1"{postgresql}"', config.read_text()))
    course = Course.at(course.root)
    run_grade(course, ok=True)
    assert_equal_results(course, simulated, records_too=False)


# --- file system errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "mount_command", "message"), [
    ("autograded", "mount -t tmpfs -o size=8k tmpfs {0}", "No space left on device"),
    ("records", "mount --bind {0} {0} && mount -o remount,bind,ro {0}", "Read-only file system"),
])  # fmt: skip
def test_a_full_or_read_only_disk_is_reported_and_leaves_no_partial_file(
    course, simulated, folder, mount_command, message
):
    (course.root / folder / ASSIGNMENT).mkdir(parents=True, exist_ok=True)
    grade = " ".join(grade_command("--workers", "1"))
    completed = run_with_mounts(course, f"{mount_command.format(folder)} && exec {grade}")
    assert completed.returncode == 2, completed.stdout + completed.stderr
    assert message in completed.stderr
    assert "Traceback" not in completed.stderr
    for path in (course.root / "records").rglob("*.json"):
        json.loads(path.read_text())
    run_grade(course, "--workers", "1", ok=True)  # without the mount
    assert_equal_results(course, simulated)


FULL_COURSE = """
mount -t tmpfs -o size=8m tmpfs {folder} && cp -a . {folder} && cd {folder}
head -c 8m /dev/zero > filler 2>/dev/null; truncate -s -60k filler
{grade} > /dev/null 2> {folder}-errors; echo $?
ls autograded | wc -l
rm filler
{grade} > /dev/null; echo $?
cp gradebook.db {folder}.db; cp -a records {folder}-records
"""


def test_a_full_disk_stops_the_run_with_one_line_and_the_next_run_grades_the_rest(course, simulated, tmp_path):
    folder = tmp_path / "full"
    folder.mkdir()
    grade = " ".join(grade_command("--workers", "1"))
    completed = run_with_mounts(course, FULL_COURSE.format(folder=folder, grade=grade))
    stopped, num_graded, ended = completed.stdout.split()
    assert (stopped, ended) == ("2", "0"), completed.stdout + completed.stderr
    assert int(num_graded) < NUM_STUDENTS
    lines = (tmp_path / "full-errors").read_text().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert re.search("No space left on device|database or disk is full", lines[0])
    shutil.copy(tmp_path / "full.db", course.root / "gradebook.db")
    assert read_grades(course) == read_grades(simulated.graded)
    recorded = records.read_all(tmp_path / "full-records", ASSIGNMENT)
    assert {record.student: record.outcome for record in recorded} == dict.fromkeys(simulated.scores, "graded")


def test_a_full_gradebook_is_not_a_fault_of_the_submission(course, capfd):
    gradebook, students = one_submission.get_grader(course.root)._gradebook, course.students(ASSIGNMENT)
    engine = gradebook.engine
    gradebook.db.close()
    with engine.connect() as connection:
        size = connection.execute(text("PRAGMA page_count")).scalar()
    event.listen(engine, "connect", limit := lambda connection, _: connection.execute(f"PRAGMA max_page_count={size}"))
    engine.dispose()
    with pytest.raises(CourseError, match="the gradebook cannot be written: database or disk is full"):
        _ = [one_submission.grade_one(course.root, ASSIGNMENT, student) for student in students]
    assert capfd.readouterr() == ("", "")
    event.remove(engine, "connect", limit)
    engine.dispose()
    recorded = {record.student for record in records.read_all(course.records_folder, ASSIGNMENT)}
    assert recorded < set(students)  # the pages that the gradebook has do not suffice for all
    for student in set(students) - recorded:
        assert one_submission.grade_one(course.root, ASSIGNMENT, student).outcome == "graded"
