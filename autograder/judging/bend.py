"""Wrong answers that only bend a right one: another output, another argument.

Catalogues use these. A simulated submission contains their text, so each function is complete in itself.
"""

import inspect
from collections.abc import Callable
from typing import Any


def on_output(function: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function that returns ``change(function(...))``.

    Examples
    --------
    >>> on_output(abs, lambda value: -value)(3)
    -3
    """
    return lambda *args, **kwargs: change(function(*args, **kwargs))


def on_argument(function: Callable[..., Any], name: str, change: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function that calls ``function`` with one argument changed.

    Examples
    --------
    >>> on_argument(lambda w, lr=0.5: lr * w, "lr", lambda lr: 2 * lr)(3)
    3.0
    """

    def bent(*args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        bound.arguments[name] = change(bound.arguments[name])
        return function(*bound.args, **bound.kwargs)

    return bent
