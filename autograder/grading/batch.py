"""Grade many submissions. Each has its own error boundary and ends in exactly one record."""

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
from ..release import generate_assignment
from ..runner import RunnerError
from ..submissions.reader import UnreadableSubmission
from ..submissions.sanitise import to_text
from . import records
from .records import Outcome, Record
from .submission_grader import Grader

AUTOGRADER = Path(__file__).parents[1]
DISPATCHED_PER_WORKER = 2  # submissions that are sent to a worker before it asks for more
CONNECT_SECONDS = 30
_RUNNER_LOCK = threading.Lock()  # a Dask worker may have several threads, but there is one runner per process

# Grades the given students with the given number of workers.
GradeStudents = Callable[[int, list[str]], Iterator[Record]]


class WorkerKilled(Exception):
    """A worker process was killed while it graded."""


def grade(
    course: Course,
    assignment: str,
    pattern: str = "*",
    workers: int = 1,
    force: bool = False,
    scheduler: str | None = None,
) -> Iterator[Record]:
    """Grade every submission that has no matching record.

    Parameters
    ----------
    course : Course
    assignment : str
        The name of a folder in `solutions/`.
    pattern : str
        A glob pattern that selects students.
    workers : int
        The number of worker processes. Each keeps a warm runner of its own.
    force : bool
        Whether to grade submissions that have a matching record, too.
    scheduler : str, optional
        The address of a Dask scheduler. Its workers do the grading, and must see the course under the same path.

    Yields
    ------
    Record
        One per submission, as soon as it is known. Matching records are yielded, too.

    Raises
    ------
    CourseError, RunnerError, OSError
        If the course or a machine is at fault, not a submission.
    """
    register(course, assignment)
    source_key = assignment_key(course, assignment)
    folder = records_folder(course)
    pending = []
    for student in course.students(assignment, pattern):
        record = records.read(folder, assignment, student)
        if record and not force and record.key == submission_key(course, assignment, student, source_key):
            yield record
        else:
            pending.append(student)
    grade_students = functools.partial(_grade_in_parallel, course, assignment, source_key, scheduler)
    while pending:
        try:
            for record in grade_students(min(workers, len(pending)), pending):  # one submission needs no other process
                pending.remove(record.student)
                yield record
        except WorkerKilled:
            # One of the submissions that were being graded killed its worker: each of them gets a process of its own.
            suspects, pending = pending[: DISPATCHED_PER_WORKER * workers], pending[DISPATCHED_PER_WORKER * workers :]
            for student in suspects:
                yield from _grade_in_own_process(course, assignment, student, grade_students)


def _grade_in_own_process(course: Course, assignment: str, student: str, grade_students: GradeStudents) -> list[Record]:
    """Grade a submission that may kill its process. If it does, its record has no key, so the next run retries it."""
    try:
        return list(grade_students(2, [student]))  # with one worker joblib would grade in this process
    except WorkerKilled:
        message = "the grading process was killed, possibly for lack of memory: free memory and grade again"
        record = Record(student, assignment, Outcome.CRASHED, messages=[message])
        records.write(record, records_folder(course))
        return [record]


def _grade_in_parallel(
    course: Course, assignment: str, source_key: str, scheduler: str | None, workers: int, students: list[str]
) -> Iterator[Record]:
    jobs = [joblib.delayed(grade_one)(course.root, assignment, student, source_key) for student in students]
    options: dict[str, Any] = {
        "batch_size": 1,
        "pre_dispatch": f"{DISPATCHED_PER_WORKER} * n_jobs",
        "return_as": "generator_unordered",
    }
    try:
        with _parallel_backend(scheduler, workers):
            yield from joblib.Parallel(**options)(jobs)
    except Exception as error:
        # The classes of loky and of Dask are compared by name, because Dask may not be installed.
        if type(error).__name__ in ("TerminatedWorkerError", "KilledWorker"):
            raise WorkerKilled from error
        raise


