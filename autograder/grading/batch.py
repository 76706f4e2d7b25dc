"""Grade many submissions. Each has its own error boundary and ends in exactly one record."""

import functools
import threading
import time
import traceback
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import joblib

from ..course import Course, CourseError
from ..submissions.plain_text import to_text
from ..submissions.reader import UnreadableSubmission
from ..supervisor import Supervisor, SupervisorPool, Worker, WorkerDied, WorkFailed, get_supervisor
from . import records
from .boundary import Boundary, concerns_everybody, describe
from .locks import locked
from .records import Outcome, Record
from .registration import register
from .result_key import hash_assignment, hash_code, read_current, submission_key
from .submission_grader import Grader

DISPATCHED_PER_WORKER = 2  # submissions that are sent to a Dask worker before it asks for more
CONNECT_SECONDS = 30
_SUPERVISOR_LOCK = threading.Lock()  # a Dask worker may have several threads, but it has one supervisor


class DaskWorkerKilled(Exception):
    """A Dask worker was killed while it graded."""


def grade(
    course: Course,
    assignment: str,
    pattern: str = "*",
    workers: int = 1,
    force: bool = False,
    scheduler: str | None = None,
    left_out: Container[str] = (),
    worker: Worker | None = None,
    on_current: Callable[[str], object] = lambda student: None,
) -> Iterator[Record]:
    """Grade every submission without a matching record. Yield each record once it is known, matching ones, too.

    The workers of a Dask scheduler, which is given by its address, must see the course under the same path.
    `on_current` is called with each student whose submission has a matching record, before that record is yielded.
    Raise `CourseError`, `RunnerError` or `OSError` if the course or a machine is at fault, not a submission.
    """
    with ExitStack() as stack:
        pool = None if scheduler else stack.enter_context(SupervisorPool(workers, course.work_limits, worker))
        if pool:
            pool.supervisors[0].start()  # its process starts while this one prepares the course
        register(course, assignment)
        assignment_key = hash_assignment(course, assignment)
        pending = []
        for student in (name for name in course.students(assignment, pattern) if name not in left_out):
            record = None if force else read_current(course, assignment, student, assignment_key)
            if record:
                on_current(student)
                yield record
            else:
                pending.append(student)
        if pool:
            yield from _grade_locally(course, assignment, assignment_key, pool, pending)
        elif scheduler:
            yield from _grade_on_cluster(course, assignment, assignment_key, scheduler, pending)


def _grade_locally(
    course: Course, assignment: str, assignment_key: str, pool: SupervisorPool, students: list[str]
) -> Iterator[Record]:
    """Grade with one thread per supervisor; the work is done in their processes."""

    def grade_with_idle_supervisor(student: str) -> Record:
        with pool.borrow() as supervisor:
            return grade_supervised(supervisor, course.root, assignment, student, assignment_key)

    jobs = (joblib.delayed(grade_with_idle_supervisor)(student) for student in students)
    with joblib.parallel_config(backend="threading", n_jobs=len(pool.supervisors)):
        yield from joblib.Parallel(batch_size=1, return_as="generator_unordered")(jobs)


def grade_supervised(
    supervisor: Supervisor, root: Path, assignment: str, student: str, assignment_key: str | None = None
) -> Record:
    """Grade one submission in a supervised process. An error that it causes ends in its record.

    If the grader's own work exceeds a limit, the submission needs a person, and its record names the stage. A record of
    a failure has no key, so the next run tries the submission once more.
    """
    boundary = Boundary(lambda student, line: None)  # it is in the record
    with boundary.around(student):
        try:
            graded: Record = supervisor.run(grade_one, root, assignment, student, assignment_key)
            return graded
        except WorkFailed as failure:
            record = record_of_failure(failure, assignment, student)
            records.write(record, Course.at(root).records_folder)
            return record
    return Record(  # which cannot be written
        student, assignment, Outcome.NEEDS_A_PERSON, messages=[f"internal grader error: {boundary.failures[student]}"]
    )


