"""Collecting from the exchange, in which every student can write, under any name and with any time."""

import getpass
import os
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Config

from autograder.grading import arrivals
from autograder.grading.arrivals import collected_time, copy_arrival, read_arrivals
from autograder.grading.collector import Collector
from autograder.grading.refused_folder import read_refused, report_refusal
from autograder.submissions import admission
from autograder.submissions.refusals import Problem
from autograder.submissions.times import format_time, parse_time
from tests.conftest import add_settings, empty_gradebook

ME = getpass.getuser()  # the account that owns all files here
TEXT = "# by its owner"
UNPARSABLE_TIME = f"1h{'9' * 40}"


@pytest.fixture
def exchange(tmp_path) -> Path:
    (tmp_path / "exchange" / "lectrain" / "inbound").mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o777)
    return tmp_path / "exchange"


@pytest.fixture
def read(monkeypatch) -> list[str]:
    """The names of the submissions whose content has been read."""
    real, names = arrivals._read_content, []
    monkeypatch.setattr(arrivals, "_read_content", lambda arrival: names.append(arrival.folder.name) or real(arrival))
    return names


def hand_in(exchange: Path, student: str = ME, text: str = TEXT, age: timedelta = timedelta(), end: str = "x") -> Path:
    """What `nbgrader submit` leaves in the exchange. With an age, the student states an earlier time."""
    when = format_time(datetime.now(UTC) - age)
    folder = exchange / "lectrain" / "inbound" / f"{student}+01-sigmoid+{when}+{end}"
    folder.mkdir()
    (folder / "sigmoid.ipynb").write_text(text)
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text("secret")
    folder.chmod(0o777)
    return folder


def collect(exchange: Path, **settings) -> Collector:
    config = Config({"Exchange": {"root": str(exchange)}, "Collector": settings})
    course = exchange.parent / "course"
    course.mkdir(exist_ok=True)
    directory = CourseDirectory(
        root=str(course), course_id="lectrain", assignment_id="01-sigmoid", db_url=f"sqlite:///{course}/gradebook.db"
    )
    collector = Collector(coursedir=directory, config=config)
    collector.start()
    return collector


def collected(exchange: Path, student: str = ME) -> Path:
    return exchange.parent / "course" / "submitted" / student / "01-sigmoid"


def text_of(exchange: Path, student: str = ME) -> str:
    return (collected(exchange, student) / "sigmoid.ipynb").read_text()


def reasons(exchange: Path) -> list[str]:
    files = sorted((exchange.parent / "course" / "refused").glob("*/reason.txt"))
    return [file.read_text().splitlines()[-1] for file in files]


def test_an_honest_submission_is_collected_with_its_time_and_secret(exchange):
    folder = hand_in(exchange)
    collect(exchange)
    names = ("sigmoid.ipynb", "timestamp.txt", "submission_secret.txt")
    assert {path.name for path in collected(exchange).iterdir()} == set(names)
    assert all((collected(exchange) / name).read_text() == (folder / name).read_text() for name in names)
    assert reasons(exchange) == []


def test_the_last_submission_before_a_students_own_due_date_is_collected(exchange):
    (exchange.parent / "course").mkdir()
    (exchange.parent / "course" / "gradebook.db").write_bytes(empty_gradebook())
    with Gradebook(f"sqlite:///{exchange.parent}/course/gradebook.db", "lectrain") as gradebook:
        hand_in(exchange, text="# on time", end="a")
        gradebook.update_or_create_assignment("01-sigmoid", duedate=datetime.now(UTC).replace(tzinfo=None))
        hand_in(exchange, text="# late", end="b")
        collect(exchange)
        assert text_of(exchange) == "# late"
        collect(exchange, before_duedate=True)
        assert text_of(exchange) == "# on time"
        gradebook.update_or_create_student(ME)
        gradebook.add_submission("01-sigmoid", ME)
        gradebook.grant_extension("01-sigmoid", ME, days=1)
        collect(exchange, before_duedate=True)
        assert text_of(exchange) == "# late"


