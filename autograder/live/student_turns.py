"""The turn of one student in a watch: grade what is next, and return its feedback. It runs in a thread of `Turns`."""

from collections import Counter
from pathlib import Path

from ..course import Course
from ..grading import one_submission, records, result_key
from ..grading.arrivals import SECRET_FILE, Arrival, collected_time
from ..grading.boundary import Boundary
from ..grading.locks import locked
from ..grading.records import Record
from ..reports import feedback_writer
from ..reports.feedback_release import describe_invisible, release_student
from ..submissions.refusals import Problem
from ..submissions.times import format_time
from ..supervisor import Supervisor, SupervisorPool
from .attempts import Candidate, Pace
from .intake import Intake, Report, StudentState
from .returned_list import Returned, add_returned, is_returned, read_returned
from .turns import MAX_TRIES


class StudentTurns:
    """Takes the turns of students, each in a thread of its own. With `best_counts`, the best submission counts."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        best_counts: bool,
        report: Report,
        intake: Intake,
        pace: Pace,
        supervisors: SupervisorPool,
    ):
        self.course, self.assignment, self._best_counts, self._report = course, assignment, best_counts, report
        self._intake, self._pace, self._supervisors = intake, pace, supervisors
        self._assignment_key = result_key.hash_assignment(course, assignment)
        recorded = {record.student: record for record in records.read_all(course.records_folder, assignment)}
        was_returned = Boundary(report).results(lambda name: is_returned(course, assignment, recorded[name]), recorded)
        # By student, the last record of a submission whose pages were written, even if grading it was not finished. The
        # watch reads copies of this and the next one, because threads write them: each its student's entries.
        self._records = {student: recorded[student] for student, returned in was_returned.items() if returned}
        self._has_bad_page: dict[str, bool] = {}  # by student: whether not all pages could be written
        # where the best counts, how often each arrival was tried in vain, by the name of its folder: several may state
        # one time
        self._tries: Counter[str] = Counter()
        self._given_up: set[str] = set()  # there, the names of those that cannot be graded

    def records(self) -> list[Record]:
        """The last record of each student who got feedback, ordered by student."""
        return [record for _, record in sorted(self._records.copy().items())]

    @property
    def has_failures(self) -> bool:
        """Whether a submission needs a person, or a feedback page could not be written."""
        return any(list(self._has_bad_page.values())) or any(record.needs_attention for record in self.records())

    def phase(self, student: str) -> object:
        """What gives the student something to do when it changes: the pace, and whether received answers are due."""
        record = self._records.get(student)
        return self._pace.phase(student), record is not None and record.is_overdue

    def take(self, student: str, state: StudentState) -> bool:
        """Grade what is next of a student, and return its feedback. Return whether there may be more to do."""
        with self._supervisors.borrow() as supervisor:
            if self._best_counts:
                return self._take_turn_for_best(student, state.arrivals, supervisor)
            return self._take_turn_for_latest(student, state.arrivals, supervisor)

    def _take_turn_for_latest(self, student: str, arrivals: list[Arrival], supervisor: Supervisor) -> bool:
        """Grade the latest arrival that is newer than `submitted/` and not refused. Without any, grade `submitted/`.

        Return whether one could not be read: it gets another turn when it arrives again.
        """
        was_unreadable = False
        collected = collected_time(self._submitted(student))
        later = [arrival for arrival in arrivals if collected is None or arrival.time > collected]
        for arrival in reversed(self._gradable(student, later)):
            problem = self._intake.collect(arrival)
            was_unreadable |= problem is Problem.UNREADABLE
            if problem is None:
                break
        self._grade_submitted(student, supervisor)
        return was_unreadable

    def _take_turn_for_best(self, student: str, arrivals: list[Arrival], supervisor: Supervisor) -> bool:
        """Grade the oldest arrival that is new, or else `submitted/`, or else the best one. Return as `take` does.

        An arrival is given up if the grader stops its work on it again and again, or if it cannot be graded. It was
        chosen by its time, but another folder may state the same, and a student may change the files. Then it is
        refused, or no attempt is left. Choosing it again and again would never end.
        """
        possible = [arrival for arrival in arrivals if arrival.folder.name not in self._given_up]
        left = [arrival for arrival in possible if self._tries[arrival.folder.name] < MAX_TRIES]
        returned = read_returned(self.course, self.assignment, student)
        # scores by old rules cannot be compared with new ones
        entries = [entry for entry in returned if entry.assignment_key == self._assignment_key]
        new = self._choose_new(student, left, entries)
        chosen = [new] if new else []
        if not new:
            record = self._grade_submitted(student, supervisor)
            if record is not None and record.is_finished:
                return True  # its score may let another one be the best
            chosen = self._choose_best(student, left, entries)
        for arrival in chosen:
            name, problem = arrival.folder.name, self._intake.collect(arrival)
            if problem is Problem.UNREADABLE:  # it arrives again when it can be read
                continue
            if problem or not self._may_grade_submitted(student):
                self._given_up.add(name)
            elif self._grade_and_return(student, supervisor).is_finished:
                break
            else:
                self._tries[name] += 1
        return bool(chosen)

    def _choose_new(self, student: str, arrivals: list[Arrival], entries: list[Returned]) -> Arrival | None:
        """Choose the oldest arrival that is new."""
        judged_times = {entry.time for entry in entries if not entry.is_overdue}
        new = (each for each in self._gradable(student, arrivals) if format_time(each.time) not in judged_times)
        return next(new, None)

    def _choose_best(self, student: str, arrivals: list[Arrival], entries: list[Returned]) -> list[Arrival]:
        """Choose the arrivals with the time of the best submission, unless that is graded in `submitted/`."""
        current, when = self._read_current(student), collected_time(self._submitted(student))
        times = {format_time(arrival.time) for arrival in arrivals}
        # one that a person put into `submitted/` did not arrive
        available = [entry for entry in entries if entry.time in times or (current and entry.key == current.key)]
        best = max(available, key=lambda entry: (entry.score, entry.time), default=None)
        if best is None or (current and best.time == (format_time(when) if when else "")):
            return []
        return [arrival for arrival in arrivals if format_time(arrival.time) == best.time]

    def _gradable(self, student: str, arrivals: list[Arrival]) -> list[Arrival]:
        """Return the arrivals that may be graded now."""
        gradable = self._pace.find_gradable(student, [Candidate(arrival.time) for arrival in arrivals])
        return [arrival for arrival in arrivals if Candidate(arrival.time) in gradable]

    def _grade_submitted(self, student: str, supervisor: Supervisor) -> Record | None:
        """Grade and return the submission in `submitted/`. None if that is not to be done, or not now."""
        if not self._submitted(student).is_dir():
            return None
        known = self._read_current(student)
        is_done = known is not None and is_returned(self.course, self.assignment, known)
        if is_done or not self._may_grade_submitted(student):
            return None
        return self._grade_and_return(student, supervisor)

    def _may_grade_submitted(self, student: str) -> bool:
        """Return whether the files in `submitted/` got feedback before, or may be an attempt now."""
        folder = self._submitted(student)
        with locked(folder):  # it is not being replaced
            submitted = Candidate(collected_time(folder), result_key.hash_submission(folder))
        return bool(self._pace.find_gradable(student, [submitted]))

    def _grade_and_return(self, student: str, supervisor: Supervisor) -> Record:
        """Grade the submission in `submitted/`, unless its record is up to date, and return its feedback."""
        record = self._read_current(student) or one_submission.grade_supervised(
            supervisor, self.course.root, self.assignment, student, self._assignment_key
        )
        with locked(self._submitted(student)):
            self._publish(student, supervisor)
            if record.is_finished:
                self._note_returned(student, record)
        self._records[student] = record
        if record.needs_attention:
            self._report(student, f"{record.outcome}: {'; '.join(record.messages)}")
        return record

    def _publish(self, student: str, supervisor: Supervisor) -> None:
        """Write the feedback pages, and release them if the submission came through the exchange."""
        pages = feedback_writer.write_student(self.course, self.assignment, student, supervisor)
        self._has_bad_page[student] = bool(pages.failures)
        for _, message in pages.failures:
            self._report(student, message)
        folder = self.course.feedback_folder(student, self.assignment)
        if pages.paths and self._intake.has_exchange and (folder / SECRET_FILE).exists():
            release_student(self.course, self.assignment, student)
            if message := describe_invisible(self._submitted(student), folder):
                self._report(student, message)

    def _note_returned(self, student: str, record: Record) -> None:
        """Note that the feedback on the submission in `submitted/` was returned."""
        folder = self._submitted(student)
        when = collected_time(folder)
        entry = Returned(
            time=format_time(when) if when else "",
            key=record.key,
            score=sum(verdict.score for verdict in record.verdicts),
            assignment_key=self._assignment_key,
            files=result_key.hash_submission(folder),
            letters_due=record.letters_due,
        )
        add_returned(self.course, self.assignment, student, entry)

    def _read_current(self, student: str) -> Record | None:
        return result_key.read_current(self.course, self.assignment, student, self._assignment_key)

    def _submitted(self, student: str) -> Path:
        return self.course.submitted_folder(student, self.assignment)
