"""Which case of a draw is repeated with other numbers in the same arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .cases import Case, FactoryArg
from .leaves import count_numbers

MAX_REPEATED = 10_000  # numbers in a case that is repeated: training on many examples would take too long
# What `CallMemory` uses again, and random generators, which it does not: a needless repeat does no harm.
_MAY_BE_REUSED = (FactoryArg, list, np.ndarray)


def find_repeat(cases: Iterable[Case], others: Iterable[Case]) -> tuple[Case, Case] | None:
    """Find the first case with a counterpart in another draw: arguments of the same form with other numbers.

    Return the case and its counterpart, or None. `CallMemory` (`call_memory.py`) passes both in the same arrays, so
    an answer that keeps results by the identity of its arguments is wrong on the second. Left out are cases with
    rounds, which use their arrays again in any case, and strided ones, whose arrays are never used again.
    """
    for one, other in zip(cases, others, strict=False):
        arguments = one.values
        may_be_reused = any(isinstance(value, _MAY_BE_REUSED) for value in arguments)
        can_repeat = may_be_reused and not one.rounds and not one.strided and count_numbers(arguments) <= MAX_REPEATED
        has_same_form = can_repeat and _form([one.args, one.kwargs]) == _form([other.args, other.kwargs])
        if has_same_form and one.to_json() != other.to_json():
            has_arrays = any(isinstance(value, list | np.ndarray) for value in arguments)
            how = "with other numbers in the same arrays" if has_arrays else "called again with other numbers"
            return one, replace(other, about=f"{one.about or 'another input'}, {how}")
    return None


def _form(value: Any) -> Any:
    """The shapes and types of arrays, the factories of functions with their parameters' names, and all other values."""
    if isinstance(value, FactoryArg):
        return value.factory, list(value.params)
    if isinstance(value, list | tuple):
        return [_form(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _form(item) for name, item in value.items()}
    return (value.shape, value.dtype) if isinstance(value, np.ndarray) else value