def test_a_student_whose_name_contains_plus_signs_is_honest(exchange):
    folder = hand_in(exchange, student="a+b")
    folder.rename(folder.with_name(folder.name.removesuffix("+x")))
    (arrival,) = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid", check_owner=False)
    assert arrival.student == "a+b"
    assert not arrival.is_misdated


@pytest.mark.attack("hand-ins")
def test_a_path_that_is_too_long_to_copy_is_refused_and_stops_nobody_else(exchange):
    folder = os.open(hand_in(exchange, student="eve"), os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=folder)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("sigmoid.ipynb", os.O_WRONLY | os.O_CREAT, dir_fd=folder))
    os.close(folder)
    hand_in(exchange, student="ada")
    collect(exchange, check_owner=False)
    assert text_of(exchange, "ada") == TEXT
    assert reasons(exchange) == [Problem.DEPTH]


@pytest.mark.parametrize("place", ["name", "file"])
@pytest.mark.attack("hand-ins")
def test_a_time_at_which_the_parser_fails_stops_nobody_else(exchange, place):
    with pytest.raises(ArithmeticError):  # which is not a ValueError
        parse_utc(UNPARSABLE_TIME)
    folder = hand_in(exchange, student="eve")
    if place == "name":
        folder.rename(folder.with_name(f"eve+01-sigmoid+{UNPARSABLE_TIME}"))
    else:
        (folder / "timestamp.txt").write_text(UNPARSABLE_TIME)
    hand_in(exchange, student="ada")
    collect(exchange, check_owner=False)
    assert text_of(exchange, "ada") == text_of(exchange, "eve") == TEXT
    assert abs(collected_time(collected(exchange, "eve")) - datetime.now(UTC).replace(tzinfo=None)) < timedelta(
        minutes=5
    )


@pytest.mark.attack("tables and terminals")
def test_no_name_of_a_submission_reaches_the_terminal_as_it_is(exchange, caplog):
    folder = hand_in(exchange)
    folder.rename(folder.with_name(f"{ME}+01-sigmoid+2020-01-01 00:00:00 UTC+\x1b]0;title\x07"))
    hand_in(exchange, student="eve").rename(folder.with_name("eve+01-sigmoid+\x1b[2J"))
    collect(exchange)
    lines = [record.getMessage() for record in caplog.records]
    assert sum(r"\x1b" in line for line in lines) == 2, "one that is misdated, and one that is refused"
    assert all(line.isprintable() for line in lines)


def test_nothing_is_copied_twice_and_without_update_the_first_submission_stays(exchange):
    hand_in(exchange, text="first")
    collect(exchange)
    (collected(exchange) / "note.txt").write_text("put there by the instructor")
    collect(exchange)
    hand_in(exchange, text="second", end="y")
    collect(exchange, update=False)
    assert text_of(exchange) == "first"
    assert (collected(exchange) / "note.txt").exists()


def test_only_another_reason_is_written_and_reported_again(exchange):
    hand_in(exchange, student="ada")
    root, (refused,) = exchange.parent / "course", collect(exchange).refused
    later = replace(refused, time=refused.time + timedelta(days=1))
    assert not report_refusal(root, later), "its student may touch it at each look"
    assert report_refusal(root, replace(later, problem=Problem.SIZE))
    assert reasons(exchange) == [Problem.SIZE]


@pytest.mark.attack("hand-ins")
def test_a_submission_in_the_name_of_another_student_is_refused_with_a_reason(exchange):
    hand_in(exchange, student="ada", text="forged")
    collector = collect(exchange)
    assert not collected(exchange, "ada").exists()
    assert reasons(exchange) == [Problem.OWNER]
    (files,) = (exchange.parent / "course" / "refused").glob("ada+*")
    assert [file.name for file in files.iterdir()] == ["reason.txt"], "a copy could fill the disk"
    assert [arrival.owner for arrival in collector.refused] == [ME]
    ((name, reason),) = read_refused(exchange.parent / "course", "01-sigmoid")
    assert name.startswith("ada+01-sigmoid+")
    assert reason.startswith(f"account: {ME}; named student: ada; ")
    assert reason.endswith(Problem.OWNER)


