"""Checks of properties, to run in a notebook. A failing check names what is wrong and where.

In a block `with checking(name, slide):`, every `expect_…` except `expect_answered` checks one `property` and raises
`CheckFailed` if it does not hold. A `hint` is a question that helps. A notebook shows the results as boxes.
"""

import sys
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from inspect import signature
from reprlib import repr as shorten
from typing import Any

# By name, so that a notebook that replaces one of NumPy's functions does not change the checks.
from numpy import arange, argwhere, array, asarray, errstate, geterr, inf, isfinite, isnan, ndarray, where, zeros_like

from lectrain.errors import explain, last_cell_has_syntax_error, locate
from lectrain.report import show, shown_as_box
from lectrain.shortcuts import find_shortcuts

COLLECTIONS = (set, frozenset, list, tuple)
Form = set[str] | list[str] | dict[str, str]
Inputs = Mapping[str, Any] | None
Function = Callable[[ndarray], Any]
_blocks: list["checking"] = []  # that are open


class CheckFailed(AssertionError):
    """A property does not hold. The message is `answer: property: fault. Hint (slide: title)`, or a part of it."""

    def __init__(self, fault: str, property: str = "", hint: str = "", name: str = "", slide: str = ""):
        start = "".join(f"{part}: " for part in (name, property) if part)
        super().__init__(f"{start}{fault}{f' {hint}' if hint else ''}{f' (slide: {slide})' if slide else ''}")
        self.parts = {"name": name, "property": property, "fault": fault, "hint": hint, "slide": slide}
        shown_as_box(self, "failed", **self.parts)


class checking:  # in small letters, as it is used like a function
    """Check the properties of one answer. At the end of the block, print how many properties hold.

    `name` is that of your function or variable, `slide` a slide's title, and `points` are what it is worth. It raises
    `NotImplementedError` if the answer is missing, and `CheckFailed` if a property does not hold, if your function uses
    a library that does the work, or if it raises an error.

    >>> with checking("hypot", slide="Warm-up"):
    ...     expect_close(np.hypot(3, 4), 5.0, "Pythagoras' triangle")
    ...     expect_close(np.hypot(3, -4), 5.0, "the sign does not matter")
    ✓ hypot: 2 properties hold
    """

    answers: Sequence[str] = ()  # those of the notebook that earn points: of them, each counts how many pass

    def __init__(self, name: str, slide: str, points: float = 0):
        self.name, self.slide, self.points = name, slide, points
        self.properties: dict[str, int] = {}  # that were checked so far, and how much they tell: 0 is most

    def __enter__(self) -> None:
        _blocks.append(self)

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        _blocks.pop()
        if found := ", ".join(find_shortcuts(self.name, sys._getframe(1).f_globals)):  # variables of the notebook
            fault = f"it uses {found}. Write it yourself with NumPy."
            raise CheckFailed(fault, name=self.name, slide=self.slide) from error
        if isinstance(error, Exception) and (better := self._explained(error)) is not error:
            raise better from error
        if error is None:
            count = "1 property holds" if len(self.properties) == 1 else f"{len(self.properties)} properties hold"
            best_first = sorted(self.properties, key=self.properties.__getitem__)
            worth = f", worth {self.points:g} point{'s' * (self.points != 1)}" if self.points else ""
            parts = {"name": self.name, "fault": count + worth, "slide": self.slide}
            show(f"✓ {self.name}: {count}", "passed", best_first, self.answers, **parts)

    def _explained(self, error: Exception) -> Exception:
        """An error that says in the student's words what went wrong in the block."""
        if last_cell_has_syntax_error(self.name):
            cell = f"the cell with `{self.name}` that you ran last"
            return CheckFailed(f"{cell} has a SyntaxError, so Python does not use it. Repair it.", name=self.name)
        if isinstance(error, NotImplementedError):
            unanswered = [self.name, *(line.name for line in locate(error)[1])][-1]
            text = str(error) or f"{unanswered} is not answered yet"
            fault = text.removeprefix(f"{self.name} is ")
            return shown_as_box(NotImplementedError(text), "open", name=self.name, fault=fault)
        if isinstance(error, CheckFailed):  # that of `numerical_gradient` has no name
            return error if error.parts["name"] else CheckFailed(str(error), name=self.name, slide=self.slide)
        return CheckFailed(explain(error), name=self.name, slide=self.slide)


