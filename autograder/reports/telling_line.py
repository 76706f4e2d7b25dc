"""The line of a wrong answer that differs most from right answers: what a class can look at together."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from ..judging.exercise_set import CourseExercise
from .class_data import ClassData
from .class_statistics import MistakeStatistics
from .solution_cells import read_solution

MAX_CHARACTERS = 5_000  # of an answer: this runs in the process of the command, which no supervisor limits
MAX_LINE_CHARACTERS = 120
# It differs without being wrong; what stands behind `else:` or `def f(z):`, or a `#` in a text, hardly matters.
# Not parsed: a student's code can exhaust the parser.
_NOT_COMPARED = re.compile(
    r"(?:\b[A-Za-z]{1,2})?(\"{3}|'{3})[\s\S]*?\1|^[ \t]*(?:def|import|from|else|try)\b.*|#.*", re.MULTILINE
)


def find_telling_line(code: str, exercise: CourseExercise) -> str:
    """Find the line of a wrong answer that differs most from the known right answers.

    Empty without a right answer, or if each line is in one.
    """
    right = [known.code for known in exercise.known_answers if known.is_right]
    # a line at the margin ends a function, but not `):` or a comment
    functions = re.findall(rf"^def {exercise.name}\b.*(?:\n(?:[ \t)#].*)?)*", code[:MAX_CHARACTERS], re.MULTILINE)
    return find_differing_line(functions[-1] if functions else code, right) if right else ""  # Python keeps the last


def find_line_of_mistake(data: ClassData, exercise: str, mistake: str) -> str:
    """Find the telling line of a known mistake. Empty for letters, and for a relation, such as "twice as large"."""
    if not (function := _find_function(data, exercise)):
        return ""
    wrong = (known for known in function.known_answers if not known.is_right)
    return find_telling_line(next((known.code for known in wrong if known.name == mistake), ""), function)


def find_differing_line(code: str, right: Iterable[str]) -> str:
    """Find the line of a function that is in no right answer, and differs most from the right answer closest to it.

    The closest one has the same style. Compared with all, an unusual line would count as wrong.

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

    return max((line for line in own if line not in known), key=difference, default="")


def find_students_line(row: MistakeStatistics, data: ClassData) -> str:
    """Find the telling line of the first student who made a mistake. Empty for letters, and if it cannot be read."""
    student = row.students[0]
    if function := _find_function(data, row.exercise):
        notebook, grade_id = data.questions.key_of(row.exercise)
        with data.boundary.around(student):
            file = data.course.autograded_folder(student, data.assignment) / f"{notebook}.ipynb"
            return find_telling_line(read_solution(file, grade_id), function) if file.is_file() else ""
    return ""


def _find_function(data: ClassData, name: str) -> CourseExercise | None:
    exercise = data.course.exercises.get(name)
    return exercise if exercise is not None and exercise.is_function else None


def _lines(code: str) -> list[str]:
    lines = map(str.strip, _NOT_COMPARED.sub("", code[:MAX_CHARACTERS]).splitlines())
    return [line[:MAX_LINE_CHARACTERS] for line in lines if line]
