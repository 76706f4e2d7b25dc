"""What is wrong with an answer, in words that do not give the right one away."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import probe
from .answers import Answer
from .exercise import THE_VALUE, Case, Rule

NOT_ANSWERED = "not answered yet"


def complain(rule: Rule, case: Case, got: Answer, want: Answer) -> str | None:
    """Say what is wrong with one answer under one rule, or None. Never says the right value."""
    where = f" for {case.about}" if case.about else ""
    if rule.raises and want.error:
        return _complain_of_raising(rule.raises, got, where)
    if got.error:
        return _error_in_words(got.error, where)
    if case is THE_VALUE and got.value is None:
        return NOT_ANSWERED
    if rule.holds:
        wrong = rule.holds(case, got.value)
    elif rule.replays:
        wrong = rule.replays(case, got.value, got.calls)
    else:
        wrong = differ(got.value, want.value, *tolerance(rule, case), like=rule.dtype != "any")
    if wrong:
        also = ", and it changes an array that it was given" if rule.mutation == "none" and got.changed else ""
        return f"{wrong}{where}{also}"
    if rule.warnings == "none" and got.warned:
        if probe.SWITCHED_OFF in got.warned:
            return f"it switches NumPy's warnings off for all that follows, as np.seterr does{where}"
        return f"NumPy warns of {', '.join(got.warned)}{where}"
    if rule.mutation == "none" and got.changed:
        return f"it changes an array that it was given{where}"
    if rule.sharing == "none" and got.shared:
        return f"what it returns is the very array that it was given, not a new one{where}"
    return None


def _complain_of_raising(expected: str, got: Answer, where: str) -> str | None:
    if got.error is None:
        return f"it should raise {expected}{where}, and returned a value"
    if got.error[0] == "NotImplementedError":
        return NOT_ANSWERED
    caught = expected in (got.error[0], *got.kinds)  # by `except ValueError`, say
    return None if caught else f"it should raise {expected}{where}, and raised {got.error[0]}"


def _error_in_words(error: tuple[str, str], where: str) -> str:
    kind, text = error
    if kind == "NotImplementedError":
        return NOT_ANSWERED
    return f"it raises {kind}{where}" + (f": {text.splitlines()[0][:200]}" if text.strip() else "")


def tolerance(rule: Rule, case: Case) -> tuple[float, float]:
    """How far numbers may be from the right ones: rtol, atol."""
    return (max(rule.rtol, 1e-5), max(rule.atol, 1e-6)) if is_single(case) else (rule.rtol, rule.atol)


def is_single(case: Case) -> bool:
    """Whether an argument is in single precision."""
    return any(getattr(a, "dtype", None) == np.float32 for a in [*case.args, *case.kwargs.values()])


def differ(got: Any, want: Any, rtol: float = 1e-9, atol: float = 0.0, like: bool = True) -> str | None:
    """Say how `got` differs from `want`: kind, shape, dtype, nan, then the first place and by how much; or None.

    >>> differ(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    'it is off at index 1, by about 1e+00'
    """
    if got is None and want is not None:
        return "it returns None: is a `return` missing?"
    if is_number(want):
        return _differ_in_numbers(got, np.asarray(want), rtol, atol, like, scalar=np.ndim(want) == 0)
    if isinstance(want, list | tuple):
        return _differ_in_items(got, want, rtol, atol, like)
    return None if type(got) is type(want) and got == want else f"it returns {_kind(got)} that is not the one asked for"


def is_number(value: Any) -> bool:
    """Whether it is a number, a truth value or an array."""
    return isinstance(value, bool | int | float | np.ndarray | np.generic)


def _kind(value: Any) -> str:
    if isinstance(value, probe.Unknown):
        return f"an object of type {value.type_name}"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _differ_in_numbers(got: Any, want: np.ndarray, rtol, atol, like: bool, scalar: bool) -> str | None:
    if not is_number(got) or (not scalar and np.ndim(got) == 0 and not isinstance(got, np.ndarray | np.generic)):
        return f"it returns {_kind(got)} instead of {'a number' if scalar else 'an array'}"
    got = np.asarray(got)
    if got.shape != want.shape:
        return f"it has shape {got.shape} instead of {want.shape}"
    if "O" in (got.dtype.kind, want.dtype.kind):  # an int beyond 64 bits
        return "it is a number out of all range"
    if got.dtype.kind == "U" or want.dtype.kind == "U":
        if want.dtype.kind != "U":
            return f"it holds text instead of {_ASKED[want.dtype.kind]}"
        return None if np.array_equal(got, want) else "it holds other text than asked for"
    if like and got.dtype.kind not in {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}[want.dtype.kind]:
        return f"it holds {got.dtype} values instead of {_ASKED[want.dtype.kind]}"
    says = got.dtype.kind == "b"
    got, want = got.astype(np.float64), want.astype(np.float64)
    off = ~np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    return _where_it_is_off(got, want, off, says) if off.any() else None


_ASKED = {"f": "floats", "i": "integers", "u": "integers", "b": "booleans"}


def _where_it_is_off(got: np.ndarray, want: np.ndarray, off: np.ndarray, says: bool) -> str:
    index = tuple(int(i) for i in np.argwhere(off)[0])
    place = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    if says:
        return f"it says {bool(got[index])}{place}"
    if not np.isfinite(got[index]):
        return f"it is {got[index]}{place}"
    gap = abs(got[index] - want[index])
    return f"it is off{place}" + (f", by about {gap:.0e}" if np.isfinite(gap) else "")


def _differ_in_items(got: Any, want: Sequence, rtol, atol, like: bool) -> str | None:
    if not isinstance(got, list | tuple) or len(got) != len(want):
        how = f" of {len(got)}" if isinstance(got, list | tuple) else ""
        return f"it returns {_kind(got)}{how} instead of {len(want)} values"
    for i, pair in enumerate(zip(got, want, strict=True)):
        if wrong := differ(*pair, rtol, atol, like):
            return f"item {i}: {wrong}"
    return None
