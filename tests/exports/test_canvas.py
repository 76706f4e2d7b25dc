"""Uploads to a server that answers as the documentation of Canvas's API describes. A real Canvas was not available."""

import json
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import CourseError
from autograder.exports import canvas, export
from autograder.reports.grades import StudentInfo, Total
from tests.conftest import SIGMOID_POINTS

from ..graded_class import ASSIGNMENT
from .test_export import COMMENT

pytest.importorskip("canvasapi", reason="the upload needs canvasapi: pip install -e '.[canvas]'")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly"),  # the server here has no HTTPS
]
API = "/api/v1/courses/12"
USERS = [
    {"id": 4711, "name": "Ada King", "login_id": "another login"},  # student-001 has this ID in `lms_user_id`
    {"id": 4712, "name": "Student 2", "login_id": "student-002"},
    {"id": 4713, "name": "Student 3"},  # Canvas hides logins from some roles
]


class FakeCanvas(HTTPServer):
    """A course with one assignment. It keeps what is uploaded."""

    def __init__(self):
        super().__init__(("localhost", 0), Handler)
        self.token, self.states = "secret", ["queued", "running", "completed"]
        self.points_possible = float(SIGMOID_POINTS)
        self.posted = {}  # by ID of the student
        self.comments = defaultdict(list)

    @property
    def address(self):
        return f"http://localhost:{self.server_port}/courses/12/assignments/345"

    def handle_get(self, path, query):
        match path.removeprefix(API):
            case "":
                return {"id": 12, "name": "Training Neural Networks"}
            case "/assignments/345":
                return {"id": 345, "course_id": 12, "name": "Sigmoid", "points_possible": self.points_possible}
            case "/search_users":
                assert query["enrollment_type[]"] == "student"
                return USERS[:2] if query.get("page") != "2" else USERS[2:]
            case "/assignments/345/submissions":
                return [
                    {"id": user["id"] + 9000, "user_id": user["id"], "submission_comments": self.comments[user["id"]]}
                    for user in USERS
                ]
            case "/api/v1/progress/7":
                return self.progress()
        return None

    def progress(self):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"id": 7, "workflow_state": state, "message": "the job stopped"}

    def handle_post(self, path, fields):
        assert path == f"{API}/assignments/345/submissions/update_grades"
        for name, value in fields:
            student, key = name.removeprefix("grade_data[").removesuffix("]").split("][")
            self.posted.setdefault(int(student), {})[key] = value
            if key == "text_comment":
                self.comments[int(student)].append({"id": 1, "comment": value})
        return self.progress()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        following = {}
        if address.path.endswith("search_users") and query.get("page") != "2":
            here = f"http://localhost:{self.server.server_port}{address.path}"
            following = {"Link": f'<{here}?enrollment_type[]=student&page=2>; rel="next"'}
        self.reply(lambda: self.server.handle_get(address.path, query), following)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.reply(lambda: self.server.handle_post(urlsplit(self.path).path, parse_qsl(body)), {})

    def reply(self, handle, headers):
        status, content = 200, None
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            status, content = 401, {"errors": [{"message": "Invalid access token."}]}
            headers = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}
        else:
            content = handle()
            status = 404 if content is None else 200
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def results(graded):
    return export.read_results(graded, ASSIGNMENT)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv(canvas.TOKEN_VARIABLE, "secret")
    monkeypatch.setattr(canvas, "POLL_SECONDS", 0.01)
    with FakeCanvas() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_grades_and_comments_arrive_and_a_comment_arrives_once(results, server):
    scores = {result.student.id: result.total.score for result in results}
    unknown = sorted(set(scores) - {"student-001", "student-002"})
    assert canvas.upload(results, ASSIGNMENT, server.address) == (2, unknown)
    assert float(server.posted[4711]["posted_grade"]) == pytest.approx(scores["student-001"], abs=0.005)
    assert float(server.posted[4712]["posted_grade"]) == pytest.approx(scores["student-002"], abs=0.005)
    assert [comment["comment"] for comment in server.comments[4711]] == [COMMENT]
    canvas.upload(results, ASSIGNMENT, server.address)
    assert [comment["comment"] for comment in server.comments[4711]] == [COMMENT]


