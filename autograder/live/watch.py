"""Grade submissions as they arrive, and return their feedback: what ``python -m autograder watch`` does.

The state of a watch is in the folders of the course alone, so after a kill the next watch continues: a submission that
is in the exchange but not in `submitted/` is collected, one without a matching record is graded, and one without an
entry in `records/<assignment>/returned/` is returned.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ..class_report import class_page
from ..course import Course, CourseError
from ..grading import one_submission, registration
from ..grading.boundary import Boundary
from ..grading.records import Record
from ..supervisor import Supervisor, SupervisorPool, WorkFailed
from ..terminal import count
from .attempts import Pace
from .intake import Intake, Report
from .roster_check import RosterCheck
from .student_turns import StudentTurns
from .turns import Turns

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 10.0  # so long after the last job, a file that is still being written waits for the next run


@contextlib.contextmanager
def open_watch(
    course: Course,
    assignment: str,
    workers: int = 2,
    best_counts: bool = False,
    report: Report = lambda subject, line: None,
    shared_folder: Path | None = None,
    strict: bool = False,
) -> Iterator["Watch"]:
    """Lock an assignment, and start what grades it. At the end, wait for the submissions that are being graded.

    `report` is called in any thread, with a line that a person should read, and a student, a path in the shared folder
    or the exchange, or the assignment. With `best_counts`, the best submission of a student counts, and not the latest.
    Submissions arrive in `shared_folder`, if there is one, and else in the exchange. `strict` leaves submissions out
    whose id `roster.find_unknown` reports. Raise CourseError for wrong settings before any effect, and an error that
    concerns everybody, also of a submission that was graded last.
    """
    intake = Intake(course, assignment, shared_folder, report)
    if best_counts and not intake.has_exchange:
        advice = "leave out --from or --http, and release the assignment, or use --counts latest"
        raise CourseError(f"--counts best needs an exchange, which keeps all submissions: {advice}")
    pace = Pace(course, assignment, report)
    with _only_one(course, assignment), SupervisorPool(workers, course.work_limits) as supervisors:
        with ThreadPoolExecutor(workers) as threads:  # the workers start while this process prepares the course
            warm_ups = threads.map(partial(_warm_up, course), supervisors.supervisors)
            registration.register(course, assignment)
            students = StudentTurns(course, assignment, best_counts, report, intake, pace, supervisors)
        list(warm_ups)  # raises their errors
        with contextlib.closing(Turns(workers, report)) as turns:
            watch = Watch(intake, students, turns, RosterCheck(course, strict, report), report)
            yield watch
        watch.write_page()
        watch.raise_fatal_error()


def _warm_up(course: Course, supervisor: Supervisor) -> None:
    with contextlib.suppress(WorkFailed):  # of one worker: the first submission starts another
        supervisor.run(one_submission.warm_up, course.root)


class Watch:
    """Watches the exchange or a shared folder, and `submitted/`, for one assignment. `open_watch` makes it.

    `describe` and `has_failures` also work after the watch has ended.
    """

    def __init__(self, intake: Intake, students: StudentTurns, turns: Turns, roster_check: RosterCheck, report: Report):
        self._course, self._assignment, self._report = students.course, students.assignment, report
        self._intake, self._students, self._turns, self._roster_check = intake, students, turns, roster_check
        self._on_page: list[Record] | None = None  # the records for which the class page was last written
        self._has_page_failed = False
        self._boundary = Boundary(report)  # around each student's list of returned submissions

    def serve(self, place: str) -> contextlib.AbstractContextManager[str]:
        """Let students hand in over HTTP, as `hand_in_server.serve` describes, while this watches."""
        from .hand_in_handlers import HandInDesk
        from .hand_in_server import serve

        def is_left_out(student: str) -> bool:
            return student in self._roster_check.left_out

        desk = HandInDesk(self._course, self._assignment, self._turns.is_busy, self._report, is_left_out)
        return serve(desk, place)

    @property
    def has_failures(self) -> bool:
        """Whether a submission was not collected, graded and returned, or needs a person; or the class page failed."""
        return (
            self._intake.has_failures
            or self._intake.is_settling
            or self._has_page_failed
            or bool(self._boundary.failures or self._roster_check.left_out)
            or self._turns.has_failures
            or self._students.has_failures
        )

    def run(self, stop: threading.Event, after_pass: Callable[[], None]) -> None:
        """Watch until `stop` is set. Submissions that are being graded then are finished.

        `after_pass` is called twice a second.
        """
        while not stop.is_set():
            self.look()
            self.write_page()
            after_pass()
            stop.wait(POLL_SECONDS)

    def look(self) -> bool:
        """Look once for what is to be done, and start it. Return whether a job was running or was started.

        Raise an error that concerns everybody (`boundary.concerns_everybody`), also one of an earlier job.
        """
        self.raise_fatal_error()
        was_busy = self._turns.num_unfinished > 0  # a job that ends during this look may leave more to do
        has_started = False
        states = self._intake.look(self._turns.is_busy)
        self._roster_check.compare(states.keys())
        for student, state in states.items():
            if student in self._roster_check.left_out:
                continue
            with self._boundary.around(student):
                whole_state = (state, self._students.phase(student))
                has_started |= self._turns.offer(student, whole_state, partial(self._students.take, student, state))
                self._boundary.forget(student)
        return was_busy or has_started

    def raise_fatal_error(self) -> None:
        """Raise the error of a job that concerns everybody, if there is one."""
        if self._turns.fatal:
            raise self._turns.fatal

    def finish(self, stop: threading.Event) -> None:
        """Do everything that is to be done now, and wait for it, unless `stop` is set.

        Wait only a while for files that keep changing.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not stop.is_set():
            if self.look():
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif not self._intake.is_settling or time.monotonic() > deadline:
                break
            stop.wait(POLL_SECONDS / 5)
        if self._intake.is_settling:
            self._report(self._intake.source, "not everything could be taken yet: watch again later")

    def write_page(self) -> None:
        """Write the page for the projector, if it is new. If a text of the course cannot be shown, there is none."""
        records = self._students.records()
        if records == self._on_page or self._has_page_failed:
            return
        self._on_page = records
        try:
            class_page.write(self._course, self._assignment, records)
        except CourseError as error:
            self._has_page_failed = True
            self._report(self._assignment, f"no page for the projector as long as this watch runs: {error}")

    def describe(self) -> str:
        """Describe the state in one line."""
        records = self._students.records()
        parts = [f"{count(len(records), 'submission')} graded and returned"]
        if unfinished := self._turns.num_unfinished:
            parts.append(f"{unfinished} in work")
        if attention := sum(record.needs_attention for record in records):
            parts.append(f"{attention} {'needs' if attention == 1 else 'need'} attention")
        return f"{self._assignment}: {', '.join(parts)}; watching {self._intake.source}"


def stop_at_signals() -> threading.Event:
    """Let Ctrl+C and SIGTERM set an event for `Watch.run`, instead of ending this process. Return the event."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextlib.contextmanager
def _only_one(course: Course, assignment: str) -> Iterator[None]:
    """Lock an assignment, so that it has one watch."""
    import fcntl  # not at the top of the module, because Windows does not have it

    folder = course.records_folder / assignment
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".watch").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(f"{assignment} is already being watched: end the other watch first") from error
        yield
