"""The specification of exercises: `Exercise`, `Rule`, `Mistake`, and `DrawnExercise`.

Exercises contain the right answers, so the process that runs a student's code never imports this module.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from keyword import iskeyword
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from .cases import VALUE_CASE, Case, Cases
from .decode import CallResult
from .relations import Relations
from .repeats import find_repeat
from .source_code import contains
from .trusted_calls import LazyResults, call_trusted

Arguments = dict[str, Any]  # of a call, by name
UNANSWERED_ERROR = "NotImplementedError"  # nbgrader replaces each solution with a line that raises it


@dataclass(frozen=True)
class Rule:
    """A property that an answer must have, and the points it is worth.

    An answer satisfies a rule if, on every case, it agrees with the reference within ``rtol`` and ``atol`` and meets
    the other demands below. A property that cannot be expressed that way is given as ``check`` or ``check_trace``.
    """

    name: str  # the property, as the student reads it: "values for moderate z"
    points: float  # earned in full or not at all
    # Draws the inputs. Rules with the same function have the same inputs, and the student's function is called on them
    # only once.
    cases: Cases = lambda rng: [VALUE_CASE]
    # A question or a nudge, appended to every message about this rule. It does not give the answer away. The hint of a
    # `Mistake` is a different text: it is shown only if the answer looks like that mistake.
    hint: str = ""
    slide: str = ""  # the title of the slide that explains the property; by default the slide of the exercise
    # A sentence that is shown with a wrong value: "The steepest slope of σ is 1/4." It is true for all inputs, and does
    # not give the value for one of them away. All exercises use this name, so the class does without the builtin.
    property: str = ""
    # Tolerances in float64. Where an input is float32, `rtol` is at least 1e-5 and `atol` at least 1e-6.
    rtol: float = 1e-9
    atol: float = 0.0
    # By default, integers are accepted in place of floats, and no other kind in place of another. With "any", booleans,
    # integers and floats are accepted in place of each other.
    dtype: Literal["like the reference", "any"] = "like the reference"
    # With "none", NumPy must not warn of overflow, invalid values or division by zero.
    warnings: Literal["any", "none"] = "any"
    # With "none", the arguments must not be modified, nor an array that a passed gradient function returned, before its
    # next call. The values must still be right, so an answer that does nothing earns no points.
    mutation: Literal["any", "none"] = "any"
    # With "none", a returned array must not share memory with an argument, or with a value of an earlier call.
    sharing: Literal["any", "none"] = "any"
    raises: str = ""  # the name of the exception that must be raised on those cases on which the reference raises
    # ``(case, value) -> None or message``. Replaces the comparison with the reference.
    check: Callable[[Case, Any], str | None] | None = None
    # ``(case, value, calls) -> None or message``, in place of the comparison with the reference. `calls` is a list with
    # an item for each argument: the recorded calls of a `FactoryArg`, else None. With rounds, it is a list of such
    # lists.
    check_trace: Callable[[Case, Any, Any], str | None] | None = None
    # ``value -> None or message``. The rule is about an answer that can be guessed in a few submissions, such as a
    # letter, so it is judged at the due date. Until then, only the form of the answer is checked.
    check_form: Callable[[Any], str | None] | None = None

    def __post_init__(self) -> None:
        if self.points < 0:
            raise ValueError(f"rule {self.name!r} has {self.points} points: a failure must not earn more")
        if self.dtype not in ("like the reference", "any"):  # nothing would be demanded by a misspelt text
            raise ValueError(f'rule {self.name!r}: dtype is "like the reference" or "any", not {self.dtype!r}')
        for demand in ("warnings", "mutation", "sharing"):
            if (value := getattr(self, demand)) not in ("any", "none"):
                raise ValueError(f'rule {self.name!r}: {demand} is "any" or "none", not {value!r}')
        if self.check_trace and (self.check or self.check_form):  # `judge` may put check_form in place of check
            raise ValueError(f"rule {self.name!r} has check_trace and another check: only one can judge a value")
        if self.raises == UNANSWERED_ERROR:
            raise ValueError(f"rule {self.name!r}: {self.raises} counts as unanswered: raise another exception")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give, and a hint that helps them.

    Another student may come to the same values with other code. A hint that names code, such as ``np.where``, is
    therefore shown only to students whose code contains it.
    """

    answer: Any  # the wrong function, or the wrong value of the variable
    hint: str = ""  # for an answer that looks like this mistake; without one, only the class report names the mistake
    names: tuple[str, ...] = ()  # the code that the hint names, such as ``("where",)`` or ``("y -=",)``
    otherwise: str = ""  # what the answer does: the hint for students whose code does not contain all of `names`

    def hint_for(self, source: str) -> str:
        """The hint for a student with this code."""
        return self.hint if all(contains(source, name) for name in self.names) else self.otherwise


