"""Open the files of a folder that its owner may change at any moment: each inside its opened folder, and no link."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .refusals import MAX_DEPTH, MAX_ENTRIES, MAX_PATH_BYTES, Problem, Refused

SHORTAGES = (errno.EMFILE, errno.ENFILE)  # the machine has no descriptor left: no fault of the file


@dataclass(frozen=True)
class Entry:
    """A file or folder of a submission."""

    path: PurePosixPath  # within the submission
    folder: int  # the descriptor of the folder that contains it
    status: os.stat_result  # of the entry itself, not of what a link leads to

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)


def raise_if_shortage(error: OSError) -> None:
    """Raise the error if it is a shortage of the machine, which must not be said of a file."""
    if error.errno in SHORTAGES:
        raise error


@contextmanager
def _opened(path: Path | str, inside: int | None, flag: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | flag, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def opened_folder(path: Path | str, inside: int | None = None) -> AbstractContextManager[int]:
    """Open a folder, which must not be a link. A relative path starts at the folder whose descriptor is `inside`."""
    return _opened(path, inside, os.O_DIRECTORY)


def opened_file(name: str, inside: int) -> AbstractContextManager[int]:
    """Open a file of an opened folder. It must not be a link, and a pipe does not block."""
    return _opened(name, inside, os.O_NONBLOCK)


@contextmanager
def opened_parent(path: PurePosixPath, inside: int) -> Iterator[int]:
    """Open the folders on the way to a path in a folder, and return the last. None of them may be a link."""
    with ExitStack() as opened:
        for part in path.parts[:-1]:
            inside = opened.enter_context(opened_folder(part, inside))
        yield inside


def list_entries(root: int) -> Iterator[Entry]:
    """List what an opened folder and its folders contain, at most `MAX_ENTRIES`. Links are not followed.

    The folder of an entry is open until the next one is asked for. Raise `Refused` if there are too many, or if they
    are nested too deeply, and `OSError` if one is deleted meanwhile.
    """
    count = 0

    def entries_in(folder: int, parent: PurePosixPath) -> Iterator[Entry]:
        nonlocal count
        inner_folders = []
        with os.scandir(folder) as found:
            for name in (each.name for each in found):
                count += 1  # whatever its name is: listing it takes time
                if count > MAX_ENTRIES:
                    raise Refused(Problem.ENTRIES)
                if name.startswith("."):
                    continue
                entry = Entry(parent / name, folder, os.stat(name, dir_fd=folder, follow_symlinks=False))
                if len(entry.path.parts) > MAX_DEPTH or len(os.fsencode(entry.path)) > MAX_PATH_BYTES:
                    raise Refused(Problem.DEPTH)
                yield entry
                if entry.is_folder:
                    inner_folders.append(entry.path)
        for path in inner_folders:  # after the files, so that a folder that is refused hides none of them
            with opened_folder(path.name, inside=folder) as inner:
                yield from entries_in(inner, path)

    return entries_in(root, PurePosixPath())
