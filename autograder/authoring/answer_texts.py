"""The known answers of an exercise as texts of solution cells: what a student may have written."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..course import CourseError
from ..judging.exercise_set import CourseExercise
from ..values import encode

UNANSWERED = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True, eq=False)
class AnswerText:
    """A known answer to an exercise, and the text of a solution cell that defines it."""

    exercise: CourseExercise
    name: str
    text: str
    answer: Any
    is_right: bool

    @cached_property
    def score(self) -> float:
        """The points that it earns. Most answers are chosen by no student, so they are never judged."""
        return 0.0 if self.text == UNANSWERED else self.exercise.check(self.answer, explain=False).score


def all_answer_texts(exercise: CourseExercise) -> list[AnswerText]:
    """List the unanswered cell of an exercise, then its variants, then its mistakes."""
    unanswered = AnswerText(exercise, "unanswered", UNANSWERED, None, is_right=False)
    return [unanswered, *answer_texts(exercise, is_right=True), *answer_texts(exercise, is_right=False)]


def answer_texts(exercise: CourseExercise, is_right: bool) -> Iterator[AnswerText]:
    """Generate the variants or the mistakes of an exercise.

    Their texts use `np`, and may use functions of earlier exercises. Raise CourseError if an answer has no text.
    """
    written = {known.name: known.code for known in exercise.known_answers if known.is_right == is_right}
    answers = exercise.variants if is_right else {name: known.answer for name, known in exercise.mistakes.items()}
    for name, answer in answers.items():
        text = written.get(name) or _text_of_value(exercise.name, name, answer)
        yield AnswerText(exercise, name, text, answer, is_right)


def _text_of_value(exercise: str, name: str, value: Any) -> str:
    """Write the value of an answer of a specification, which has no code, so that the text gives the same value."""
    try:
        is_same = encode(eval(repr(value), {})) == encode(value)
    except (SyntaxError, NameError, TypeError):  # "<function …>", or a class that is not imported
        is_same = False
    if not is_same:
        raise CourseError(f"{exercise}: the answer {name!r} cannot be written as text: write it in answers.py")
    return f"{exercise} = {value!r}"