@contextmanager
def _parallel_backend(scheduler: str | None, workers: int) -> Iterator[None]:
    if scheduler is None:
        with joblib.parallel_config(backend="loky", n_jobs=workers):
            yield
        return
    try:
        from distributed import Client  # an optional dependency
    except ImportError as error:
        raise CourseError('Dask is not installed: pip install -e ".[dask]", here and on the workers') from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`") from error
    with client, joblib.parallel_config(backend="dask", n_jobs=-1, wait_for_workers_timeout=CONNECT_SECONDS):
        yield


def grade_one(root: Path, assignment: str, student: str, source_key: str | None = None) -> Record:
    """Grade one submission. An error that it causes ends in its record.

    Parameters
    ----------
    root : Path
        The folder of the course.
    assignment, student : str
    source_key : str, optional
        The result of `assignment_key`, if the caller knows it.

    Returns
    -------
    Record
        It has also been written to the course's `records/`.

    Raises
    ------
    CourseError, RunnerError, OSError
        If the course or the machine is at fault, not the submission.
    """
    with _RUNNER_LOCK:
        started = time.perf_counter()
        grader = get_grader(root)
        course = grader.course
        with _locked(course.folder(course.directory.submitted_directory, student, assignment)):
            key = submission_key(course, assignment, student, source_key or assignment_key(course, assignment))
            record = _grade_to_record(grader, assignment, student)
            record = replace(record, seconds=round(time.perf_counter() - started, 3), key=key)
            records.write(record, records_folder(course))
        return record


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a submission: when a run is killed, its workers may go on grading for a while."""
    import fcntl  # not at the top of the module, because Windows does not have it

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _grade_to_record(grader: Grader, assignment: str, student: str) -> Record:
    try:
        return grader.grade(assignment, student)
    except UnreadableSubmission as error:
        return Record(student, assignment, Outcome.UNREADABLE, messages=[str(error)])
    except (CourseError, RunnerError, OSError):
        raise
    except Exception as error:  # a bug that one submission triggers must not stop the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"internal grader error: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return Record(student, assignment, Outcome.NEEDS_A_PERSON, messages=[to_text(message)])


@functools.cache
def get_grader(root: Path) -> Grader:
    """Return the grader of a course, one per process.

    Parameters
    ----------
    root : Path
        The folder of the course.

    Returns
    -------
    Grader
    """
    return Grader(Course.at(root))


# --- what a result depends on -----------------------------------------------------------------------------------


def submission_key(course: Course, assignment: str, student: str, source_key: str) -> str:
    """Hash everything that the result of a submission depends on.

    Parameters
    ----------
    course : Course
    assignment, student : str
    source_key : str
        The result of `assignment_key`.

    Returns
    -------
    str
        If it is equal to the key of a record, that record is up to date.
    """
    submitted = course.folder(course.directory.submitted_directory, student, assignment)
    paths = (Path(folder, name) for folder, _, names in os.walk(submitted) for name in names)
    return records.hash_files(filter(_is_readable_file, paths), source_key)


def _is_readable_file(path: Path) -> bool:
    """Whether a path is a regular file that can be opened. A link is not, nor a path that is too long."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def assignment_key(course: Course, assignment: str) -> str:
    """Hash an assignment's sources, the course's configuration and exercises, and the autograder.

    Parameters
    ----------
    course : Course
    assignment : str

    Returns
    -------
    str
    """
    sources = [
        *course.source_folder(assignment).rglob("*"),
        course.root / "nbgrader_config.py",
        *AUTOGRADER.rglob("*.py"),
        *course.exercises.files(),
    ]
    return records.hash_files([path for path in sources if path.is_file()])


def records_folder(course: Course) -> Path:
    """Return the folder of the course's records."""
    return course.root / "records"


def register(course: Course, assignment: str) -> None:
    """Add an assignment to the gradebook, as ``nbgrader generate_assignment`` does. Skip it if nothing has changed.

    Parameters
    ----------
    course : Course
    assignment : str

    Raises
    ------
    CourseError
        If nbgrader rejects the source notebooks.
    """
    stamp = records_folder(course) / assignment / ".registered"
    current = records.hash_files(course.source_folder(assignment).glob("*.ipynb"))
    if stamp.exists() and stamp.read_text() == current and _is_registered(course, assignment):
        return
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate_assignment(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)


def _is_registered(course: Course, assignment: str) -> bool:
    with course.gradebook() as gradebook:
        return any(registered.name == assignment for registered in gradebook.assignments)
