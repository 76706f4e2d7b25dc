"""Write calls and values as text for a message: as a student would write them, and short."""

from typing import Any

import numpy as np

from .cases import Case

MAX_SHOWN = 9  # numbers of an array: 3 × 3 can still be read in one line, and computed by hand
MAX_CALL, MAX_VALUE = 160, 100  # characters of a call, and of a value


def show_call(function: str, case: Case) -> str:
    """A call as a student would write it; empty if it is too long. The arrays in a list must have one shape.

    Examples
    --------
    >>> from autograder.judging.cases import case
    >>> show_call("scale", case(np.array([[0.0, 0.5]]), by=2))
    'scale(np.array([[0., 0.5]]), by=2)'
    """
    if any(np.size(value) > MAX_SHOWN for value in case.values):
        return ""
    args = [show_argument(value) for value in case.args]
    args += [f"{name}={show_argument(value)}" for name, value in case.kwargs.items()]
    text = f"{function}({', '.join(args)})"
    return text if len(text) <= MAX_CALL else ""


def show_argument(value: Any) -> str:
    """An argument as Python code that gives the same value, if its arrays have a common dtype and are not empty."""
    text = _show(value, as_code=True)
    return f"np.array({text})" if isinstance(value, np.ndarray) else text


def show_value(value: Any) -> str:
    """A returned value, with four digits; empty if it is too long. Control characters are escaped.

    Examples
    --------
    >>> show_value((np.array([1 / 3, 2.0]), 3)), show_value(np.zeros(100))
    ('([0.3333, 2.], 3)', '')
    """
    parts = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    is_long = len(parts) > MAX_SHOWN or any(isinstance(part, np.ndarray) and part.size > MAX_SHOWN for part in parts)
    text = "" if is_long else _show(value)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text) if len(text) <= MAX_VALUE else ""


def _show(value: Any, as_code: bool = False, whole_end: str = ".0") -> str:
    """A number or array as NumPy prints it, with four digits, or as code with all; anything else as Python prints it.

    A whole number ends with `whole_end`: `2.0`, but `2.` in an array.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(_show(part, as_code, '.') for part in value)}]"
    if isinstance(value, list | tuple):
        items = ", ".join(show_argument(item) if as_code else _show(item) for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_show(item)}' for key, item in value.items())}}}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if not isinstance(value, float):
        return repr(value)
    if not np.isfinite(value):
        return str(value).replace("nan", "np.nan").replace("inf", "np.inf") if as_code else str(value)
    text = repr(value).removesuffix(".0") if as_code else f"{value:.4g}"
    return text if "." in text or "e" in text else text + whole_end
