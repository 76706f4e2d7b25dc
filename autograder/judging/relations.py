"""The relations between a wrong value and the right one that the diagnosis looks for.

The tables of the engine are in `diagnosis.exact_relations`, `diagnosis.fitted_relations` and
`diagnosis.argument_changes`. A course adds its own: `RELATIONS` in the module `relations` of its package.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Explanation = tuple[str, str]
"""The name of a relation, and a sentence for the student."""

RTOL, ATOL = 1e-5, 1e-12  # of a case in double precision; `Attempt.pairs` sets wider ones for single


class Pair(NamedTuple):
    """One case: the arguments by name, the student's value, the reference's value, and tolerances."""

    arguments: dict[str, Any]
    got: Any
    want: Any
    rtol: float = RTOL
    atol: float = ATOL


def is_predicted(pair: Pair, predicted: np.ndarray) -> bool:
    """Whether the student's value is the predicted one, within the tolerances of the pair."""
    return are_close(pair.got, predicted, pair.rtol, pair.atol)


def are_close(got: Any, predicted: Any, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Whether two arrays have the same shape and close numbers. nan is close to nothing."""
    return np.shape(got) == np.shape(predicted) and bool(np.allclose(got, predicted, rtol, atol))


@dataclass(frozen=True)
class Relation:
    """A relation without a free parameter: what it predicts of each case."""

    name: str
    sentence: str  # A fact about the student's values. A question may suggest a cause.
    predict: Callable[[Pair], Any]  # None if it does not hold
    agrees: Callable[[Pair, Any], bool] = is_predicted  # takes a case and its prediction
    evidence: Callable[[Sequence[Pair]], bool] = lambda pairs: True  # are they unlikely to agree by coincidence?

    def holds(self, pairs: Sequence[Pair]) -> bool:
        """Whether it is right in all cases, and there is enough evidence."""
        predictions = ((pair, self.predict(pair)) for pair in pairs)
        are_right = all(value is not None and self.agrees(pair, value) for pair, value in predictions)
        return are_right and self.evidence(pairs)


class Change(NamedTuple):
    """A change of the arguments. An answer may be right for the changed ones: "for num_steps + 1"."""

    name: str
    sentence: str
    apply: Callable[[dict[str, Any]], dict[str, Any]]  # takes and returns arguments by name


ExactTable = Sequence[Relation | Callable[[Sequence[Pair]], Iterable[Relation]]]
"""A function in it makes relations that depend on the cases, such as one for each argument."""
FittedTable = Sequence[Callable[[Sequence[Pair]], Iterable[Explanation]]]
"""Functions that fit parameters to the cases, or allow errors. They return the relations that hold."""
ChangeTable = Sequence[Callable[[Sequence[dict[str, Any]]], Iterable[Change]]]
"""Functions of the arguments of all cases."""


@dataclass(frozen=True)
class Relations:
    """The tables that a course adds to those of the engine. Its relations are tried first, its changes last."""

    exact: ExactTable = ()
    fitted: FittedTable = ()
    changes: ChangeTable = ()


def lower_first(sentence: str) -> str:
    """The sentence with a small first letter, as it continues another one."""
    return sentence[0].lower() + sentence[1:]
