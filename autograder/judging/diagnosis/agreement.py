"""Whether results agree, and whether that can be a coincidence."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..compare import find_difference, is_numeric
from ..decode import CallResult
from ..leaves import leaves

Tolerances = Sequence[tuple[float, float]]
"""For each case the relative and absolute tolerance within which two numbers count as equal."""

MAX_READ = 9  # numbers of one array that may be evidence: to read all would take time


def same_values(some: Sequence[CallResult], others: Sequence[CallResult], tolerances: Tolerances) -> bool:
    """Whether two lists of results have equal values or errors, each pair within its own tolerances."""
    return all(same_value(a, b, *pair) for a, b, pair in zip(some, others, tolerances, strict=True))


def differing_cases(some: Sequence[CallResult], others: Sequence[CallResult], tolerances: Tolerances) -> set[int]:
    """The cases in which two lists of results have different values or errors."""
    triples = enumerate(zip(some, others, tolerances, strict=True))
    return {i for i, (a, b, pair) in triples if not same_value(a, b, *pair)}


def same_value(a: CallResult, b: CallResult, rtol: float, atol: float) -> bool:
    """Whether two results have equal values or errors. Dtypes, warnings and modified inputs do not matter."""
    return same_error(a, b) and (a.error is not None or equal(a.value, b.value, rtol, atol, same_kind=False))


def same_error(a: CallResult, b: CallResult) -> bool:
    """Whether both raise an exception of the same type, or neither raises."""
    return (a.error and a.error[0]) == (b.error and b.error[0])


def equal(a: Any, b: Any, rtol: float, atol: float, same_kind: bool) -> bool:
    """Whether two values are equal within tolerances.

    Without `same_kind`, lists of numbers count as arrays, and booleans, integers and floats are compared.
    """
    if not same_kind:
        a, b = (np.array(value) if isinstance(value, list) and fit_an_array(value) else value for value in (a, b))
    # Each is the reference once: its type and size decide what `find_difference` accepts.
    return not (find_difference(a, b, rtol, atol, same_kind) or find_difference(b, a, rtol, atol, same_kind))


def fit_an_array(items: Iterable[Any]) -> bool:
    """Whether all items are numbers, truth values or NumPy's texts: then a list of them is compared as an array is."""
    return all(isinstance(item, int | float | np.generic) for item in items)


def is_evidence(values: list[Any]) -> bool:
    """Whether agreement in these values is unlikely to be a coincidence.

    There must be three different finite numbers, or three values that are not all the same. What is in tuples, lists
    and dicts counts, too. Values of only nan and inf do not count: unrelated mistakes lead to them.
    """
    telling = [value for value in values if not all(map(_is_nan_or_inf, leaves(value)))]
    arrays = [np.ravel(leaf)[:MAX_READ] for value in telling for leaf in leaves(value) if is_numeric(leaf)]
    numbers = {float(number) for array in arrays for number in array if np.isfinite(number)}
    return len(numbers) > 2 or (len(telling) > 2 and len({str(value) for value in telling}) > 1)


def _is_nan_or_inf(value: Any) -> bool:
    """Whether a value is nan or inf, or an array of them alone."""
    numbers = np.asarray(value) if is_numeric(value) else np.empty(0)
    return numbers.size > 0 and not np.isfinite(numbers).any()