def test_points_may_differ_by_rounding_and_the_address_may_be_as_a_browser_shows_it(results, server):
    server.points_possible = SIGMOID_POINTS + 1e-13  # as 0.1 + 0.2 differs from 0.3
    assert canvas.upload(results, ASSIGNMENT, f"{server.address}?module_item_id=7#comments")[0] == 2


@pytest.mark.parametrize(("change", "message"), [
    ({"token": "another"}, "Canvas refuses: InvalidAccessToken"),
    (
        {"points_possible": 10.0},
        f"01-sigmoid has {SIGMOID_POINTS} points, but 10 on Canvas: change the points there first",
    ),
    ({"points_possible": None}, f"01-sigmoid has {SIGMOID_POINTS} points, but 0 on Canvas"),
    ({"handle_get": lambda *_: time.sleep(1.5)}, "Canvas cannot be reached: .*timed out"),
    ({"states": ["queued", "failed"]}, "Canvas could not save the grades: the job stopped"),
])  # fmt: skip
def test_a_refusal_is_reported_in_one_line(results, server, monkeypatch, change, message):
    monkeypatch.setattr(canvas, "TIMEOUT_SECONDS", 1)
    vars(server).update(change)
    with pytest.raises(CourseError, match=message):
        canvas.upload(results, ASSIGNMENT, server.address)


@pytest.mark.parametrize("option", ["--to=table.csv", "--column=Sigmoid (1234)"])
def test_options_of_a_table_are_refused(option):
    done = CliRunner().invoke(app, ["export", "canvas", ASSIGNMENT, "--upload=https://canvas.example.org", option])
    assert str(done.exception) == "--upload writes no table: leave out --to and --column"


def test_a_job_that_does_not_end_is_reported(results, server, monkeypatch):
    monkeypatch.setattr(canvas, "MAX_JOB_SECONDS", 0.05)
    server.states = ["running"]
    with pytest.raises(CourseError, match=r"has not saved the grades after 0\.05 s"):
        canvas.upload(results, ASSIGNMENT, server.address)


@pytest.mark.parametrize(("address", "token", "message"), [
    ("canvas.example.org/courses/12/assignments/345", "secret", "is not an address like https"),
    ("http://canvas.example.org/courses/12/assignments/345", "secret", "is not an address like https"),  # no encryption
    ("https://canvas.example.org/courses/12", "secret", "is not an address like https"),
    ("http://localhost:1/courses/12/assignments/345", "", "set CANVAS_TOKEN to an access token"),
    ("http://localhost:1/courses/12/assignments/345", "secret", "Canvas cannot be reached"),
])  # fmt: skip
def test_a_wrong_address_and_a_missing_token_are_reported(results, monkeypatch, address, token, message):
    monkeypatch.setenv(canvas.TOKEN_VARIABLE, token)
    with pytest.raises(CourseError, match=message):
        canvas.upload(results, ASSIGNMENT, address)


def test_an_id_on_canvas_is_not_taken_for_a_login():
    class Course:
        def get_users(self, enrollment_type):
            return [SimpleNamespace(id=4711, login_id="ada"), SimpleNamespace(id=9000, login_id="4711")]

    ids, logins = canvas._ids_on_canvas(Course())
    assert (ids["4711"], logins["4711"]) == (4711, 9000)


def test_nobody_gets_the_grade_of_another_student_who_has_the_same_id(monkeypatch):
    monkeypatch.setattr(canvas, "_ids_on_canvas", lambda _: ({"7": 7}, {"cleo": 8}))
    monkeypatch.setattr(canvas, "_comments_on_canvas", lambda _: {})
    students = (StudentInfo("ada", lms_id="7"), StudentInfo("bob", lms_id="7"), StudentInfo("cleo"))
    results = [export.StudentResult(student, Total(3, 9), "", "", is_received=False) for student in students]
    assert canvas._grade_data(results, None, None) == ({8: {"posted_grade": "3"}}, ["ada", "bob"])
