"""Hand in over HTTP: from the link to the feedback, and against those who attack the server."""

import csv
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from subprocess import PIPE, STDOUT
from types import SimpleNamespace
from urllib.parse import urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from typer.testing import CliRunner

from autograder import cli
from autograder.authoring.simulate import make_submission
from autograder.course import Course, CourseError
from autograder.grading import due_dates
from autograder.grading.arrivals import TIMESTAMP_FILE
from autograder.grading.roster import find_unknown
from autograder.live import hand_in_handlers, hand_in_server, tokens, uploads
from autograder.live.hand_in_handlers import FEEDBACK_POLICY, HandInDesk
from autograder.live.hand_in_limits import Rate
from autograder.live.hand_in_links import write_links
from autograder.live.hand_in_page import render_page
from autograder.live.hand_in_server import serve
from autograder.live.returned_list import Returned, add_returned
from autograder.live.tokens import Token, sign
from autograder.live.uploads import read_receipts
from tests.conftest import REPOSITORY, add_settings, make_course

from ..submissions.payloads import MARKUP

ASSIGNMENT, TWO = "01-sigmoid", "03-softmax"  # the second has two notebooks
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
BOUNDARY = "a-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
LATER = date.today() + timedelta(days=30)


@pytest.fixture(autouse=True)
def _no_token_is_logged(caplog) -> Iterator[None]:
    caplog.set_level(0)
    yield
    assert "WyJ" not in caplog.text, "all tokens begin with it"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    return make_course(tmp_path_factory.mktemp("hand-in"), ASSIGNMENT, TWO)


@pytest.fixture
def course(prepared, tmp_path) -> Course:
    return Course.at(Path(shutil.copytree(prepared, tmp_path / "course")))


def limited(course: Course, **limits: float) -> Course:
    """The course with limits of ``c.HandIn``."""
    return add_settings(course.root, *(f"c.HandIn.{name} = {value}" for name, value in limits.items()))


@dataclass(frozen=True)
class Server:
    desk: HandInDesk
    url: str


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def line(self) -> str:
        """The sentence of a refusal, which has no other content."""
        return re.search(r'<p class="notes"[^>]*>(.*?)</p>', self.text)[1]


def send(server: Server, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> Answer:
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)) as connection:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())


def link(course: Course, student: str, assignment: str = ASSIGNMENT, until: date = LATER) -> str:
    return "/" + sign(Token(student, assignment, until), tokens.read_token_secret(course))


def part(name: str, content: bytes, filename: str = "any.ipynb") -> bytes:
    heading = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return heading.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def hand_in(server: Server, student: str, content: bytes = NOTEBOOK) -> Answer:
    return send(server, "POST", link(server.desk.course, student), form(part("sigmoid", content)), FORM)


def uploaded(course: Course, student: str, assignment: str = ASSIGNMENT) -> dict[str, bytes]:
    folder = course.root / "uploaded" / student / assignment
    return {path.name: path.read_bytes() for path in folder.glob("*")}


@contextmanager
def serving(course: Course) -> Iterator[Server]:
    """A server. At the end, an honest student hands in, and nothing was saved for anybody else who is not named."""
    lines: list[str] = []
    desk = HandInDesk(course, ASSIGNMENT, report=lambda student, line: lines.append(f"{student}: {line}"))
    with serve(desk, "0") as url:
        server = Server(desk, url)
        yield server
        honest = NOTEBOOK.replace(b"[]", b"[ ]")
        assert hand_in(server, "honest", honest).status == 303
        assert uploaded(course, "honest") == {"sigmoid.ipynb": honest}
    assert lines == []
    saved = {path for path in (course.root / "uploaded").rglob("*") if path.is_file()}
    assert {path.name for path in saved} <= {"sigmoid.ipynb", "iris.ipynb", "fashion_mnist.ipynb"}