def numerical_gradient(f: Function, w: Any, h: float = 1e-5) -> ndarray:
    """Estimate the gradient of `f` at `w` by central differences (slide: Gradient descent, Details).

    The gradient is float64 and has the shape of `w`. `CheckFailed` is raised if `f` does not return one number.

    >>> numerical_gradient(lambda w: (w**2).sum(), [1.0, -2.0]).round(6)
    array([ 2., -4.])
    """
    w = array(w, dtype=float)
    slope: ndarray = zeros_like(w)
    for i in range(w.size):
        step = h * (arange(w.size).reshape(w.shape) == i)
        slope.flat[i] = (_one_number(f(asarray(w + step))) - _one_number(f(asarray(w - step)))) / (2 * h)
    return slope


def peak_memory(f: Callable[..., Any], *args: Any) -> float:
    """Call `f(*args)` and measure the largest amount of memory that it allocates at a time, in MB."""
    tracemalloc.start()
    try:
        f(*args)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def expect_shape(got: Any, shape: tuple[int, ...], property: str, *, dtype: type | None = None, hint: str = "") -> None:
    """Check that `got` is an array of the given shape; the shape `()` means a single number.

    If `dtype` is given (bool, int or float), the numbers must be of this kind, in any precision.
    """
    fail = _failure(property, hint, tells=2)
    numbers = _numbers(got, fail, tuple(shape))
    if shape != () and not isinstance(got, ndarray):
        raise fail(f"is of type {type(got).__name__}, expected an array of {_shape(shape)}")
    if dtype is not None and numbers.dtype.kind not in {bool: "b", int: "iu", float: "f"}[dtype]:
        raise fail(f"has dtype {numbers.dtype}, expected {dtype.__name__}")


def expect_close(
    got: Any, want: Any, property: str, *, rtol: float = 1e-7, atol: float = 0.0, hint: str = "", inputs: Inputs = None
) -> None:
    """Check that two sides of an equation agree in shape and value: `|got − want| ≤ atol + rtol |want|`.

    The sides are numbers or arrays of any shape. nan equals nothing, not even nan. `inputs` are the arguments of the
    call by name. Of an array, the message shows the row or element at the place of the wrong element.
    """
    fail = _failure(property, hint)
    right = _numbers(want, fail).astype(float)
    left = _numbers(got, fail, right.shape).astype(float)
    if fault := _find_fault(left, right, rtol, atol, inputs):
        raise fail(fault)


def expect_gradient(
    grad: Function, f: Function, w: Any, property: str, *, rtol: float = 1e-5, hint: str = "", inputs: Inputs = None
) -> None:
    """Check that `grad` is the gradient of `f` at `w`, by comparison with `numerical_gradient`.

    The message distinguishes a wrong sign and a wrong length from a wrong direction. Each element may have an error of
    1e-8 plus `rtol` times the largest element. `inputs` are shown as in `expect_close`.
    """
    fail = _failure(property, hint)
    w = array(w, dtype=float)
    got, slope = _numbers(grad(w.copy()), fail, w.shape).astype(float), numerical_gradient(f, w)
    if not isfinite(slope).all():
        raise fail("the loss is not finite around these weights, so there is no slope to compare with")
    tolerance = 1e-8 + rtol * abs(slope).max(initial=0)
    if fault := _find_fault(got, slope, 0.0, tolerance, inputs):
        if factor := _factor(got, slope, tolerance):
            fail = _failure(property)  # without the hint, which may ask about another mistake
        raise fail(factor + fault)


def expect_true(holds: Any, property: str, *, otherwise: str, hint: str = "") -> None:
    """Check any condition. If it does not hold, the message says `otherwise`: what was called, and what it gave."""
    fail = _failure(property, hint, tells=1)
    if not holds:
        raise fail(otherwise)


