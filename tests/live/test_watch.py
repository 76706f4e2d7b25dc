"""`watch`: from the exchange to the feedback that a student can fetch, whatever happens in between."""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchFeedback
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from autograder.authoring.answer_texts import UNANSWERED
from autograder.authoring.simulate import make_submission
from autograder.class_report import class_page
from autograder.course import Course, CourseError
from autograder.grading import arrivals, batch, drop_folder, due_dates, one_submission, records, registration
from autograder.grading.collector import Collector
from autograder.live import intake
from autograder.live import watch as watching
from autograder.live.attempts import Attempts, attempts_of
from autograder.live.roster_check import RosterCheck
from autograder.live.student_turns import StudentTurns
from autograder.live.turns import MAX_TRIES
from autograder.live.watch import open_watch
from autograder.submissions.refusals import Problem, Refused
from autograder.submissions.times import format_time
from autograder.supervisor import SupervisorPool
from tests.conftest import REPOSITORY, SIGMOID_POINTS, add_settings, empty_gradebook, make_course

# nbgrader does not close a file when it releases feedback
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

ASSIGNMENT = "01-sigmoid"
NUM_KILLS = int(os.environ.get("LECTRAIN_KILLS", 2))  # for a thorough test: LECTRAIN_KILLS=20
SOURCE = nbformat.read(REPOSITORY / "solutions" / ASSIGNMENT / "sigmoid.ipynb", 4)
SOLVED = nbformat.writes(make_submission(SOURCE, {}))
UNSOLVED = nbformat.writes(make_submission(SOURCE, {"sigmoid": UNANSWERED, "sigmoid_quiz": UNANSWERED}))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("prepared"), ASSIGNMENT)
    registration.register(Course.at(folder), ASSIGNMENT)
    return folder


@pytest.fixture(scope="module")
def worker() -> Iterator[SupervisorPool]:
    """The worker of all watches in this process: to start one takes a second. It reads each course anew."""
    with SupervisorPool(1) as pool:
        yield pool


@pytest.fixture
def course(prepared, tmp_path, sandbox, worker, monkeypatch) -> Course:
    """A course with an exchange, in which all files belong to one account."""
    monkeypatch.setattr(watching, "SupervisorPool", lambda *_: contextlib.nullcontext(worker))
    folder = Path(shutil.copytree(prepared, tmp_path / "course"))
    (tmp_path / "exchange" / "lectrain" / "inbound").mkdir(parents=True)
    config = (folder / "nbgrader_config.py").read_text()
    settings = f'\nc.Exchange.root = "{tmp_path / "exchange"}"\nc.ExchangeCollect.check_owner = False\n'
    (folder / "nbgrader_config.py").write_text(config + settings)
    return Course.at(folder)


class Event(NamedTuple):
    """A line that a watch has reported, or the record of a submission that it has graded."""

    subject: str
    message: str = ""
    record: records.Record | None = None


class Notes(list[Event]):
    """What a watch has reported, and the records of the submissions that it has graded."""

    has_failures = False

    def __call__(self, *what) -> None:
        self.append(Event(*what))


@pytest.fixture(autouse=True)
def _note_records(monkeypatch) -> None:
    grade = StudentTurns._grade_and_return

    def grade_and_note(turns, student, supervisor):
        record = grade(turns, student, supervisor)
        if isinstance(turns._report, Notes):
            turns._report(student, "", record)
        return record

    monkeypatch.setattr(StudentTurns, "_grade_and_return", grade_and_note)


def exchange(course: Course) -> Path:
    return course.root.parent / "exchange" / "lectrain"


def hand_in(
    course: Course,
    student: str,
    notebook: str,
    age: timedelta = timedelta(),
    name: str = "sigmoid.ipynb",
    when: str = "",
    end: str = "x",
) -> str:
    """What `nbgrader submit` leaves in the exchange. Return its secret."""
    when = when or format_time(datetime.now(UTC) - age)
    secret = f"{student}-{when}-{end}"
    folder = exchange(course) / "inbound" / f"{student}+{ASSIGNMENT}+{when}+{end}"
    folder.mkdir()
    (folder / name).write_text(notebook)
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text(secret)
    folder.chmod(0o777)
    return secret


