"""Count the notebooks in the zip files of a shared folder, each version of a file once."""

import functools
import os
from dataclasses import dataclass, field
from typing import NamedTuple

from ..submissions.admission import check_file
from ..submissions.archives import UnreadableArchive, list_notebooks
from ..submissions.file_names import ARCHIVE
from ..submissions.opened_files import opened_file
from ..submissions.refusals import Refused
from .assignment_names import AssignmentNames
from .folder_search import MAX_FILES, FoundEntry


class Counts(NamedTuple):
    """How many notebooks of a zip file fit the assignment, and how many have a name of another one in theirs."""

    own: int = 0
    others: int = 0


def count_in_zip(file: FoundEntry, names: AssignmentNames) -> Counts:
    """Count the notebooks of a zip file. Other files, and those that must not be opened, have none."""
    if file.path.suffix.lower() != ARCHIVE or not file.may_be_opened:
        return Counts()
    status = file.status
    version = (status.st_dev, status.st_ino, status.st_ctime_ns, status.st_size)
    try:
        return _count(_Version(version, file.path.name, file.parent), names)
    except (OSError, Refused):
        return Counts()  # for now, because a cache keeps no exception: the next look may succeed


@dataclass(frozen=True)
class _Version:
    """A version of a zip file. It is equal to what an earlier look found, from another descriptor of its folder."""

    status: tuple[int, ...]
    name: str = field(compare=False)
    parent: int = field(compare=False)


@functools.lru_cache(MAX_FILES)  # a watch asks twice a second
def _count(version: _Version, names: AssignmentNames) -> Counts:
    with opened_file(version.name, version.parent) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as zipped:
        check_file(descriptor, None)
        try:
            stems = [path.stem for path in list_notebooks(zipped)]
        except UnreadableArchive:
            return Counts()
    return Counts(sum(map(names.fit, stems)), sum(map(names.fit_another, stems)))
