"""The words an exercise is written in: `Exercise`, `Rule`, `Case`, `Made`, `Mistake`, and the `Verdict` it ends in.

An exercise lives in `autograder/exercises/`, in the file named after its notebook. It holds the reference, so nothing
here may be imported by the process that runs a student's code.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, wraps
from typing import Any

import numpy as np

from . import probe
from .answers import Answer, read


@dataclass(frozen=True)
class Made:
    """A function that the student's function is handed: one of `probe.MADE`, with its numbers."""

    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One call: the arguments, and in words what is special about them ("logits near -1000").

    With ``rounds`` it is several calls, and the value a list per round of what each call returned. The calls of a
    round share their arguments (a generator goes on where it was); every round begins with fresh ones. With ``spread``
    arrays do not lie in memory row after row.
    """

    args: tuple
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    rounds: tuple[int, ...] = ()
    spread: bool = False

    def to_json(self, watch: bool = False) -> dict:
        """What travels to the probe: the inputs, and whether floating-point warnings are watched for."""
        args = [_to_json(a) for a in self.args]
        question = {"args": args, "kwargs": {k: _to_json(v) for k, v in self.kwargs.items()}, "watch": watch}
        unusual = {"rounds": list(self.rounds), "spread": self.spread}
        return question | {name: value for name, value in unusual.items() if value}


def case(*args, about: str = "", rounds: tuple[int, ...] = (), **kwargs) -> Case:
    """Write a call as it will be made: ``case(X, w, about="one row")``."""
    return Case(args, kwargs, about, rounds)


def once_more(cases: "Cases") -> "Cases":
    """The same cases, the first of them twice, its arrays then spread in memory: neither may change the answer."""

    @wraps(cases)
    def the_first_twice(rng: np.random.Generator) -> Iterable[Case]:
        first, *others = cases(rng)
        return [first, replace(first, about=f"{first.about or 'the first input'} once more", spread=True), *others]

    return the_first_twice


def _to_json(argument) -> dict:
    if isinstance(argument, Made):
        return {"made": argument.name, "params": {k: probe.encode(v) for k, v in argument.params.items()}}
    return probe.encode(argument)


class _Value(Case):
    """The case of an exercise whose answer is a variable (a quiz), not a function."""

    def to_json(self, watch: bool = False) -> dict:
        return {"value": True}


THE_VALUE = _Value(())


Cases = Callable[[np.random.Generator], Iterable[Case]]
Property = Callable[[Case, Any], str | None]
Replay = Callable[[Case, Any, Any], str | None]


@dataclass(frozen=True)
class Rule:
    """One thing that must be true of an answer, and what it is worth.

    An answer satisfies a rule if, on every case, it agrees with the reference within ``rtol`` and ``atol`` and the
    extra demands below are met. Rules that cannot be said that way give ``holds``.

    Parameters
    ----------
    name : str
        The property, as the student reads it: "sigma(z) for moderate z".
    points : float
        All of it or nothing.
    cases : callable
        Draws the inputs: ``rng -> iterable of Case``. Two rules that share this function share the calls.
    hint : str
        A question or a nudge, never the answer.
    slide : str
        The title of the slide that explains it; the exercise's own where it is empty.
    rtol, atol : float
        Tolerances in float64. Where an input is float32, ``rtol`` is at least 1e-5 and ``atol`` at least 1e-6.
    dtype : {"like the reference", "any"}
        Whether booleans may stand for integers and integers for floats.
    warnings : {"any", "none"}
        With "none", NumPy must not warn of overflow, invalid values or division by zero in float64.
    mutation : {"any", "none"}
        With "none", the arrays that were passed in must come back unchanged.
    sharing : {"any", "none"}
        With "none", the arrays that come back must not lie in the memory of those that were passed in.
    raises : str
        The name of the exception that must be raised on those cases on which the reference raises.
    holds : callable, optional
        ``(case, value) -> None or what is wrong``, instead of agreeing with the reference.
    replays : callable, optional
        ``(case, value, calls) -> None or what is wrong``, instead of agreeing with the reference: ``calls`` holds
        what each argument remembers, if it is `Made` and does (with rounds: a list of that per round).
    """

    name: str
    points: float
    cases: Cases = lambda rng: [THE_VALUE]
    hint: str = ""
    slide: str = ""
    rtol: float = 1e-9
    atol: float = 0.0
    dtype: str = "like the reference"
    warnings: str = "any"
    mutation: str = "any"
    sharing: str = "any"
    raises: str = ""
    holds: Property | None = None
    replays: Replay | None = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, and the words that help them."""

    answer: Any
    hint: str = ""


@dataclass(frozen=True)
class Finding:
    """How one rule came out, in words for the student."""

    rule: str
    passed: bool
    points: float
    message: str = ""
    slide: str = ""
    diagnosis: str | None = None

    @property
    def score(self) -> float:
        return self.points if self.passed else 0.0


