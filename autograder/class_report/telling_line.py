"""The line of a wrong answer that differs most from right answers: what a class can look at together."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from .class_data import ClassData
from .class_mistakes import MistakeStatistics
from .solution_cells import read_solutions

# Of the code that is compared. The comparison runs in the process of the command, which no supervisor limits.
MAX_CHARACTERS = 5_000
MAX_LINE_CHARACTERS = 120
# What differs without being wrong. Not parsed, because a student's code can exhaust the parser: so a `#` in a text
# counts as a comment, which hardly matters.
_NOT_COMPARED = re.compile(
    r"""
      (?:\b[A-Za-z]{1,2})?(?P<text>"{3}|'{3})[\s\S]*?(?P=text)        # a docstring, or another long text
    | ^[ \t]*(?:
        (?P<quote>["']).*(?P=quote)[ \t]*$                            # a docstring of one line
      | (?:import|from)\b.*
      | def\b[^()\n]*\((?:[^()]|\([^()]*\))*\)[^:\n]*:[ \t]*(?:\#.*)?$  # a header, of several lines, too
      | (?:else|try):[ \t]*(?:\#.*)?$
      )
    | \#.*
    """,
    re.MULTILINE | re.VERBOSE,
)


def find_line_of_mistake(row: MistakeStatistics, data: ClassData) -> str:
    """Find the telling line of a known mistake. Empty for letters, and for a relation, such as "twice as large"."""
    code = _known_code(row.exercise, data, is_right=False).get(row.mistake, "")
    right = _known_code(row.exercise, data, is_right=True)
    return find_differing_line(_last_definition(row.exercise, code) or code, right.values())


def find_students_line(row: MistakeStatistics, data: ClassData) -> str:
    """Find the telling line of the first student who made a mistake. Empty for letters, and if it cannot be read."""
    notebook, _ = data.questions.key_of(row.exercise)
    file = data.course.autograded_folder(row.students[0], data.assignment) / f"{notebook}.ipynb"
    right = _known_code(row.exercise, data, is_right=True)
    return find_differing_line(_last_definition(row.exercise, read_solutions([file])), right.values())


def _known_code(exercise: str, data: ClassData, is_right: bool) -> dict[str, str]:
    """The code of the right or wrong known answers to an exercise, by their names. Empty if it is not a function."""
    known = data.course.exercises.get(exercise)
    answers = known.known_answers if known and known.is_function else ()
    return {answer.name: answer.code for answer in answers if answer.is_right == is_right}


def _last_definition(name: str, code: str) -> str:
    """Find the definition of a function that Python keeps. Empty if there is none."""
    # a line at the margin ends a function, but not `):`, a comment or the text of a docstring
    text = _NOT_COMPARED.sub(lambda found: "" if found["text"] else found[0], code)
    found: list[str] = re.findall(rf"^def {name}\b.*(?:\n(?:[ \t)#].*)?)*", text, re.MULTILINE)
    return found[-1] if found else ""


def find_differing_line(code: str, right: Iterable[str]) -> str:
    """Find the line of a function that is in no right answer, and differs most from the right answer closest to it.

    The closest one has the same style. Compared with all, an unusual line would count as wrong. Empty without a right
    answer, or if each line is in one.

    Examples
    --------
    >>> find_differing_line("def f(z):\\n    return 2 / z", ["def f(z):\\n    return 1 / z"])
    'return 2 / z'
    """
    own, others = _lines(code), [_lines(text) for text in right]
    known = {line for lines in others for line in lines}
    closest = max(others, key=lambda lines: fuzz.ratio("\n".join(own), "\n".join(lines)), default=[])

    def difference(line: str) -> float:  # in characters: a short line, such as p = f(z), differs soon
        return len(line) * (100.0 - max((fuzz.ratio(line, other) for other in closest), default=0.0))

    return max((line for line in own if line not in known), key=difference, default="") if others else ""


def _lines(code: str) -> list[str]:
    lines = map(str.strip, _NOT_COMPARED.sub("", code)[:MAX_CHARACTERS].splitlines())
    return [line[:MAX_LINE_CHARACTERS] for line in lines if line]
