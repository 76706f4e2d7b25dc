"""Questions answered with a counterexample: an input on which a given wrong version of a function fails.

The answer is the value of a variable. The judge first checks its type, shape and range. Then it runs the reference and
the wrong version on it, in its own process, and compares the two results.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .cases import Case
from .model import Exercise, Rule

MAX_NAMED_LENGTH = 100  # that a text stands for: see `Input.shape`
MAX_TEXT = 60  # characters of the input in a message

Function = Callable[..., Any]


@dataclass(frozen=True)
class Input:
    """What one input may be. Nothing runs on an input outside these limits."""

    low: float  # the smallest number
    high: float  # the largest number
    # ``()`` for a single number. A text such as "n" stands for any length from 1 to 100; the same text stands for the
    # same length in all inputs of a question.
    shape: tuple[int | str, ...] = ()
    whole: bool = False  # whether the numbers must be whole

    def __str__(self) -> str:
        kind = "whole number" if self.whole else "number"
        bounds = f"from {self.low:g} to {self.high:g}"
        if self.shape == ():
            return f"a {kind} {bounds}"
        shape = f"({', '.join(map(str, self.shape))}{',' if len(self.shape) == 1 else ''})"
        named = [length for length in self.shape if isinstance(length, str)]
        lengths = (
            f", with {' and '.join(named)} from 1 to {MAX_NAMED_LENGTH}, each the same in all arrays" if named else ""
        )
        return f"an array of {kind}s {bounds}, of shape {shape}{lengths}"


class InvalidInput(Exception):
    """An answer is not an input within the limits. The message tells the student what is expected."""


def differ(other: Any, right: Any) -> bool:
    """Whether two results differ in shape or, beyond rounding, in value. nan equals nan."""
    return np.shape(other) != np.shape(right) or not np.allclose(other, right, rtol=1e-6, atol=1e-9, equal_nan=True)


def refute(
    name: str,
    inputs: Mapping[str, Input],
    *,
    reference: Function,
    wrong: Function,
    answer: Any,
    points: float,
    slide: str,
    hint: str = "",
    fails: Callable[[Any, Any], bool] = differ,
    otherwise: str = "both versions give the same value",
    demand: Function = lambda *_: None,
) -> Exercise:
    """Create a question answered with an input on which a wrong version of a function fails.

    Parameters
    ----------
    name : str
        The variable that holds the answer.
    inputs : mapping of str to Input
        The parameters of both versions, and their limits. With one parameter, the answer is its value:
        ``answer = 3``. With several, the answer is a dict with their names: ``answer = {"z": 3, "y": 1}``.
    reference, wrong : callable
        The two versions. They take the inputs in this order: a NumPy number or an array.
    answer : object
        A right answer.
    points, slide, hint
        As in `Exercise` and `Rule`.
    fails : callable
        ``(result of wrong, result of reference) -> bool``. Whether the wrong version fails. It also fails if it raises
        an exception, or returns what `fails` cannot compare.
    otherwise : str
        The message if it does not fail.
    demand : callable
        A further demand on an input on which the wrong version fails. It takes the inputs in this order, and returns
        None or a message.

    Examples
    --------
    >>> square = refute("root", {"x": Input(-9, 9)}, reference=abs, wrong=lambda x: x, answer=-1, points=1, slide="")
    >>> check = square.rules[0].check
    >>> check(None, 3), check(None, "3"), check(None, -2)
    ('x = 3.0: both versions give the same value', 'x must be a number from -9 to 9', None)
    """

    def is_refuted(values: Mapping[str, Any]) -> bool:
        right = _call(reference, values)
        try:
            return fails(_call(wrong, values), right)
        except MemoryError:  # the limit of the worker, which says nothing about the wrong version
            raise
        except Exception:  # of the wrong version, or because it returned None, for example
            fails(right, right)  # a fault of `fails` itself is raised here
            return True

    def check_form(value: Any) -> str | None:
        try:
            read_inputs(value, inputs)
        except InvalidInput as reason:
            return str(reason)
        return None

    def check(_: Case, value: Any) -> str | None:
        if invalid := check_form(value):
            return invalid
        values = read_inputs(value, inputs)
        with np.errstate(all="ignore"):
            message = _call(demand, values) if is_refuted(values) else otherwise
        return message and f"{_describe(values)}: {message}"

    return Exercise(
        name, slide, answer, (Rule("a counterexample", points, hint=hint, check=check, check_form=check_form),)
    )


def read_inputs(answer: Any, inputs: Mapping[str, Input]) -> dict[str, Any]:
    """Convert a student's answer to the inputs by name. The answer is the only input, or a dict of all inputs by name.

    Raise `InvalidInput` if an input is missing, or is not within its limits.
    """
    if len(inputs) == 1:
        answer = dict.fromkeys(inputs, answer)
    if not isinstance(answer, dict) or answer.keys() != inputs.keys():
        raise InvalidInput(f"answer with a dict with the keys {', '.join(map(repr, inputs))}")
    lengths: dict[str, int] = {}
    return {name: _read_input(name, answer[name], limits, lengths) for name, limits in inputs.items()}


def _read_input(name: str, value: Any, limits: Input, lengths: dict[str, int]) -> Any:
    """Convert one value to a NumPy number or an array. It must fit `lengths`, the named lengths that are set so far."""
    try:
        numbers = np.asarray(value)
    except ValueError:  # rows of different lengths
        numbers = np.empty(0, object)
    if limits.shape == () and numbers.size == 1:
        numbers = numbers.reshape(())
    is_numeric = numbers.dtype.kind in "iuf"
    if not is_numeric or not _fits_shape(numbers, limits.shape, lengths):
        shape = f"; its shape is {numbers.shape}" if is_numeric and numbers.ndim else ""
        raise InvalidInput(f"{name} must be {limits}{shape}")
    in_range = (limits.low <= numbers) & (numbers <= limits.high)  # False for nan
    if not in_range.all() or (limits.whole and np.any(numbers != np.round(numbers))):
        raise InvalidInput(f"{name} must be {limits}")
    return numbers.astype(np.int64 if limits.whole else np.float64)[()]  # a number if it has no dimensions


def _fits_shape(numbers: np.ndarray, shape: tuple[int | str, ...], lengths: dict[str, int]) -> bool:
    """Whether an array has a shape. The first array with a named length sets it in `lengths`."""
    if numbers.ndim != len(shape):
        return False
    for length, want in zip(numbers.shape, shape, strict=True):
        if isinstance(want, str) and not 1 <= length <= MAX_NAMED_LENGTH:
            return False
        if length != (lengths.setdefault(want, length) if isinstance(want, str) else want):
            return False
    return True


def _call(function: Function, values: Mapping[str, Any]) -> Any:
    return function(*(value.copy() for value in values.values()))  # the function may modify its arguments


def _describe(values: Mapping[str, Any]) -> str:
    """The inputs as text for a message, shortened to `MAX_TEXT`."""
    text = ", ".join(f"{name} = {value.tolist()}" for name, value in values.items())
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
