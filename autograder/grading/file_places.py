"""Whose is a file in a shared folder? Its path says so, and the names of the notebooks in a zip file."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..submissions.file_names import NOTEBOOK, is_copied, may_count, notebook_stem
from ..submissions.plain_text import printable
from .assignment_names import AssignmentNames
from .folder_search import MAX_ZIPS, FoundEntry
from .student_ids import ID_RULES, is_student_id
from .zip_counts import count_in_zip


@dataclass(frozen=True)
class Place:
    """What the path of a file says."""

    file: FoundEntry
    student: str
    name: str  # of the copy
    participant: str = ""  # the number that an LMS gives to the student, if it does
    is_claimed: bool = False  # whether the file's own name names the student: its author could have chosen another


@dataclass(frozen=True)
class LeftOut:
    """A file that does not count, although somebody may expect it: the reason says what to do."""

    reason: str


def find_place(file: FoundEntry, names: AssignmentNames) -> Place | LeftOut | None:
    """Find whose file it is, by the first rule that fits.

    None for a file that is not a notebook, and for one that belongs to another assignment: nobody expects these to be
    graded. A zip file counts by the names of the notebooks in it, too, if it may be opened.
    """
    place = _apply_rules(file, names)
    has_valid_id = place is not None and is_student_id(place.student)
    if place and has_valid_id and not names.has(place.student):  # first/first.ipynb is of no student
        return place
    if not may_count(file.path) or _is_of_another_assignment(file, names):
        return None
    if place and not has_valid_id:
        return LeftOut(f"{printable(repr(place.student))} cannot be an id: {ID_RULES}")
    if not place and not file.may_be_opened:
        return LeftOut(f"of a student's zip files, only {MAX_ZIPS} are opened: move the notebook out of it")
    return LeftOut("name it " + " or ".join(f"STUDENT/{name}.ipynb" for name in names.notebooks))


def _apply_rules(file: FoundEntry, names: AssignmentNames) -> Place | None:
    """The place by the first rule that fits. None if none does, or if the file is of another assignment."""
    path = file.path
    if found := _match(path, names):  # anywhere in the folder
        return _place_by_pattern(found, file, names)
    match path.parts:
        # STUDENT/ASSIGNMENT/: all notebooks and zip files, as ada/homework/part/any.ipynb. A module (.py) never counts;
        # one with the name of a notebook is copied, so that the feedback can ask its student for the notebook.
        case student, folder, *inner if inner and folder == names.assignment:
            place = Place(file, student, str(PurePosixPath(*inner)))
            return place if may_count(path) or names.fit(path.stem) else None
        # STUDENT/, with a pattern: only as ada/first.ipynb, because ada/first (1).ipynb may be of an export
        case student, name if names.pattern:
            return Place(file, student, name) if path.stem in names.notebooks else None
        # STUDENT/, without: what contains the name of a notebook or of the assignment, as ada/first (1).ipynb
        case student, name:
            return Place(file, student, name) if _is_meant(file, path.stem, names) else None
        # STUDENT.zip, without: one with more notebooks than the assignment has may be a class's export
        case (name,) if not names.pattern:
            is_meant = 0 < count_in_zip(file, names).own <= len(names.notebooks)
            return Place(file, path.stem, name, is_claimed=True) if is_meant else None
    return None


def _match(path: PurePosixPath, names: AssignmentNames) -> re.Match[str] | None:
    """What the pattern of the course finds in a path. If the id has a slash, it has taken a folder for a part of it."""
    found = names.pattern and names.pattern.match(path.as_posix())
    return found if found and found["file_id"] and found["student_id"] and "/" not in found["student_id"] else None


def _place_by_pattern(found: re.Match[str], file: FoundEntry, names: AssignmentNames) -> Place | None:
    """What the groups `student_id`, `file_id`, `participant` say: ada_17_first.ipynb is of the participant 17."""
    stem = _stem_by_pattern(found)
    name = f"{stem.removesuffix(file.path.suffix)}{file.path.suffix}"
    if not is_copied(PurePosixPath(name)):  # of first.ipynb.txt, as a browser saves it: nobody would read first.txt
        name = f"{stem}{NOTEBOOK}{file.path.suffix}"
    participant = found.groupdict().get("participant") or ""  # a group that need not exist
    place = Place(file, found["student_id"], name, participant, is_claimed=True)
    return place if _is_meant(file, stem, names) else None


def _is_of_another_assignment(file: FoundEntry, names: AssignmentNames) -> bool:
    """Whether a file belongs to another assignment, so that nobody need be told about it."""
    in_zip = count_in_zip(file, names)
    if in_zip.own:
        return False
    found = _match(file.path, names)
    stem = _stem_by_pattern(found) if found else file.path.stem
    return in_zip.others > 0 or (not names.fit(stem) and names.fit_another(stem))


def _stem_by_pattern(found: re.Match[str]) -> str:
    """The name of the file that the student handed in. Patterns may include the ending of a notebook: it is removed."""
    return notebook_stem(PurePosixPath(found["file_id"]).name)


def _is_meant(file: FoundEntry, stem: str, names: AssignmentNames) -> bool:
    """Whether a file is of the assignment: by the name that its student gave it, or by that of a notebook in it."""
    return names.fit(stem) or count_in_zip(file, names).own > 0