@pytest.mark.parametrize("check_owner", [True, False])
@pytest.mark.attack("hand-ins")
def test_a_student_whose_name_is_not_valid_utf_8_is_refused_and_can_be_reported(exchange, check_owner):
    hand_in(exchange, student=os.fsdecode(b"\xff"))
    collect(exchange, check_owner=check_owner)
    assert not (exchange.parent / "course" / "submitted").exists()
    assert reasons(exchange) == [Problem.NAME]
    ((name, _),) = read_refused(exchange.parent / "course", "01-sigmoid")
    assert name.startswith(r"\udcff+01-sigmoid+")


def test_without_the_check_of_owners_an_exchange_may_belong_to_one_account(exchange):
    hand_in(exchange, student="ada")
    collect(exchange)
    assert reasons(exchange) == [Problem.OWNER]
    collect(exchange, check_owner=False)
    assert text_of(exchange, "ada") == TEXT
    assert reasons(exchange) == [], "it is no longer refused"


@pytest.mark.attack("hand-ins")
def test_a_backdated_submission_does_not_replace_an_honest_one(exchange):
    hand_in(exchange, text="honest")
    hand_in(exchange, text="backdated", age=timedelta(days=3), end="y")
    collect(exchange)
    assert text_of(exchange) == "honest"
    assert reasons(exchange) == [Problem.MISDATED]


@pytest.mark.attack("hand-ins")
def test_a_submission_that_is_changed_later_counts_from_then(exchange, monkeypatch):
    folder = hand_in(exchange)
    claimed = parse_time((folder / "timestamp.txt").read_text())
    os.utime(folder / "sigmoid.ipynb", (0, 0))  # what a student can set does not matter
    monkeypatch.setattr(arrivals, "TOLERANCE", timedelta(seconds=-1))  # as if the change had come much later
    collect(exchange)
    assert collected_time(collected(exchange)) > claimed


@pytest.mark.attack("hand-ins")
def test_a_single_backdated_submission_counts_with_the_time_of_its_files(exchange):
    hand_in(exchange, age=timedelta(days=3))
    collect(exchange)
    age = datetime.now(UTC).replace(tzinfo=None) - collected_time(collected(exchange))
    assert timedelta() <= age < timedelta(minutes=5)


@pytest.mark.attack("hand-ins")
def test_a_time_in_the_future_does_not_block_the_next_submission(exchange):
    hand_in(exchange, text="from the future", age=-timedelta(days=10_000))
    hand_in(exchange, text="honest", end="y")
    collect(exchange)
    assert text_of(exchange) == "honest"
    hand_in(exchange, text="later", end="z")
    collect(exchange)
    assert text_of(exchange) == "later"


@pytest.mark.parametrize("name", ["", "..", "."])
@pytest.mark.attack("hand-ins")
def test_a_name_that_leads_elsewhere_is_refused(exchange, name):
    hand_in(exchange, student=name)
    collect(exchange, check_owner=False)
    assert reasons(exchange) == [Problem.NAME]
    assert not (exchange.parent / "course" / "submitted").exists()


@pytest.mark.attack("hand-ins")
def test_a_submission_that_was_emptied_does_not_replace_what_was_collected(exchange):
    folder = hand_in(exchange)
    collect(exchange)
    for name in ("sigmoid.ipynb", "timestamp.txt"):  # without the secret, it waits 30 s, as one that is being copied
        (folder / name).unlink()
    collect(exchange)
    assert text_of(exchange) == TEXT
    assert reasons(exchange) == [Problem.EMPTY]


def test_a_submission_without_a_notebook_counts_only_if_there_is_no_other(exchange):
    def export(end: str) -> None:
        folder = hand_in(exchange, end=end)
        (folder / "sigmoid.ipynb").rename(folder / "sigmoid.py")

    export("a")
    collect(exchange)
    assert sorted(file.name for file in collected(exchange).iterdir())[0] == "sigmoid.py", (
        "its page asks for the notebook"
    )
    hand_in(exchange, end="b")
    collect(exchange)
    export("c")
    collect(exchange)
    assert text_of(exchange) == TEXT
    assert reasons(exchange) == [Problem.EMPTY] * 2


