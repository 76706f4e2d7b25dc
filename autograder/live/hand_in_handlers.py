"""Hand in over HTTP: the requests. Each token has a page, which takes notebooks and shows the feedback.

A body is kept for a valid token only, a connection serves one request, and all that a client can use up has a limit.
No address of a page is logged, because it contains the token. No header of a proxy is believed, because nothing depends
on where a request comes from: the limits are per student, and connections that are not handing in are closed first.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any

from tornado.httputil import HTTPFile, HTTPInputError, parse_body_arguments
from tornado.iostream import IOStream
from tornado.web import Application, HTTPError, RequestHandler, stream_request_body

from ..course import Course
from ..course_settings import read_limits
from ..grading.boundary import describe
from ..grading.due_dates import now
from ..terminal import count
from . import uploads
from .hand_in_limits import HandInLimits, Rate
from .hand_in_page import POLICY, render_page, render_refusal
from .tokens import Token, read_token_secret, verify

LOOK_AGAIN_SECONDS = 10
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# A feedback page contains what a student's code printed. It is sanitised; should that fail, it can still do nothing.
FEEDBACK_POLICY = HEADERS["Content-Security-Policy"].replace("form-action 'self'", "form-action 'none'; sandbox")
NO_TOKEN = "This is not a complete link: open the one that you were sent, from its first to its last character."


class HandInDesk:
    """What all requests share. Raise CourseError if a setting is wrong.

    The functions are called in the server's thread.
    """

    def __init__(
        self,
        course: Course,
        watched: str = "",  # the assignment that is graded as submissions arrive
        is_busy: Callable[[str], bool] = lambda student: False,  # whether a job of the student waits or runs
        report: Callable[[str, str], None] = lambda student, line: None,  # a line about an error of the student
        is_left_out: Callable[[str], bool] = lambda student: False,  # whether the student is not graded now
    ):
        self.is_left_out = is_left_out
        self.course, self.watched, self.is_busy, self.report = course, watched, is_busy, report
        self.limits = read_limits(HandInLimits, dict(course.config.HandIn), "c.HandIn")
        self.secret = read_token_secret(course)
        self.view_rate = Rate(self.limits.views, self.limits.views_per_second)
        self.upload_rate = Rate(self.limits.uploads, self.limits.uploads_per_second)
        # the student who is sending, by connection. `Connections` in `hand_in_server.py` removes what is closed
        self.sending: dict[IOStream, str] = {}


def make_application(desk: HandInDesk) -> Application:
    """Make the pages of all tokens, and the refusal of any other address."""
    page, settings = r"/([A-Za-z0-9_.-]+)", {"desk": desk}  # the group is a token
    return Application(
        [(page, _HandInPage, settings), (f"{page}/([^/]+)", _Feedback, settings)],
        default_handler_class=_TokenHandler,
        default_handler_args=settings,
        log_function=lambda handler: None,  # it would log tokens
    )


class _Refusal(HTTPError):
    """An answer of one line, which says what to do."""

    def __init__(self, status: int, line: str):
        super().__init__(status)
        self.line = line


@stream_request_body
class _TokenHandler(RequestHandler):
    """Checks the token of a request before its body arrives. Every answer has harmless headers, a refusal is one line.

    Without the decorator, Tornado would keep the body of any request, also of one without a token.
    """

    token: Token
    link_back = ""  # to the page of the token
    who = "a request"  # or the student whose token it has

    def initialize(self, desk: HandInDesk) -> None:
        self.desk, self.course, self.limits = desk, desk.course, desk.limits

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        token = verify(self.path_args[0], self.desk.secret) if self.path_args else None  # none of another address
        if token is None:
            raise _Refusal(404, NO_TOKEN)
        if now().date() > token.until:
            raise _Refusal(403, f"This link was valid until {token.until}: ask your instructor for a new one.")
        if seconds := self.desk.view_rate.take(token.student):
            raise _too_early(seconds)
        if token.assignment not in self.course.assignments():
            raise _Refusal(404, f"The course no longer has {token.assignment}: ask your instructor.")
        self.token, self.link_back, self.who = token, self.path_args[0], token.student

    def data_received(self, chunk: bytes) -> None:
        """Keep nothing of a body."""

    def write_error(self, status_code: int, **details: Any) -> None:
        error = details.get("exc_info", (None, None))[1]
        other = "This request did not work: open your link again, and tell your instructor if that does not help."
        self.finish(render_refusal(error.line if isinstance(error, _Refusal) else other, self.link_back))

    def log_exception(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        """Report an error of the server, without the address of the page."""
        if isinstance(error, Exception) and not isinstance(error, HTTPError):
            self.desk.report(self.who, f"not served: {describe(error)}")


class _Feedback(_TokenHandler):
    def prepare(self) -> None:
        super().prepare()
        self.link_back = f"../{self.link_back}"

    def get(self, _: str, notebook: str) -> None:
        file = self.course.feedback_folder(self.token.student, self.token.assignment) / f"{notebook}.html"
        if notebook not in self.course.notebooks(self.token.assignment) or not file.is_file():
            raise _Refusal(404, "This notebook has not got its feedback yet: look again later.")
        self.set_header("Content-Security-Policy", FEEDBACK_POLICY)
        self.finish(file.read_bytes())


class _HandInPage(_TokenHandler):
    """Shows the page of a token, and takes notebooks in three steps: `prepare`, `data_received`, `post`.

    `post` raises what the other two keep in `refusal`, because a browser shows the answer only when it has sent all. It
    is not waited for if it is too slow, or sends more than `max_refused_bytes`.
    """

    stream: IOStream
    refusal: _Refusal | None = None
    body: bytearray | None = None  # None: it is not kept, as before `prepare`, with a refusal, and at the end

    def prepare(self) -> None:
        super().prepare()
        if self.request.method != "POST":
            return
        size = self.request.headers.get("Content-Length", "")
        if size.isdecimal() and int(size[:18]) > self.limits.max_refused_bytes:  # Python refuses thousands of digits
            raise _too_large("This is", self.limits.max_bytes)
        self.stream = self.request.connection.stream  # type: ignore[union-attr]
        asyncio.get_running_loop().call_later(self.limits.body_seconds, self._refuse_slow_client)
        self.refusal = self._count_upload(self.token)
        if self.refusal is None:
            self.body = bytearray()
            self.desk.sending[self.stream] = self.token.student  # until the connection, which serves no other, closes

    def _count_upload(self, token: Token) -> _Refusal | None:
        """Count an upload, or say why the student cannot hand in now."""
        if len(uploads.read_receipts(self.course, token.assignment, token.student)) >= self.limits.max_files:
            return _Refusal(429, f"You have handed in {self.limits.max_files} files: ask your instructor.")
        if token.student in self.desk.sending.values():
            return _Refusal(429, "Another notebook of yours is just arriving: wait for it, then try again.")
        if len(self.desk.sending) >= self.limits.max_bodies:
            return _Refusal(503, "Many students are handing in now: try again in a minute.")
        seconds = self.desk.upload_rate.take(token.student)  # last: a refusal above counts nothing
        return _too_early(seconds) if seconds else None

    def data_received(self, chunk: bytes) -> None:
        if self.body is not None:
            self.body += chunk
            if len(self.body) > self.limits.max_bytes:
                self.body, self.refusal = None, _too_large("This is", self.limits.max_bytes)

    def _refuse_slow_client(self) -> None:
        if not self._finished and not self.stream.closed():  # Tornado has no public name for `_finished`
            # after this answer, Tornado drops the rest of the body, and calls no `post`
            error = _Refusal(408, "Your notebook arrived too slowly: try again with another connection.")
            self.send_error(408, exc_info=(_Refusal, error, None))

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.body = None  # frees the memory

    def get(self, address: str) -> None:
        student = self.token.student
        is_watched = self.token.assignment == self.desk.watched and not self.desk.is_left_out(student)
        is_busy = is_watched and self.desk.is_busy(student)
        page, is_soon_done = render_page(self.course, self.token, address, self.limits.max_bytes, is_watched, is_busy)
        if is_soon_done:
            self.set_header("Refresh", str(LOOK_AGAIN_SECONDS))
        self.finish(page)

    def post(self, address: str) -> None:
        if self.refusal:
            raise self.refusal
        body, self.body = bytes(self.body or b""), None  # None only if the connection has just closed
        notebooks = self._read_notebooks(body)
        self._require_admissible_size(notebooks)
        uploads.save(self.course, self.token.assignment, self.token.student, notebooks)
        self.set_status(303)
        self.set_header("Location", address)  # relative, as all links: a proxy can put the server into any folder

    def _require_admissible_size(self, notebooks: Mapping[str, bytes]) -> None:
        """Refuse notebooks that are too large for the grader together with those that arrived earlier."""
        receipts = uploads.read_receipts(self.course, self.token.assignment, self.token.student)
        sizes = {receipt.notebook: receipt.size for receipt in receipts}  # the last one of each notebook counts
        sizes |= {name: len(content) for name, content in notebooks.items()}
        if sum(sizes.values()) > self.course.max_submission_bytes:
            raise _too_large("Together, your notebooks are", self.course.max_submission_bytes)

    def _read_notebooks(self, body: bytes) -> dict[str, bytes]:
        """Take the notebooks out of a form. Each has a field of its own: the names of files are not looked at."""
        files: dict[str, list[HTTPFile]] = {}
        try:
            headers = self.request.headers
            parse_body_arguments(headers.get("Content-Type", ""), body, {}, files, headers)
        except HTTPInputError as error:
            raise _Refusal(400, "The form is damaged: open your link again, and choose the notebook anew.") from error
        names = self.course.notebooks(self.token.assignment)
        if files.keys() - set(names):
            raise _Refusal(400, "The form is an old one: open your link again, and choose the notebook anew.")
        if not files:
            choice = " or ".join(f"{name}.ipynb" for name in names)
            raise _Refusal(400, f"Nothing was handed in: choose {choice} first.")
        notebooks = {name: chosen[-1].body for name, chosen in files.items()}
        for name, content in notebooks.items():
            if b'"cells"' not in content:
                advice = "so nothing was handed in: choose the file that ends with .ipynb"
                raise _Refusal(400, f"What you chose for {name}.ipynb is not a notebook, {advice}.")
        return notebooks


def _too_large(what: str, max_bytes: float) -> _Refusal:
    line = f"{what} larger than {max_bytes / 1e6:g} MB: clear the outputs of the notebook, save it, and try again."
    return _Refusal(413, line)


def _too_early(seconds: float) -> _Refusal:
    return _Refusal(429, f"This was too often: try again in {count(math.ceil(seconds), 'second')}.")
