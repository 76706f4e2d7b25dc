"""What the tables of relations ask about the pairs of a wrong and a right array."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..compare import is_numeric
from ..relations import RTOL, Pair

Pairs = Sequence[Pair]
ROUNDING = 1e-9  # in double precision, the largest difference that may be rounding, compared with the numbers
MIN_DISTINCT, MIN_NUMBERS = 3, 8  # of the right values: if there are so many, no relation holds by coincidence


def rounding_of(pair: Pair) -> float:
    """The largest difference that may be rounding, compared with the numbers: in single precision, `Pair.rtol`."""
    return pair.rtol if pair.rtol > RTOL else ROUNDING


def is_right(pairs: Pairs) -> bool:
    """Whether the values are right up to rounding. nan equals nan.

    In double precision, `Pair.rtol` would be too lenient: relations such as "almost right" describe smaller errors.
    `Pair.atol` is for zeros.
    """
    return all(
        p.got.shape == p.want.shape and np.allclose(p.got, p.want, rounding_of(p), p.atol, equal_nan=True)
        for p in pairs
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


def many_distinct(pairs: Pairs) -> bool:
    """Whether there are enough different numbers."""
    return count_distinct(pairs) >= MIN_DISTINCT


def many_numbers(pairs: Pairs) -> bool:
    """Whether enough numbers differ, or there are many. Every search sees to it that at least two differ."""
    return many_distinct(pairs) or sum(pair.want.size for pair in pairs) >= MIN_NUMBERS


def arguments_of_equal_shape(pairs: Pairs) -> list[str]:
    """The arguments that have the shape of the result in every case. There must be a case."""
    return sorted(name for name in pairs[0].arguments if all(_has_shape_of_result(name, pair) for pair in pairs))


def _has_shape_of_result(name: str, pair: Pair) -> bool:
    value: Any = pair.arguments.get(name)
    return is_numeric(value) and np.shape(value) == pair.want.shape


def argument(name: str, pair: Pair) -> np.ndarray:
    """An argument of a case as floats. It must be numeric."""
    return np.asarray(pair.arguments[name], float)
