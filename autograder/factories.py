"""Arguments that cannot be sent as data, such as a function: the student's process makes them from numbers and arrays.

A course defines classes of such arguments in a module that imports NumPy and this module only. The student's process
runs its text before the first cell. NumPy's functions are imported by name there and here, because the cells may
replace ``np.array``.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from numpy import empty, ndarray
from numpy.random import default_rng

from .values import MAX_ITEMS

FACTORIES: dict[str, Callable[..., Any]] = {"default_rng": default_rng}  # a function; all others are classes

Recording = TypeVar("Recording", bound="Recorder")


class Recorder:
    """An argument that records its first calls, which the judge can check. A subclass passes copies to `record`."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def record(self, call: Any) -> None:
        """Record a call, unless the probe would not send as many."""
        if len(self.calls) < MAX_ITEMS:
            self.calls.append(call)


class Gradient(Recorder):
    """A gradient function, which returns `remember(…)`: it notices if that array is changed before its next call."""

    def __init__(self) -> None:
        super().__init__()
        self._returned: tuple[ndarray[Any, Any], bytes] = empty(0), b""
        self._earlier_was_changed = False

    def remember(self, gradient: ndarray[Any, Any]) -> ndarray[Any, Any]:
        """Keep a copy of the array that is returned now, and return the array."""
        self._earlier_was_changed = self.was_changed
        self._returned = gradient, gradient.tobytes()
        return gradient

    @property
    def was_changed(self) -> bool:
        """Whether the student's function modified an array that was returned, before the next call if there was one."""
        gradient, before = self._returned
        return self._earlier_was_changed or gradient.tobytes() != before


def factory(recorder: type[Recording]) -> type[Recording]:
    """Decorate a `Recorder` of a course, so that a `FactoryArg` can be made from it.

    It may have a static method ``formula(write, **params)``, which returns the argument as Python for a sheet, or None.
    Raise ValueError if another module, unless its text is the same, defines this name, by which the student's process
    finds the class.
    """
    other = FACTORIES.get(recorder.__name__, recorder)
    if other.__module__ != recorder.__module__ and _text_of_module(other) != _text_of_module(recorder):
        modules = f"{other.__module__} and {recorder.__module__}"
        raise ValueError(f"{modules} differ, and both define {recorder.__name__}: rename one")
    FACTORIES[recorder.__name__] = recorder
    return recorder


def read_sources() -> list[str]:
    """Read the modules in which the courses of this process define their factories."""
    return sorted({_text_of_module(recorder) for recorder in FACTORIES.values() if isinstance(recorder, type)})


def _text_of_module(defined: Callable[..., Any]) -> str:
    return inspect.getsource(sys.modules[defined.__module__])


def run_source(source: str) -> None:
    """Run one of these modules, in the student's process."""
    exec(compile(source, "factories.py", "exec"), {"__name__": "factories"})