def expect_no_warning(f: Callable[..., Any], *args: Any, property: str, hint: str = "") -> Any:
    """Return `f(*args)`. Overflow, division by zero and invalid values (nan) fail the check.

    `np.errstate` inside `f` may silence a warning. `np.seterr` may not, since it stays in force.
    """
    fail = _failure(property, hint)
    try:
        with errstate(over="raise", divide="raise", invalid="raise"):
            settings = geterr()
            result = f(*args)
            silenced = geterr() != settings
    except (FloatingPointError, OverflowError, ZeroDivisionError) as error:
        source = "NumPy" if isinstance(error, FloatingPointError) else "Python"
        raise fail(f"{source} reports: {error.args[-1] if error.args else type(error).__name__}") from None
    if silenced:
        raise fail("it switches NumPy's warnings off permanently, with np.seterr")
    return result


def expect_untouched(f: Callable[..., Any], *args: Any) -> Any:
    """Call `f` on copies of the arrays and lists in `args`, check that it modified none, and return the result."""
    fail = _failure("its arguments stay as they were", "Is there a `+=`, `-=`, `*=`, a `.sort()` or an `x[…] = …`?", 3)
    copies = [deepcopy(arg) if isinstance(arg, ndarray | list) else arg for arg in args]
    result = f(*copies)
    for number, (old, new) in enumerate(zip(args, copies, strict=True)):
        if _content(old) != _content(new):
            name = list(signature(f).parameters)[: number + 1][-1]  # the last may be *args
            raise fail(f"the argument {name} was modified in place")
    return result


def expect_answered(answer: Any, form: Form, options: str | dict[str, str], words: Mapping[str, str] = {}) -> None:
    """Check that a question is answered with letters that exist, not whether they are right.

    `form` shows the format: `{"a"}` for any number of letters, `["a", "b"]` for two, `{"blank": "a"}` for one in each
    blank. `options` are the letters; a dict if each blank has its own. `words` say what "a", or in question 1 "1: a",
    means. `NotImplementedError` is raised if `answer` is None, `CheckFailed` if its format or a letter is wrong.
    """
    letters = read_letters(answer, form, options) or ["no letter"]
    later = "The notebook answers it below" if isinstance(form, list) else "It is graded later"
    places = answer if isinstance(form, dict) else range(1, len(letters) + 1)
    keys = letters if isinstance(form, set) else [f"{k}: {one}" for k, one in zip(places, letters, strict=True)]
    chosen = [f"{key}, {meaning}" if (meaning := words.get(key, words.get(key[-1]))) else key for key in keys]
    show(f"Noted: {', '.join(letters)}. {later}.", "noted", chosen, fault=f"Noted. {later}.")


def read_letters(answer: Any, form: Form, options: str | dict[str, str]) -> list[str]:
    """The letters of an answer in lower case. The parameters and errors are those of `expect_answered`."""
    if answer is None:
        raise shown_as_box(NotImplementedError("not answered yet"), "open", fault="not answered yet")
    example = f"write it like {form} (a {type(form).__name__}{f' of {len(form)}' if isinstance(form, list) else ''})"
    fits = {
        dict: isinstance(answer, dict) and {*answer} == {*form},
        list: isinstance(answer, list | tuple) and len(answer) == len(form),  # a set has no order
        set: isinstance(answer, COLLECTIONS),
    }
    if not fits[type(form)]:
        raise CheckFailed(f"your answer {answer!r} (a {type(answer).__name__}) is in the wrong format: {example}")
    letters = []
    for blank, item in answer.items() if isinstance(answer, dict) else enumerate(answer):
        allowed, place = (options[str(blank)], f" of {blank!r}") if isinstance(options, dict) else (options, "")
        for letter in item if isinstance(item, COLLECTIONS) and len(item) == 1 else [item]:  # accept {"blank": {"a"}}
            if not isinstance(letter, str) or letter.strip().lower() not in set(allowed):
                raise CheckFailed(f"{letter!r} is not one of the letters {', '.join(allowed)}{place}: {example}")
            letters.append(letter.strip().lower())
    return sorted(letters) if isinstance(form, set) else letters


def _failure(property: str, hint: str = "", tells: int = 0) -> Callable[[str], CheckFailed]:
    """Count a property in the block of its answer, before it is checked. Return a function that makes its errors."""
    parts = {"property": property, "hint": hint}
    if _blocks:
        parts |= {"name": _blocks[-1].name, "slide": _blocks[-1].slide}
        known = _blocks[-1].properties
        known[property] = min(tells, known.get(property, tells))
    return lambda fault: CheckFailed(f"{fault}{'' if fault.endswith('?') else '.'}", **parts)


