"""The kill matrix: every mistake must be rejected and every variant accepted, for several draws of the inputs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..judging.judge import judge
from ..judging.model import DrawnExercise, Exercise


@dataclass(frozen=True)
class Row:
    """The result of one known answer over all seeds.

    Attributes
    ----------
    exercise : str
    kind : {"reference", "variant", "mistake"}
    name : str
        The name of the variant or mistake.
    scores : tuple of float
        The score for each seed.
    points : float
        The points of the exercise.
    broken : tuple of str
        The rules that the answer broke for at least one seed.
    diagnosed : tuple of (str or None)
        What `Verdict.mistake` was, without repetitions. A mistake with a hint should be diagnosed as itself.
    """

    exercise: str
    kind: str
    name: str
    scores: tuple[float, ...]
    points: float
    broken: tuple[str, ...]
    diagnosed: tuple[str | None, ...]

    @property
    def is_as_expected(self) -> bool:
        """Whether a mistake loses the same points for every seed, and any other answer loses none."""
        if self.kind == "mistake":
            return len(set(self.scores)) == 1 and self.scores[0] < self.points
        return all(score == self.points for score in self.scores)


def rows(exercise: Exercise, seeds: Iterable[int] = range(5)) -> list[Row]:
    """Judge every known answer of an exercise.

    Parameters
    ----------
    exercise : Exercise
    seeds : iterable of int
        The inputs are drawn once for each seed.

    Returns
    -------
    list of Row
        The reference first, then variants, then mistakes.
    """
    answers = [("reference", "reference", exercise.reference)]
    answers += [("variant", name, answer) for name, answer in exercise.variants.items()]
    answers += [("mistake", name, mistake.answer) for name, mistake in exercise.mistakes.items()]
    draws = [exercise.draw(seed) for seed in seeds]
    return [_row(exercise, *answer, draws) for answer in answers]


def _row(exercise: Exercise, kind: str, name: str, answer: Any, draws: Sequence[DrawnExercise]) -> Row:
    verdicts = [judge(drawn, drawn.ask(answer)) for drawn in draws]
    broken = {finding.rule: None for verdict in verdicts for finding in verdict.findings if not finding.passed}
    diagnosed = tuple(dict.fromkeys(verdict.mistake for verdict in verdicts))
    scores = tuple(verdict.score for verdict in verdicts)
    return Row(exercise.name, kind, name, scores, exercise.points, tuple(broken), diagnosed)
