"""What the tables of relations ask about the pairs of a wrong and a right array."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..relations import Pair

Pairs = Sequence[Pair]


def is_numeric(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic) and np.asarray(value).dtype.kind in "fiub"


def is_right(pairs: Pairs) -> bool:
    """Whether the values are right up to rounding. nan equals nan.

    `Pair.rtol` would be too lenient: relations such as "almost right" describe smaller errors.
    """
    return all(
        pair.got.shape == pair.want.shape and np.allclose(pair.got, pair.want, 1e-9, pair.atol, equal_nan=True)
        for pair in pairs
    )


def joined(values: Iterable[np.ndarray]) -> np.ndarray:
    """The numbers of all arrays in one."""
    return np.concatenate([value.ravel() for value in values])


def numbers_of(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """All numbers that were returned, and all right ones."""
    return joined(pair.got for pair in pairs), joined(pair.want for pair in pairs)


def count_distinct(pairs: Pairs) -> int:
    """The number of different numbers in the right values. If there are few, relations hold by coincidence.

    The first 1000 of each array show whether there are few.
    """
    return len({float(number) for pair in pairs for number in pair.want.ravel()[:1000] if np.isfinite(number)})


def many_numbers(pairs: Pairs, _: object = None) -> bool:
    """Whether there are three different numbers, or eight in all: the search refuses a single repeated one before."""
    return count_distinct(pairs) > 2 or sum(pair.want.size for pair in pairs) > 7


def common_arguments(pairs: Pairs) -> list[str]:
    """The names of the arguments that every case has."""
    return sorted(set.intersection(*(set(pair.arguments) for pair in pairs)))


def arguments_of_equal_shape(pairs: Pairs) -> list[str]:
    """The arguments that have the shape of the result in every case."""
    return [
        name
        for name in common_arguments(pairs)
        if all(is_numeric(p.arguments[name]) and np.shape(p.arguments[name]) == p.want.shape for p in pairs)
    ]


def argument(name: str, pair: Pair) -> np.ndarray:
    return np.asarray(pair.arguments[name], float)
