"""Grade many submissions, with several processes or on a cluster. Each ends in exactly one record."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import joblib

from ..course import Course, CourseError
from ..supervisor import SupervisorPool, Worker, get_supervisor
from . import records
from .one_submission import grade_supervised
from .records import Outcome, Record
from .registration import register
from .result_key import hash_assignment, hash_code, read_current

CONNECT_SECONDS = 30
_SUPERVISOR_LOCK = threading.Lock()  # a Dask worker may have several threads, but it has one supervisor


class DaskWorkerKilled(Exception):
    """A Dask worker was killed while it graded."""


def grade(
    course: Course,
    assignment: str,
    students: Sequence[str] | None = None,
    *,
    workers: int = 1,
    force: bool = False,
    scheduler: str | None = None,
    first_worker: Worker | None = None,
    on_current: Callable[[str], object] = lambda student: None,
) -> Iterator[Record]:
    """Grade each student's submission, or all, unless its record matches. Yield each record once it is known.

    The workers of a Dask scheduler, which is given by its address, must see the course under the same path. On
    this machine, `first_worker` is a process, if one was started early. Just before a record that matched is yielded,
    `on_current` is called with its student. Raise `CourseError`, `RunnerError`, `OSError`, `SQLAlchemyError` or
    `MemoryError` if the course or a machine is at fault, not a submission.
    """
    grade_pending: Callable[[Course, str, str, list[str]], Iterator[Record]]
    with ExitStack() as stack:
        if scheduler:
            grade_pending = partial(_grade_on_cluster, scheduler)
        else:
            pool = stack.enter_context(SupervisorPool(workers, course.work_limits, first_worker))
            pool.supervisors[0].start()  # its process starts while this one prepares the course
            grade_pending = partial(_grade_locally, pool)
        register(course, assignment)
        assignment_key = hash_assignment(course, assignment)
        pending = []
        for student in course.students(assignment) if students is None else students:
            record = None if force else read_current(course, assignment, student, assignment_key)
            if record:
                on_current(student)
                yield record
            else:
                pending.append(student)
        yield from grade_pending(course, assignment, assignment_key, pending)


def _grade_locally(
    pool: SupervisorPool, course: Course, assignment: str, assignment_key: str, pending: list[str]
) -> Iterator[Record]:
    """Grade with one thread per supervisor; the work is done in their processes."""

    def grade_with_idle_supervisor(student: str) -> Record:
        with pool.borrow() as supervisor:
            return grade_supervised(supervisor, course.root, assignment, student, assignment_key)

    jobs = (joblib.delayed(grade_with_idle_supervisor)(student) for student in pending)
    with joblib.parallel_config(backend="threading", n_jobs=len(pool.supervisors)):
        yield from joblib.Parallel(batch_size=1, return_as="generator_unordered")(jobs)


# --- on a cluster -----------------------------------------------------------------------------------------------


def _grade_on_cluster(
    scheduler: str, course: Course, assignment: str, assignment_key: str, pending: list[str]
) -> Iterator[Record]:
    """Grade on Dask. It does not say what killed a worker: so the first pending one, sent first, is graded alone."""
    while pending:
        try:
            for record in _grade_with_dask(scheduler, course, assignment, assignment_key, pending):
                pending = [student for student in pending if student != record.student]
                yield record
        except DaskWorkerKilled:
            suspect, pending = pending[0], pending[1:]
            try:
                yield from _grade_with_dask(scheduler, course, assignment, assignment_key, [suspect])
            except DaskWorkerKilled:
                message = "the grading process was killed, possibly for lack of memory: free memory and grade again"
                record = Record(suspect, assignment, Outcome.CRASHED, messages=[message])
                records.write(record, course.records_folder)
                yield record


def _grade_with_dask(
    scheduler: str, course: Course, assignment: str, assignment_key: str, students: list[str]
) -> Iterator[Record]:
    jobs = [joblib.delayed(_grade_in_dask_worker)(course.root, assignment, name, assignment_key) for name in students]
    try:
        with _dask_backend(scheduler):
            yield from joblib.Parallel(batch_size=1, return_as="generator_unordered")(jobs)
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
