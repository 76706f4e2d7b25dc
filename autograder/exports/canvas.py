"""Upload the grades of an assignment to Canvas, with the comments of a person."""

import functools
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ..course import CourseError
from ..judging.points_as_text import format_points
from ..reports.grades import SCORE_TOLERANCE
from .export import StudentResult

TOKEN_VARIABLE = "CANVAS_TOKEN"  # the environment variable with the instructor's access token
TIMEOUT_SECONDS = 60  # of a request
MAX_JOB_SECONDS = 600  # of the job in which Canvas saves the grades
POLL_SECONDS = 1  # between two questions whether it has ended
ADDRESS = re.compile(r"(https://[^/]+|http://localhost:\d+)/courses/(\d+)/assignments/(\d+)/?(?:[?#].*)?")


def upload(results: Sequence[StudentResult], assignment: str, address: str) -> tuple[int, list[str]]:
    """Upload grades and comments of at least one student. A comment that is on Canvas already is not sent again.

    Canvas identifies a student by ID (`lms_user_id` in nbgrader), or else by login (nbgrader's id of the student). The
    address is that of the assignment: ``https://canvas.example.org/courses/12/assignments/345``. Return the number of
    grades that were sent, and the students who are not in the course on Canvas, or whose ID there several have.
    Raise CourseError if the address or the access token is missing or wrong, if the assignment on Canvas has other
    points, or if Canvas refuses, cannot be reached, or does not save the grades.
    """
    with _canvas_errors():
        remote_course, remote_assignment = _find_on_canvas(address)
        max_score = results[0].total.max_score  # all have that of the assignment, missing notebooks included
        points_on_canvas = remote_assignment.points_possible or 0.0  # None if the assignment is not graded there
        if abs(points_on_canvas - max_score) > SCORE_TOLERANCE:
            difference = f"{assignment} has {max_score:g} points, but {points_on_canvas:g} on Canvas"
            raise CourseError(f"{difference}: change the points there first")
        data, unknown = _grade_data(results, remote_course, remote_assignment)
        if data:
            _wait_for(remote_assignment.submissions_bulk_update(grade_data=data))
    return len(data), unknown


def _grade_data(
    results: Sequence[StudentResult], remote_course: Any, remote_assignment: Any
) -> tuple[dict[int, dict[str, str]], list[str]]:
    """Return what to send for each ID on Canvas, and the students without one of their own."""
    ids, logins = _ids_on_canvas(remote_course)
    students = [result.student for result in results]
    found = [ids.get(student.lms_id) if student.lms_id else logins.get(student.id) for student in students]
    num_claims = Counter(found)
    existing = _comments_on_canvas(remote_assignment)
    data: dict[int, dict[str, str]] = {}
    unknown = []
    for result, id_on_canvas in zip(results, found, strict=True):
        if id_on_canvas is None or num_claims[id_on_canvas] > 1:  # nobody can say whose a shared ID is
            unknown.append(result.student.id)
            continue
        data[id_on_canvas] = {"posted_grade": format_points(result.total.score)}
        if result.comments and result.comments not in existing.get(id_on_canvas, ()):
            data[id_on_canvas]["text_comment"] = result.comments
    return data, unknown


def _find_on_canvas(address: str) -> tuple[Any, Any]:
    """Return the course and the assignment on Canvas."""
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise CourseError(f"{address!r} is not an address like https://canvas.example.org/courses/12/assignments/345")
    if not os.environ.get(TOKEN_VARIABLE):
        where = "Canvas makes one under Account, Settings, New Access Token"
        raise CourseError(f"set {TOKEN_VARIABLE} to an access token: {where}")
    try:
        from canvasapi import Canvas  # an optional dependency
    except ImportError as error:
        raise CourseError('canvasapi is not installed: pip install -e ".[canvas]"') from error
    server, course_id, assignment_id = match.groups()
    canvas = Canvas(server, os.environ[TOKEN_VARIABLE])
    session: Any = canvas._Canvas__requester._session  # canvasapi has no setting for it
    session.request = functools.partial(session.request, timeout=TIMEOUT_SECONDS)
    course = canvas.get_course(int(course_id))
    return course, course.get_assignment(int(assignment_id))


def _ids_on_canvas(remote_course: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Return Canvas's ID of each student, by that ID as text, and by login."""
    students = list(remote_course.get_users(enrollment_type=["student"]))
    by_login = {student.login_id: student.id for student in students if getattr(student, "login_id", None)}
    return {str(student.id): student.id for student in students}, by_login


def _comments_on_canvas(remote_assignment: Any) -> Mapping[int, Sequence[str]]:
    """Return the comments on each student's submission, by Canvas's ID of the student."""
    submissions = remote_assignment.get_submissions(include=["submission_comments"])
    return {s.user_id: [comment["comment"] for comment in s.submission_comments] for s in submissions}


def _wait_for(progress: Any) -> None:
    """Wait for the job that saves the grades. Raise CourseError if it fails or takes too long."""
    deadline = time.monotonic() + MAX_JOB_SECONDS
    while progress.workflow_state not in ("completed", "failed"):
        if time.monotonic() > deadline:
            advice = "look there, and upload again"
            raise CourseError(f"Canvas has not saved the grades after {MAX_JOB_SECONDS} s: {advice}")
        time.sleep(POLL_SECONDS)
        progress = progress.query()
    if progress.workflow_state == "failed":
        raise CourseError(f"Canvas could not save the grades: {progress.message}")


@contextmanager
def _canvas_errors() -> Iterator[None]:
    """Report an error of Canvas or of the connection in one line."""
    try:
        yield
    except OSError as error:  # errors of `requests`, too
        raise CourseError(f"Canvas cannot be reached: {error}") from error
    except Exception as error:
        if not type(error).__module__.startswith("canvasapi"):  # by name, because canvasapi may not be installed
            raise
        raise CourseError(f"Canvas refuses: {type(error).__name__}: {error}") from error
