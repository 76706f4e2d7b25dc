"""Write about how a submission was read: which notebook is missing, or graded in place of another."""

from collections.abc import Sequence

from .candidates import Candidate, Choice
from .plain_text import list_names, printable


def describe_missing(name: str, file_names: Sequence[str]) -> str:
    """Write the problem with a notebook of the assignment that is not in the submission."""
    state = "is another notebook" if f"{name}.ipynb" in file_names else "is missing"
    found = f"; the folder has {list_names(file_names)}, but no notebook with its cells" if file_names else ""
    return f"{name}.ipynb {state}{found}: hand in the notebook, {name}.ipynb"


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
        notes.append(f"{chosen} contains no answers: the cells for them have no line that was not released")
    if not choice.is_clear:
        reason = "contains answers that it does not have" if len(choice.rivals) == 1 else "contain other answers"
        problems.append(f"{chosen} is graded for now, but {rivals} {reason}: a person decides which notebook counts")
    elif choice.rivals:
        notes.append(f"{chosen} is graded, not {rivals}")
    return notes, problems