@dataclass(frozen=True, eq=False)  # exercises are compared by identity
class Exercise:
    """The specification of one graded function or variable."""

    signature: str  # "odds(p)" for a function, "quiz" for a variable
    slide: str  # the title of the slide that explains it
    reference: Any  # the right answer, a function or a value. It never leaves the grader's process.
    rules: tuple[Rule, ...]  # what is graded. Their points add up to the points of the grade cell.
    # Wrong answers by name. They explain answers and test the rules; each must fail at least one. No points depend on
    # them. A course keeps them, and the variants, in a file `answers.py`.
    mistakes: Mapping[str, Mistake] = field(default_factory=dict)
    variants: Mapping[str, Any] = field(default_factory=dict)  # right answers in other styles: they satisfy every rule
    # Modules, and functions with their module, that do the work ("scipy.special"). A person reviews submissions that
    # use them.
    forbids: tuple[str, ...] = ()
    # Why the right letters are right, in a sentence for each letter of a quiz and for each blank. Like the reference,
    # they never reach students before their answers are judged.
    explanations: Mapping[str, str] = field(default_factory=dict)
    # Whether it asks what will happen, so that any answer in the right format earns the points.
    is_prediction: bool = False
    # Takes the arguments by name, and returns whether the exercise allows them. Small inputs that are derived from the
    # cases have to satisfy it: rounding may, for example, take a matrix's positive definiteness.
    allows: Callable[..., bool] = lambda **_: True
    relations: Relations = field(default_factory=Relations)  # of wrong and right values: `ExerciseSet` sets them

    def __post_init__(self) -> None:
        read_parameters(self.signature)  # an error in it is raised here, and not attributed to a submission
        if not self.rules:
            raise ValueError(f"exercise {self.name!r} has no rules: any answer would be right")
        if self.is_function and self.is_guessable:
            raise ValueError(f"exercise {self.name!r} is a function, which nobody guesses: remove check_form")
        if self.is_guessable and not all(rule.check_form for rule in self.rules):
            raise ValueError(f"exercise {self.name!r}: a rule without check_form would be judged before the due date")

    @property
    def name(self) -> str:
        """The name of the function or variable."""
        return self.signature.partition("(")[0]

    @property
    def is_function(self) -> bool:
        """Whether students write a function, and not the value of a variable."""
        return "(" in self.signature

    @property
    def is_guessable(self) -> bool:
        """Whether its answer can be guessed in a few submissions, like that of a quiz."""
        return any(rule.check_form for rule in self.rules)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of a function in their order, each with its default or `inspect.Parameter.empty`."""
        return read_parameters(self.signature)

    def arguments_of(self, case: Case) -> Arguments:
        """The arguments of a case by name, without defaults."""
        return dict(zip(self.parameters, case.args, strict=False)) | dict(case.kwargs)

    def with_arguments(self, case: Case, arguments: Arguments) -> Case:
        """The case with these arguments in place of its own. As many as before are passed by position."""
        by_name = dict(arguments)
        args = tuple(by_name.pop(name) for name, _ in zip(self.parameters, case.args, strict=False))
        return replace(case, args=args, kwargs=by_name)

    @property
    def points(self) -> float:
        """The sum of the points of its rules."""
        return math.fsum(rule.points for rule in self.rules)

    def draw(self, seed: int) -> "DrawnExercise":
        """Draw the inputs of every rule, and the order in which they are sent: the same for the same seed.

        In a fixed order, a table of right results without any computation would be right where the results of a rule
        are the same in every draw, such as truth values.
        """
        drawn, repeats = _draw_cases(self.rules, seed)
        rng = np.random.default_rng([len(drawn), seed])  # `_draw_cases` begins with the numbers below
        cases = _shuffle([case for own in drawn.values() for case in own], repeats, rng)
        places = {case: place for place, case in enumerate(cases)}  # a case is equal only to itself
        rules_with_cases = tuple((rule, tuple(places[case] for case in drawn[rule.cases])) for rule in self.rules)
        if empty := next((rule.name for rule, own in rules_with_cases if not own), None):
            raise ValueError(f"rule {empty!r} of {self.name} draws no cases: any answer would satisfy it")
        watched = frozenset(place for rule, own in rules_with_cases if rule.warnings == "none" for place in own)
        return DrawnExercise(self, tuple(cases), rules_with_cases, watched)


def _draw_cases(rules: Iterable[Rule], seed: int) -> tuple[dict[Cases, list[Case]], list[tuple[Case, Case]]]:
    """Draw the cases of each function once. Return them by function, and each case that is repeated with its repeat."""
    drawn: dict[Cases, list[Case]] = {}
    repeats: list[tuple[Case, Case]] = []
    for number, function in enumerate(dict.fromkeys(rule.cases for rule in rules)):
        # `number` is part of the seed: otherwise all functions would draw the same random numbers
        cases = list(function(np.random.default_rng([number, seed])))
        again = function(np.random.default_rng([number, seed, 1]))
        if found := find_repeat(cases, again):
            repeats.append(found)
            cases.append(found[1])
        drawn[function] = cases
    return drawn, repeats


def _shuffle(cases: list[Case], repeats: Iterable[tuple[Case, Case]], rng: np.random.Generator) -> list[Case]:
    """The cases in random order. A repeat comes after its case, as the message about it says."""
    order = [cases[i] for i in rng.permutation(len(cases))]
    for case, repeat in repeats:
        first, second = sorted((order.index(case), order.index(repeat)))
        order[first], order[second] = case, repeat
    return order


@cache
def read_parameters(signature: str) -> Mapping[str, Any]:
    """The parameters of a signature with their defaults, as `Exercise.parameters`. ValueError if it is not valid."""
    function, is_function, _ = signature.partition("(")
    if not function.isidentifier() or iskeyword(function):
        raise ValueError(f"the signature {signature!r} is not valid: {function!r} is not a name")
    if not is_function:
        return MappingProxyType({})
    names: dict[str, Any] = {"np": np}
    try:
        exec(f"def {signature}: pass", names)
    except Exception as error:
        raise ValueError(f"the signature {signature!r} is not valid: {error}") from error
    parameters = inspect.signature(names[function]).parameters
    if several := [str(each) for each in parameters.values() if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]:
        raise ValueError(f"the signature {signature!r} is not valid: name each parameter, instead of {several[0]}")
    return MappingProxyType({name: parameter.default for name, parameter in parameters.items()})


@dataclass(frozen=True, eq=False)
class DrawnExercise:
    """An exercise with its inputs drawn."""

    exercise: Exercise
    cases: tuple[Case, ...]  # of all rules, each once, in the order in which they are sent
    rules_with_cases: tuple[tuple[Rule, tuple[int, ...]], ...]  # with indices in `cases`. Two rules may use the same.
    watched: frozenset[int]  # the indices of the cases on which floating-point warnings are recorded

    @cached_property
    def request(self) -> dict[str, Any]:
        """The request to the probe: the name of the student's function, the inputs and the forbidden libraries."""
        cases = [c.to_json(i in self.watched) for i, c in enumerate(self.cases)]
        return {"name": self.exercise.name, "cases": cases, "forbids": list(self.exercise.forbids)}

    @cached_property
    def expected(self) -> list[CallResult]:
        """The reference's result for each case."""
        return list(LazyResults(self.exercise.reference, self.request))

    @cached_property
    def mistake_results(self) -> dict[str, Sequence[CallResult]]:
        """The results of each known mistake for each case."""
        return {name: LazyResults(mistake.answer, self.request) for name, mistake in self.exercise.mistakes.items()}

    def call(self, answer: Any) -> dict[str, Any]:
        """Call a function that you trust on all cases in this process. Ctrl-C is not treated as a time limit."""
        return call_trusted(answer, self.request)