@contextmanager
def watching(course: Course) -> Iterator[SimpleNamespace]:
    """The `url` of a watch in another process, which also grades, and the `course`."""
    command = [sys.executable, "-m", "autograder", "watch", ASSIGNMENT, "--http", "0", "--workers", "1"]
    with subprocess.Popen(command, cwd=course.root, stdout=PIPE, stderr=STDOUT, text=True) as watch:
        try:
            url = next(
                match[1] for line in watch.stdout if (match := re.search(r"at (http://127.0.0.1:\d+)/TOKEN", line))
            )
            yield SimpleNamespace(url=url, desk=SimpleNamespace(course=course))
        finally:
            watch.terminate()
        printed = watch.stdout.read()
    assert (watch.returncode, "WyJ" in printed) == (0, False), printed


# --- an honest student ------------------------------------------------------------------------------------------------


def test_a_notebook_is_saved_under_its_name_in_the_course_and_shown_with_its_time(course):
    with serving(course) as server:
        assert "What has arrived" not in send(server, "GET", link(course, "ada")).text
        before = due_dates.now()
        answer = hand_in(server, "ada")
        page = send(server, "GET", link(course, "ada"))
        server.desk.is_left_out = {"ada"}.__contains__
        assert "has arrived, and is not graded yet" in send(server, "GET", link(course, "ada")).text
    assert (answer.status, "/" + answer.headers["Location"]) == (303, link(course, "ada"))
    assert uploaded(course, "ada") == {"sigmoid.ipynb": NOTEBOOK}
    (receipt,) = read_receipts(course, ASSIGNMENT, "ada")
    assert f"{before:%Y-%m-%d %H:%M}"[:-1] in receipt.time
    assert receipt.time[:19] in page.text
    assert receipt.sha256[:16] in page.text
    assert "waits to be graded" in page.text
    assert page.headers["Refresh"] == "10"


def test_one_of_two_notebooks_can_follow_later(course):
    path = link(course, "ada", TWO)
    with serving(course) as server:
        assert (
            send(server, "POST", path, form(part("iris", NOTEBOOK), part("fashion_mnist", b"", "")), FORM).status == 303
        )
        assert send(server, "POST", path, form(part("fashion_mnist", NOTEBOOK)), FORM).status == 303
        page = send(server, "GET", path).text
    assert uploaded(course, "ada", TWO) == {"iris.ipynb": NOTEBOOK, "fashion_mnist.ipynb": NOTEBOOK}
    assert "not graded yet" in page, "another assignment is watched"


def test_notebooks_that_the_grader_would_refuse_together_are_not_taken(course):
    course, path, large = (
        add_settings(course.root, "c.CourseDirectory.max_dir_size = 100"),
        link(course, "ada", TWO),
        NOTEBOOK + b" " * 60_000,
    )
    with serving(course) as server:
        answers = [
            send(server, "POST", path, form(part(name, large)), FORM) for name in ("iris", "fashion_mnist", "iris")
        ]
        assert [answer.status for answer in answers] == [303, 413, 303]
        assert answers[1].line.startswith("Together, your notebooks are larger than 0.1 MB: clear the outputs")
        assert "At most 0.1 MB" in send(server, "GET", path).text


def test_a_proxy_with_an_older_protocol_and_a_folder_of_its_own_works(course):
    feedback = course.feedback_folder("ada", ASSIGNMENT)
    feedback.mkdir(parents=True)
    (feedback / "sigmoid.html").touch()
    with serving(course) as server:
        path = link(course, "ada")
        request = f"GET {path} HTTP/1.0\r\nHost: hand-in.example.org\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
        with connected(server, request.encode()) as connection:
            page = read_all(connection).decode()
    assert page.startswith("HTTP/1.1 200")
    addresses = re.findall('(?:href|action|src)="([^"]*)"', page)
    assert addresses == [f"{path[1:]}/sigmoid"], "it is relative"
    assert "chunked" not in page.partition("\r\n\r\n")[0]


