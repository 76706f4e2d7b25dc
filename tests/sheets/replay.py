"""Answer the questions of a sheet a second way: from the printed text alone.

It shares no code with `autograder.sheets`. It runs the code in this process, so it is only for code that we
wrote ourselves.
"""

import copy
import math
import re
import signal
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

SECONDS = 2.0  # of CPU time: a call that takes longer never ends


class NeverEnds(BaseException):
    pass


def answer(sheet: Any, imports: Sequence[str], question: Any) -> list[str] | str:
    """Answer a question. Return the key as the marker reads it, or a sentence that says why it is not the key.

    The key of the sheet is read only to compare numbers, because one number can be written in several ways.
    """
    inputs = dict(sheet.inputs)
    line = re.search(r"\bline (\d+)", question.text, re.IGNORECASE)
    index = int(line[1]) - 1 if line else None
    if question.kind == "change":
        assert sheet.lines[index] == question.before
        changed = list(sheet.lines)
        changed[index] = question.after
        return [_letter(sheet.lines, changed, imports, inputs["AB"[i]]) for i in question.inputs]
    (number,) = question.inputs
    lines = inputs["AB"[number]]
    if question.kind == "output":
        value = eval(lines[-1], _prepare(sheet.lines, imports, lines))
        return ["".join("abcd"[i] for i, text in enumerate(question.options) if _is_shown_as(value, text))]
    if question.kind in ("value", "shape"):
        value = _value_of(sheet.lines, imports, lines, index, question.subject)
        if question.kind == "shape":
            return [str(np.shape(value))]
        return list(question.key) if _is_shown_as(value, question.key[0]) else f"{value!r}"
    if question.kind == "count":
        return [str(len(_insert(sheet.lines, imports, lines, index, "seen.append(1)")))]
    return [", ".join(map(str, _insert(sheet.lines, imports, lines, index + 1, f"seen.append({question.subject})")))]


def _prepare(code: Sequence[str], imports: Sequence[str], lines: Sequence[str], **names: Any) -> dict[str, Any]:
    """Run the code and the lines of an input but the last, which is the call. Return all names."""
    names["np"] = np
    for text in (imports, code, lines[:-1]):
        exec("\n".join(text), names)
    return names


def _parameters(lines: Sequence[str]) -> list[str]:
    return [line.split(" = ")[0] for line in lines[:-1] if " = " in line and not line.startswith(" ")]


def _letter(original: Sequence[str], changed: Sequence[str], imports: Sequence[str], lines: Sequence[str]) -> str:
    expected = eval(lines[-1], _prepare(original, imports, lines))
    names = _prepare(changed, imports, lines)
    before = {name: copy.deepcopy(names[name]) for name in _parameters(lines) if not callable(names[name])}
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            with _alarm():
                value = eval(lines[-1], names)
        except NeverEnds:
            return "a"
        except Exception:
            return "b"
    if any(not _same(before[name], names[name]) for name in before):
        return "c"
    if any(np.asarray(part).dtype.kind == "f" and not np.isfinite(part).all() for part in _parts(value)):
        return "d"
    shapes = [[np.shape(part) for part in _parts(v)] for v in (expected, value)]
    if shapes[0] != shapes[1]:
        return "e"
    if not all(_close(a, b) for a, b in zip(_parts(expected), _parts(value), strict=True)):
        return "f"
    texts = [str(w.message) for w in warned]
    return "g" if any(word in text for text in texts for word in ("overflow", "invalid", "divide")) else "h"


@contextmanager
def _alarm() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise NeverEnds

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def _parts(value: Any) -> list[Any]:
    is_list_of_arrays = isinstance(value, tuple | list) and any(
        np.ndim(part) or isinstance(part, tuple) for part in value
    )
    return [leaf for part in value for leaf in _parts(part)] if is_list_of_arrays else [value]


def _same(a: Any, b: Any) -> bool:
    return all(np.array_equal(x, y) and np.shape(x) == np.shape(y) for x, y in zip(_parts(a), _parts(b), strict=True))


def _close(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return (
        bool((a == b).all())
        if "U" in (a.dtype.kind, b.dtype.kind)
        else np.allclose(a.astype(float), b.astype(float), 1e-7)
    )


def _is_shown_as(value: Any, text: str) -> bool:
    """Whether a text, with at most three decimals, is the value. An array is written like a list."""
    return _agree(_plain(value), eval(text, {"nan": math.nan, "inf": math.inf}))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _agree(value: Any, shown: Any) -> bool:
    if isinstance(shown, tuple | list):
        is_alike = type(value) is type(shown) and len(value) == len(shown)
        return is_alike and all(map(_agree, value, shown))
    if isinstance(shown, str | bool):
        return bool(value == shown)
    return np.shape(value) == () and bool(np.isclose(value, shown, 0, 5.1e-4, equal_nan=True))


def _value_of(code: Sequence[str], imports: Sequence[str], lines: Sequence[str], index: int, text: str) -> Any:
    """The first value of an expression: put a recorder into the printed line, in turn where the text occurs."""
    line, found = code[index], list[Any]()

    def seen(value: Any) -> Any:
        found.append(copy.deepcopy(value))
        return value

    for start in [i for i in range(len(line)) if line.startswith(text, i)]:
        changed = list(code)
        changed[index] = f"{line[:start]}seen({text}){line[start + len(text) :]}"
        names = _prepare(changed, imports, lines, seen=seen)
        found.clear()
        eval(lines[-1], names)
        if found:
            return found[0]
    raise AssertionError("the expression is not computed")


def _insert(code: Sequence[str], imports: Sequence[str], lines: Sequence[str], index: int, added: str) -> list[Any]:
    """Insert a line that appends to ``seen``, with the indentation of the line that it precedes. Return ``seen``."""
    line = code[index]
    changed = [*code[:index], line[: len(line) - len(line.lstrip())] + added, *code[index:]]
    names = _prepare(changed, imports, lines, seen=[])
    eval(lines[-1], names)
    return list(names["seen"])
