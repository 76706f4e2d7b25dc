"""Grading a class in parallel, with interruptions, on other databases and machines gives the same gradebook."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from autograder.authoring import simulate
from autograder.course import Course, CourseError
from autograder.course_secret import read_secret
from autograder.grading import batch, one_submission, records, registration
from autograder.reports import feedback_writer
from tests.conftest import REPOSITORY, make_course

from .conftest import ASSIGNMENT

pytestmark = pytest.mark.slow

NUM_STUDENTS = 2 * int(os.environ.get("LECTRAIN_CLASS", 2))
NUM_KILLS = int(os.environ.get("LECTRAIN_KILLS", 1))  # for a thorough test: LECTRAIN_CLASS=70 LECTRAIN_KILLS=20

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
    list(batch.grade(graded, ASSIGNMENT, workers=2))
    feedback_writer.write_all(graded, ASSIGNMENT)
    return SimulatedClass(course, scores, graded)


@pytest.fixture
def course(simulated, tmp_path) -> Course:
    return Course.at(Path(shutil.copytree(simulated.ungraded.root, tmp_path / "course")))


GRADE = [sys.executable, "-m", "autograder", "grade", ASSIGNMENT]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def run_with_mounts(course: Course, script: str) -> subprocess.CompletedProcess:
    """Run a shell script in a namespace of its own, in which it may mount folders."""
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    completed = subprocess.run(command, cwd=course.root, env=ENVIRONMENT, capture_output=True, text=True)
    if "unshare" in completed.stderr or "mount:" in completed.stderr:
        pytest.skip(f"this user may not mount anything: {completed.stderr.strip()}")
    return completed


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

# Lets one submission wait, or kill the worker that grades it, as the system does if memory runs out.
POISON = """
import os, signal, time
from autograder.grading.submission_grader import Grader
grade = Grader.grade
def poisoned(self, assignment, student):
    if student == {victim!r}:
        os.kill(os.getpid(), signal.SIGKILL) if os.path.exists({armed!r}) else time.sleep(25)
    return grade(self, assignment, student)
Grader.grade = poisoned
"""


def test_a_run_whose_coordinator_or_worker_is_killed_can_be_continued_with_the_same_result(course, simulated, tmp_path):
    victim, armed = max(simulated.scores), tmp_path / "armed"
    (tmp_path / "sitecustomize.py").write_text(POISON.format(victim=victim, armed=str(armed)))
    environment = ENVIRONMENT | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(REPOSITORY)])}
    for number in range(NUM_KILLS):
        with subprocess.Popen(GRADE, cwd=course.root, env=environment, stderr=subprocess.DEVNULL) as run:
            while len(read_records(course)) <= number and run.poll() is None:
                time.sleep(0.05)
            assert run.poll() is None, "the kill came too late"
            run.kill()
    armed.touch()
    done = subprocess.run(GRADE, cwd=course.root, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert f"{victim}: crashed: the grading process ended twice" in " ".join((done.stdout + done.stderr).split())
    graded, expected = read_records(course), read_records(simulated.graded)
    assert graded.pop(victim)["score"] == 0 != expected.pop(victim)["score"]
    assert graded == expected
    list(batch.grade(course, ASSIGNMENT))
    assert_equal_results(course, simulated)
    feedback_writer.write_all(course, ASSIGNMENT)
    assert_equal_files(course, simulated, "feedback")


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
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "2", "--no-dashboard"]
    with ExitStack() as cluster:
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
        cluster.enter_context(running(*scheduler, "--host", address, env=ENVIRONMENT, cwd=course.root))
        cluster.enter_context(running(*worker, env=ENVIRONMENT, cwd=course.root))
        subprocess.run([*GRADE, "--scheduler", address], cwd=course.root, env=ENVIRONMENT, check=True)
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
        [*user, initdb, "--no-sync", "--auth=trust", "--username=lectrain", folder / "data"],
        check=True,
        capture_output=True,
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
    list(batch.grade(course, ASSIGNMENT, workers=2))
    assert_equal_results(course, simulated, records_too=False)


# --- file system errors -----------------------------------------------------------------------------------------


# Each grades the course of the current folder where the disk is full or read-only. The last leaves a copy of it.
ON_A_BAD_DISK = {
    "No space left on device": "mount -t tmpfs -o size=8k tmpfs autograded && {grade}",
    "Read-only file system": "mount --bind records records && mount -o remount,bind,ro records && {grade}",
    "No space left on device|database or disk is full": """
mount -t tmpfs -o size=8m tmpfs {full} && cp -a . {full} && cd {full}
head -c 8m /dev/zero > filler 2>/dev/null; truncate -s -60k filler
{grade}; status=$?
rm filler; cp -a . {after}; exit $status""",
}


@pytest.mark.parametrize("message", ON_A_BAD_DISK)
def test_a_bad_disk_stops_the_run_with_one_line_and_the_next_run_grades_the_rest(course, simulated, tmp_path, message):
    full, after = tmp_path / "full", tmp_path / "after"
    for folder in (full, after, course.root / "autograded", course.root / "records"):
        folder.mkdir(exist_ok=True)
    grade = " ".join([*GRADE, "--workers", "1"])
    completed = run_with_mounts(course, ON_A_BAD_DISK[message].format(grade=grade, full=full, after=after))
    assert completed.returncode == 2, completed.stdout + completed.stderr
    (line,) = completed.stderr.splitlines()
    assert line.startswith("error: ")
    assert re.search(message, line)
    course = Course.at(after) if any(after.iterdir()) else course
    assert len(read_records(course)) < NUM_STUDENTS
    list(batch.grade(course, ASSIGNMENT))
    assert_equal_results(course, simulated)


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