@dataclass(frozen=True)
class Verdict:
    """What the judge says of one answer: ``score`` of ``points``, and a finding per rule."""

    exercise: str
    findings: tuple[Finding, ...]
    mistake: str | None = None

    @property
    def score(self) -> float:
        return sum(finding.score for finding in self.findings)

    @property
    def points(self) -> float:
        return sum(finding.points for finding in self.findings)

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)


@dataclass(frozen=True, eq=False)  # two exercises are never the same one
class Exercise:
    """One graded function (or variable): its reference, its rules, and the answers that people give.

    Parameters
    ----------
    signature : str
        ``"sigmoid(z)"`` for a function, ``"trivia"`` for a variable.
    slide : str
        The slide that explains it.
    reference : callable or value
        The right answer. It never leaves the grader's process.
    rules : sequence of Rule
        What must hold. Their points add up to the points of the grade cell.
    mistakes : mapping of str to Mistake
        Named wrong answers: each must lose at least one rule.
    variants : mapping of str to callable or value
        Named right answers: each must keep every rule.
    forbids : sequence of str
        What would do the work for the student ("scipy.special"). Use is flagged for a person.

    Examples
    --------
    >>> from autograder import exercises
    >>> exercises["sigmoid"].check(lambda z: z).score
    0.0
    """

    signature: str
    slide: str
    reference: Any
    rules: tuple[Rule, ...]
    mistakes: Mapping[str, Mistake] = field(default_factory=dict)
    variants: Mapping[str, Any] = field(default_factory=dict)
    forbids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.signature.partition("(")[0]

    @property
    def points(self) -> float:
        return sum(rule.points for rule in self.rules)

    def draw(self, seed: int) -> "Drawn":
        """Draw the inputs of every rule. The same seed draws the same inputs."""
        cases: list[Case] = []
        rows: dict[Cases, list[int]] = {}
        watched: set[int] = set()
        for rule in self.rules:
            if rule.cases not in rows:
                fresh = list(rule.cases(np.random.default_rng([len(rows), seed])))
                rows[rule.cases] = list(range(len(cases), len(cases) + len(fresh)))
                cases += fresh
            if rule.warnings == "none":
                watched.update(rows[rule.cases])
        return Drawn(self, tuple(cases), tuple(tuple(rows[rule.cases]) for rule in self.rules), frozenset(watched))

    def check(self, answer: Any, seed: int = 0) -> Verdict:
        """Judge an answer in this process. Only for code you trust: tests, and authors at work."""
        from .judge import judge  # the judge reads exercises; an exercise only borrows it here

        drawn = _draw_once(self, seed)
        return judge(drawn, drawn.ask(answer))


@lru_cache(maxsize=32)
def _draw_once(exercise: Exercise, seed: int) -> "Drawn":
    """Whoever checks many answers has the reference and the mistakes asked once."""
    return exercise.draw(seed)


@dataclass(frozen=True, eq=False)
class Drawn:
    """An exercise with its inputs drawn: all cases once, and for each rule the rows that concern it."""

    exercise: Exercise
    cases: tuple[Case, ...]
    rows: tuple[tuple[int, ...], ...]
    watched: frozenset[int]

    def to_json(self) -> dict:
        """The question as it travels to the student's process: a name and inputs, nothing else."""
        return self._question

    @cached_property
    def _question(self) -> dict:
        return {"name": self.exercise.name, "cases": [c.to_json(i in self.watched) for i, c in enumerate(self.cases)]}

    @cached_property
    def wanted(self) -> list[Answer]:
        """What the reference answers to each case."""
        return list(Answers(self, self.exercise.reference))

    @cached_property
    def mistaken(self) -> dict[str, Sequence[Answer]]:
        """What each of the known mistakes answers to each case."""
        return {name: Answers(self, mistake.answer) for name, mistake in self.exercise.mistakes.items()}

    def ask(self, answer: Any) -> dict:
        """Put the question to an answer in this process."""
        question = self.to_json()
        return probe.answer({question["name"]: answer}, question["name"], question["cases"])


class Answers(Sequence[Answer]):
    """What an answer comes to on each case of a question, found out in this process as far as somebody looks."""

    def __init__(self, drawn: Drawn, answer: Any):
        question = drawn.to_json()
        self._count = len(drawn.cases)
        self._coming = probe.one_by_one({question["name"]: answer}, question["name"], question["cases"])
        self._known: list[Answer] = []

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, i: Any) -> Any:
        if i >= self._count:
            raise IndexError(i)
        while len(self._known) <= i:
            self._known.append(read({"answers": [next(self._coming)]}, 1)[0][0])
        return self._known[i]
