"""Grade one submission, in this process or in a supervised one. It ends in exactly one record."""

import functools
import logging
import time
import traceback
from dataclasses import replace
from pathlib import Path

from ..course import Course
from ..submissions.plain_text import printable
from ..submissions.reader import UnreadableSubmission
from ..supervisor import Supervisor, WorkerDied, WorkFailed, enter_stage
from . import records
from .boundary import concerns_everybody, describe
from .locks import locked
from .preprocessors import RunCells
from .process_runner import get_runner
from .records import Outcome, Record
from .result_key import hash_assignment, hash_submission
from .submission_grader import Grader

WAIT_SECONDS = 600.0  # more than the runner gives one submission with its usual limits


def grade_supervised(
    supervisor: Supervisor, root: Path, assignment: str, student: str, assignment_key: str | None = None
) -> Record:
    """Grade one submission in a supervised process. An error that it causes ends in its record.

    The record is also written to the course's `records/`, unless that is what failed. If the grader's own work exceeds
    a limit or has a bug, the submission needs a person. Such a record has no key, so the next run tries the submission
    once more. Raise an error that `concerns_everybody`: the course or the machine is at fault, not the submission.
    """
    try:
        record: Record = supervisor.run(grade_one, root, assignment, student, assignment_key)
        return record  # which `grade_one` has written
    except Exception as error:  # also SystemExit, of a preprocessor of the course: the supervisor makes it an error
        record = record_of_failure(error, assignment, student)
    try:
        records.write(record, Course.at(root).records_folder)
    except OSError as error:
        record = record_of_failure(error, assignment, student)
    return record


def grade_one(root: Path, assignment: str, student: str, assignment_key: str | None = None) -> Record:
    """Grade one submission in this process, and write its record. Raise any error but `UnreadableSubmission`."""
    grader = get_grader(root)
    course = grader.course
    folder = course.submitted_folder(student, assignment)
    enter_stage("waiting for another run that has this student", WAIT_SECONDS)
    with locked(folder):
        enter_stage("reading the submission")
        started = time.perf_counter()
        key = hash_submission(folder, assignment_key or hash_assignment(course, assignment))
        try:
            record = grader.grade(assignment, student)
        except UnreadableSubmission as error:
            record = record_of_failure(error, assignment, student)
        except Exception as error:
            if not concerns_everybody(error):  # not `exception`, which logs a text that a student may have chosen
                frames = "".join(traceback.format_tb(error.__traceback__))
                logging.getLogger(__name__).error("%s: %s\n%s", printable(student), type(error).__name__, frames)
            raise
        seconds = round(time.perf_counter() - started, 3)
        record = replace(record, seconds=seconds, key=records.record_key(key, record.letters_due))
        records.write(record, course.records_folder)
    return record


def record_of_failure(error: Exception, assignment: str, student: str) -> Record:
    """Describe a submission that cannot be read, or on which the grader did not finish its own work.

    Raise an error that `concerns_everybody`.
    """
    if concerns_everybody(error):
        raise error
    outcome = Outcome.NEEDS_A_PERSON
    match error:
        case UnreadableSubmission():
            outcome, message = Outcome.UNREADABLE, str(error)
        case WorkerDied():
            outcome = Outcome.CRASHED
            message = f"the grading process ended twice while {error}, possibly for lack of memory"
        case WorkFailed():
            message = f"the grader stopped its own work on this submission while {error}"
        case _:
            message = f"internal grader error: {describe(error)}"
    return Record(student, assignment, outcome, messages=[message])


def warm_up(root: Path) -> None:
    """Prepare this process for its first submission. A watch does this before the class submits.

    Raise `RunnerError` if the machine has no sandbox.
    """
    for step in get_grader(root).preprocessors:
        if isinstance(step, RunCells):
            get_runner(step.allow_unsandboxed)


@functools.cache
def get_grader(root: Path) -> Grader:
    """Return the grader of a course, one per process."""
    return Grader(Course.at(root))
