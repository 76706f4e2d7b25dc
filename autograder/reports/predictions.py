"""What the class predicted: for each question of *Predict first*, how many students chose each letter."""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..course import Course
from ..grading.records import Record
from .class_data import read_questions
from .graded_cells import GradedCell, find_option_sources
from .markdown import render_line

# An item of a numbered list: its line, and the lines that follow with an indent or without text.
_ITEM = re.compile(r"^\d+\.[ ]+(.*(?:\n(?:[ \t]+\S.*|[ \t]*))*)", re.MULTILINE)
# The first option of an item and all that follows: without them, its question is left.
_FIRST_OPTION = re.compile(r"\s*(?:^[ \t]*\*[ \t]+)?\*\*[a-z]\*\*\s.*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Option:
    """An answer to a question, and the number of students who chose it. Its text is Markdown."""

    letter: str
    source: str
    count: int
    is_right: bool

    @property
    def text(self) -> Markup:
        """The text as HTML."""
        return render_line(self.source)


@dataclass(frozen=True)
class Prediction:
    """A question of *Predict first*."""

    exercise: str  # The exercise to which the question belongs. It may have several.
    number: int  # its number in the exercise, from 1
    text: Markup
    options: tuple[Option, ...]
    num_answers: int  # the number of students who answered

    def percent_of(self, option: Option) -> float:
        """The share of the students who chose an option, in percent."""
        return 100 * option.count / self.num_answers if self.num_answers else 0.0


def count_predictions(course: Course, assignment: str, graded: Sequence[Record]) -> list[Prediction]:
    """Count what the class predicted."""
    letters: dict[str, list[Sequence[str]]] = {}
    for verdict in (verdict for record in graded for verdict in record.verdicts if verdict.letters):
        letters.setdefault(verdict.exercise, []).append(verdict.letters)
    predictions = []
    for question in read_questions(course, assignment).values():
        exercise = course.exercises.get(question.grade_id)
        if exercise is not None and exercise.is_prediction:
            predictions += _read_predictions(question, letters.get(question.grade_id, []))
    return predictions


def _read_predictions(question: GradedCell, letters: Sequence[Sequence[str]]) -> list[Prediction]:
    """Read the questions in the cell before an exercise, and count the letters that each student chose."""
    right = _right_letters(question)
    predictions = []
    for index, item in enumerate(_ITEM.findall(question.text)):
        chosen = Counter(of_student[index] for of_student in letters if index < len(of_student))
        answer = right[index] if index < len(right) else ""
        options = tuple(
            Option(letter, source, chosen[letter], letter == answer)
            for letter, source in find_option_sources(item).items()
        )
        text = re.sub(r"\s+", " ", _FIRST_OPTION.sub("", item)).strip()
        predictions.append(Prediction(question.grade_id, index + 1, render_line(text), options, chosen.total()))
    return predictions


def _right_letters(question: GradedCell) -> list[str]:
    """The letters in the last list that the instructor's solution assigns: the reference is a placeholder."""
    statements = ast.parse(question.solution.source).body if question.solution else []
    lists = [node.value for node in statements if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)]
    return [str(item.value) for item in lists[-1].elts if isinstance(item, ast.Constant)] if lists else []
