"""Read the notebooks of a submission.

A notebook with another name, in a folder or in a zip file is recognised by what it contains. Links are not followed.
Small damage is repaired; a notebook that cannot be read is refused with one sentence.
"""

import os
import stat
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path, PurePosixPath

import nbformat
from nbformat.notebooknode import NotebookNode

from .admission import read_text
from .archives import UnreadableArchive, read_archive
from .candidates import Candidate, Release, assign, choose
from .file_names import ARCHIVE, MODULE, NOTEBOOK, may_count
from .notebook_json import load_notebook
from .opened_files import Entry, list_entries, opened_file, opened_folder, opened_parent, raise_if_shortage
from .plain_text import list_names, printable
from .reading_remarks import describe_choice, describe_missing
from .refusals import Refused
from .times import parse_time

# Notebooks and archives beside those of the assignment that are searched for its cells. A submission may have 2000, and
# to parse one of 20 MB takes 0.3 s.
MAX_CANDIDATES = 10
TIMESTAMP_FILE = "timestamp.txt"


class UnreadableSubmission(Exception):
    """A submission cannot be graded. The message gives the reason in one sentence."""


@dataclass
class Submission:
    """The notebooks of one submission."""

    # the notebooks that could be read, by their released names
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    # where each of them was found; in an archive, the path follows that of the archive
    paths: dict[str, PurePosixPath] = field(default_factory=dict)
    # remarks on how it was read, a sentence each, such as one on a renamed notebook
    notes: list[str] = field(default_factory=list)
    # what a person must look at, a sentence each: a notebook that cannot be read, or several that could be meant
    problems: list[str] = field(default_factory=list)
    # by the released name of a notebook that could not be read, those of the problems that concern it
    unread: dict[str, list[str]] = field(default_factory=dict)
    timestamp: str | None = None  # when the submission was handed in, from ``timestamp.txt``


def read_submission(folder: Path, released: Mapping[str, Release], max_bytes: int) -> Submission:
    """Read a submitted folder. Neither it nor the student's folder may be a link.

    Raise `UnreadableSubmission` if none of the notebooks can be read, and `OSError` if too many files are open.
    """
    submission = Submission()
    paths = {name: PurePosixPath(f"{name}{NOTEBOOK}") for name in released}
    try:
        with opened_folder(folder.parent) as parent, opened_folder(folder.name, inside=parent) as root:
            submission.timestamp = _read_timestamp(root, submission.notes)
            files, modules = _find_files(root, submission.notes)
            named = {name: next(_read(root, path, max_bytes)) for name, path in paths.items() if path in files}
            others = _read_others(root, files.difference(paths.values()), max_bytes)
    except NotADirectoryError as error:
        raise UnreadableSubmission("the submission is not a folder: links are not followed") from error
    except OSError as error:
        raise_if_shortage(error)  # a record that blames the submission would stay, as its files do not change
        raise UnreadableSubmission(f"the submission cannot be read: {error.strerror}") from error
    file_names = [*sorted(file.as_posix() for file in files), *modules]
    _choose_notebooks(submission, named, others, released, file_names)
    if not submission.notebooks:
        raise UnreadableSubmission("; ".join(submission.problems))
    return submission


def _choose_notebooks(
    submission: Submission,
    named: Mapping[str, Candidate],
    others: Sequence[Candidate],
    released: Mapping[str, Release],
    file_names: Sequence[str],
) -> None:
    """Add the notebook that is graded for each of the assignment, and what a person must look at."""
    by_name = assign([*named.values(), *others], released)
    problems_of_others = [other.problem for other in others if other.problem]  # each could be the one that is meant
    for name, release in released.items():
        own = named.get(name)
        if own not in by_name[name]:  # none has this name, or it is another notebook
            own = None
        if choice := choose(by_name[name], own, release):
            submission.notebooks[name] = choice.candidate.nb
            submission.paths[name] = choice.candidate.path
            notes, problems = describe_choice(name, own, choice)
            submission.notes += notes
            submission.problems += problems if choice.has_answers else [*problems, *problems_of_others]
        else:
            problem = own.problem if own else describe_missing(name, file_names)
            submission.unread[name] = [problem, *problems_of_others]
            submission.problems += submission.unread[name]
    submission.problems = list(dict.fromkeys(submission.problems))


