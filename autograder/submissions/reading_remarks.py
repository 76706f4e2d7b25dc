"""Write about how a submission was read: which notebook is missing, or graded in place of another."""

from collections.abc import Iterable, Sequence
from itertools import islice

from .candidates import Candidate, Choice
from .plain_text import printable

MAX_LISTED_NAMES = 5


def describe_missing(name: str, file_names: Sequence[str]) -> str:
    """Write the problem with a notebook of the assignment that is not in the submission."""
    found = f"; the folder has {list_names(file_names)}, but no notebook with its cells" if file_names else ""
    return f"{name}.ipynb is missing{found}: hand in the notebook, {name}.ipynb"


def describe_choice(name: str, named: Candidate | None, choice: Choice) -> tuple[list[str], list[str]]:
    """Write the notes and problems about the choice of one notebook. A person must look at problems, not at notes."""
    chosen = printable(str(choice.candidate.path))
    rivals = list_names(str(rival.path) for rival in choice.rivals)
    notes: list[str] = []
    problems: list[str] = []
    if choice.candidate is not named:
        if named is None:
            notes.append(f"{name}.ipynb was handed in as {chosen}")
        elif named.problem:
            remarks = notes if choice.has_answers else problems  # the answers may be in the one that cannot be read
            remarks.append(f"{named.problem}. {chosen} is graded in its place")
        else:
            notes.append(f"{chosen} has more answers than {name}.ipynb and is graded in its place")
    if not choice.has_answers:
        notes.append(f"{chosen} contains no answers: the cells for them are empty or as they were released")
    if not choice.is_clear:
        reason = "contains answers that it does not have" if len(choice.rivals) == 1 else "contain other answers"
        problems.append(f"{chosen} is graded for now, but {rivals} {reason}: a person decides which notebook counts")
    elif choice.rivals:
        notes.append(f"{chosen} is graded, not {rivals}")
    return notes, problems


def list_names(names: Iterable[str]) -> str:
    """List some names that students chose, and an ellipsis if there are more."""
    listed = [printable(name) for name in islice(names, MAX_LISTED_NAMES + 1)]
    return ", ".join([*listed[:MAX_LISTED_NAMES], "…"] if len(listed) > MAX_LISTED_NAMES else listed)
