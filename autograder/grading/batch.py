"""Grade many submissions, with several processes or on a cluster.

Each ends in exactly one record, unless its Dask worker is killed: then the run ends, and the next one grades the rest.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import joblib

from ..course import Course, CourseError
from ..supervisor import SupervisorPool, Worker, get_supervisor
from .one_submission import grade_supervised
from .records import Record
from .registration import register
from .result_key import hash_assignment, hash_code, read_current

CONNECT_SECONDS = 30
_SUPERVISOR_LOCK = threading.Lock()  # a Dask worker may have several threads, but it has one supervisor


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
    """Grade the submissions of some students, or of all. Yield each record once it is known.

    Without `force`, a submission whose record is up to date is not graded again: `on_current` is called with the
    student, and then the record is yielded. The workers of a Dask scheduler, which is given by its address, must see
    the course under the same path. On this machine, `first_worker` is a process, if one was started early. Raise
    `CourseError`, `RunnerError`, `OSError`, `SQLAlchemyError` or `MemoryError` if the course or a machine is at fault,
    not a submission.
    """
    with ExitStack() as stack:
        if scheduler:
            grade_student, backend = _grade_in_dask_worker, partial(_dask_backend, scheduler)
        else:
            pool = stack.enter_context(SupervisorPool(workers, course.work_limits, first_worker))
            pool.supervisors[0].start()  # its process starts while this one prepares the course
            grade_student = partial(_grade_with_idle_supervisor, pool)
            backend = partial(joblib.parallel_config, backend="threading", n_jobs=workers)
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
        jobs = [joblib.delayed(grade_student)(course.root, assignment, name, assignment_key) for name in pending]
        with backend():
            yield from joblib.Parallel(batch_size=1, return_as="generator_unordered")(jobs)


def _grade_with_idle_supervisor(
    pool: SupervisorPool, root: Path, assignment: str, student: str, assignment_key: str
) -> Record:
    with pool.borrow() as supervisor:  # there is one for each thread
        return grade_supervised(supervisor, root, assignment, student, assignment_key)


# --- on a cluster -----------------------------------------------------------------------------------------------


def _grade_in_dask_worker(root: Path, assignment: str, student: str, assignment_key: str) -> Record:
    with _SUPERVISOR_LOCK:
        course = Course.at(root)
        supervisor = get_supervisor(course.work_limits, hash_code(course))
        return grade_supervised(supervisor, root, assignment, student, assignment_key)


@contextmanager
def _dask_backend(scheduler: str) -> Iterator[None]:
    try:
        from distributed import Client, KilledWorker  # an optional dependency
    except ImportError as error:
        raise CourseError('Dask is not installed: pip install -e ".[dask]", here and on the workers') from error
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call, unused-ignore]
    except (OSError, ValueError) as error:
        raise CourseError(f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`") from error
    try:
        with client, joblib.parallel_config(backend="dask", n_jobs=-1, wait_for_workers_timeout=CONNECT_SECONDS):
            yield
    except KilledWorker as error:
        reason = "a Dask worker was killed, possibly for lack of memory"
        raise CourseError(f"{reason}: free some there, and run the command again for the rest") from error
