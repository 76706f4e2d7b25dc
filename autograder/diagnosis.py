"""Which mistake a wrong answer looks like: a known one, or else a plain relation between its values and the right ones.

A mistake is named only if the answer cannot be told from it; a relation only if it holds on every case.
"""

import ast
import inspect
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from . import probe
from .answers import Answer, read
from .complaints import complain, differ, is_number, is_single, tolerance
from .exercise import Drawn, Made, Rule
from .instead import Arguments, Change, changes
from .relations import Pair, Relation, fit, relate

Diagnosis = tuple[str | None, str | None]
"""A name, and words for the student."""

Room = Sequence[tuple[float, float]]
"""How far the numbers of each case may be apart and still count as the same: rtol, atol."""

MOST = 0.7  # of the cases that are wrong
MANY = 10_000  # numbers in an argument: the reference is not asked again and again about so many


def diagnose(drawn: Drawn, got: list[Answer]) -> Diagnosis:
    """Name what an answer looks like, and say it in words; (None, None) if nothing fits, or too much does.

    First comes a known mistake, then a relation between its values and the right ones, then other arguments for which
    they are right, and at last what holds for most of them, or nearly.

    Parameters
    ----------
    drawn : Drawn
        The exercise and its cases.
    got : list of Answer
        What came back for each case.
    """
    trial = Trial(_question(drawn), got)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the mean of nothing, the logarithm of -1
        return (
            _known_mistake(trial)
            or relate(trial.pairs)
            or _right_instead(trial)
            or _mostly_like(trial)
            or (not _changes_its_input(trial) and fit(trial.pairs))
            or (None, None)
        )


def _changes_its_input(trial: "Trial") -> bool:
    """Then a rule says so, and what is wrong with its numbers may come from that."""
    drawn = trial.question.drawn
    rules = zip(drawn.exercise.rules, drawn.rows, strict=True)
    return any(rule.mutation == "none" and any(trial.got[i].changed for i in rows) for rule, rows in rules)


@dataclass(frozen=True, eq=False)
class Question:
    """What was asked, what the reference returns, and what each of the known mistakes does."""

    drawn: Drawn

    @property
    def want(self) -> list[Answer]:
        return self.drawn.wanted

    @cached_property
    def known(self) -> list["Known"]:
        return [Known(self, name, answers) for name, answers in self.drawn.mistaken.items()]

    @cached_property
    def single(self) -> list[bool]:
        """Which cases are in single precision."""
        pairs = zip(self.drawn.cases, self.want, strict=True)
        return [is_single(case) or getattr(want.value, "dtype", None) == np.float32 for case, want in pairs]

    @cached_property
    def ample(self) -> Room:
        """So that a mistake is known in other code, too."""
        return [(1e-4, 1e-6) if single else (1e-6, 1e-9) for single in self.single]

    @cached_property
    def narrow(self) -> Room:
        """As the rules have it."""
        rules = [(rule, set(rows)) for rule, rows in zip(self.drawn.exercise.rules, self.drawn.rows, strict=True)]
        return [
            (1e-5, 1e-6) if single else min(tolerance(rule, self.drawn.cases[i]) for rule, rows in rules if i in rows)
            for i, single in enumerate(self.single)
        ]

    @cached_property
    def compared(self) -> dict[int, tuple[float, float]]:
        """The cases on which values are compared with the reference's, and how far they may be off."""
        rules = [
            (rule, rows)
            for rule, rows in zip(self.drawn.exercise.rules, self.drawn.rows, strict=True)
            if not (rule.holds or rule.replays)
        ]
        rows = {i: tolerance(rule, self.drawn.cases[i]) for rule, rows in rules for i in rows if not self.want[i].error}
        return dict(sorted(rows.items()))

    @cached_property
    def arguments(self) -> list[Arguments]:
        """What each case hands over, by name; with the defaults of what it does not mention."""
        named = [dict(zip(self.defaults, case.args, strict=False)) for case in self.drawn.cases]
        given = {name: value for name, value in self.defaults.items() if value is not inspect.Parameter.empty}
        return [given | args | dict(case.kwargs) for args, case in zip(named, self.drawn.cases, strict=True)]

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The parameters of the signature, in their order."""
        signature = self.drawn.exercise.signature.partition("(")[2].strip(")")
        pairs = [parameter.partition("=")[::2] for parameter in signature.split(", ") if parameter != "*"]
        return {name: ast.literal_eval(value) if value else inspect.Parameter.empty for name, value in pairs}

    @cached_property
    def can_be_asked_again(self) -> bool:
        """Not with chance in it, nor if it takes long."""
        given = [argument for arguments in self.arguments for argument in arguments.values()]
        by_chance = any(isinstance(argument, Made) and argument.name == "Generator" for argument in given)
        return not by_chance and all(np.size(a) < MANY for a in given if isinstance(a, np.ndarray))

    def ask_again(self, row: int, change: Change) -> Answer | None:
        """What the reference answers to a case with other arguments; None if there are none such."""
        case = self.drawn.cases[row]
        try:
            other = dict(change(self.arguments[row]))
        except Exception:  # there is no 1 / 0, no -1 in uint8, no first entry of a number
            return None
        args = tuple(other.pop(name) for name, _ in zip(self.defaults, case.args, strict=False))
        asked = replace(case, args=args, kwargs=other)
        answers = probe.answer({"it": self.drawn.exercise.reference}, "it", [asked.to_json(watch=True)])
        return read(answers, 1)[0][0]


@lru_cache(maxsize=8)
def _question(drawn: Drawn) -> Question:
    """Of many answers to the same question, what does not depend on them is found out once."""
    return Question(drawn)


@dataclass(frozen=True)
class Trial:
    """A wrong answer to a question: what came back for each case."""

    question: Question
    got: list[Answer]

    @cached_property
    def right(self) -> list[bool]:
        pairs = zip(self.got, self.question.want, self.question.ample, strict=True)
        return [_returns_like(got, want, *room) for got, want, room in pairs]

    @cached_property
    def overflow(self) -> set[int]:
        """The cases in which nan or inf is among the numbers that came back."""
        return {i for i, answer in enumerate(self.got) if not np.isfinite(_floats(answer.value)).all()}

    @cached_property
    def pairs(self) -> list[Pair]:
        """The cases on which a value came back and is compared with the reference's; none if all values are right."""
        asked, got, want = self.question, self.got, self.question.want
        back = [i for i in asked.compared if not got[i].error]
        if 2 * len(back) < len(asked.compared) or not any(
            differ(got[i].value, want[i].value, *asked.compared[i], like=False) for i in back
        ):
            return []
        room = [(1e-4, 1e-6) if single else (1e-5, 1e-12) for single in asked.single]
        return [Pair(asked.arguments[i], got[i].value, want[i].value, *room[i]) for i in back]


