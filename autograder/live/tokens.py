"""Signed tokens: with one, anybody can hand in an assignment over HTTP as one student, and read the feedback on it.

A token is part of a link, and names the student, the assignment and a date. Nobody can make one without the secret in
the course's folder. The standard library is enough: libraries for web tokens add formats and algorithms to choose from.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date

from ..course import Course, CourseError
from ..course_secret import read_secret
from ..grading.student_ids import ID_RULES, is_student_id

SECRET_FILE = ".token-secret"  # in the course's folder. Not the one of the inputs, so that it can be replaced


@dataclass(frozen=True)
class Token:
    """What a token says."""

    student: str
    assignment: str
    until: date  # the last day, in UTC, on which it is valid


def read_token_secret(course: Course) -> bytes:
    """Read the secret of the course's tokens. If there is none, create one.

    Raise `CourseError` if it is not a secret, or if other accounts can read it.
    """
    file = course.root / SECRET_FILE
    secret = read_secret(file)
    if file.stat().st_mode & 0o077:
        raise CourseError(f"other accounts can read {file}: delete it, and send new links to the students")
    return secret


def sign(token: Token, secret: bytes) -> str:
    """Write a token as a text for a link.

    Raise `CourseError` if the student's id cannot be the name of a folder.

    Examples
    --------
    >>> text = sign(Token("ada", "1-first", date(2030, 1, 31)), b"secret")
    >>> text.partition(".")[0], verify(text, b"secret").student, verify(text, b"another secret")
    ('WyJhZGEiLCAiMS1maXJzdCIsICIyMDMwLTAxLTMxIl0', 'ada', None)
    """
    if not is_student_id(token.student):
        raise CourseError(f"{token.student!a} cannot be an id: {ID_RULES}")
    content = json.dumps([token.student, token.assignment, token.until.isoformat()])
    payload = _to_text(content.encode())
    return f"{payload}.{_signature(payload, secret)}"


def verify(text: str, secret: bytes) -> Token | None:
    """Read a token, also one that has expired. None if it was not signed with this secret."""
    payload, _, signature = text.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(payload, secret).encode()):
        return None
    student, assignment, until = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Token(student, assignment, date.fromisoformat(until))


def _signature(payload: str, secret: bytes) -> str:
    return _to_text(hmac.digest(secret, payload.encode(), hashlib.sha256))


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