def share(course: Course, notebook: str, *students: str, time: int | None = 1_700_000_000) -> Path:
    """Save a notebook for students in a shared folder. If it has no time, it is from now. Return the folder."""
    folder = course.root.parent / "shared"
    for student in students:
        (folder / student).mkdir(parents=True, exist_ok=True)
        (folder / student / "sigmoid.ipynb").write_text(notebook)
        if time:
            os.utime(folder / student / "sigmoid.ipynb", (time, time))
    return folder


@pytest.mark.parametrize(("strict", "left_out"), [(False, set()), (True, {"ada"})])
def test_an_id_that_is_similar_to_an_earlier_one_is_reported_once(course, strict, left_out):
    lines = []
    check = RosterCheck(course, strict, report=lambda *line: lines.append(line))
    for students in ({"Ada"}, {"ada"}, {"Ada", "ada", "bob"}):
        check.compare(students)
    assert check.left_out == left_out, "not the one that may be graded already"
    what = {name: "not graded" if name in left_out else "graded all the same" for name in ("Ada", "ada")}
    pair = {"Ada": "ada", "ada": "Ada"}
    assert lines == [(name, f"similar to the id {other!r}: {what[name]}") for name, other in pair.items()]


def page(course: Course, secret: str, name: str = "sigmoid") -> Path:
    """The file that the student's "Fetch Feedback" looks for, if a notebook of this name was handed in."""
    return exchange(course) / "feedback" / f"{notebook_hash(secret=secret, notebook_id=name)}.html"


def watch_once(course: Course, **settings) -> Notes:
    events = Notes()
    with open_watch(course, ASSIGNMENT, workers=1, report=events, **settings) as watch:
        watch.finish(threading.Event())
    events.has_failures = watch.has_failures
    return events


def score(course: Course, student: str) -> float:
    with course.gradebook() as gradebook:
        return float(gradebook.find_submission(ASSIGNMENT, student).score)


def test_a_submission_is_graded_and_its_feedback_returned(course):
    secret = hand_in(course, "ada", SOLVED)
    (event,) = watch_once(course)
    assert event.record.outcome == "graded"
    assert f"{score(course, 'ada'):g}" in page(course, secret).read_text()
    assert page(course, secret).stat().st_mode & 0o004, "the student must be able to read it"
    assert "1 submission" in (course.root / "reports" / f"{ASSIGNMENT}-class.html").read_text()
    assert watch_once(course) == [], "nothing is done twice"


def set_due_date(course: Course, hours: float) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due_dates.now() + timedelta(hours=hours))


def limited(course: Course, **limits: float) -> Course:
    """The course with limits of ``c.Watch``."""
    return add_settings(course.root, *(f"c.Watch.{name} = {value}" for name, value in limits.items()))


@pytest.mark.parametrize("best_counts", [False, True])
def test_a_submission_in_excess_of_the_limit_is_graded_at_the_due_date(course, best_counts):
    course = limited(course, max_attempts=1)
    set_due_date(course, hours=1)
    hand_in(course, "ada", UNSOLVED)
    watch_once(course, best_counts=best_counts)
    skipped = hand_in(course, "ada", UNSOLVED)
    secret = hand_in(course, "ada", SOLVED)
    (event,) = watch_once(course, best_counts=best_counts)
    assert event.message.endswith("are graded when you collect and grade them, the last one on time at the due date")
    assert attempts_of(course, ASSIGNMENT, "ada") == Attempts(1, 1)
    set_due_date(course, hours=0)
    late = hand_in(course, "ada", UNSOLVED)
    watch_once(course, best_counts=best_counts)
    assert [page(course, each).exists() for each in (skipped, secret, late)] == [False, True, False]
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED


def test_a_submission_that_follows_too_soon_waits(course, monkeypatch):
    course = limited(course, seconds_between=3600)
    hand_in(course, "ada", UNSOLVED)
    watch_once(course)
    secret = hand_in(course, "ada", SOLVED)
    assert watch_once(course) == []
    assert not page(course, secret).exists()
    in_an_hour = due_dates.now() + timedelta(hours=1)
    monkeypatch.setattr(due_dates, "now", lambda: in_an_hour)
    watch_once(course)
    assert page(course, secret).exists()


