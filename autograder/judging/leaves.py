"""What is in a list, a tuple, a set or a dict, and in those within it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..values import Unknown


def find_unknown(value: Any) -> Unknown | None:
    """The first part of a decoded value that had not been encoded, and is therefore equal to nothing."""
    return next((leaf for leaf in leaves(value) if isinstance(leaf, Unknown)), None)


def leaves(value: Any) -> Iterator[Any]:
    """What is in a list, tuple, set or dict, and in those within it. Of any other value, the value itself."""
    if isinstance(value, list | tuple | set | frozenset | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(item)
    else:
        yield value


def count_numbers(value: Any) -> int:
    """The numbers in a value, such as an array or a list of arrays. Anything else counts as one."""
    return sum(map(np.size, leaves(value)))
