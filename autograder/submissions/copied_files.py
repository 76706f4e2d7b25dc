"""Find the files of a submission in a folder that its student cannot change any more."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_WALKED_DEPTH = 100  # of folders: what nbgrader collected can be deeper than what is admitted


def walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through a submission as `os.walk` does, but no more than `MAX_WALKED_DEPTH` folders deep.

    Folders that the caller removes from the list are left out.
    """
    for parent, folders, names in os.walk(folder):  # in Python 3.11, it is recursive
        yield Path(parent), folders, names
        if len(Path(parent).relative_to(folder).parts) == MAX_WALKED_DEPTH:
            folders.clear()


def special_files(folder: Path) -> list[Path]:
    """Find the links, pipes, devices and sockets in a folder."""
    found = []
    for parent, folders, names in walk(folder):
        for path in (parent / name for name in [*folders, *names]):
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                found.append(path)
    return found
