"""Write calls and values as text for a message: as a student would write them, and short."""

from typing import Any

import numpy as np

from .cases import Case
from .leaves import count_numbers

MAX_SHOWN = 9  # numbers of an array: 3 × 3 can still be read in one line, and computed by hand
MAX_CALL, MAX_VALUE = 160, 100  # characters of a call, and of a value


def show_call(function: str, case: Case) -> str:
    """A call as a student would write it; empty if it is too long.

    Examples
    --------
    >>> from autograder.judging.cases import case
    >>> show_call("scale", case(np.array([[0.0, 0.5]]), by=2))
    'scale(np.array([[0.0, 0.5]]), by=2)'
    """
    if any(count_numbers(value) > MAX_SHOWN for value in case.values):
        return ""
    args = [show_argument(value) for value in case.args]
    args += [f"{name}={show_argument(value)}" for name, value in case.kwargs.items()]
    text = f"{function}({', '.join(args)})"
    return text if len(text) <= MAX_CALL else ""


def show_argument(value: Any) -> str:
    """An argument as Python code that gives the same value, if its arrays have a common dtype and are not empty."""
    return _show(value, as_code=True)


def show_value(value: Any) -> str:
    """A returned value, with four digits; empty if it is too long. Control characters are escaped.

    Examples
    --------
    >>> show_value((np.array([1 / 3, 2.0]), 3)), show_value(np.zeros(100))
    ('([0.3333, 2.0], 3)', '')
    """
    parts = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    is_long = len(parts) > MAX_SHOWN or any(isinstance(part, np.ndarray) and part.size > MAX_SHOWN for part in parts)
    # Arrays within lists within lists are counted, too: to write a large one, and discard the text, takes seconds.
    text = "" if is_long or count_numbers(value) > MAX_VALUE else _show(value)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) if len(text) <= MAX_VALUE else ""


def _show(value: Any, as_code: bool = False) -> str:
    """A value as Python prints it: numbers with four digits, or as code with all. An array is printed as a list."""
    if isinstance(value, np.ndarray) and as_code:
        return f"np.array({_show(value.tolist(), as_code)})"
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        items = ", ".join(_show(item, as_code) for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_show(item, as_code)}' for key, item in value.items())}}}"
    if not isinstance(value, float):
        return repr(value)
    if not np.isfinite(value):
        return f"np.{value}".replace("np.-", "-np.") if as_code else str(value)
    text = repr(value) if as_code else f"{value:.4g}"
    return text if "." in text or "e" in text else f"{text}.0"
