"""What an instructor has to put right in the course or in a command, in one line that says what to do."""

import difflib
from collections.abc import Sequence

MAX_LISTED = 20  # names in a line


class CourseError(Exception):
    """Something is wrong with the course or with a command, not with a submission.

    The message is one line and says what to do.
    """


def describe_unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """Describe a name that the course does not have, and suggest a similar one.

    Examples
    --------
    >>> describe_unknown("assignment", "1-frist", ["1-first", "2-second"])
    "there is no assignment '1-frist'; did you mean '1-first'?"
    >>> describe_unknown("assignment", "exam", ["1-first", "2-second"])
    "there is no assignment 'exam'; the known ones are 1-first, 2-second"
    """
    similar = difflib.get_close_matches(name, known, n=1)
    listed = ", ".join(known[:MAX_LISTED]) + (", …" if len(known) > MAX_LISTED else "")
    advice = f"did you mean {similar[0]!r}?" if similar else f"the known ones are {listed or 'none'}"
    return f"there is no {kind} {name!r}; {advice}"
