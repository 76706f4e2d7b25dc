"""The known mistakes of a course, as a class sees them: in words, and whether it can learn from them."""

from dataclasses import dataclass

from markupsafe import Markup, escape

from ..judging.exercise_set import ExerciseSet
from ..judging.model import Exercise
from ..judging.rule_failures import is_blank
from .graded_cells import find_options
from .questions import Questions
from .value_mistakes import describe_mistake, explain_mistake


@dataclass(frozen=True)
class ClassMistakes:
    """Describes the mistakes of an assignment. A relation, such as "twice as large", is described by its name."""

    exercises: ExerciseSet
    questions: Questions  # with the texts of the letters to choose from

    def can_be_discussed(self, exercise: str, mistake: str) -> bool:
        """Whether a mistake is an answer that a class can learn from: not an empty one, and not a prediction."""
        if (known := self._exercise_with(exercise, mistake)) is None:
            return True
        return not known.is_prediction and not is_blank(known.mistakes[mistake].answer)

    def explain(self, exercise: str, mistake: str) -> str:
        """Explain the first wrong letter of a mistake. Empty if the exercise has no explanations."""
        known = self._exercise_with(exercise, mistake)
        return explain_mistake(known, mistake) if known else ""

    def describe(self, exercise: str, mistake: str) -> Markup:
        """Describe a mistake. If the answer consists of letters, show the texts that were chosen, else its name."""
        known, key = self._exercise_with(exercise, mistake), self.questions.key_of(exercise)
        if known is None or key not in self.questions or known.is_function:
            return escape(mistake)
        return describe_mistake(known, mistake, find_options(self.questions[key].text))

    def _exercise_with(self, exercise: str, mistake: str) -> Exercise | None:
        """Find an exercise that knows a mistake."""
        known = self.exercises.get(exercise)
        return known if known and mistake in known.mistakes else None
