"""Whose files count as a student's in a shared folder, where all could otherwise hand in for others."""

from collections.abc import Collection

from ..course import Course
from .accounts import account_name, accounts_of, trusted_accounts
from .file_places import Place
from .folder_search import FoundEntry

CLAIM_ADVICE = "only your own files may name a student; a student's files belong into a folder with the student's name"


def possible_owners(course: Course, student: str, top_uid: int) -> Collection[int] | None:
    """The accounts that a student's files may belong to. None if that cannot be known, or is not to be checked."""
    if not _checks_owners(course):
        return None
    trusted = trusted_accounts()
    if own := accounts_of(student):
        return trusted | own
    # Ids are not names of accounts, so the folder's owner is the student; if we are, as in an export, nobody can tell.
    return None if top_uid in trusted else trusted | {top_uid}


def refused_claim(course: Course, file: FoundEntry, place: Place) -> str | None:
    """Why the name of a file may not name a student, or None. In one's own folder, one can place a file of another."""
    if place.is_claimed and _checks_owners(course):
        for uid in (file.status.st_uid, file.top_uid):
            if uid not in trusted_accounts() and uid not in accounts_of(place.student):
                return f"it names {place.student}, but belongs to {account_name(uid)}: {CLAIM_ADVICE}"
    return None


def _checks_owners(course: Course) -> bool:
    return bool(course.config.ExchangeCollect.get("check_owner", True))
