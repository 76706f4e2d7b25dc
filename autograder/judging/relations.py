"""How a wrong value may be related to the right one: the type of a line in the tables of relations, and the search.

The tables of the engine are in `diagnosis.exact_relations`, `diagnosis.fitted_relations` and
`diagnosis.argument_changes`. A course adds its own: `RELATIONS` in the module `relations` of its package.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Explanation = tuple[str, str]
"""The name of a relation, and a sentence for the student."""

RTOL, ATOL = 1e-5, 1e-12  # of a case in double precision; `Attempt.pairs` sets wider ones for single
SILENT = object()  # what a relation predicts for a case about which it says nothing


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
    """A line of a table."""

    name: str
    sentence: str  # A fact about the student's values. A question may suggest a cause.
    # Takes a case: a `Pair` of arrays, or for a change of arguments a `RecomputableCase`. Returns what the relation
    # predicts: None if it does not hold; `SILENT` for a case about which it says nothing.
    predict: Callable[[Any], Any]
    # takes the cases that were not `SILENT`, and their predictions: are they unlikely to agree by coincidence?
    evidence: Callable[[Sequence[Any], Sequence[Any]], bool] = lambda cases, predicted: True
    # takes a case and its prediction: is that the student's value? The default is for a `Pair`.
    agrees: Callable[[Any, Any], bool] = is_predicted
    argument: str | None = None  # which it says is returned; "The wrong numbers are those of …" needs this name

    @property
    def explanation(self) -> Explanation:
        """The name and the sentence."""
        return self.name, self.sentence

    def holds(self, cases: Sequence[Any]) -> bool:
        """Whether it is right in all cases of which it says something, at least one, and there is enough evidence."""
        spoken, predicted = [], []
        with np.errstate(all="ignore"):  # relations are tried on any numbers, such as the logarithm of -1
            for case in cases:
                value = self.predict(case)
                if value is SILENT:
                    continue
                if value is None or not self.agrees(case, value):
                    return False
                spoken.append(case)
                predicted.append(value)
            return bool(spoken) and self.evidence(spoken, predicted)


Family = Callable[[Sequence[Any]], Iterable[Relation]]
"""Relations that depend on the cases, such as one for each argument, or one with a parameter that is fitted to them."""

Table = Sequence[Relation | Family]


@dataclass(frozen=True)
class Relations:
    """The tables that a course adds to those of the engine. Its relations are tried first."""

    # relations between the values, without and with a free parameter
    exact: Table = ()
    fitted: Table = ()
    changes: Table = ()  # see `diagnosis.argument_changes`


def expand(table: Table, cases: Sequence[Any]) -> Iterator[Relation]:
    """The relations of a table for these cases."""
    for line in table:
        yield from (line,) if isinstance(line, Relation) else line(cases)


def search(relations: Iterable[Relation], cases: Sequence[Any]) -> Relation | None:
    """Find the first relation that holds."""
    return next((relation for relation in relations if relation.holds(cases)), None)


def lower_first(sentence: str) -> str:
    """The sentence with a small first letter, as it continues another one."""
    return sentence[0].lower() + sentence[1:]