def test_the_page_says_whether_it_is_graded_and_when_an_attempt_too_many_is(course):
    def page(is_busy: bool = False) -> str:
        return render_page(course, Token("ada", ASSIGNMENT, LATER), "x", 1, is_watched=True, is_busy=is_busy)[0]

    assert "What you handed in" not in page()
    uploads.save(course, ASSIGNMENT, "ada", {"sigmoid": NOTEBOOK})
    assert "is being graded" in page(is_busy=True)
    (receipt,) = read_receipts(course, ASSIGNMENT, "ada")
    add_returned(course, ASSIGNMENT, "ada", Returned("2026-01-01 10:00:00.000000 UTC", "k", 1.0, "a", "f", ""))
    course.config.Watch.max_attempts = 1
    assert "You have no attempt left of 1" in page()
    course.config.Watch.max_attempts = None
    course.config.Watch.seconds_between = 10**9
    assert "It is graded after 20" in page()
    feedback = course.feedback_folder("ada", ASSIGNMENT)
    feedback.mkdir(parents=True)
    (feedback / TIMESTAMP_FILE).write_text(receipt.time)
    assert "The feedback is on what you handed in last." in page()
    for notebook in (NOTEBOOK + b" ", NOTEBOOK):  # the first is replaced before the watch looks
        uploads.save(course, ASSIGNMENT, "ada", {"sigmoid": notebook})
    assert "The feedback is on what you handed in last." in page(), "it keeps its time, and is not graded again"


def test_a_link_for_each_student_of_the_roster(course):
    with course.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="=1+1", email="ada@example.org")
        gradebook.add_student("added-by-grading")
    command = ["tokens", ASSIGNMENT, "--course-dir", str(course.root), "--url", "https://x.example/in/", "--days", "1"]
    assert CliRunner().invoke(cli.app, command).output == f"1 link: {course.root}/tokens/{ASSIGNMENT}.csv\n"
    file = course.root / "tokens" / f"{ASSIGNMENT}.csv"
    (row,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (row["id"], row["last_name"]) == ("ada", "'=1+1")
    assert row["link"].startswith("https://x.example/in/W")
    private = [file, course.root / tokens.SECRET_FILE]
    assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]
    assert file.parent.stat().st_mode & 0o777 == 0o700
    text = row["link"].rpartition("/")[2]
    assert tokens.verify(text, tokens.read_token_secret(course)).student == "ada"
    command[command.index("https://x.example/in/")] = "http://x.example"
    assert "anybody on the way" in " ".join(CliRunner().invoke(cli.app, command).output.split())


def test_a_roster_of_ids_alone_gets_links_even_after_all_have_submitted(course):
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_submission(ASSIGNMENT, "ada")
    assert find_unknown(course, ["ghost"]) == {}, "grading may have added everybody"
    _, number = write_links(course, ASSIGNMENT, "https://x.example/", days=1)
    assert number == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python leaves a socket open
@pytest.mark.parametrize("place", ["no", "99999", "-1", "{used}", "203.0.113.1:0", "[::1]:0", f"{'x' * 64}:0"])
def test_a_place_that_cannot_be_used_is_reported(course, place):
    with socket.create_server(("127.0.0.1", 0)) as used:
        place, desk = place.format(used=used.getsockname()[1]), HandInDesk(course)
        with pytest.raises(CourseError, match=r"--http .*: give another port, or an IPv4 address"), serve(desk, place):
            pass


def test_a_server_that_cannot_start_is_noticed(course, monkeypatch):
    monkeypatch.setattr(hand_in_server, "make_application", lambda desk: 1 / 0)
    with pytest.raises(ZeroDivisionError), serve(HandInDesk(course), "0"):
        pytest.fail("it has an address")


@pytest.mark.parametrize(("name", "value", "must"), [
    ("uploads_per_second", 0, "uploads_per_second must be a finite number above 0"),
    ("max_bytes", "'10 MB'", "max_bytes must be an integer above 0"),
    ("uploads", 0.5, "uploads must be an integer above 0"),
])  # fmt: skip
def test_a_limit_that_can_never_be_kept_is_reported(course, name, value, must):
    with pytest.raises(CourseError, match=f"c.HandIn in nbgrader_config.py: {must}"):
        HandInDesk(limited(course, **{name: value}))


def test_a_secret_that_others_can_read_is_not_used(course):
    tokens.read_token_secret(course)
    (course.root / tokens.SECRET_FILE).chmod(0o644)
    with pytest.raises(CourseError, match="other accounts can read"):
        tokens.read_token_secret(course)