@pytest.mark.parametrize("best_counts", [False, True])
def test_a_running_watch_returns_the_letters_at_the_due_date(course, monkeypatch, best_counts):
    set_due_date(course, hours=1)
    secret = hand_in(course, "ada", SOLVED)
    with open_watch(course, ASSIGNMENT, workers=1, best_counts=best_counts) as watch:
        watch.finish(threading.Event())
        assert "judged at the due date" in page(course, secret).read_text()
        before = score(course, "ada")
        set_due_date(course, hours=-1)
        later = due_dates.now() + timedelta(hours=2)
        monkeypatch.setattr(due_dates, "now", lambda: later)  # of this process: the worker's clock is right
        watch.finish(threading.Event())
    assert "judged at the due date" not in page(course, secret).read_text()
    assert score(course, "ada") == before + 4
    assert attempts_of(course, ASSIGNMENT, "ada").used == 1


def test_the_best_submission_counts_if_that_is_wanted_and_others_do_not_wait_for_all_of_them(course):
    secrets = [hand_in(course, "ada", notebook) for notebook in (UNSOLVED, SOLVED, UNSOLVED)]
    hand_in(course, "zoe", UNSOLVED)
    order = [event.subject for event in watch_once(course, best_counts=True)]
    assert order[:3] == ["ada", "zoe", "ada"]
    assert [page(course, secret).exists() for secret in secrets] == [True, True, True]
    entries = json.loads((course.root / "records" / ASSIGNMENT / "returned" / "ada.json").read_text())
    assert score(course, "ada") == max(entry["score"] for entry in entries) > entries[-1]["score"]
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED
    assert watch_once(course, best_counts=True) == []


@pytest.mark.parametrize("place", ["another folder", "the same folder"])
@pytest.mark.attack("hand-ins", ["another folder", "the same folder"])
def test_other_files_with_the_time_of_the_best_submission_are_no_further_attempt(course, place):
    course, when = limited(course, max_attempts=2), format_time(datetime.now(UTC))
    pages = [page(course, hand_in(course, "ada", SOLVED, when=when))]
    watch_once(course, best_counts=True)
    other = nbformat.writes(make_submission(SOURCE, {"predict_proba": UNANSWERED}))
    if place == "another folder":
        pages.append(page(course, hand_in(course, "ada", other, when=when, end="a")))  # it is the first by name
    else:
        (folder,) = (exchange(course) / "inbound").iterdir()
        (folder / "sigmoid.ipynb").write_text(other)
    hand_in(course, "ada", UNSOLVED)  # afterwards, the best one is put back
    events = watch_once(course, best_counts=True)
    assert attempts_of(course, ASSIGNMENT, "ada") == Attempts(2, 2)
    assert any(event.message.startswith("has no attempt left of 2") for event in events), "it was tried"
    assert [each.exists() for each in pages] == [True, False][: len(pages)]
    left = SOLVED if place == "another folder" else UNSOLVED  # the best one that is still as it was
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == left
    entries = json.loads((course.root / "records" / ASSIGNMENT / "returned" / "ada.json").read_text())
    assert score(course, "ada") == [entry["score"] for entry in entries][left == UNSOLVED]


def test_a_student_whose_submissions_are_not_all_read_waits_until_they_are(course, monkeypatch):
    monkeypatch.setattr(intake, "MAX_READ", 2)
    for notebook in (UNSOLVED,) * 4 + (SOLVED,):
        hand_in(course, "ada", notebook)
    (event,) = watch_once(course)
    assert event.record.score == score(course, "ada")
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED


STOPPED = records.Record("ada", ASSIGNMENT, records.Outcome.NEEDS_A_PERSON)


def test_the_grader_that_stops_its_own_work_on_a_submission_does_not_try_for_ever(course, monkeypatch):
    hand_in(course, "ada", SOLVED)
    monkeypatch.setattr(one_submission, "grade_supervised", lambda *_: STOPPED)
    events = Notes()
    with open_watch(course, ASSIGNMENT, 1, best_counts=True, report=events) as watch:
        for _ in range(9):
            while watch.look() and len(events) <= 12:
                time.sleep(0.05)
        assert 1 <= sum(event.record is STOPPED for event in events) <= MAX_TRIES + 1