# --- known mistakes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A mistake of the catalogue: what it returns for each case."""

    question: Question
    name: str
    answers: Sequence[Answer]

    @property
    def hint(self) -> str:
        return self.question.drawn.exercise.mistakes[self.name].hint

    @cached_property
    def is_nearly_right(self) -> bool:
        """Then it has to be met exactly."""
        return _all_alike(self.answers, self.question.want, [(1e-4, 1e-6)] * len(self.answers))

    @cached_property
    def room(self) -> Room:
        return self.question.narrow if self.is_nearly_right else self.question.ample

    @cached_property
    def spoils(self) -> set[int]:
        """The cases whose values it gets wrong."""
        pairs = enumerate(zip(self.answers, self.question.want, self.room, strict=True))
        return {i for i, (answer, want, room) in pairs if not _returns_like(answer, want, *room)}


def _known_mistake(trial: Trial) -> Diagnosis | None:
    """The mistake that behaves like the answer in everything, or else that returns the same wrong values.

    One whose values are right is told by what the rules say of it, such as a warning.
    """
    known = trial.question.known
    alike = [mistake for mistake in known if _behaves_like(trial, mistake)]
    alike = alike or [mistake for mistake in known if _all_alike(trial.got, mistake.answers, mistake.room)]
    alike = [mistake for mistake in alike if mistake.spoils or _fails_like(trial, mistake)]
    alike = [mistake for mistake in alike if _calls_like(trial, mistake)]
    hints = {mistake.hint for mistake in alike}
    if len(hints) != 1:
        return None
    hint = hints.pop()
    return alike[0].name, _with_care(hint, trial) if hint else None


def _with_care(said: str, trial: Trial) -> str:
    """Truth values and names may well be the same in every case for another reason."""
    yes_or_no = all(_is_one_of_few(answer.value) for answer in trial.got)
    return f"It looks like this: {said}" if yes_or_no else said


def _is_one_of_few(value: Any) -> bool:
    """A truth value or a name: other code may well give the same in every case."""
    return isinstance(value, bool | np.bool_ | str)


def _behaves_like(trial: Trial, mistake: Known) -> bool:
    return all(
        _raises_like(a, b)
        and a.changed == b.changed
        and (i not in trial.question.drawn.watched or a.warned == b.warned)
        and (a.error is not None or _same(a.value, b.value, *mistake.room[i]))
        for i, (a, b) in enumerate(zip(trial.got, mistake.answers, strict=True))
    )


def _all_alike(some: Sequence[Answer], others: Sequence[Answer], room: Room) -> bool:
    return all(_returns_like(a, b, *span) for a, b, span in zip(some, others, room, strict=True))


def _returns_like(a: Answer, b: Answer, rtol: float, atol: float) -> bool:
    """Whether the values are the same, whatever their dress, warnings and changed inputs."""
    return _raises_like(a, b) and (a.error is not None or _same(a.value, b.value, rtol, atol, like=False))


def _raises_like(a: Answer, b: Answer) -> bool:
    return (a.error or ("", ""))[0] == (b.error or ("", ""))[0]


def _calls_like(trial: Trial, mistake: Known) -> bool:
    """Whether the same is wrong with their calls of the functions that they were handed, whatever the values."""
    replayed = [rule for rule in trial.question.drawn.exercise.rules if rule.replays]
    return _fails_like(trial, mistake, replayed, [Answer()] * len(trial.got))