# --- attacks ----------------------------------------------------------------------------------------------------------


def replaced(token: str, payload: str) -> str:
    return f"{payload}.{token.split('.')[1]}"


FORGED = {  # from the attacker's own path and, to compare, that of Ada
    "the payload of another student": lambda own, ada: replaced(own, ada.split(".")[0]),
    "the signature of another secret": lambda own, ada: "/" + sign(Token("ada", ASSIGNMENT, LATER), b"another" * 8),
    "no signature": lambda own, ada: ada.split(".")[0] + ".",
    "no token": lambda own, ada: "/",
    "a letter less": lambda own, ada: ada[:-1],
    "a letter more": lambda own, ada: ada + "A",
    "padding": lambda own, ada: ada + "==",
    "two tokens": lambda own, ada: own + ada,
    "a path to the feedback of another student": lambda own, ada: f"{own}/..%2f..%2fada%2f{ASSIGNMENT}%2fsigmoid",
    "a path outside": lambda own, ada: f"{own}/../../ada/{ASSIGNMENT}/sigmoid",
    "bytes that are no text": lambda own, ada: f"{own}/%ff%fe",
    "markup": lambda own, ada: f"{own}/%3Cscript%3Ealert(1)%3C%2fscript%3E",
}  # fmt: skip


@pytest.mark.attack("uploads", FORGED)
def test_a_forged_path_opens_nothing_of_another_student(course):
    feedback = course.feedback_folder("ada", ASSIGNMENT)
    feedback.mkdir(parents=True)
    (feedback / "sigmoid.html").write_text("the feedback of Ada")
    own, ada, body = link(course, "eve"), link(course, "ada"), form(part("sigmoid", NOTEBOOK))
    with serving(course) as server:
        assert send(server, "GET", f"{ada}/sigmoid").text == "the feedback of Ada"
        for name, forge in FORGED.items():
            for answer in (send(server, "GET", forge(own, ada)), send(server, "POST", forge(own, ada), body, FORM)):
                assert answer.status in {400, 404, 405}, name
                assert any(words in answer.line for words in ("open", "feedback yet")), name
                assert not {"Ada", "<script"} & set(re.findall(r"Ada|<script", answer.text)), name
    assert not (course.root / "uploaded" / "ada").exists()


REFUSED_TOKENS = {
    "expired": (Token("eve", ASSIGNMENT, date(2026, 1, 1)), "valid until 2026-01-01: ask your instructor"),
    "of an assignment that was removed": (Token("eve", "07-gone", LATER), "The course no longer has 07-gone"),
}


@pytest.mark.attack("uploads")
@pytest.mark.parametrize(("token", "line"), REFUSED_TOKENS.values(), ids=REFUSED_TOKENS)
def test_a_hostile_use_of_an_old_token_is_refused(course, token, line):
    path = "/" + sign(token, tokens.read_token_secret(course))
    with serving(course) as server:
        for answer in (send(server, "GET", path), send(server, "POST", path, form(part("sigmoid", NOTEBOOK)), FORM)):
            assert answer.status in {403, 404}
            assert line in answer.line
    assert not (course.root / "uploaded" / "eve").exists()


def test_no_token_is_made_for_an_id_that_is_a_path():
    with pytest.raises(CourseError, match="cannot be an id"):
        sign(Token("../eve", ASSIGNMENT, LATER), b"secret")


@pytest.mark.attack("uploads")
def test_an_attack_by_sending_a_request_again_changes_nothing(course):
    with serving(course) as server:
        assert [hand_in(server, "ada").status for _ in range(2)] == [303, 303]
        (receipt,) = read_receipts(course, ASSIGNMENT, "ada")
        assert hand_in(server, "ada", NOTEBOOK + b" ").status == 303
    assert read_receipts(course, ASSIGNMENT, "ada")[0] == receipt
    assert len(read_receipts(course, ASSIGNMENT, "ada")) == 2


