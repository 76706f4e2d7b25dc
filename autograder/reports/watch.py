"""Grade submissions as they arrive, and return their feedback: what ``python -m autograder watch`` does.

The state of a watch is in the folders of the course alone, so after a kill the next watch continues: a submission that
is in the exchange but not in `submitted/` is collected, one without a matching record is graded, and one without an
entry in `records/<assignment>/returned/` is returned.
"""

import contextlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory

from ..course import Course, CourseError, reporting_config_errors
from ..grading import batch, drop_folder, records
from ..grading.arrivals import Arrival, choose_latest, format_time, read_arrivals
from ..grading.collector import Collector, collected_time
from ..grading.locks import locked
from ..grading.records import Outcome, Record
from ..grading.replacing import write_atomically
from ..runner import RunnerError
from ..submissions.admission import Refused
from ..submissions.reader import printable, walk
from ..supervisor import Supervisor, SupervisorPool
from . import class_page, feedback_page

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 10.0  # a file that is still being written after this time waits for the next run
PAGE_SECONDS = 1.0
MAX_TRIES = 3
RETURNED = "returned"  # the folder in a course's `records/<assignment>/`


@dataclass(frozen=True)
class Returned:
    """A submission that has been graded and whose feedback has been returned.

    Attributes
    ----------
    time : str
        When it was submitted; empty if that is unknown.
    key : str
        The key of its record.
    score : float
        Without the points that a person gave.
    assignment_key : str
        The key of the assignment when it was graded. Watches of earlier versions did not save it.
    """

    time: str
    key: str
    score: float
    assignment_key: str = ""


@dataclass(frozen=True)
class Event:
    """Something that the instructor should read.

    Attributes
    ----------
    student : str
    record : Record or None
        The record of a submission that was graded.
    seconds : float
        From the submission to its feedback. NaN if the time of the submission is unknown.
    message : str
        What went wrong; empty if nothing did.
    """

    student: str
    record: Record | None = None
    seconds: float = float("nan")
    message: str = ""

    def describe(self) -> str:
        """Describe it in one line. Empty if a person need not read it."""
        if self.message:
            return printable(f"{self.student}: {self.message}")
        if self.record and self.record.needs_attention:
            return printable(f"{self.student}: {self.record.outcome}: {'; '.join(self.record.messages)}")
        return ""


