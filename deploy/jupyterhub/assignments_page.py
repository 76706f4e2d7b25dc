"""The students' page of the hub: assignments with due dates and points, hand-ins with receipts, and feedback.

The hub runs it as a service, with the account that owns the course. A student sees the own hand-ins only.
"""

import asyncio
import hashlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from glob import escape
from pathlib import Path, PurePosixPath
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import notebook_hash
from tornado.ioloop import IOLoop
from tornado.template import Loader
from tornado.web import Application, HTTPError, RequestHandler, authenticated

from autograder.course import Course
from autograder.grading.arrivals import SECRET_FILE, Arrival, copy_arrival, group_by_student, read_arrivals
from autograder.grading.due_dates import read_due_dates
from autograder.live.attempts import Attempts, attempts_of
from autograder.submissions.file_names import may_count
from autograder.submissions.refusals import Refused

Result = TypeVar("Result")

MAX_HAND_INS = 30  # of an assignment that are shown: each is copied and hashed, and a student may have thousands
PREFIX = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
# Nothing on a page may run or load: the texts of a feedback page come from a student.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"


@dataclass
class HandIn:
    """One submission of a student.

    Attributes
    ----------
    name : str
        Of its folder in the exchange.
    time : datetime
        In UTC and without a time zone, as nbgrader has it.
    problem : str
        Why it is not accepted; empty if it is.
    hashes : dict of str to str
        The SHA-256 of each notebook and zip file, by its path.
    feedback : dict of str to Path
        The released feedback of a notebook, by its name.
    """

    name: str
    time: datetime
    problem: str = ""
    hashes: dict[str, str] = field(default_factory=dict)
    feedback: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One assignment as a student sees it.

    Attributes
    ----------
    name : str
    notebooks : list of str
    points : float or None
    duedate : datetime or None
        The student's own, in UTC and without a time zone.
    is_extended : bool
    attempts : Attempts
    hand_ins : list of HandIn
        The latest first.
    """

    name: str
    notebooks: list[str]
    points: float | None
    duedate: datetime | None
    is_extended: bool
    attempts: Attempts
    hand_ins: list[HandIn]


class Exchange:
    """nbgrader's exchange, as the course reads it."""

    def __init__(self, course: Course):
        self.course = course
        self.folder = Path(course.config.Exchange.root) / course.directory.course_id

    def read_rows(self, student: str) -> list[Row]:
        """Read the released assignments."""
        return list(self._rows(student))

    def _rows(self, student: str) -> Iterator[Row]:
        with self.course.gradebook() as gradebook:
            for folder in sorted((self.folder / "outbound").glob("[!.]*")):
                dates = read_due_dates(gradebook, folder.name)
                yield Row(
                    name=folder.name,
                    notebooks=sorted(path.name for path in folder.glob("*.ipynb")),
                    points=_read_points(gradebook, folder.name),
                    duedate=dates.of(student),
                    is_extended=bool(dates.extensions.get(student)),
                    attempts=attempts_of(self.course, folder.name, student),
                    hand_ins=self.read_hand_ins(folder.name, student)[::-1],
                )

    def read_hand_ins(self, assignment: str, student: str) -> list[HandIn]:
        """Read the latest hand-ins that belong to the student's own account, the oldest first."""
        arrivals = read_arrivals(self.folder / "inbound", assignment, escape(student))
        own = [arrival for arrival in arrivals if arrival.owner == student]
        _, refused = group_by_student(own)
        problems = {arrival.folder.name: str(arrival.problem) for arrival in refused}
        return [
            self._describe(assignment, arrival, problems.get(arrival.folder.name, ""))
            for arrival in own[-MAX_HAND_INS:]
        ]

    def _describe(self, assignment: str, arrival: Arrival, problem: str) -> HandIn:
        hand_in = HandIn(arrival.folder.name, arrival.time, problem)
        with tempfile.TemporaryDirectory() as folder:  # read like a collected one: the student can still change it
            copy, max_bytes = Path(folder), self.course.max_submission_bytes
            try:
                hand_in.time = copy_arrival(arrival, copy, max_bytes).time
            except Refused as refusal:
                hand_in.problem = problem or str(refusal.problem)
            secret = (copy / SECRET_FILE).read_text() if (copy / SECRET_FILE).exists() else ""
            files = [path for path in sorted(copy.rglob("*")) if path.is_file()]
            hashes = {str(f.relative_to(copy)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}
        hand_in.hashes = {name: code for name, code in hashes.items() if may_count(PurePosixPath(name))}
        if secret:  # a forged submission has none
            hand_in.feedback = self._find_feedback(assignment, secret, [PurePosixPath(name) for name in hand_in.hashes])
        return hand_in

    def _find_feedback(self, assignment: str, secret: str, files: list[PurePosixPath]) -> dict[str, Path]:
        """Find the released pages. Their names are those of the files, or the released ones for those in a zip file."""
        own = [file.stem for file in files if len(file.parts) == 1 and file.suffix == ".ipynb"]
        released = sorted(path.stem for path in (self.folder / "outbound" / assignment).glob("*.ipynb"))
        names = [*own, *(name for name in released if not any(name in handed_in for handed_in in own))]
        folder = self.folder / "feedback"
        pages = {f"{name}.ipynb": folder / f"{notebook_hash(secret=secret, notebook_id=name)}.html" for name in names}
        return {name: page for name, page in pages.items() if page.is_file()}


def _read_points(gradebook: Gradebook, assignment: str) -> float | None:
    try:
        return float(gradebook.find_assignment(assignment).max_score)
    except MissingEntry:
        return None


def show_time(when: datetime) -> str:
    """Write a time of nbgrader in the time zone of the machine."""
    return when.replace(tzinfo=UTC).astimezone().strftime("%A %-d %B %Y, %H:%M:%S %Z")


class Page(HubOAuthenticated, RequestHandler):
    """What all pages share: the student who is logged in, headers, and threads.

    A page takes as long as the student's hand-ins are large. It must not keep the others waiting, nor may a student who
    asks for a hundred pages use a hundred threads.
    """

    _turns: ClassVar[defaultdict[str, asyncio.Lock]] = defaultdict(asyncio.Lock)  # by student

    def initialize(self, root: Path) -> None:
        self.exchange = Exchange(Course.at(root))

    async def read(self, function: Callable[..., Result], *arguments: str) -> Result:
        """Call a function in a thread, one at a time for each student."""
        async with self._turns[self.student]:
            return await asyncio.to_thread(function, *arguments)

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("Cache-Control", "no-store")

    @property
    def student(self) -> str:
        return str(self.current_user["name"])


class Assignments(Page):
    """The list of the assignments."""

    @authenticated
    async def get(self) -> None:
        rows = await self.read(self.exchange.read_rows, self.student)
        self.render(
            "assignments_page.html",
            student=self.student,
            rows=rows,
            max_hand_ins=MAX_HAND_INS,
            show_time=show_time,
            hub=self.hub_auth.hub_host + self.hub_auth.hub_prefix,
        )


class Feedback(Page):
    """The feedback page of a notebook, as it was released."""

    @authenticated
    async def get(self, assignment: str, name: str, notebook: str) -> None:
        for hand_in in await self.read(self.exchange.read_hand_ins, assignment, self.student):
            if hand_in.name == name and notebook in hand_in.feedback:
                self.finish(hand_in.feedback[notebook].read_bytes())
                return
        raise HTTPError(404, "there is no feedback yet")


def main() -> None:
    """Serve the page of the course in the current folder."""
    root = Path.cwd()
    application = Application(
        [
            (PREFIX, Assignments, {"root": root}),
            (PREFIX + r"feedback/([^/]+)/([^/]+)/([^/]+)", Feedback, {"root": root}),
            (PREFIX + "oauth_callback", HubOAuthCallbackHandler),
        ],
        cookie_secret=os.urandom(32),
        template_loader=Loader(str(Path(__file__).parent)),
    )
    address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    assert address.port is not None  # JupyterHub chooses one
    application.listen(address.port, address.hostname)
    IOLoop.current().start()


if __name__ == "__main__":
    main()
