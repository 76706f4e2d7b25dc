"""What a browser lacks: speed for long experiments, a clock, the processor's report of overflow and invalid values.

`lite.py` adds this module to the package `lectrain`, which calls `install` if a browser imports it.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.display import display
from ipywidgets import Button, Layout

from lectrain import check, data

MINUTES = "minutes-in-browser.json"
_native_check, _native_or_stored = check.expect_no_warning, data.or_stored
_to_compute: set[str] = set()  # the experiments whose button was pressed


def install() -> None:
    """Add what a check needs and Pyodide lacks, and keep a message of Matplotlib off the first cell."""
    time.thread_time = time.process_time  # there is one thread, so both mean the same
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it warns that it reads the fonts
    check.expect_no_warning, data.or_stored = expect_no_warning, or_stored


def expect_no_warning(f: Callable[..., Any], *args: Any, property: str, hint: str = "") -> Any:
    """Do what `lectrain.check` does, with arrays that find overflow, division by zero and invalid values themselves."""
    return _native_check(lambda *given: unwatch(f(*map(watch, given))), *args, property=property, hint=hint)


def or_stored(compute: Callable[[], np.ndarray], name: str) -> np.ndarray:
    """Do what `lectrain.data` does. An experiment of minutes is stored until the student wants to run it."""
    minutes = json.loads(data.find_file(MINUTES).read_text(encoding="utf-8")).get(name)
    return data.load_stored(name) if minutes and is_postponed(name, minutes) else _native_or_stored(compute, name)


def is_postponed(name: str, minutes: int) -> bool:
    """Whether an experiment of so many minutes shows stored results. If it does, a button offers to compute it."""
    if name in _to_compute:
        return False
    length = f"an estimated {minutes} min"
    button = Button(description=f"Press here to compute it yourself: {length}", layout=Layout(width="auto"))

    def choose(_button: Any) -> None:
        _to_compute.add(name)
        button.disabled, button.description = True, f"Now run this cell again: {length}"

    button.on_click(choose)
    print(f"Computed on our machine ({name}).")
    display(button)  # type: ignore[no-untyped-call]  # IPython has no types
    return True


class Watched(np.ndarray):
    """An array that finds overflow, division by zero and invalid values in results, because WebAssembly reports none.

    An error is raised as NumPy would raise it under the current `np.errstate`. `np.asarray` returns an ordinary array,
    so not every error is found.
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        settings, given = dict(np.geterr()), [np.asarray(value) for value in inputs]
        out = options.get("out", ())
        if out:
            options["out"] = tuple(np.asarray(value) for value in out)
        with np.errstate(all="ignore"):
            results = getattr(ufunc, method)(*given, **options)
        if ufunc.nout > 1 or results is None:
            return results
        numbers = np.asarray(results)
        if numbers.dtype.kind == "f" and all(value.dtype.kind in "biuf" for value in given):
            fault = "invalid" if np.isnan(numbers).any() and not any(np.isnan(value).any() for value in given) else ""
            if np.isinf(numbers).any() and all(np.isfinite(value).all() for value in given):
                fault = "divide" if ufunc.__name__ in ("divide", "log", "log2", "log10", "log1p") else "over"
            if fault and settings[fault] == "raise":
                text = {"over": "overflow", "divide": "divide by zero", "invalid": "invalid value"}[fault]
                raise FloatingPointError(f"{text} encountered in {ufunc.__name__}")
        return out[0] if out else numbers.view(Watched)


def watch(value: Any) -> Any:
    """A watched array, if the value is an array of floats."""
    return value.view(Watched) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def unwatch(result: Any) -> Any:
    """A result of watched arrays, as ordinary arrays and numbers."""
    if isinstance(result, tuple):
        return tuple(map(unwatch, result))
    return np.asarray(result)[()] if isinstance(result, Watched) else result
