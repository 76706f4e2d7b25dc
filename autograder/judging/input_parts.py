"""Cut the arguments of a call to a few rows or columns, the same in all arrays that share a length."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .leaves import count_numbers
from .model import Arguments
from .values_as_text import MAX_SHOWN

# The length of an axis of a small input, if the axes of its case have several lengths: 3 × 3 is `MAX_SHOWN`. If all
# have one length, as in a vector, it may be `MAX_SHOWN` itself.
SMALL_LENGTH = 3

Axis = tuple[str, int]  # of an array: the name of the argument, and the number of the axis


def lengths_of(arguments: Arguments) -> dict[Axis, int]:
    """The length of each axis of the arrays. An array in a list has none."""
    arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    return {(name, axis): length for name, array in arrays.items() for axis, length in enumerate(array.shape)}


def shortest_lengths(calls: Iterable[Arguments]) -> dict[Axis, int]:
    """The smallest length, but at least 1, of each axis of each argument."""
    shortest: dict[Axis, int] = {}
    for arguments in calls:
        for axis, length in lengths_of(arguments).items():
            shortest[axis] = max(1, min(length, shortest.get(axis, length)))
    return shortest


def small_parts(arguments: Arguments, shortest: Mapping[Axis, int]) -> Iterator[Arguments]:
    """Keep the first few rows or columns, beginning with the smallest part.

    Axes of equal length probably count the same things, such as examples, so they stay equal. No axis gets shorter than
    in `shortest`: the exercise may not allow it, such as fewer rows than classes.
    """
    required: dict[int, int] = {}  # the smallest number that may be left, by the length
    for axis, length in lengths_of(arguments).items():
        required[length] = max(required.get(length, 1), shortest.get(axis, 1))
    preferred = SMALL_LENGTH if len(required) > 1 else MAX_SHOWN
    # Empty, if an axis is empty. The required number may be larger than the preferred one.
    choices = [range(least, min(length, max(least, preferred)) + 1) for length, least in required.items()]
    for choice in sorted(itertools.product(*choices), key=sum):
        kept = dict(zip(required, choice, strict=True))
        part = {name: _cut(value, kept) for name, value in arguments.items()}
        if all(count_numbers(value) <= MAX_SHOWN for value in part.values()):
            yield part


def _cut(value: Any, kept: Mapping[int, int]) -> Any:
    """Shorten each axis of an array to what is kept of its length. Other arguments stay as they are."""
    return value[tuple(slice(kept[length]) for length in value.shape)] if isinstance(value, np.ndarray) else value
