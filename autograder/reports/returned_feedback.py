"""Return the feedback of a submission: write its pages, and release them through nbgrader's exchange."""

from collections.abc import Callable
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeFactory

from ..course import Course
from ..grading.arrivals import SECRET_FILE
from ..supervisor import Supervisor
from . import feedback_writer
from .feedback_release import INVISIBLE_MESSAGE, is_invisible


class FeedbackReturner:
    """Returns feedback, for a watch. `report` is called with a student and a line about what a person should see."""

    def __init__(self, course: Course, assignment: str, has_exchange: bool, report: Callable[[str, str], None]):
        self._course, self._assignment = course, assignment
        self._has_exchange, self._report = has_exchange, report
        self.failures: dict[str, list[str]] = {}  # by student: what is wrong with the latest pages

    def publish(self, student: str, supervisor: Supervisor) -> None:
        """Write the feedback pages, and release them if the submission came through the exchange."""
        pages = feedback_writer.write_student(self._course, self._assignment, student, supervisor)
        self.failures[student] = pages.failures
        for failure in pages.failures:
            self._report(student, failure)
        folder = self._course.feedback_folder(student, self._assignment)
        if pages.paths and self._has_exchange and (folder / SECRET_FILE).exists():
            self._release(student, folder)

    def _release(self, student: str, folder: Path) -> None:
        """Copy the pages in a folder into the exchange, as ``nbgrader release_feedback`` does."""
        directory = self._course.directory_with(assignment_id=self._assignment, student_id=student)
        factory = ExchangeFactory(config=self._course.config)
        authenticator = Authenticator(config=self._course.config)
        factory.ReleaseFeedback(coursedir=directory, authenticator=authenticator, parent=factory).start()
        if is_invisible(self._course.submitted_folder(student, self._assignment)):
            self._report(student, INVISIBLE_MESSAGE.format(folder=folder))
