"""A class graded by many, interrupted, on other databases and machines: always the same gradebook."""

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
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from autograder.authoring import simulate
from autograder.course import Course, read_secret
from autograder.grading import batch
from autograder.grading import records as record
from autograder.reports import feedback_page
from tests.conftest import REPOSITORY, course_in

CLASS = 3 * int(os.environ.get("LECTRAIN_CLASS", 4))
KILLS = int(os.environ.get("LECTRAIN_KILLS", 2))  # with LECTRAIN_CLASS=70 and LECTRAIN_KILLS=20, as often as can be

GRADES = """
select student.id, assignment.name, base_cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
from grade join base_cell on grade.cell_id = base_cell.id
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join assignment on submitted_assignment.assignment_id = assignment.id
join student on submitted_assignment.student_id = student.id
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory, sandbox):
    """A class with its known scores, not yet graded; and the course that an uninterrupted run leaves."""
    course = Course.at(course_in(tmp_path_factory.mktemp("made"), "01-sigmoid"))
    truth = simulate.simulate(course, "01-sigmoid", CLASS, seed=11)
    batch.register(course, "01-sigmoid")
    read_secret(course.root / ".course-secret")  # the same for every copy of the course
    graded = Course.at(Path(shutil.copytree(course.root, tmp_path_factory.mktemp("whole") / "course")))
    command(graded, ok=True)
    return course, truth, graded


@pytest.fixture
def course(made, tmp_path) -> Course:
    return Course.at(Path(shutil.copytree(made[0].root, tmp_path / "course")))


def arguments(*options: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", "01-sigmoid", *options]


def command(course: Course, *options: str, ok: bool) -> str:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(arguments(*options), cwd=course.root, env=environment, capture_output=True, text=True)
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def grades(course: Course) -> list[tuple]:
    with create_engine(course.directory.db_url).connect() as connection:
        return sorted(map(tuple, connection.execute(text(GRADES))), key=str)


def records_of(course: Course) -> dict[str, dict]:
    """All that a record says of a submission; not how long it took, nor of which sources it is."""
    return {
        r.student: {name: value for name, value in vars(r).items() if name not in ("seconds", "key")}
        for r in record.read_all(batch.records_folder(course), "01-sigmoid")
    }


def files(course: Course, step: str) -> dict[str, bytes]:
    top = course.root / step
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def expect_the_same(course: Course, made) -> None:
    _, truth, whole = made
    assert {student: pytest.approx(r["score"]) for student, r in records_of(course).items()} == truth
    assert records_of(course) == records_of(whole)
    assert grades(course) == grades(whole)
    for one in (course, whole):
        feedback_page.write_all(one, "01-sigmoid")
    for step in ("autograded", "feedback"):
        assert files(course, step)
        assert files(course, step) == files(whole, step)


# --- interrupted ------------------------------------------------------------------------------------------------


def children_of(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def is_worker(process: int) -> bool:
    try:
        return "loky" in Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("victim", ["coordinator", "worker"])
def test_a_killed_run_is_taken_up_and_ends_the_same(course, made, victim):
    chance = random.Random(541)
    (course.root / "records").rename(course.root / "none")
    for _ in range(KILLS):
        run = subprocess.Popen(
            arguments(), cwd=course.root, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with run:
            time.sleep(chance.uniform(0.5, 5.5))
            workers = [child for child in children_of(run.pid) if is_worker(child)]
            for process in [run.pid] if victim == "coordinator" else chance.sample(workers, min(1, len(workers))):
                os.kill(process, signal.SIGKILL)
            run.wait(300)
    command(course, ok=True)
    expect_the_same(course, made)


def test_a_submission_that_kills_its_grader_costs_nobody_else_anything(course, made, monkeypatch):
    """Memory may run out while a submission is judged: the system then kills a worker."""
    (course.root / "poison.py").write_text(
        "import os, signal\n"
        "from autograder.grading.submission_grader import Grader\n"
        "grade = Grader.grade\n"
        "def killed(self, assignment, student):\n"
        "    if student == 'student-003':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return grade(self, assignment, student)\n"
        "Grader.grade = killed\n"
    )
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"\nsys.path.insert(0, {str(course.root)!r})\nimport poison\n")
    told = command(course, ok=False)
    assert "student-003: crashed: the grading process was killed" in " ".join(told.split())
    others = {s: r["score"] for s, r in records_of(course).items() if s != "student-003"}
    assert others == {s: pytest.approx(score) for s, score in made[1].items() if s != "student-003"}


# --- elsewhere --------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(*words: str, **options):
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_dask_workers_grade_the_same(course, made):
    pytest.importorskip("distributed", reason='needs Dask: pip install -e ".[dask]"')
    address = f"tcp://127.0.0.1:{free_port()}"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    with ExitStack() as cluster:
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
        cluster.enter_context(running(*scheduler, "--host", address, env=environment, cwd=course.root))
        for _ in range(2):
            cluster.enter_context(running(*worker, env=environment, cwd=course.root))
        command(course, "--backend", "dask", "--scheduler", address, ok=True)
    expect_the_same(course, made)


def test_a_scheduler_that_is_not_there_is_told_in_one_line(course, monkeypatch):
    pytest.importorskip("distributed", reason='needs Dask: pip install -e ".[dask]"')
    monkeypatch.setattr(batch, "CONNECT_SECONDS", 1)
    with pytest.raises(batch.CourseError, match="no Dask scheduler answers at"):
        list(batch.grade(course, "01-sigmoid", scheduler=f"tcp://127.0.0.1:{free_port()}"))


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    """The address of a PostgreSQL server of this test's own."""
    pytest.importorskip("psycopg", reason='needs psycopg: pip install -e ".[postgresql]"')
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(programs[-1]) if programs else None)
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
                create_engine(address).connect().close()
                break
            except Exception:
                time.sleep(0.1)
        yield address


def test_postgresql_holds_the_same_gradebook(course, made, postgresql):
    config = course.root / "nbgrader_config.py"
    config.write_text(re.sub(r"(c\.CourseDirectory\.db_url = ).*", rf'\1"{postgresql}"', config.read_text()))
    course = Course.at(course.root)
    command(course, ok=True)
    whole = made[2]
    assert grades(course) == grades(whole)
    for one in (course, whole):
        feedback_page.write_all(one, "01-sigmoid")
    for step in ("autograded", "feedback"):
        assert files(course, step)
        assert files(course, step) == files(whole, step)
    assert {s: pytest.approx(r["score"]) for s, r in records_of(course).items()} == made[1]


# --- no room, no right ------------------------------------------------------------------------------------------


def within(course: Course, mounting: str) -> subprocess.CompletedProcess:
    """Grade where a folder of the course is mounted in another way."""
    script = f"{mounting} && exec {' '.join(arguments('--workers', '1'))}"
    alone = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(alone, cwd=course.root, env=environment, capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this user may not mount anything: {done.stderr.strip()}")
    return done


@pytest.mark.parametrize("folder", ["autograded", "records"])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("mount -t tmpfs -o size=8k tmpfs {0}", "No space left on device"),
        ("mount --bind {0} {0} && mount -o remount,bind,ro {0}", "Read-only file system"),
    ],
)
def test_no_room_and_no_right_are_told_and_nothing_is_half_written(course, made, folder, how, said):
    (course.root / folder / "01-sigmoid").mkdir(parents=True, exist_ok=True)
    done = within(course, how.format(folder))
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    for path in (course.root / "records").rglob("*.json"):
        json.loads(path.read_text())
    command(course, ok=True)  # with room again
    expect_the_same(course, made)
