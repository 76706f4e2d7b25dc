"""The ids of students: which texts can be one, and which account has it. On a hub, an id is the name of an account."""

import os
import unicodedata

ALLOWED_SIGNS = "._-@+'’,() "  # in an id, which may be a name
MAX_ID_BYTES = 200  # the names of records and drafts are longer, and a file system allows 255


def is_student_id(text: str) -> bool:
    """Whether a text can be a student's id, which names folders, files, links and cells of tables.

    Letters of all scripts are allowed, digits, and the signs of e-mail addresses and names.

    Examples
    --------
    >>> [is_student_id(text) for text in ("s034", "Jürgen O'Brien", "ada@example.org", "=1+1", "<b>", "-rf", "..")]
    [True, True, True, False, False, False, False]
    """
    is_plain = all(c.isalnum() or unicodedata.combining(c) or c in ALLOWED_SIGNS for c in text)
    return is_plain and text[:1].isalnum() and text == text.strip() and len(text.encode()) <= MAX_ID_BYTES


def name_account(uid: int) -> str:
    """The name of an account, for a person."""
    import pwd  # not at the top of the module, because Windows does not have it

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def accounts_of(student: str) -> set[int]:
    """The number of the account with the student's name, as a set of owners. Empty if ids are not names of accounts."""
    import pwd  # as above

    try:
        return {pwd.getpwnam(student).pw_uid}
    except KeyError:
        return set()


def trusted_accounts() -> set[int]:
    """The accounts whose files may be those of any student."""
    return {0, os.geteuid()}
