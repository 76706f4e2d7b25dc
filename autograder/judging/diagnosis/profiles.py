"""What the searches of a diagnosis share: an exercise (`ExerciseProfile`), a known mistake, and a student's answer.

Each of the three knows its result for every case, and computes what the searches need of it only once.

Each question has its own tolerances:

| Question | Tolerances |
|---|---|
| Is a value clearly wrong, or that of a known mistake? | `ExerciseProfile.loose`: students may round differently |
| Is it that of a mistake that is nearly right? | `ExerciseProfile.strict`: a right value must not match |
| Are values related, such as "twice as large"? | those of each `Pair` |
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ..cases import FactoryArg
from ..decode import CallResult
from ..leaves import count_numbers
from ..model import Arguments, DrawnExercise, Mistake
from ..relations import ATOL, RTOL, Pair
from ..rule_failures import RuleFailureKind, find_failure, holds_single
from ..trusted_calls import call_on, limited_cpu_time
from .agreement import Tolerances, differing_cases, same_values

# The relative and the absolute tolerance, in double and in single precision.
LOOSE, LOOSE_SINGLE = (1e-6, 1e-9), (1e-4, 1e-6)
STRICT, STRICT_SINGLE = (1e-9, 0.0), (1e-5, 1e-6)
WRONG_VALUES = (RuleFailureKind.VALUE, RuleFailureKind.FORM)
MAX_NUMBERS = 10_000  # of an argument: with larger ones, calling the reference many times takes too long
# CPU time of a call with changed arguments. No reference of this course needs a tenth of it, so a slow machine finds
# the same explanations.
MAX_SECONDS = 0.5


@dataclass(frozen=True, eq=False)
class ExerciseProfile:
    """The cases of an exercise, and the results of the reference and of each known mistake."""

    drawn: DrawnExercise

    @cached_property
    def mistakes(self) -> list["MistakeProfile"]:
        """The known mistakes of the exercise."""
        known, results = self.drawn.exercise.mistakes, self.drawn.mistake_results
        return [MistakeProfile(self, name, known[name], results[name]) for name in known]

    @cached_property
    def in_single_precision(self) -> list[bool]:
        """For each case, whether an argument or the right value is in single precision."""
        pairs = zip(self.drawn.cases, self.drawn.expected, strict=True)
        return [holds_single([*case.values, want.value]) for case, want in pairs]

    @cached_property
    def loose(self) -> Tolerances:
        """For each case, loose tolerances, because the student's code may round differently."""
        return [LOOSE_SINGLE if single else LOOSE for single in self.in_single_precision]

    @cached_property
    def strict(self) -> Tolerances:
        """For each case, tolerances for rounding alone."""
        return [STRICT_SINGLE if single else STRICT for single in self.in_single_precision]

    @cached_property
    def arguments(self) -> list[Arguments]:
        """The arguments of each case by name, including defaults."""
        exercise = self.drawn.exercise
        defaults = {name: value for name, value in exercise.parameters.items() if value is not inspect.Parameter.empty}
        return [defaults | exercise.arguments_of(case) for case in self.drawn.cases]

    @cached_property
    def can_be_recomputed(self) -> bool:
        """Whether the reference is called with changed arguments: only if it is not random, and they are small."""
        values = [value for arguments in self.arguments for value in arguments.values()]
        is_random = any(isinstance(value, FactoryArg) and value.factory is np.random.default_rng for value in values)
        return not is_random and all(count_numbers(value) < MAX_NUMBERS for value in values)

    def recompute(self, i: int, change: Callable[[Arguments], Arguments]) -> CallResult | None:
        """The reference's result for a case with changed arguments. None if the change does not apply to them.

        Raise TimeoutError if the reference takes longer than `MAX_SECONDS`: with them, its loop may not end.
        """
        exercise = self.drawn.exercise
        try:
            changed = change(self.arguments[i])
        except Exception:  # the change divides by zero, makes an unsigned integer negative, indexes a number, …
            return None
        case = exercise.with_arguments(self.drawn.cases[i], changed)
        try:
            with limited_cpu_time(MAX_SECONDS):
                return call_on(exercise.reference, case.to_json())
        except (MemoryError, ValueError):  # an absurd size, or an argument that cannot be sent
            return None


# Cached for the kill matrix: in grading, each submission has its own draw.
profile_of = lru_cache(maxsize=8)(ExerciseProfile)


@dataclass(frozen=True, eq=False)
class MistakeProfile:
    """A known mistake and its result for each case."""

    profile: ExerciseProfile
    name: str
    known: Mistake  # in the catalogue
    results: Sequence[CallResult]

    @cached_property
    def is_nearly_right(self) -> bool:
        """Whether its values are right within the loosest tolerances, whatever the precision.

        Answers are then compared with it strictly.
        """
        return same_values(self.results, self.profile.drawn.expected, [LOOSE_SINGLE] * len(self.results))

    @cached_property
    def tolerances(self) -> Tolerances:
        """For each case, how closely an answer must agree with this mistake."""
        return self.profile.strict if self.is_nearly_right else self.profile.loose

    @cached_property
    def wrong_cases(self) -> set[int]:
        """The cases on which its values are wrong."""
        return differing_cases(self.results, self.profile.drawn.expected, self.tolerances)


@dataclass(frozen=True, eq=False)
class Attempt:
    """A student's wrong answer: its result for each case, and its code."""

    profile: ExerciseProfile
    got: list[CallResult]
    source: str = ""

    def hints(self, mistakes: Iterable[MistakeProfile]) -> list[str]:
        """The different hints of these mistakes, for the student's code."""
        return list(dict.fromkeys(mistake.known.hint_for(self.source) for mistake in mistakes))

    @cached_property
    def wrong_cases(self) -> set[int]:
        """The cases on which its values are clearly wrong, not only rounded differently."""
        return differing_cases(self.got, self.profile.drawn.expected, self.profile.loose)

    @property
    def raises(self) -> bool:
        """Whether it raises an exception where the reference returns a value."""
        results = zip(self.got, self.profile.drawn.expected, strict=True)
        return any(got.error and not want.error for got, want in results)

    @property
    def breaks_a_mutation_rule(self) -> bool:
        """Whether a rule forbids a modification that was made. Wrong values may be a consequence of that."""
        used = {i for rule, used in self.profile.drawn.rules_with_cases if rule.mutation == "none" for i in used}
        return any(self.got[i].changed or self.got[i].gradient_changed for i in used)

    @cached_property
    def pairs(self) -> list[Pair]:
        """The returned and the right value of each compared case; empty if all are right, or if a call raised.

        A case is compared if a rule without a check of its own uses it, and the reference returns a value for it.
        """
        if self.raises:
            return []
        profile, drawn, got = self.profile, self.profile.drawn, self.got
        comparing = ((rule, used) for rule, used in drawn.rules_with_cases if not (rule.check or rule.check_trace))
        compared = [(rule, i) for rule, used in comparing for i in used if not drawn.expected[i].error]
        failures = (find_failure(rule, drawn.cases[i], got[i], drawn.expected[i]) for rule, i in compared)
        if not any(failure and failure.kind in WRONG_VALUES for failure in failures):
            return []
        tolerances = [LOOSE_SINGLE if single else (RTOL, ATOL) for single in profile.in_single_precision]
        indices = sorted({i for _, i in compared})
        return [Pair(profile.arguments[i], got[i].value, drawn.expected[i].value, *tolerances[i]) for i in indices]