def record_of_failure(failure: WorkFailed | UnreadableSubmission, assignment: str, student: str) -> Record:
    """Describe a submission that cannot be read, or on which the grader did not finish its own work."""
    if isinstance(failure, UnreadableSubmission):
        outcome, message = Outcome.UNREADABLE, str(failure)
    elif isinstance(failure, WorkerDied):
        outcome, message = Outcome.CRASHED, f"the grading process was killed twice while {failure}"
        message += ", possibly for lack of memory"
    else:
        outcome = Outcome.NEEDS_A_PERSON
        message = f"the grader stopped its own work on this submission while {failure}"
    return Record(student, assignment, outcome, messages=[message])


# --- on a cluster -----------------------------------------------------------------------------------------------


def _grade_on_cluster(
    course: Course, assignment: str, assignment_key: str, scheduler: str, pending: list[str]
) -> Iterator[Record]:
    """Grade on Dask. After a Dask worker is killed, the first pending submission is graded alone, then the others."""
    while pending:
        try:
            for record in _grade_with_dask(course, assignment, assignment_key, scheduler, pending):
                pending.remove(record.student)
                yield record
        except DaskWorkerKilled:
            suspect, pending = pending[0], pending[1:]
            try:
                yield from _grade_with_dask(course, assignment, assignment_key, scheduler, [suspect])
            except DaskWorkerKilled:
                message = "the grading process was killed, possibly for lack of memory: free memory and grade again"
                record = Record(suspect, assignment, Outcome.CRASHED, messages=[message])
                records.write(record, course.records_folder)
                yield record


def _grade_with_dask(
    course: Course, assignment: str, assignment_key: str, scheduler: str, students: list[str]
) -> Iterator[Record]:
    jobs = [joblib.delayed(_grade_in_dask_worker)(course.root, assignment, name, assignment_key) for name in students]
    pre_dispatch = f"{DISPATCHED_PER_WORKER} * n_jobs"
    try:
        with _dask_backend(scheduler):
            yield from joblib.Parallel(batch_size=1, pre_dispatch=pre_dispatch, return_as="generator_unordered")(jobs)
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # by name, because Dask may not be installed
            raise DaskWorkerKilled from error
        raise


def _grade_in_dask_worker(root: Path, assignment: str, student: str, assignment_key: str) -> Record:
    with _SUPERVISOR_LOCK:
        course = Course.at(root)
        supervisor = get_supervisor(course.work_limits, hash_code(course))
        return grade_supervised(supervisor, root, assignment, student, assignment_key)


@contextmanager
def _dask_backend(scheduler: str) -> Iterator[None]:
    try:
        from distributed import Client  # an optional dependency
    except ImportError as error:
        raise CourseError('Dask is not installed: pip install -e ".[dask]", here and on the workers') from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call, unused-ignore]
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`") from error
    with client, joblib.parallel_config(backend="dask", n_jobs=-1, wait_for_workers_timeout=CONNECT_SECONDS):
        yield


# --- one submission ---------------------------------------------------------------------------------------------


def grade_one(root: Path, assignment: str, student: str, assignment_key: str | None = None) -> Record:
    """Grade one submission. An error that it causes ends in its record.

    The record is also written to the course's `records/`. Raise `CourseError`, `RunnerError` or `OSError` if the course
    or the machine is at fault, not the submission.
    """
    started = time.perf_counter()
    grader = get_grader(root)
    course = grader.course
    try:
        with locked(course.submitted_folder(student, assignment)):
            key = submission_key(course, assignment, student, assignment_key or hash_assignment(course, assignment))
            try:
                record = grader.grade(assignment, student)
            except UnreadableSubmission as error:
                record = record_of_failure(error, assignment, student)
            key = records.key_until(key, record.letters_due)
            record = replace(record, seconds=round(time.perf_counter() - started, 3), key=key)
            records.write(record, course.records_folder)
    except Exception as error:  # a bug that one submission triggers must not stop the others
        if concerns_everybody(error):
            raise
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"internal grader error: {describe(error)} ({where.name}, line {where.lineno})"
        record = Record(student, assignment, Outcome.NEEDS_A_PERSON, messages=[to_text(message)])
        records.write(record, course.records_folder)  # without a key, so that the next run tries once more
    return record


def warm_up(root: Path) -> None:
    """Prepare this process for its first submission. A watch does this before the class submits."""
    get_grader(root).warm_up()


@functools.cache
def get_grader(root: Path) -> Grader:
    """Return the grader of a course, one per process."""
    return Grader(Course.at(root))
