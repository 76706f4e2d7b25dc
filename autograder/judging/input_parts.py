"""Cut the arguments of a call to a few rows or columns, the same in all arrays that share a length."""

import itertools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from .cases import keep_part
from .model import Arguments
from .values_as_text import MAX_SHOWN

Axis = tuple[str, int]  # of an array: the name of the argument, and the number of the axis

MAX_LENGTH = 3  # of an axis of a small input, if the axes of its case have several lengths; else `MAX_SHOWN`


def shortest_axes(calls: Iterable[Arguments]) -> dict[Axis, int]:
    """The smallest length, but at least 1, of each axis of each argument."""
    shortest: dict[Axis, int] = {}
    for arguments in calls:
        for axis, length in _axes(arguments):
            shortest[axis] = max(1, min(length, shortest.get(axis, length)))
    return shortest


def small_parts(arguments: Arguments, shortest: Mapping[Axis, int]) -> Iterator[Arguments]:
    """Keep a few rows or columns, but no fewer than in `shortest`, beginning with the smallest part."""
    groups: dict[int, list[Axis]] = {}
    for axis, length in _axes(arguments):
        groups.setdefault(length, []).append(axis)
    preferred = MAX_LENGTH if len(groups) > 1 else MAX_SHOWN
    least = [max(shortest.get(axis, 1) for axis in axes) for axes in groups.values()]
    choices = itertools.product(*(_windows(*lengths, preferred) for lengths in zip(groups, least, strict=True)))
    for choice in sorted(choices, key=lambda choice: sum(kept.stop - kept.start for kept in choice)):
        part = arguments
        for axes, kept in zip(groups.values(), choice, strict=True):
            part = keep_part(axes, kept, part)
        if all(np.size(value) <= MAX_SHOWN for value in part.values()):
            yield part


def _axes(arguments: Arguments) -> Iterator[tuple[Axis, int]]:
    """The axes of the arrays, with their lengths. An array in a list has none."""
    for name, value in arguments.items():
        for axis, length in enumerate(np.shape(value) if isinstance(value, np.ndarray) else ()):
            yield (name, axis), length


def _windows(length: int, shortest: int, preferred: int) -> list[slice]:
    """The first two parts of an axis for each length: `x[:2]` and `x[1:3]`. Only one if it is the whole axis."""
    if shortest > min(length, MAX_SHOWN):  # the axis is empty, or too long to be shown
        return []  # then the product in `small_parts` is empty, too: no part of this case can be shown
    longest = max(shortest, min(length, preferred))  # all cases may be longer than we like
    return [slice(k, k + size) for size in range(shortest, longest + 1) for k in range(min(length - size + 1, 2))]
