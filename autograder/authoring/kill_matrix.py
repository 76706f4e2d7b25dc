"""The kill matrix: every mistake is rejected, every variant accepted, whatever inputs are drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..judging.judge import judge
from ..judging.model import DrawnExercise, Exercise


@dataclass(frozen=True)
class Row:
    """How one known answer fared over all seeds."""

    exercise: str
    kind: str
    name: str
    scores: tuple[float, ...]
    points: float
    broken: tuple[str, ...]
    diagnosed: tuple[str | None, ...]

    @property
    def is_as_expected(self) -> bool:
        """A mistake loses the same points for every seed; the others lose none."""
        if self.kind == "mistake":
            return len(set(self.scores)) == 1 and self.scores[0] < self.points
        return all(score == self.points for score in self.scores)


def rows(exercise: Exercise, seeds: Iterable[int] = range(5)) -> list[Row]:
    """Put every known answer of an exercise to its rules, with fresh inputs for every seed."""
    answers = [("reference", "reference", exercise.reference)]
    answers += [("variant", name, answer) for name, answer in exercise.variants.items()]
    answers += [("mistake", name, mistake.answer) for name, mistake in exercise.mistakes.items()]
    drawn = [exercise.draw(seed) for seed in seeds]
    return [_row(exercise, *answer, drawn) for answer in answers]


def _row(exercise: Exercise, kind: str, name: str, answer: Any, draws: list[DrawnExercise]) -> Row:
    verdicts = [judge(drawn, drawn.ask(answer)) for drawn in draws]
    broken = {finding.rule: None for verdict in verdicts for finding in verdict.findings if not finding.passed}
    diagnosed = tuple(dict.fromkeys(verdict.mistake for verdict in verdicts))
    scores = tuple(verdict.score for verdict in verdicts)
    return Row(exercise.name, kind, name, scores, exercise.points, tuple(broken), diagnosed)
