"""Grade many submissions: each in its own error boundary, each ending in exactly one record."""

import functools
import os
import stat
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib

from ..course import Course, CourseError
from ..release import generate
from ..runner import RunnerError
from ..submissions.reader import UnreadableSubmission
from ..submissions.sanitise import to_text
from . import records
from .records import Outcome, Record
from .submission_grader import Grader

AUTOGRADER = Path(__file__).parents[1]
DISPATCHED = 2  # submissions per worker that are on their way at the same time
CONNECT_SECONDS = 30
_ONE_AT_A_TIME = threading.Lock()  # a worker of Dask may have several threads, but there is one runner per process


def grade(
    course: Course,
    assignment: str,
    pattern: str = "*",
    workers: int = 1,
    force: bool = False,
    scheduler: str | None = None,
) -> Iterator[Record]:
    """Grade every submission that has no matching record; yield a record for each, old ones included.

    Parameters
    ----------
    course : Course
    assignment : str
        The name of a folder in `solutions/`.
    pattern : str
        Which students: a glob.
    workers : int
        Worker processes, each with a warm runner of its own.
    force : bool
        Grade also what has a matching record.
    scheduler : str, optional
        The address of a Dask scheduler whose workers see the course under the same path. They then do the work.

    Raises
    ------
    CourseError, RunnerError, OSError
        If the course or a machine, not a submission, is at fault.
    """
    register(course, assignment)
    shared = key_of_course(course, assignment)
    folder = records_folder(course)
    waiting = []
    for student in course.students(assignment, pattern):
        old = records.read(folder, assignment, student)
        if old and not force and old.key == key(course, assignment, student, shared):
            yield old
        else:
            waiting.append(student)
    run = functools.partial(_side_by_side, course, assignment, shared, scheduler)
    while waiting:
        try:
            for record in run(min(workers, len(waiting)), waiting):  # one alone needs no other process
                waiting.remove(record.student)
                yield record
        except WorkerLost:  # on one of those that were under way: each of them is graded alone
            under_way, waiting = waiting[: DISPATCHED * workers], waiting[DISPATCHED * workers :]
            for student in under_way:
                yield from _alone(course, assignment, student, run)


def _alone(course: Course, assignment: str, student: str, run: Callable[..., Iterator[Record]]) -> list[Record]:
    """Grade one submission that may be what kills its process; if it is, say so and let the next run try again."""
    try:
        return list(run(2, [student]))  # two, or it would be graded in this process
    except WorkerLost:
        record = Record(
            student, assignment, Outcome.CRASHED, messages=["the grading process was killed: is memory short?"]
        )
        records.write(record, records_folder(course))
        return [record]


class WorkerLost(Exception):
    """A worker process was killed."""


def _side_by_side(
    course: Course, assignment: str, shared: str, scheduler: str | None, workers: int, students: list[str]
) -> Iterator[Record]:
    jobs = [joblib.delayed(grade_one)(course.root, assignment, student, shared) for student in students]
    options: Any = {"batch_size": 1, "pre_dispatch": f"{DISPATCHED} * n_jobs", "return_as": "generator_unordered"}
    try:
        with _backend(scheduler, workers):
            yield from joblib.Parallel(**options)(jobs)
    except Exception as error:
        if type(error).__name__ in ("TerminatedWorkerError", "KilledWorker"):  # loky's and Dask's
            raise WorkerLost from error
        raise


@contextmanager
def _backend(scheduler: str | None, workers: int) -> Iterator[None]:
    if scheduler is None:
        with joblib.parallel_config(backend="loky", n_jobs=workers):
            yield
        return
    try:
        from distributed import Client  # an extra of its own
    except ImportError as error:
        raise CourseError('Dask is not installed: pip install -e ".[dask]", here and on the workers') from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`") from error
    with client, joblib.parallel_config(backend="dask", n_jobs=-1, wait_for_workers_timeout=CONNECT_SECONDS):
        yield


def grade_one(root: Path, assignment: str, student: str, shared: str | None = None) -> Record:
    """Grade one submission. Whatever is wrong with it ends in its record and nowhere else."""
    with _ONE_AT_A_TIME:
        started = time.perf_counter()
        grader = get_grader(root)
        folder = grader.course.folder(grader.course.directory.submitted_directory, student, assignment)
        with _held(folder):
            current = key(grader.course, assignment, student, shared or key_of_course(grader.course, assignment))
            record = _grade(grader, assignment, student)
            record = replace(record, seconds=round(time.perf_counter() - started, 3), key=current)
            records.write(record, records_folder(grader.course))
        return record


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a submission: a worker that has outlived its killed run may still be at it."""
    import fcntl  # here, because Windows has none

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _grade(grader: Grader, assignment: str, student: str) -> Record:
    try:
        return grader.grade(assignment, student)
    except UnreadableSubmission as trouble:
        return Record(student, assignment, Outcome.UNREADABLE, messages=[str(trouble)])
    except (CourseError, RunnerError, OSError):
        raise
    except Exception as error:  # a submission that trips the grader itself must not stop the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"the grader stumbled over it: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return Record(student, assignment, Outcome.NEEDS_A_PERSON, messages=[to_text(message)])


@functools.cache
def get_grader(root: Path) -> Grader:
    """One grader per process and course."""
    return Grader(Course.at(root))


# --- what a result depends on -----------------------------------------------------------------------------------


def key(course: Course, assignment: str, student: str, shared: str) -> str:
    """Hash a submission, with what all submissions of its assignment share: equal keys have equal results."""
    submitted = course.folder(course.directory.submitted_directory, student, assignment)
    paths = (Path(place, name) for place, _, names in os.walk(submitted) for name in names)
    return records.key_of(filter(_can_be_read, paths), shared)


def _can_be_read(path: Path) -> bool:
    """Whether it is a file of the submission's own, and neither locked away nor too deep to be reached."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def key_of_course(course: Course, assignment: str) -> str:
    """Hash an assignment's source, the course's configuration and the autograder."""
    sources = [*course.source(assignment).rglob("*"), course.root / "nbgrader_config.py", *AUTOGRADER.rglob("*.py")]
    sources += course.exercises.files()
    return records.key_of([path for path in sources if path.is_file()])


def records_folder(course: Course) -> Path:
    return course.root / "records"


def register(course: Course, assignment: str) -> None:
    """Tell the gradebook about the assignment, as ``nbgrader generate_assignment`` does, if it has changed."""
    source = course.source(assignment)
    stamp = records_folder(course) / assignment / ".registered"
    current = records.key_of(source.glob("*.ipynb"))
    if stamp.exists() and stamp.read_text() == current and _is_known(course, assignment):
        return
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)


def _is_known(course: Course, assignment: str) -> bool:
    with course.gradebook() as gradebook:
        return any(known.name == assignment for known in gradebook.assignments)
