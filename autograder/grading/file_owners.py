"""Who owns the files in a shared folder: whose files count as a student's, and do several people hand in as one?"""

import functools
from collections.abc import Sequence

from ..course import Course
from .accounts import accounts_of, trusted_accounts
from .file_places import Place


class FileOwners:
    """Knows the accounts of students, for one look: a directory service is slow.

    A file must belong to the student's account, or to ours or root, whose files may be those of any student. If nobody
    has the student's name as an account, the owner of the folder STUDENT/ counts as the student, or the owner of the
    file if that folder is ours. A course may check no owners (`c.ExchangeCollect.check_owner`).
    """

    def __init__(self, course: Course):
        self._checks = bool(course.config.ExchangeCollect.get("check_owner", True))
        self._accounts_of = functools.cache(accounts_of)

    def find_stranger(self, place: Place) -> int | None:
        """The account because of which a file does not count as the student's. None if it does.

        Where the file itself names the student, the folder at the top must be the student's, too: in one's own, one can
        place files of others.
        """
        trusted, uid, top_uid = trusted_accounts(), place.file.status.st_uid, place.file.top_uid
        checked = {uid, top_uid} if place.is_claimed else {uid}
        if not self._checks or checked <= trusted:  # the latter as most files of an export: no account is looked up
            return None
        own = self._accounts_of(place.student)
        if not own and not place.is_claimed:
            own = {uid} if top_uid in trusted else {top_uid}
        return min(checked - trusted - own, default=None)

    def find_rivals(self, places: Sequence[Place]) -> list[Place]:
        """One file of each person, if several hand in as one student. Empty if there is only one."""
        people = {self._person(place): place for place in places}
        people.pop(None, None)
        return list(people.values()) if len(people) > 1 else []

    def _person(self, place: Place) -> int | str | None:
        """Who has handed in a file: a participant of an export, or an account of which nobody knows whose it is.

        None if the file belongs to us or to the student's own account, which tells nothing of another person.
        """
        if place.is_claimed:
            return place.participant
        if not self._checks:
            return None
        strange = {place.file.status.st_uid, place.file.top_uid} - trusted_accounts()
        return min(strange - self._accounts_of(place.student), default=None) if strange else None
