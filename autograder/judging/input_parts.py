"""Cut the arguments of a call to a few rows or columns, the same in all arrays that share a length."""

import itertools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from .cases import count_numbers
from .model import Arguments
from .values_as_text import MAX_SHOWN

# The length of an axis of a small input, if the axes of its case have several lengths: 3 × 3 is `MAX_SHOWN`. If all
# have one length, as in a vector, it may be `MAX_SHOWN` itself.
MAX_LENGTH = 3

Axis = tuple[str, int]  # of an array: the name of the argument, and the number of the axis


def lengths_of(arguments: Arguments) -> dict[Axis, int]:
    """The length of each axis of the arrays. An array in a list has none."""
    arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    return {(name, axis): length for name, array in arrays.items() for axis, length in enumerate(array.shape)}


def keep_part(axes: Iterable[Axis], part: slice, arguments: Arguments) -> Arguments:
    """Keep the same part of some axes, each given by the name of an array and the axis. The other arguments stay."""
    kept = dict(arguments)
    for name, axis in axes:  # a square matrix may have two of them
        kept[name] = kept[name][(slice(None),) * axis + (part,)]
    return kept


def shortest_lengths(calls: Iterable[Arguments]) -> dict[Axis, int]:
    """The smallest length, but at least 1, of each axis of each argument."""
    shortest: dict[Axis, int] = {}
    for arguments in calls:
        for axis, length in lengths_of(arguments).items():
            shortest[axis] = max(1, min(length, shortest.get(axis, length)))
    return shortest


def small_parts(arguments: Arguments, shortest: Mapping[Axis, int]) -> Iterator[Arguments]:
    """Keep a few rows or columns, beginning with the smallest part.

    No axis gets shorter than in `shortest`: the exercise may not allow it, such as fewer rows than classes.
    """
    alike: dict[int, list[Axis]] = {}  # by length: they probably count the same things, such as examples
    for axis, length in lengths_of(arguments).items():
        alike.setdefault(length, []).append(axis)
    preferred = MAX_LENGTH if len(alike) > 1 else MAX_SHOWN
    required = {length: max(shortest.get(axis, 1) for axis in axes) for length, axes in alike.items()}
    choices = itertools.product(*(_windows(length, least, preferred) for length, least in required.items()))
    for choice in sorted(choices, key=lambda choice: sum(kept.stop - kept.start for kept in choice)):
        part = arguments
        for axes, kept in zip(alike.values(), choice, strict=True):
            part = keep_part(axes, kept, part)
        if all(count_numbers(value) <= MAX_SHOWN for value in part.values()):
            yield part


def _windows(length: int, shortest: int, preferred: int) -> list[slice]:
    """For each number of rows, those from 0 and from 1 on: `x[:2]` and `x[1:3]`. Only one if it is the whole axis."""
    if shortest > min(length, MAX_SHOWN):  # the axis is empty, or too long to be shown
        return []  # then the product in `small_parts` is empty, too: no part of this case can be shown
    longest = max(shortest, min(length, preferred))  # all cases may be longer than we like
    return [slice(k, k + size) for size in range(shortest, longest + 1) for k in range(min(length - size + 1, 2))]