def test_a_submission_that_the_grader_did_not_finish_once_is_tried_again_where_the_best_counts(course, monkeypatch):
    grade, stopped = one_submission.grade_supervised, [STOPPED]
    monkeypatch.setattr(one_submission, "grade_supervised", lambda *each: stopped.pop() if stopped else grade(*each))
    for notebook in (SOLVED, UNSOLVED):
        hand_in(course, "ada", notebook)
    watch_once(course, best_counts=True)
    assert (course.submitted_folder("ada", ASSIGNMENT) / "sigmoid.ipynb").read_text() == SOLVED


@pytest.mark.parametrize(("arrived", "by_hand"), [(UNSOLVED, SOLVED), (SOLVED, UNSOLVED)], ids=["better", "worse"])
def test_notebooks_that_a_person_put_into_the_folder_are_graded_before_the_best_counts(course, arrived, by_hand):
    hand_in(course, "ada", arrived)
    watch_once(course, best_counts=True)
    folder = course.submitted_folder("ada", ASSIGNMENT)
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "sigmoid.ipynb").write_text(by_hand)
    watch_once(course, best_counts=True)
    assert attempts_of(course, ASSIGNMENT, "ada").used == 2, "it was graded"
    assert (folder / "sigmoid.ipynb").read_text() == SOLVED


def test_a_submission_that_the_grader_cannot_finish_does_not_keep_the_best_from_counting(course, monkeypatch):
    hand_in(course, "ada", SOLVED)
    watch_once(course, best_counts=True)
    submitted, grade = course.submitted_folder("ada", ASSIGNMENT) / "sigmoid.ipynb", one_submission.grade_supervised

    def grade_or_stop(*arguments):
        if submitted.read_text() == SOLVED:
            return grade(*arguments)
        records.write(STOPPED, course.records_folder)
        return STOPPED

    monkeypatch.setattr(one_submission, "grade_supervised", grade_or_stop)
    hand_in(course, "ada", UNSOLVED)
    events = watch_once(course, best_counts=True)
    assert "needs a person" in [event.record.outcome for event in events if event.record]
    assert submitted.read_text() == SOLVED
    assert records.read(course.records_folder, ASSIGNMENT, "ada").outcome == "graded"
    assert watch_once(course, best_counts=True)[-1].record.outcome == "graded"


def test_a_wrong_setting_of_the_exchange_is_one_line(course):
    add_settings(course.root, 'c.Exchange.root = "/"\nc.ExchangeCollect.check_owner = "no"')
    with pytest.raises(CourseError, match=r"nbgrader_config.py: TraitError: .*check_owner"):
        watch_once(course)


