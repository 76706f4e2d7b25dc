"""The page of one student and assignment: hand in, see what arrived and how far it is, read the feedback."""

from collections.abc import Iterable, Mapping

from ..course import Course
from ..grading.arrivals import collected_time
from ..grading.due_dates import format_due_date
from ..reports.templates import CONTENT_SECURITY_POLICY, PAGE_STYLE, TEMPLATES
from ..submissions.times import format_time
from .attempts import attempts_of
from .tokens import Token
from .uploads import Receipt, read_receipts

POLICY = CONTENT_SECURITY_POLICY.replace("form-action 'none'", "form-action 'self'")
# Without the font for formulas: these pages have none, and it would be most of what is sent.
_FRAME: Mapping[str, str] = {"policy": POLICY, "stylesheet": PAGE_STYLE}


def render_page(
    course: Course, token: Token, address: str, max_bytes: int, is_watched: bool, is_busy: bool
) -> tuple[str, bool]:
    """Render the page of a token, whose student `is_busy` while a submission is being graded.

    Links are relative to the page, so that a proxy can put the server into any folder. Return also whether it makes
    sense to look again in a few seconds.
    """
    notebooks = course.notebooks(token.assignment)
    folder = course.feedback_folder(token.student, token.assignment)
    receipts = read_receipts(course, token.assignment, token.student)
    graded = collected_time(folder)  # when the submission was handed in that the feedback is about
    progress, is_soon_done = "", False
    if receipts:
        # the content decides: a notebook that is sent again keeps its time if the one between was never collected
        by_then = [receipt for receipt in receipts if graded and receipt.time <= format_time(graded)]
        is_graded = _contents(by_then) == _contents(receipts)
        progress, is_soon_done = _describe_progress(course, token, is_graded, is_watched, is_busy)
    page = TEMPLATES.get_template("hand_in.html").render(
        token=token,
        address=address,
        notebooks=notebooks,
        megabytes=min(max_bytes, course.max_submission_bytes) / 1_000_000,
        progress=progress,
        receipts=receipts[::-1],
        pages=[name for name in notebooks if (folder / f"{name}.html").is_file()],
        graded=format_due_date(graded),
        **_FRAME,
    )
    return page, is_soon_done


def _contents(receipts: Iterable[Receipt]) -> dict[str, str]:
    """What counts after these arrived, by notebook."""
    return {receipt.notebook: receipt.sha256 for receipt in receipts}


def _describe_progress(
    course: Course, token: Token, is_graded: bool, is_watched: bool, is_busy: bool
) -> tuple[str, bool]:
    """Tell the student how far the grading of what arrived last is. Return also whether it is soon done."""
    if is_graded:
        return "The feedback is on what you handed in last.", False
    if not is_watched:
        return "What you handed in last has arrived, and is not graded yet.", False
    if is_busy:
        return "What you handed in last is being graded, or waits for its turn.", True
    attempts = attempts_of(course, token.assignment, token.student)
    if attempts.is_used_up:
        used = f"You have no attempt left of {attempts.allowed}"
        when = "so it is graded at the due date. If there is none, or it is over, ask your instructor."
        return f"What you handed in last has arrived. {used}, {when}", False
    if attempts.must_wait:
        return f"What you handed in last has arrived. It is graded after {format_due_date(attempts.next_at)}.", False
    return "What you handed in last has arrived, and waits to be graded.", True


def render_refusal(line: str, address: str = "") -> str:
    """Render a page of one line. With an address, it has a link back to the student's page."""
    return TEMPLATES.get_template("hand_in_refusal.html").render(line=line, address=address, **_FRAME)