@pytest.mark.attack("hand-ins")
def test_a_name_without_a_time_does_not_stop_the_others(exchange):
    hand_in(exchange)
    (exchange / "lectrain" / "inbound" / f"{ME}+01-sigmoid+yesterday").mkdir(mode=0o777)
    (exchange / "lectrain" / "inbound" / "nonsense").mkdir()
    collect(exchange)
    assert text_of(exchange) == TEXT


@pytest.mark.parametrize("what", ["file", "folder", "submission", "pipe"])
@pytest.mark.attack("hand-ins")
def test_a_link_to_the_instructors_files_is_not_followed(exchange, what):
    secret = exchange.parent / "solutions"
    secret.mkdir()
    (secret / "sigmoid.ipynb").write_text("the solution")
    folder = hand_in(exchange)
    if what == "file":
        (folder / "sigmoid.ipynb").unlink()
        (folder / "sigmoid.ipynb").symlink_to(secret / "sigmoid.ipynb")
    elif what == "folder":
        (folder / "inner").symlink_to(secret)
    elif what == "submission":
        elsewhere = folder.rename(exchange.parent / "elsewhere")
        folder.symlink_to(elsewhere)
    else:
        os.mkfifo(folder / "pipe")
    collect(exchange)
    assert not collected(exchange).exists()
    assert reasons(exchange)[0] in (Problem.NOT_A_FILE, Problem.UNREADABLE)
    copies = (exchange.parent / "course").rglob("*.ipynb")
    assert all("the solution" not in copy.read_text() for copy in copies)


@pytest.mark.attack("hand-ins")
def test_a_submission_that_is_edited_after_it_was_seen_counts_from_then(exchange, tmp_path, monkeypatch):
    folder = hand_in(exchange)
    (arrival,) = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid")
    assert not arrival.is_misdated
    seen = max(path.stat().st_ctime for path in (folder, folder / "sigmoid.ipynb"))
    tolerance = timedelta(seconds=seen - arrival.time.replace(tzinfo=UTC).timestamp() + 0.2)
    monkeypatch.setattr(arrivals, "TOLERANCE", tolerance)
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    assert copy_arrival(arrival, tmp_path / "before", max_bytes=10_000).time == arrival.time
    time.sleep(0.5)
    (folder / "sigmoid.ipynb").write_text("# edited while the submission waits in the queue")
    copied = copy_arrival(arrival, tmp_path / "after", max_bytes=10_000)
    edited = datetime.fromtimestamp((folder / "sigmoid.ipynb").stat().st_ctime, UTC).replace(tzinfo=None)
    assert (copied.is_misdated, copied.time) == (True, edited)
    assert collected_time(tmp_path / "after") == edited


@pytest.mark.parametrize("name", ["0", "zz"])
def test_a_submission_is_looked_at_as_a_whole(exchange, name):
    (hand_in(exchange) / name).symlink_to("/etc/hostname")
    (arrival,) = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid")
    assert arrival.problem is Problem.NOT_A_FILE


@pytest.mark.attack("hand-ins")
def test_a_timestamp_that_becomes_a_folder_after_it_was_read_stops_nobody(exchange, monkeypatch):
    folder = hand_in(exchange, student="eve")
    hand_in(exchange, student="zoe")
    swapped = []

    def swap_then_admit(*arguments, **options):
        if not swapped:
            swapped.append(folder)
            (folder / "timestamp.txt").unlink()
            (folder / "timestamp.txt" / "x").mkdir(parents=True)
        return admission.admit(*arguments, **options)

    monkeypatch.setattr(arrivals, "admit", swap_then_admit)
    collect(exchange, check_owner=False)
    assert swapped
    assert text_of(exchange, "eve") == text_of(exchange, "zoe") == TEXT
    assert collected_time(collected(exchange, "eve")) is not None