@dataclass
class Watch:
    """Watches the exchange and `submitted/` for one assignment. A context manager.

    Parameters
    ----------
    course : Course
    assignment : str
    workers : int
        The number of worker processes.
    best_counts : bool
        Whether the best submission of a student counts, and not the latest.
    report : callable
        It is called with every `Event`, in any thread.
    folder : Path, optional
        A folder from which submissions are copied to `submitted/`: see `drop_folder.read_drops`.
    """

    course: Course
    assignment: str
    workers: int = 2
    best_counts: bool = False
    report: Callable[[Event], None] = lambda event: None
    folder: Path | None = None
    _known: dict[str, Arrival] = field(default_factory=dict)  # of the last pass, by the name of the folder
    _states: dict[str, str] = field(default_factory=dict)  # of each student, when the last job was started
    _busy: dict[str, "Future[None]"] = field(default_factory=dict)  # the job of each student
    _left_out: set[Path] = field(default_factory=set)  # notebooks and folders in `folder` that were reported
    _redated: dict[str, Arrival] = field(default_factory=dict)  # those that were changed before they were copied
    _unreadable: dict[str, object] = field(
        default_factory=dict
    )  # the version of files in `folder` that cannot be copied
    _failures: dict[str, int] = field(default_factory=dict)  # unexpected errors in a row, by student
    _stopped: Counter[str] = field(default_factory=Counter)  # how often the grader stopped its work on an arrival
    _done: dict[str, Record] = field(default_factory=dict)  # graded and returned, by student
    _num_graded: int = 0
    _num_on_page: int = -1  # the number of graded submissions when the class page was written
    _page_written: float = float("-inf")
    _fatal: Exception | None = None

    def __enter__(self) -> "Watch":
        self._collector = None if self.folder else self._make_collector()
        if self.best_counts and self._collector is None:
            raise CourseError(
                "--counts best needs an exchange, which keeps all submissions: "
                "leave out --from and release the assignment, or use --counts latest"
            )
        folder = self.course.records_folder / self.assignment
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            stack.enter_context(_only_one(folder / ".watch"))
            self._supervisors = stack.enter_context(SupervisorPool(self.workers, self.course.work_limits))
            for supervisor in self._supervisors.supervisors:
                supervisor.start()  # their processes start while this one prepares the course
            batch.register(self.course, self.assignment)
            self._assignment_key = batch.hash_assignment(self.course, self.assignment)
            self._done |= {record.student: record for record in self._read_done()}
            self._threads = stack.enter_context(ThreadPoolExecutor(self.workers))
            self._stack = stack.pop_all()
        for _ in range(self.workers):
            self._threads.submit(self._warm_up)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:  # it is closed even if the page cannot be written
            self._threads.shutdown(wait=True, cancel_futures=True)
            if kind is None:
                self._page_written = float("-inf")
                self.write_class_page()
        if self._fatal and kind is None:  # of a submission that was graded last
            raise self._fatal

    def _warm_up(self) -> None:
        with self._supervisors.borrow() as supervisor:
            try:
                supervisor.run(batch.warm_up, self.course.root)
            except (CourseError, RunnerError) as error:
                self._fatal = error

    def _read_done(self) -> Iterator[Record]:
        """The records of the submissions that were graded and returned before."""
        for record in records.read_all(self.course.records_folder, self.assignment):
            if record.key in {entry.key for entry in self._returned(record.student)}:
                yield record

    def _make_collector(self) -> Collector | None:
        """nbgrader's side of the exchange; None if the course has none that can be read."""
        directory = self._directory()
        with reporting_config_errors():
            collector = Collector(coursedir=directory, config=self.course.config)
        collector.inbound_path = os.path.join(collector.root, directory.course_id, "inbound")
        return collector if os.access(collector.inbound_path, os.R_OK | os.X_OK) else None

    def _directory(self, student: str = "*") -> CourseDirectory:
        return CourseDirectory(
            config=self.course.config,
            root=str(self.course.root),
            assignment_id=self.assignment,
            student_id=student,
        )

    @property
    def has_failures(self) -> bool:
        """Whether a submission is not graded because of an unexpected error."""
        return bool(self._unreadable) or any(count >= MAX_TRIES for count in self._failures.values())

    @property
    def has_exchange(self) -> bool:
        """Whether submissions come from an exchange."""
        return self._collector is not None

    # --- one pass ---------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event, after_pass: Callable[[], None] = lambda: None) -> None:
        """Watch until `stop` is set. Submissions that are being graded then are finished.

        Parameters
        ----------
        stop : threading.Event
        after_pass : callable
            It is called twice a second.
        """
        while not stop.is_set():
            self.look()
            self.write_class_page()
            after_pass()
            stop.wait(POLL_SECONDS)

    def look(self) -> bool:
        """Look once for what is to be done, and start it.

        Returns
        -------
        bool
            Whether something is being done, or files are still being written.

        Raises
        ------
        CourseError, RunnerError
            If the course or the machine is at fault, not a submission.
        """
        if self._fatal:
            raise self._fatal
        for student in [name for name, job in self._busy.items() if job.done()]:
            self._busy.pop(student)
        is_settling = False
        if self.folder is not None:
            drops, left_out = drop_folder.read_drops(self.course, self.assignment, self.folder)
            for path in left_out.keys() - self._left_out:
                self._left_out.add(path)
                self.report(Event(str(path.relative_to(self.folder)), message=f"left out: {left_out[path]}"))
            for drop in drops:
                is_settling |= not drop.is_complete
                if drop.is_complete and drop.student not in self._busy:  # a submission in work is locked
                    self._collect_drop(drop)
        arrivals = self._read_arrivals()
        for student in sorted({*arrivals, *self.course.students(self.assignment)} - set(self._busy)):
            own = arrivals.get(student, [])
            state = self._describe_state(student, own)
            is_settling |= state is None
            if state is not None and self._states.get(student) != state:
                self._states[student] = state
                self._busy[student] = self._threads.submit(self._process, student, own)
        return bool(self._busy) or is_settling

    def _collect_drop(self, drop: drop_folder.Drop) -> None:
        if self._unreadable.get(drop.student) == drop.version:  # a hostile one is not read twice a second
            return
        try:
            drop_folder.collect_drop(self.course, self.assignment, drop)
            self._unreadable.pop(drop.student, None)
        except Refused as refusal:
            self._unreadable[drop.student] = drop.version
            self.report(Event(drop.student, message=f"refused: {refusal.problem}"))
        except OSError as error:  # the files of one student must not end the watch
            if drop.student not in self._unreadable:
                self.report(Event(drop.student, message=f"cannot be copied: {error}"))
            self._unreadable[drop.student] = None

    def finish(self) -> None:
        """Do everything that is to be done now, and wait for it. Wait only a while for files that keep changing."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.look() and (self._busy or time.monotonic() < deadline):
            time.sleep(POLL_SECONDS / 5)
        self.write_class_page()

    def write_class_page(self) -> None:
        """Write the page for the projector again if something has been graded, at most once a second."""
        if self._num_on_page == self._num_graded or time.monotonic() < self._page_written + PAGE_SECONDS:
            return
        self._num_on_page, self._page_written = self._num_graded, time.monotonic()
        done = list(self._done.values())
        class_page.write(self.course, self.assignment, sorted(done, key=lambda record: record.student))

    def _read_arrivals(self) -> dict[str, list[Arrival]]:
        """Read the submissions in the exchange that can be collected, by student, the oldest first."""
        if self._collector is None:
            return {}
        found = read_arrivals(
            Path(self._collector.inbound_path),
            self.assignment,
            check_owner=self._collector.check_owner,
            known=self._known | self._redated,
        )
        self._known = {arrival.folder.name: arrival for arrival in found}
        _, refused = choose_latest(found)
        names = {arrival.folder.name for arrival in refused}
        for arrival in refused:
            if arrival.problem and self._collector.put_aside(arrival, arrival.problem):
                self.report(Event(arrival.student, message=f"refused, from {arrival.owner}: {arrival.problem}"))
        own: dict[str, list[Arrival]] = {}
        for arrival in found:
            if arrival.is_complete and arrival.folder.name not in names:
                own.setdefault(arrival.student, []).append(arrival)
        return own

    def _describe_state(self, student: str, arrivals: list[Arrival]) -> str | None:
        """What a student's state looks like from outside. None while files are being copied into `submitted/`."""
        parts = [f"{arrival.folder.name} {arrival.time}" for arrival in arrivals]
        newest = 0.0
        for folder, _, names in walk(self._submitted(student)):
            for name in names:
                with contextlib.suppress(OSError):
                    status = (folder / name).lstat()
                    newest = max(newest, status.st_ctime)
                    parts.append(f"{name} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
        return None if drop_folder.is_settling(newest) and not arrivals else "\n".join(sorted(parts))

    def _submitted(self, student: str) -> Path:
        return self.course.submitted_folder(student, self.assignment)

    def describe(self) -> str:
        """Describe the state in one line."""
        done = len(self._done)
        parts = [f"{done} {'submission' if done == 1 else 'submissions'} graded and returned"]
        if busy := sum(not job.done() for job in self._busy.values()):
            parts.append(f"{busy} in work")
        attention = sum(record.needs_attention for record in list(self._done.values()))
        if attention:
            parts.append(f"{attention} {'needs' if attention == 1 else 'need'} attention")
        source = str(self.folder or ("the exchange" if self.has_exchange else "submitted/"))
        return f"{self.assignment}: {', '.join(parts)}; watching {source}"

    # --- one student, in a thread -----------------------------------------------------------------------------------

    def _process(self, student: str, arrivals: list[Arrival]) -> None:
        try:
            with self._supervisors.borrow() as supervisor:
                for arrival in self._to_return(student, arrivals):
                    self._grade_and_return(student, arrival, supervisor)
                if self.best_counts:
                    self._restore_best(student, arrivals, supervisor)
            self._failures.pop(student, None)
        except (CourseError, RunnerError) as error:
            self._fatal = error
        except Exception as error:  # neither a submission nor a disk that is full while it is graded may end the watch
            self._failures[student] = self._failures.get(student, 0) + 1
            if self._failures[student] < MAX_TRIES:
                self._states.pop(student, None)  # try again in the next pass
            self.report(Event(student, message=f"not graded: {error}"))

    def _to_return(self, student: str, arrivals: list[Arrival]) -> Iterator[Arrival | None]:
        """Yield the submissions that are to be graded and returned; None is the one in `submitted/`."""
        if arrivals and not self.best_counts:
            latest = arrivals[-1]
            known = collected_time(self._submitted(student))
            if known is None or latest.time > known or not self._submitted(student).is_dir():
                yield latest
                return
        done = self._returned(student)
        if self.best_counts:  # scores by old rules cannot be compared with new ones
            times = {entry.time for entry in done if entry.assignment_key == self._assignment_key}
            new = [
                arrival
                for arrival in arrivals
                if format_time(arrival.time) not in times and self._stopped[arrival.folder.name] < MAX_TRIES
            ]
            yield from new
            if new:
                return
        if self._submitted(student).is_dir():
            record = self._read_current(student)
            if record is None or record.key not in {entry.key for entry in done}:
                yield None

    def _grade_and_return(self, student: str, arrival: Arrival | None, supervisor: Supervisor) -> None:
        if arrival is not None and not self._collect(arrival):
            return
        record = self._read_current(student)
        if record is None:
            record = batch.grade_supervised(
                supervisor, self.course.root, self.assignment, student, self._assignment_key
            )
        with locked(self._submitted(student)):
            when = collected_time(self._submitted(student))
            if record.outcome is not Outcome.UNREADABLE:
                self._return_feedback(student, supervisor)
            if record.key:
                score = sum(map(records.score_of, record.verdicts))
                entry = Returned(format_time(when) if when else "", record.key, score, self._assignment_key)
                self._write_returned(student, [*self._returned(student), entry])
            elif arrival is not None:
                self._stopped[arrival.folder.name] += 1
        self._done[student] = record
        self._num_graded += 1
        waited = time.time() - _seconds(when) if when else float("nan")
        self.report(Event(student, record, waited))

    def _collect(self, arrival: Arrival) -> bool:
        assert self._collector is not None
        try:
            copied = self._collector.replace(arrival)
            if copied.time != arrival.time:
                self._redated[arrival.folder.name] = copied
        except Refused as refusal:
            self._collector.put_aside(arrival, refusal.problem)
            self.report(Event(arrival.student, message=f"refused: {refusal.problem}"))
            return False
        return True

    def _restore_best(self, student: str, arrivals: list[Arrival], supervisor: Supervisor) -> None:
        """Let the student's best submission be the one in `submitted/`. All have been returned before."""
        times = {format_time(arrival.time): arrival for arrival in arrivals}
        done = [
            entry
            for entry in self._returned(student)
            if entry.time in times and entry.assignment_key == self._assignment_key
        ]
        if not done:
            return
        best = max(done, key=lambda entry: (entry.score, entry.time))
        now = collected_time(self._submitted(student))
        if now is None or format_time(now) != best.time:
            self._grade_and_return(student, times[best.time], supervisor)

    def _read_current(self, student: str) -> Record | None:
        return batch.read_current(self.course, self.assignment, student, self._assignment_key)

    def _return_feedback(self, student: str, supervisor: Supervisor) -> None:
        """Write the feedback pages, and release them if the submission came through the exchange."""
        pages = feedback_page.write_student(self.course, self.assignment, student, supervisor)
        for failure in pages.failures:
            self.report(Event(student, message=failure))
        secret = self.course.feedback_folder(student, self.assignment)
        if pages.paths and self._collector is not None and (secret / "submission_secret.txt").exists():
            directory = self._directory(student)
            factory = ExchangeFactory(config=self.course.config)
            factory.ReleaseFeedback(
                coursedir=directory, authenticator=Authenticator(config=self.course.config), parent=factory
            ).start()

    # --- what has been returned -------------------------------------------------------------------------------------

    def _returned_file(self, student: str) -> Path:
        return self.course.records_folder / self.assignment / RETURNED / f"{student}.json"

    def _returned(self, student: str) -> list[Returned]:
        try:
            return [Returned(**entry) for entry in json.loads(self._returned_file(student).read_text())]
        except (OSError, ValueError, TypeError):
            return []

    def _write_returned(self, student: str, entries: list[Returned]) -> None:
        file = self._returned_file(student)
        file.parent.mkdir(parents=True, exist_ok=True)
        latest = {entry.time or entry.key: entry for entry in entries}
        write_atomically(file, json.dumps([asdict(entry) for entry in latest.values()], indent=1))


def _seconds(when: datetime) -> float:
    return when.replace(tzinfo=UTC).timestamp()


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