def mark_by_hand(course: Course, student: str, points: float) -> None:
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("sigmoid-threshold", "sigmoid", ASSIGNMENT, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def test_points_of_a_person_and_scores_by_old_rules_do_not_make_a_submission_the_best(course):
    hand_in(course, "ada", SOLVED)
    watch_once(course, best_counts=True)
    mark_by_hand(course, "ada", 30)
    hand_in(course, "ada", UNSOLVED)
    watch_once(course, best_counts=True)
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED
    file = course.root / "records" / ASSIGNMENT / "returned" / "ada.json"
    first, second = json.loads(file.read_text())
    file.write_text(json.dumps([first, second | {"score": 99, "assignment_key": "of old rules"}]))
    watch_once(course, best_counts=True)
    assert json.loads(file.read_text()) == [first, second]
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED


@pytest.mark.parametrize("options", [{}, {"shared_folder": Path("shared")}])
def test_the_best_submission_cannot_be_found_without_an_exchange(course, options):
    if not options:
        shutil.rmtree(exchange(course))
    with pytest.raises(CourseError, match="--counts best needs an exchange"):
        watch_once(course, best_counts=True, **options)


def test_a_new_gradebook_gets_the_scores_of_submissions_that_have_records(course):
    hand_in(course, "ada", SOLVED)
    watch_once(course)
    (course.root / "gradebook.db").write_bytes(empty_gradebook())
    watch_once(course)
    assert score(course, "ada") > 10


def test_a_watch_fails_when_it_refuses_a_backdated_submission_and_not_whenever_it_sees_it_again(course):
    hand_in(course, "ada", SOLVED)
    hand_in(course, "ada", UNSOLVED, age=timedelta(days=1))
    refused = f"refused, handed in by the account {_owner(course)}"
    for messages in ([refused], []):
        events = watch_once(course)
        assert events.has_failures == bool(messages)
        assert [event.message.split(":")[0] for event in events if event.message] == messages
        assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED


def test_the_latest_submission_that_is_not_refused_counts(course):
    add_settings(course.root, "c.CourseDirectory.max_dir_size = 1_000")  # in kilobytes
    hand_in(course, "ada", SOLVED)
    hand_in(course, "ada", SOLVED + 2_000_000 * " ")
    events = watch_once(Course.at(course.root))
    assert {event.message.split(":")[0] for event in events} == {"refused", ""}
    assert (course.root / "submitted" / "ada" / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED
    assert score(course, "ada") > 10


def _owner(course: Course) -> str:
    return (exchange(course) / "inbound").owner()


def test_without_an_exchange_the_folder_of_submissions_is_watched(course):
    shutil.rmtree(exchange(course))
    folder = course.root / "submitted" / "ada" / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / "sigmoid.ipynb").write_text(SOLVED)
    (event,) = watch_once(course)
    assert event.record.outcome == "graded"
    assert (course.root / "feedback" / "ada" / ASSIGNMENT / "sigmoid.html").exists()


def test_a_job_that_ends_within_a_look_is_tried_again_before_the_watch_ends(course, monkeypatch):
    def fail(*_):
        raise PermissionError("no")

    monkeypatch.setattr(StudentTurns, "take", fail)
    monkeypatch.setattr(StudentTurns, "phase", lambda *_: time.sleep(0.1))  # the job before it ends meanwhile
    for student in ("ada", "bob"):
        hand_in(course, student, SOLVED)
    events = watch_once(course)
    assert events.has_failures
    assert len(events) == 2 * MAX_TRIES


def test_files_that_cannot_be_copied_cost_nobody_else_anything(course, monkeypatch):
    folder = share(course, SOLVED, "ada", "eve")
    collect = drop_folder.collect_drop

    def refuse(course, assignment, drop):
        if drop.student == "eve":
            raise PermissionError("sigmoid.ipynb cannot be read")
        return collect(course, assignment, drop)

    monkeypatch.setattr(drop_folder, "collect_drop", refuse)
    messages = {event.subject: event.message for event in watch_once(course, shared_folder=folder)}
    assert messages == {"ada": "", "eve": "PermissionError: sigmoid.ipynb cannot be read"}
    assert score(course, "ada") > 0


def test_a_refused_submission_is_reported_and_read_once_until_it_changes(course, tmp_path, monkeypatch):
    folder = share(course, SOLVED, "ada", "eve")
    os.link(folder / "eve" / "sigmoid.ipynb", tmp_path / "second name")
    collect, tried = drop_folder.collect_drop, []

    def count(course, assignment, drop):
        tried.append(drop.student)
        return collect(course, assignment, drop)

    monkeypatch.setattr(drop_folder, "collect_drop", count)
    events = Notes()
    with open_watch(course, ASSIGNMENT, workers=1, report=events, shared_folder=folder) as watch:
        watch.finish(threading.Event())
        watch.look()
        assert watch.has_failures
        assert tried.count("eve") == 1
        (tmp_path / "second name").unlink()
        watch.finish(threading.Event())
        assert not watch.has_failures
    assert [event.message for event in events if event.message] == [f"refused: {Problem.HARD_LINK}"]
    assert score(course, "ada") == score(course, "eve") > 0


@pytest.mark.parametrize("way_in", ["a look", "copying the latest", "copying the best", "a folder"])
def test_files_that_could_not_be_read_for_a_moment_are_graded_later(course, monkeypatch, way_in):
    hand_in(course, "ada", SOLVED)
    folder = share(course, SOLVED, "ada") if way_in == "a folder" else None
    place = {"a look": (arrivals, "check_entries"), "a folder": (drop_folder, "admit_files")}
    module, name = place.get(way_in, (arrivals, "admit"))

    def fail(*_):
        raise Refused(Problem.UNREADABLE)

    events, is_best = Notes(), way_in == "copying the best"
    with open_watch(course, ASSIGNMENT, 1, is_best, report=events, shared_folder=folder) as watch:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fail)
            watch.finish(threading.Event())
        assert [event.message[:7] for event in events] == ["refused"]
        monkeypatch.setattr(intake, "RETRY_SECONDS", 1e-9)
        watch.finish(threading.Event())
    assert events[-1].record.outcome == "graded"