@pytest.mark.parametrize("secret", ["", " ", "\x00", "ä", "x" * 201, "two\nlines"])
@pytest.mark.attack("hand-ins")
def test_a_secret_that_nbgrader_does_not_write_is_not_copied(exchange, secret):
    (hand_in(exchange) / "submission_secret.txt").write_text(secret)
    collect(exchange)
    assert text_of(exchange) == TEXT
    assert (collected(exchange) / "submission_secret.txt").exists() is (secret == " ")


def test_an_account_with_thousands_of_submissions_is_one_line_and_costs_the_others_nothing(exchange, read, monkeypatch):
    monkeypatch.setattr(arrivals, "MAX_SUBMISSIONS", 5)
    first, latest = [hand_in(exchange, student="eve", text=str(i), end=str(i)) for i in range(50)][::49]
    hand_in(exchange, student="ada")
    for _ in range(2):
        collect(exchange, check_owner=False)
    assert text_of(exchange, "ada") == TEXT
    assert text_of(exchange, "eve") == "49", "the latest counts"
    assert len(read) == 2 * (5 + 1)
    assert latest.name in read
    assert reasons(exchange) == [Problem.MANY]
    assert [folder.name for folder in (exchange.parent / "course" / "refused").iterdir()] == [first.name]
    read.clear()
    first_look = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid", check_owner=False)
    known = {arrival.folder.name: arrival for arrival in first_look}
    assert read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid", check_owner=False, known=known) == first_look
    assert len(read) == 5 + 1, "a watch reads each once"
    assert len(collect(exchange).refused) == 5 + 1, "all 51 belong to one account"


def test_a_submission_that_is_refused_while_it_is_copied_is_counted_and_takes_no_space(exchange, caplog):
    caplog.set_level("INFO")
    with (hand_in(exchange, student="eve") / "sigmoid.ipynb").open("wb") as file:
        file.truncate(756_000_000)
    collect(exchange, check_owner=False)
    assert caplog.messages[-1] == "01-sigmoid: submissions of students: 1, collected now: 0, refused: 1"
    assert reasons(exchange) == [Problem.SIZE]
    files = [path for path in (exchange.parent / "course" / "refused").rglob("*") if path.is_file()]
    assert [file.name for file in files] == ["reason.txt"]


def test_if_the_latest_is_refused_while_it_is_copied_the_one_before_it_is_collected(exchange):
    hand_in(exchange, text="# earlier", age=timedelta(seconds=2))
    with (hand_in(exchange) / "sigmoid.ipynb").open("wb") as file:
        file.truncate(756_000_000)
    collect(exchange)
    assert (text_of(exchange), reasons(exchange)) == ("# earlier", [Problem.SIZE])


def test_a_disk_that_is_full_is_not_a_fault_of_the_submission(exchange):
    hand_in(exchange)
    (arrival,) = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid")
    (exchange.parent / "copy").mkdir()
    (exchange.parent / "copy" / "sigmoid.ipynb").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        copy_arrival(arrival, exchange.parent / "copy", max_bytes=4000)


def test_a_folder_in_place_of_the_timestamp_keeps_no_file_open(exchange):
    folder = hand_in(exchange)
    (folder / "timestamp.txt").unlink()
    (folder / "timestamp.txt").mkdir()
    before = os.listdir("/proc/self/fd")
    (arrival,) = read_arrivals(exchange / "lectrain" / "inbound", "01-sigmoid")
    assert arrival.problem is None
    assert arrival.is_misdated, "its time counts as not stated"
    assert os.listdir("/proc/self/fd") == before
    (folder / "timestamp.txt" / "own.ipynb").touch()
    collect(exchange)
    assert reasons(exchange) == [Problem.UNREADABLE]