def _find_files(root: int, notes: list[str]) -> tuple[set[PurePosixPath], list[str]]:
    """Find the notebooks and archives of an opened submission, and its modules. Add notes on what is not read.

    A link, pipe or device with the name of a notebook becomes a file that cannot be read.
    """
    entries: list[Entry] = []
    try:
        for entry in list_entries(root):
            entries.append(entry)  # one by one, to have those before an error
    except Refused as refusal:
        notes.append(f"not all files were read: {refusal.problem}")
    except OSError as error:
        raise_if_shortage(error)
        notes.append(f"not all files were read: {error.strerror}")
    modules = sorted(str(entry.path) for entry in entries if not entry.is_folder and entry.path.suffix == MODULE)
    if modules:
        advice = "copy the code that your answers need into the notebook"
        notes.append(f"not used, because only notebooks are graded: {list_names(modules)}; {advice}")
    return {entry.path for entry in entries if not entry.is_folder and may_count(entry.path)}, modules


def _read_others(root: int, paths: set[PurePosixPath], max_bytes: int) -> list[Candidate]:
    """Read the notebooks with other names, and those in archives: at most `MAX_CANDIDATES`, those nested least first.

    In the result, these come last. Of equal ones, `choose` takes the last.
    """
    ordered = sorted(paths, key=lambda path: (len(path.parts), path))
    read = chain.from_iterable(_read(root, path, max_bytes) for path in ordered[:MAX_CANDIDATES])
    candidates = list(islice(read, MAX_CANDIDATES + 1))  # one more shows that there are too many
    found = sorted(candidates[:MAX_CANDIDATES], key=lambda candidate: (-len(candidate.path.parts), candidate.path))
    if len(ordered) > MAX_CANDIDATES or len(candidates) > MAX_CANDIDATES:
        problem = f"of the notebooks with other names, only {MAX_CANDIDATES} were searched"
        found.append(Candidate(ordered[-1], problem=problem))  # no notebook: it stands for those that were not read
    return found


def _read(root: int, path: PurePosixPath, max_bytes: int) -> Iterator[Candidate]:
    """Read a notebook, or those in a zip file. What cannot be read is a candidate with this problem."""
    try:
        data = _read_bytes(root, path, max_bytes)
        if path.suffix.lower() == ARCHIVE:
            yield from (_parse(path / inner, content) for inner, content in read_archive(data, max_bytes))
        else:
            yield _parse(path, data)
    except (UnreadableArchive, ValueError) as error:
        yield _unreadable(path, error)
    except OSError as error:
        raise_if_shortage(error)
        yield _unreadable(path, error.strerror)


def _read_bytes(root: int, path: PurePosixPath, max_bytes: int) -> bytes:
    """Read a file of an opened submission. No part of its path may be a link. Raise `ValueError` or `OSError`."""
    with opened_parent(path, inside=root) as folder:
        if not stat.S_ISREG(os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise ValueError("it is not a regular file: submit the notebook itself")
        with opened_file(path.name, folder) as descriptor, open(descriptor, "rb", closefd=False) as file:
            if os.fstat(descriptor).st_size > max_bytes:
                raise ValueError(f"it is larger than {max_bytes / 1e6:g} MB: clear its outputs and submit again")
            return file.read(max_bytes)


def _parse(path: PurePosixPath, data: bytes) -> Candidate:
    """Read a notebook that has these bytes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat warns of missing and duplicate ids, and repairs them
            return Candidate(path, nbformat.validator.normalize(load_notebook(data))[1])
    except ValueError as error:
        return _unreadable(path, error)


def _unreadable(path: PurePosixPath, reason: object) -> Candidate:
    return Candidate(path, problem=printable(f"{path.name} cannot be read: {reason}"))


def _read_timestamp(root: int, notes: list[str]) -> str | None:
    """Read the time of an opened submission. Add a note if it is neither valid nor missing."""
    if time := parse_time(read_text(root, TIMESTAMP_FILE)):
        return str(time)
    if TIMESTAMP_FILE in os.listdir(root):
        advice = "the time of an earlier submission is kept; without one, the submission counts as on time"
        notes.append(f"{TIMESTAMP_FILE} contains no valid time: {advice}")
    return None
