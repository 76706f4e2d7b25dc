"""Find the files of a submission in a folder that its student cannot change any more."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_WALKED_DEPTH = 100  # of folders: what nbgrader collected can be deeper than what is admitted


def walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through a submission as `os.walk` does, but no more than `MAX_WALKED_DEPTH` folders deep."""
    for parent, folders, names in os.walk(folder):  # up to Python 3.11, it raises RecursionError if deeper
        yield Path(parent), folders, names
        if len(Path(parent).relative_to(folder).parts) == MAX_WALKED_DEPTH:
            folders.clear()


def special_files(folder: Path) -> Iterator[Path]:
    """Find the links, pipes, devices and sockets in a folder, however deep: nbgrader looks for files in all of it."""
    for parent, folders, names in os.walk(folder):  # RecursionError, as above; nbgrader skips unreadable folders, too
        for path in (Path(parent, name) for name in [*folders, *names]):
            if stat.S_IFMT(path.lstat().st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
                yield path