def test_receipts_that_cannot_be_read_are_not_replaced(course):
    file = course.records_folder / ASSIGNMENT / "uploaded" / "ada.json"
    file.parent.mkdir(parents=True)
    file.symlink_to(file.name)  # a loop: not even root can read it
    with pytest.raises(OSError, match=r"ada\.json"):
        uploads.save(course, ASSIGNMENT, "ada", {"sigmoid": NOTEBOOK})
    assert file.is_symlink()
    assert not (course.root / "uploaded" / "ada").exists()


def test_a_notebook_that_arrived_has_its_receipt_though_the_next_cannot_be_written(course):
    notebooks = {"sigmoid": NOTEBOOK, "bce": NOTEBOOK}
    obstacle = course.root / "uploaded" / "ada" / ASSIGNMENT / "bce.ipynb"
    obstacle.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        uploads.save(course, ASSIGNMENT, "ada", notebooks)
    (receipt,) = read_receipts(course, ASSIGNMENT, "ada")
    obstacle.rmdir()
    uploads.save(course, ASSIGNMENT, "ada", notebooks)
    assert read_receipts(course, ASSIGNMENT, "ada")[0] == receipt


def test_a_notebook_whose_receipt_is_lost_keeps_its_time(course):
    uploads.save(course, ASSIGNMENT, "ada", {"sigmoid": NOTEBOOK})
    file = course.root / "uploaded" / "ada" / ASSIGNMENT / "sigmoid.ipynb"
    os.utime(file, (1_700_000_000, 1_700_000_000))
    (course.records_folder / ASSIGNMENT / "uploaded" / "ada.json").write_text("[")  # the disk was full
    uploads.save(course, ASSIGNMENT, "ada", {"sigmoid": NOTEBOOK})
    assert [receipt.time[:10] for receipt in read_receipts(course, ASSIGNMENT, "ada")] == ["2023-11-14"]
    assert file.stat().st_mtime == 1_700_000_000


@pytest.mark.attack("uploads")
def test_an_attack_with_many_hand_ins_is_slowed_down_and_ends(course):
    course = limited(course, max_files=4)
    with serving(course) as server:
        answers = [hand_in(server, "eve", NOTEBOOK + b" " * i) for i in range(5)]
        assert [answer.status for answer in answers] == [303, 303, 303, 429, 429]
        assert re.fullmatch(r"This was too often: try again in (1 second|\d seconds)\.", answers[-1].line)
        server.desk.upload_rate = Rate(1000, 1000)  # as if time had passed
        answers = [hand_in(server, "eve", NOTEBOOK + b" " * i) for i in range(5, 7)]
        assert [answer.status for answer in answers] == [303, 429]
    assert answers[-1].line == "You have handed in 4 files: ask your instructor."
    assert uploaded(course, "eve") == {"sigmoid.ipynb": NOTEBOOK + b" " * 5}


@pytest.mark.attack("uploads")
@pytest.mark.parametrize("has_token", [True, False])
def test_an_attack_with_a_thousand_requests_leaves_the_server_working(course, has_token):
    number = 1000
    with serving(course) as server:
        place, path = ("127.0.0.1", int(server.url.rpartition(":")[2])), link(course, "eve") if has_token else "/WyJ.x"
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

        def ask(_: int) -> bytes:
            with socket.create_connection(place, timeout=20) as connection:
                connection.sendall(request)
                return connection.recv(12)

        with ThreadPoolExecutor(8) as threads:
            replies = Counter(threads.map(ask, range(number)))
    refused = b"HTTP/1.1 429" if has_token else b"HTTP/1.1 404"
    assert replies[refused] > 0.9 * number
    assert sum(replies.values()) == number


