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


class NotebookCounts(NamedTuple):
    """How many notebooks of a zip file fit the assignment, and how many have a name of another one in theirs."""

    own: int = 0
    others: int = 0


@dataclass(frozen=True)
class _ZipVersion:
    """A version of a zip file. A later look at the same version makes an equal one, although its descriptors differ."""

    device: int
    inode: int
    changed_ns: int
    size: int
    file: FoundEntry = field(compare=False)  # as this look found it: its folder is open now, those of others are not


def count_in_zip(file: FoundEntry, names: AssignmentNames) -> NotebookCounts:
    """Count the notebooks of a zip file. Other files, and those that must not be opened, have none."""
    if file.path.suffix.lower() != ARCHIVE or not file.may_be_opened:
        return NotebookCounts()
    status = file.status
    version = _ZipVersion(status.st_dev, status.st_ino, status.st_ctime_ns, status.st_size, file)
    try:
        return _count(version, names)
    except (OSError, Refused):
        return NotebookCounts()  # for now, because a cache keeps no exception: the next look may succeed


@functools.lru_cache(MAX_FILES)  # a watch asks twice a second
def _count(version: _ZipVersion, names: AssignmentNames) -> NotebookCounts:
    name, parent = version.file.path.name, version.file.parent
    with opened_file(name, parent) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as zipped:
        check_file(descriptor, owners=None)
        try:
            stems = [path.stem for path in list_notebooks(zipped)]
        except UnreadableArchive:
            return NotebookCounts()
    return NotebookCounts(sum(map(names.fit, stems)), sum(map(names.fit_another, stems)))
