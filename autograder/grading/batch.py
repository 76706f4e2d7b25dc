"""Grade many submissions. Each has its own error boundary and ends in exactly one record."""

import functools
import os
import stat
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib

from ..course import Course, CourseError
from ..release import files_in, generate_assignment
from ..submissions.plain_text import to_text
from ..submissions.reader import UnreadableSubmission, walk
from ..supervisor import Supervisor, SupervisorPool, Worker, WorkerDied, WorkFailed, get_supervisor
from . import records
from .boundary import Boundary, concerns_everybody, describe
from .due_dates import format_due_date, read_due_dates
from .hashes import hash_files, hash_strings
from .locks import locked
from .points import require_equal_points
from .records import Outcome, Record
from .submission_grader import Grader

AUTOGRADER = Path(__file__).parents[1]
LECTRAIN = AUTOGRADER.parent / "lectrain"  # which the student's process imports
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
    options: dict[str, Any] = {
        "batch_size": 1,
        "pre_dispatch": f"{DISPATCHED_PER_WORKER} * n_jobs",
        "return_as": "generator_unordered",
    }
    try:
        with _dask_backend(scheduler):
            yield from joblib.Parallel(**options)(jobs)
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


# --- what a result depends on -----------------------------------------------------------------------------------


def read_current(course: Course, assignment: str, student: str, assignment_key: str) -> Record | None:
    """Read the record of a submission if it is up to date. Return None also if it is replaced meanwhile."""
    record = records.read(course.records_folder, assignment, student)
    if record is None or record.is_overdue:
        return None
    try:
        key = submission_key(course, assignment, student, assignment_key)
    except OSError:
        return None
    return record if record.key == records.key_until(key, record.letters_due) else None


def submission_key(course: Course, assignment: str, student: str, assignment_key: str) -> str:
    """Hash everything that the result of a submission depends on. A record with an equal key is up to date."""
    submitted = course.submitted_folder(student, assignment)
    return hash_strings(assignment_key, hash_submission(submitted))


def hash_submission(folder: Path) -> str:
    """Hash the files of a submission."""
    paths = (parent / name for parent, _, names in walk(folder) for name in names)
    return hash_files(folder, filter(_is_readable_file, paths))


def _is_readable_file(path: Path) -> bool:
    """Whether a path is a regular file that can be opened. A link is not, nor a path that is too long."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def hash_assignment(course: Course, assignment: str) -> str:
    """Hash an assignment's sources, and the code and configuration that grade it."""
    source = course.source_folder(assignment)
    return hash_files(source, files_in(source), hash_code(course))


def hash_code(course: Course) -> str:
    """Hash the course's configuration and exercises, the autograder and `lectrain`."""
    files = {
        course.root: [course.root / "nbgrader_config.py"],
        AUTOGRADER: AUTOGRADER.rglob("*.py"),
        LECTRAIN: LECTRAIN.rglob("*.py"),
        **{folder: folder.rglob("*.py") for folder in course.exercises.folders()},
    }
    keys = (hash_files(folder, filter(Path.is_file, paths)) for folder, paths in files.items())
    return hash_strings(*keys)


def register(course: Course, assignment: str) -> None:
    """Add an assignment to the gradebook, as ``nbgrader generate_assignment`` does. Skip it if nothing has changed.

    The record of a student is out of date if the gradebook has lost the student's scores, for example because the
    gradebook is new, or if answers are to be judged at a due date that has changed. Raise `CourseError` if nbgrader
    rejects the source notebooks, or if their points are not those of the rules.
    """
    require_equal_points(course, assignment)
    stamp = course.records_folder / assignment / ".registered"
    source = course.source_folder(assignment)
    current = hash_files(source, source.glob("*.ipynb"))
    recorded = records.read_all(course.records_folder, assignment)  # first: scores are saved before the record
    with course.gradebook() as gradebook:
        found = [registered for registered in gradebook.assignments if registered.name == assignment]
        notebooks = {notebook.name for registered in found for notebook in registered.notebooks}
        saved = {submission.student_id for registered in found for submission in registered.submissions}
        due_dates = read_due_dates(gradebook, assignment)
    due = {record.student: format_due_date(due_dates.of(record.student)) for record in recorded}
    is_due_as_recorded = {record.student for record in recorded if record.letters_due in ("", due[record.student])}
    records.forget_keys(course.records_folder, recorded, keep=saved & is_due_as_recorded)
    if notebooks == set(course.notebooks(assignment)) and stamp.exists() and stamp.read_text() == current:
        return
    if saved and not notebooks:
        raise CourseError(
            f"the gradebook has submissions of {assignment}, but not its notebooks: run nbgrader db assignment remove "
            f"{assignment} --force, set due date and extensions again, and grade again"
        )
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate_assignment(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)