def _content(value: Any) -> list[tuple[Any, bytes]]:
    arrays = map(asarray, value if isinstance(value, list) else [value])
    return [(each.shape, each.tobytes()) for each in arrays]


def _numbers(got: Any, fail: Callable[[str], CheckFailed], shape: tuple[int, ...] | None = None) -> ndarray:
    """Convert `got` to an array of real numbers, of any shape if `shape` is None, or raise `CheckFailed`."""
    if got is None:
        raise fail("returned None: is a `return` missing?")
    try:
        numbers = asarray(got)
    except Exception:
        raise fail(f"is of type {type(got).__name__}, not real numbers") from None
    if numbers.dtype.kind not in "biuf":
        type_name = type(got if numbers.shape else numbers[()]).__name__
        what = {"c": "complex", "U": "text", "S": "text"}.get(numbers.dtype.kind, f"a {type_name}")
        value = f": got {shorten(numbers.tolist())}" if numbers.shape or numbers.dtype.kind != "O" else ""
        raise fail(f"is {what.replace('a NoneType', 'None')}, not real numbers{value}")
    if shape not in (None, numbers.shape):
        raise fail(f"got {_shape(numbers.shape)}, expected {_shape(shape)}")
    return numbers


def _one_number(value: Any) -> float:
    return float(_numbers(value, lambda fault: CheckFailed(f"the loss: {fault}"), ()))


def _shape(shape: tuple[int, ...]) -> str:
    return f"shape {tuple(shape)}" if shape != () else "a single number"


def _find_fault(got: ndarray, want: ndarray, rtol: float, atol: float, inputs: Inputs) -> str:
    """The place of the worst element and what it is; never the right value. If all are close, ""."""
    with errstate(all="ignore"):
        tolerance = atol + rtol * abs(want)
        wrong = (got != want) & ~(isfinite(want) & (abs(got - want) <= tolerance))
        excess = where(wrong, abs(got - want) / tolerance, -1)  # −1: not wrong
    if not wrong.any():
        return ""
    excess[isnan(excess)] = inf
    index = tuple(int(i) for i in argwhere(excess == excess.max())[0])
    more = f" ({int(wrong.sum())} of {wrong.size} elements are wrong)" if wrong.size > 1 else ""
    return f"{_place(index, got.shape)} {_fault(float(got[index]), float(want[index]))}{_given(inputs, index)}{more}"


def _given(inputs: Inputs, index: tuple[int, ...]) -> str:
    """The inputs of a call, arrays only at the place of an element of its result."""
    shown = {k: v[index[: v.ndim]].tolist() if isinstance(v, ndarray) else v for k, v in (inputs or {}).items()}
    return f" for {', '.join(f'{name} = {value}' for name, value in shown.items())}" if shown else ""


def _place(index: tuple[int, ...], shape: tuple[int, ...]) -> str:
    if len(index) < 2:
        return f"element {index[0]} of {shape[0]}" if index else "the value"
    return f"row {index[0]} of {shape[0]}, column {', '.join(map(str, index[1:]))}"


def _fault(value: float, right: float) -> str:
    error = max(abs(1 - right / value), 1e-16) if value and right else 1.0
    if not error < 1e-3 or value % 1 == right % 1 == 0:  # nan, or a count or an index, which has no relative error
        return f"is wrong: got {value:.6g}"
    return f"has a relative error of {error:.0e}"


def _factor(got: ndarray, slope: ndarray, tolerance: float) -> str:
    """Describe a wrong factor, if that is the only fault: it narrows the search to one place in the formula."""
    with errstate(all="ignore"):
        factor = (got * slope).sum() / (got**2).sum()
        fits = abs(slope).max(initial=0) > tolerance and (abs(factor * got - slope) <= tolerance).all()
    if fits and factor < 0:
        return "it has the opposite sign: "
    if fits and got.size > 1:
        return "the direction is right, but the length is not (look for a constant factor): "
    return ""
