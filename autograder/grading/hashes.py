"""Hashes of files and strings, which tell whether a result is up to date."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

MAX_HASHED_BYTES = 100_000_000  # of one file: they take 0.1 s at each look of a watch; larger files are not graded


def hash_strings(*strings: str) -> str:
    """Hash strings in their order."""
    return hashlib.sha256("\0".join(strings).encode()).hexdigest()


def hash_files(folder: Path, files: Iterable[Path], *strings: str) -> str:
    """Hash the paths and contents of files, in a fixed order, and further strings.

    The paths are those within the folder, so that a course can be moved. Of each file, at most `MAX_HASHED_BYTES` bytes
    are read.
    """
    digest = hashlib.sha256("\0".join([*strings, ""]).encode())  # the last one ends before the first path
    for file in sorted(files):
        digest.update(os.fsencode(f"{file.relative_to(folder)}\0{file.stat().st_size}\0"))
        with file.open("rb") as content:
            digest.update(content.read(MAX_HASHED_BYTES))
    return digest.hexdigest()
