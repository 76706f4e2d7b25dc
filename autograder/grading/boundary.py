"""The boundary around each student in a loop over a class: an error costs one student's turn, and the loop goes on.

>>> boundary = Boundary(lambda student, line: None)
>>> for student, score in {"ada": "12", "eve": "many", "bob": "15"}.items():
...     with boundary.around(student):
...         print(student, int(score))
ada 12
bob 15
>>> boundary.failures
{'eve': "ValueError: invalid literal for int() with base 10: 'many'"}
"""

import errno
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from ..course import CourseError
from ..runner import RunnerError
from ..submissions.opened_files import SHORTAGES
from ..submissions.plain_text import printable
from ..supervisor import WorkFailed

Result = TypeVar("Result")

DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
MACHINE_ERRORS = (*DISK_IS_FULL, errno.EROFS, errno.ENOMEM, *SHORTAGES)
DATA_ERRORS = (DataError, IntegrityError)  # the gradebook rejects a value, such as an id that is too long


def concerns_everybody(error: BaseException) -> bool:
    """Whether the course or the machine is at fault, so that the loop would fail for all students, one by one."""
    if isinstance(error, OSError):
        return error.errno in MACHINE_ERRORS
    is_of_one_student = isinstance(error, DATA_ERRORS)  # these are errors of SQLAlchemy, too
    return not is_of_one_student and isinstance(error, CourseError | RunnerError | SQLAlchemyError | MemoryError)


def describe(error: Exception) -> str:
    """Describe an error in one line.

    Examples
    --------
    >>> describe(PermissionError(13, "Permission denied", "submitted/eve"))
    'Permission denied: submitted/eve'
    """
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    first = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, WorkFailed):  # our own sentence
        return printable(first)
    return printable(f"{type(error).__name__}: {first}" if first else type(error).__name__)


def log_error(student: str, line: str) -> None:
    """Log the error of a student."""
    logging.getLogger(__name__).error("%s: %s", printable(student), line)


class Boundary:
    """Keeps the errors of some students from stopping a loop over all.

    `report` is called with a student and one line about the error, and again only if the line changes.
    """

    def __init__(self, report: Callable[[str, str], None] = log_error):
        self.failures: dict[str, str] = {}  # by student: the line about the last error
        self._report = report

    @contextmanager
    def around(self, student: str) -> Iterator[None]:
        """Run a block that concerns one student. Report its error, or raise one that concerns everybody."""
        try:
            yield
        except Exception as error:
            if concerns_everybody(error):
                raise
            line = describe(error)
            if self.failures.get(student) != line:
                self.failures[student] = line
                self._report(student, line)

    def results(self, function: Callable[[str], Result], students: Iterable[str]) -> dict[str, Result]:
        """Call a function for each student. Return the results, without those of students for whom it failed."""
        found = {}
        for student in students:
            with self.around(student):
                found[student] = function(student)
        return found

    def forget(self, student: str) -> None:
        """Forget the error of a student, because what failed has succeeded now."""
        self.failures.pop(student, None)
