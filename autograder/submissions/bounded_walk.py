"""Find the files of a submission in a folder that its student cannot change any more."""

import os
from collections.abc import Iterator
from pathlib import Path

MAX_WALKED_DEPTH = 100  # of folders: what nbgrader collected can be deeper than what is admitted


def walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk through a submission as `os.walk` does, but no more than `MAX_WALKED_DEPTH` folders deep."""
    for parent, folders, names in os.walk(folder):  # up to Python 3.11, it raises RecursionError if deeper
        yield Path(parent), folders, names
        if len(Path(parent).relative_to(folder).parts) == MAX_WALKED_DEPTH:
            folders.clear()
