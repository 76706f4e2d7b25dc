"""What a change of the code does to a call of the function, seen in its results before and after."""

from enum import StrEnum
from typing import Self

import numpy as np

from .. import probe
from ..judging.decode import CallResult
from . import instrument
from .shown_values import leaves_of

RTOL, ATOL = 1e-9, 1e-12  # numbers that differ by less are equal up to rounding
CLEAR_DIFFERENCE = 0.01  # relative, or absolute below 1: smaller ones are neither equal nor different for a person
# Names in the place of an error's name that say nothing about the call.
NO_ANSWER = (instrument.NOT_ASKED, probe.TIMEOUT, probe.TOO_LARGE, probe.TOO_MANY_CALLS, "MemoryError")


class Effect(StrEnum):
    """What a change does. Its value is its letter on a sheet. The first that fits counts, in this order."""

    meaning: str  # beside the letter

    NEVER_ENDS = "a", "the call never ends"
    ERROR = "b", "it raises an error"
    MODIFIES = "c", "it modifies an argument"
    NOT_FINITE = "d", "the result contains nan or inf"
    SHAPE = "e", "the result has another shape"
    VALUES = "f", "the result contains other values"
    WARNING = "g", "the result is the same, but NumPy warns"
    SAME = "h", "the result is the same, without a warning"

    def __new__(cls, letter: str, meaning: str) -> Self:
        effect = str.__new__(cls, letter)
        effect._value_, effect.meaning = letter, meaning
        return effect


def is_plain(result: CallResult) -> bool:
    """Whether a result is suitable as the original of a question: finite numbers, no warning, no changed argument."""
    if result.error or result.warned or result.changed or result.gradient_changed:
        return False
    leaves = leaves_of(result.value)
    return leaves is not None and all(map(_is_finite, leaves.values()))


def find_effect(before: CallResult, after: CallResult) -> Effect | None:
    """Find out what a change does to a call whose result was plain before it: see `is_plain`.

    None if no effect is beyond doubt: for example, if the numbers hardly differ, or only the dtype does.
    """
    if after.error:
        name = after.error[0]
        if name in NO_ANSWER:
            return None
        return Effect.NEVER_ENDS if name == instrument.NEVER_ENDS else Effect.ERROR
    if after.gradient_changed:
        return None  # the array was made by an argument, a function: "it modifies an argument" is debatable
    if after.changed:
        return Effect.MODIFIES
    old, new = leaves_of(before.value), leaves_of(after.value)
    if old is None or new is None or old.keys() != new.keys():
        return None
    if not all(map(_is_finite, new.values())):
        return Effect.NOT_FINITE
    pairs = list(zip(old.values(), new.values(), strict=True))
    if any(a.shape != b.shape for a, b in pairs):
        return Effect.SHAPE
    if all(_is_close(a, b) for a, b in pairs):
        if any(a.dtype.kind != b.dtype.kind for a, b in pairs):
            return None  # whether 1 and 1.0, or 1 and True, are "the same" is debatable, too
        if probe.WARNINGS_DISABLED in after.warned:
            return None
        return Effect.WARNING if after.warned else Effect.SAME
    return Effect.VALUES if any(_is_clearly_different(a, b) for a, b in pairs) else None


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _is_close(a: np.ndarray, b: np.ndarray) -> bool:
    if "U" in (a.dtype.kind, b.dtype.kind):
        return bool(np.array_equal(a, b))
    return bool(np.allclose(a.astype(float), b.astype(float), rtol=RTOL, atol=ATOL))


def _is_clearly_different(a: np.ndarray, b: np.ndarray) -> bool:
    if "U" in (a.dtype.kind, b.dtype.kind):
        return not np.array_equal(a, b)
    a, b = a.astype(float), b.astype(float)
    return bool((np.abs(a - b) > CLEAR_DIFFERENCE * np.maximum(1, np.maximum(np.abs(a), np.abs(b)))).any())