def _fails_like(
    trial: Trial, mistake: Known, rules: Sequence[Rule] | None = None, want: list[Answer] | None = None
) -> bool:
    """Whether the rules, or some of them, say the same of both, whatever the numbers."""
    drawn, right = trial.question.drawn, want or trial.question.want

    def said(rule: Rule, row: int, answer: Answer) -> str:
        return re.sub(r"\d", "", complain(rule, drawn.cases[row], answer, right[row]) or "")

    return all(
        said(rule, i, trial.got[i]) == said(rule, i, mistake.answers[i])
        for rule, rows in zip(drawn.exercise.rules, drawn.rows, strict=True)
        if rules is None or rule in rules
        for i in rows
    )


def _mostly_like(trial: Trial) -> Diagnosis | None:
    """The one mistake whose wrong numbers came out in most of the cases where it, or the answer, is wrong.

    If there is none, then nan and inf may hide it: the mistake that explains all cases without these.
    """
    hidden = trial.overflow
    mostly = _most_alike(trial, "In most cases", MOST, set())
    return mostly or (_most_alike(trial, "Apart from nan and inf", 1.0, hidden) if hidden else None)


def _most_alike(trial: Trial, where: str, enough: float, left_out: set[int]) -> Diagnosis | None:
    known = [mistake for mistake in trial.question.known if mistake.hint and not mistake.is_nearly_right]
    shares = {mistake.name: _share_in_common(trial, mistake, left_out) for mistake in known}
    best = max(shares.values(), default=0.0)
    alike = [mistake for mistake in known if shares[mistake.name] == best]
    hints = {mistake.hint for mistake in alike}
    return (alike[0].name, f"{where}: {hints.pop()}") if best >= enough and len(hints) == 1 else None


def _share_in_common(trial: Trial, mistake: Known, left_out: set[int]) -> float:
    wrong = {i for i, right in enumerate(trial.right) if not right} - left_out
    spoils = mistake.spoils - left_out
    both, either = wrong & spoils, wrong | spoils
    if len(both) < MOST * len(either):
        return 0.0
    same = [i for i in both if _returns_like(trial.got[i], mistake.answers[i], *mistake.room[i])]
    values = [trial.got[i].value for i in same if not trial.got[i].error]
    numbers = [value for value in values if not _is_one_of_few(value)]
    return len(numbers) / len(either) if _is_evidence(numbers) else 0.0


def _is_evidence(values: list[Any]) -> bool:
    """Whether values are so many that they do not agree by chance. Those of nan and inf alone do not count."""
    values = [value for value in values if not _floats(value).size or np.isfinite(_floats(value)).any()]
    numbers = {float(number) for value in values if is_number(value) for number in np.ravel(value)[:9]}
    return len(numbers) > 2 or (len(values) > 2 and len({str(value) for value in values}) > 1)


# --- other arguments --------------------------------------------------------------------------------------------


def _right_instead(trial: Trial) -> Relation | None:
    """Other arguments for which every answer is the right one."""
    if any(answer.error and not want.error for answer, want in zip(trial.got, trial.question.want, strict=True)):
        return None
    if not trial.question.can_be_asked_again:
        return None
    wrong_first = sorted(range(len(trial.got)), key=lambda i: trial.right[i])

    def fits(change: Change) -> bool:
        at_stake = []
        for i in wrong_first:
            other = trial.question.ask_again(i, change)
            if other is None or not _returns_like(trial.got[i], other, *trial.question.ample[i]):
                return False
            if not _returns_like(other, trial.question.want[i], *trial.question.ample[i]):
                at_stake.append(other.value)
        return _is_evidence(at_stake)

    fitting = (relation for relation, change in changes(trial.question.arguments) if fits(change))
    return next(((name, _with_care(said, trial)) for name, said in fitting), None)


# --- values that are the same -----------------------------------------------------------------------------------


def _floats(value: Any) -> np.ndarray:
    """A number or an array of floats as an array; an empty one for anything else."""
    numbers = np.asarray(value) if is_number(value) else np.empty(0)
    return numbers if numbers.dtype.kind == "f" else np.empty(0)


def _same(a: Any, b: Any, rtol: float, atol: float, like: bool = True) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):  # which may hold arrays, and those have no single truth
        return a.keys() == b.keys() and all(_same(a[key], b[key], rtol, atol, like) for key in a)
    if isinstance(a, set | frozenset | dict | str | None) or isinstance(b, set | frozenset | dict | str | None):
        return type(a) is type(b) and a == b
    if not like:
        a, b = _undressed(a), _undressed(b)
    return differ(a, b, rtol, atol, like) is None and differ(b, a, rtol, atol, like) is None


def _undressed(value: Any) -> Any:
    """A list of numbers as an array; anything else as it is."""
    plain = isinstance(value, list) and all(isinstance(item, int | float | np.generic) for item in value)
    return np.array(value) if plain else value
