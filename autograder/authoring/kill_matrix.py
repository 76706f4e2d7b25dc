"""The kill matrix: every mistake must be rejected and every variant accepted, for several draws of the inputs.

The score of an answer must be the same for every draw. Otherwise, students would get different points for equal code.
"""

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..judging.answers import KnownAnswer
from ..judging.exercise_set import ExerciseSet
from ..judging.judge import judge
from ..judging.model import DrawnExercise, Exercise

MAX_DIAGNOSED = 3  # draws; a diagnosis takes longer than a score


class AnswerKind(StrEnum):
    """Where a known answer comes from, and whether it is right."""

    REFERENCE = "reference"
    VARIANT = "variant"
    MISTAKE = "mistake"
    HELD_OUT_RIGHT = "held out, right"
    HELD_OUT_WRONG = "held out, wrong"


WRONG = (AnswerKind.MISTAKE, AnswerKind.HELD_OUT_WRONG)


def load_held_out(exercises: ExerciseSet) -> list[KnownAnswer]:
    """The held-out answers of a course: `HELD_OUT` in the package that `HELD_OUT_PACKAGE` of its exercises names."""
    package = getattr(importlib.import_module(exercises.package), "HELD_OUT_PACKAGE", None)
    return list(importlib.import_module(package).HELD_OUT) if package else []


@dataclass(frozen=True)
class Row:
    """The result of one known answer over all seeds."""

    exercise: str
    kind: AnswerKind
    name: str
    scores: tuple[float, ...]
    points: float
    broken: tuple[str, ...]  # the rules that the answer broke for at least one seed
    message: str  # that of the first finding against the answer, empty if there is none
    # The mistakes as which the first draws were diagnosed, each once; (None,) if nothing was found, or looked for.
    diagnosed: tuple[str | None, ...]
    has_hint: bool
    reason: str = ""  # why the answer may be judged in another way than expected

    @property
    def spread(self) -> float:
        """The largest difference between two scores."""
        return max(self.scores) - min(self.scores)

    @property
    def misses_hint(self) -> bool:
        """Whether students do not see the hint of this mistake after every draw that was diagnosed."""
        return self.has_hint and self.diagnosed != (self.name,)

    @property
    def is_as_expected(self) -> bool:
        """Whether a wrong answer loses the same points for every seed, and any other answer loses none.

        An answer with a reason must be an exception to that. Otherwise, the reason is out of date. A single draw cannot
        show that.
        """
        if self.reason and len(self.scores) == 1:
            return True
        follows_the_rule = self.spread == 0 and (self.scores[0] < self.points) == (self.kind in WRONG)
        return not follows_the_rule if self.reason else follows_the_rule


def judge_known_answers(
    exercise: Exercise, seeds: Iterable[int] = range(5), held_out: Iterable[KnownAnswer] = ()
) -> list[Row]:
    """Judge every known answer of an exercise: the reference first, then variants, mistakes and held-out answers.

    Held-out answers to other exercises are ignored.
    """
    answers = [(AnswerKind.REFERENCE, "reference", exercise.reference, "")]
    answers += [(AnswerKind.VARIANT, name, answer, "") for name, answer in exercise.variants.items()]
    answers += [(AnswerKind.MISTAKE, name, mistake.answer, "") for name, mistake in exercise.mistakes.items()]
    kinds = {True: AnswerKind.HELD_OUT_RIGHT, False: AnswerKind.HELD_OUT_WRONG}
    own = (other for other in held_out if other.exercise == exercise.name)
    answers += [(kinds[other.is_right], other.name, other.value, other.field("reason")) for other in own]
    draws = [exercise.draw(seed) for seed in seeds]
    return [_judge_in_each_draw(draws, *answer) for answer in answers]


def _judge_in_each_draw(draws: Sequence[DrawnExercise], kind: AnswerKind, name: str, answer: Any, reason: str) -> Row:
    exercise = draws[0].exercise
    num_diagnosed = MAX_DIAGNOSED if kind is AnswerKind.MISTAKE else 0
    verdicts = [judge(drawn, drawn.call(answer), explain=i < num_diagnosed) for i, drawn in enumerate(draws)]
    failed = [finding for verdict in verdicts for finding in verdict.failed_findings]
    return Row(
        exercise.name,
        kind,
        name,
        scores=tuple(verdict.score for verdict in verdicts),
        points=exercise.points,
        broken=tuple(dict.fromkeys(finding.rule for finding in failed)),
        message=failed[0].message if failed else "",
        diagnosed=tuple(dict.fromkeys(verdict.mistake for verdict in verdicts[:num_diagnosed])) or (None,),
        has_hint=kind is AnswerKind.MISTAKE and bool(exercise.mistakes[name].hint),
        reason=reason,
    )
