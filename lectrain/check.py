"""Checks of properties that you can run yourself. A failing one says what is wrong and where, never the right value.

Every `expect_…` is told the `property` it checks and the `slide` that explains it, and may be given a `hint`, a
question that helps. All three go into the message of the `CheckFailed` that it raises if the property does not hold.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

# Bound once, so that a notebook that redefines one of numpy's functions still gets honest answers.
from numpy import argwhere, array, asarray, errstate, geterr, isfinite, isinf, isnan, log10, ndarray, zeros_like

KINDS = {bool: "b", int: "iu", float: "f"}


class CheckFailed(AssertionError):
    """A property does not hold. The message names it, says where and how, and which slide explains it."""

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]  # in a notebook the message is enough


def numerical_gradient(f: Callable[[np.ndarray], float], w: Any, h: float = 1e-5) -> np.ndarray:
    """Slope of `f` at `w` along every coordinate, by central differences (slide: Gradient descent, Details).

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `w`, returns one number.
    w : array_like
        Any shape, also 0-d.
    h : float
        Step to either side. The error is of order h², and rounding adds about 1e-16 · f / h.

    Returns
    -------
    float64 array, of the shape of `w`

    Raises
    ------
    CheckFailed
        `f` returns something else than one number.

    Examples
    --------
    >>> numerical_gradient(lambda w: (w**2).sum(), [1.0, -2.0]).round(6)
    array([ 2., -4.])
    """
    w = array(w, dtype=float)
    slope = zeros_like(w)
    for i in range(w.size):
        up, down = w.copy(), w.copy()
        up.flat[i] += h
        down.flat[i] -= h
        slope.flat[i] = (_one_number(f(up)) - _one_number(f(down))) / (2 * h)
    return slope


def expect_shape(
    got: Any, shape: tuple[int, ...], property: str, slide: str, *, dtype: type | None = None, hint: str = ""
) -> None:
    """Check that `got` is an array of the given shape; `()` stands for a single number.

    Parameters
    ----------
    got : object
        What your function returned.
    shape : tuple of int
    dtype : {bool, int, float}, optional
        The kind of numbers wanted: any precision will do.

    Examples
    --------
    >>> expect_shape(np.zeros(3), (3,), "zeros: one number per example", "Model", dtype=float)
    """
    fail = _Failure(property, slide, hint)
    numbers = _numbers(got, fail)
    if shape != () and not isinstance(got, ndarray):
        raise fail(f"returned a {type(got).__name__}, expected an array of {_shape(shape)}")
    if numbers.shape != tuple(shape):
        raise fail(f"returned {_shape(numbers.shape)}, expected {_shape(shape)}")
    if dtype is not None and numbers.dtype.kind not in KINDS[dtype]:
        raise fail(f"returned numbers of dtype {numbers.dtype}, expected {dtype.__name__}")


def expect_close(
    got: Any, want: Any, property: str, slide: str, *, rtol: float = 1e-7, atol: float = 0.0, hint: str = ""
) -> None:
    """Check that two sides of an equation agree: |got − want| ≤ atol + rtol |want|, after their shapes do.

    Parameters
    ----------
    got, want : array_like
        The two sides, of any shape. Lists are fine. A nan equals nothing.
    rtol, atol : float
        Relative and absolute tolerance.

    Examples
    --------
    >>> expect_close(np.hypot(3, 4), 5.0, "hypot: Pythagoras", "Warm-up")
    """
    fail = _Failure(property, slide, hint)
    left, right = _numbers(got, fail), _numbers(want, fail)
    if left.shape != right.shape:
        raise fail(f"has {_shape(left.shape)}, expected {_shape(right.shape)}")
    left, right = left.astype(float), right.astype(float)
    with errstate(all="ignore"):
        close = (left == right) | (isfinite(right) & (abs(left - right) <= atol + rtol * abs(right)))
    if not close.all():
        raise fail(_describe(left, right, ~close))


def expect_gradient(
    grad: Callable[[np.ndarray], Any],
    f: Callable[[np.ndarray], float],
    w: Any,
    property: str,
    slide: str,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    hint: str = "",
) -> None:
    """Check that `grad` gives the slope of `f` at `w`, as `numerical_gradient` measures it.

    The message tells a wrong sign and a wrong length from a wrong direction.

    Parameters
    ----------
    grad : callable
        Takes `w`, returns an array of its shape: the function to check.
    f : callable
        Takes `w`, returns one number: what `grad` should be the gradient of.
    w : array_like
        Where to compare, of any shape.
    rtol, atol : float
        An element may be off by `atol` plus `rtol` times the largest element.

    Examples
    --------
    >>> expect_gradient(lambda w: 2 * w, lambda w: (w**2).sum(), [1.0, -2.0], "square: slope is 2w", "Warm-up")
    """
    fail = _Failure(property, slide, hint)
    w = array(w, dtype=float)
    got = _numbers(grad(w.copy()), fail)
    if got.shape != w.shape:
        raise fail(f"has {_shape(got.shape)}, expected {_shape(w.shape)} as the weights have")
    got, slope = got.astype(float), numerical_gradient(f, w)
    if not isfinite(slope).all():
        raise fail("the loss is not finite around these weights, so there is no slope to compare with")
    tolerance = atol + rtol * abs(slope).max(initial=0)
    with errstate(all="ignore"):
        close = abs(got - slope) <= tolerance
    if not close.all():
        raise fail(_factor(got, slope, tolerance) or _describe(got, slope, ~close))


def expect_true(holds: Any, property: str, slide: str, *, otherwise: str = "this is not so", hint: str = "") -> None:
    """Check what has no check of its own.

    Parameters
    ----------
    holds : bool
    otherwise : str
        What is the case if it does not hold.

    Examples
    --------
    >>> expect_true(np.isfinite(np.sqrt(2.0)), "sqrt: finite", "Warm-up")
    """
    if not holds:
        raise _Failure(property, slide, hint)(otherwise)


def expect_no_warning(f: Callable[..., Any], *args: Any, property: str, slide: str, hint: str = "") -> Any:
    """Call `f(*args)`, check that nothing overflows or is divided by zero, and return what `f` returns.

    `np.errstate` may silence a warning within `f`; `np.seterr`, which outlasts it, may not.

    Examples
    --------
    >>> float(expect_no_warning(np.sqrt, 4.0, property="sqrt: quiet", slide="Warm-up"))
    2.0
    """
    try:
        with errstate(over="raise", divide="raise", invalid="raise"):
            before, result = geterr(), f(*args)
            silenced = geterr() != before
    except (FloatingPointError, OverflowError, ZeroDivisionError) as error:
        raise _Failure(property, slide, hint)(error.args[-1]) from None
    if silenced:
        raise _Failure(property, slide, hint)("it switches NumPy's warnings off for all that follows, with np.seterr")
    return result


def expect_untouched(f: Callable[..., Any], *args: Any, property: str, slide: str, hint: str = "") -> Any:
    """Call `f` on copies of `args`, check that it changed no array in place, and return what `f` returns.

    Examples
    --------
    >>> expect_untouched(np.sort, np.array([2, 1]), property="sort: leaves its input alone", slide="Warm-up")
    array([1, 2])
    """
    copies = [arg.copy() if isinstance(arg, ndarray) else arg for arg in args]
    result = f(*copies)
    for number, (before, after) in enumerate(zip(args, copies, strict=True), start=1):
        if isinstance(before, ndarray) and before.tobytes() != after.tobytes():
            raise _Failure(property, slide, hint)(f"argument {number} was changed in place")
    return result


def expect_answered(answer: Any, form: set | list | dict, options: str) -> None:
    """Check that a question is answered, and with letters that exist: not whether they are right.

    Parameters
    ----------
    answer : set, list or dict
        Your answer, or None if there is none yet.
    form : set, list or dict
        An answer in the right form: `{"a"}` for any number of letters, `["a", "b"]` for two of them, and
        `{"blank": "a"}` for one in each blank.
    options : str
        The letters to choose from.

    Raises
    ------
    NotImplementedError
        There is no answer yet.

    Examples
    --------
    >>> expect_answered({"b", "c"}, {"a"}, "abcd")
    """
    if answer is None:
        unanswered: Any = NotImplementedError("not answered yet")
        unanswered._render_traceback_ = lambda: [f"NotImplementedError: {unanswered}"]  # in a notebook this is enough
        raise unanswered
    example = f"write it like {form} (a {type(form).__name__})"
    if isinstance(form, dict):
        fits = isinstance(answer, dict) and answer.keys() == form.keys()
    else:
        fits = isinstance(answer, set | frozenset | list | tuple) and (
            isinstance(form, set) or len(answer) == len(form)
        )
    if not fits:
        raise CheckFailed(f"your answer has another form than asked for: {example}")
    for given in answer.values() if isinstance(answer, dict) else answer:
        wrapped = isinstance(given, set | frozenset | list | tuple) and len(given) == 1  # {"blank": {"a"}} will do
        for letter in given if wrapped else [given]:
            if not isinstance(letter, str) or letter.strip().lower() not in set(options):
                raise CheckFailed(f"{letter!r} is none of the letters {', '.join(options)}: {example}")


class _Failure:
    """Makes every message in one form: `property: what is wrong. Hint (slide: title)`."""

    def __init__(self, property: str, slide: str, hint: str):
        self.property, self.slide, self.hint = property, slide, hint

    def __call__(self, what: str) -> CheckFailed:
        end, hint = "" if what.endswith("?") else ".", f" {self.hint}" if self.hint else ""
        return CheckFailed(f"{self.property}: {what}{end}{hint} (slide: {self.slide})")


def _numbers(got: Any, fail: Callable[[str], CheckFailed]) -> np.ndarray:
    """`got` as a plain array of real numbers."""
    if got is None:
        raise fail("returned None: is a `return` missing?")
    try:
        numbers = asarray(got)
    except Exception:
        raise fail(f"returned a {type(got).__name__}, which is no array of numbers") from None
    if numbers.dtype.kind == "c":
        raise fail("returned complex numbers, expected real ones")
    if numbers.dtype.kind not in "biuf":
        what = "text" if numbers.dtype.kind in "US" else f"a {type(got).__name__}"
        raise fail(f"returned {what}, which is no array of numbers")
    return numbers


def _one_number(value: Any) -> float:
    number = _numbers(value, lambda what: CheckFailed(f"the loss {what}"))
    if number.shape != ():
        raise CheckFailed(f"the loss returned {_shape(number.shape)}, expected a single number")
    return float(number)


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {tuple(shape)}" if shape != () else "a single number"


def _describe(got: np.ndarray, want: np.ndarray, wrong: np.ndarray) -> str:
    """Where the first wrong element is, and what kind of wrong, in words that do not give the right one away."""
    index = tuple(int(i) for i in argwhere(wrong)[0])
    more = f" ({int(wrong.sum())} of {wrong.size} elements are wrong)" if wrong.size > 1 else ""
    return f"{_place(index, got.shape)} {_fault(float(got[index]), float(want[index]))}{more}"


def _place(index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    if not index:
        return "the value"
    if len(index) == 1:
        return f"element {index[0]} of {shape[0]}"
    return f"row {index[0]} of {shape[0]}, column {', '.join(map(str, index[1:]))}"


def _fault(value: float, right: float) -> str:
    if isnan(value):
        return "is nan"
    if isinf(value):
        return "is infinite"
    error = abs(1 - right / value) if value else 1.0
    return f"is off by about 1e{round(log10(max(error, 1e-16))):03d} of its size" if error < 0.1 else "is far off"


def _factor(got: np.ndarray, slope: np.ndarray, tolerance: float) -> str | None:
    """If a factor is all that is wrong, say so: it narrows the search to one place in the formula."""
    with errstate(all="ignore"):
        factor = (got * slope).sum() / (got**2).sum()
        fits = (abs(factor * got - slope) <= tolerance).all()
    if fits and factor < 0:
        return "it points the opposite way"
    if fits and got.size > 1:
        return "the direction is right, the length is not: look for a constant factor"
    return None
