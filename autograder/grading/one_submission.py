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
from ..supervisor import Supervisor, WorkerDied, WorkFailed
from . import records
from .boundary import concerns_everybody, describe
from .locks import locked
from .records import Outcome, Record
from .result_key import AUTOGRADER, hash_assignment, submission_key
from .submission_grader import Grader


def grade_supervised(
    supervisor: Supervisor, root: Path, assignment: str, student: str, assignment_key: str | None = None
) -> Record:
    """Grade one submission in a supervised process. An error that it causes ends in its record.

    The record is also written to the course's `records/`, unless that is what failed. If the grader's own work exceeds
    a limit, the submission needs a person, and its record names the stage. Such a record has no key, so the next run
    tries the submission once more. Raise an error that `concerns_everybody`.
    """
    try:
        record: Record = supervisor.run(grade_one, root, assignment, student, assignment_key)
        return record  # which `grade_one` has written
    except WorkFailed as failure:
        record = record_of_failure(failure, assignment, student)
    except Exception as error:  # also SystemExit, of a preprocessor of the course: the supervisor makes it an error
        record = _describe_bug_or_raise(error, assignment, student)
    try:
        records.write(record, Course.at(root).records_folder)
    except OSError as error:
        record = _describe_bug_or_raise(error, assignment, student)
    return record


def grade_one(root: Path, assignment: str, student: str, assignment_key: str | None = None) -> Record:
    """Grade one submission. An error that it causes ends in its record.

    The record is also written to the course's `records/`. Raise an error that `concerns_everybody`: the course or the
    machine is at fault, not the submission.
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
            seconds = round(time.perf_counter() - started, 3)
            record = replace(record, seconds=seconds, key=records.record_key(key, record.letters_due))
            records.write(record, course.records_folder)
    except Exception as error:  # a bug that one submission triggers must not stop the others
        record = _describe_bug_or_raise(error, assignment, student, f" ({_last_place(error, course)})")
        # not `exception`, which would log the error's own text: a student may have chosen it
        frames = "".join(traceback.format_tb(error.__traceback__))
        logging.getLogger(__name__).error("%s: %s\n%s", printable(student), record.messages[0], frames)
        records.write(record, course.records_folder)  # without a key, so that the next run tries once more
    return record


def _last_place(error: Exception, course: Course) -> str:
    """The last line of the autograder or of the course that an error came through, and not one of a library."""
    places = (AUTOGRADER, course.root / "nbgrader_config.py", *course.exercises.folders())
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if any(Path(frame.filename).is_relative_to(place) for place in places)]
    return f"{own[-1].name} in {Path(own[-1].filename).name}, line {own[-1].lineno}"


def record_of_failure(failure: WorkFailed | UnreadableSubmission, assignment: str, student: str) -> Record:
    """Describe a submission that cannot be read, or on which the grader did not finish its own work."""
    if isinstance(failure, UnreadableSubmission):
        outcome, message = Outcome.UNREADABLE, str(failure)
    elif isinstance(failure, WorkerDied):
        outcome = Outcome.CRASHED
        message = f"the grading process was killed twice while {failure}, possibly for lack of memory"
    else:
        outcome = Outcome.NEEDS_A_PERSON
        message = f"the grader stopped its own work on this submission while {failure}"
    return Record(student, assignment, outcome, messages=[message])


def _describe_bug_or_raise(error: Exception, assignment: str, student: str, place: str = "") -> Record:
    """Describe a submission that triggers a bug of the grader. Raise an error that all submissions would trigger."""
    if concerns_everybody(error):
        raise error
    message = f"internal grader error: {describe(error)}{place}"
    return Record(student, assignment, Outcome.NEEDS_A_PERSON, messages=[message])


def warm_up(root: Path) -> None:
    """Prepare this process for its first submission. A watch does this before the class submits."""
    get_grader(root).warm_up()


@functools.cache
def get_grader(root: Path) -> Grader:
    """Return the grader of a course, one per process."""
    return Grader(Course.at(root))