def test_a_refusal_that_a_look_notes_while_another_is_written_is_not_forgotten(course, monkeypatch):
    hand_in(course, "ada", SOLVED)
    watched = intake.Intake(course, ASSIGNMENT, None, Notes())
    (arrival,) = watched.look(lambda student: False)["ada"].arrivals

    def refuse(*_):
        raise Refused(Problem.SIZE)

    def write(root, refused):
        if refused.student == "eve":
            return True
        hand_in(course, "eve", SOLVED)
        (notebook,) = exchange(course).glob("inbound/eve+*/*.ipynb")
        notebook.unlink()
        notebook.symlink_to("/etc/hostname")
        watched.look(lambda student: False)  # the watch does this in a thread of its own
        return False  # ada's was refused before

    monkeypatch.setattr(Collector, "put_into_submitted", refuse)
    monkeypatch.setattr(intake, "report_refusal", write)
    assert watched.collect(arrival) is Problem.SIZE
    assert watched.has_failures


def test_files_with_the_time_of_earlier_ones_are_attempts(course):
    course = limited(course, max_attempts=1)
    set_due_date(course, hours=1)
    (graded,), (limit,) = (watch_once(course, shared_folder=share(course, text, "ada")) for text in (UNSOLVED, SOLVED))
    assert graded.record.outcome == "graded"
    assert limit.message.startswith("has no attempt left of 1")
    assert attempts_of(course, ASSIGNMENT, "ada").used == 1


def test_a_list_of_returned_submissions_that_cannot_be_read_stops_no_other_student(course):
    course = limited(course, max_attempts=1)
    records.write(records.Record("eve", ASSIGNMENT, records.Outcome.GRADED), course.records_folder)
    file = course.records_folder / ASSIGNMENT / "returned" / "eve.json"
    file.parent.mkdir()
    file.symlink_to(file.name)  # a loop: not even root can read it
    events = watch_once(course, shared_folder=share(course, SOLVED, "ada", "eve"))
    messages = {event.subject: event.message for event in events}
    assert messages == {"ada": "", "eve": f"Too many levels of symbolic links: {file}"}


def test_a_file_of_a_student_whose_submission_is_graded_now_waits(course, monkeypatch):
    monkeypatch.setattr(drop_folder, "SETTLED_SECONDS", 0.0)
    with open_watch(course, ASSIGNMENT, workers=1, shared_folder=share(course, SOLVED, "ada")) as watch:
        watch._turns._jobs["ada"] = job = Future()
        watch.look()
        assert not (course.root / "submitted" / "ada").exists()
        job.set_result(None)
        watch.look()
        assert (course.root / "submitted" / "ada").exists()


def test_a_shared_folder_is_watched_instead_of_the_exchange(course):
    hand_in(course, "ada", SOLVED)
    folder = share(course, UNSOLVED, "ada", time=None)
    (folder / "ada" / "essay.ipynb").write_text(SOLVED)
    lost, ada = watch_once(course, shared_folder=folder)
    assert lost == ("ada/essay.ipynb", "left out: name it STUDENT/sigmoid.ipynb", None)
    assert ada.subject == "ada"
    (folder / "ada" / "essay.ipynb").unlink()
    first = score(course, "ada")
    share(course, SOLVED, "ada", time=None)
    watch_once(course, shared_folder=folder)
    assert score(course, "ada") > max(first, 10)
    assert watch_once(course, shared_folder=folder) == []


