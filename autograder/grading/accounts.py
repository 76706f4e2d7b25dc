"""The accounts that own files: what they are called, which one is a student's, and which are trusted."""

import os


def account_name(uid: int) -> str:
    """The name of an account, for a person."""
    import pwd  # not at the top of the module: importing this module must work on Windows, which does not have it

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
    """The accounts whose files may be those of any student: root and the one that grades, which put files there."""
    return {0, os.geteuid()}
