"""Search a shared folder for the files of all students, so that no folder of one makes the search take long.

This holds for a folder that belongs to its student. With a pattern of the course, one that root or the grader owns may
be an export with the files of all: it shares the limit of all exports.
"""

import math
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ..submissions.file_names import ARCHIVE, is_copied, may_count
from ..submissions.opened_files import opened_folder
from ..submissions.refusals import MAX_DEPTH, MAX_ENTRIES, Problem
from .accounts import trusted_accounts

# The export of an LMS, which the instructor has unpacked, may have the files of all students. The top and exports are
# read up to this many entries in all; a student's folder has `MAX_ENTRIES` of its own.
MAX_FILES = 100_000  # to look at them takes 0.4 s, and a watch looks twice a second
# Of a student's file or folder at the top, that may be opened: one with 2000 entries takes 15 ms, and a touched one is
# read again.
MAX_ZIPS = 10


@dataclass(frozen=True)
class FoundEntry:
    """A file or folder in the shared folder."""

    path: PurePosixPath
    status: os.stat_result
    parent: int  # the descriptor of the folder that contains it, which is open until the next file is asked for
    top_uid: int  # the id of the account that the folder or file at the top belongs to
    may_be_opened: bool = True  # False for a zip file in a student's folder with too many


@dataclass
class _Allowance:
    """How much may still be read: of a student's file or folder at the top, or of the top and all exports together."""

    entries: int
    zips: float = math.inf  # that may be opened


@dataclass
class Search:
    """Looks for the files of all students, once. Links are not followed, and no folder that a student owns takes long.

    Without `searches_all`, only `STUDENT/` and all of `STUDENT/ASSIGNMENT/` are searched: others may hold anything. A
    folder `STUDENT/NAME/` is left out with advice if its name fits the assignment.
    """

    folder: Path
    assignment: str
    searches_all: bool  # whether a pattern of the course says whose a file is, in any folder
    fits: Callable[[str], bool]  # whether a name is like those of the assignment
    left_out: dict[Path, str] = field(default_factory=dict, init=False)  # what is not read, and why

    def files(self) -> Iterator[FoundEntry]:
        """Yield each file. Only at the end, `left_out` has all that the search left out."""
        shared = _Allowance(MAX_FILES)
        with opened_folder(self.folder.resolve()) as root:
            for name, status in self._entries(root, PurePosixPath(), shared):
                top = FoundEntry(PurePosixPath(name), status, root, status.st_uid)
                may_be_export = self.searches_all and status.st_uid in trusted_accounts()
                allowance = shared if may_be_export else _Allowance(MAX_ENTRIES, MAX_ZIPS)
                yield from self._files_of(top, allowance)

    def _entries(self, folder: int, path: PurePosixPath, allowance: _Allowance) -> Iterator[tuple[str, os.stat_result]]:
        """Yield the sorted names in a folder with their statuses: as many as are allowed."""
        with os.scandir(folder) as entries:
            names = []
            for entry in entries:
                if not allowance.entries:
                    reason = "it contains too many files and folders: only some of them are read"
                    self.left_out[self.folder / path] = reason
                    break
                allowance.entries -= 1
                names.append(entry.name)
        for name in sorted(name for name in names if not name.startswith(".")):
            with self._reporting_errors(path / name):
                yield name, os.stat(name, dir_fd=folder, follow_symlinks=False)

    def _files_of(self, entry: FoundEntry, allowance: _Allowance) -> Iterator[FoundEntry]:
        """Yield a file that may be handed in, or those in a folder that is to be searched."""
        path, mode = entry.path, entry.status.st_mode
        if stat.S_ISDIR(mode):
            if len(path.parts) > MAX_DEPTH:
                self.left_out[self.folder / path] = Problem.DEPTH
            # folders within `STUDENT/ASSIGNMENT/` share its second part
            elif self.searches_all or len(path.parts) == 1 or path.parts[1] == self.assignment:
                with self._reporting_errors(path), opened_folder(path.name, inside=entry.parent) as inner:
                    for name, status in self._entries(inner, path, allowance):
                        yield from self._files_of(FoundEntry(path / name, status, inner, entry.top_uid), allowance)
            elif self.fits(path.name):
                self.left_out[self.folder / path] = f"rename it {self.assignment}"
        elif stat.S_ISREG(mode):
            if is_copied(path):
                if path.suffix.lower() == ARCHIVE:
                    allowance.zips -= 1
                    entry = replace(entry, may_be_opened=allowance.zips >= 0)
                yield entry
        elif may_count(path):
            self.left_out[self.folder / path] = "it is a link, a pipe or a device: only files are read"

    @contextmanager
    def _reporting_errors(self, path: PurePosixPath) -> Iterator[None]:
        """Leave out what cannot be read: a student can mount a file system there that answers nobody else."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):  # removed, or exchanged with a link, meanwhile
            pass
        except OSError as error:
            self.left_out[self.folder / path] = f"let your account read it: {error.strerror}"
