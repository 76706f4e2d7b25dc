"""Build wrong answers for catalogues from right ones, by changing the output or one argument.

`autograder.authoring.simulate` copies the source of a known answer into a simulated submission, together with all
definitions in the catalogue whose names it contains. Therefore each function here is self-contained, and no local
variable in a known answer may have the name of an exercise.
"""

import inspect
from collections.abc import Callable
from typing import Any


def on_output(function: Callable[..., Any], change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Create a function that returns ``change(function(...))``.

    Parameters
    ----------
    function, change : callable
        They take and return values of any type, such as arrays.

    Returns
    -------
    callable

    Examples
    --------
    >>> on_output(abs, lambda value: -value)(3)
    -3
    """
    return lambda *args, **kwargs: change(function(*args, **kwargs))


def on_argument(function: Callable[..., Any], name: str, change: Callable[[Any], Any]) -> Callable[..., Any]:
    """Create a function that calls ``function`` with the argument ``name`` replaced by ``change(argument)``.

    Parameters
    ----------
    function : callable
    name : str
        A parameter of ``function``. The call may pass it by position, by name, or not at all if it has a default.
    change : callable

    Returns
    -------
    callable

    Examples
    --------
    >>> on_argument(lambda w, lr=0.5: lr * w, "lr", lambda lr: 2 * lr)(3)
    3.0
    """

    def with_changed_argument(*args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        bound.arguments[name] = change(bound.arguments[name])
        return function(*bound.args, **bound.kwargs)

    return with_changed_argument
