"""The page of one student and assignment: hand in, see what arrived and how far it is, read the feedback."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..course import Course
from ..grading.arrivals import collected_time
from ..grading.tokens import Token
from ..grading.uploads import read_receipts
from ..submissions.times import parse_time
from .attempts import attempts_of
from .templates import CONTENT_SECURITY_POLICY, PAGE_STYLE, TEMPLATES

POLICY = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
# Without the font for formulas: these pages have none, and it would be most of what is sent.
_FRAME: Mapping[str, str] = {"policy": POLICY, "stylesheet": PAGE_STYLE}


@dataclass(frozen=True)
class Progress:
    """How far the grading of what arrived last is."""

    sentence: str  # for the student
    is_soon_done: bool = False  # whether it makes sense to look again in a few seconds


def describe_progress(course: Course, token: Token, is_watched: bool, is_busy: bool) -> Progress | None:
    """Describe how far it is. None if nothing has arrived."""
    receipts = read_receipts(course, token.assignment, token.student)
    if not receipts:
        return None
    graded, latest = _time_of_graded(course, token), parse_time(receipts[-1].time)
    if graded and latest and graded >= latest:
        return Progress("What you handed in last is graded.")
    if not is_watched:
        return Progress("What you handed in last has arrived, and is not graded yet.")
    if is_busy:
        sentence = "What you handed in last is being graded. This page shows the feedback in a moment."
        return Progress(sentence, is_soon_done=True)
    attempts = attempts_of(course, token.assignment, token.student)
    if attempts.is_used_up:
        used = f"You have used all {attempts.allowed} attempts"
        when = "so it is graded at the due date. If that is over, ask your instructor."
        return Progress(f"What you handed in last has arrived. {used}, {when}")
    if attempts.must_wait:
        return Progress(f"What you handed in last has arrived. It is graded after {_format_time(attempts.next_at)}.")
    return Progress("What you handed in last has arrived, and waits to be graded.", is_soon_done=True)


def _time_of_graded(course: Course, token: Token) -> datetime | None:
    """When the submission was handed in that the feedback is about."""
    return collected_time(course.feedback_folder(token.student, token.assignment))


def render_page(course: Course, token: Token, address: str, max_bytes: int, progress: Progress | None) -> str:
    """Render the page of a token.

    Links are relative to the page, so that a proxy can put the server into any folder.
    """
    notebooks = course.notebooks(token.assignment)
    folder, graded = course.feedback_folder(token.student, token.assignment), _time_of_graded(course, token)
    return TEMPLATES.get_template("hand_in.html").render(
        token=token,
        address=address,
        notebooks=notebooks,
        megabytes=max_bytes / 1_000_000,
        progress=progress,
        receipts=read_receipts(course, token.assignment, token.student)[::-1],
        pages=[name for name in notebooks if (folder / f"{name}.html").is_file()],
        graded=_format_time(graded),
        **_FRAME,
    )


def render_refusal(line: str, address: str = "") -> str:
    """Render a page of one line. With an address, it has a link back to the student's page."""
    return TEMPLATES.get_template("hand_in_refusal.html").render(line=line, address=address, **_FRAME)


def _format_time(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else ""
