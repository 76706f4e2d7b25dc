"""What the class predicted: for each question of *Predict first*, how many students chose each letter.

The last Markdown cell before the exercise has the questions as a numbered list, whose further lines are indented:

    1. This curve is steepest at $z = 0$. How steep is it at $z = 4$?
       * **a** half as steep
       * **b** much less steep

The bullets may be `*`, `-` or `+`. The solution assigns a list or tuple with the right letter of each question: the
reference of the exercise is a placeholder. `count_predictions` reports a question whose options are not the letters of
the exercise, and a solution with another number of letters.
"""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from markupsafe import Markup

from ..course import Course, CourseError
from ..grading.records import Record
from ..judging.model import Exercise
from ..judging.quizzes import predicted_letters
from ..reports.graded_cells import GradedCell
from ..reports.markdown import render_line
from .options import find_options
from .questions import Questions

# An item of a numbered list: its line, and the lines that follow with an indent or without text.
_ITEM = re.compile(r"^\d+\.[ ]+(.*(?:\n(?:[ \t]+\S.*|[ \t]*))*)", re.MULTILINE)
# The first option of an item and all that follows: without them, its question is left.
_FIRST_OPTION = re.compile(r"\s*(?:^[ \t]*[*+-][ \t]+)?\*\*[a-z]\*\*\s.*", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Option:
    """An answer to a question, and the number of students who chose it."""

    letter: str
    text: Markup
    count: int
    is_right: bool


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


def count_predictions(course: Course, questions: Questions, graded: Sequence[Record]) -> list[Prediction]:
    """Count what the class predicted. Raise CourseError if questions do not have the form above."""
    letters: dict[str, list[Sequence[str]]] = {}
    for verdict in (verdict for record in graded for verdict in record.verdicts if verdict.letters):
        letters.setdefault(verdict.exercise, []).append(verdict.letters)
    predictions = []
    for question in questions.values():
        exercise = course.exercises.get(question.grade_id)
        if exercise is not None and exercise.is_prediction:
            predictions += _read_predictions(question, exercise, letters.get(question.grade_id, []))
    return predictions


def _read_predictions(question: GradedCell, exercise: Exercise, letters: Sequence[Sequence[str]]) -> list[Prediction]:
    """Read the questions in the cell before an exercise, and count the letters that each student chose."""
    items, right = _ITEM.findall(question.text), _right_letters(question, exercise)
    if not items or len(items) != len(right):
        fault = f"{question.grade_id} has {len(items)} numbered questions, and {len(right)} letters in its solution"
        raise CourseError(f'{fault}: write "1. …" before each question, and a list of one letter for each')
    accepted = [letter for letter in ascii_lowercase if predicted_letters(exercise, [letter] * len(items))]
    predictions = []
    for index, (item, answer) in enumerate(zip(items, right, strict=True)):
        texts = find_options(item)
        if sorted(texts) != accepted:
            fault = f"question {index + 1} of {question.grade_id} offers {', '.join(texts) or 'nothing'}"
            advice = f"offer {', '.join(accepted)}, with no letter in bold elsewhere in the question"
            raise CourseError(f"{fault}: {advice}, or change the exercise's letters in spec.py")
        chosen = Counter(of_student[index] for of_student in letters if index < len(of_student))
        options = tuple(Option(letter, text, chosen[letter], letter == answer) for letter, text in texts.items())
        text = re.sub(r"\s+", " ", _FIRST_OPTION.sub("", item)).strip()
        predictions.append(Prediction(question.grade_id, index + 1, render_line(text), options, chosen.total()))
    return predictions


def _right_letters(question: GradedCell, exercise: Exercise) -> list[str]:
    """Read the letters in the last list or tuple that the solution assigns.

    The result is empty if the solution assigns no list, or one that the exercise does not accept.
    """
    try:
        statements = ast.parse(question.answer.source).body
        values = [node.value for node in statements if isinstance(node, ast.Assign | ast.AnnAssign)]
        lists = [value for value in values if isinstance(value, ast.List | ast.Tuple)]
        return predicted_letters(exercise, ast.literal_eval(lists[-1])) if lists else []
    except (SyntaxError, ValueError):
        return []
