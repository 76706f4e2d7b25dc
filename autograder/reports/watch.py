"""Grade submissions as they arrive, and return their feedback: what ``python -m autograder watch`` does.

The state of a watch is in the folders of the course alone, so after a kill the next watch continues: a submission that
is in the exchange but not in `submitted/` is collected, one without a matching record is graded, and one without an
entry in `records/<assignment>/returned/` is returned.
"""

import contextlib
import functools
import signal
import threading
import time
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING

from ..course import Course, CourseError
from ..grading import one_submission, registration, roster
from ..grading.boundary import Boundary
from ..grading.due_dates import read_due_dates
from ..grading.records import Record
from ..supervisor import SupervisorPool
from ..terminal import count
from . import class_page
from .attempts import Pace
from .intake import Intake
from .returned_feedback import FeedbackReturner
from .student_turns import Event, StudentTurns
from .turns import Turns

if TYPE_CHECKING:
    from .hand_in_server import HandInServer

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 10.0  # a file that is still being written after this time waits for the next run


class Watch:
    """Watches the exchange and `submitted/` for one assignment. A context manager.

    `report` is called with every `Event`, in any thread. With `best_counts`, the best submission of a student counts,
    and not the latest. Submissions arrive in `shared_folder`, if there is one, and else in the exchange. `strict`
    leaves submissions out whose id `roster.find_unknown` reports. The methods need the context; `describe` and
    `has_failures` also work after it.
    """

    # what works in the context: `__enter__` starts it
    _intake: Intake
    _supervisors: SupervisorPool
    _students: StudentTurns
    _turns: Turns
    _stack: contextlib.ExitStack  # closes them

    def __init__(
        self,
        course: Course,
        assignment: str,
        workers: int = 2,
        best_counts: bool = False,
        report: Callable[[Event], None] = lambda event: None,
        shared_folder: Path | None = None,
        strict: bool = False,
    ):
        self.course, self.assignment, self.workers, self.best_counts = course, assignment, workers, best_counts
        self.report, self.shared_folder, self.strict = report, shared_folder, strict
        self._compared: set[str] = set()  # the ids that were looked up in the roster
        self._unknown: set[str] = set()  # those of them that were reported
        self._on_page: list[Record] | None = None  # the records for which the class page was last written
        self._page_error = ""  # why it could not be written then
        self._boundary = Boundary(self._report_line)  # around each student's list of returned submissions

    def __enter__(self) -> "Watch":
        """Read the settings, whose errors come before any effect; lock the assignment; start what grades."""
        self._intake = Intake(self.course, self.assignment, self.shared_folder, self._report_line)
        if self.best_counts and not self._intake.has_exchange:
            advice = "leave out --from or --http, and release the assignment, or use --counts latest"
            raise CourseError(f"--counts best needs an exchange, which keeps all submissions: {advice}")
        pace = Pace(self.course, self.assignment)
        records_folder = self.course.records_folder / self.assignment
        records_folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            stack.enter_context(_only_one(records_folder / ".watch"))
            self._supervisors = stack.enter_context(SupervisorPool(self.workers, self.course.work_limits))
            for supervisor in self._supervisors.supervisors:
                supervisor.start()  # their processes start while this one prepares the course
            registration.register(self.course, self.assignment)
            self._students = StudentTurns(
                course=self.course,
                assignment=self.assignment,
                best_counts=self.best_counts,
                report=self.report,
                intake=self._intake,
                pace=pace,
                returner=FeedbackReturner(self.course, self.assignment, self._intake.has_exchange, self._report_line),
                supervisors=self._supervisors,
            )
            self._turns = Turns(self.workers, self._report_line)
            self._stack = stack.pop_all()
        for _ in range(self.workers):
            self._turns.run_before_jobs(self._warm_up)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:  # it is closed even if the page cannot be written
            self._turns.close()
            if kind is None:
                self._write_page()
        if self._turns.fatal and kind is None:  # of a submission that was graded last
            raise self._turns.fatal

    def make_server(self, place: str) -> "HandInServer":
        """Make the server through which students hand in while this watches. See there for the place and the errors."""
        from .hand_in_handlers import HandInDesk  # most watches have no server
        from .hand_in_server import HandInServer

        return HandInServer(HandInDesk(self.course, self.assignment, self._turns.is_busy, self._report_line), place)

    def _report_line(self, student: str, line: str) -> None:
        self.report(Event(student, message=line))

    def _warm_up(self) -> None:
        with self._supervisors.borrow() as supervisor:
            supervisor.run(one_submission.warm_up, self.course.root)

    @property
    def has_due_date(self) -> bool:
        """Whether the assignment has a due date, at which answers that can be guessed are judged."""
        with self.course.gradebook() as gradebook:
            return read_due_dates(gradebook, self.assignment).general is not None

    @property
    def has_failures(self) -> bool:
        """Whether a submission was not collected, graded and returned, or needs a person; or the class page failed."""
        return (
            self._intake.has_failures
            or self._intake.is_settling
            or bool(self._page_error or self._boundary.failures)
            or self._turns.has_failures
            or (self.strict and bool(self._unknown))
            or any(self._students.returner.failures.values())
            or any(record.needs_attention for record in self._students.records())
        )

    def run(self, stop: threading.Event, after_pass: Callable[[], None] = lambda: None) -> None:
        """Watch until `stop` is set. Submissions that are being graded then are finished.

        `after_pass` is called twice a second.
        """
        while not stop.is_set():
            self.look()
            self._write_page()
            after_pass()
            stop.wait(POLL_SECONDS)

    def look(self) -> bool:
        """Look once for what is to be done, and start it. Return whether a job was or is running.

        Raises
        ------
        Exception
            If the course or the machine is at fault, not a submission (see `boundary.concerns_everybody`).
        """
        if self._turns.fatal:
            raise self._turns.fatal
        was_busy = self._turns.num_unfinished > 0  # a job that ends during this look may leave more to do
        states = self._intake.look(self._turns.is_busy)
        self._compare_with_roster(states.keys())
        for student, state in states.items():
            if self.strict and student in self._unknown:
                continue
            with self._boundary.around(student):
                whole_state = (state, self._students.phase(student))
                self._turns.offer(student, whole_state, functools.partial(self._students.take, student, state))
                self._boundary.forget(student)
        return was_busy or self._turns.num_unfinished > 0

    def _compare_with_roster(self, students: Set[str]) -> None:
        """Report the ids that are not on the roster, or similar to others, once: grading adds them to the gradebook.

        With `strict`, they are left out as long as this watch runs, even if they are added to the roster meanwhile.
        """
        if not students <= self._compared:
            # One that is new may be similar to any, also to one that is graded now, which a look leaves out.
            found_now = roster.find_unknown(self.course, sorted(self._compared | students))
            self._compared.update(students)
            for student in [found for found in found_now if found not in self._unknown]:
                what = "not graded" if self.strict else "graded all the same"
                self._report_line(student, f"{roster.describe({student: found_now[student]})}: {what}")
            self._unknown.update(found_now)

    def finish(self) -> None:
        """Do everything that is to be done now, and wait for it. Wait only a while for files that keep changing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.look() or (self._intake.is_settling and time.monotonic() < deadline):
            time.sleep(POLL_SECONDS / 5)
        if self._intake.is_settling:
            self._report_line(self._intake.source, "files are still being written: watch again later")
        self._write_page()

    def _write_page(self) -> None:
        """Write the page for the projector, if it is new. A text of the course that it cannot show stops no grading."""
        if (records := self._students.records()) == self._on_page:
            return
        self._on_page, last_error, self._page_error = records, self._page_error, ""
        try:
            class_page.write(self.course, self.assignment, records)
        except CourseError as error:
            self._page_error = f"no page for the projector: {error}"
            if self._page_error != last_error:
                self._report_line(self.assignment, self._page_error)

    def describe(self) -> str:
        """Describe the state in one line."""
        records = self._students.records()
        parts = [f"{count(len(records), 'submission')} graded and returned"]
        if unfinished := self._turns.num_unfinished:
            parts.append(f"{unfinished} in work")
        if attention := sum(record.needs_attention for record in records):
            parts.append(f"{attention} {'needs' if attention == 1 else 'need'} attention")
        return f"{self.assignment}: {', '.join(parts)}; watching {self._intake.source}"


def stop_at_signals() -> threading.Event:
    """Let Ctrl+C and SIGTERM set an event for `Watch.run`, instead of ending this process. Return the event."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextlib.contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """Lock a file, so that an assignment has one watch."""
    import fcntl  # not at the top of the module, because Windows does not have it

    with file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(f"{file.parent.name} is already being watched: end the other watch first") from error
        yield