@contextmanager
def connected(server: Server, data: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=20) as connection:
        connection.sendall(data)
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Everything up to the end of the connection. A reset is an end, too."""
    received = b""
    with suppress(ConnectionError):
        while chunk := connection.recv(65_536):
            received += chunk
    return received


@pytest.mark.attack("uploads")
def test_an_attack_with_open_connections_closes_the_oldest_of_them(course):
    course = limited(course, max_connections=20, max_bodies=2)
    with serving(course) as server, ExitStack() as stack:
        idle = [stack.enter_context(connected(server, b"GET /")) for _ in range(60)]
        assert hand_in(server, "ada").status == 303
        assert read_all(idle[0]) == b""


def test_the_oldest_connection_is_closed_if_a_notebook_arrives_on_each(course):
    course = limited(course, max_connections=1, max_bodies=2)
    with serving(course) as server:
        heading = f"POST {link(course, 'eve')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n--"
        with connected(server, heading.encode()) as sending:
            wait_until(lambda: server.desk.sending)
            assert hand_in(server, "ada").status == 303
            assert read_all(sending) == b""


@pytest.mark.attack("uploads", ["a slow heading", "a slow body"])
def test_an_attack_that_is_slow_ends_after_a_while(course):
    course = limited(course, header_seconds=0.5, body_seconds=1, max_bodies=1)
    with serving(course) as server:
        heading = f"POST {link(course, 'eve')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        with connected(server, heading.encode()) as unfinished, connected(server, f"{heading}\r\n--".encode()) as slow:
            wait_until(lambda: server.desk.sending)
            assert hand_in(server, "ada").line == "Many students are handing in now: try again in a minute."
            assert hand_in(server, "eve").line.startswith("Another notebook of yours is just arriving")
            started = time.monotonic()
            answer = read_all(slow)
            assert (answer[:12], read_all(unfinished)) == (b"HTTP/1.1 408", b"")
            assert b"Your notebook arrived too slowly" in answer
            assert time.monotonic() - started < 10
        wait_until(lambda: not server.desk.sending)
    assert not (course.root / "uploaded" / "eve").exists()


def wait_until(condition: Callable[[], object], pause: float = 0.01) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(pause)


def send_without_end(connection: socket.socket, data: bytes) -> int:
    """Send until the server closes the connection. Return the number of bytes."""
    count = 0
    with suppress(ConnectionError):
        while True:
            connection.sendall(data)
            count += len(data)
    return count


@pytest.mark.attack("uploads", ["a large body", "an endless body", "a body that is announced as huge"])
def test_an_attack_with_a_huge_body_gets_a_line_and_leaves_nothing(course):
    course, line = limited(course, max_bytes=100_000), b"This is larger than 0.1 MB"
    with serving(course) as server:
        large = send(server, "POST", link(course, "eve"), form(part("sigmoid", NOTEBOOK + b" " * 900_000)), FORM)
        assert (large.status, line.decode() in large.line) == (413, True)
        heading = f"POST {link(course, 'eve')} HTTP/1.1\r\nHost: x\r\n"
        with connected(server, f"{heading}Transfer-Encoding: chunked\r\n\r\n".encode()) as endless:
            assert send_without_end(endless, b"10000\r\n" + b"x" * 65_536 + b"\r\n") < 10_000_000
        with connected(server, f"{heading}Content-Length: {10**15}\r\n\r\n".encode()) as huge:
            assert line in read_all(huge)
    assert not (course.root / "uploaded" / "eve").exists()


ELSEWHERE = ["/no-token", "/no-token/sigmoid", "/a/place/that/is/not", "/"]


@pytest.mark.attack("uploads", ELSEWHERE)
@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_attack_with_a_body_for_no_token_is_answered_before_it_arrives(course, address):
    with serving(course) as server:
        heading = f"POST {address} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        with connected(server, heading.encode()) as endless:
            assert send_without_end(endless, b"10000\r\n" + b"x" * 65_536 + b"\r\n") < 10_000_000


def test_a_body_for_a_feedback_page_is_not_kept(course, monkeypatch):
    kept = []
    monkeypatch.setattr(hand_in_handlers._Feedback, "on_finish", lambda handler: kept.append(handler.request.body))
    with serving(course) as server:
        answer = send(server, "POST", f"{link(course, 'ada')}/sigmoid", b"x" * 1_000_000, {})
    assert (answer.status, kept) == (405, [b""])
    assert f'href="..{link(course, "ada")}"' in answer.text


GOOD = part("sigmoid", NOTEBOOK)
MALFORMED = {
    "no form": (b"x", {}),
    "not a form": (b"x" * 1000, {"Content-Type": "application/json"}),
    "no boundary": (form(GOOD), {"Content-Type": "multipart/form-data"}),
    "another boundary": (form(GOOD), {"Content-Type": "multipart/form-data; boundary=other"}),
    "no end": (GOOD, FORM),
    "a thousand parts": (form(*[GOOD] * 1000), FORM),
    "a part without a heading": (form(b"--a-boundary\r\nx\r\n"), FORM),
    "a heading that is no text": (form(GOOD.replace(b"any", b"\xff\xfe")), FORM),
    "a long heading": (form(part("sigmoid", NOTEBOOK, "x" * 100_000)), FORM),
    "thousands of parameters": (form(part("sigmoid", NOTEBOOK, '"; a="' * 1500)), FORM),
    "compressed": (form(GOOD), {**FORM, "Content-Encoding": "gzip"}),
    "no file": (form(), FORM),
    "another notebook": (form(part("iris", NOTEBOOK)), FORM),
    "a path as field": (form(part("../sigmoid", NOTEBOOK)), FORM),
    "markup as field": (form(part("<script>alert(1)</script>", NOTEBOOK)), FORM),
    "a module": (form(part("sigmoid", b"print(1)")), FORM),
    "an empty file": (form(part("sigmoid", b"")), FORM),
}


@pytest.mark.attack("uploads", MALFORMED)
def test_an_attack_with_a_malformed_form_gets_a_line(course):
    with serving(course) as server:
        for number, (name, (body, headers)) in enumerate(MALFORMED.items()):
            answer = send(server, "POST", link(course, f"eve-{number}"), body, headers)
            assert answer.status == 400, name
            assert re.match(
                "The form is damaged|The form is an old one|Nothing was handed in|What you chose", answer.line
            ), name
            assert "<script" not in answer.text, name
    assert [folder.name for folder in (course.root / "uploaded").iterdir()] == ["honest"]


MALFORMED_REQUESTS = (
    b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 20_000, b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST {} HTTP/1.1\r\n\r\n",
    b"POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n",
    b"POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 10_000 + b"\r\n\r\n",
    b"POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"GET {} HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n: d\r\n\r\n", b"PUT {} HTTP/1.1\r\nHost: x\r\n\r\n",
)  # fmt: skip


@pytest.mark.attack("uploads", MALFORMED_REQUESTS)
def test_an_attack_with_malformed_requests_ends_their_connections(course):
    with serving(limited(course, header_seconds=1)) as server:
        for request in MALFORMED_REQUESTS:
            with connected(server, request.replace(b"{}", link(course, "eve").encode())) as connection:
                assert read_all(connection)[:10] in {b"", b"HTTP/1.1 4"}, request
    assert not (course.root / "uploaded" / "eve").exists()


NAMES = ("../../ada/01-sigmoid/sigmoid.ipynb", "/etc/passwd", "C:\\x.ipynb", "x\ty\x07.ipynb", "<img src=x onerror=alert(1)>.ipynb",
         ".hidden", "sigmoid.ipynb.exe", "\u202egnp.ipynb", "' OR 1=1 --", "=1+1.ipynb", "con.ipynb")  # fmt: skip


@pytest.mark.attack("uploads", NAMES)
def test_a_hostile_name_of_a_file_is_not_used(course):
    with serving(course) as server:
        for number, name in enumerate(NAMES):
            student = f"eve-{number}"
            answer = send(server, "POST", link(course, student), form(part("sigmoid", NOTEBOOK, name)), FORM)
            is_damaged = not name.isprintable() and answer.status == 400
            assert is_damaged or answer.status == 303, "the content counts, whatever the file is called"
            assert uploaded(course, student) == ({} if is_damaged else {"sigmoid.ipynb": NOTEBOOK})
            assert name not in send(server, "GET", link(course, student)).text


def test_an_error_of_the_server_is_reported_without_the_token(course, monkeypatch):
    lines = []

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads, "save", fail)
    desk = HandInDesk(course, report=lambda *line: lines.append(line))
    with serve(desk, "0") as url:
        server = Server(desk, url)
        answer = hand_in(server, "ada")
        assert send(server, "GET", link(course, "ada")).status == 200
    assert (answer.status, lines) == (500, [("ada", "not served: No space left on device")])
    assert answer.line.startswith("This request did not work")


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.attack("uploads", MARKUP)
def test_a_hostile_feedback_page_can_do_nothing(course, browser, tmp_path):
    hostile = "<p>reached</p>" + "".join(MARKUP) + "<script>document.title = 'taken over'</script>"
    feedback = course.feedback_folder("eve", ASSIGNMENT)
    feedback.mkdir(parents=True)
    (feedback / "sigmoid.html").write_text(hostile)
    (tmp_path / "unprotected.html").write_text(hostile)
    with serving(course) as server, closing(browser.new_context()) as window:
        page, asked, dialogs = window.new_page(), [], []
        window.route("https://**", lambda route: (asked.append(route.request.url), route.abort()))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        response = page.goto(f"{server.url}{link(course, 'eve')}/sigmoid")
        page.wait_for_timeout(500)
        assert (page.inner_text("p >> nth=0"), dialogs) == ("reached", [])
        assert "taken over" not in page.title()
        assert asked == []
        assert page.evaluate("window.origin") == "null"
        headers = response.headers
        assert (headers["content-security-policy"], headers["referrer-policy"]) == (FEEDBACK_POLICY, "no-referrer")
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
        assert "set-cookie" not in headers
        page.goto((tmp_path / "unprotected.html").as_uri(), wait_until="commit")
        wait_until(lambda: page.wait_for_timeout(50) or (dialogs and asked))


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_student_hands_in_with_a_browser(course, browser, tmp_path, width, scheme):
    (tmp_path / "my work (1).ipynb").write_bytes(NOTEBOOK)
    feedback = course.feedback_folder("ada", TWO)
    feedback.mkdir(parents=True)
    (feedback / TIMESTAMP_FILE).write_text("2026-10-30 12:00:00.000000 UTC")
    (feedback / "iris.html").write_text("well done")
    window = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    with serving(course) as server, closing(window):
        page, problems = window.new_page(), []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(f"{server.url}{link(course, 'ada', TWO)}")
        page.set_input_files("input >> nth=1", tmp_path / "my work (1).ipynb")
        page.click("button")
        page.wait_for_selector("table")
        shoot(page, f"page-{width}-{scheme}")
        assert "iris" in page.inner_text("tbody")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page).response["violations"] == []
        page.click("text=iris >> nth=0")
        assert page.inner_text("body") == "well done"
        page.go_back()
        page.set_input_files("input >> nth=0", {"name": "x.ipynb", "mimeType": "", "buffer": b"print(1)"})
        page.click("button")
        page.click("text=Back to your page")
        page.wait_for_selector("table")
        assert problems == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]


def shoot(page, name: str) -> None:
    if folder := os.environ.get("LECTRAIN_SHOTS"):
        page.screenshot(path=Path(folder) / f"hand-in-{name}.png", full_page=True)


# --- with the grader --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_solved_notebook_earns_over_http_what_it_earns_in_a_folder(course, sandbox):
    source = nbformat.read(REPOSITORY / "solutions" / ASSIGNMENT / "sigmoid.ipynb", 4)
    solved = nbformat.writes(make_submission(source, {"sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"}))
    folder = course.submitted_folder("bob", ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / "sigmoid.ipynb").write_text(solved)
    with watching(course) as server:
        assert hand_in(server, "ada", solved.encode()).status == 303
        wait_until(lambda: "The feedback is on" in send(server, "GET", link(course, "ada")).text, pause=0.5)
        page = send(server, "GET", f"{link(course, 'ada')}/sigmoid")
    assert page.headers["Content-Security-Policy"] == FEEDBACK_POLICY
    assert page.text.encode() == (course.feedback_folder("ada", ASSIGNMENT) / "sigmoid.html").read_bytes()
    (receipt,) = read_receipts(course, ASSIGNMENT, "ada")
    with course.gradebook() as gradebook:
        found = [gradebook.find_submission(ASSIGNMENT, student) for student in ("ada", "bob")]
        assert found[0].score == found[1].score > 0
        assert f"{found[0].timestamp:%Y-%m-%d %H:%M:%S}" == receipt.time[:19]