def test_a_submission_is_complete_when_nbgrader_has_written_its_secret_and_opened_its_folder(exchange):
    folder = hand_in(exchange)
    (folder / "submission_secret.txt").rename(exchange / "secret")  # as while it copies a folder that is open to all
    collect(exchange)
    assert not collected(exchange).exists()
    (exchange / "secret").rename(folder / "submission_secret.txt")
    folder.chmod(0o755)  # as while `nbgrader submit` copies
    collect(exchange)
    assert not collected(exchange).exists()
    folder.chmod(0o777)
    collect(exchange)
    assert text_of(exchange) == TEXT


def test_a_folder_that_cannot_be_read_for_a_moment_is_looked_at_again(exchange, read, monkeypatch):
    inbound, folder = exchange / "lectrain" / "inbound", hand_in(exchange)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "lstat", lambda path: os.stat(f"{path}/{'x' * 300}"))  # raises OSError, as a mount may
        (arrival,) = read_arrivals(inbound, "01-sigmoid")
    assert (arrival.problem, arrival.owner) == (Problem.UNREADABLE, "unknown")
    for _ in range(2):
        (arrival,) = read_arrivals(inbound, "01-sigmoid", known={arrival.folder.name: arrival})
    assert (arrival.problem, read) == (None, [folder.name])


@pytest.mark.attack("work of the grader")
def test_a_submission_that_stays_unfinished_is_not_read_at_each_look(exchange, read, monkeypatch):
    inbound, folder = exchange / "lectrain" / "inbound", hand_in(exchange)
    for _ in range(3):
        folder.chmod(0o755)  # again, which is a change of the folder
        assert read_arrivals(inbound, "01-sigmoid") == []
    assert read == []
    monkeypatch.setattr(arrivals, "UNFINISHED_SECONDS", 0)
    known: dict[str, arrivals.Arrival] = {}
    for _ in range(3):  # its notebook is changed now, and its folder is not
        os.utime(folder / "sigmoid.ipynb")
        (arrival,) = read_arrivals(inbound, "01-sigmoid", known=known)
        known[arrival.folder.name] = arrival
    assert (arrival.is_final, read) == (True, [folder.name])


@pytest.mark.attack("work of the grader")
def test_of_submissions_that_are_renamed_again_and_again_a_look_reads_only_some(exchange, read):
    inbound, known = exchange / "lectrain" / "inbound", {}
    for number in range(5):
        hand_in(exchange, student="eve", end=str(number))
    hand_in(exchange, student="zoe")

    def look() -> dict[str, int]:
        nonlocal known
        found = read_arrivals(inbound, "01-sigmoid", check_owner=False, known=known, max_read=2)
        known = {arrival.folder.name: arrival for arrival in found}
        return {student: sum(a.is_final for a in found if a.student == student) for student in ("eve", "zoe")}

    assert (look(), len(read)) == ({"eve": 2, "zoe": 1}, 3)
    for folder in inbound.glob("eve*"):
        folder.rename(f"{folder}x")
    assert (look(), len(read)) == ({"eve": 2, "zoe": 1}, 5), "those of eve are new again"
    assert [look()["eve"], look()["eve"], look()["eve"], len(read)] == [4, 5, 5, 8]


def test_nbgrader_collect_uses_the_collector(course, exchange):
    hand_in(exchange, text="honest")
    hand_in(exchange, student="ada", text="forged")
    add_settings(course.root, f'c.Exchange.root = "{exchange}"')
    command = subprocess.run(
        ["nbgrader", "collect", "01-sigmoid"], cwd=course.root, capture_output=True, text=True, check=True
    )
    assert "collected now: 1, refused: 1" in command.stderr
    assert (course.root / "submitted" / ME / "01-sigmoid" / "sigmoid.ipynb").read_text() == "honest"
    assert not (course.root / "submitted" / "ada").exists()
    hand_in(exchange, text="second", end="y")
    result = NbGraderAPI(course.directory, config=course.config).collect("01-sigmoid")  # what Formgrader's button does
    assert result["success"], result
    assert (course.root / "submitted" / ME / "01-sigmoid" / "sigmoid.ipynb").read_text() == "second"
    assert not (course.root / "submitted" / "ada").exists()
