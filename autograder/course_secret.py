"""Secrets that a course keeps in files, and seeds that nobody can compute without one.

The inputs of exercises and the signatures of tokens have a secret each.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from .course import CourseError

MIN_SECRET_BYTES = 32


def derive_seed(secret: bytes, *names: str) -> int:
    """Derive a seed of 128 bits from names, such as those of a student and an exercise.

    The same names give the same seed, and without the secret nobody can compute it. Only the last may have a `|`.
    """
    return int.from_bytes(hmac.new(secret, "|".join(names).encode(), hashlib.sha256).digest()[:16], "big")


def read_secret(file: Path) -> bytes:
    """Read a secret of the course. If the file does not exist, create it, readable by its owner only.

    Raise CourseError if it cannot be read or created, or is too short to hold a secret.
    """
    try:
        if not file.exists():
            _create_secret(file)
        secret = file.read_bytes().strip()
    except OSError as error:
        advice = "look at its folder, and at what your account may do there"
        raise CourseError(f"{file} cannot be read or created: {error.strerror}: {advice}") from error
    if len(secret) < MIN_SECRET_BYTES:
        advice = "restore it from a backup, or delete it: then the inputs of all regrades, or all tokens, are new ones"
        raise CourseError(f"{file} does not hold a valid secret: {advice}")
    return secret


def _create_secret(file: Path) -> None:
    """Create the file with all of its content at once, so that no other worker reads a part of it."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as draft:  # for its owner only, and removed in any case
        draft.write(secrets.token_hex(32))
        draft.flush()
        with contextlib.suppress(FileExistsError):  # another worker was faster: every worker uses that secret
            os.link(draft.name, file)
