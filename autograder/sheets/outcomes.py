"""Compare the answer of changed code with that of the original: what happens after a change is a letter."""

from enum import StrEnum
from typing import Any

import numpy as np

from .. import probe
from ..judging.decode import CallResult
from . import instrument
from .shown_values import leaves_of

RTOL = 1e-9  # numbers that differ by less are equal up to rounding
CLEAR_DIFFERENCE = 0.01  # relative: smaller differences are neither equal nor different for a person
_LIMITS = (instrument.TOO_LONG, probe.TIMEOUT, probe.TOO_LARGE, probe.TOO_MANY_CALLS)


class Letter(StrEnum):
    """What happens after a change. The first that fits counts, in this order."""

    NEVER_ENDS = "a"
    ERROR = "b"
    MODIFIES = "c"
    NOT_FINITE = "d"
    SHAPE = "e"
    VALUES = "f"
    WARNING = "g"
    SAME = "h"


MEANINGS = {
    Letter.NEVER_ENDS: "the call never ends",
    Letter.ERROR: "it raises an error",
    Letter.MODIFIES: "it modifies an argument",
    Letter.NOT_FINITE: "the result contains nan or inf",
    Letter.SHAPE: "the result has another shape",
    Letter.VALUES: "the result contains other values",
    Letter.WARNING: "the result is the same, but NumPy warns",
    Letter.SAME: "the result is the same, without a warning",
}


def is_plain(result: CallResult) -> bool:
    """Whether a result is suitable as the original of a question: finite numbers, no warning, no changed argument."""
    if result.error or result.warned or result.changed or result.gradient_changed:
        return False
    leaves = leaves_of(result.value)
    return leaves is not None and all(_is_finite(leaf) for leaf in leaves)


def find_letter(original: CallResult, changed: CallResult) -> Letter | None:
    """Find out what a change does. The original is plain: see `is_plain`.

    None if no letter is beyond doubt: for example, if the numbers hardly differ, or only the dtype does.
    """
    if changed.error:
        name = changed.error[0]
        if name in _LIMITS or name == "MemoryError":
            return None
        return Letter.NEVER_ENDS if name == instrument.NEVER_ENDS else Letter.ERROR
    if changed.gradient_changed:
        return None
    if changed.changed:
        return Letter.MODIFIES
    before, after = leaves_of(original.value), leaves_of(changed.value)
    if before is None or after is None or _structure(original.value) != _structure(changed.value):
        return None
    if not all(map(_is_finite, after)):
        return Letter.NOT_FINITE
    if [leaf.shape for leaf in before] != [leaf.shape for leaf in after]:
        return Letter.SHAPE
    pairs = list(zip(before, after, strict=True))
    if all(_is_close(a, b) for a, b in pairs):
        if any(a.dtype.kind != b.dtype.kind for a, b in pairs):
            return None
        if probe.WARNINGS_DISABLED in changed.warned:
            return None
        return Letter.WARNING if changed.warned else Letter.SAME
    return Letter.VALUES if any(_is_clearly_different(a, b) for a, b in pairs) else None


def _structure(value: Any) -> Any:
    """The containers of a value. Numbers and arrays are alike: their shapes are compared later."""
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, int | float | np.generic) for item in value):
            return type(value).__name__, "numbers"
        return type(value).__name__, tuple(map(_structure, value))
    return "value"


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _is_close(a: np.ndarray, b: np.ndarray) -> bool:
    if "U" in (a.dtype.kind, b.dtype.kind):
        return bool(np.array_equal(a, b))
    return bool(np.allclose(a.astype(float), b.astype(float), RTOL, 1e-12))


def _is_clearly_different(a: np.ndarray, b: np.ndarray) -> bool:
    if "U" in (a.dtype.kind, b.dtype.kind):
        return not np.array_equal(a, b)
    difference = np.abs(a.astype(float) - b.astype(float))
    return bool((difference > CLEAR_DIFFERENCE * np.maximum(1, np.maximum(np.abs(a), np.abs(b)))).any())
