"""Grade many submissions: each in its own error boundary, each ending in exactly one record."""

import functools
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import joblib

from . import record as records
from .course import Course, CourseError
from .grader import Grader
from .intake import Unreadable
from .record import Record
from .release import generate
from .runner import RunnerError

HERE = Path(__file__).parent


def grade(
    course: Course, assignment: str, pattern: str = "*", workers: int = 1, force: bool = False
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

    Raises
    ------
    CourseError, RunnerError
        If the course or the machine, not a submission, is at fault.
    """
    register(course, assignment)
    shared = key_of_course(course, assignment)
    waiting = []
    for student in course.students(assignment, pattern):
        old = records.read(records_folder(course), assignment, student)
        if old and not force and old.key == key(course, assignment, student, shared):
            yield old
        else:
            waiting.append(student)
    jobs = (joblib.delayed(grade_one)(course.root, assignment, student, shared) for student in waiting)
    yield from joblib.Parallel(n_jobs=min(workers, len(waiting)) or 1, return_as="generator_unordered")(jobs)


def grade_one(root: Path, assignment: str, student: str, shared: str | None = None) -> Record:
    """Grade one submission. Whatever is wrong with it ends in its record and nowhere else."""
    started = time.perf_counter()
    grader = the_grader(root)
    current = key(grader.course, assignment, student, shared or key_of_course(grader.course, assignment))
    try:
        record = grader.grade(assignment, student)
    except Unreadable as trouble:
        record = Record(student, assignment, "unreadable", messages=[str(trouble)])
    except (CourseError, RunnerError):
        raise
    except Exception as error:  # a submission that trips the grader itself must not stop the others
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"the grader stumbled over it: {type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        record = Record(student, assignment, "needs a person", messages=[message])
    record = replace(record, seconds=round(time.perf_counter() - started, 3), key=current)
    records.write(record, records_folder(grader.course))
    return record


@functools.cache
def the_grader(root: Path) -> Grader:
    """One grader per process and course."""
    return Grader(Course.at(root))


# --- what a result depends on -----------------------------------------------------------------------------------


def key(course: Course, assignment: str, student: str, shared: str) -> str:
    """Hash a submission, with what all submissions of its assignment share: equal keys have equal results."""
    submitted = course.folder(course.directory.submitted_directory, student, assignment)
    files = [path for path in submitted.rglob("*") if path.is_file() and not path.is_symlink()]
    return records.key_of(files, shared)


def key_of_course(course: Course, assignment: str) -> str:
    """Hash an assignment's source, the course's configuration and the autograder."""
    sources = [*course.source(assignment).rglob("*"), course.root / "nbgrader_config.py", *HERE.rglob("*.py")]
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