def test_a_file_that_never_stops_changing_does_not_keep_the_watch_from_ending(course, monkeypatch):
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 3.0)
    folder, ended = share(course, SOLVED, "ada", "eve", time=None), threading.Event()

    def keep_changing():
        while not ended.wait(0.2):
            os.utime(folder / "eve" / "sigmoid.ipynb")

    thread = threading.Thread(target=keep_changing)
    thread.start()
    try:
        events = watch_once(course, shared_folder=folder)
    finally:
        ended.set()
        thread.join()
    assert events.has_failures
    assert [event.subject for event in events] == ["ada", str(folder)]
    assert "watch again later" in events[-1].message
    assert [event.subject for event in watch_once(course, shared_folder=folder)] == ["eve"]


def test_a_broken_notebook_does_not_stop_the_others_and_its_page_is_not_that_of_an_earlier_submission(course):
    hand_in(course, "ada", SOLVED)
    watch_once(course)
    broken = hand_in(course, "ada", "no notebook")
    secret = hand_in(course, "bob", SOLVED)
    events = watch_once(course)
    assert events.has_failures
    assert {event.subject: event.record.outcome for event in events if event.record} == {
        "ada": "unreadable",
        "bob": "graded",
    }
    assert page(course, secret).exists()
    text = page(course, broken).read_text()
    assert "Your submission could not be read." in text
    assert "sigmoid.ipynb cannot be read" in text
    assert f"{score(course, 'ada'):g} of {SIGMOID_POINTS} points" in text
    assert "The points are those of your earlier submission." in text


def in_a_zip(notebook: str) -> dict[str, bytes]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("sigmoid.ipynb", notebook)
    return {"homework.zip": file.getvalue()}


AS_RECEIVED = {"sigmoid.ipynb": UNSOLVED.encode()}


@pytest.mark.parametrize(("files", "fetched"), [
    ({"sigmoid (1).ipynb": SOLVED.encode()}, "sigmoid (1)"),
    (AS_RECEIVED | {"sigmoid-Copy1.ipynb": SOLVED.encode()}, "sigmoid-Copy1"),
    (AS_RECEIVED | {f"{ASSIGNMENT}/sigmoid.ipynb": SOLVED.encode()}, "sigmoid"),
    (in_a_zip(SOLVED), None),
], ids=["renamed", "a copy", "a folder beside", "a zip file"])  # fmt: skip
def test_nbgraders_own_command_fetches_the_page_unless_no_notebook_was_handed_in_unpacked(
    course, tmp_path, files, fetched
):
    secret = hand_in(course, "ada", "")
    (folder,) = (exchange(course) / "inbound").iterdir()
    (folder / "sigmoid.ipynb").unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    cache, home = tmp_path / "cache", tmp_path / "home"
    shutil.copytree(folder, cache / "lectrain" / folder.name.removesuffix("+x"))  # as `nbgrader submit` leaves it
    events = watch_once(course)
    assert f"{score(course, 'ada'):g} of" in page(course, secret).read_text(), "it is released in any case"

    home.mkdir()
    config = Config(Exchange={"root": str(exchange(course).parent), "cache": str(cache), "assignment_dir": str(home)})
    directory = CourseDirectory(course_id="lectrain", assignment_id=ASSIGNMENT, student_id="ada")
    ExchangeFetchFeedback(coursedir=directory, config=config).start()
    pages = {file.stem: file.read_text() for file in home.rglob("*.html")}
    if fetched:
        assert f"{score(course, 'ada'):g} of" in pages[fetched]
    else:
        assert pages == {}
        assert any(event.message.startswith("nbgrader cannot fetch the page, because") for event in events)


def test_a_text_that_the_page_cannot_show_is_reported_once_and_stops_no_grading(course, monkeypatch):
    def fail(*_):
        raise CourseError("p has 2 numbered questions, and 0 letters")

    monkeypatch.setattr(class_page, "write", fail)
    hand_in(course, "ada", SOLVED)
    events = watch_once(course)
    assert events.has_failures
    assert [event.subject for event in events] == ["ada", ASSIGNMENT]


def test_an_assignment_has_one_watch(course):
    with (
        open_watch(course, ASSIGNMENT, workers=1),
        pytest.raises(CourseError, match="already being watched"),
        open_watch(course, ASSIGNMENT, workers=1),
    ):
        pass


def test_a_watch_that_cannot_start_leaves_nothing_behind(course, monkeypatch):
    def fail(*_):
        raise CourseError("nbgrader cannot generate it")

    with monkeypatch.context() as context:
        context.setattr(registration, "register", fail)
        with (
            pytest.raises(CourseError, match="nbgrader cannot generate it"),
            open_watch(course, ASSIGNMENT, workers=1),
        ):
            pass
    with open_watch(course, ASSIGNMENT, workers=1):
        pass


def test_an_error_of_the_course_in_the_last_submission_is_not_lost(course, monkeypatch):
    is_grading = threading.Event()

    def fail(*_):
        is_grading.set()
        raise CourseError("the gradebook cannot be written: disk full")

    def watch_until_it_grades():
        with open_watch(course, ASSIGNMENT, workers=1) as watch:
            watch.look()
            assert is_grading.wait(60)

    hand_in(course, "ada", SOLVED)
    monkeypatch.setattr(one_submission, "grade_supervised", fail)
    with pytest.raises(CourseError, match="disk full"):
        watch_until_it_grades()


def start(course: Course, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "watch", ASSIGNMENT, "--course-dir", str(course.root), *options]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.05)


def test_a_signal_ends_it_cleanly(course):
    process = start(course)
    wait_for(page(course, hand_in(course, "ada", SOLVED)))
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "1 submission graded and returned" in output
    assert "01-sigmoid has no due date, so any quizzes are judged at once and can be guessed" in output
    assert "Traceback" not in output


def test_a_watch_that_does_what_is_to_be_done_now_can_be_ended(course):
    hand_in(course, "ada", SOLVED)
    stop, events = threading.Event(), Notes()
    stop.set()
    with open_watch(course, ASSIGNMENT, 1, report=events) as watch:
        watch.finish(stop)
    assert events == []


def test_kills_at_random_moments_lose_nothing(course):
    rng, secrets = random.Random(541), {}
    for number in range(NUM_KILLS):
        for student in (f"s{number % 4}", f"s{(number + 1) % 4}"):
            notebook = SOLVED if rng.random() < 0.5 else UNSOLVED
            secrets[student] = hand_in(course, student, notebook), notebook
        process = start(course)
        if number % 2:  # in the middle of the work, not only while the command starts
            wait_for(page(course, secrets[student][0]))
        time.sleep(rng.uniform(0, 3))
        process.kill()
        process.wait()
        process.stdout.close()
    assert watch_once(course) is not None
    expected = {student: notebook for student, (_, notebook) in secrets.items()}
    graded = records.read_all(course.records_folder, ASSIGNMENT)
    assert {record.student for record in graded} == set(secrets)
    assert {record.outcome for record in graded} == {"graded"}
    scores = {notebook: set() for notebook in (SOLVED, UNSOLVED)}
    for record in graded:
        submitted = (course.root / "submitted" / record.student / ASSIGNMENT / "sigmoid.ipynb").read_text()
        assert submitted == expected[record.student], "the latest submission counts"
        assert record.score == score(course, record.student)
        assert page(course, secrets[record.student][0]).exists()
        scores[submitted].add(record.score)
    assert all(len(found) <= 1 for found in scores.values()), "equal notebooks have equal scores"
    assert watch_once(course) == []


def test_a_run_of_grade_beside_it_does_no_harm(course):
    stop = threading.Event()
    errors: list[Exception] = []

    def grade_all() -> None:
        while not stop.is_set():
            try:
                list(batch.grade(course, ASSIGNMENT, force=True))
            except Exception as error:
                errors.append(error)

    first = {student: hand_in(course, student, UNSOLVED) for student in ("ada", "bob")}
    with open_watch(course, ASSIGNMENT, workers=1) as watch:
        watch.finish(threading.Event())
        beside = threading.Thread(target=grade_all)
        beside.start()
        second = {student: hand_in(course, student, SOLVED) for student in first}
        watch.finish(threading.Event())
        stop.set()
        beside.join()
        watch.finish(threading.Event())
    assert errors == []
    for student, secret in second.items():
        assert page(course, secret).exists()
        assert (course.root / "submitted" / student / ASSIGNMENT / "sigmoid.ipynb").read_text() == SOLVED
        record = records.read(course.records_folder, ASSIGNMENT, student)
        assert record.score == score(course, student) > 10
